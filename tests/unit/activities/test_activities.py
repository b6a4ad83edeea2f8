"""Activities: entered once, by who ran them, confirmed by another, corrected without forgetting."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from little_county import DAY, County, county, policy
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities import facts, powers
from zugong.activities.models import Activity
from zugong.activities.rules import MOVES, Item, Move, Report, State, lacks, moves
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.ledgers import actions as ledgers

TOMORROW = DAY + timedelta(days=1)
PACK = """
activity: meeting
label: 乡镇党委会
source: paper
clause: 第三条
run_by: organisation.township
minutes: true
votes: true
---
activity: visit
label: 到村指导
at: organisation.village
effects:
  on held: [{post: points, amount: 2, to: present}]
---
activity: talk
label: 座谈
at: organisation.village
present: counted
---
activity: check
label: 标准化检查
run_by: organisation.township
at: organisation.village
fields: [open, members]
---
ledger: points
label: 积分
unit: points
account: person.cadre
"""
FIELDS = """
fields:
  open: {label: 按时开放, kind: tick}
  members: {label: 党员数, kind: number}
"""
PDF = b"%PDF-1.7 a page"


@pytest.fixture
def little(db):
    return county()


@pytest.fixture
def pack():
    return policy(activities=PACK, fields=FIELDS)


@pytest.fixture
def clerk(little: County):
    return little.user(Role.TOWNSHIP_CLERK, little.townships[0])


@pytest.fixture
def secretary(little: County):
    return little.user(Role.VILLAGE_SECRETARY, little.villages[0])


def meet(pack, little: County, by, **said):
    report = Report(**{"should_attend": 9, "attended": 8} | said)
    return activities.hold(
        pack, "meeting", day=DAY, run_by=little.townships[0], report=report, by=by, today=DAY
    )


def visit(pack, little: County, by, leader, **more):
    return activities.hold(
        pack,
        "visit",
        day=DAY,
        run_by=leader,
        by=by,
        today=DAY,
        **{"at": little.villages[0], "report": Report(present=(leader.pk,))} | more,
    )


def test_a_meeting_keeps_its_agenda_with_votes_and_its_minutes(little: County, pack, clerk):
    voted = Item("上村列入整顿", "同意", in_favour=7, against=0, abstained=1)
    activity = meet(pack, little, clerk, agenda=(Item("学习"), voted), minutes="会议记录")
    assert activities.report_of(activity).agenda == (Item("学习"), voted)
    assert (activity.attended, activity.minutes) == (8, "会议记录")


def test_a_form_sent_twice_makes_one_activity(little: County, pack, clerk):
    first, second = (
        activities.hold(
            pack, "meeting", day=DAY, run_by=little.townships[0], by=clerk, today=DAY, key="form-1"
        )
        for _ in range(2)
    )
    assert first == second
    assert Activity.objects.count() == 1


def test_a_form_changed_and_sent_again_is_not_silently_lost(little: County, pack, clerk):
    def send(minutes: str, *, again: bool = False):
        return activities.hold(
            pack, "meeting", day=DAY, run_by=little.townships[0], by=clerk, today=DAY,
            report=Report(minutes=minutes), key="form-1", again=again,
        )  # fmt: skip

    first = send("学习")
    with pytest.raises(activities.EnteredAlready, match="内容与现在的不同") as refused:
        send("学习和讨论")
    assert refused.value.activity == first
    assert send("学习") == first
    assert send("学习和讨论", again=True).minutes == "学习和讨论"
    assert Activity.objects.count() == 2


def test_what_is_held_lies_not_in_the_future_and_what_is_planned_not_in_the_past(little, pack, clerk):
    with pytest.raises(Refused, match="还没有到"):
        activities.hold(pack, "meeting", day=TOMORROW, run_by=little.townships[0], by=clerk, today=DAY)
    with pytest.raises(Refused, match="已经过去"):
        activities.plan(pack, "meeting", day=DAY, run_by=little.townships[0], by=clerk, today=TOMORROW)


def test_who_does_not_run_the_kind_cannot_hold_it(little: County, pack, secretary):
    with pytest.raises(Refused, match="不开展“乡镇党委会”") as refused:
        activities.hold(pack, "meeting", day=DAY, run_by=little.villages[0], by=secretary, today=DAY)
    assert refused.value.clause == "青组发〔2025〕1号 第三条"


def test_nobody_enters_the_meeting_of_an_organisation_they_do_not_act_for(little: County, pack, secretary):
    other = little.user(Role.TOWNSHIP_CLERK, little.townships[1])
    for stranger in (secretary, other):
        with pytest.raises(Refused, match="您不代表河亭镇"):
            meet(pack, little, stranger)
    assert not Activity.objects.exists()


def test_a_visit_needs_the_village_and_the_village_may_enter_it(little: County, pack, secretary):
    leader = little.person("李")
    assert visit(pack, little, secretary, leader).at == little.villages[0]
    with pytest.raises(Refused, match="在哪里开展"):
        visit(pack, little, secretary, leader, at=little.townships[0])
    with pytest.raises(Refused, match="您不代表"):
        visit(pack, little, secretary, leader, at=little.villages[1])


def test_a_person_enters_their_own_visit(little: County, pack):
    leader = little.person("李")
    user = little.user(Role.LEADER, little.root, leader)
    assert visit(pack, little, user, leader).run_by == leader


def test_what_was_planned_is_held_with_its_agenda_and_once(little: County, pack, clerk):
    planned = activities.plan(
        pack, "meeting", day=TOMORROW, run_by=little.townships[0], by=clerk, today=DAY, agenda=("讨论名单",)
    )
    with pytest.raises(Refused, match="还没有到"):
        activities.hold_planned(pack, planned, report=Report(), by=clerk, today=DAY)
    held = activities.hold_planned(pack, planned, report=Report(attended=5), by=clerk, today=TOMORROW)
    assert (held.state, held.agenda.get().matter) == (State.HELD, "讨论名单")
    with pytest.raises(Refused, match="已开展"):
        activities.hold_planned(pack, planned, report=Report(), by=clerk, today=TOMORROW)


def test_somebody_else_confirms_and_then_it_cannot_be_cancelled(little: County, pack, clerk, secretary):
    activity = meet(pack, little, clerk)
    with pytest.raises(Refused, match="另一人"):
        activities.confirm(pack, activity, by=clerk, today=DAY)
    with pytest.raises(Refused, match="可以确认"):
        activities.confirm(pack, activity, by=secretary, today=DAY)
    colleague = little.user(Role.TOWNSHIP_SECRETARY, little.townships[0])
    assert activities.confirm(pack, activity, by=colleague, today=DAY).confirmed_by == str(colleague)
    with pytest.raises(Refused, match=r"已由.*确认"):
        activities.cancel(pack, activity, reason="录错", by=clerk, today=DAY)


def test_those_above_confirm_what_a_village_entered(little: County, pack, secretary, clerk):
    activity = visit(pack, little, secretary, little.person("李"))
    assert activities.confirm(pack, activity, by=clerk, today=DAY).confirmed_by == str(clerk)


def test_a_correction_keeps_what_was_and_undoes_the_confirmation(little: County, pack, clerk):
    activity = meet(pack, little, clerk, topic="原题")
    colleague = little.user(Role.TOWNSHIP_SECRETARY, little.townships[0])
    activities.confirm(pack, activity, by=colleague, today=DAY)
    put_right = activities.correct(
        pack,
        activity,
        reason="人数数错",
        report=Report(topic="新题", should_attend=9, attended=7),
        day=DAY - timedelta(days=1),
        by=clerk,
        today=DAY,
    )
    assert (put_right.topic, put_right.attended, put_right.confirmed_by) == ("新题", 7, "")
    was = activity.corrections.get().was
    assert (was["topic"], was["attended"], was["day"]) == ("原题", 8, "2025-03-10")
    assert was["confirmed_by"] == str(colleague)
    with pytest.raises(Refused, match="没有改动"):
        activities.correct(
            pack, activity, reason="再来", report=activities.report_of(put_right), by=clerk, today=DAY
        )


def test_a_correction_adds_what_follows_only_for_those_who_are_new(little: County, pack, secretary):
    first, second = little.person("李"), little.person("王")
    activity = visit(pack, little, secretary, first)
    assert ledgers.balance("points", first) == 2
    activities.correct(
        pack, activity, reason="漏登", report=Report(present=(first.pk, second.pk)), by=secretary, today=DAY
    )
    assert [ledgers.balance("points", person) for person in (first, second)] == [2, 2]


def test_an_activity_that_only_counts_heads_keeps_no_names(little: County, pack, secretary):
    leader = little.person("李")
    talk = {"day": DAY, "run_by": little.villages[0], "at": little.villages[0], "by": secretary, "today": DAY}
    with pytest.raises(Refused, match="只计人数"):
        activities.hold(pack, "talk", report=Report(present=(leader.pk,)), **talk)
    assert activities.hold(pack, "talk", report=Report(attended=30), **talk).attended == 30


def test_only_persons_of_the_registry_are_named(little: County, pack, secretary):
    with pytest.raises(Refused, match="不在册"):
        visit(pack, little, secretary, little.person("李"), report=Report(present=(little.villages[1].pk,)))


def test_answers_fit_the_fields_that_are_asked(little: County, pack, clerk):
    check = {"day": DAY, "run_by": little.townships[0], "at": little.villages[0], "by": clerk, "today": DAY}
    for wrong, sentence in (
        ({"open": "yes"}, "只能填是或否"),
        ({"members": True}, "要写整数"),
        ({"character": "x"}, "不问"),
    ):
        with pytest.raises(Refused, match=sentence):
            activities.hold(pack, "check", report=Report(fields=wrong), **check)
    activities.hold(pack, "check", report=Report(fields={"open": True, "members": 31}), **check)
    rows = facts.answers(DAY, DAY).select(["organisation", "township", "field", "value"]).to_pylist()
    village, township = little.villages[0].pk, little.townships[0].pk
    assert rows == [
        {"organisation": village, "township": township, "field": "members", "value": 31},
        {"organisation": village, "township": township, "field": "open", "value": 1},
    ]


def test_evidence_lies_there_once_and_has_to_be_a_file(little: County, pack, clerk):
    activity = meet(pack, little, clerk)
    activities.attach(pack, activity, name="签到.pdf", content=PDF, by=clerk, today=DAY)
    with pytest.raises(Refused, match=r"已经上传过：“签到\.pdf”"):
        activities.attach(pack, activity, name="再传.pdf", content=PDF, by=clerk, today=DAY)
    with pytest.raises(Refused, match="不是 pdf 文件"):
        activities.attach(pack, activity, name="假.pdf", content=b"MZ", by=clerk, today=DAY)
    assert [row["evidence"] for row in facts.held(DAY, DAY).to_pylist()] == [1]


def test_minutes_follow_once(little: County, pack, clerk):
    activity = meet(pack, little, clerk)
    assert activities.minute(pack, activity, minutes="记录", by=clerk, today=DAY).minutes == "记录"
    with pytest.raises(Refused, match="走更正"):
        activities.minute(pack, activity, minutes="改写", by=clerk, today=DAY)


def test_facts_hold_what_was_held_and_nothing_else(little: County, pack, clerk, secretary):
    leader = little.person("李")
    held = visit(pack, little, secretary, leader)
    wrong = visit(pack, little, secretary, leader)
    activities.cancel(pack, wrong, reason="重复登记", by=secretary, today=DAY)
    activities.plan(pack, "meeting", day=DAY, run_by=little.townships[0], by=clerk, today=DAY)
    assert facts.held(DAY, DAY).to_pylist() == [
        {
            "activity": held.pk,
            "kind": "visit",
            "day": DAY,
            "organisation": little.villages[0].pk,
            "township": little.townships[0].pk,
            "run_by": leader.pk,
            "at": little.villages[0].pk,
            "attended": 1,
            "should_attend": None,
            "confirmed": 0,
            "evidence": 0,
        }
    ]
    assert facts.held(TOMORROW, TOMORROW).num_rows == 0


def test_everybody_sees_their_part_and_their_own(little: County, pack, clerk, secretary):
    leader = little.person("李")
    own = little.user(Role.CADRE, None, leader)
    seen = visit(pack, little, secretary, leader)
    assert set(powers.visible(own, DAY)) == {seen}
    assert set(powers.visible(clerk, DAY)) == {seen}
    for stranger in (Role.TOWNSHIP_CLERK, Role.VILLAGE_SECRETARY):
        user = little.user(stranger, little.townships[1])
        assert not powers.visible(user, DAY).exists()
        with pytest.raises(Activity.DoesNotExist):
            powers.activity(user, seen.pk, DAY)
    assert powers.names_visible(secretary, seen, DAY)
    assert not powers.names_visible(clerk, seen, DAY)


def test_the_buttons_are_what_the_deeds_allow(little: County, pack, clerk, secretary):
    activity = meet(pack, little, clerk)
    assert powers.moves(clerk, activity, pack, DAY) == [Move.CANCEL, Move.CORRECT, Move.ATTACH]
    assert powers.moves(secretary, activity, pack, DAY) == []
    colleague = little.user(Role.TOWNSHIP_SECRETARY, little.townships[0])
    assert Move.CONFIRM in powers.moves(colleague, activity, pack, DAY)


def test_every_deed_leaves_one_line(little: County, pack, clerk):
    activity = meet(pack, little, clerk)
    activities.cancel(pack, activity, reason="录错", by=clerk, today=DAY)
    assert list(
        Entry.objects.filter(on=f"activity {activity.pk}").order_by("id").values_list("deed", flat=True)
    ) == ["activity.hold", "activity.cancel"]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_by_eight_at_once_makes_one_activity():
    little, pack = county(), policy(activities=PACK, fields=FIELDS)
    clerk = little.user(Role.TOWNSHIP_CLERK, little.townships[0])
    made: list[int] = []

    def work() -> None:
        try:
            made.append(
                activities.hold(
                    pack, "meeting", day=DAY, run_by=little.townships[0], by=clerk, today=DAY, key="f"
                ).pk
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(made) == 8
    assert len(set(made)) == 1
    assert Entry.objects.filter(deed="activity.hold").count() == 1


# --- The table and the report, without a database -------------------------------------

KIND = policy(activities=PACK, fields=FIELDS).activity("meeting")
counts = st.none() | st.integers(-2, 12)


@given(should=counts, attended=counts, yes=counts, no=counts, abstained=counts)
def test_a_report_without_lacks_adds_up(should, attended, yes, no, abstained):
    item = Item("议题", in_favour=yes, against=no, abstained=abstained)
    report = Report(should_attend=should, attended=attended, agenda=(item,))
    if not list(lacks(KIND, report)):
        votes = [count or 0 for count in (yes, no, abstained)]
        assert min(votes) >= 0
        assert item.voted is None or sum(votes) <= attended
        assert should is None or attended is None or 0 <= attended <= should


class Lives(RuleBasedStateMachine):
    """Whatever is tried, in whatever order, what was cancelled stays cancelled and is never confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.confirmed, self.ended = State.PLANNED, False, False

    @rule(move=st.sampled_from(Move))
    def tries(self, move: Move) -> None:
        if move not in moves(self.state, confirmed=self.confirmed):
            return
        self.state = MOVES[self.state, move]
        self.confirmed = move == Move.CONFIRM or (self.confirmed and move != Move.CORRECT)
        self.ended = self.ended or self.state == State.CANCELLED

    @invariant()
    def holds(self) -> None:
        assert not (self.confirmed and self.state != State.HELD)
        assert not (self.ended and self.state != State.CANCELLED)


test_an_activity_lives = Lives.TestCase


def test_every_state_can_be_reached():
    reached = {State.PLANNED}
    for _ in State:
        reached |= {after for (before, _), after in MOVES.items() if before in reached}
    assert reached == set(State)
