"""The board of an alliance: members, four lists and what fits, the next meeting's agenda, what the last ones decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from other_county import BY, LONG_AGO, County, client, submit
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry.models import Link, Subject

pytestmark = pytest.mark.django_db
MATTER, NEED, OFFER = "独居老人量血压不便", "独居老人上门量血压", "家庭医生签约服务队"


@pytest.fixture
def county() -> County:
    county = County("qingmu")
    county.alliance = county.organisation("alliance", "柳河镇党建联盟", county.town)
    county.health = county.organisation("department", "县卫生健康局", county.county)
    county.justice = county.organisation("department", "县司法局", county.county)
    county.clinic = county.organisation("department", "县中医院", county.county)
    for unit in (county.health, county.justice):
        registry.tie(
            county.policy, "alliance", "member", near=unit, far=county.alliance, since=LONG_AGO, by=BY
        )
    county.secretary = county.user("secretary", "秦屿", [(Role.TOWNSHIP_CLERK, county.alliance)])
    county.doctor = county.user("doctor", "白芷", [(Role.LIAISON, county.health)])
    county.stranger = county.user("stranger", "石青", [(Role.LIAISON, county.clinic)])
    county.need = thing("need", NEED, county.alliance, "health")
    thing("need", "周末孩子没处去", county.alliance, "learning")
    county.offer = thing("resource", OFFER, county.health, "health")
    thing("resource", "公共法律服务站", county.justice, "law")
    thing("resource", "名医坐诊", county.clinic, "health")
    return county


def thing(klass: str, name: str, owner: Subject, kind: str) -> Subject:
    return registry.add(
        "thing", klass=klass, name=name, parent=owner, since=LONG_AGO, by=BY, fields={"service-kind": kind}
    )


def board(county: County, user=None) -> str:
    there = reverse("alliance", args=[county.alliance.pk])
    return client(user or county.secretary).get(there).content.decode()


def topic(county: County, **answers: object) -> Case:
    return cases.open(
        "topic",
        about=county.alliance,
        day=clock.today(),
        by=county.secretary,
        answers={"matter": MATTER, **answers},
    )


def claimed(county: County, case: Case) -> None:
    submit(
        county.secretary,
        case,
        claimer=str(county.health.pk),
        **{"finish-by": str(clock.today() + timedelta(days=30)), "minutes": "卫健局认领"},
    )


def test_it_names_the_members_and_the_four_lists_as_the_pack_does(county: County) -> None:
    page = board(county)
    for words in (
        "成员单位",
        "县卫生健康局",
        "群众需求",
        "单位资源",
        "服务项目",
        "服务责任单位",
        NEED,
        OFFER,
    ):
        assert words in page, words
    assert "名医坐诊" not in page, "a resource of who is no member"


def test_what_fits_a_need_is_of_its_kind_and_of_a_member_and_is_tied_from_there(county: County) -> None:
    context = client(county.secretary).get(reverse("alliance", args=[county.alliance.pk])).context
    needs = {row["name"]: row for row in context["needs"]}
    assert [one["name"] for one in needs[NEED]["fits"]] == [OFFER]
    assert needs["周末孩子没处去"]["fits"] == []
    there = needs[NEED]["fits"][0]["href"]
    assert client(county.doctor).get(there).status_code == 404
    done = client(county.secretary).post(there, {"what": f"meets {county.offer.pk}", "source": "联席会议"})
    assert done.status_code == 302, done.content.decode()
    tie = Link.objects.on(clock.today()).get(kind="four-lists")
    assert (tie.near, tie.far) == (county.offer, county.need)
    assert "已对接" in board(county)


def test_the_agenda_of_the_next_meeting_is_what_waits_for_it(county: County) -> None:
    assert "没有等着上会的" in board(county)
    activities.plan(
        county.policy,
        "alliance-meeting",
        day=clock.today() + timedelta(days=7),
        run_by=county.alliance,
        by=county.secretary,
        today=clock.today(),
    )
    case = topic(county, need=county.need.pk)
    context = client(county.secretary).get(reverse("alliance", args=[county.alliance.pk])).context
    assert [row["case"] for row in context["agenda"]] == [case]
    assert context["next"]["activity"].run_by == county.alliance
    page = board(county)
    assert MATTER in page
    assert reverse("activity-decisions", args=[context["next"]["activity"].pk]) in page
    assert reverse("activity-decisions", args=[context["next"]["activity"].pk]) not in board(
        county, county.doctor
    )


def test_topics_are_claimed_on_the_page_of_the_meeting(county: County) -> None:
    case = topic(county)
    meeting = activities.plan(
        county.policy,
        "alliance-meeting",
        day=clock.today(),
        run_by=county.alliance,
        by=county.secretary,
        today=clock.today(),
    )
    there = reverse("activity-decisions", args=[meeting.pk])
    page = client(county.secretary).get(there).content.decode()
    assert MATTER in page
    assert "赞成" not in page, "this meeting takes no vote"
    given = {
        "should_attend": "3", "attended": "3", "minutes": "卫健局认领", f"take_{case.pk}": "on",
        f"claimer_{case.pk}": str(county.health.pk), f"finish-by_{case.pk}": str(clock.today() + timedelta(days=9)),
    }  # fmt: skip
    done = client(county.secretary).post(there, given)
    assert done.status_code == 302, done.content.decode()
    case.refresh_from_db()
    assert case.holder == county.health


def test_what_was_decided_leads_to_its_record_and_shows_how_far_it_is(county: County) -> None:
    case = topic(county, need=county.need.pk)
    claimed(county, case)
    context = client(county.secretary).get(reverse("alliance", args=[county.alliance.pk])).context
    (meeting,) = context["meetings"]
    assert [row["case"] for row in meeting["rows"]] == [case]
    assert [row["case"] for row in context["running"]] == [case]
    page = board(county)
    assert reverse("case", args=[case.pk]) in page
    assert page.index("县卫生健康局") < page.index("解题")
    assert "有人认领" in page


def test_members_see_it_and_others_do_not(county: County) -> None:
    there = reverse("alliance", args=[county.alliance.pk])
    assert client(county.doctor).get(there).status_code == 200
    assert client(county.chen).get(there).status_code == 200
    assert client(county.stranger).get(there).status_code == 404
    assert client(county.chen).get(reverse("alliance", args=[county.town.pk])).status_code == 404


def test_the_way_to_it_is_on_the_organisations_page_and_on_the_desk(county: County) -> None:
    there = reverse("alliance", args=[county.alliance.pk])
    organisation = reverse("organisation", args=[county.alliance.pk])
    assert there in client(county.chen).get(organisation).content.decode()
    assert there in client(county.secretary).get(reverse("desk")).content.decode()
    assert there not in client(county.stranger).get(reverse("desk")).content.decode()
