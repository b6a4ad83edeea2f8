"""A period begun by mistake, or never computed, is given up by two people; what was computed stays and counts no more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from cast import Cast
from counties import rated_county
from zugong.accounts.models import Proposal
from zugong.cases import actions as cases
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.install.models import DayRun
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.registry import actions as registry
from zugong.scorecards import actions, adjusting, giving_up, hearing
from zugong.scorecards.models import Result, Run

pytestmark = pytest.mark.django_db
CARD, DAY = "village-stars", date(2025, 11, 20)
LATER = DAY + timedelta(days=7)
NEXT = date(2026, 11, 20)  # the card asks for a public notice by then


@pytest.fixture
def made(settings, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path
    return rated_county()


def ask(
    made: Cast, *, by: str = "chen", on: date = LATER, reason: str = "误启动", day: date = LATER
) -> Proposal:
    return giving_up.propose(CARD, on=on, reason=reason, by=made.users[by], day=day, at=clock.instant())


def agree(made: Cast, proposal: Proposal, *, by: str = "han", day: date = LATER) -> None:
    giving_up.agree(proposal, by=made.users[by], day=day, at=clock.instant())


def test_a_period_given_up_by_two_people_keeps_its_runs_and_puts_none_forward(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    with pytest.raises(Refused, match="理由"):
        ask(made, reason=" ")
    with pytest.raises(Refused, match="经办人"):
        ask(made, by="wang")
    proposal = ask(made)
    with pytest.raises(Refused, match="等另一人同意"):
        ask(made)
    for who in ("chen", "wang"):
        with pytest.raises(Refused, match="提请人以外"):
            agree(made, proposal, by=who)
    assert Run.objects.get().state == "scored"
    agree(made, proposal)
    kept = Run.objects.get()
    assert (kept.state, kept.digest, kept.results.count()) == ("given-up", run.digest, 9)
    assert actions.folder_of(kept).exists()
    with pytest.raises(Refused, match="未审定"):
        actions.decide(kept, by=made.users["chen"], day=LATER, minutes="部务会")
    line = Entry.objects.get(deed="scorecard.give-up")
    assert (line.by, line.detail["agreed_by"]) == (str(made.users["chen"]), str(made.users["han"]))
    assert (line.detail["runs"], line.detail["reason"]) == (1, "误启动")
    with pytest.raises(Refused, match="已经放弃"):
        ask(made)


def test_computed_again_it_begins_anew_under_the_edition_of_the_day(made: Cast) -> None:
    first = actions.compute(CARD, day=DAY, by=made.users["chen"])
    old = registry.edition_on(DAY)
    new = registry.put_in_force(old.texts, "qingmu", since=LATER, by="甲", agreed_by="乙")
    assert actions.edition_for(CARD, LATER) == first.edition
    agree(made, ask(made))
    again = actions.compute(CARD, day=LATER, by=made.users["chen"])
    assert (again.edition, again.number, again.state) == (new, 2, "scored")
    assert not actions.is_given_up(CARD, again.period)


def test_a_period_that_was_never_computed_is_left_over_no_more(made: Cast) -> None:
    DayRun.objects.create(day=date(2024, 6, 1), job="duties")
    entry = made.policy.scorecard(CARD)
    assert [one.name for one in actions.left_over(entry, LATER)] == ["2024年度"]
    agree(made, ask(made, on=date(2024, 12, 31), reason="机构改革，当年不评"))
    assert not list(actions.left_over(entry, LATER))


def test_what_is_published_is_not_given_up(made: Cast) -> None:
    actions.compute(CARD, day=DAY, by=made.users["chen"])
    Run.objects.update(state="published")
    with pytest.raises(Refused, match="已经公布，不能放弃"):
        ask(made)


def test_an_announced_one_is_given_up_once_its_objections_are_settled_and_the_heard_are_told(
    made: Cast,
) -> None:
    grades = {village.pk: "3" for village in made.villages.values()}
    chen, han = made.users["chen"], made.users["han"]
    run = actions.decide_without_score(CARD, day=NEXT, grades=grades, minutes="部务会", by=chen)
    actions.decide(run, by=chen, day=NEXT, minutes="部务会")
    hearing.announce(run, by=han, day=NEXT)
    result = run.results.get(unit=made.villages["白石村"])
    case = hearing.object_to(result, by=made.users["li"], day=NEXT)
    with pytest.raises(Refused, match="还有 1 件异议没有办结"):
        ask(made, on=NEXT, day=NEXT)
    cases.withdraw(case, by=made.users["li"], day=NEXT, reason="不再提")
    agree(made, ask(made, on=NEXT, day=NEXT), day=NEXT)
    assert Run.objects.get().state == "given-up"
    told = Message.objects.filter(template__contains="公示已经作废").values_list("to", flat=True)
    assert {"wang", "li"} <= set(told)
    result = Result.objects.get(pk=result.pk)
    with pytest.raises(Refused, match="不受理异议"):
        hearing.object_to(result, by=made.users["li"], day=NEXT)
    with pytest.raises(Refused, match="已经放弃，不再调整"):
        adjusting.propose(result, grade="4", reason="错", by=chen, day=NEXT, document="9号")
