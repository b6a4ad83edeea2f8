"""Three rates with their counts: what is left out is counted apart, and too few are not shown."""

from datetime import date, datetime, timedelta

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from little_county import county, in_force
from zugong.accounts.rules import Role
from zugong.cases import actions, excluding, facts, intake
from zugong.cases.rates import Asked, rates
from zugong.core import clock
from zugong.core.clock import SHANGHAI
from zugong.core.errors import Refused
from zugong.measures.counting import counted
from zugong.registry.actions import policy_on
from zugong.scorecards import gathering

ASKED = st.builds(
    Asked,
    answered=st.booleans(),
    solved=st.sampled_from([None, True, False]),
    satisfaction=st.sampled_from(["", "satisfied", "dissatisfied", "unreachable"]),
    on_time=st.sampled_from([None, True, False]),
    merged=st.booleans(),
    excluded=st.booleans(),
)
MANY = st.lists(ASKED, max_size=40)


@given(MANY, st.integers(0, 20))
def test_a_share_is_within_its_counts_and_shown_only_where_they_are_enough(rows, minimum):
    found = rates(rows, minimum)
    for rate in (found.response, found.solution, found.satisfaction, found.on_time):
        assert 0 <= rate.done <= rate.of <= found.response.of
        assert (rate.share is None) == (rate.of == 0 or rate.of < minimum)
        assert rate.share is None or (rate.share == 1000) == (rate.done == rate.of)


@given(MANY)
def test_every_request_is_counted_once_or_left_out_once(rows):
    found = rates(rows)
    assert found.response.of + found.merged + found.excluded == len(rows)


@given(MANY, st.lists(st.builds(Asked, merged=st.just(True), solved=st.booleans()), max_size=9))
def test_what_was_merged_changes_no_rate(rows, merged):
    before, after = rates(rows), rates([*rows, *merged])
    assert (before.response, before.solution, before.satisfaction) == (
        after.response,
        after.solution,
        after.satisfaction,
    )


@given(MANY)
def test_who_could_not_be_reached_says_neither_yes_nor_no(rows):
    unreached = [Asked(answered=True, satisfaction="unreachable")] * 3
    assert rates([*rows, *unreached]).satisfaction == rates(rows).satisfaction
    assert rates([*rows, *unreached]).unreachable == rates(rows).unreachable + 3


# --- The facts they count -------------------------------------------------------------

PACK = {
    "roles": "roles:\n  office: {label: 办公室, is: organisation.office}\n",
    "fields": "fields:\n  matter: {label: 诉求, kind: text}\n",
    "case": """
case: request
label: 诉求
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
asks: [matter]
once: ""
clock: {working_days: 3, overdue: organisation.office}
intake:
  channels: [hotline]
  matter: matter
  counts: {answered: [done, refused], solved: [done], unsolved: [refused], satisfied: [good], dissatisfied: [bad], unreachable: [lost]}
stages:
  - {name: handle, label: 办理, body: office, outcomes: {done: call, refused: call}, words: {done: 解决, refused: 不能解决}}
  - {name: call, label: 回访, body: office, outcomes: {good: end, bad: handle, lost: end}, words: {good: 满意, bad: 不满意, lost: 联系不上}, return: {to: handle}}
""",
}
MEASURE = """
measure: solved-share
label: 解决率
source: paper
facts: cases.requests
where: counts == 1
count: {rows: true, when: solved == 1}
out_of: {rows: true, when: solved == 1 || unsolved == 1}
per: organisation
"""
DAY = date(2026, 11, 2)


@pytest.fixture
def place(db):
    in_force(**PACK, measure=MEASURE)
    found = county()
    found.users = {
        "office": found.user(Role.DESK, found.office),
        "desk": found.user(Role.DESK, found.root),
        "head": found.user(Role.HEAD, found.root),
        "other": found.user(Role.HEAD, found.root),
    }
    return found


def taken_in(place, *outcomes: str, key: str = "a"):
    """A request that came to these outcomes, one a day from the second on."""
    office, case = place.users["office"], None
    for n, outcome in enumerate(["", *outcomes]):
        day = DAY + timedelta(days=n)
        with clock.standing_at(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)):
            if outcome:
                actions.submit(case, by=office, day=day, outcome=outcome)
            else:
                case = intake.receive(
                    "request", about=place.villages[0], answers={"matter": "路灯不亮"}, channel="hotline",
                    day=day, at=clock.now(), by=office, key=key, outside_number=key,
                )[0].case  # fmt: skip
    return case


