"""Flat tables that engines show to each other: named columns of whole numbers, words and days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def table(columns: Mapping[str, type], rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table. Each column is named with what it holds: `int`, `str` or `date`; any cell may be empty."""
    import pyarrow as pa

    kinds = {int: pa.int64(), str: pa.string(), date: pa.date32()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
    return pa.Table.from_pylist(list(rows), schema=schema)
