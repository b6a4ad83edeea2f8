"""The rating against the same question written by hand in SQL, on the same DuckDB and the same files.

Both read frozen Parquet and write `cells` and `results` with the same columns; the digests of both must be equal.
Each side runs in a process of its own, five times; the median counts. Sizes: 268 villages, 1,000,000 units.

The engine writes its questions once for a plan and keeps them while the process lives. `ratio` is a plan that was asked
before, `first` the first time a process meets it; what lies between is the fixed cost of writing, whatever the size.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

SIZES = (268, 1_000_000)
REPETITIONS = 5
GROUP = 268  # units in a comparison group, as in one county
DAY = date(2025, 12, 31)

MEASURES = [
    {"name": "due", "count": {"rows": True}},
    {"name": "done", "count": {"rows": True, "when": "state == 'closed'"}},
    {"name": "late", "count": {"rows": True, "when": "days > 15"}},
    {"name": "topics", "count": {"distinct": "topic"}},
    {"name": "income", "count": {"sum": "income"}},
    {"name": "proven", "count": {"rows": True, "when": "days <= 3 && state == 'closed'"}},
    {"name": "fraud", "count": {"rows": True, "when": "days > 39"}},
]
CARD = {
    "name": "bench", "label": "基准", "about": "organisation.village", "every": "year", "source": "bench", "clause": "一",
    "indicators": [
        {"id": "on-time", "full": 30_000, "by": {"method": "ratio", "done": "done", "due": "due"}},
        {"id": "late", "full": 20_000, "by": {"method": "deduction", "figure": "late", "each": 2_000}},
        {
            "id": "income", "full": 20_000,
            "by": {"method": "banded", "figure": "income", "bands": {"values": {"unknown": {"value": [
                {"from": 100, "marks": 8_000}, {"from": 150, "marks": 14_000}, {"from": 200, "marks": 20_000}]}}}},
        },
        {"id": "topics", "full": 10_000, "by": {"method": "checklist", "figure": "topics", "items": 3}},
        {"id": "team", "full": 20_000, "by": {"method": "rated", "raters": {"self": 30, "decide": 70}}},
        {"id": "quick", "full": 5_000, "by": {"method": "bonus", "figure": "done", "proof": "proven", "each": 500}},
    ],
    "vetoes": [{"id": "fraud", "figure": "fraud"}],
    "negative_list": {"items": [{"id": "late", "figure": "late", "caps": "3"}]},
    "grades": {
        "scale": ["5", "4", "3", "2", "1"], "not_rated": True,
        "thresholds": {"values": {"unknown": {"value": {"5": 70_000, "4": 68_000, "3": 60_000, "2": 58_000}}}},
        "quotas": [
            {"grade": "5", "share": 100, "bound": "at_most", "rounding": "floor", "of": "all"},
            {"grade": "1", "share": 100, "bound": "at_least", "rounding": "ceiling", "of": "all"},
        ],
    },
}  # fmt: skip

FIGURES = """
CREATE TEMP TABLE figures AS
WITH counted AS (
    SELECT village, count(*) AS due, count(*) FILTER (state = 'closed') AS done, count(*) FILTER (days > 15) AS late,
        count(DISTINCT topic) AS topics, sum(income)::BIGINT AS income,
        count(*) FILTER (days <= 3 AND state = 'closed') AS proven, count(*) FILTER (days > 39) AS fraud
    FROM '{facts}/events.parquet' GROUP BY village
), rated AS (
    SELECT unit,
        (2 * sum(marks) FILTER (stage = 'self') + count(*) FILTER (stage = 'self'))
            // nullif(2 * count(*) FILTER (stage = 'self'), 0) AS self,
        (2 * sum(marks) FILTER (stage = 'decide') + count(*) FILTER (stage = 'decide'))
            // nullif(2 * count(*) FILTER (stage = 'decide'), 0) AS decide
    FROM '{facts}/ratings.parquet' WHERE indicator = 'team' GROUP BY unit
)
SELECT u.unit, u."group", coalesce(due, 0) AS due, coalesce(done, 0) AS done, coalesce(late, 0) AS late,
    coalesce(topics, 0) AS topics, income, coalesce(proven, 0) AS proven, coalesce(fraud, 0) AS fraud,
    self::BIGINT AS self, decide::BIGINT AS decide
FROM '{facts}/units.parquet' u LEFT JOIN counted c ON c.village = u.unit LEFT JOIN rated r ON r.unit = u.unit
"""
MARKED = """
CREATE TEMP VIEW marked AS SELECT *,
    (2 * least(done, due) * 30000 + due) // (2 * nullif(due, 0)) AS m1,
    greatest(20000 - late * 2000, 0) AS m2,
    CASE WHEN income >= 200 THEN 20000 WHEN income >= 150 THEN 14000 WHEN income >= 100 THEN 8000 ELSE income * 0 END AS m3,
    (2 * least(topics, 3) * 10000 + 3) // 6 AS m4,
    (2 * (self * 30 + decide * 70) + 100) // 200 AS m5,
    least(least(done, proven) * 500, 5000) AS m6
