"""Flat tables of postings: rows of the registry by number, amounts in the ledger's unit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zugong.core.tables import table
from zugong.ledgers.models import Posting

if TYPE_CHECKING:
    import pyarrow as pa


def postings(first: date, last: date) -> pa.Table:
    """Return one row per holder's side of a posting: posting, ledger, day, organisation (the holder), amount, deed, reversal.

    The amount is positive where the holder gained. A reversal and what it reverses both stand, and add up to nothing.
    """
    rows = [
        {
            "posting": row.pk,
            "ledger": row.ledger,
            "day": row.day,
            "organisation": holder,
            "amount": amount,
            "deed": row.deed,
            "reversal": int(row.reverses_id is not None),
        }
        for row in Posting.objects.filter(day__range=(first, last)).select_related("source", "target")
        for holder, amount in ((row.source.holder_id, -row.amount), (row.target.holder_id, row.amount))
        if holder is not None
    ]
    return table(
        {
            "posting": int,
            "ledger": str,
            "day": date,
            "organisation": int,
            "amount": int,
            "deed": str,
            "reversal": int,
        },
        rows,
    )
