"""A run is a folder: the facts as they were, the card as it was, and what came out.

facts/<table>.parquet   canonical rows: sorted, whole numbers, texts and days only
run.json                the card of the day, the pack's digest, the code's version, counts, digests of the facts
results.parquet         one row per unit
cells.parquet           one row per unit and indicator
outcome.json            counts, verdicts of quotas, ties
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zugong
from zugong import measures
from zugong.core.errors import Refused
from zugong.scorecards.engine.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa

UNITS, RATINGS, DECISIONS = "units", "ratings", "decisions"
COLUMNS = {
    UNITS: ("unit",),
    RATINGS: ("unit", "indicator", "stage", "marks", "by"),
    DECISIONS: ("unit", "grade", "by", "day", "minutes"),
}
DEFAULTS: dict[str, str | int] = {"group": "", "klass": "", "model": 0}
KEYS = {"results.parquet": ("unit",), "cells.parquet": ("unit", "indicator")}
ROWS_TOGETHER = 16_384  # so that one county is found in a country without reading all of it
FIELD, ROW, NOTHING = "\t", "\n", "\\N"  # as PostgreSQL writes rows; no canonical text contains them bare


@dataclass(frozen=True)
class Run:
    """A frozen run: where it lies, its card, and what is written in run.json beside it."""

    folder: Path
    plan: Plan
    pack_digest: str
    code: str
    facts: Mapping[str, Mapping[str, Any]]

    def table(self, name: str) -> Path:
        """Return the file of a frozen table."""
        return self.folder / "facts" / f"{name}.parquet"


def freeze(folder: Path, tables: Mapping[str, pa.Table], *, plan: Plan, pack_digest: str) -> Run:
    """Write the facts of a run, all or nothing. Raises Refused where a table, a column or a type does not fit.

    `tables` holds `units` (unit; group, klass, model where the card asks for them), the fact tables that the card's
    measures name, and, where there are any, `ratings` (unit, indicator, stage, marks, by) and `decisions`
    (unit, grade, by, day, minutes). Grades: those of the scale, or `not-rated`.
    """
    import pyarrow.parquet as pq

    kept = {name: canonical(name, table) for name, table in tables.items()}
    refuse_unfit(kept, plan)
    if folder.exists():
        raise Refused("这一次评定已经冻结过，不能覆盖；更正事实请另起一次评定")
    making = folder.with_name(folder.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    (making / "facts").mkdir(parents=True)
    for name, table in kept.items():
        pq.write_table(table, making / "facts" / f"{name}.parquet", row_group_size=ROWS_TOGETHER)
    facts = {name: {"rows": table.num_rows, "digest": table_digest(table)} for name, table in kept.items()}
    written = {
        "day": plan.day.isoformat(),
        "pack": pack_digest,
        "code": zugong.__version__,
        "facts": facts,
        "card": plan.to_json(),
    }
    text = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True)
    (making / "run.json").write_text(text, encoding="utf-8")
    making.rename(folder)
    return open_run(folder)


def open_run(folder: Path) -> Run:
    """Open a frozen run. Raises FileNotFoundError where there is none."""
    data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Run(folder, Plan.from_json(data["card"]), data["pack"], data["code"], data["facts"])


def altered(run: Run) -> list[str]:
    """Return the frozen tables whose rows are no longer those that were frozen."""
    import pyarrow.parquet as pq

    return [
        name
        for name, kept in run.facts.items()
        if table_digest(pq.read_table(run.table(name))) != kept["digest"]
    ]


def digest(folder: Path) -> str:
    """Return the SHA-256 over the sorted canonical rows of results and cells."""
    import pyarrow.parquet as pq

    whole = hashlib.sha256()
    for file, keys in KEYS.items():
        table = pq.read_table(folder / file)
        for piece in _text(table.sort_by([(key, "ascending") for key in keys])):
            whole.update(piece)
    return whole.hexdigest()


def table_digest(table: pa.Table) -> str:
    """Return the SHA-256 over a table's rows as they stand."""
    whole = hashlib.sha256()
    for piece in _text(table):
        whole.update(piece)
    return whole.hexdigest()


def canonical(name: str, table: pa.Table) -> pa.Table:
    """Return a table with 64-bit whole numbers, texts and days only, its rows sorted by all its columns."""
    import pyarrow as pa

    if name == UNITS:
        for column, value in DEFAULTS.items():
            if column not in table.column_names:
                kind = pa.string() if isinstance(value, str) else pa.int64()
                table = table.append_column(column, pa.repeat(pa.scalar(value, kind), len(table)))
    fields = [pa.field(field.name, _kind(name, field)) for field in table.schema]
    table = table.cast(pa.schema(fields))
    return table.sort_by([(field.name, "ascending") for field in fields]).combine_chunks()


