"""The rarer methods of rectification, each walked in the browser's own forms by whom the pack names, to its end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from other_county import BY, LONG_AGO, County, client, submit
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.bulletins import jobs as bulletins
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.registry import actions as registry
from zugong.registry.models import Appointment, Standing, Subject

pytestmark = pytest.mark.django_db


def opened(user: User, kind: str, about: Subject, cause: str = "研究决定") -> Case:
    """Open a case from its page, where whom it may be about is offered."""
    there = reverse("case-new") + f"?kind={kind}"
    page = client(user).get(there).content.decode()
    assert f'value="{about.pk}"' in page, f"{kind}: {about} is not offered"
    answer = client(user).post(there, {"kind": kind, "about": str(about.pk), "cause": cause})
    assert answer.status_code == 302, answer.content.decode().split("<main", 1)[-1][:2000]
    return Case.objects.filter(kind=kind).latest("pk")


def agree(user: User, case: Case) -> None:
    answer = client(user).post(reverse("case-answer", args=[case.pk]), {"answer": "agree", "note": ""})
    assert answer.status_code == 302, answer.content.decode().split("<main", 1)[-1][:2000]


def page(user: User, case: Case) -> str:
    return client(user).get(reverse("case", args=[case.pk])).content.decode()


def at(case: Case) -> str:
    case.refresh_from_db()
    return case.stage if case.closed_on is None else "end"


def on_roll(roll: str, subject: Subject | None) -> bool:
    return Standing.objects.on(clock.today()).filter(roll=roll, subject=subject).exists()


def weak(county: County) -> None:
    registry.enter("weak", county.village, since=LONG_AGO, by=BY)


def holds(person: Subject | None, klass: str, of: Subject) -> Subject:
    post = registry.add("post", klass=klass, name=klass, parent=of, since=LONG_AGO, by=BY)
    assert person
    registry.appoint(person, post=post, since=LONG_AGO, by=BY)
    return post


def test_board_supervision_goes_on_the_board_and_comes_off_it() -> None:
    county = County("huadian")
    weak(county)
    one = opened(county.chen, "board-supervision", county.village)
    submit(county.chen, one, reason="矛盾尖锐，问题多发")
    assert on_roll("board-supervision", county.village)
    board = client(county.clerk).get(reverse("roll", args=["board-supervision"])).content.decode()
    assert "白石村党支部" in board
    submit(county.clerk, one, result="账目公开，欠款还清")
    submit(county.chen, one, outcome="again")
    assert at(one) == "watch"
    submit(county.clerk, one, result="坐班恢复")
    submit(county.chen, one, outcome="lifted")
    assert at(one) == "end"
    assert not on_roll("board-supervision", county.village)


def test_a_focused_talk_hears_the_unit_first_and_two_people_decide_it() -> None:
    county = County("shulan")
    one = opened(county.chen, "consequence", county.town)
    submit(county.chen, one, **{"finding-kind": "slow", "finding": "两月未到村"})
    submit(county.clerk, one, **{"unit-reply": "换届耽误，已补上"})
    submit(county.chen, one, outcome="to-talk")
    assert at(one) == "measure"  # until a second person has agreed
    agree(county.hu, one)
    submit(county.chen, one, **{"talk-note": "限期补上到村", "outcome": "talked"})
    assert at(one) == "end"


def test_after_care_begins_on_the_roll_and_an_empty_arrangement_is_found_done_only_by_a_person() -> None:
    county = County("jiaohe")
    old = county.user("old", "何山", [(Role.CADRE, None)])
    registry.join(old.person, organisation=county.village, since=LONG_AGO, by=BY)
    entry = reverse("roll-entry", args=["after-care"])
    assert client(county.clerk).get(reverse("roll", args=["after-care"])).status_code == 404
    client(county.chen).post(entry, {"subject": old.person_id, "value": "left", "reason": "清退名单"})
    assert on_roll("after-care", old.person)
    one = opened(county.chen, "after-care", old.person)
    assert client(county.clerk).get(reverse("case", args=[one.pk])).status_code == 404
    submit(county.chen, one, **{"after-care-note": "谈心一次，讲清政策"})
    answer = client(county.hu).post(reverse("case-submission", args=[one.pk]), {})
    assert answer.status_code == 200  # the pack's five slots are empty: nobody may let it pass without a word
    submit(county.hu, one, note="五项都由镇上落实，见谈话记录")
    assert at(one) == "end"


def test_a_grant_is_paid_to_a_weak_village_once_a_year() -> None:
    county = County("jiaohe")
    weak(county)
    fill, pay = (reverse(f"ledger-{deed}", args=["basics-grant"]) for deed in ("filling", "payment"))
    client(county.chen).post(fill, {"amount": "10000", "reason": "市管党费拨款"})
    assert f'value="{county.village.pk}"' in client(county.chen).get(pay).content.decode()
    given = {"subject": county.village.pk, "reason": "以奖代补"}
    assert client(county.chen).post(pay, given).status_code == 302
    assert "不能重复" in client(county.chen).post(pay, given).content.decode()


def test_a_by_election_is_vetted_jointly_and_due_on_the_pack_s_day() -> None:
    county = County("jiaohe")
    seat = registry.add(
        "post", klass="branch-secretary", name="书记", parent=county.village, since=LONG_AGO, by=BY
    )
    person = county.first.person
    registry.join(person, organisation=county.village, since=LONG_AGO, by=BY)
    police = county.organisation("department", "市公安局", county.county)
    one = opened(county.clerk, "seat", seat)
    submit(county.clerk, one, nominee=str(person.pk))
    submit(county.chen, one, vetting="符合条件", **{"vetting-bodies": str(police.pk)})
    assert at(one) == "election"
    assert one.due_on is not None
    assert (one.due_on.month, one.due_on.day) == (4, 25)
    submit(county.li, one, **{"election-result": "党员大会选举当选"})
    assert at(one) == "end"
    assert Appointment.objects.on(clock.today()).filter(post=seat, person=person).exists()


def screened(county: County) -> tuple[Case, User, User]:
    """A check that was answered unfavourably by two people, and told to the person."""
    old = county.user("old", "何山", [(Role.CADRE, None)])
    holds(old.person, "branch-secretary", county.village)
    registry.join(old.person, organisation=county.village, since=LONG_AGO, by=BY)
    standing = county.organisation("standing-committee", "市委常委会", county.county)
    yu = county.user("yu", "俞衡", [(Role.DESK, standing)])
    court = county.organisation("department", "市法院", county.county)
    one = opened(county.chen, "screening", old.person)
    submit(county.chen, one, **{"check-ground": "任职资格联审办法", "check-body": str(court.pk)})
    submit(
        county.chen, one, outcome="not-eligible",
        **{"eligibility": "not-eligible", "check-document": "〔2019〕5号函"},
    )  # fmt: skip
    assert at(one) == "answer"
    agree(county.hu, one)
    submit(county.chen, one, notice="核查结果和陈述申辩的权利")
    return one, old, yu


def test_a_cadre_who_is_screened_is_told_heard_and_reconsidered_before_leaving_the_post() -> None:
    county = County("huadian")
    one, old, yu = screened(county)
    assert "核查结果和陈述申辩的权利" in page(old, one)
    submit(old, one, statement="文书所指不是本人")
    assert client(county.clerk).get(reverse("case", args=[one.pk])).status_code == 404
    refused = client(county.chen).post(
        reverse("case-submission", args=[one.pk]), {"reason": "核对属实", "outcome": "removed"}
    )
    assert refused.status_code in (200, 403)  # who took the answer does not decide on it
    third = county.user("third", "石川", [(Role.DESK, county.office)])
    submit(third, one, reason="核对属实", outcome="removed")
    held = Appointment.objects.on(clock.today()).filter(person=old.person)
    assert held.exists()  # nothing follows before the reconsideration
    submit(yu, one, reason="维持", outcome="upheld")
    assert at(one) == "end"
    assert not held.exists()


def test_a_decision_that_is_revoked_changes_nothing() -> None:
    county = County("huadian")
    one, old, yu = screened(county)
    submit(old, one, statement="文书所指不是本人")
    third = county.user("third", "石川", [(Role.DESK, county.office)])
    submit(third, one, reason="核对属实", outcome="removed")
    submit(yu, one, reason="文书有误", outcome="revoked")
    assert at(one) == "end"
    assert Appointment.objects.on(clock.today()).filter(person=old.person).exists()


def test_a_key_village_is_listed_by_hand_and_leaves_the_list_when_solved() -> None:
    county = County("jiaohe")
    weak(county)
    leader = county.user("leader", "沈遥", [(Role.LEADER, county.county)])
    registry.change(leader.person, since=date(2018, 1, 2), klass="county-leader", by=BY)
    entry = reverse("roll-entry", args=["key-villages"])
    client(county.chen).post(entry, {"subject": county.village.pk, "reason": "市委专题会"})
    one = opened(county.chen, "key-rectification", county.village)
    ties = reverse("case-ties", args=[one.pk])
    tied = client(county.chen).post(
        ties + "?kind=key-support&role=top-leader", {"role": "top-leader", "near": leader.person_id}
    )
    assert tied.status_code == 302, tied.content.decode().split("<main", 1)[-1][:2000]
    submit(leader, one, finding="债务三笔，班子缺两人")
    submit(county.clerk, one, plan=SimpleUploadedFile("方案.pdf", b"%PDF-1.7 plan", "application/pdf"))
    submit(leader, one, result="债务化解，班子补齐")
    submit(county.chen, one, outcome="solved")
    assert at(one) == "end"
    assert not on_roll("key-villages", county.village)


def test_a_special_report_is_sent_up_and_coordinated() -> None:
    county = County("jiaohe")
    registry.enter("weak-candidates", county.village, since=LONG_AGO, by=BY)
    weak(county)
    registry.enter("trained", county.first.person, since=LONG_AGO, by=BY)
    registry.tie(
        county.policy, "supporter", "first-secretary", near=county.first.person, far=county.village,
        since=LONG_AGO, by=BY,
    )  # fmt: skip
    one = opened(county.first, "special-report", county.village)
    submit(county.first, one, report="修路占地纠纷已报镇", **{"report-kind": "new-problem"})
    submit(county.clerk, one, coordination="国土所到村调解")
    assert at(one) == "end"


def test_an_upgrade_is_paid_by_the_paper_that_decided_it_once_for_each_rise_and_within_the_pool() -> None:
    county = County("chengkou")
    registry.enter("upgraded", county.village, since=LONG_AGO, by=BY, source="2018年评定")
    fill, pay = (reverse(f"ledger-{deed}", args=["upgrade-reward"]) for deed in ("filling", "payment"))
    chen, given = client(county.chen), {"subject": county.village.pk, "reason": "县委组织部通知"}
    chen.post(fill, {"amount": "20000", "reason": "年度统筹"})
    assert chen.post(pay, given).status_code == 200  # no tariff: the paper's amount is asked
    assert "余额" in chen.post(pay, given | {"amount": "20000.01"}).content.decode()
    assert chen.post(pay, given | {"amount": "8000"}).status_code == 302
    again = given | {"amount": "8000", "reason": "另一份通知"}
    assert "不能重复" in chen.post(pay, again).content.decode()
    assert {"ledger.overdraft", "ledger.second-payment"} <= set(Entry.objects.values_list("deed", flat=True))
    registry.strike("upgraded", county.village, on=clock.today(), by=BY)
    assert "不在" in chen.post(pay, again).content.decode()
    registry.enter("upgraded", county.village, since=clock.today(), by=BY, source="今年评定")
    assert chen.post(pay, again).status_code == 302  # it rose again


def test_a_model_village_is_nominated_by_hand_where_the_pack_says_so() -> None:
    county = County("chengkou")
    entry = reverse("roll-entry", args=["model-candidates"])
    client(county.chen).post(entry, {"subject": county.village.pk, "reason": "创建方案"})
    assert on_roll("model-candidates", county.village)
    assert client(county.chen).get(reverse("roll-entry", args=["models"])).status_code == 404


def test_one_village_inspects_another_which_answers() -> None:
    county = County("huadian")
    other = county.organisation("village", "石渡村党支部", county.town)
    inspector = county.user("inspector", "邢远", [(Role.VILLAGE_SECRETARY, other)])
    registry.tie(
        county.policy, "cross-inspection", "inspects", near=other, far=county.village, since=LONG_AGO, by=BY
    )
    one = opened(county.clerk, "cross-inspection", county.village)
    assert client(county.li).get(reverse("case-submission", args=[one.pk])).status_code == 403
    submit(inspector, one, **{"life-finding": "党课少一次"})
    assert "党课少一次" in page(county.li, one)
    submit(county.li, one, **{"village-reply": "已补上"})
    assert at(one) == "end"


def test_a_trigger_found_in_a_review_opens_the_talk_and_stands_in_the_bulletin() -> None:
    county = County("jiaohe")
    group = county.organisation("leading-group-office", "市领导小组办公室", county.county)
    zhou = county.user("zhou", "周航", [(Role.DESK, group), (Role.DESK, county.county)])
    one = opened(zhou, "support-review", county.town)
    submit(zhou, one, outcome="flagged", **{"review-note": "两件事没有解决"})
    submit(zhou, one, **{"talk-trigger": "unsolved"})
    assert at(one) == "end"
    talk = Case.objects.get(kind="focused-talk")
    assert one.number in page(county.clerk, talk)  # the talk says which review it came from
    submit(county.clerk, talk, **{"unit-reply": "已排出时间"})
    submit(zhou, talk, **{"talk-note": "限期一个月"})
    assert at(talk) == "end"
    bulletins.take_items(clock.today())
    paper = client(zhou).post(
        reverse("bulletins"), {"kind": "monthly", "within": f"{clock.today():%Y-%m}"}, follow=True
    )
    assert "列入重点约谈" in paper.content.decode(), paper.content.decode().split("<main", 1)[-1][:3000]


def test_a_poor_village_is_listed_by_two_and_leaves_both_rolls_when_accepted() -> None:
    county = County("linshu")
    holds(county.li.person, "branch-secretary", county.village)
    one = opened(county.chen, "rectification", county.village)
    submit(
        county.clerk, one, troubles=["weak", "poor"], cause="班子不齐", ground="集体收入不足三万元",
        **{"township-comment": "建议列入"},
    )  # fmt: skip
    submit(county.li, one, reply="属实")
    submit(county.chen, one, outcome="listed")
    assert not on_roll("weak", county.village)  # until a second person has agreed
    agree(county.hu, one)
    assert on_roll("weak", county.village)
    assert on_roll("poor", county.village)
    submit(county.li, one, result="班子配齐，收入四万元")
    submit(county.chen, one, outcome="accepted")
    agree(county.hu, one)
    assert at(one) == "end"
    assert not on_roll("weak", county.village)
    assert not on_roll("poor", county.village)


def test_a_village_stands_on_the_roll_while_it_is_cultivated() -> None:
    county = County("linshu")
    one = opened(county.chen, "cultivation", county.village)
    submit(county.clerk, one, merit="阵地规范")
    submit(county.chen, one, outcome="listed")
    assert on_roll("cultivated", county.village)
    submit(county.clerk, one, result="培育完成")
    assert at(one) == "end"
    assert not on_roll("cultivated", county.village)


def test_a_title_is_registered_with_its_paper_and_checked_by_another() -> None:
    county = County("zhongxian")
    one = opened(county.chen, "title", county.county)
    given = {"title": "urban-model", "giver": "central", "given-in": "2019"}
    lacking = client(county.chen).post(reverse("case-submission", args=[one.pk]), given)
    assert "授予文件" in lacking.content.decode()
    submit(
        county.chen, one, **given, proof=SimpleUploadedFile("文件.pdf", b"%PDF-1.7 paper", "application/pdf")
    )
    assert client(county.chen).get(reverse("case-submission", args=[one.pk])).status_code == 403
    submit(county.hu, one, outcome="recorded")
    assert at(one) == "end"
    assert on_roll("titles", county.county)


def test_a_deadline_is_extended_by_whoever_the_pack_names_and_the_village_is_not() -> None:
    county = County("qingmu")
    registry.enter("weak-candidates", county.village, since=LONG_AGO, by=BY)
    one = cases.open("rectification", about=county.village, day=clock.today(), by=None)
    assert one.due_on
    later = (one.due_on + timedelta(days=10)).isoformat()
    there, given = reverse("case-extension", args=[one.pk]), {"until": later, "note": "换届"}
    assert client(county.clerk).get(there).status_code == 403
    assert "延期" in page(county.chen, one)
    assert client(county.chen).post(there, given | {"note": ""}).status_code == 200  # a reason is needed
    answer = client(county.chen).post(there, given)
    assert answer.status_code == 302, answer.content.decode().split("<main", 1)[-1][:2500]
    one.refresh_from_db()
    assert one.due_on.isoformat() == later
    assert "换届" in page(county.clerk, one)
