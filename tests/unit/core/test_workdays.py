"""Working days against a slow oracle that knows only the table of holidays, for every day of eight years."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zugong.core.workdays import Due, Workdays, months_later
from zugong.packs.loader import library, load

ROOT = Path(__file__).resolve().parents[3]
ONE = timedelta(days=1)
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
DAYS = st.dates(FIRST, LAST)


@pytest.fixture(scope="module")
def workdays() -> Workdays:
    return load(library(ROOT / "packs"), "national").workdays


@pytest.fixture(scope="module")
def published() -> dict[date, bool]:
    """Read the public collection that the calendar was made from: day → is it off."""
    data = os.environ.get("ZUGONG_DATA")
    if not data:
        pytest.skip("the public holidays are not here: set ZUGONG_DATA")
    folder = Path(data) / "holidays"
    days = [
        day for year in range(2019, 2027) for day in json.loads((folder / f"{year}.json").read_text())["days"]
    ]
    return {date.fromisoformat(day["date"]): day["isOffDay"] for day in days}


def slowly(workdays: Workdays, start: date, n: int) -> date:
    """Count day by day, as one does on a wall calendar."""
    day = start
    while n:
        day += ONE
        if day in workdays.worked or (day.weekday() < 5 and day not in workdays.off):
            n -= 1
    return day


def test_every_day_of_eight_years_is_as_published(workdays, published):
    day = FIRST
    while day <= LAST:
        expected = not published[day] if day in published else day.weekday() < 5
        assert workdays.is_working(day) is expected, day
        day += ONE


@pytest.mark.parametrize(
    ("day", "working"),
    [("2025-01-26", True), ("2025-02-04", False), ("2025-02-08", True), ("2025-10-08", False), ("2025-10-11", True),
     ("2020-01-31", False), ("2020-02-03", True), ("2019-05-05", True), ("2018-12-29", True), ("2026-02-14", True)],
)  # fmt: skip
def test_make_up_days_and_moved_days_are_known(workdays, day, working):
    assert workdays.is_working(date.fromisoformat(day)) is working


@settings(max_examples=300)
@given(DAYS, st.integers(0, 60))
def test_the_nth_working_day_is_the_one_a_wall_calendar_gives(workdays, start, n):
    assert workdays.after(start, n).day == slowly(workdays, start, n)


def test_the_tenth_working_day_from_every_day_of_eight_years(workdays):
    day = FIRST
    while day <= LAST:
        assert workdays.after(day, 10).day == slowly(workdays, day, 10)
        day += ONE


@given(DAYS, st.integers(1, 60))
def test_a_working_deadline_is_worked_and_counts_back_to_itself(workdays, start, n):
    due = workdays.after(start, n).day
    assert workdays.is_working(due)
    assert workdays.between(start, due) == n
    assert workdays.between(due, start) == -n


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_counting_on_is_counting_once(workdays, start, one, two):
    assert workdays.after(workdays.after(start, one).day, two).day == workdays.after(start, one + two).day


@given(DAYS, st.integers(0, 400))
def test_a_last_day_off_moves_to_the_next_working_day_and_no_further(workdays, start, n):
    plain, due = start + n * ONE, workdays.days_after(start, n).day
    assert workdays.is_working(due)
    assert due >= plain
    assert not any(workdays.is_working(plain + k * ONE) for k in range((due - plain).days))


def test_the_start_day_does_not_count(workdays):
    monday = date(2025, 3, 3)
    assert workdays.after(monday, 1) == Due(date(2025, 3, 4))
    assert workdays.days_after(monday, 1) == Due(date(2025, 3, 4))


def test_a_deadline_in_a_year_without_published_holidays_is_provisional(workdays):
    assert workdays.after(date(2026, 12, 30), 1) == Due(date(2026, 12, 31), provisional=False)
    assert workdays.after(date(2026, 12, 30), 3).provisional
    assert workdays.months_after(date(2026, 6, 30), 12).provisional
    assert not workdays.knows(date(2027, 1, 1))


def test_an_unknown_year_follows_the_week(workdays):
    assert [workdays.is_working(date(2027, 2, 1) + n * ONE) for n in range(7)] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("day", "n", "later"),
    [("2025-01-31", 1, "2025-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2024-02-29", 12, "2025-02-28"),
     ("2025-10-31", 1, "2025-11-30"), ("2025-12-31", 2, "2026-02-28"), ("2025-05-15", 0, "2025-05-15"),
     ("2025-03-31", -1, "2025-02-28"), ("2025-01-15", -1, "2024-12-15")],
)  # fmt: skip
def test_months_are_clamped_at_their_end(day, n, later):
    assert months_later(date.fromisoformat(day), n) == date.fromisoformat(later)


@given(DAYS, st.integers(-48, 48))
def test_months_keep_the_day_or_end_the_month(day, n):
    later = months_later(day, n)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == n
    assert later.day == day.day or (later + ONE).month != later.month