def _kind(table: str, field: pa.Field) -> pa.DataType:
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_date(kind):
        return pa.date32()
    raise Refused(
        "事实表“{table}”的“{column}”一栏是 {kind}：只能冻结整数、文字和日期",
        table=table,
        column=field.name,
        kind=kind,
    )


def frozen(run: Run) -> dict[str, pa.Table]:
    """Return the frozen tables of a run."""
    import pyarrow.parquet as pq

    return {name: pq.read_table(run.table(name)) for name in run.facts}


def refuse_unfit(tables: Mapping[str, pa.Table], plan: Plan) -> None:
    """Refuse what could only be noticed in the middle of scoring a card on these tables."""
    wanted = {name: set(COLUMNS[name]) for name in COLUMNS if name in tables or name == UNITS}
    for measure in plan.measures:
        if measure.per in ("", "county"):
            raise Refused("评分要按单位计数，“{measure}”是全县一个数", measure=measure.label or measure.name)
        wanted.setdefault(measure.facts, set()).update(measures.columns(measure))
    for name, columns in wanted.items():
        if name not in tables:
            raise Refused("缺少事实表“{name}”，无法冻结", name=name)
        if lacking := sorted(columns - set(tables[name].column_names)):
            raise Refused("事实表“{name}”缺少“{lacking}”", name=name, lacking=lacking)
    _check_units(tables)
    _check_ratings(tables, plan)
    _check_decisions(tables, plan)


def _check_units(tables: Mapping[str, pa.Table]) -> None:
    import pyarrow.compute as pc

    units = tables[UNITS]["unit"]
    if units.null_count or pc.count_distinct(units).as_py() != len(units):
        raise Refused("被评单位有重复或没有代码")
    for name in (RATINGS, DECISIONS):
        if name in tables:
            strange = pc.filter(tables[name]["unit"], pc.invert(pc.is_in(tables[name]["unit"], units)))
            if len(strange):
                raise Refused("“{unit}”不在被评单位之列", unit=strange[0].as_py())


def _check_ratings(tables: Mapping[str, pa.Table], plan: Plan) -> None:
    import pyarrow.compute as pc

    if RATINGS not in tables:
        return
    ratings = tables[RATINGS]
    for each in plan.indicators:
        if each.method is None:
            continue
        marks, theirs = ratings["marks"], pc.equal(ratings["indicator"], each.id)
        fits = pc.and_(pc.greater_equal(marks, 0), pc.less_equal(marks, each.method.full))
        wrong = ratings.filter(pc.and_(theirs, pc.invert(pc.fill_null(fits, False))))
        for row in wrong.slice(0, 1).to_pylist():
            full = each.method.full
            raise Refused(
                "“{unit}”的评分 {marks} 不在 0 到 {full} 之间（千分之一分）",
                unit=row["unit"],
                marks=row["marks"],
                full=full,
            )


def _check_decisions(tables: Mapping[str, pa.Table], plan: Plan) -> None:
    if DECISIONS not in tables:
        return
    rows = tables[DECISIONS].to_pylist()
    known = {*plan.scale, *(["not-rated"] if plan.not_rated else [])}
    for row in rows:
        if row["grade"] not in known:
            raise Refused("等次表里没有“{grade}”", grade=row["grade"])
        if not (row["by"] and row["day"]):
            raise Refused("“{unit}”的审定没有写明何人何日", unit=row["unit"])
    if len({row["unit"] for row in rows}) != len(rows):
        raise Refused("同一单位有两次审定")


def _text(table: pa.Table) -> Iterator[bytes]:
    """Write rows as text: fields between tabs, rows between line ends, nothing as \\N. Columns in order of name."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def escaped(column: Any) -> Any:
        text = column.cast(pa.string())
        if pa.types.is_string(column.type):
            for bare, written in (("\\", "\\\\"), (FIELD, "\\t"), (ROW, "\\n")):
                text = pc.replace_substring(text, bare, written)
        return pc.fill_null(text, NOTHING)

    names = sorted(table.column_names)
    yield (FIELD.join(names) + ROW).encode()
    for batch in table.select(names).to_batches(max_chunksize=65_536):
        columns = [escaped(column) for column in batch.columns]
        lines = reduce(lambda left, right: pc.binary_join_element_wise(left, right, FIELD), columns)
        yield (ROW.join(lines.to_pylist()) + ROW).encode()
