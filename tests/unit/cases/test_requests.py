"""A request is a case that somebody outside asked: asked at its opening, dispatched, whistled for, rated, merged."""

import pytest

from little_county import DAY, LONG_AGO, county, in_force
from zugong.accounts.models import Grant
from zugong.accounts.rules import Role
from zugong.cases import actions, awaiting, powers
from zugong.cases.models import Case
from zugong.cases.needs import answers_of
from zugong.cases.rules import Move, State
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db
PACK = {
    "roles": """
roles:
  town: {label: 乡镇, is: above.township of about}
  village: {label: 村, is: about}
  holder-unit: {label: 承办单位, is: holder}
  desk: {label: 热线, is: organisation.office}
""",
    "fields": """
fields:
  matter: {label: 诉求, kind: text}
  photo: {label: 照片, kind: file}
  owner: {label: 承办单位, kind: organisation}
  called: {label: 报到部门, kind: organisation, many: true}
  result: {label: 办理结果, kind: text}
  reason: {label: 理由, kind: text}
""",
    "case": """
case: request
label: 群众诉求
source: paper
about: organisation.village
opened_from: [person]
opened_by: village
asks: [matter]
may_ask: [photo]
once: ""
number: 诉
tracked_by: desk
stages:
  - name: triage
    label: 分办
    body: town
    needs: [owner]
    gives: owner
    instead: {whistle: [called], outside: [reason]}
    outcomes: {own: handle, whistle: attend, outside: unowned}
    words: {own: 交办, whistle: 吹哨, outside: 暂无承办单位}
  - name: handle
    label: 办理
    role: holder-unit
    needs: [result]
    instead: {refused: [reason]}
    outcomes: {done: check, refused: triage}
    words: {done: 办好, refused: 退单}
  - {name: attend, label: 报到, body: town, children: {case: report, for: called}, outcomes: {met: check}, words: {met: 各部门已到}}
  - {name: check, label: 抽查, body: town, sample: 500, needs: [reason]}
  - name: rate
    label: 评价
    body: town
    asker: true
    outcomes: {satisfied: end, dissatisfied: handle, unreachable: end}
    words: {satisfied: 满意, dissatisfied: 不满意, unreachable: 联系不上}
  - {name: unowned, label: 暂无承办单位, role: holder-unit, outcomes: {found: triage}, words: {found: 找到了}}
---
case: report
label: 报到任务
source: paper
about: organisation.village
opened_from: [case]
once: ""
number: 报
stages:
  - {name: arrive, label: 报到, role: holder-unit, needs: [result]}
""",
}


@pytest.fixture
def place():
    in_force(**PACK)
    found = county()
    found.bureaus = [
        registry.add("organisation", klass="township", name=name, parent=found.root, since=LONG_AGO, by="t")
        for name in ("城管局", "环保局")
    ]
    found.users = {
        "village": found.user(Role.VILLAGE_SECRETARY, found.villages[0]),
        "town": found.user(Role.TOWNSHIP_CLERK, found.townships[0]),
        "bureau": found.user(Role.TOWNSHIP_CLERK, found.bureaus[0]),
        "other": found.user(Role.TOWNSHIP_CLERK, found.bureaus[1]),
        "desk": found.user(Role.TOWNSHIP_CLERK, found.office),
    }
    return found


def asked(place, **answers):
    return actions.open(
        "request",
        about=place.villages[0],
        day=DAY,
        by=place.users["village"],
        answers={"matter": "路灯不亮", **answers},
    )


def dispatched(place, to=0):
    case = asked(place)
    answers = {"owner": place.bureaus[to].pk}
    actions.submit(case, by=place.users["town"], day=DAY, outcome="own", answers=answers)
    return case


def whistled(place):
    case = asked(place)
    called = [one.pk for one in place.bureaus]
    actions.submit(case, by=place.users["town"], day=DAY, outcome="whistle", answers={"called": called})
    return case


def handled(place):
    case = dispatched(place)
    actions.submit(case, by=place.users["bureau"], day=DAY, outcome="done", answers={"result": "已换灯泡"})
    if case.stage == "check":
        actions.submit(case, by=place.users["town"], day=DAY, answers={"reason": "看过"})
    return case


# --- Opening


def test_what_is_asked_hangs_on_the_first_step(place):
    case = asked(place)
    step = case.steps.get()
    assert (step.move, step.stage, step.to_state) == (Move.ASK, "triage", State.WAITING)
    assert step.answers.get().value == "路灯不亮"


def test_a_request_that_does_not_say_what_is_asked_is_refused(place):
    with pytest.raises(Refused, match="请填写“诉求”"):
        actions.open("request", about=place.villages[0], day=DAY, by=place.users["village"])
    assert not Case.objects.exists()


