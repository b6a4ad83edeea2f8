"""Another number from a day on: one line more, and every other sign as it was."""

from datetime import date

import pytest

from zugong.core.errors import Refused
from zugong.packs.writing import says, with_line

KEY, DAY = ("scorecard", "stars"), date(2026, 3, 1)
TEXT = """# why
measure: other
label: 另一个
---
scorecard: stars   # the card
indicators:
  - id: life
    full: {unit: thousandths, values: {2024-01-08: {value: 20000, clause: 一}, 2027-01-01: {value: 1}}}  # kept
  - id: income
    full:
      unit: thousandths
      values:
        unknown: {value: 5}   # kept too
        2025-01-01:
          value: 6
          clause: 二
    # a word about the next
  - {id: empty, full: {values: {}}}
  - {id: bare, full: 3}
grades:
  thresholds: {values: {2024-01-08: {value: {"5": 90000, "4": 80000}, clause: 三}}}
"""


def added(path: tuple[str, ...], value: int | dict[str, int], day: date = DAY) -> list[str]:
    before, after = TEXT.splitlines(), with_line(TEXT, KEY, path, day, value).splitlines()
    return [line.strip() for line in after if line not in before]


def test_a_line_goes_between_those_of_earlier_and_later_days() -> None:
    assert added(("indicators", "life", "full"), 15000) == [
        "full: {unit: thousandths, values: {2024-01-08: {value: 20000, clause: 一}, "
        "2026-03-01: {value: 15000, source: ''}, 2027-01-01: {value: 1}}}  # kept"
    ]


def test_in_a_block_it_is_a_line_of_its_own_before_the_comments_of_what_follows() -> None:
    after = with_line(TEXT, KEY, ("indicators", "income", "full"), DAY, 7)
    assert "          clause: 二\n        2026-03-01: {value: 7, source: ''}\n    # a word" in after
    assert after.replace("        2026-03-01: {value: 7, source: ''}\n", "") == TEXT


def test_before_all_later_days_of_a_block() -> None:
    after = with_line(TEXT, KEY, ("indicators", "income", "full"), date(2024, 1, 1), 7)
    assert "# kept too\n        2024-01-01: {value: 7, source: ''}\n        2025-01-01:\n" in after


def test_an_empty_slot_takes_its_first_line() -> None:
    (line,) = added(("indicators", "empty", "full"), 7)
    assert line == "- {id: empty, full: {values: {2026-03-01: {value: 7, source: ''}}}}"


def test_cut_offs_are_written_whole_with_the_words_as_they_were_quoted() -> None:
    (line,) = added(("grades", "thresholds"), {"4": 82000})
    assert '2026-03-01: {value: {"5": 90000, "4": 82000}, source: \'\'}' in line


def test_the_same_day_again_is_one_line() -> None:
    once = with_line(TEXT, KEY, ("indicators", "life", "full"), DAY, 15000)
    again = with_line(once, KEY, ("indicators", "life", "full"), DAY, 14000)
    assert again == once.replace("15000", "14000")
    cut = with_line(TEXT, KEY, ("grades", "thresholds"), DAY, {"4": 82000})
    again = with_line(cut, KEY, ("grades", "thresholds"), DAY, {"4": 83000})
    assert again == cut.replace("82000", "83000")


@pytest.mark.parametrize("path", [("indicators", "bare", "full"), ("indicators", "none", "full"), ("slots",)])
def test_what_is_not_said_by_days_is_left_to_people(path: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="自己改"):
        with_line(TEXT, KEY, path, DAY, 1)


def test_it_finds_the_entry_among_others() -> None:
    assert says(TEXT, KEY)
    assert says(TEXT, ("measure", "other"))
    assert not says(TEXT, ("scorecard", "other"))