FROM figures
"""
CELLS = """
COPY (
{parts}
) TO '{out}/cells.parquet' (FORMAT parquet)
"""
CELL = """SELECT unit, '{id}' AS indicator, {marks}::BIGINT AS marks, {full}::BIGINT AS "full", {a}::BIGINT AS figure_1,
    {b}::BIGINT AS figure_2, NULL::BIGINT AS figure_3, '{method}' AS method, '一' AS clause, 'bench' AS source,
    CASE WHEN {marks} IS NOT NULL THEN 'judged' {idle} ELSE 'missing' END AS state FROM marked"""
PARTS = [
    {"id": "on-time", "marks": "m1", "full": 30000, "a": "done", "b": "due", "method": "ratio", "idle": "WHEN due = 0 THEN 'nothing-due'"},
    {"id": "late", "marks": "m2", "full": 20000, "a": "late", "b": "NULL", "method": "deduction", "idle": ""},
    {"id": "income", "marks": "m3", "full": 20000, "a": "income", "b": "NULL", "method": "banded", "idle": ""},
    {"id": "topics", "marks": "m4", "full": 10000, "a": "topics", "b": "NULL", "method": "checklist", "idle": ""},
    {"id": "team", "marks": "m5", "full": 20000, "a": "self", "b": "decide", "method": "rated", "idle": ""},
    {"id": "quick", "marks": "m6", "full": 5000, "a": "done", "b": "proven", "method": "bonus", "idle": ""},
]  # fmt: skip
TOTALS = """
CREATE TEMP TABLE totals AS
WITH sums AS (
    SELECT unit, "group", late, fraud, m1 + m2 + m3 + m4 + m5 + m6 AS total,
        coalesce(m1, 0) + m2 + coalesce(m3, 0) + m4 + coalesce(m5, 0) + m6 AS known,
        CASE WHEN m1 IS NULL THEN 0 ELSE 30000 END + 20000 + CASE WHEN m3 IS NULL THEN 0 ELSE 20000 END + 10000
            + CASE WHEN m5 IS NULL THEN 0 ELSE 20000 END AS "full"
    FROM marked
)
SELECT *, CASE WHEN fraud > 0 THEN 'vetoed' WHEN total IS NULL THEN 'incomplete' ELSE 'rated' END AS state FROM sums
"""
RESULTS = """
COPY (
WITH reached AS (
    SELECT "group", count(*) AS everyone, count(*) FILTER (state = 'rated') AS rated,
        count(*) FILTER (state = 'rated' AND total >= 70000) AS r5, count(*) FILTER (state = 'rated' AND total >= 68000) AS r4,
        count(*) FILTER (state = 'rated' AND total >= 60000) AS r3, count(*) FILTER (state = 'rated' AND total >= 58000) AS r2
    FROM totals GROUP BY "group"
), upper AS (SELECT *, least(r5, everyone * 100 // 1000) AS b5 FROM reached
), lower AS (
    SELECT *, greatest(r4, b5) AS b4, greatest(r3, b5) AS b3, greatest(r2, b5) AS b2,
        rated - least(greatest(rated - greatest(r2, b5), (everyone * 100 + 999) // 1000), rated) AS start
    FROM upper
), bounds AS (
    SELECT "group", rated, least(b5, start) AS b5, least(b4, start) AS b4, least(b3, start) AS b3, least(b2, start) AS b2 FROM lower
), ranked AS (
    SELECT *, rank() OVER (PARTITION BY "group", state ORDER BY total DESC) AS first,
        count(*) OVER (PARTITION BY "group", state, total) AS alike
    FROM totals
), placed AS (
    SELECT t.*, CASE WHEN state <> 'rated' THEN NULL
        WHEN first + alike - 1 <= b5 THEN 1 WHEN first <= b5 THEN 0 WHEN first + alike - 1 <= b4 THEN 2 WHEN first <= b4 THEN 0
        WHEN first + alike - 1 <= b3 THEN 3 WHEN first <= b3 THEN 0 WHEN first + alike - 1 <= b2 THEN 4 WHEN first <= b2 THEN 0
        ELSE 5 END AS place
    FROM ranked t JOIN bounds USING ("group")
), graded AS (
    SELECT *, CASE WHEN state = 'vetoed' THEN 'not-rated' WHEN place IS NULL OR place = 0 THEN NULL
        ELSE (6 - CASE WHEN late > 0 THEN greatest(place, 3) ELSE place END)::VARCHAR END AS grade
    FROM placed
)
SELECT unit, "group", CASE WHEN total IS NULL THEN NULL ELSE total END::BIGINT AS total, known::BIGINT AS known, "full"::BIGINT AS "full",
    CASE WHEN state = 'rated' THEN first END::BIGINT AS rank, grade, grade AS computed, 0::BIGINT AS decided,
    CASE WHEN place = 0 THEN 'tied' ELSE state END AS state,
    trim(CASE WHEN fraud > 0 THEN 'veto:fraud ' ELSE '' END || CASE WHEN late > 0 THEN 'cap:late ' ELSE '' END) AS reasons
FROM graded
) TO '{out}/results.parquet' (FORMAT parquet)
"""


def main() -> None:
    """Print one line per size: the medians, both ratios, the fixed cost, both peaks of memory."""
    print(
        "rating: engine against hand-written SQL on the same DuckDB, Parquet to cells and results, 2 threads"
    )
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            _freeze(Path(folder) / "run", size)
            ours, theirs = _measured("engine", folder), _measured("sql", folder)
            if ours["digest"] != theirs["digest"]:
                sys.exit(f"{size}: the two results differ")
            print(
                f"  {size:>9,} units  engine {ours['median']:.3f} s  SQL {theirs['median']:.3f} s"
                f"  ratio {ours['median'] / theirs['median']:.2f}"
                f"  first {ours['first'] / theirs['median']:.2f}, fixed {_fixed(ours):.0f} ms"
                f"  peak {ours['peak']} / {theirs['peak']} MB  same result"
            )


def _fixed(side: dict[str, Any]) -> float:
    """What writing the questions costs, in milliseconds."""
    return 1000 * max(side["first"] - side["median"], 0.0)


def _measured(side: str, folder: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.rating", side, folder], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _side(side: str, folder: Path) -> None:
    from zugong.scorecards.engine.desk import WRITTEN

    run: Callable[[Path], Path] = _engine if side == "engine" else _sql
    run(folder)  # imports are not what is measured
    first, again = [], []
    for _ in range(REPETITIONS):
        WRITTEN.clear()
        first.append(_seconds(run, folder))
        again.append(_seconds(run, folder))
    out = run(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    from zugong.scorecards.engine import digest

    medians = {"first": statistics.median(first), "median": statistics.median(again)}
    print(json.dumps({**medians, "peak": peak, "digest": digest(out)}))


def _seconds(run: Callable[[Path], Path], folder: Path) -> float:
    start = time.perf_counter()
    run(folder)
    return time.perf_counter() - start


def _engine(folder: Path) -> Path:
    from zugong.scorecards import engine

    engine.score(folder / "run")
    return folder / "run"


def _sql(folder: Path) -> Path:
    import duckdb

    out = folder / "sql"
    out.mkdir(exist_ok=True)
    connection = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False})
    places = {"facts": folder / "run" / "facts", "out": out}
    parts = "\nUNION ALL\n".join(CELL.format(**part) for part in PARTS)
    for statement in (FIGURES, MARKED, CELLS, TOTALS, RESULTS):
        connection.execute(statement.format(**places, parts=parts))
    connection.close()
    return out


def _freeze(folder: Path, size: int) -> None:
    """Make and freeze facts from arithmetic alone: four events and two ratings a unit, the same each time."""
    import duckdb

    from zugong.packs.schema.measures import Measure
    from zugong.packs.schema.scorecards import Scorecard
    from zugong.scorecards import engine

    connection = duckdb.connect()
    code = "format('u{:07d}', n)"
    questions = {
        "units": f"SELECT {code} AS unit, format('c{{:05d}}', n // {GROUP}) AS \"group\" FROM range({size}) t(n)",
        "events": f"""SELECT {code} AS village, CASE WHEN hash(n, k, 1) % 4 = 0 THEN 'open' ELSE 'closed' END AS state,
            (hash(n, k, 2) % 1000 // 50 + CASE WHEN hash(n, k, 3) % 500 = 0 THEN 30 ELSE 0 END)::BIGINT AS days,
            ['road', 'water', 'school', 'party'][(1 + hash(n, k, 4) % 4)::BIGINT] AS topic, (hash(n, k, 5) % 90)::BIGINT AS income
            FROM range({size}) t(n), range(4) s(k) WHERE hash(n, 9) % 97 > 0 OR k > 0""",
        "ratings": f"""SELECT {code} AS unit, 'team' AS indicator, ['self', 'decide'][(k + 1)::BIGINT] AS stage,
            (12000 + hash(n, k, 6) % 8001)::BIGINT AS marks, 'r' AS by FROM range({size}) t(n), range(2) s(k)
            WHERE hash(n, k, 7) % 999 > 0""",
    }
    tables = {name: connection.sql(question).to_arrow_table() for name, question in questions.items()}
    measures = {
        each["name"]: Measure.model_validate({"label": "", "facts": "events", "per": "village", **each})
        for each in MEASURES
    }
    plan = engine.plan(Scorecard.model_validate(CARD), measures, day=DAY)
    engine.freeze(folder, tables, plan=plan, pack_digest="bench")


if __name__ == "__main__":
    _side(sys.argv[1], Path(sys.argv[2]))
