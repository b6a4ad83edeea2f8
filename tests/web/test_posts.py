"""The page of a post: who answers for it, what lies with it; releasing, handing over, standing in."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cast import Cast, cast, person, tie_supporters
from zugong.accounts import jobs
from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.outbox.models import Message
from zugong.duties import handing
from zugong.registry import actions as registry
from zugong.registry.models import Appointment, Link
from zugong.web.templatetags.zugong import day as long_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def _post(county: Cast, name: str) -> int:
    return Appointment.objects.on(clock.today()).get(person=county.people[name]).post_id


def _release(county: Cast) -> Case:
    post = _post(county, "li")
    given = {"on": clock.today().isoformat(), "reason": "辞职"}
    answer = county.client("chen").post(reverse("post-release", args=[post]), given)
    case = Case.objects.get(kind="hand-over")
    assert answer["Location"] == reverse("case", args=[case.pk])
    return case


def test_releasing_a_secretary_opens_the_hand_over_with_its_list(county: Cast) -> None:
    case = _release(county)
    assert case.about_id == Appointment.objects.known().get(person=county.people["li"]).post_id
    assert case.holder == county.people["li"]
    page = county.client("wang").get(reverse("case", args=[case.pk])).content.decode()
    assert "交接清单" in page
    assert "由系统列出" in page
    paper = county.client("wang").get(reverse("case-list", args=[case.pk]))
    assert paper.content.startswith(b"PK")


def test_a_release_says_which_tie_stays_and_leads_to_where_it_is_let_go(county: Cast) -> None:
    county.open(day=clock.today())
    tie_supporters(county, "白石村", since=clock.today())
    zhou, village = county.people["zhou"], county.villages["白石村"]
    seat = registry.add(
        "post", klass="first-secretary", name="第一书记", parent=village, since=clock.today(), by="t"
    )
    registry.appoint(zhou, post=seat, since=clock.today(), by="t")
    given = {"on": str(clock.today()), "reason": "组织决定"}
    page = county.client("chen").post(reverse("post-release", args=[seat.pk]), given, follow=True)
    tie = Link.objects.on(clock.today()).get(near=zhou, far=village)
    assert "仍是这里的“第一书记”" in page.content.decode()
    assert reverse("organisation-tie", args=[village.pk, tie.pk]) in page.content.decode()


def test_a_release_says_what_the_person_may_still_do_and_tells_who_takes_it_back(county: Cast) -> None:
    person(county, "security", "邵安", "staff", county.office, [(Role.SECURITY_ADMINISTRATOR, None)])
    given = {"on": clock.today().isoformat(), "reason": "辞职"}
    release = reverse("post-release", args=[_post(county, "li")])
    page = county.client("chen").post(release, given, follow=True).content.decode()
    assert "李禾还有授权：村党支部书记（白石村党支部）" in page
    told = Message.objects.get(to="security")
    assert told.link == reverse("account-of", args=[county.users["li"].pk])
    assert jobs.tell_of_released(clock.today()) == 0  # once
    assert "授权还没有收回" in county.client("security").get("/").content.decode()
    assert "收回" in county.client("security").get(told.link).content.decode()


def test_whoever_left_any_other_way_is_told_of_the_day_after_and_who_holds_nothing_is_not(
    county: Cast,
) -> None:
    person(county, "security", "邵安", "staff", county.office, [(Role.SECURITY_ADMINISTRATOR, None)])
    today = clock.today()
    for name in ("li", "zhou"):
        one = Appointment.objects.on(today).get(person=county.people[name])
        registry.release(one, on=today, by="表格导入")
    county.users["zhou"].grants.all().delete()
    assert jobs.tell_of_released(today) == 1
    assert Message.objects.filter(to="security").count() == 1


def test_an_empty_post_says_who_takes_its_work_in_and_offers_a_deputy(county: Cast) -> None:
    post = _post(county, "li")
    _release(county)
    page = county.client("wang").get(reverse("post", args=[post])).content.decode()
    assert "由禾汀镇党委代收" in page
    assert "指定代理" in page
    there = reverse("organisation", args=[county.villages["白石村"].pk])
    assert "由禾汀镇党委代收" in county.client("wang").get(there).content.decode()
    assert "指定代理" not in county.client("chen").get(reverse("post", args=[post])).content.decode()
    assert county.client("chen").get(reverse("post-deputy", args=[post])).status_code == 403


def test_who_can_be_appointed_is_told_from_a_namesake_by_what_they_do(county: Cast) -> None:
    there = reverse("post-appointment", args=[_post(county, "li")])
    rows = county.client("chen").get(there, {"q": "ws"}).context["rows"]
    assert [(row["name"], row["sub"]) for row in rows] == [("王舒", "禾汀镇党委 工作人员")]


def test_who_can_be_appointed_comes_a_page_at_a_time_and_nobody_else_is_taken(county: Cast) -> None:
    for many in range(60):
        registry.add("person", klass="cadre", name=f"戴{many:02}", since=clock.today(), by="t")
    there, chen = reverse("post-appointment", args=[_post(county, "li")]), county.client("chen")
    assert len(chen.get(there).context["rows"]) <= 50
    given = {"kind": "substantive", "since": clock.today().isoformat(), "source": "任命"}
    page = chen.post(there, given).content.decode()
    assert "请填写“任命谁”" in page
    assert chen.post(there, given | {"subject": county.office.pk}).status_code == 404


def test_a_deputy_is_named_on_the_page_and_a_form_without_reason_says_so(county: Cast) -> None:
    post, today = _post(county, "li"), clock.today()
    given = {
        "kind": "deputy",
        "person": county.people["wang"].pk,
        "since": today.isoformat(),
        "through": (today + timedelta(days=9)).isoformat(),
        "reason": "",
    }
    wang = county.client("wang")
    assert "请写明理由" in wang.post(reverse("post-deputy", args=[post]), given).content.decode()
    assert wang.post(reverse("post-deputy", args=[post]), given | {"reason": "住院"}).status_code == 302
    page = wang.get(reverse("post", args=[post])).content.decode()
    assert "王舒代理" in page
    assert "结束代理" in page
    last = long_day(today + timedelta(days=9))
    assert f"— {last}" in page
    assert last in county.client("chen").get(reverse("person", args=[given["person"]])).content.decode()
    ended = {"on": today.isoformat(), "reason": "回来了"}
    assert wang.post(reverse("post-deputy-end", args=[post]), ended).status_code == 302
    assert "李禾" in wang.get(reverse("post", args=[post])).content.decode()


def test_what_waits_for_an_empty_post_is_on_the_desk_of_the_body_above(county: Cast) -> None:
    case = county.open(day=clock.today())
    Case.objects.filter(pk=case.pk).update(stage="work")
    wang, desk = county.client("wang"), reverse("desk")
    assert "无人在岗，代收" not in wang.get(desk).content.decode()
    _release(county)
    page = wang.get(desk).content.decode()
    assert "无人在岗，代收" in page
    assert reverse("post", args=[_former(county)]) in page
    stuck = county.client("chen").get(reverse("cases-stuck"), {"deadline": "any"}).content.decode()
    assert "无人在岗，代收" in stuck
    assert "禾汀镇党委" in stuck


def _former(county: Cast) -> int:
    return Appointment.objects.known().get(person=county.people["li"]).post_id


def test_a_persons_page_shows_the_hand_over_they_owe(county: Cast) -> None:
    case = _release(county)
    page = county.client("li").get(reverse("person", args=[county.people["li"].pk])).content.decode()
    assert case.number in page


def test_pages_of_posts_are_read_in_english(county: Cast) -> None:
    post = _post(county, "li")
    wang = county.client("wang")
    wang.post(reverse("language"), {"language": "en", "next": "/"})
    page = wang.get(reverse("post", args=[post])).content.decode()
    assert "What lies with the post" in page
    assert "Name a deputy" in page


def test_a_successor_gets_what_the_post_holds(county: Cast) -> None:
    case = county.open(day=clock.today())
    Case.objects.filter(pk=case.pk).update(stage="work")
    _release(county)
    given = {
        "subject": county.people["wang"].pk,
        "kind": "substantive",
        "since": clock.today().isoformat(),
        "source": "任命",
    }
    answer = county.client("chen").post(reverse("post-appointment", args=[_former(county)]), given)
    assert answer.status_code == 302
    assert "无人在岗，代收" not in county.client("wang").get(reverse("desk")).content.decode()
    assert registry.policy_on(clock.today()).case("hand-over")


def test_where_either_party_hands_over_nobody_is_asked_to_sign_beside_another(county: Cast) -> None:
    page = county.client("wang").get(reverse("case", args=[_release(county).pk])).content.decode()
    assert "办完“移交”" in page
    assert "会签" not in page


def test_a_successor_without_a_grant_opens_the_hand_over_that_waits_for_them(county: Cast) -> None:
    case, today = _release(county), clock.today()
    there = reverse("case", args=[case.pk])
    assert county.client("cai").get(there).status_code == 404
    registry.appoint(county.people["cai"], post=case.about, since=today, by="t")
    assert county.client("cai").get(there).status_code == 200


def test_the_hand_over_says_that_its_successor_cannot_see_and_the_administrators_desk_too(
    county: Cast,
) -> None:
    county.users["sec"] = User.objects.create_user(
        "sec", called="安全", made_on=clock.today(), password_set_at=clock.instant()
    )
    Grant.objects.create(
        user=county.users["sec"],
        role="security-administrator",
        held=(clock.today(), None),
        given_by="甲",
        agreed_by="乙",
    )
    case = _release(county)
    today = clock.today()
    registry.appoint(county.people["cai"], post=case.about, since=today, by="t")
    handing.follow(today)
    page = county.client("wang").get(reverse("case", args=[case.pk])).content.decode()
    assert "接任的蔡言还没有这个组织的授权" in page
    assert "账号 cai" in county.client("sec").get(reverse("desk"), follow=True).content.decode()


def test_a_hand_over_is_called_by_the_post_and_says_who_left(county: Cast) -> None:
    case = _release(county)
    page = county.client("wang").get(reverse("case", args=[case.pk])).content.decode()
    assert "白石村党支部党组织书记 · 职务交接" in page
    assert "李禾离任" in page
    assert "released" not in page
    given = {"handed-over": "都在村部"}
    assert county.client("li").post(reverse("case-submission", args=[case.pk]), given).status_code == 302


def test_what_was_filled_in_stands_in_the_order_in_which_it_was_asked(county: Cast) -> None:
    today, zhou = clock.today(), county.users["zhou"]
    case = cases.open("leave", about=county.people["zhou"], day=today, by=zhou)
    days = {"reason": "家中有事", "leave-until": "2030-03-04", "leave-from": "2030-03-02"}
    cases.submit(case, by=zhou, day=today, answers=days)
    page = county.client("zhou").get(reverse("case", args=[case.pk])).content.decode()
    first, last, why = (page.index(word) for word in ("2030年3月2日", "2030年3月4日", "家中有事"))
    assert first < last < why
