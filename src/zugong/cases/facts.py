"""Flat tables that others may read: outcomes, progress, and what the running cases at a stage are about."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from zugong.cases.models import Case, Step
from zugong.cases.rules import Move, State
from zugong.registry.models import Particulars
from zugong.registry.selecting import Ids

if TYPE_CHECKING:
    import pyarrow as pa


def subjects_at(kind: str, stage: str, day: date) -> Ids:
    """Return what the running cases of a kind were about that stood at a stage on a day; at any stage where none is named."""
    standing = stages_on(kind, day)
    wanted = [case for case, place in standing.items() if place != "" and stage in ("", place)]
    return frozenset(Case.objects.filter(pk__in=wanted).values_list("about_id", flat=True))


def stages_on(kind: str, day: date) -> dict[int, str]:
    """Return case → the stage at which it stood at the end of a day; empty where it had ended."""
    standing = dict.fromkeys(
        Case.objects.filter(kind=kind, opened_on__lte=day).values_list("pk", flat=True), ""
    )
    first = _first_stages(kind, day)
    steps = Step.objects.filter(case__kind=kind, day__lte=day).order_by("id")
    moved = {
        case: "" if state in (State.CLOSED, State.WITHDRAWN) else stage
        for case, stage, state in steps.values_list("case_id", "to_stage", "to_state")
    }
    return standing | first | moved


def _first_stages(kind: str, day: date) -> dict[int, str]:
    """Return the stage in which each case began: that of its first step, or where it still stands."""
    opened = Case.objects.filter(kind=kind, opened_on__lte=day)
    begun = dict(opened.values_list("pk", "stage"))
    firsts = Step.objects.filter(case__in=opened).order_by("case_id", "id").distinct("case_id")
    return begun | dict(firsts.values_list("case_id", "stage"))


def progress(kind: str, day: date) -> Counter[str]:
    """Count the running cases of a kind by stage at the end of a day."""
    return Counter(stage for stage in stages_on(kind, day).values() if stage)


def outcomes(first: date, last: date) -> pa.Table:
    """One row for each outcome that a case came to: case, kind, label, organisation, township, outcome, day."""
    import pyarrow as pa

    steps = (
        Step.objects.filter(day__range=(first, last), move__in=[Move.SUBMIT, Move.AGREE])
        .exclude(outcome="")
        .select_related("case")
        .order_by("id")
    )
    parents = dict(
        Particulars.objects.on(last)
        .filter(subject__in=steps.values("case__about"))
        .values_list("subject_id", "parent_id")
    )
    rows = [
        (case.pk, case.kind, case.label, case.about_id, parents.get(case.about_id), step.outcome, step.day)
        for step in steps
        for case in (step.case,)
    ]
    schema = pa.schema(
        [
            ("case", pa.int64()),
            ("kind", pa.string()),
            ("label", pa.string()),
            ("organisation", pa.int64()),
            ("township", pa.int64()),
            ("outcome", pa.string()),
            ("day", pa.date32()),
        ]
    )
    return pa.table([list(column) for column in zip(*rows, strict=True)] or [[]] * len(schema), schema=schema)
