"""Which cases a list, the progress and the page of what is stuck are asked for: one form of questions for all three."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from zugong.cases.models import Answer, Case, CaseQuerySet
from zugong.cases.rules import State
from zugong.core.workdays import day_of
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.names import FieldSpec
from zugong.registry.models import Link, Particulars, names_on
from zugong.registry.selecting import below
from zugong.web.asking import said
from zugong.web.plain import number

SOON = (
    5  # working days, a week of work: a list to look at; whom a county tells, and how early, its clocks say
)
DEADLINES: dict[str, Callable[[], str]] = {
    "late": lambda: _("已逾期"),
    "whole": lambda: _("整件已逾期"),
    "soon": lambda: _("五个工作日内到期"),
    "none": lambda: _("未设期限"),
}
Choices = list[tuple[str, str]]


def narrowed(rows: CaseQuerySet, asked: QueryDict, now: datetime, policy: Policy | None) -> CaseQuerySet:
    """Keep the cases that a query asks for by township, cause, supporter and deadline; other words ask for nothing."""
    today = day_of(now)
    if township := number(asked.get("township")):
        rows = rows.filter(about__in=below(frozenset({township}), today))
    if supporter := number(asked.get("supporter")):
        held = Link.objects.on(today).filter(near=supporter)
        rows = rows.filter(about__in=held.values("far"))
    if policy and asked.get("cause") and (names := [field for field, _spec in _cause_fields(policy)]):
        rows = rows.filter(Exists(_newest(names).filter(value__contains=[asked["cause"]])))
    match asked.get("deadline"):
        case "late":
            rows = rows.overdue(now)
        case "whole":
            rows = rows.overdue_as_a_whole(now)
        case "soon" if policy:
            last = policy.workdays.after(today, SOON).day
            rows = rows.open().exclude(state=State.PAUSED).filter(due_on__range=(today, last))
        case "none":
            rows = rows.open().filter(due_on=None)
    return rows


def _newest(fields: list[str]) -> QuerySet[Answer]:
    """The newest answer to these fields of a case outside: an earlier version says nothing any more."""
    later = Answer.objects.filter(
        case=OuterRef("case"), field=OuterRef("field"), version__gt=OuterRef("version")
    )
    return Answer.objects.filter(~Exists(later), case=OuterRef("pk"), field__in=fields)


def _cause_fields(policy: Policy) -> list[tuple[str, FieldSpec]]:
    """The fields by which cases are sorted into classes, several at once: causes of weakness."""
    asked = {
        need.field
        for kind in policy.all("case", CaseKind)
        for stage in kind.stages
        for need in stage.needs
        if need.field
    }
    return [
        (name, spec)
        for name, spec in policy.fields.items()
        if name in asked and spec.kind == "class" and spec.many
    ]


def causes(policy: Policy | None) -> Choices:
    """Return the causes that a case can have, in the county's own words."""
    if policy is None:
        return []
    entries = {spec.of: policy.classes(spec.of) for _name, spec in _cause_fields(policy)}
    return list({item.id: said(item) for entry in entries.values() for item in entry.items}.items())


def causes_called(policy: Policy | None) -> str:
    """Return what the pack calls the questions that sort cases into classes."""
    fields = _cause_fields(policy) if policy else []
    return _("、").join(dict.fromkeys(said(spec) for _name, spec in fields))


def supporters(rows: QuerySet[Case], today: date) -> Choices:
    """Return who is tied to what these cases are about, by name."""
    near = Link.objects.on(today).filter(far__in=rows.values("about")).values_list("near_id", flat=True)
    return sorted(
        ((str(pk), name) for pk, name in names_on(today, set(near)).items()), key=lambda one: one[1]
    )


def deadlines() -> Choices:
    """Return the questions about a deadline, in words."""
    return [(key, word()) for key, word in DEADLINES.items()]


def township_of(subjects: Iterable[int], policy: Policy, day: date) -> dict[int, int]:
    """Return subject → the township it stands in; a post stands in its organisation's. Who stands in none is left out."""
    klasses = policy.within("organisation", "township")
    parents: dict[int, tuple[int | None, bool]] = {}
    level = set(subjects)
    start = set(level)
    while level:
        rows: Any = Particulars.objects.on(day).filter(subject__in=level)
        found = {
            pk: (parent, klass in klasses)
            for pk, parent, klass in rows.values_list("subject_id", "parent_id", "klass")
        }
        parents |= found
        level = {parent for parent, there in found.values() if parent and not there} - set(parents)
    return {subject: there for subject in start if (there := _climb(subject, parents))}


def _climb(subject: int, parents: dict[int, tuple[int | None, bool]]) -> int:
    at: int | None = subject
    while at in parents:
        parent, there = parents[at]
        if there:
            return at
        at = parent
    return 0
