"""The whole country against the same question written by hand in SQL, on the same DuckDB and the same files.

620,573 invented organisations in the country's real tree (2,978 counties, 41,352 townships; codes only) and a card of
91 items with random marks; a county is a comparison group. From Parquet to `cells` (56 million rows, the explanation)
and `results`, the same columns and digests on both sides; then one mark is changed and its county ranked anew.
Each side runs in a process of its own; the medians count.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from bench.rating import CARD, DAY, RESULTS

ORGANISATIONS = 620_573
ITEMS = 91
COUNTY = "220284"
WHOLE, ONE = 1, 9  # repetitions
TOWNSHIPS = Path(__file__).with_name("townships.txt.gz")
NAMES = [f"i{number:02}" for number in range(1, ITEMS + 1)]
METHODS = ("checklist", "deduction", "banded")
THRESHOLDS = {"5": 50_000, "4": 47_000, "3": 44_000, "2": 40_000}
FULL = 1_000  # of each item; figures are 0 to 9, and one in a hundred thousand is unknown


# --- The tree ---------------------------------------------------------------------------


def villages() -> Iterator[tuple[str, str]]:
    """Yield code and county. The townships are real; the villages are dealt to them, as many as there are."""
    lines = gzip.decompress(TOWNSHIPS.read_bytes()).decode().splitlines()
    townships = [(county, county + town) for county, *towns in map(str.split, lines) for town in towns]
    sizes = dealt(len(townships))
    for (county, township), size in zip(townships, sizes, strict=True):
        for number in range(size):
            yield f"{township}{200 + number}", county


def dealt(townships: int) -> list[int]:
    """Return how many villages each township has: few have many, each has one, all together have them all."""
    draws = (int.from_bytes(hashlib.sha256(str(n).encode()).digest()[:4], "big") for n in range(townships))
    sums = list(accumulate(1 + draw % 17 + (draw // 97 % 11) * (draw // 1009 % 3) for draw in draws))
    spare = ORGANISATIONS - townships
    ends = [spare * each // sums[-1] for each in sums]
    return [1 + end - start for start, end in pairwise([0, *ends])]


# --- The card -----------------------------------------------------------------------------


def card() -> dict[str, Any]:
    """Return the card: checklists, deductions and bands in turn, without vetoes and caps."""
    words: list[dict[str, Any]] = [
        {"method": "checklist", "items": 9},
        {"method": "deduction", "each": 120},
        {"method": "banded", "bands": {"values": {"unknown": {"value": [
            {"from": 3, "marks": 400}, {"from": 5, "marks": 700}, {"from": 8, "marks": FULL}]}}}},
    ]  # fmt: skip
    items = [
        {"id": name, "full": FULL, "by": {"figure": name, **words[place % 3]}}
        for place, name in enumerate(NAMES)
    ]
    grades = {
        **CARD["grades"],
        "thresholds": {
            "values": {"unknown": {"value": {"5": 50_000, "4": 47_000, "3": 44_000, "2": 40_000}}}
        },
    }
    kept = {key: CARD[key] for key in ("name", "label", "about", "every", "source", "clause")}
    return {**kept, "indicators": items, "grades": grades}


# --- By hand --------------------------------------------------------------------------------

MARKS = (
    "(2 * CASE WHEN {f} > 9 THEN 9 ELSE {f} END * 1000 + 9) // 18",  # least and greatest would pass over null
    "CASE WHEN {f} * 120 > 1000 THEN 0 ELSE 1000 - {f} * 120 END",
    "CASE WHEN {f} >= 8 THEN 1000 WHEN {f} >= 5 THEN 700 WHEN {f} >= 3 THEN 400 ELSE {f} * 0 END",
)
MARKED = """
CREATE TEMP TABLE marked AS
WITH counted AS (SELECT village, {sums} FROM '{facts}/items.parquet' {where_items} GROUP BY village),
beside AS (SELECT u.unit, u."group", c.* EXCLUDE (village)
    FROM '{facts}/units.parquet' u LEFT JOIN counted c ON c.village = u.unit {where})
