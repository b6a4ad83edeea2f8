"""Flat tables of what was held: rows of the registry by number, days, counts and words. For measures and scorecards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zugong.activities.models import Activity, ActivityQuerySet
from zugong.core.tables import table
from zugong.registry.models import parents_on

if TYPE_CHECKING:
    import pyarrow as pa


def held(first: date, last: date) -> pa.Table:
    """Return one row per activity held from first to last.

    organisation: where it was held, or who ran it; township: the one it belongs to, where there is one; counts are
    null where nobody counted; confirmed and evidence are 1 or 0.
    """
    activities = list(_held(first, last).prefetch_related("evidence"))
    parents = parents_on(last, [one.at_id or one.run_by_id for one in activities])
    rows = [
        {
            "activity": one.pk,
            "kind": one.kind,
            "day": one.day,
            "organisation": one.at_id or one.run_by_id,
            "township": parents.get(one.at_id or one.run_by_id),
            "run_by": one.run_by_id,
            "at": one.at_id,
            "attended": one.attended,
            "should_attend": one.should_attend,
            "confirmed": int(bool(one.confirmed_by)),
            "evidence": int(bool(one.evidence.all())),
        }
        for one in activities
    ]
    return table(
        {
            "activity": int,
            "kind": str,
            "day": date,
            "organisation": int,
            "township": int,
            "run_by": int,
            "at": int,
            "attended": int,
            "should_attend": int,
            "confirmed": int,
            "evidence": int,
        },
        rows,
    )


def answers(first: date, last: date) -> pa.Table:
    """Return one row per field answered about an activity held: value for whole numbers and ticks (1, 0), said for words."""
    activities = list(_held(first, last))
    parents = parents_on(last, [one.at_id or one.run_by_id for one in activities])
    rows = [
        {
            "activity": one.pk,
            "kind": one.kind,
            "day": one.day,
            "organisation": one.at_id or one.run_by_id,
            "township": parents.get(one.at_id or one.run_by_id),
            "field": field,
            "value": int(value) if isinstance(value, int) else None,
            "said": value if isinstance(value, str) else None,
        }
        for one in activities
        for field, given in sorted(one.fields.items())
        for value in (given if isinstance(given, list) else [given])
    ]
    return table(
        {
            "activity": int,
            "kind": str,
            "day": date,
            "organisation": int,
            "township": int,
            "field": str,
            "value": int,
            "said": str,
        },
        rows,
    )


def _held(first: date, last: date) -> ActivityQuerySet:
    return Activity.objects.held().between(first, last).order_by("pk")
