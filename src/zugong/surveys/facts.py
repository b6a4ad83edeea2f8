"""Flat tables of closed sheets. What too few answered is not in them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zugong.activities.facts import parents_on
from zugong.surveys.actions import count
from zugong.surveys.models import Survey

if TYPE_CHECKING:
    import pyarrow as pa


def tallies(first: date, last: date) -> pa.Table:
    """Return one row per grade of each question of the sheets closed from first to last.

    survey, kind, round, day (closed), organisation (whom it is about), township, question, grade, place (1 is best),
    ballots, out_of (all ballots), share (weighed, thousandths; null without weights).
    """
    import pyarrow as pa

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
    schema = pa.schema(
        [
            ("survey", pa.int64()),
            ("kind", pa.string()),
            ("round", pa.string()),
            ("day", pa.date32()),
            ("organisation", pa.int64()),
            ("township", pa.int64()),
            ("question", pa.string()),
            ("grade", pa.string()),
            ("place", pa.int64()),
            ("ballots", pa.int64()),
            ("out_of", pa.int64()),
            ("share", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
