"""The scoring vocabulary, told in tables of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa
import pytest

Row = dict[str, Any]


def rows(text: str) -> list[Row]:
    """Read a table of text: names above, cells between bars; `?` is unknown, digits are whole numbers."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [{name: _cell(cell) for name, cell in zip(head, line, strict=True)} for line in lines]


def _cell(text: str) -> int | str | None:
    if text == "?":
        return None
    return int(text) if text.lstrip("-").isdecimal() else text


def table(text: str) -> pa.Table:
    """Return a table of text as an Arrow table: text and 64-bit integers."""
    found = rows(text)
    kinds = {
        name: pa.string() if any(isinstance(row[name], str) for row in found) else pa.int64()
        for name in found[0]
    }
    return pa.Table.from_pylist(found, schema=pa.schema(list(kinds.items())))


@pytest.fixture
def score() -> Callable[[Any, str], dict[str, int | None]]:
    """Marks in thousandths by unit."""
    connection = ibis.duckdb.connect()

    def _score(method: Any, text: str) -> dict[str, int | None]:
        facts = ibis.memtable(table(text))
        found = connection.to_pyarrow(facts.select("unit", marks=method.marks(facts))).to_pylist()
        return {row["unit"]: row["marks"] for row in found}

    return _score
