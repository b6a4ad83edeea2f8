"""Requests as those see them who take them in and handle them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from little_county import County, county, in_force
from little_requests import PACK
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.cases import actions
from zugong.cases.models import Case, Receipt
from zugong.core import clock
from zugong.core.files.actions import keep
from zugong.core.files.models import File
from zugong.core.journal.models import Entry

pytestmark = pytest.mark.django_db
PHONE = "139 0000-0000"


@pytest.fixture
def place() -> County:
    in_force(**PACK)
    found = county()
    found.users = {
        "town": found.user(Role.TOWNSHIP_CLERK, found.townships[0]),
        "office": found.user(Role.DESK, found.office),
        "stranger": found.user(Role.TOWNSHIP_CLERK, found.townships[1]),
    }
    return found


def browser(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(password_set_at=clock.instant())
    client = Client()
    client.force_login(user)
    session = client.session
    session["passed_second_factor"] = True
    session.save()
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def key_on(page: Any) -> str:
    return re.findall(r'name="key" value="(\w+)"', text(page))[0]


def take(place: County, way: str = "request-new", **answers: Any) -> Any:
    clerk = browser(place.users["office"])
    given = {
        "key": key_on(clerk.get(reverse(way))),
        "channel": "hotline",
        "about": str(place.villages[0].pk),
        "matter": "路灯不亮",
        "contact": PHONE,
    }
    return clerk.post(reverse(way), given | answers)


def test_a_clerk_takes_in_a_call_and_tells_the_caller_number_and_code(place: County) -> None:
    page = take(place, outside_number="12345-7")
    receipt = Receipt.objects.get()
    assert receipt.outside_number == "12345-7"
    assert receipt.taken_by == place.users["office"]
    number = receipt.number
    assert f"{number[:4]} {number[4:8]} {number[8:]}" in text(page)
    assert re.search(r"<dd>\w{4}-\w{4}-\w{4}-\w{4}</dd>", text(page))
    again = take(place, outside_number="12345-7")
    assert receipt.number in text(again)
    assert Receipt.objects.count() == 1


def test_a_grid_worker_enters_the_same_on_a_phone(place: County) -> None:
    page = browser(place.users["office"]).get(reverse("request-on-foot"))
    assert "data-offline" in text(page)
    assert "热线工单号" not in text(page)
    take(place, "request-on-foot", channel="grid")
    assert Receipt.objects.get().channel == "grid"


def test_before_a_call_is_taken_in_the_clerk_sees_how_many_the_caller_brought(place: County) -> None:
    take(place)
    looked = take(place, contact="+86 13900000000", look="1")
    assert "近期还提过 1 件" in text(looked)
    assert "路灯不亮" in text(looked)
    assert Receipt.objects.count() == 1, "looking takes nothing in"
    assert "没有同一联系方式" in text(take(place, contact="13800000000", look="1"))


def test_who_may_take_nothing_in_is_refused(place: County) -> None:
    assert browser(place.users["town"]).get(reverse("request-new")).status_code == 403


def test_the_contact_is_on_no_page_until_it_is_read_for_a_reason(place: County) -> None:
    take(place)
    case, town = Case.objects.get(), browser(place.users["town"])
    page = text(town.get(reverse("case", args=[case.pk])))
    assert "已封存" in page
    assert "0000" not in page.replace(case.receipt.number, "")
    there = reverse("request-contact", args=[case.pk])
    assert PHONE not in text(town.get(there))
    assert PHONE not in text(town.post(there, {"reason": ""}))
    assert not Entry.objects.filter(deed="request.contact").exists()
    assert PHONE in text(town.post(there, {"reason": "反馈结果"}))
    assert Entry.objects.filter(deed="request.contact").count() == 1
    assert browser(place.users["office"]).post(there, {"reason": "看看"}).status_code in (403, 404)


def test_the_list_shows_way_receipt_and_three_facts_and_finds_by_receipt(place: County) -> None:
    take(place, outside_number="A-1")
    case, today, town = Case.objects.get(), clock.today(), place.users["town"]
    client = browser(town)
    page = text(client.get(reverse("requests")))
    assert "路灯不亮" in page
    assert "热线" in page
    actions.submit(case, by=town, day=today, answers={"inner": "转"})
    actions.submit(case, by=town, day=today, outcome="answered", answers={"reply": "修好了"})
    assert "已答复" in text(client.get(reverse("requests")))
    actions.submit_as_asker(case, day=today, outcome="satisfied")
    for words in (case.receipt.number, f"{case.receipt.number[:4]} {case.receipt.number[4:]}", "A-1", "上村"):
        found = text(client.get(reverse("requests"), {"q": words, "state": "all"}))
        assert case.number in found
        assert "满意" in found
    assert case.number not in text(client.get(reverse("requests"), {"q": "999999999999", "state": "all"}))
    assert case.number not in text(
        browser(place.users["stranger"]).get(reverse("requests"), {"state": "all"})
    )


def test_the_search_of_every_page_finds_a_receipt_by_its_number(place: County) -> None:
    take(place)
    case = Case.objects.get()
    found = text(browser(place.users["town"]).get(reverse("search"), {"q": case.receipt.number}))
    assert case.number in found
    assert "139" not in found.replace(case.receipt.number, "")


def test_a_case_page_shows_what_came_with_the_request(place: County) -> None:
    take(place, outside_number="A-1")
    case = Case.objects.get()
    page = text(browser(place.users["town"]).get(reverse("case", args=[case.pk])))
    number = case.receipt.number
    assert f"{number[:4]} {number[4:8]} {number[8:]}" in page
    assert "热线" in page
    assert "A-1" in page


def test_a_picture_that_came_with_it_opens_for_who_sees_the_case_and_nobody_else(place: County) -> None:
    photo = BytesIO(b"\xff\xd8\xff\xda\x00\x02picture\xff\xd9")
    photo.name = "a.jpg"
    take(place, photo=photo)
    case, file = Case.objects.get(), File.objects.get()
    there = reverse("case-file", args=[case.pk, file.pk])
    assert there in text(browser(place.users["town"]).get(reverse("case", args=[case.pk])))
    assert browser(place.users["town"]).get(there).status_code == 200
    assert browser(place.users["stranger"]).get(there).status_code == 404
    other = keep(name="b.jpg", content=b"\xff\xd8\xff\xda\x00\x02other\xff\xd9", by="x")
    assert browser(place.users["town"]).get(reverse("case-file", args=[case.pk, other.pk])).status_code == 404
