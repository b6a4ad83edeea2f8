"""Values through time: the line that holds on a day, and empty places that stay empty."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zugong.packs.dated import Dated

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


def dated(lines):
    return Dated[int].model_validate(
        {"values": {str(start): {"value": value} for start, value in lines.items()}}
    )


@given(st.dictionaries(DAYS, st.integers(), min_size=1, max_size=6), DAYS)
def test_the_line_that_holds_is_the_last_that_has_begun(lines, day):
    begun = [start for start in lines if start <= day]
    assert dated(lines).on(day) == (lines[max(begun)] if begun else None)


def test_a_value_holds_from_its_own_day_and_not_the_day_before():
    value = dated({date(2024, 3, 1): 5, date(2025, 1, 1): 3})
    first = date(2025, 1, 1)
    assert (value.on(first - timedelta(days=1)), value.on(first)) == (5, 3)


def test_unknown_holds_for_as_long_as_anybody_remembers_and_yields_to_any_day():
    value = dated({"unknown": 1, date(2025, 1, 1): 2})
    assert (value.on(date.min), value.on(date(2024, 12, 31)), value.on(date(2025, 1, 1))) == (1, 1, 2)


def test_a_bare_value_is_one_line_of_unknown_day():
    assert Dated[int].model_validate(3).on(date(1999, 1, 1)) == 3


def test_no_lines_is_an_empty_slot_and_never_zero():
    empty = Dated[int]()
    assert empty.is_empty
    assert empty.on(date(2025, 1, 1)) is None


@pytest.mark.parametrize("start", ["2025-13-01", "2025", "yesterday", "2025-02-30"])
def test_a_line_without_a_real_day_is_refused(start):
    with pytest.raises(ValidationError):
        dated({start: 1})


@pytest.mark.parametrize("value", [1.5, "3", True, None])
def test_only_whole_numbers_are_numbers(value):
    with pytest.raises(ValidationError):
        Dated[int].model_validate({"values": {"unknown": {"value": value}}})
