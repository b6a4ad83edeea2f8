"""Surveys on pages: a round for all at once, answering, slips without an account, results that give nobody away."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cast import LONG_AGO, Cast, cast
from counties import granted
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities.rules import Report
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry.models import Subject
from zugong.registry.selecting import Asked
from zugong.surveys import actions
from zugong.surveys.models import Slip, Survey
from zugong.surveys.rules import rounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def this_round() -> str:
    kind = registry.policy_on(clock.today()).survey("department-by-villages")
    assert kind.every
    return rounds(kind.every, clock.today())[0].name


def text(answer) -> str:
    return answer.content.decode()


def test_one_button_opens_the_round_for_all_and_the_desk_stops_asking(county: Cast) -> None:
    chen = county.client("chen")
    assert "村评部门" in text(chen.get(reverse("desk")))
    there = reverse("survey-new", args=["department-by-villages"])
    assert "结果不会显示" not in text(chen.get(there))
    with clock.standing(LONG_AGO):
        assert "结果不会显示" in text(chen.get(there)), "the paper sets the number from a later day"
    page = text(chen.post(there, {"round": this_round(), "about": "all"}, follow=True))
    assert Survey.objects.filter(kind="department-by-villages").count() > 0
    assert "村评部门" in page
    assert "村评部门</a> <span" not in text(chen.get(reverse("desk")))
    assert "都已经开过" in text(chen.post(there, {"round": this_round(), "about": "all"}))
    assert county.client("wang").get(there).status_code == 403


def test_a_sheet_is_answered_once_from_the_desk_and_shown_after_it_is_closed(county: Cast) -> None:
    chen, wang = county.client("chen"), county.client("wang")
    chen.post(reverse("survey-new", args=["department-by-villages"]), {"round": this_round(), "about": "all"})
    slip = Slip.objects.filter(voter=county.villages["白石村"]).first()
    assert slip
    there = reverse("survey-answer", args=[slip.pk])
    li = county.client("li")
    assert there in text(li.get(reverse("desk")))
    assert wang.get(there).status_code == 404
    assert "较差" in text(li.get(there))
    others = Slip.objects.filter(voter=slip.voter, used=False).count() - 1
    assert f"还有 {others} 张" in text(li.get(there))
    following = li.post(there, {"overall": "好"}, follow=True)
    assert "已填写" in text(following)
    assert following.redirect_chain[0][0] != there
    assert following.redirect_chain[0][0].startswith("/surveys/slips/"), "the next of the round, at once"
    for _n in range(others):
        following = li.post(following.redirect_chain[-1][0], {"overall": "较好"}, follow=True)
    assert following.redirect_chain[-1][0] == reverse("desk"), "after the last"
    assert li.get(there).status_code == 404
    sheet = reverse("survey", args=[slip.survey_id])
    assert "结束后才有结果" in text(chen.get(sheet))
    assert f"还有 {Slip.objects.filter(survey=slip.survey_id, used=False).count()} 张没有填" in text(
        chen.get(sheet)
    )
    closing = reverse("survey-closing", args=[slip.survey_id])
    assert "没有结束" in text(chen.post(closing, follow=True)), "not by a slip of the finger"
    assert "结束后才有结果" in text(chen.get(sheet))
    assert "测评已结束" in text(chen.post(closing, {"sure": "on"}, follow=True))
    assert "样本太少，不显示" in text(chen.get(sheet))


@pytest.fixture
def report(county: Cast) -> Survey:
    """The year-end report of a department was held; its sheet is open."""
    village = county.villages["白石村"]
    secretary = granted("host", "主持人", Role.VILLAGE_SECRETARY, village)
    member = registry.add("person", klass="member", name="党员甲", since=LONG_AGO, by="t")
    today = clock.today()
    meeting = activities.hold(
        registry.policy_on(today),
        "report-meeting",
        day=today,
        run_by=village,
        by=secretary,
        today=today,
        report=Report(present=(member.pk,), should_attend=40, attended=30),
    )
    department = Subject.objects.get(
        pk=min(Asked(registry.policy_on(today), today).find("organisation.department"))
    )
    return actions.open_sheet(
        registry.edition_on(today),
        "year-end-report",
        about=department,
        round=f"{today.year}年度",
        day=today,
        by=county.users["chen"],
        meeting=meeting,
    )


def test_slips_are_printed_once_and_used_without_an_account(county: Cast, report: Survey) -> None:
    chen = county.client("chen")
    printed = chen.post(reverse("survey-slips", args=[report.pk]), {"klass": "residents", "many": "6"})
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    assert report.slips.filter(voter=None).count() == 6
    too_many = chen.post(reverse("survey-slips", args=[report.pk]), {"klass": "residents", "many": "30"})
    assert "到会30人" in text(too_many)
    (code,) = actions.hand_out(report, "residents", 1, by=county.users["chen"], day=clock.today())
    nobody, there = Client(), reverse("slip")
    assert "没有这个票号" in text(nobody.post(there, {"code": "AAAA-BBBB-CCCC"}))
    page = text(nobody.post(there, {"code": code.lower().replace("-", " ")}))
    assert "年终述职评议" in page
    assert "<script" not in page
    assert "已收到" not in text(nobody.post(there, {"code": code, "step": "grades", "overall": "很好"}))
    assert "已收到" in text(nobody.post(there, {"code": code, "step": "grades", "overall": "好"}))
    assert "已经用过" in text(nobody.post(there, {"code": code}))
