"""Many rows at once, for imports and for loading a county, on the same two axes of time as single deeds.

These are parts of a deed: whoever calls them writes the one line of the journal that tells of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from zugong.core import clock
from zugong.core.errors import Refused
from zugong.registry.actions import spelled
from zugong.registry.models import Dated, Particulars, Subject
from zugong.registry.rules import NOUNS

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
def add_all(noun: str, rows: Sequence[New], *, by: object, source: str = "") -> list[int]:
    """Add many subjects of one noun; return their ids in the order given. Raises Refused where a code is taken."""
    ids: list[int] = []
    recorded = DateTimeTZRange(clock.now(), None)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        subjects = _subjects(noun, batch)
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


def from_day(since: date | None, until: date | None = None) -> DateRange:
    """Return the days from `since` until the day before `until`; open where either is None."""
    return DateRange(since, until)


def _subjects(noun: str, batch: Sequence[New]) -> list[Subject]:
    try:
        with transaction.atomic():
            return Subject.objects.bulk_create([Subject(noun=noun, code=row.code) for row in batch])
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