def test_what_is_not_asked_at_the_opening_is_refused_there(place):
    with pytest.raises(Refused, match="不问“办理结果”"):
        asked(place, result="早办好了")


def test_who_asks_without_an_account_opens_as_the_asker(place):
    case = actions.open(
        "request",
        about=place.villages[0],
        day=DAY,
        by=None,
        party=actions.ASKER,
        answers={"matter": "路灯不亮"},
    )
    assert (case.opened_by, case.steps.get().party) == ("asker", "asker")
    assert Entry.objects.get(deed="case.open").by == "asker"


# --- Who holds it


def test_who_is_named_holds_the_case_sees_it_and_passes_the_next_stage(place):
    case, bureau = dispatched(place), place.users["bureau"]
    assert (case.stage, case.holder) == ("handle", place.bureaus[0])
    assert powers.visible(bureau, DAY).get() == case
    assert [one.case for one in awaiting.awaiting(bureau, DAY)] == [case]
    assert powers.acting(bureau, case, DAY) == ["holder-unit"]
    assert not powers.visible(place.users["other"], DAY).exists()
    assert Message.objects.filter(to=bureau.username).exists()


def test_who_is_above_the_holder_sees_it(place):
    case = dispatched(place)
    leader = place.user(Role.LEADER, place.bureaus[0])
    assert powers.case(leader, case.pk, DAY) == case


def test_a_dispatch_that_is_refused_comes_back_and_goes_to_another(place):
    case = dispatched(place)
    with pytest.raises(Refused, match="请填写“理由”"):
        actions.submit(case, by=place.users["bureau"], day=DAY, outcome="refused")
    actions.submit(
        case, by=place.users["bureau"], day=DAY, outcome="refused", answers={"reason": "不归我们管"}
    )
    assert case.stage == "triage"
    actions.submit(
        case, by=place.users["town"], day=DAY, outcome="own", answers={"owner": place.bureaus[1].pk}
    )
    assert case.holder == place.bureaus[1]


def test_an_outcome_that_names_nobody_gives_the_case_to_nobody(place):
    case = asked(place)
    actions.submit(case, by=place.users["town"], day=DAY, outcome="outside", answers={"reason": "不在清单"})
    assert (case.stage, case.holder) == ("unowned", None)
    assert powers.awaited(case, DAY) == frozenset()
    assert powers.taken_in(place.users["town"], case, DAY)
    assert case.is_open()


def test_an_earlier_answer_does_not_give_the_case_again(place):
    case = dispatched(place)
    actions.submit(case, by=place.users["bureau"], day=DAY, outcome="refused", answers={"reason": "不归"})
    actions.submit(case, by=place.users["town"], day=DAY, outcome="outside", answers={"reason": "不在清单"})
    assert case.holder is None
    assert powers.awaited(case, DAY) == frozenset()


# --- A whistle


def test_a_whistle_opens_one_task_for_each_unit_it_calls(place):
    case = whistled(place)
    assert {(child.holder, child.label) for child in case.children.all()} == {
        (place.bureaus[0], "城管局"),
        (place.bureaus[1], "环保局"),
    }
    assert [one.case.parent for one in awaiting.awaiting(place.users["other"], DAY)] == [case]


def test_who_is_called_reads_what_they_are_called_for(place):
    case = whistled(place)
    assert powers.case(place.users["other"], case.pk, DAY) == case
    assert answers_of(case)["matter"] == "路灯不亮"


def test_a_whistle_waits_until_all_have_come(place):
    case = whistled(place)
    first, second = case.children.order_by("pk")
    actions.submit(first, by=place.users["bureau"], day=DAY, answers={"result": "到场"})
    with pytest.raises(Refused, match="还有 1 项“报到任务”没有办结"):
        actions.submit(case, by=place.users["town"], day=DAY, outcome="met")
    with pytest.raises(Refused, match="办理"):
        actions.submit(second, by=place.users["bureau"], day=DAY, answers={"result": "替他到场"})
    actions.submit(second, by=place.users["other"], day=DAY, answers={"result": "到场"})
    actions.submit(case, by=place.users["town"], day=DAY, outcome="met")
    assert case.stage in ("check", "rate")


# --- Who asked, a sample, who keeps track


def test_who_asked_passes_the_stage_that_is_theirs(place):
    case = handled(place)
    actions.submit_as_asker(case, day=DAY, outcome="satisfied")
    step = case.steps.last()
    assert (case.state, case.outcome, step.by, step.party) == (State.CLOSED, "satisfied", None, "asker")
    assert Entry.objects.filter(deed="case.submit").latest("pk").by == "asker"


def test_who_asked_passes_no_other_stage(place):
    with pytest.raises(Refused, match="不由提出诉求的人办理"):
        actions.submit_as_asker(dispatched(place), day=DAY, outcome="done")


