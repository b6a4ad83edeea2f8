"""A flat table has the columns it was asked for, whatever its rows hold."""

from datetime import date

import pyarrow as pa

from zugong.core.tables import table

COLUMNS = {"case": int, "kind": str, "day": date}
SCHEMA = pa.schema([("case", pa.int64()), ("kind", pa.string()), ("day", pa.date32())])


def test_a_table_has_its_columns_in_their_kinds_and_may_have_empty_cells() -> None:
    rows = [{"case": 1, "kind": "petition", "day": date(2025, 3, 1)}, {"case": 2, "kind": None, "day": None}]
    found = table(COLUMNS, rows)
    assert (found.schema, found.to_pylist()) == (SCHEMA, rows)


def test_a_table_without_rows_has_its_columns_all_the_same() -> None:
    assert table(COLUMNS, iter(())).schema == SCHEMA
