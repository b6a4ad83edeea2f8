"""A running case goes on under another edition by two people; nothing that was done is lost, and it comes back the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from little_county import DAY, County, in_force
from zugong.accounts.models import Proposal
from zugong.accounts.rules import Role
from zugong.cases import actions, erasing, moving, powers
from zugong.cases.models import Answer, Case, Step
from zugong.cases.needs import answers_of
from zugong.cases.rules import Move
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.registry.models import Edition

pytestmark = pytest.mark.django_db
FILES = ("roles", "fields", "roll", "activity", "case")
NEXT = DAY + timedelta(days=1)
DO = "name: do, label: 办理, role: village, needs: [result], clock: {days: 10, pausable: true}"


@pytest.fixture
def desk(place: County) -> County:
    place.users["desk"] = place.user(Role.DESK, place.root)
    place.users["chief"] = place.user(Role.HEAD, place.root)
    return place


def file(name: str) -> str:
    """A file of the pack as it was first put in force."""
    return Edition.objects.earliest("pk").texts["little"][f"{name}.yaml"]


def another(*changes: tuple[str, str], since: date = DAY, **files: str) -> Edition:
    """The little pack with its case written otherwise, in force from a day."""
    text = file("case")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    with clock.standing(since):
        return in_force(since, **{name: file(name) for name in FILES} | {"case": text} | files)


def opened(place: County, village: int = 0) -> Case:
    return actions.open("loop", about=place.villages[village], day=DAY, by=place.users["office"])


def at_work(place: County) -> Case:
    """A case in its second stage, with a plan that three have signed."""
    case = opened(place)
    actions.submit(case, by=place.users["village"], day=DAY, answers={"plan": "修渠"})
    for who in ("town", "office"):
        actions.submit(case, by=place.users[who], day=DAY)
    return case


def asked(place: County, to: Edition, *cases: Case, day: date = NEXT) -> Proposal:
    return moving.propose(
        cases, to=to, reason="新办法已印发", by=place.users["desk"], day=day, at=clock.instant()
    )


def move(place: County, to: Edition, *cases: Case, day: date = NEXT) -> None:
    moving.agree(asked(place, to, *cases, day=day), by=place.users["chief"], day=day, at=clock.instant())
    for case in cases:
        case.refresh_from_db()


def refusal(place: County, to: Edition, case: Case) -> str:
    with pytest.raises(Refused) as why, transaction.atomic():
        asked(place, to, case)
    return str(why.value)


def test_it_keeps_its_stage_and_its_deadline_runs_anew_from_the_day_it_was_entered(desk: County) -> None:
    case = at_work(desk)
    old, new = (
        case.edition,
        another(("clock: {days: 10, pausable: true}", "clock: {days: 30, pausable: true}")),
    )
    move(desk, new, case)
    assert (case.edition, case.stage, case.state) == (new, "do", "waiting")
    assert case.due_on == DAY + timedelta(days=30)
    step = case.steps.last()
    assert (step.move, step.edition, step.to_edition, step.note) == (Move.MOVE, old, new, "新办法已印发")
    assert (step.proposal.asked_by, step.by) == (desk.users["desk"], desk.users["chief"])
    line = Entry.objects.filter(deed="case.move").get()
    assert line.by == str(desk.users["desk"])
    assert line.detail["agreed_by"] == str(desk.users["chief"])


def test_past_steps_stay_under_the_edition_under_which_they_were_taken(desk: County) -> None:
    case = at_work(desk)
    old = case.edition
    move(desk, another(("label: 方案, parties", "label: 新方案, parties")), case)
    first = case.steps.first()
    assert first.edition == old
    assert powers.kind_at(first).stage("plan").label == "方案"
    actions.submit(case, by=desk.users["village"], day=NEXT, answers={"result": "已修"})
    assert case.steps.last().edition == case.edition


def test_before_anybody_agrees_nothing_is_changed_and_everything_is_said(desk: County) -> None:
    case = at_work(desk)
    new = another(
        (DO, DO.replace("[result]", "[result, opinion]").replace("days: 10", "days: 3").replace("role: village", "role: town")),
        ("  - name: check\n", "  - {name: public, label: 公示, role: village, needs: [result]}\n  - name: check\n"),
    )  # fmt: skip
    before, proposal = case.due_on, asked(desk, new, case)
    case.refresh_from_db()
    assert (case.edition, case.due_on, case.steps.count()) == (Edition.objects.first(), before, 3)
    seen = moving.look(case, new, NEXT)
    assert (seen.before.day, seen.after.day) == (DAY + timedelta(days=10), DAY + timedelta(days=3))
    assert [stage.label for stage in seen.added] == ["公示"]
    assert not seen.dropped
    assert [role.label for role in seen.doers_before + seen.doers_after] == ["村", "乡镇"]
    assert [lack.field for lack in seen.lacks] == ["opinion"]
    assert str(proposal.sentence) == f"{case.number}改按小县 1（2025-03-10起）办理"


def test_nobody_agrees_to_what_they_asked_and_nobody_else_asks(desk: County) -> None:
    case = opened(desk)
    new = another(("number: 闭", "number: 合"))
    for who in ("village", "town", "office", "head", "chief", "stranger"):
        with pytest.raises(Refused, match="经办人提请"):
            moving.propose([case], to=new, reason="改", by=desk.users[who], day=DAY, at=clock.instant())
    proposal = asked(desk, new, case)
    for who in ("desk", "village", "town", "office", "head", "stranger"):
        with pytest.raises(Refused, match="提请人以外、有审批权的人"):
            moving.agree(proposal, by=desk.users[who], day=NEXT, at=clock.instant())
    assert not case.steps.exists()


def test_an_edition_that_lacks_what_the_case_stands_on_is_refused_by_name(desk: County) -> None:
    case = at_work(desk)
    cases: list[tuple[str, Edition]] = [
        ("没有“闭环”这种事项", another(("case: loop\n", "case: loop\nenabled: false\n"))),
        ("没有“办理”这一步", another(("{name: do,", "{name: work,"), ("not_by: [do]", "not_by: [work]"), ("return: {to: do,", "return: {to: work,"), ("bad: do}", "bad: work}"))),
        ("没有“村”这个角色", another(("in_order: [village,", "in_order: [hamlet,"), ("role: village", "role: hamlet"), ("all: [village,", "all: [hamlet,"), roles=file("roles").replace("village:", "hamlet:"))),
        ("“方案”已经填报，小县 1（2025-03-10起）改了它的类型", another(fields=file("fields").replace("plan: {label: 方案, kind: text}", "plan: {label: 方案, kind: day}"))),
    ]  # fmt: skip
    for sentence, edition in cases:
        assert sentence in refusal(desk, edition, case)
    assert "起才生效" in refusal(desk, another(since=DAY + timedelta(days=9)), case)
    assert "已经按" in refusal(desk, case.edition, case)
    assert not case.steps.filter(move=Move.MOVE).exists()


def test_an_answer_that_is_no_longer_a_choice_is_refused(desk: County) -> None:
    choice = "plan: {label: 方案, kind: choice, options: [{id: a, label: 修渠}, {id: b, label: 修路}]}"
    fields = file("fields").replace("plan: {label: 方案, kind: text}", choice)
    another(fields=fields)
    case = opened(desk)
    actions.submit(case, by=desk.users["village"], day=DAY, answers={"plan": "a"})
    new = another(fields=fields.replace("{id: a, label: 修渠}, ", ""))
    assert "只能从给出的选项里选" in refusal(desk, new, case)


def test_who_has_signed_must_be_a_party_still_and_one_must_be_left(desk: County) -> None:
    case = opened(desk)
    actions.submit(case, by=desk.users["village"], day=DAY, answers={"plan": "修渠"})
    without = another(("in_order: [village, town, office]", "in_order: [town, office]"))
    assert "村已在“方案”会签" in refusal(desk, without, case)
    alone = another(("in_order: [village, town, office]", "in_order: [village]"))
    assert "各方都已会签" in refusal(desk, alone, case)


def test_a_proposal_that_waits_for_its_second_person_comes_first(desk: County) -> None:
    case = at_work(desk)
    actions.submit(case, by=desk.users["village"], day=DAY, answers={"result": "好"})
    actions.submit(case, by=desk.users["office"], day=DAY, outcome="good")
    assert "等第二人复核" in refusal(desk, another(("number: 闭", "number: 合")), case)


def test_several_move_together_or_none_does(desk: County) -> None:
    cases = [opened(desk, village) for village in range(3)]
    new = another(("number: 闭", "number: 合"))
    proposal = asked(desk, new, *cases)
    assert str(proposal.sentence) == "闭环 3 件改按小县 1（2025-03-10起）办理"
    actions.withdraw(cases[1], by=desk.users["office"], day=DAY, reason="不办")
    with pytest.raises(Refused, match="已经结束"), transaction.atomic():
        moving.agree(proposal, by=desk.users["chief"], day=NEXT, at=clock.instant())
    assert not Step.objects.filter(move=Move.MOVE).exists()
    move(desk, new, cases[0], cases[2])
    assert [case.edition for case in (cases[0], cases[2])] == [new, new]


def test_an_ended_case_stays_where_it_ended(desk: County) -> None:
    case = opened(desk)
    actions.withdraw(case, by=desk.users["office"], day=DAY, reason="不办")
    assert "已经结束" in refusal(desk, another(("number: 闭", "number: 合")), case)


def test_a_question_that_is_asked_no_more_keeps_its_answer_and_its_day_of_erasure(desk: County) -> None:
    kept = file("fields").replace("opinion: {", "opinion: {keep: {days: 5, after: opened}, ")
    another(fields=kept)
    case = actions.open("hearing", about=desk.villages[0], day=DAY, by=desk.users["office"])
    step = Step.objects.create(
        case=case, round=1, move=Move.ACCEPT, stage="opinions", to_stage="opinions", to_state="waiting",
        day=DAY, at=clock.now(), edition=case.edition,
    )  # fmt: skip
    Answer.objects.create(case=case, step=step, field="opinion", version=1, value="同意")
    new = another(("needs: [opinion, ", "needs: ["), fields=file("fields").replace("  opinion: {label: 意见, kind: text}\n", ""))  # fmt: skip
    move(desk, new, case)
    assert answers_of(case) == {"opinion": "同意"}
    erasing.erase(DAY + timedelta(days=4))
    assert answers_of(case) == {"opinion": "同意"}
    erasing.erase(DAY + timedelta(days=5))
    assert answers_of(case) == {}


# --- There and back -----------------------------------------------------------------------

CLOCKS = st.one_of(
    st.builds("clock: {{days: {}, pausable: true, extended_by: office}}".format, st.integers(1, 60)),
    st.builds("clock: {{working_days: {}, pausable: true, extended_by: office}}".format, st.integers(1, 40)),
    st.builds("clock: {{months: {}, pausable: true, extended_by: office}}".format, st.integers(1, 3)),
    st.just("clock: {until: year-end, pausable: true, extended_by: office}"),
)
# Accepted first, so that it can be paused; mostly within one stage, where deadlines are moved.
LIVES = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "extend", "move", "pause", "resume", "submit"]), st.integers(0, 9)
    ),
    min_size=2,
    max_size=8,
).map(lambda life: [("accept", 0), *life])


def _live(place: County, case: Case, what: str, day: date, other: Edition) -> None:
    village, office = place.users["village"], place.users["office"]
    match what:
        case "accept":
            actions.accept(case, by=village, day=day)
        case "pause":
            actions.pause(case, by=village, day=day, until=day + timedelta(days=5), reason="等")
        case "resume":
            actions.resume(case, by=village, day=day)
        case "extend" if case.due_on:
            until = max(case.due_on, day) + timedelta(days=3)
            actions.extend(case, by=office, day=day, until=until, reason="忙")
        case "submit":
            actions.submit(case, by=village, day=day, answers={"result": f"{day}"})
        case "move":
            move(place, other, case, day=day)


@pytest.mark.soak
def test_there_and_back_again_gives_the_same_deadline_and_loses_no_answer(desk: County, whole: bool) -> None:
    @settings(max_examples=300 if whole else 10)
    @given(one=CLOCKS, two=CLOCKS, life=LIVES)
    def lived(one: str, two: str, life: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            _there_and_back(desk, one, two, life)
            transaction.set_rollback(True)

    lived()


def _there_and_back(desk: County, one: str, two: str, life: list[tuple[str, int]]) -> None:
    clock_of = "clock: {days: 10, pausable: true}"
    first = another((clock_of, one))
    case = at_work(desk)
    second = another((clock_of, two), ("number: 闭", "number: 合"))
    day = DAY
    for what, days in life:
        day += timedelta(days=days)
        try:
            with transaction.atomic():
                _live(desk, case, what, day, second if case.edition == first else first)
        except Refused:
            case.refresh_from_db()
    here, there = case.edition, second if case.edition == first else first
    due, told = _due(case), _told(case)
    if not powers.open_proposal(case) and case.is_open():
        move(desk, there, case, day=day)
        assert _told(case) == told
        move(desk, here, case, day=day)
        assert _due(case) == due
        assert _told(case) == told


def _due(case: Case) -> tuple[date | None, bool]:
    return case.due_on, case.due_provisional


def _told(case: Case) -> list[tuple[str, object, int]]:
    return list(case.answers.values_list("field", "value", "version"))
