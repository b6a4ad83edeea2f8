"""Flat tables that engines show to each other: named columns of whole numbers, words and days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def table(columns: Mapping[str, type], rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table. Each column is named with what it holds: `int`, `str`, `bool`, `date` or `datetime`; any cell may be empty."""
    import pyarrow as pa

    kinds = {
        int: pa.int64(),
        str: pa.string(),
        bool: pa.bool_(),
        date: pa.date32(),
        datetime: pa.timestamp("us", tz="Asia/Shanghai"),
    }
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
    return pa.Table.from_pylist(list(rows), schema=schema)
