"""Many rows at once, for imports and for loading a county, on the same two axes of time as single deeds.

These are parts of a deed: whoever calls them writes the one line of the journal that tells of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.db.models import F, Func, Value

from zugong.core import clock
from zugong.core.errors import Refused
from zugong.registry.actions import spelled
from zugong.registry.models import Dated, Particulars, Subject
from zugong.registry.rules import NOUNS

D = TypeVar("D", bound=Dated)
BATCH = 5000  # rows a statement: memory stays flat for a nation's 660,000 places


@dataclass(frozen=True, slots=True)
class New:
    """A subject to be added, and what is true of it from a day (None: 起始日期不详)."""

    klass: str
    name: str
    code: str = ""
    parent: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None


@transaction.atomic
def add_all(
    noun: str, rows: Sequence[New], *, by: object, source: str = "", known: Mapping[str, int] | None = None
) -> list[int]:
    """Add many subjects of one noun; return their ids in the order given. Raises Refused where a code is taken.

    `known` are identities (code → id) of which nothing is true any more: they are taken up again.
    """
    ids: list[int] = []
    recorded = DateTimeTZRange(clock.now(), None)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        subjects = _subjects(noun, batch, known or {})
        Particulars.objects.bulk_create(
            [
                _particulars(subject, row, recorded, source, by)
                for subject, row in zip(subjects, batch, strict=True)
            ]
        )
        ids.extend(subject.pk for subject in subjects)
    return ids


@transaction.atomic
def record_all(rows: Sequence[Dated], *, by: object, source: str = "") -> None:
    """Record many appointments, memberships, links or standings that say when they are valid.

    Raises Refused where two of them, or one and a row that stands, say the same of the same days.
    """
    if not rows:
        return
    model = type(rows[0])
    recorded = DateTimeTZRange(clock.now(), None)
    for row in rows:
        row.recorded, row.by = recorded, str(by)
        row.source = row.source or source
    try:
        with transaction.atomic():
            model.objects.bulk_create(rows, batch_size=BATCH)
    except IntegrityError as error:
        raise Refused("有几行说的是同一天的同一件事，整批都没有录入") from error


@transaction.atomic
def supersede_all(old: Sequence[D], new: Sequence[D] = (), *, by: object) -> list[D]:
    """Close what we knew of many rows of one kind, and add what we know from the same instant; see `actions.supersede`.

    Raises Refused where one of them was superseded meanwhile, or what is added overlaps with what stands.
    """
    moment = max([clock.now(), *(row.recorded.lower for row in old)])
    if old:
        ended = Func(Func(F("recorded"), function="lower"), Value(moment), function="tstzrange")
        standing = type(old[0]).objects.filter(pk__in=[row.pk for row in old], recorded__upper_inf=True)
        if standing.update(recorded=ended) != len(old):
            raise Refused("有几行刚被别人更正过，请刷新后再办")
    for row in new:
        row.recorded, row.by = DateTimeTZRange(moment, None), str(by)
    try:
        with transaction.atomic():
            added = list(new)
            if added:
                type(added[0]).objects.bulk_create(added, batch_size=BATCH)
            return added
    except IntegrityError as error:
        raise Refused("有几行说的是同一天的同一件事，整批都没有录入") from error


def again(row: D, **other: Any) -> D:
    """Return a row once more, as it stood or with other words: what `supersede_all` adds."""
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in ("id", "recorded")
    }
    return type(row)(**kept | other)


def from_day(since: date | None, until: date | None = None) -> DateRange:
    """Return the days from `since` until the day before `until`; open where either is None."""
    return DateRange(since, until)


def _subjects(noun: str, batch: Sequence[New], known: Mapping[str, int]) -> list[Subject]:
    try:
        with transaction.atomic():
            new = [Subject(noun=noun, code=row.code) for row in batch if row.code not in known]
            made = iter(Subject.objects.bulk_create(new))
            return [
                Subject(pk=known[row.code], noun=noun, code=row.code) if row.code in known else next(made)
                for row in batch
            ]
    except IntegrityError as error:
        raise Refused(
            "其中有代码已经用于另一个{noun}，整批都没有录入", noun=NOUNS[noun], field="code"
        ) from error


def _particulars(
    subject: Subject, row: New, recorded: DateTimeTZRange, source: str, by: object
) -> Particulars:
    pinyin, initials = spelled(row.name)
    return Particulars(
        subject=subject,
        klass=row.klass,
        name=row.name,
        pinyin=pinyin,
        initials=initials,
        parent_id=row.parent,
        fields=dict(row.fields),
        valid=from_day(row.since, row.until),
        recorded=recorded,
        source=source,
        by=str(by),
    )
