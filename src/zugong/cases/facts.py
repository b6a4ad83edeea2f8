"""Flat tables that others may read: outcomes, progress, and what the running cases at a stage are about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case as DbCase
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from zugong.cases import deadlines, intake
from zugong.cases.models import Answer, Case, Receipt, Step
from zugong.cases.rates import Asked
from zugong.cases.rules import Move, State
from zugong.core.tables import table
from zugong.core.workdays import day_of, end_of
from zugong.packs.schema.cases import CaseKind, Fact
from zugong.registry.actions import policy_of
from zugong.registry.models import parents_on
from zugong.registry.rules import ORGANISATION
from zugong.registry.selecting import Ids

if TYPE_CHECKING:
    import pyarrow as pa


def subjects_at(kind: str, stage: str, day: date) -> Ids:
    """Return what the running cases of a kind were about that stood at a stage on a day; at any stage where none is named."""
    standing = _standing(kind, day).exclude(stage_then="")
    if stage:
        standing = standing.filter(stage_then=stage)
    return frozenset(standing.values_list("about_id", flat=True))


def numbers_at(kind: str, stage: str, day: date) -> frozenset[str]:
    """Return the numbers of the running cases of a kind that stood at a stage on a day; at any stage where none is named."""
    standing = _standing(kind, day).exclude(stage_then="")
    if stage:
        standing = standing.filter(stage_then=stage)
    return frozenset(str(case) for case in standing.defer("edition"))


def stages_on(kind: str, day: date) -> dict[int, str]:
    """Return case → the stage at which it stood at the end of a day; empty where it had ended."""
    return dict(_standing(kind, day).values_list("pk", "stage_then"))


def _standing(kind: str, day: date) -> QuerySet[Any]:
    """Say of each case opened by a day where it stood at its end, as `stage_then`.

    That is where its last step by then led, or else where its first step after it began. A case that took no step
    since stands where it stands now.
    """
    by_then = Step.objects.filter(case=OuterRef("pk"), day__lte=day).order_by("-id")
    after = Step.objects.filter(case=OuterRef("pk"), day__gt=day).order_by("id")
    led_to = by_then.values(
        then=DbCase(When(to_state__in=[State.CLOSED, State.WITHDRAWN], then=Value("")), default="to_stage")
    )
    return Case.objects.filter(kind=kind, opened_on__lte=day).annotate(
        stage_then=Coalesce(Subquery(led_to[:1]), Subquery(after.values("stage")[:1]), "stage")
    )


def progress(kind: str, day: date) -> Counter[str]:
    """Count the running cases of a kind by stage at the end of a day."""
    rows = _standing(kind, day).exclude(stage_then="").values_list("stage_then")
    return Counter(dict(rows.annotate(count=Count("pk")).order_by()))


def outcomes(first: date, last: date) -> pa.Table:
    """One row for each outcome that a case came to: what it is about, which unit holds it, the outcome, the day."""
    steps = (
        Step.objects.filter(day__range=(first, last), move__in=[Move.SUBMIT, Move.AGREE])
        .exclude(outcome="")
        .select_related("case__holder")
        .order_by("id")
    )
    parents = parents_on(last, [step.case.about_id for step in steps])
    rows = [
        {
            "case": case.pk,
            "kind": case.kind,
            "label": case.label,
            "organisation": case.about_id,
            "township": parents.get(case.about_id),
            "department": case.holder_id if case.holder and case.holder.noun == ORGANISATION else None,
            "outcome": step.outcome,
            "day": step.day,
        }
        for step in steps
        for case in (step.case,)
    ]
    return table(
        {
            "case": int,
            "kind": str,
            "label": str,
            "organisation": int,
            "township": int,
            "department": int,
            "outcome": str,
            "day": date,
        },
        rows,
    )


REQUESTS: dict[str, type] = {
    "case": int, "number": str, "receipt": str, "kind": str, "channel": str, "class": str,
    "organisation": int, "township": int, "department": int,
    "opened_at": datetime, "due_at": datetime,
    "answered_at": datetime, "solved_at": datetime, "unsolved_at": datetime,
    "satisfied_at": datetime, "dissatisfied_at": datetime, "unreachable_at": datetime,
    "closed_at": datetime, "reopened": int, "merged": bool, "excluded": bool, "on_time": bool, "escalated": int,
}  # fmt: skip


def requests(first: date, last: date, day: date) -> pa.Table:
    """One row for each request taken in between two days, as it was known at the end of a day.

    Answered, solved and satisfied are three facts, by the outcomes that the kind names (`intake.facts_of`).
    """
    cases = {one.pk: one for one in _requests(first, last)}
    parents = parents_on(last, [one.about_id for one in cases.values()])
    return table(REQUESTS, _rows(cases, parents, day))


MEASURED: dict[str, type] = {
    "case": int, "kind": str, "channel": str, "class": str,
    "organisation": int, "township": int, "department": int, "day": date,
    "counts": int, "answered": int, "solved": int, "unsolved": int,
    "satisfied": int, "dissatisfied": int, "unreachable": int, "on_time": int, "late": int,
    "reopened": int, "escalated": int, "merged": int, "excluded": int,
}  # fmt: skip


def requests_measured(first: date, last: date) -> pa.Table:
    """The same for measures, which count with whole numbers: 1 for what is so; `day` is that on which it was taken in.

    It `counts` in the rates unless it was merged or left out; it is `late` where the whole had its time and was not done.
    """
    return table(MEASURED, map(_measured, requests(first, last, last).to_pylist()))


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    return (
        {name: row[name] for name in MEASURED.keys() & row.keys()}
        | {name: int(row[f"{name}_at"] is not None) for name in MEASURED if f"{name}_at" in row}
        | {
            "day": day_of(row["opened_at"]),
            "counts": int(not row["merged"] and not row["excluded"]),
            "on_time": int(row["on_time"] is True),
            "late": int(row["on_time"] is False),
            "merged": int(row["merged"]),
            "excluded": int(row["excluded"]),
        }
    )


def asked(rows: Iterable[dict[str, Any]]) -> list[Asked]:
    """Read rows of the table as what the rates count."""
    return [
        Asked(
            answered=row["answered_at"] is not None,
            solved=True if row["solved_at"] else False if row["unsolved_at"] else None,
            satisfaction=next(
                (said for said in ("satisfied", "dissatisfied", "unreachable") if row[f"{said}_at"]), ""
            ),
            on_time=row["on_time"],
            merged=row["merged"],
            excluded=row["excluded"],
        )
        for row in rows
    ]


def _requests(first: date, last: date) -> QuerySet[Case]:
    rows = Case.objects.filter(receipt__isnull=False, opened_on__range=(first, last))
    return rows.select_related("edition", "receipt__excluded").defer("edition__texts").order_by("pk")


def _rows(cases: dict[int, Case], parents: dict[int, int], day: date) -> Iterable[dict[str, Any]]:
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in Step.objects.filter(case__in=cases, day__lte=day).order_by("id"):
        steps[step.case_id].append(step)
    classes = _classes(cases.values())
    for pk, case in cases.items():
        receipt: Receipt = case.receipt
        taken = steps[pk]
        excluded = receipt.excluded
        yield {
            "case": pk,
            "number": case.number,
            "receipt": receipt.number,
            "kind": case.kind,
            "channel": receipt.channel,
            "class": classes.get(pk),
            "organisation": case.about_id,
            "township": parents.get(case.about_id),
            "department": case.holder_id,
            "opened_at": case.opened_at,
            "due_at": case.whole_due_at,
            **_instants(intake.facts_of(taken, _kind(case))),
            "closed_at": _closed_at(taken),
            "reopened": sum(step.move == Move.REOPEN for step in taken),
            "merged": any(step.move == Move.MERGE for step in taken),
            "excluded": bool(excluded and excluded.closed_at and excluded.closed_at <= end_of(day)),
            "on_time": case.on_time(end_of(day)),
            "escalated": deadlines.escalated(case, day),
        }


def _classes(cases: Iterable[Case]) -> dict[int, str]:
    """Return case → the last answer to the field by which its kind sorts."""
    by = {one.pk: kind.intake.sorts for one in cases if (kind := _kind(one)).intake and kind.intake.sorts}
    answers = Answer.objects.filter(case__in=by, field__in=set(by.values())).order_by("version")
    rows = answers.values_list("case_id", "field", "value")
    return {case: str(value) for case, field, value in rows if by[case] == field}


def _kind(case: Case) -> CaseKind:
    return policy_of(case.edition).case(case.kind)


def _instants(found: dict[Fact, datetime]) -> dict[str, datetime | None]:
    return {f"{fact}_at": found.get(fact) for group in intake.EXCLUDING for fact in group}


def _closed_at(steps: list[Step]) -> datetime | None:
    last = steps[-1] if steps else None
    return last.moment if last and last.to_state == State.CLOSED else None
