"""Ibis writes the questions, one DuckDB answers them, on the files of one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import pyarrow.parquet as pq

from zugong.scorecards.engine.folder import Run

if TYPE_CHECKING:
    from ibis import Schema, Table

# Extensions would be fetched over the network; Parquet is built in.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

KINDS = {"string": "string", "date": "date"}  # whatever else there is, is a whole number
TYPES = {"string": "VARCHAR", "date": "DATE", "int64": "BIGINT"}


class Desk:
    """Reads the facts of a run and writes what follows from them.

    Whatever is kept or written is cast to 64-bit whole numbers, texts and days: a sum of DuckDB is a HUGEINT, which Parquet
    would hold as floating point.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._duckdb = duckdb.connect(config=SETTINGS)

    def has(self, name: str) -> bool:
        """Tell whether the run froze a table of that name."""
        return name in self.run.facts

    def facts(self, name: str) -> Table:
        """Return a frozen table."""
        return self._file(name, self.run.table(name))

    def written(self, name: str) -> Table:
        """Return a table of results."""
        return self._file(name, self.run.folder / f"{name}.parquet")

    def keep(self, name: str, rows: Table) -> Table:
        """Compute rows once, for several later questions."""
        self._duckdb.execute(f'CREATE TEMP TABLE "{name}" AS {self._sql(rows)}')
        return ibis.table(_plain(rows.schema()), name=name)

    def lay(self, name: str, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> Table:
        """Lay rows computed outside beside the others; `kinds` is column → int64 or string."""
        columns = ", ".join(f'"{column}" {_typed(kind)}' for column, kind in kinds.items())
        self._duckdb.execute(f'CREATE TEMP TABLE "{name}" ({columns})')
        slots = ", ".join("?" for _ in kinds)
        for row in rows:
            self._duckdb.execute(f'INSERT INTO "{name}" VALUES ({slots})', [row[column] for column in kinds])  # noqa: S608
        return ibis.table(dict(kinds), name=name)

    def write(self, name: str, rows: Table) -> None:
        """Compute rows and write them into the folder of the run."""
        path = _quoted(self.run.folder / f"{name}.parquet")
        self._duckdb.execute(f"COPY ({self._sql(rows)}) TO {path} (FORMAT parquet)")

    def rows(self, rows: Table) -> list[dict[str, Any]]:
        """Compute rows and return them."""
        names = list(rows.columns)
        return [
            dict(zip(names, row, strict=True)) for row in self._duckdb.execute(self._sql(rows)).fetchall()
        ]

    def close(self) -> None:
        """Leave the desk."""
        self._duckdb.close()

    def _file(self, name: str, path: Path) -> Table:
        self._duckdb.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS FROM read_parquet({_quoted(path)})')
        return ibis.table(ibis.Schema.from_pyarrow(pq.read_schema(path)), name=name)

    def _sql(self, rows: Table) -> str:
        columns = ", ".join(
            f'CAST("{name}" AS {_typed(str(kind))}) AS "{name}"' for name, kind in rows.schema().items()
        )
        return f"SELECT {columns} FROM ({ibis.to_sql(rows, dialect='duckdb', pretty=False)})"  # noqa: S608


def _plain(schema: Schema) -> dict[str, str]:
    return {name: KINDS.get(str(kind).lstrip("!"), "int64") for name, kind in schema.items()}


def _typed(kind: str) -> str:
    return TYPES[KINDS.get(kind.lstrip("!"), "int64")]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
