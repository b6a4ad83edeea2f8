"""The same questions on Spark, for a province or the country: an optional extra (dependency group `spark`, Java 17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from zugong.scorecards.engine.desk import Desk, Expression, Question
from zugong.scorecards.engine.folder import Run

if TYPE_CHECKING:
    from ibis import Table

SPARK = {"int64": "bigint", "string": "string"}


class SparkDesk(Desk):
    """A desk whose questions a Spark session answers; every executor must reach the folder of the run.

    `cells` and `results` become folders of Parquet files, which everything else reads like files.
    """

    dialect = "pyspark"
    types: Mapping[str, str] = {"string": "STRING", "date": "DATE", "int64": "BIGINT"}
    quote = "`"

    def __init__(self, run: Run, session: Any, *, into: Path | None = None) -> None:
        self._session = session
        super().__init__(run, into=into)

    def facts(self, name: str) -> Table:
        """Return a frozen table; Spark knows no dots in names."""
        return ibis.table(ibis.Schema.from_pyarrow(self._schemas[name]), name=_undotted(name))

    def keep(self, name: str, rows: Expression) -> Table:
        """Compute rows once, for several later questions."""
        question = self._question(name, rows)
        self._session.sql(question.sql).cache().createOrReplaceTempView(name)
        return ibis.table(dict(question.kinds), name=name)

    def lay(self, name: str, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> Table:
        """Lay rows computed outside beside the others; `kinds` is column → int64 or string."""
        schema = ", ".join(f"`{column}` {SPARK[kind]}" for column, kind in kinds.items())
        laid = [tuple(row[column] for column in kinds) for row in rows]
        self._session.createDataFrame(laid, schema).createOrReplaceTempView(name)
        return ibis.table(dict(kinds), name=name)

    def write(self, name: str, rows: Expression) -> None:
        """Compute rows and write them into the folder."""
        found = self._session.sql(self._question(name, rows).sql)
        found.write.mode("overwrite").parquet(str(self.into / f"{name}.parquet"))

    def close(self) -> None:
        """Let go of what was kept; the session is its maker's."""
        self._session.catalog.clearCache()

    def _open(self) -> None:
        """Nothing: the session is open."""

    def _narrow(self, group: str) -> None:
        raise NotImplementedError(group)

    def _rows(self, question: Question) -> list[dict[str, Any]]:
        return [
            dict(zip(question.kinds, row, strict=True)) for row in self._session.sql(question.sql).collect()
        ]

    def _view(self, name: str, path: Path) -> pa.Schema:
        self._session.read.parquet(str(path)).createOrReplaceTempView(_undotted(name))
        return pq.ParquetDataset(path).schema


def _undotted(name: str) -> str:
    return name.replace(".", "__")
