"""Measures count over fact tables and say out of how many."""

from datetime import date

import duckdb
import ibis
import pyarrow as pa
import pytest

from zugong import measures
from zugong.packs.schema.measures import Measure

DAY = date(2025, 6, 30)
PEOPLE = {
    "person": ["a", "a", "b", "c", "d"],
    "village": ["x", "x", "x", "x", "y"],
    "age": [30, 30, 50, None, 20],
    "income": [None, 5, 7, 1, None],
}


def measure(**words) -> Measure:
    return Measure.model_validate(
        {
            "name": "young-share",
            "label": "年轻干部占比",
            "facts": "registry.appointments",
            "per": "village",
            **words,
        }
    )


def counted(words: dict, minimum: int | None = None) -> dict[str, measures.Figure]:
    asked = measure(**words)
    facts = ibis.table(
        {"person": "string", "village": "string", "age": "int64", "income": "int64"}, name="facts"
    )
    expression = measures.counted(asked, facts, day=DAY, minimum=minimum)
    connection = duckdb.connect()
    connection.register("facts", pa.table(PEOPLE))
    cursor = connection.execute(ibis.to_sql(expression, dialect="duckdb"))
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {figure.of: figure for figure in measures.figures(asked, rows, day=DAY)}


def test_a_share_says_its_numerator_denominator_and_day():
    found = counted({"count": {"distinct": "person", "when": "age <= 35"}, "out_of": {"distinct": "person"}})
    assert found["x"] == measures.Figure("young-share", "x", 1, 3, DAY)
    assert (found["x"].share, found["x"].value, found["x"].said()) == (333, 333, "1/3")
    assert found["y"].share == 1000


def test_a_share_never_rounds_up_to_a_threshold():
    assert measures.Figure("m", "x", 8_999, 10_000, DAY).share == 899


def test_where_narrows_both_sides():
    found = counted(
        {"where": "income > 0", "count": {"rows": True, "when": "age > 40"}, "out_of": {"rows": True}}
    )
    assert (found["x"].numerator, found["x"].denominator) == (1, 3)
    assert (found["y"].numerator, found["y"].denominator, found["y"].share) == (0, 0, None)


def test_adding_up_nothing_is_no_answer():
    found = counted({"count": {"sum": "income"}})
    assert found["x"].numerator == 13
    assert (found["y"].numerator, found["y"].said("en")) == (None, "unknown")
    assert counted({"count": {"sum": "income", "when": "age > 100"}})["x"].numerator == 0


def test_a_county_has_one_figure():
    assert counted({"per": "county", "count": {"distinct": "person"}}) == {
        "": measures.Figure("young-share", "", 4, None, DAY)
    }


@pytest.mark.parametrize(("minimum", "shown"), [(3, True), (4, False)])
def test_too_few_are_not_shown(minimum, shown):
    words = {"count": {"distinct": "person", "when": "age <= 35"}, "out_of": {"distinct": "person"}}
    figure = counted(words, minimum)["x"]
    assert figure.too_few is not shown
    assert figure.numerator == (1 if shown else None)
    assert figure.said() == ("1/3" if shown else "人数过少，不予显示")


def test_the_same_expression_is_written_for_postgresql():
    facts = ibis.table({"village": "string", "age": "int64"}, name="facts")
    asked = measure(count={"rows": True, "when": "age <= 35"}, out_of={"rows": True})
    sql = ibis.to_sql(measures.values({"m": asked}, facts, day=DAY, minimums={"m": None}), dialect="postgres")
    assert "DIV(" in sql
    assert "DOUBLE" not in sql


def test_a_measure_is_checked_against_the_tables_there_are():
    known = {"registry.appointments": ["village", "age"]}

    def ids(**words):
        return [found.id for found in measures.findings(measure(**words), known, file="m.yaml", line=3)]

    assert ids(count={"rows": True, "when": "age <= 35"}) == []
    assert ids(count={"rows": True, "when": "age + 1"}) == ["measures.E001"]
    assert ids(count={"rows": True}, facts="registry.people") == ["measures.E002"]
    assert ids(count={"distinct": "person"}, where="rank == 1") == ["measures.E003"] * 2
