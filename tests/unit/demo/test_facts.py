"""Flat tables of the registry, read from 青穆县."""

from collections import Counter
from datetime import date

import pytest

from zugong.demo import DAY
from zugong.registry import actions, facts

pytestmark = pytest.mark.usefixtures("qingmu")


@pytest.mark.parametrize("name", sorted(facts.TABLES))
def test_every_row_has_exactly_the_columns_that_its_table_says(name):
    table = facts.TABLES[name]
    rows = table.rows(DAY)
    assert rows
    assert all(row.keys() == table.columns.keys() for row in rows)
    assert all(
        value is None or type(value) is table.columns[column] for row in rows for column, value in row.items()
    )


def test_appointments_say_post_organisation_and_township():
    rows = facts.TABLES["registry.appointments"].rows(DAY)
    assert Counter(row["post_class"] for row in rows)["branch-secretary"] == 266  # two have left
    assert all(row["township"] for row in rows if row["organisation_class"] == "village")


def test_the_past_is_another_table():
    table = facts.TABLES["registry.organisations"]
    assert sum(row["organisation_class"] == "township" for row in table.rows(date(2023, 12, 31))) == 17


@pytest.mark.parametrize(
    ("birth", "age"),
    [("1980-12", 45), ("1981-01", 44), ("1980-12-08", 45), ("1980-12-09", 44), ("", None)],
)
def test_age_is_counted_in_full_years(birth, age):
    assert facts.age(birth, DAY) == age


def test_before_the_ties_every_candidate_lacks_each_kind_of_supporter():
    gaps = facts.link_gaps(actions.policy_on(DAY), "supporter", date(2025, 1, 10))
    lacking = Counter(gap.role for gap in gaps if gap.end == "far" and gap.lacks)
    assert lacking == {"leader": 27, "department": 27, "first-secretary": 27}
