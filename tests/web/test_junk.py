"""What no honest hand types: it changes nothing, breaks nothing, and keeps what was typed beside it."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from cast import Cast, cast, tie_supporters
from zugong.accounts import actions
from zugong.activities.models import Activity
from zugong.bulletins.models import Bulletin
from zugong.cases.models import Case
from zugong.core import clock
from zugong.web import plain

pytestmark = pytest.mark.django_db

MEETING = {
    "meeting": "new",
    "should_attend": "9",
    "attended": "8",
    "minutes": "会议认为应列为拟整顿对象。",
    "in_favour": "8",
    "against": "0",
    "abstained": "0",
    "causes": ["weak"],
    "look-back": "2023年曾整顿",
}


@pytest.fixture
def county() -> Cast:
    return cast()


@pytest.fixture
def opened(county: Cast) -> Case:
    return county.open(day=clock.today())


HUGE, NUL = "99999999999999999999", "\x00"
PAGES = ("people", "organisations", "cases", "activities", "search", "duties", "bulletins", "packs")
ASKED = ("q", "kind", "klass", "state", "stage", "township", "page", "on", "sort", "grade", "duty", "at")


@pytest.mark.parametrize("junk", [NUL, HUGE, "0001-01-01", "9999-12-31", "\u202e", "-1"])
def test_a_query_of_junk_asks_for_nothing(county: Cast, opened: Case, junk: str) -> None:
    chen = county.client("chen")
    query = "&".join(f"{name}={quote(junk)}" for name in ASKED)
    for page in PAGES:
        assert chen.get(f"{reverse(page)}?{query}").status_code == 200, page
    for record in (opened.about_id, HUGE):
        address = reverse("organisation", args=[record])
        assert chen.get(f"{address}?{query}").status_code in {200, 404}, address


def test_an_address_with_a_control_character_is_a_page_that_is_not_there(county: Cast) -> None:
    for there in ("/ratings/2/units/%00", "/cases/%1b", "/packs/%E2%80%AE"):
        assert county.client("chen").get(there).status_code == 404, there


@pytest.mark.parametrize("number", ["2147483648", HUGE])
def test_a_number_too_large_is_said_beside_its_question_and_the_rest_stays(
    county: Cast, opened: Case, number: str
) -> None:
    address = reverse("case-submission", args=[opened.pk])
    given = MEETING | {"should_attend": number, "day": str(clock.today())}
    page = county.client("wang").post(address, given).content.decode()
    assert "最多填 999999999" in page
    assert "会议认为应列为拟整顿对象。" in page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_means_is_said_beside_its_question(county: Cast, opened: Case, day: str) -> None:
    address = reverse("case-submission", args=[opened.pk])
    page = county.client("wang").post(address, MEETING | {"day": day}).content.decode()
    assert "请填写 1900 年到 2100 年之间的日期" in page


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_no_bulletin_is_of_a_month_that_was_not_kept_or_has_not_come(county: Cast, month: str) -> None:
    given = {"kind": "monthly", "within": month}
    page = county.client("chen").post(reverse("bulletins"), given)
    assert page.status_code == 200
    assert "月份" in page.content.decode()
    assert not Bulletin.objects.exists()


def test_characters_that_cannot_be_seen_are_not_kept(county: Cast, opened: Case) -> None:
    address = reverse("case-submission", args=[opened.pk])
    given = MEETING | {
        "minutes": "同意\x00\x1b[31m\u202e列入\u2066。\u200b\r\n\t另议",
        "day": str(clock.today()),
    }
    assert county.client("wang").post(address, given).status_code == 302
    opened.refresh_from_db()
    step = opened.steps.get()
    assert step.activity is not None
    assert step.activity.minutes == "同意[31m列入。\r\n\t另议"


def test_a_text_without_end_is_refused_with_a_sentence(county: Cast, opened: Case) -> None:
    address = reverse("case-submission", args=[opened.pk])
    given = MEETING | {"minutes": "议" * 50_001, "day": str(clock.today())}
    page = county.client("wang").post(address, given).content.decode()
    assert "最多写 50000 个字，现在有 50001 个" in page


def test_nothing_is_known_before_the_county_was(county: Cast, opened: Case) -> None:
    given = MEETING | {"day": str(date(1999, 1, 1))}
    page = county.client("wang").post(reverse("case-submission", args=[opened.pk]), given).content.decode()
    assert "禾汀镇" in page
    assert "还没有" in page


def test_a_form_that_cannot_be_read_is_answered_in_a_sentence(county: Cast) -> None:
    """Also where the page of the error asks for the form again, as Django's own do."""
    for type in ("application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data; boundary="):
        for there in (reverse("sign-out"), "/nowhere"):
            page = county.client("chen").generic("POST", there, b"a=b", content_type=type)
            assert page.status_code == 400, (type, there)
            assert "送来的内容读不出来" in page.content.decode()


def test_an_address_that_only_takes_a_button_says_so(county: Cast) -> None:
    page = county.client("chen").get(reverse("sign-out"))
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "只接收页面上的按钮" in page.content.decode()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_what_no_browser_sends_is_answered_in_a_sentence(county: Cast, opened: Case, method: str) -> None:
    page = county.client("wang").generic(method, reverse("case-submission", args=[opened.pk]), b"reason=x")
    assert page.status_code == 405
    assert "只接收页面上的按钮" in page.content.decode()


def test_a_file_is_called_what_its_name_shows(rf) -> None:
    request = rf.post("/", {"file": SimpleUploadedFile("表\u202excod.exe", b"x")})
    plain.plain_text(lambda sent: HttpResponse(sent.FILES["file"].name))(request)
    assert request.FILES["file"].name == "表xcod.exe"


def test_a_code_that_is_no_number_is_a_wrong_code(county: Cast) -> None:
    actions.begin_second_factor(county.users["chen"])
    page = county.client("chen").post(reverse("second-factor-new"), {"code": "甲"})
    assert (page.status_code, "验证码不对" in page.content.decode()) == (200, True)


def test_a_step_that_there_is_not_is_the_first_one(county: Cast) -> None:
    assert county.client("chen").post(reverse("visit-new"), {"step": "__all__"}).status_code in {200, 403}


def test_an_address_with_too_many_words_is_a_page_that_says_so(county: Cast) -> None:
    there = "/cases?" + "a&" * 3000
    assert county.client("chen").get(there).status_code == 400
    claimed = "application/x-www-form-urlencoded; charset=latin-1"
    assert county.client("chen").generic("POST", there, b"a=b", content_type=claimed).status_code == 400


def test_a_key_longer_than_any_form_gives_enters_nothing(county: Cast, opened: Case) -> None:
    tie_supporters(county, "白石村", since=clock.today())
    given = {
        "key": "k" * 300,
        "step": "present",
        "at": str(opened.about_id),
        "kind": "village-visit",
        "day": str(clock.today()),
    }
    assert county.client("zhou").post(reverse("visit-new"), given).status_code == 200
    assert not Activity.objects.exists()


def test_a_host_that_is_none_gets_a_page_that_says_so(county: Cast) -> None:
    chen = county.client("chen")
    chen.raise_request_exception = False
    said = chen.get(reverse("desk"), headers={"host": "a b"})
    assert said.status_code == 400
    assert "<h1" in said.content.decode()
