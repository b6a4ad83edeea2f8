"""What awaits whom is asked once for all cases, and says the same as asking each case by itself."""

from __future__ import annotations

from datetime import date

import pytest

from cast import Cast, cast
from zugong.cases import actions, powers
from zugong.cases.awaiting import awaiting, passed_on
from zugong.cases.models import Case
from zugong.cases.rules import Move, State

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 2)
NEXT = {Move.SUBMIT, Move.SIGN, Move.PROPOSE, Move.AGREE}


@pytest.fixture
def county() -> Cast:
    return cast()


def asked_one_by_one(county: Cast, name: str) -> set[int]:
    user = county.users[name]
    cases = powers.visible(user, DAY).filter(state__in=[State.WAITING, State.UNDERWAY])
    return {one.pk for one in cases if NEXT & set(powers.moves(user, one, DAY))}


def test_for_every_stage_of_every_kind_all_at_once_says_what_one_by_one_says(county: Cast) -> None:
    for kind in ("rectification", "task", "negative-hit"):
        for place, stage in enumerate(county.policy.case(kind).stages):
            one = county.open(list(county.villages)[place], kind=kind, day=DAY)
            Case.objects.filter(pk=one.pk).update(stage=stage.name, round=place + 2)
    waits = {name: {one.case.pk for one in awaiting(user, DAY)} for name, user in county.users.items()}
    assert waits == {name: asked_one_by_one(county, name) for name in county.users}
    assert sum(map(bool, waits.values())) == 4


def test_a_second_person_is_awaited_and_who_proposed_waits(county: Cast) -> None:
    one = county.open(day=DAY)
    Case.objects.filter(pk=one.pk).update(stage="strike-off", round=7)
    one.refresh_from_db()
    chen, han = county.users["chen"], county.users["han"]
    assert [(row.case, row.second) for row in awaiting(chen, DAY)] == [(one, False)]
    actions.submit(one, by=chen, day=DAY, outcome="struck-off")
    assert [(row.case, row.second) for row in awaiting(han, DAY)] == [(one, True)]
    assert awaiting(chen, DAY) == []
    assert passed_on(chen, DAY, but=[], most=9) == [one]
    assert passed_on(han, DAY, but=[], most=9) == []


def test_what_is_paused_or_ended_awaits_nobody(county: Cast) -> None:
    one = county.open(day=DAY)
    assert [row.case for row in awaiting(county.users["wang"], DAY)] == [one]
    for state in (State.PAUSED, State.CLOSED, State.WITHDRAWN):
        on = {"paused_on": DAY} if state == State.PAUSED else {"paused_on": None, "closed_on": DAY}
        Case.objects.filter(pk=one.pk).update(state=state, **on)
        assert awaiting(county.users["wang"], DAY) == []
