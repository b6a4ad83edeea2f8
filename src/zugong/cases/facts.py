"""Flat tables that others may read: outcomes, progress, and what the running cases at a stage are about."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Case as DbCase
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from zugong.cases.models import Case, Step
from zugong.cases.rules import Move, State
from zugong.core.tables import table
from zugong.registry.models import parents_on
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
    """One row for each outcome that a case came to: case, kind, label, organisation, township, outcome, day."""
    steps = (
        Step.objects.filter(day__range=(first, last), move__in=[Move.SUBMIT, Move.AGREE])
        .exclude(outcome="")
        .select_related("case")
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
            "outcome": str,
            "day": date,
        },
        rows,
    )
