"""Flat tables of closed sheets. What too few answered is not in them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zugong.core.tables import table
from zugong.registry.models import parents_on
from zugong.surveys.actions import count
from zugong.surveys.models import Survey

if TYPE_CHECKING:
    import pyarrow as pa


def tallies(first: date, last: date) -> pa.Table:
    """Return one row per grade of each question of the sheets closed from first to last.

    survey, kind, round, day (closed), organisation (whom it is about), township, question, grade, place (1 is best),
    ballots, out_of (all ballots), share (weighed, thousandths; null without weights).
    """
    surveys = list(
        Survey.objects.filter(closed_on__range=(first, last)).select_related("edition").order_by("pk")
    )
    parents = parents_on(last, [survey.about_id for survey in surveys])
    rows = [
        {
            "survey": survey.pk,
            "kind": survey.kind,
            "round": survey.round,
            "day": survey.closed_on,
            "organisation": survey.about_id,
            "township": parents.get(survey.about_id),
            "question": result.question,
            "grade": grade,
            "place": place,
            "ballots": result.counts[grade],
            "out_of": result.ballots,
            "share": result.shares[grade] if result.shares else None,
        }
        for survey in surveys
        for result in count(survey)
        if not result.too_few
        for place, grade in enumerate(result.scale, start=1)
    ]
    return table(
        {
            "survey": int,
            "kind": str,
            "round": str,
            "day": date,
            "organisation": int,
            "township": int,
            "question": str,
            "grade": str,
            "place": int,
            "ballots": int,
            "out_of": int,
            "share": int,
        },
        rows,
    )
