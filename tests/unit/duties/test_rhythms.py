"""Rhythms leave no gap and never overlap, whatever the unit and wherever the year ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zugong.core.errors import PackErrors
from zugong.duties.rules import Outcome, after, outcome, turn, turns
from zugong.packs.schema.common import Every

ONE_DAY = timedelta(days=1)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
plain = st.one_of(
    st.just(Every(week=1)),
    st.builds(Every, month=st.sampled_from((1, 2, 3, 4, 6, 12))),
    st.builds(Every, quarter=st.sampled_from((1, 2, 4))),
    st.builds(Every, half_year=st.sampled_from((1, 2))),
    st.builds(Every, year=st.integers(1, 4)),
)
fixed = st.one_of(
    st.builds(Every, month=st.sampled_from((1, 2)), day=st.integers(1, 31)),
    st.builds(Every, quarter=st.just(1), day=st.integers(1, 31)),
    st.builds(Every, year=st.just(1), in_month=st.integers(1, 12), day=st.none() | st.integers(1, 31)),
)
rhythms = plain | fixed


@given(every=rhythms, day=days)
def test_every_day_lies_in_exactly_one_period_and_all_its_days_agree(every, day):
    one = turn(every, day)
    assert day in one.period
    assert turn(every, one.period.first) == turn(every, one.period.last) == one


@given(every=rhythms, day=days)
def test_the_next_period_begins_the_day_after_the_last_one_ends(every, day):
    one = turn(every, day)
    following = after(every, one)
    assert following.period.first == one.period.last + ONE_DAY
    assert turn(every, following.period.first - ONE_DAY) == one


@given(every=rhythms, first=days, length=st.integers(0, 800))
def test_the_turns_of_a_span_cover_it_once(every, first, length):
    last = first + length * ONE_DAY
    found = list(turns(every, first, last))
    assert first in found[0].period
    assert last in found[-1].period
    covered = sum((one.period.last - one.period.first).days + 1 for one in found)
    assert covered == (found[-1].period.last - found[0].period.first).days + 1


@given(every=rhythms, day=days)
def test_it_can_be_fulfilled_on_some_day_of_its_own_period(every, day):
    one = turn(every, day)
    assert one.period.first <= one.first <= one.last <= one.period.last


@given(every=plain, day=days)
def test_without_a_fixed_day_it_can_be_fulfilled_on_every_day_of_it(every, day):
    one = turn(every, day)
    assert (one.first, one.last) == (one.period.first, one.period.last)


@pytest.mark.parametrize(
    ("every", "day", "name", "first", "last"),
    [
        (Every(month=1), "2024-02-11", "2024年2月", "2024-02-01", "2024-02-29"),
        (Every(month=1, day=27), "2019-09-01", "2019年9月", "2019-09-27", "2019-09-27"),
        (Every(month=1, day=31), "2025-02-01", "2025年2月", "2025-02-28", "2025-02-28"),
        (Every(month=2), "2025-04-30", "2025年3月起", "2025-03-01", "2025-04-30"),
        (Every(quarter=1, day=27), "2019-01-05", "2019年第一季度", "2019-03-27", "2019-03-27"),
        (Every(half_year=1), "2025-07-01", "2025年下半年", "2025-07-01", "2025-12-31"),
        (Every(year=1, in_month=12), "2025-05-05", "2025年度", "2025-12-01", "2025-12-31"),
        (Every(week=1), "2025-01-01", "2024年12月30日起一周", "2024-12-30", "2025-01-05"),
    ],
)
def test_turns_as_the_office_counts_them(every, day, name, first, last):
    one = turn(every, date.fromisoformat(day))
    assert (str(one.period), str(one.first), str(one.last)) == (name, first, last)


@given(needed=st.integers(1, 9), done=st.integers(0, 9), excused=st.booleans())
def test_leave_excuses_and_never_turns_what_was_kept(needed, done, excused):
    found = outcome(needed=needed, done=done, excused=excused)
    assert (found == Outcome.KEPT) == (done >= needed)
    assert (found == Outcome.EXCUSED) == (done < needed and excused)


@pytest.mark.parametrize(
    "wrong",
    [
        "{month: 5}",
        "{quarter: 3}",
        "{week: 2}",
        "{month: 0}",
        "{month: 1, quarter: 1}",
        "{week: 1, day: 3}",
        "{month: 1, day: 32}",
        "{month: 1, in_month: 3}",
        "{}",
    ],
)
def test_a_pack_cannot_say_a_rhythm_that_leaves_gaps_or_overlaps(wrong):
    from little_county import policy

    text = f"duty: x\nlabel: x\nwho: organisation.village\nevery: {wrong}\ndone_by: {{activity: y}}\n"
    with pytest.raises(PackErrors, match=r"duties\.yaml"):
        policy(duties=text)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("who: organisation.village", "done_by 或 asks"),
        ("who: organisation.village\ndone_by: {activity: y}\nasks: [z]", "done_by 或 asks"),
        ("who: organisation.village\ndone_by: {activity: y, at_far_end: true}", "link"),
        (
            "who: organisation.village\ndone_by: {activity: y}\n"
            "at_least: {values: {unknown: {value: 1, per: village}}}",
            "link",
        ),
    ],
)
def test_a_pack_says_what_fulfils_it_and_whose_far_end_is_meant(words, sentence):
    from little_county import policy

    with pytest.raises(PackErrors, match=sentence):
        policy(duties=f"duty: x\nlabel: x\nevery: month\n{words}\n")