def row(day: date = DAY + timedelta(days=20)) -> dict:
    (found,) = facts.requests(DAY, DAY, day).to_pylist()
    return found


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 9, tzinfo=SHANGHAI)


def test_answered_solved_and_satisfied_are_three_facts_each_with_its_instant(place):
    case = taken_in(place, "done", "good")
    found = row()
    assert (found["case"], found["channel"], found["organisation"]) == (
        case.pk,
        "hotline",
        place.villages[0].pk,
    )
    assert (found["answered_at"], found["solved_at"], found["satisfied_at"]) == (at(3), at(3), at(4))
    assert (found["unsolved_at"], found["closed_at"], found["on_time"]) == (None, at(4), True)


def test_of_what_was_said_twice_the_later_counts(place):
    taken_in(place, "refused", "bad", "done", "good")
    found = row()
    assert (found["solved_at"], found["unsolved_at"]) == (at(5), None)
    assert (found["satisfied_at"], found["dissatisfied_at"]) == (at(6), None)
    assert found["on_time"] is False
    then = row(DAY + timedelta(days=2))
    assert (then["unsolved_at"], then["dissatisfied_at"], then["solved_at"]) == (at(3), at(4), None)


def test_a_reopened_request_is_neither_answered_nor_solved_until_it_is_again(place):
    case = taken_in(place, "done", "good")
    with clock.standing_at(at(9)):
        actions.reopen(case, by=place.users["office"], day=date(2026, 11, 9), reason="又不亮了")
    found = row()
    assert (found["answered_at"], found["solved_at"], found["satisfied_at"]) == (None, None, None)
    assert intake.facts([case]) == {case.pk: {}}, "its page says the same"
    assert (found["reopened"], found["closed_at"], found["on_time"]) == (1, None, True)


def test_a_request_is_left_out_by_two_people_with_a_reason_and_counted_apart(place):
    case, later = taken_in(place, "done", "lost"), DAY + timedelta(days=9)
    desk, head = place.users["desk"], place.users["head"]
    with clock.standing(later):
        with pytest.raises(Refused, match="理由"):
            excluding.propose(case, reason=" ", by=desk, day=later, at=clock.now())
        asked = excluding.propose(case, reason="重复来电，已按上次答复", by=desk, day=later, at=clock.now())
        assert row()["excluded"] is False
        with pytest.raises(Refused, match="等另一人同意"):
            excluding.propose(case, reason="再提", by=head, day=later, at=clock.now())
        with pytest.raises(Refused, match="提请人以外"):
            excluding.agree(asked, by=desk, day=later, at=clock.now())
        excluding.agree(asked, by=head, day=later, at=clock.now())
    assert row()["excluded"] is True
    assert row(DAY + timedelta(days=3))["excluded"] is False  # as it was known then
    found = rates(facts.asked(facts.requests(DAY, DAY, later).to_pylist()))
    assert (found.response.of, found.excluded, found.unreachable) == (0, 1, 0)
    with clock.standing(later), pytest.raises(Refused, match="已经不计入"):
        excluding.propose(case, reason="再提", by=desk, day=later, at=clock.now())


def test_a_measure_counts_requests_as_it_counts_any_facts(place):
    taken_in(place, "done", "good", key="a")
    taken_in(place, "refused", "bad", key="b")
    taken_in(place, key="c")
    last = DAY + timedelta(days=20)
    found = gathering.drawn("cases.requests", DAY, last)
    first = found.to_pylist()[0]
    assert (first["day"], first["satisfied"], first["dissatisfied"], first["merged"]) == (DAY, 1, 0, 0)
    assert [row["late"] for row in found.to_pylist()] == [0, 1, 1]
    measure = policy_on(DAY).measure("solved-share")
    (counted_row,) = counted(measure, ibis.memtable(found), day=last).to_pyarrow().to_pylist()
    assert counted_row["unit"] == place.villages[0].pk
    assert (counted_row["numerator"], counted_row["denominator"]) == (1, 2)
    (coded,) = gathering.tables(["cases.requests"], DAY, last).values()
    assert {type(row["organisation"]) for row in coded.to_pylist()} == {str}
