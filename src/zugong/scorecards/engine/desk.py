"""Ibis writes the questions, one DuckDB answers them, on the files of one run.

Writing a question takes longer than answering it for a county: what was written for a plan is kept, and asked again of
every run of the same plan over facts of the same shape.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from zugong.scorecards.engine.folder import DECISIONS, RATINGS, UNITS, Run

if TYPE_CHECKING:
    from ibis import Table

# Extensions would be fetched over the network; Parquet is built in. The order of rows says nothing, and keeping it would
# hold all rows of a country in memory until the last is written.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "preserve_insertion_order": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

KINDS = {"string": "string", "date": "date"}  # whatever else there is, is a whole number
ARROW = {"string": pa.string(), "int64": pa.int64()}

Expression = Callable[[], "Table"]


@dataclass(frozen=True)
class Question:
    """A question as DuckDB reads it, and the kinds of the columns it answers with."""

    sql: str
    kinds: Mapping[str, str]


MOST = 200  # questions kept: a plan has eight
WRITTEN: dict[tuple[str, str], Question] = {}  # of a plan and the shape of its facts, by name


class Desk:
    """Reads the facts of a run, or of one comparison group of it, and writes what follows from them `into` a folder.

    Whatever is kept or written is cast to 64-bit whole numbers, texts and days: a sum of DuckDB is a HUGEINT, which Parquet
    would hold as floating point.
    """

    dialect = "duckdb"
    types: Mapping[str, str] = {"string": "VARCHAR", "date": "DATE", "int64": "BIGINT"}
    quote = '"'

    def __init__(self, run: Run, *, group: str | None = None, into: Path | None = None) -> None:
        self.run = run
        self.into = into or run.folder
        self._open()
        self._schemas = {name: self._view(name, run.table(name)) for name in sorted(run.facts)}
        if group is not None:
            self._narrow(group)
        shape = {name: str(schema.remove_metadata()) for name, schema in self._schemas.items()}
        told = json.dumps([self.dialect, run.plan.to_json(), shape], sort_keys=True, default=str)
        self._key = hashlib.sha256(told.encode()).hexdigest()

    def has(self, name: str) -> bool:
        """Tell whether the run froze a table of that name."""
        return name in self.run.facts

    def facts(self, name: str) -> Table:
        """Return a frozen table."""
        return _table(name, self._schemas[name])

    def written(self, name: str) -> Table:
        """Return a table of results."""
        return _table(name, self._view(name, self.into / f"{name}.parquet"))

    def keep(self, name: str, rows: Expression) -> Table:
        """Compute rows once, for several later questions."""
        question = self._question(name, rows)
        self._duckdb.execute(f'CREATE TEMP TABLE "{name}" AS {question.sql}')
        return ibis.table(dict(question.kinds), name=name)

    def lay(self, name: str, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> Table:
        """Lay rows computed outside beside the others; `kinds` is column → int64 or string."""
        schema = pa.schema([(column, ARROW[kind]) for column, kind in kinds.items()])
        self._duckdb.register(name, pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
        return ibis.table(dict(kinds), name=name)

    def write(self, name: str, rows: Expression) -> None:
        """Compute rows and write them into the folder of the run."""
        path = _quoted(str(self.into / f"{name}.parquet"))
        self._duckdb.execute(f"COPY ({self._question(name, rows).sql}) TO {path} (FORMAT parquet)")

    def answer(self, name: str, rows: Expression) -> list[dict[str, Any]]:
        """Compute the rows of a question that every run of the plan asks, and return them."""
        return self._rows(self._question(name, rows))

    def rows(self, rows: Table) -> list[dict[str, Any]]:
        """Compute the rows of a question asked this once, and return them."""
        return self._rows(self._written(rows))

    def close(self) -> None:
        """Leave the desk."""
        self._duckdb.close()

    def _question(self, name: str, rows: Expression) -> Question:
        found = WRITTEN.get((self._key, name))
        if found is None:
            if len(WRITTEN) >= MOST:
                WRITTEN.clear()
            found = WRITTEN[self._key, name] = self._written(rows())
        return found

    def _written(self, rows: Table) -> Question:
        kinds = {name: KINDS.get(str(kind).lstrip("!"), "int64") for name, kind in rows.schema().items()}
        columns = ", ".join(
            f"CAST({self._named(name)} AS {self.types[kind]}) AS {self._named(name)}"
            for name, kind in kinds.items()
        )
        sql = f"SELECT {columns} FROM ({ibis.to_sql(rows, dialect=self.dialect, pretty=False)}) AS asked"  # noqa: S608
        return Question(sql, kinds)

    def _named(self, name: str) -> str:
        return f"{self.quote}{name}{self.quote}"

    # --- What DuckDB does, and another database would do otherwise ---

    def _open(self) -> None:
        self._duckdb = duckdb.connect(config=SETTINGS)

    def _narrow(self, group: str) -> None:
        """Take the units of one comparison group, and the facts that are counted for them.

        The first and last unit let DuckDB pass over what lies outside: frozen tables are sorted.
        """
        self._take(UNITS, f'"group" = {_quoted(group)}')
        ((first, last),) = self._duckdb.execute(f'SELECT min(unit), max(unit) FROM "{UNITS}"').fetchall()  # noqa: S608
        between = f"BETWEEN {_quoted(first or '')} AND {_quoted(last or '')}"
        for name in sorted(self.run.facts.keys() - {UNITS}):
            counted = {measure.per for measure in self.run.plan.measures if measure.facts == name}
            if name in (RATINGS, DECISIONS):
                counted.add("unit")
            if not counted:
                continue  # frozen, and read by nothing
            theirs = [
                f'"{column}" {between} AND "{column}" IN (SELECT unit FROM "{UNITS}")'  # noqa: S608
                for column in sorted(counted)
            ]
            self._take(name, " OR ".join(f"({each})" for each in theirs))

    def _take(self, name: str, condition: str) -> None:
        file = _quoted(str(self.run.table(name)))
        self._duckdb.execute(f'DROP VIEW "{name}"')
        self._duckdb.execute(f'CREATE TEMP TABLE "{name}" AS FROM read_parquet({file}) WHERE {condition}')

    def _rows(self, question: Question) -> list[dict[str, Any]]:
        found = self._duckdb.execute(question.sql).fetchall()
        return [dict(zip(question.kinds, row, strict=True)) for row in found]

    def _view(self, name: str, path: Path) -> pa.Schema:
        self._duckdb.execute(
            f'CREATE OR REPLACE TEMP VIEW "{name}" AS FROM read_parquet({_quoted(str(path))})'
        )
        return pq.read_schema(path)


def _table(name: str, schema: pa.Schema) -> Table:
    return ibis.table(ibis.Schema.from_pyarrow(schema), name=name)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
