"""Guards mean in a fact table what they mean to CEL."""

from datetime import date

import cel
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zugong.measures import GuardError, guards

DAY = date(2025, 6, 30)
KINDS = {"age": "int64", "team": "string"}


def holds(text: str, rows: list[dict]) -> list[bool]:
    """Which rows satisfy the guard, by DuckDB."""
    facts = ibis.memtable(pa.table({**{name: [row[name] for row in rows] for name in rows[0]}}))
    found = facts.filter(guards.condition(guards.read(text), facts, day=DAY)).select("row")
    import duckdb

    kept = {row for (row,) in _run(duckdb.connect(), facts, found)}
    return [row["row"] in kept for row in rows]


def _run(connection, facts, expression):
    connection.register(facts.get_name(), facts.op().data.to_pyarrow(facts.schema()))
    return connection.execute(ibis.to_sql(expression, dialect="duckdb", pretty=False)).fetchall()


NUMBERS = st.integers(-3, 3)
TEAMS = st.sampled_from(["town", "county", ""])
SIGN = st.sampled_from(guards.SIGNS)
COMPARISONS = st.one_of(
    st.builds("age {} {}".format, SIGN, NUMBERS),
    st.builds("{} {} age".format, NUMBERS, SIGN),
    st.builds("team {} '{}'".format, SIGN, TEAMS),
    st.builds("age in [{}, {}]".format, NUMBERS, NUMBERS),
    st.builds("team in ['{}']".format, TEAMS),
    st.builds("day {} '2025-06-30'".format, SIGN),
)
GUARDS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({})".format, inner),
    ),
    max_leaves=5,
)
ROWS = st.lists(st.fixed_dictionaries({"age": NUMBERS, "team": TEAMS}), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(text=GUARDS, rows=ROWS)
def test_a_guard_means_the_same_to_the_database_and_to_cel(text, rows):
    numbered = [{"row": number, **row} for number, row in enumerate(rows)]
    said = [cel.evaluate(text, {**row, "day": DAY.isoformat()}) for row in numbered]
    assert holds(text, numbered) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("!(day == '2025-06-30')", False), ("day == day", True), ("'2025-07-01' > day && age == 0", True)],
)
def test_the_day_can_stand_without_a_column(text, said):
    assert holds(text, [{"row": 0, "age": 0}]) == [said]


def test_what_is_unknown_satisfies_no_comparison():
    rows = [{"row": 0, "age": None}, {"row": 1, "age": 4}]
    assert holds("age != 3", rows) == [False, True]
    assert holds("!(age == 3)", rows) == [False, True]


def test_days_compare_with_the_day_that_is_asked_about():
    rows = [{"row": 0, "due": date(2025, 6, 30)}, {"row": 1, "due": date(2025, 7, 1)}]
    assert holds("due <= day", rows) == [True, False]
    assert holds("due >= '2025-07-01'", rows) == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "age + 1 > 2", "size(team) > 2", "person.age > 2", "age", "age in team", "1 == 1", "age > ", "age > 2 )",
        "age => 2", "team == 'it\\'s'", "true", "age > 2 age",
    ],
)  # fmt: skip
def test_what_cannot_be_counted_with_is_refused(text):
    with pytest.raises(GuardError):
        guards.read(text)


def test_a_guard_names_the_columns_it_reads():
    assert guards.columns(guards.read("age > 2 && (team == 'a' || due <= day)")) == {"age", "team", "due"}
