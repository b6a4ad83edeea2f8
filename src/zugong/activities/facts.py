"""Flat tables of what was held: rows of the registry by number, days, counts and words. For measures and scorecards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from zugong.activities.models import Activity, ActivityQuerySet
from zugong.registry.models import Particulars

if TYPE_CHECKING:
    import pyarrow as pa


def held(first: date, last: date) -> pa.Table:
    """Return one row per activity held from first to last.

    organisation: where it was held, or who ran it; township: the one it belongs to, where there is one; counts are
    null where nobody counted; confirmed and evidence are 1 or 0.
    """
    import pyarrow as pa

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
    schema = pa.schema(
        [
            ("activity", pa.int64()),
            ("kind", pa.string()),
            ("day", pa.date32()),
            ("organisation", pa.int64()),
            ("township", pa.int64()),
            ("run_by", pa.int64()),
            ("at", pa.int64()),
            ("attended", pa.int64()),
            ("should_attend", pa.int64()),
            ("confirmed", pa.int64()),
            ("evidence", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def answers(first: date, last: date) -> pa.Table:
    """Return one row per field answered about an activity held: value for whole numbers and ticks (1, 0), said for words."""
    import pyarrow as pa

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
    schema = pa.schema(
        [
            ("activity", pa.int64()),
            ("kind", pa.string()),
            ("day", pa.date32()),
            ("organisation", pa.int64()),
            ("township", pa.int64()),
            ("field", pa.string()),
            ("value", pa.int64()),
            ("said", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def parents_on(day: date, subjects: Iterable[int]) -> dict[int, int]:
    """Return who stands directly above each subject on a day."""
    rows = Particulars.objects.on(day).filter(subject__in=set(subjects), parent__isnull=False)
    return dict(rows.values_list("subject_id", "parent_id"))


def _held(first: date, last: date) -> ActivityQuerySet:
    return Activity.objects.held().between(first, last).order_by("pk")
