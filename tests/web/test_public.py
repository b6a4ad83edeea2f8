"""Who has no account asks, follows and rates: without script, without a session, on a slow line."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from little_county import LONG_AGO, County, county, in_force
from little_requests import PACK, PASSING_UP
from other_county import client as signed_in
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.cases import actions
from zugong.cases.models import Case, Receipt
from zugong.cases.needs import answers_of
from zugong.core import clock
from zugong.core.files.models import File
from zugong.registry.models import Link, Particulars, Subject

pytestmark = pytest.mark.django_db
DAY = date(2024, 1, 1)
PHOTO = (
    b"\xff\xd8\xff\xe1\x00\x16Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00GPS!"
    + b"\xff\xda\x00\x02picture\xff\xd9"
)


@pytest.fixture
def place() -> County:
    in_force(**PACK)
    found = county()
    found.users = {"town": found.user(Role.TOWNSHIP_CLERK, found.townships[0])}
    return found


def text(response: Any) -> str:
    return str(response.content.decode())


def form_at(client: Client, village: Subject, kind: str = "request") -> dict[str, str]:
    page = text(client.get(reverse("ask-what", args=[kind, village.pk])))
    return {"key": re.findall(r'name="key" value="(\w+)"', page)[0]}


def send(client: Client, village: Subject, kind: str = "request", **answers: Any) -> Any:
    given = form_at(client, village, kind) | {"matter": "路灯不亮", "contact": "13900000000"} | answers
    return client.post(reverse("ask-what", args=[kind, village.pk]), given)


def slip(response: Any) -> dict[str, str]:
    number, code = re.findall(r"<dd>([\w -]+)</dd>", text(response))
    return {"number": number, "code": code}


def follow(client: Client, slip: dict[str, str]) -> Any:
    return client.post(reverse("ask-follow"), slip)


def test_somebody_asks_in_three_steps_and_gets_a_receipt(client: Client, place: County) -> None:
    first = text(client.get(reverse("ask")))
    assert "群众诉求" in first
    assert "反映干部" in first
    assert "杂事" not in first
    where = text(client.get(reverse("ask-where", args=["request"])))
    there = reverse("ask-what", args=["request", place.villages[1].pk])
    assert there in where
    receipt = send(client, place.villages[1])
    assert receipt.status_code == 200
    assert "请记下这两行" in text(receipt)
    case = Case.objects.get()
    assert case.about == place.villages[1]
    assert answers_of(case)["matter"] == "路灯不亮"
    assert case.receipt.channel == "public"
    assert case.receipt.taken_by is None


def test_who_follows_reads_with_which_unit_it_lies_but_not_of_a_complaint(
    client: Client, place: County
) -> None:
    asked = slip(send(client, place.villages[0]))
    assert "现在由乡镇办理" in text(follow(client, asked))
    complaint = slip(send(client, place.villages[0], kind="complaint"))
    assert "现在由" not in text(follow(client, complaint))


def test_the_places_are_found_by_name_and_by_township(client: Client, place: County) -> None:
    found = text(client.get(reverse("ask-where", args=["request"]), {"q": "上村"}))
    assert "上村" in found
    assert "中村" not in found
    nothing = text(client.get(reverse("ask-where", args=["request"]), {"q": "没有这个村"}))
    assert "没有找到" in nothing


def test_places_are_called_as_people_call_them(client: Client, place: County) -> None:
    """A resident looks for the village, not for the branch that serves it."""
    village = Subject.objects.create(noun="place", code="990199001")
    Particulars.objects.create(
        subject=village,
        klass="village",
        name="桃溪村",
        valid=(LONG_AGO, None),
        recorded=(clock.now(), None),
        by="-",
    )
    Link.objects.create(
        kind="seat", role="place", near=place.villages[0], far=village,
        valid=(LONG_AGO, None), recorded=(clock.now(), None), by="-",
    )  # fmt: skip
    found = text(client.get(reverse("ask-where", args=["request"]), {"q": "桃溪"}))
    assert "桃溪村" in found
    assert place.villages[0].name_on(clock.today()) not in found
    assert "桃溪村" in text(client.get(reverse("ask-what", args=["request", place.villages[0].pk])))


def test_the_form_sent_again_shows_the_same_receipt_and_keeps_no_second_picture(
    client: Client, place: County
) -> None:
    given = form_at(client, place.villages[0]) | {"matter": "井盖"}
    at = reverse("ask-what", args=["request", place.villages[0].pk])
    slips = [slip(client.post(at, given | {"photo": _file("a.jpg", PHOTO)})) for _ in range(2)]
    assert slips[0] == slips[1]
    assert Receipt.objects.count() == 1
    assert File.objects.count() == 1
    assert b"GPS" not in bytes(File.objects.get().content), "where a picture was taken is not kept"


def _file(name: str, content: bytes) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"%PDF-1.4"), ("a.jpg", b"MZ program"), ("a.svg", b"<svg/>"), ("a.docx", b"PK\x03\x04")],
)
def test_only_pictures_are_taken(client: Client, place: County, name: str, content: bytes) -> None:
    refused = send(client, place.villages[0], photo=_file(name, content))
    assert "只收照片" in text(refused)
    assert "路灯不亮" in text(refused)
    assert not Case.objects.exists()
    assert not File.objects.exists()


@override_settings(PUBLIC_PICTURE_MB=0)
def test_a_picture_has_a_limit(client: Client, place: County) -> None:
    assert "不能超过 0 MB" in text(send(client, place.villages[0], photo=_file("a.jpg", PHOTO)))


def test_what_must_be_said_is_asked_for_in_a_sentence(client: Client, place: County) -> None:
    refused = send(client, place.villages[0], matter=" ")
    assert refused.status_code == 200
    assert "有问题需要处理" in text(refused)
    assert not Case.objects.exists()


def test_no_page_has_a_script_or_leaves_a_cookie_but_the_forms_own(client: Client, place: County) -> None:
    village = place.villages[0]
    ways = [
        reverse("ask"),
        reverse("ask-where", args=["request"]),
        reverse("ask-what", args=["request", village.pk]),
        reverse("ask-follow"),
    ]
    pages = [client.get(way) for way in ways]
    pages += [receipt := send(client, village), follow(client, slip(receipt))]
    for page in pages:
        assert page.status_code == 200
        assert "<script" not in text(page)
        assert len(page.content) < 30_000
        assert set(page.cookies) <= {"csrftoken"}
    assert "sessionid" not in client.cookies


def test_number_and_code_tell_how_far_it_has_come_and_no_officials_name(
    client: Client, place: County
) -> None:
    held, town = slip(send(client, place.villages[0])), place.users["town"]
    assert "正在办理" in text(follow(client, held))
    assert "分办" in text(follow(client, held))
    case, today = Case.objects.get(), clock.today()
    actions.submit(case, by=town, day=today, answers={"inner": "转给张三"}, note="内部的话")
    actions.submit(case, by=town, day=today, outcome="answered", answers={"reply": "路灯已经修好"})
    page = text(follow(client, held))
    assert "路灯已经修好" in page
    assert "已答复" in page
    for hidden in ("张三", "内部的话", town.called, "13900000000"):
        assert hidden not in page


def test_a_wrong_code_is_answered_as_a_wrong_number_is(client: Client, place: County) -> None:
    held = slip(send(client, place.villages[0]))
    wrong = [
        text(follow(client, held | {"code": "0000-0000-0000-0000"})),
        text(follow(client, held | {"number": "123456789012"})),
    ]
    assert all("受理号或查询码不对" in page for page in wrong)
    assert all("分办" not in page for page in wrong)


@override_settings(PUBLIC_WRONG_CODES=2)
def test_whoever_guesses_codes_is_held_back_even_with_the_right_one(client: Client, place: County) -> None:
    held = slip(send(client, place.villages[0]))
    for _ in range(2):
        follow(client, held | {"code": "0" * 16})
    assert "试错的次数太多" in text(follow(client, held))


@override_settings(PUBLIC_ASKS=1)
def test_too_many_from_one_address_are_told_what_to_do_instead(client: Client, place: County) -> None:
    send(client, place.villages[0])
    again = send(client, place.villages[0], matter="第二件")
    assert again.status_code == 429
    assert "热线" in text(again)
    assert "第二件" in text(again)
    assert Case.objects.count() == 1
    assert send(Client(REMOTE_ADDR="10.9.9.9"), place.villages[0]).status_code == 200


def test_whoever_asked_rates_and_dissatisfaction_lets_it_go_on(client: Client, place: County) -> None:
    held, town, today = slip(send(client, place.villages[0])), place.users["town"], clock.today()
    case = Case.objects.get()
    assert "提交评价" not in text(follow(client, held))
    actions.submit(case, by=town, day=today, answers={"inner": "转"})
    actions.submit(case, by=town, day=today, outcome="answered", answers={"reply": "修好了"})
    asks = text(follow(client, held))
    assert "您满意吗" in asks
    assert "联系不上" not in asks, "that nobody could reach them is not theirs to say"
    wrong = client.post(reverse("ask-rating"), held | {"code": "0" * 16, "outcome": "satisfied"})
    assert "受理号或查询码不对" in text(wrong)
    nothing = client.post(reverse("ask-rating"), held)
    assert "有问题需要处理" in text(nothing)
    done = client.post(reverse("ask-rating"), held | {"outcome": "dissatisfied", "says": "只修了一盏"})
    assert "谢谢" in text(done)
    case.refresh_from_db()
    assert case.stage == "handle"
    User.objects.filter(pk=town.pk).update(password_set_at=clock.instant())
    office = signed_in(town)
    assert "提出诉求的人" in text(office.get(reverse("case", args=[case.pk])))
    assert "只修了一盏" in text(office.get(reverse("case-submission", args=[case.pk])))


def test_a_merged_request_is_answered_with_the_other(client: Client, place: County) -> None:
    first, second = (slip(send(client, place.villages[0])) for _ in range(2))
    one, two = Case.objects.order_by("pk")
    town, today = place.users["town"], clock.today()
    actions.merge(one, two, by=town, day=today, reason="同一盏灯")
    actions.submit(two, by=town, day=today, answers={"inner": "转"})
    actions.submit(two, by=town, day=today, outcome="answered", answers={"reply": "修好了"})
    page = text(follow(client, first))
    assert "合并办理" in page
    assert two.number in page
    assert "修好了" in page
    assert "同一盏灯" not in page
    assert "提交评价" not in page
    assert "提交评价" in text(follow(client, second))


def test_who_complains_of_the_top_of_the_county_is_told_that_it_is_passed_up(
    client: Client, db: None
) -> None:
    in_force(**PASSING_UP)
    found = county()
    office = found.user(Role.DESK, found.office)
    head = found.person("县长", "county-leader", found.root)
    receipt = send(client, found.villages[0], "complaint", who=str(head.pk))
    assert "转送上一级" in text(receipt)
    actions.submit(
        Case.objects.get(),
        by=office,
        day=clock.today(),
        outcome="passed",
        answers={"reply": "已转市纪委监委"},
    )
    told = text(follow(client, slip(receipt)))
    assert "已转市纪委监委" in told
    assert "县长" not in told


def test_where_nobody_takes_in_complaints_of_officials_the_page_says_where_to_go(
    client: Client, place: County
) -> None:
    elsewhere = "请直接向纪检监察机关反映"
    assert elsewhere not in text(client.get(reverse("ask")))
    requests, rest = PACK["case"].split("---\ncase: complaint")
    in_force(DAY, **PACK | {"case": requests + "---" + rest.split("---", 1)[1]})
    assert elsewhere in text(client.get(reverse("ask")))


def test_a_kind_that_nobody_may_ask_for_here_leads_back_to_those_they_may(
    client: Client, place: County
) -> None:
    for name in ("chore", "nothing"):
        assert client.get(reverse("ask-where", args=[name]))["Location"] == reverse("ask")
    assert client.get(reverse("ask-what", args=["request", place.office.pk]))["Location"] == reverse("ask")


def test_before_rules_are_in_force_the_page_says_so(client: Client, db: None) -> None:
    assert "还没有开通" in text(client.get(reverse("ask")))


def test_who_signs_in_is_shown_the_way_for_who_has_no_account(client: Client, place: County) -> None:
    assert reverse("ask") in text(client.get(reverse("sign-in")))
