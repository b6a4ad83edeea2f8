"""The table of moves, and the deadlines of stages."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zugong.cases.rules import LABELS, MOVES, STATES, At, Move, Place, State, after, due
from zugong.core.errors import Refused
from zugong.core.workdays import Workdays
from zugong.packs.schema.cases import CaseKind, Clock

KIND = CaseKind.model_validate(
    {
        "name": "loop",
        "label": "闭环",
        "about": "organisation.village",
        "opened_from": ["person"],
        "stages": [
            {"name": "do", "label": "办理", "role": "doer"},
            {
                "name": "check",
                "label": "核对",
                "body": "checker",
                "return": {"to": "do"},
                "outcomes": {"good": "close", "bad": "do"},
                "words": {"good": "合格", "bad": "不合格"},
            },
            {"name": "close", "label": "办结", "body": "checker"},
        ],
    }
)


def test_every_state_can_be_reached_from_the_first():
    reached, found = {State.WAITING}, {State.WAITING, State.CLOSED}  # submitting the last stage closes
    while reached != found:
        reached = found
        found = reached | {state for (before, _), (state, _) in MOVES.items() if before in reached}
    assert found == set(State)


def test_every_move_and_state_has_a_word():
    assert set(LABELS) == set(Move)
    assert set(STATES) == set(State)


def test_the_last_stage_closes_the_case():
    assert after(Place("close", State.UNDERWAY), Move.SUBMIT, KIND) == Place("close", State.CLOSED)


def test_an_outcome_jumps_to_the_stage_it_names():
    assert after(Place("check", State.WAITING), Move.SUBMIT, KIND, "bad") == Place("do", State.WAITING)


def test_a_stage_with_outcomes_is_not_passed_without_one():
    with pytest.raises(Refused, match="合格、不合格"):
        after(Place("check", State.WAITING), Move.SUBMIT, KIND)


def test_an_outcome_that_the_stage_does_not_know_is_refused():
    with pytest.raises(Refused, match="没有"):
        after(Place("do", State.WAITING), Move.SUBMIT, KIND, "good")


def test_a_stage_that_returns_nowhere_cannot_be_returned():
    with pytest.raises(Refused, match="退回"):
        after(Place("do", State.WAITING), Move.RETURN, KIND)


@given(st.sampled_from(State), st.sampled_from(Move))
def test_what_is_not_in_the_table_is_refused_and_what_is_leads_where_it_says(state: State, move: Move):
    place = Place("check", state)
    if (state, move) not in MOVES:
        with pytest.raises(Refused):
            after(place, move, KIND, "good")
        return
    wanted, at = MOVES[state, move]
    found = after(place, move, KIND, "good")
    assert found.state == wanted
    assert found.stage == {At.SAME: "check", At.NEXT: "close", At.EARLIER: "do"}[at]


CALENDAR = Workdays(
    off=frozenset({date(2026, 10, 1) + timedelta(days=n) for n in range(7)}),
    worked=frozenset({date(2026, 10, 10)}),
    years=frozenset({2026}),
)


def clock(**words) -> Clock:
    return Clock.model_validate(words)


def test_a_stage_without_a_clock_has_no_deadline():
    assert due(None, began=date(2026, 9, 29), workdays=CALENDAR) is None


def test_an_empty_clock_sets_no_deadline():
    assert due(clock(working_days={"values": {}}), began=date(2026, 9, 29), workdays=CALENDAR) is None


def test_working_days_step_over_the_holiday_and_count_the_day_made_up():
    found = due(clock(working_days=3), began=date(2026, 9, 29), workdays=CALENDAR)
    assert found is not None
    assert (found.day, found.provisional) == (date(2026, 10, 9), False)  # 30 September, 8 and 9 October


def test_months_are_clamped_and_a_last_day_off_moves_on():
    found = due(clock(months=1), began=date(2026, 8, 31), workdays=CALENDAR)
    assert found is not None
    assert found.day == date(2026, 9, 30)


def test_a_day_of_the_year_that_has_passed_means_next_year_and_is_provisional():
    found = due(clock(until="10-31"), began=date(2026, 11, 2), workdays=CALENDAR)
    assert found is not None
    assert (found.day, found.provisional) == (date(2027, 10, 31), True)


def test_the_line_that_held_when_the_stage_began_sets_the_deadline():
    dated = {"values": {"2026-01-01": {"value": 5}, "2026-09-01": {"value": 2}}}
    early = due(clock(working_days=dated), began=date(2026, 8, 31), workdays=CALENDAR)
    late = due(clock(working_days=dated), began=date(2026, 9, 1), workdays=CALENDAR)
    assert early is not None
    assert late is not None
    assert (early.day, late.day) == (date(2026, 9, 7), date(2026, 9, 3))