def test_dissatisfaction_brings_it_back_to_whoever_holds_it(place):
    case = handled(place)
    actions.submit_as_asker(case, day=DAY, outcome="dissatisfied")
    assert case.stage == "handle"
    assert powers.acting(place.users["bureau"], case, DAY) == ["holder-unit"]


def test_a_lot_decides_who_is_looked_into_and_its_seed_is_journaled(place):
    stages = set()
    for _turn in range(30):
        case = dispatched(place)
        actions.submit(case, by=place.users["bureau"], day=DAY, outcome="done", answers={"result": "好"})
        drawn = Entry.objects.filter(deed="case.draw-lot").latest("pk").detail
        assert actions.is_drawn(drawn["seed"], drawn["share"]) is drawn["drawn"]
        assert case.stage == ("check" if drawn["drawn"] else "rate")
        stages.add(case.stage)
    assert stages == {"check", "rate"}


def test_who_keeps_track_sees_it_and_is_told_of_each_stage(place):
    case, desk = dispatched(place), place.users["desk"]
    assert powers.case(desk, case.pk, DAY) == case
    told = [one.sentence for one in Message.objects.filter(to=desk.username).order_by("pk")]
    assert told == ["您跟踪的“群众诉求”到了“分办”", "您跟踪的“群众诉求”到了“办理”"]
    assert not powers.acting(desk, case, DAY)


def heard_last(user):
    return Message.objects.filter(to=user.username).latest("pk").sentence


def test_who_keeps_track_is_told_how_it_ended_each_time_it_does(place):
    case, desk, town = handled(place), place.users["desk"], place.users["town"]
    actions.submit_as_asker(case, day=DAY, outcome="satisfied")
    assert heard_last(desk) == "您跟踪的“群众诉求”已办结：满意"
    withdrawn = asked(place)
    actions.withdraw(withdrawn, by=place.users["village"], day=DAY, reason="已修好")
    assert heard_last(desk) == "您跟踪的“群众诉求”已撤回"
    actions.reopen(withdrawn, by=place.users["village"], day=DAY, reason="又坏了")
    actions.withdraw(withdrawn, by=place.users["village"], day=DAY, reason="已修好")
    endings = Message.objects.filter(
        to=desk.username, key__contains=f"{withdrawn} ", template__contains="撤回"
    )
    assert endings.count() == 2
    merged, main = asked(place), asked(place)
    actions.merge(merged, main, by=town, day=DAY, reason="同一盏路灯")
    assert heard_last(desk) == "您跟踪的“群众诉求”已并入另一件办理"


def test_nobody_is_told_of_an_end_they_brought_about_themselves(place):
    case, village, desk = asked(place), place.users["village"], place.users["desk"]
    Grant.objects.filter(user=village).update(role=Role.TOWNSHIP_CLERK)
    given = Grant.objects.get(user=desk)
    given.pk, given.user = None, village
    given.save()  # the same person keeps track
    actions.withdraw(case, by=village, day=DAY, reason="已修好")
    ending = Message.objects.filter(template="您跟踪的“{kind}”已撤回")
    assert [one.to for one in ending] == [desk.username]


# --- Merging


def test_a_request_goes_on_in_another(place):
    case, main = asked(place), asked(place)
    actions.merge(case, main, by=place.users["town"], day=DAY, reason="同一盏路灯")
    assert (case.state, case.outcome, case.merged_into) == (State.CLOSED, "merged", main)
    assert case.steps.last().note == "同一盏路灯"
    with pytest.raises(Refused, match="已并入"):
        actions.reopen(case, by=place.users["town"], day=DAY, reason="又来")


def test_what_is_merged_takes_its_tasks_with_it(place):
    case, main = whistled(place), asked(place)
    actions.merge(case, main, by=place.users["town"], day=DAY, reason="同一件")
    assert {child.state for child in case.children.all()} == {State.WITHDRAWN}


def test_nothing_is_merged_into_itself_into_what_has_ended_or_by_who_does_not_act_on_both(place):
    case, main = asked(place), asked(place)
    with pytest.raises(Refused, match="不能并入自己"):
        actions.merge(case, case, by=place.users["town"], day=DAY, reason="误")
    with pytest.raises(Refused, match="办理"):
        actions.merge(case, main, by=place.users["village"], day=DAY, reason="误")
    given = dispatched(place)
    with pytest.raises(Refused, match="办理"):
        actions.merge(case, given, by=place.users["town"], day=DAY, reason="误")
    actions.merge(main, case, by=place.users["town"], day=DAY, reason="同一件")
    with pytest.raises(Refused, match="已经结束"):
        actions.merge(case, main, by=place.users["town"], day=DAY, reason="同一件")