SELECT *, {marks} FROM beside
"""
GRADED = RESULTS
for grade, marks in CARD["grades"]["thresholds"]["values"]["unknown"]["value"].items():
    GRADED = GRADED.replace(f">= {marks}", f">= {THRESHOLDS[grade]}")
CELL = """SELECT unit, '{name}' AS indicator, m_{name} AS marks, 1000::BIGINT AS "full", {name} AS figure_1,
    NULL::BIGINT AS figure_2, NULL::BIGINT AS figure_3, '{method}' AS method, '一' AS clause, 'bench' AS source,
    CASE WHEN m_{name} IS NULL THEN 'missing' ELSE 'judged' END AS state FROM marked"""
CELLS = "COPY (\n{parts}\n) TO '{out}/cells.parquet' (FORMAT parquet)"
TOTALS = """
CREATE TEMP TABLE totals AS
WITH sums AS (SELECT unit, "group", {all} AS total, {known} AS known, {full} AS "full" FROM marked)
SELECT *, 0 AS late, 0 AS fraud, CASE WHEN total IS NULL THEN 'incomplete' ELSE 'rated' END AS state FROM sums
"""


def by_hand(folder: Path, out: Path, county: str = "") -> None:
    """Answer the whole question, or that of one county, in SQL."""
    import duckdb

    from zugong.scorecards.engine.desk import SETTINGS

    out.mkdir(exist_ok=True)
    of_county = f"""(SELECT unit FROM '{folder}/facts/units.parquet' WHERE "group" = '{county}')"""
    places = {
        "facts": folder / "facts",
        "out": out,
        "where": f"WHERE u.\"group\" = '{county}'" if county else "",
        "where_items": f"WHERE village IN {of_county}" if county else "",
        "sums": ", ".join(f"sum({name})::BIGINT AS {name}" for name in NAMES),
        "marks": ", ".join(
            f"({MARKS[place % 3].format(f=name)})::BIGINT AS m_{name}" for place, name in enumerate(NAMES)
        ),
        "parts": "\nUNION ALL\n".join(
            CELL.format(name=name, method=METHODS[place % 3]) for place, name in enumerate(NAMES)
        ),
        "all": " + ".join(f"m_{name}" for name in NAMES),
        "known": " + ".join(f"coalesce(m_{name}, 0)" for name in NAMES),
        "full": " + ".join(f"CASE WHEN m_{name} IS NULL THEN 0 ELSE 1000 END" for name in NAMES),
    }
    connection = duckdb.connect(config=SETTINGS)
    for statement in (MARKED, CELLS, TOTALS, GRADED):
        connection.execute(statement.format(**places))
    connection.close()


# --- The two sides ----------------------------------------------------------------------------


def main() -> None:
    """Print the whole run and the one county: medians, ratios, peaks of memory."""
    print(
        f"nation: engine against hand-written SQL on the same DuckDB, {ORGANISATIONS:,} × {ITEMS}, 2 threads"
    )
    with tempfile.TemporaryDirectory(prefix="zugong-nation-") as place:
        subprocess.run([sys.executable, "-m", "bench.nation", "freeze", place], check=True)
        ours, theirs = _measured("engine", place), _measured("sql", place)
    if (ours["digest"], ours["county_digest"]) != (theirs["digest"], theirs["county_digest"]):
        sys.exit("nation: the two results differ")
    load = os.getloadavg()[0]
    print(
        f"  whole country  engine {ours['whole']:.1f} s  SQL {theirs['whole']:.1f} s"
        f"  ratio {ours['whole'] / theirs['whole']:.2f}  peak {ours['peak']} / {theirs['peak']} MB  same result"
    )
    print(
        f"  one changed mark, its county  engine {1000 * ours['county']:.0f} ms  SQL {1000 * theirs['county']:.0f} ms"
        f"  ratio {ours['county'] / theirs['county']:.2f}  same result  (load {load:.1f})"
    )


def _measured(side: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.nation", side, folder]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _side(side: str, folder: Path) -> None:
    whole: Callable[[], object] = {
        "engine": lambda: _engine(folder / "run"),
        "sql": lambda: by_hand(folder / "run", folder / "sql"),
    }[side]
    county: Callable[[], object] = {
        "engine": lambda: _engine_county(folder),
        "sql": lambda: by_hand(folder / "changed", folder / "sql-county", COUNTY),
    }[side]
    of_county = [_seconds(county) for _ in range(ONE + 1)][1:]  # the first imports
    seconds = [_seconds(whole) for _ in range(WHOLE)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {
        "whole": statistics.median(seconds),
        "county": statistics.median(of_county),
        "peak": peak,
        "digest": digest(folder / ("run" if side == "engine" else "sql")),
        "county_digest": digest(folder / ("county" if side == "engine" else "sql-county")),
    }
    print(json.dumps(told))


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _engine(folder: Path) -> None:
    from zugong.scorecards import engine

    engine.score(folder)


def _engine_county(folder: Path) -> None:
    from zugong.scorecards import engine

    engine.rescore(folder / "changed", COUNTY, folder / "county")


def digest(folder: Path) -> list[int]:
    """Return the sum of the hashes of all rows, of cells and of results: whatever their order."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    found = []
    for name in ("cells", "results"):
        columns = connection.sql(f"FROM '{folder}/{name}.parquet' LIMIT 0").columns
        row = ", ".join(f'"{column}"' for column in sorted(columns))
        answer = connection.sql(f"SELECT count(*), sum(hash({row})) FROM '{folder}/{name}.parquet'")
        found += [int(number) for number in answer.fetchall()[0]]
    return found


def freeze(folder: Path) -> None:
    """Make and freeze the facts from arithmetic alone, the same each time; then once more with one mark changed."""
    import duckdb
    import pyarrow as pa

    from zugong.packs.schema.measures import Measure
    from zugong.packs.schema.scorecards import Scorecard
    from zugong.scorecards import engine

    codes, counties = zip(*villages(), strict=True)
    units = pa.table({"unit": codes, "group": counties})
    connection = duckdb.connect()
    connection.register("units", units)
    drawn = ", ".join(
        f"CASE WHEN hash(unit, {n}) % 100000 > 0 THEN (hash(unit, {n}, 1) % 10)::BIGINT END AS {name}"
        for n, name in enumerate(NAMES)
    )
    items = connection.sql(f"SELECT unit AS village, {drawn} FROM units").to_arrow_table()
    measures = {
        name: Measure.model_validate(
            {"name": name, "label": "", "facts": "items", "per": "village", "count": {"sum": name}}
        )
        for name in NAMES
    }
    plan = engine.plan(Scorecard.model_validate(card()), measures, day=DAY)
    engine.freeze(folder / "run", {"units": units, "items": items}, plan=plan, pack_digest="bench")
    first = next(code for code, county in zip(codes, counties, strict=True) if county == COUNTY)
    connection.register("items", items)
    changed = connection.sql(
        f"SELECT * REPLACE (CASE WHEN village = '{first}' THEN 9 - i01 ELSE i01 END AS i01) FROM items"
    ).to_arrow_table()
    engine.freeze(folder / "changed", {"units": units, "items": changed}, plan=plan, pack_digest="bench")


if __name__ == "__main__":
    side, folder = sys.argv[1], Path(sys.argv[2])
    freeze(folder) if side == "freeze" else _side(side, folder)
