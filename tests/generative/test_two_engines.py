"""Two engines and a coin toss: DuckDB and plain Python, random cards, random facts, the same answer."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from generative_cards import MEASURES, SCALE, as_pack, cards, facts
from generative_reference import rate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zugong.packs.schema.measures import Measure
from zugong.packs.schema.scorecards import Scorecard
from zugong.scorecards import engine

DAY = date(2025, 12, 31)
PLENTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
FEW = settings(PLENTY, max_examples=20)
SCHEMAS = {
    "units": {"unit": pa.string(), "group": pa.string(), "klass": pa.string(), "model": pa.int64()},
    "events": {"village": pa.string(), "state": pa.string(), "days": pa.int64(), "income": pa.int64()},
    "ratings": {
        "unit": pa.string(),
        "indicator": pa.string(),
        "stage": pa.string(),
        "marks": pa.int64(),
        "by": pa.string(),
    },
    "decisions": {
        "unit": pa.string(),
        "grade": pa.string(),
        "by": pa.string(),
        "day": pa.date32(),
        "minutes": pa.string(),
    },
}
WHO = {"by": "部务会", "day": DAY, "minutes": "纪要"}


class Rated:
    """A card and facts, run through the engine."""

    def __init__(
        self, card: dict[str, Any], given: dict[str, list[dict[str, Any]]], *, apart: bool = False
    ) -> None:
        measures = [
            Measure.model_validate({"label": "", "facts": "events", "per": "village", **each})
            for each in MEASURES
        ]
        plan = engine.plan(
            Scorecard.model_validate(as_pack(card)), {each.name: each for each in measures}, day=DAY
        )
        rows = {**given, "decisions": [{**row, **WHO} for row in given["decisions"]]}
        tables = {
            name: pa.Table.from_pylist(rows[name], schema=pa.schema(list(schema.items())))
            for name, schema in SCHEMAS.items()
        }
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            engine.freeze(run, tables, plan=plan, pack_digest="")
            self.outcome = engine.score(run)
            groups = sorted({row["group"] for row in given["units"]})
            self.by_group = _by_group(run, groups) if apart else {}
            self.digest = engine.digest(run)
            self.results = sorted(
                pq.read_table(run / "results.parquet").to_pylist(), key=lambda row: row["unit"]
            )
            self.cells = pq.read_table(run / "cells.parquet").to_pylist()
            self.types = {
                str(field.type)
                for file in ("results", "cells")
                for field in pq.read_schema(run / f"{file}.parquet")
            }
            self.explained = [engine.explain(run, row["unit"]) for row in self.results[:2]]


def _by_group(run: Path, groups: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Score each comparison group alone; the rows of all groups together."""
    found: dict[str, list[dict[str, Any]]] = {"results": [], "cells": []}
    for number, group in enumerate(groups):
        into = run.parent / f"group-{number}"
        engine.rescore(run, group, into)
        for file, rows in found.items():
            rows += pq.read_table(into / f"{file}.parquet").to_pylist()
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    card = draw(cards())
    return card, draw(facts(card))


@PLENTY
@given(case=cases())
def test_both_engines_say_the_same(case):
    card, given_facts = case
    expected = rate(card, *(given_facts[name] for name in ("units", "events", "ratings", "decisions")))
    assert Rated(card, given_facts).results == sorted(expected, key=lambda row: row["unit"])


@FEW
@given(case=cases(), chance=st.randoms())
def test_the_order_of_rows_changes_nothing(case, chance):
    card, given_facts = case
    shuffled = {name: chance.sample(rows, len(rows)) for name, rows in given_facts.items()}
    assert Rated(card, given_facts).digest == Rated(card, shuffled).digest


@FEW
@given(case=cases())
def test_each_group_alone_gets_what_the_whole_gives_it(case):
    rated = Rated(*case, apart=True)
    assert sorted(rated.by_group["results"], key=lambda row: row["unit"]) == rated.results
    assert sorted(map(str, rated.by_group["cells"])) == sorted(map(str, rated.cells))


@FEW
@given(case=cases())
def test_results_hang_together(case):
    card, given_facts = case
    rated = Rated(card, given_facts)
    assert rated.types <= {"int64", "string"}  # no floating point anywhere
    for row in rated.results:
        mine = [cell for cell in rated.cells if cell["unit"] == row["unit"]]
        assert row["known"] == sum(cell["marks"] or 0 for cell in mine)
        assert all(0 <= cell["marks"] <= cell["full"] for cell in mine if cell["marks"] is not None)
        if card["out_of"] is None and row["total"] is not None:
            assert row["total"] == row["known"]
        assert (row["total"] is None) or all(cell["state"] != "missing" for cell in mine)
    ranked = [row for row in rated.results if row["rank"]]
    for one in ranked:
        for other in ranked:
            if one["group"] == other["group"]:
                assert (one["total"] > other["total"]) == (one["rank"] < other["rank"])
    assert rated.outcome.units == len(rated.results) == sum(rated.outcome.states.values())
    for told in rated.explained:
        assert all(part.sentence.zh and part.sentence.en for part in told.parts)


@FEW
@given(case=cases(), kind=st.sampled_from(["caps", "vetoes"]), grade=st.sampled_from(["B", "C"]))
def test_a_cap_or_a_veto_never_helps_the_one_it_hits(case, kind, grade):
    card, given_facts = case
    if card["eligible"] or card["vetoes"] or card["caps"] or given_facts["decisions"]:
        return
    before = Rated(card, given_facts).results
    worst = "C" if kind == "vetoes" else grade
    after = Rated({**card, kind: [{"id": "h", "figure": "late", "grade": worst}]}, given_facts).results
    order = [*SCALE, "not-rated", None]
    for one, other in zip(before, after, strict=True):
        if other["reasons"] and one["grade"]:
            assert order.index(other["grade"]) >= order.index(one["grade"])
