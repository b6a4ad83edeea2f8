"""Weeks, months, quarters, half-years and years: they follow one another without hole or overlap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zugong.core.period import MONTHS, label, period

ONE = timedelta(days=1)
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
UNITS = st.sampled_from(["week", *MONTHS])


@given(UNITS, DAYS)
def test_a_day_lies_in_its_period(unit, day):
    assert day in period(unit, day)


@given(UNITS, DAYS)
def test_the_day_after_a_period_begins_the_next(unit, day):
    this = period(unit, day)
    following = period(unit, this.last + ONE)
    assert following.first == this.last + ONE
    assert following.name != this.name


@given(UNITS, DAYS)
def test_every_day_of_a_period_gives_the_same_period(unit, day):
    this = period(unit, day)
    assert period(unit, this.first) == this == period(unit, this.last)


@given(st.sampled_from(["month"]), st.sampled_from([2, 3, 4, 6]), DAYS)
def test_several_months_begin_counting_in_january(unit, n, day):
    this = period(unit, day, n)
    assert day in this
    assert (this.first.month - 1) % n == 0
    assert this.first.day == 1


@pytest.mark.parametrize(
    ("unit", "day", "n", "first", "last", "name"),
    [
        ("month", "2024-02-10", 1, "2024-02-01", "2024-02-29", "2024年2月"),
        ("quarter", "2025-12-31", 1, "2025-10-01", "2025-12-31", "2025年第四季度"),
        ("half_year", "2025-06-30", 1, "2025-01-01", "2025-06-30", "2025年上半年"),
        ("half_year", "2025-07-01", 1, "2025-07-01", "2025-12-31", "2025年下半年"),
        ("year", "2025-07-01", 1, "2025-01-01", "2025-12-31", "2025年度"),
        ("month", "2025-04-30", 2, "2025-03-01", "2025-04-30", "2025年3月起"),
        ("week", "2025-01-01", 1, "2024-12-30", "2025-01-05", "2024年12月30日起一周"),
        ("year", "2025-05-05", 2, "2024-01-01", "2025-12-31", "2024年1月起"),
    ],
)
def test_periods_have_the_ends_and_the_names_the_office_gives_them(unit, day, n, first, last, name):
    this = period(unit, date.fromisoformat(day), n)
    assert (str(this.first), str(this.last), str(this)) == (first, last, name)


@pytest.mark.parametrize(
    ("unit", "n", "english"),
    [
        ("week", 1, "week from 3 November 2025"),
        ("month", 1, "November 2025"),
        ("quarter", 1, "fourth quarter of 2025"),
        ("half_year", 1, "second half of 2025"),
        ("year", 1, "2025"),
        ("year", 2, "from January 2024"),
    ],
)
def test_a_name_that_was_kept_is_said_in_english(unit: str, n: int, english: str) -> None:
    name = period(unit, date(2025, 11, 5), n).name
    assert (label(name).said("zh"), label(name).said("en")) == (name, english)
