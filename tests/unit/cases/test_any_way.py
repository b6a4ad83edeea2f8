"""Whatever anybody tries, in whatever order: what is always so of a case."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from little_county import DAY
from zugong.cases import actions, powers
from zugong.cases.models import Case
from zugong.cases.rules import MOVES, Move, State
from zugong.core.errors import Refused

pytestmark = pytest.mark.django_db

PEOPLE = ["village", "town", "office", "head", "stranger"]


TRIES = {
    "accept": lambda case, by, day: actions.accept(case, by=by, day=day),
    "submit": lambda case, by, day: actions.submit(case, by=by, day=day, answers=_asked(case, day)),
    "good": lambda case, by, day: actions.submit(case, by=by, day=day, outcome="good"),
    "bad": lambda case, by, day: actions.submit(case, by=by, day=day, outcome="bad"),
    "agree": lambda case, by, day: actions.agree(case, by=by, day=day),
    "decline": lambda case, by, day: actions.decline(case, by=by, day=day, reason="再看"),
    "back": lambda case, by, day: actions.send_back(case, by=by, day=day, reason="没写清"),
    "extend": lambda case, by, day: actions.extend(
        case, by=by, day=day, until=day + timedelta(days=60), reason="忙"
    ),
    "pause": lambda case, by, day: actions.pause(
        case, by=by, day=day, until=day + timedelta(days=9), reason="等"
    ),
    "resume": lambda case, by, day: actions.resume(case, by=by, day=day),
    "withdraw": lambda case, by, day: actions.withdraw(case, by=by, day=day, reason="不办"),
    "reopen": lambda case, by, day: actions.reopen(case, by=by, day=day, reason="要办"),
}


def _asked(case, day):
    field = {"plan": "plan", "do": "result"}.get(case.stage)
    return {field: f"{day:%d}日稿"} if field else {}


tries = st.lists(st.tuples(st.sampled_from(sorted(TRIES)), st.sampled_from(PEOPLE)), min_size=5, max_size=30)
# Mostly what moves it on, so that it comes to the later stages, too.
onward = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "submit", "good", "bad", "agree", "agree", "reopen"]),
        st.sampled_from(PEOPLE),
    ),
    min_size=20,
    max_size=60,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(tries, onward))
def test_what_is_always_so_of_a_case(place, deeds):
    about = place.villages[0]
    case = Case.objects.open().filter(about=about).first() or actions.open(
        "loop", about=about, day=DAY, by=place.users["office"]
    )
    for n, (what, who) in enumerate(deeds):
        by, day = place.users[who], max(DAY, case.entered_on) + timedelta(days=n % 2)
        asks = powers.extending if what == "extend" else powers.acting
        allowed = asks(by, case, day)
        before = case.steps.count()
        try:
            TRIES[what](case, by, day)
        except Refused:
            case.refresh_from_db()
            assert case.steps.count() == before
        else:
            assert allowed or what == "withdraw" or (what == "reopen" and who == "office")
            _holds(case)
    assert not case.steps.filter(by=place.users["stranger"]).exists()


def _holds(case):
    steps = list(case.steps.all())
    last = steps[-1]
    assert (case.stage, case.state) == (last.to_stage, last.to_state)
    assert (case.closed_on is not None) == (case.state in (State.CLOSED, State.WITHDRAWN))
    assert (case.paused_on is not None) == (case.state == State.PAUSED)
    assert [step.day for step in steps] == sorted(step.day for step in steps)
    state = State.WAITING
    for step in steps:
        assert (state, step.move) in MOVES
        state = step.to_state
    for field in ("plan", "result"):
        versions = list(case.answers.filter(field=field).values_list("version", flat=True))
        assert versions == list(range(1, len(versions) + 1))
    for agreed in (step for step in steps if step.move in (Move.AGREE, Move.DECLINE)):
        assert agreed.answers_to is not None
        assert agreed.by != agreed.answers_to.by
        assert agreed.round == agreed.answers_to.round
    doers = {step.by for step in steps if step.stage == "do" and step.move == Move.SUBMIT}
    checkers = {
        step.by for step in steps if step.stage == "check" and step.move in (Move.PROPOSE, Move.AGREE)
    }
    assert not doers & checkers


# --- What each person may not do


def test_a_stage_that_may_not_be_paused_is_not_paused(place):
    case = actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])
    actions.accept(case, by=place.users["village"], day=DAY)
    with pytest.raises(Refused, match="没有规定可以中止"):
        actions.pause(case, by=place.users["village"], day=DAY, until=DAY + timedelta(days=3), reason="等")


def test_nobody_opens_by_hand_but_whom_the_pack_names(place):
    with pytest.raises(Refused, match="不由您立项"):
        actions.open("loop", about=place.villages[0], day=DAY, by=place.users["village"])


def test_nobody_reopens_what_another_took_back(place):
    case = actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])
    actions.withdraw(case, by=place.users["office"], day=DAY, reason="不办")
    with pytest.raises(Refused, match="提出的人"):
        actions.reopen(case, by=place.users["village"], day=DAY, reason="要办")


def test_what_was_taken_back_is_not_reopened_beside_another_about_the_same(place):
    case = actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])
    actions.withdraw(case, by=place.users["office"], day=DAY, reason="不办")
    actions.open("loop", about=place.villages[0], day=DAY, by=None)
    with pytest.raises(Refused, match="在办"):
        actions.reopen(case, by=place.users["office"], day=DAY, reason="要办")


def test_a_second_proposal_waits_for_the_answer_to_the_first(place):
    case = actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])
    for who in ("village", "town", "office", "village"):
        actions.submit(
            case, by=place.users[who], day=DAY, answers={**_asked(case, DAY)} if who == "village" else {}
        )
    actions.submit(case, by=place.users["office"], day=DAY, outcome="good")
    with pytest.raises(Refused, match="等待第二人"):
        actions.submit(case, by=place.users["head"], day=DAY, outcome="bad")


def test_a_day_before_the_stage_began_is_refused(place):
    case = actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])
    with pytest.raises(Refused, match="早于"):
        actions.accept(case, by=place.users["village"], day=DAY - timedelta(days=1))


def test_nothing_is_no_evidence(place):
    case = actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])
    with pytest.raises(Refused, match="请选择一次活动"):
        actions.lay(case, by=place.users["village"], day=DAY)
