"""When something is due is said in one way: by the instant, with the deadline of the whole beside that of the stage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from little_county import County, county, in_force
from little_requests import PACK
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.cases import actions, intake
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.workdays import SHANGHAI, Workdays
from zugong.web import due

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
AT_ONCE = "body: town, needs: [inner], clock: {hours: 4}}"  # 13:00
BY_THE_TENTH = "number: 诉\nclock: {days: 8}"


@pytest.fixture
def place() -> Iterator[County]:
    case = PACK["case"].replace("body: town, needs: [inner]}", AT_ONCE).replace("number: 诉", BY_THE_TENTH)
    in_force(**PACK | {"case": case})
    with clock.standing_at(NINE):
        found = county()
        found.users = {"town": found.user(Role.TOWNSHIP_CLERK, found.townships[0])}
        yield found


def ask(place: County) -> Case:
    receipt, _code = intake.receive(
        "request",
        about=place.villages[0],
        answers={"matter": "水管爆了"},
        channel="public",
        day=MONDAY,
        at=clock.now(),
        by=None,
        key="one",
    )
    return receipt.case


def at(place: County, hour: int, minute: int, name: str, day: int = 0, **query: str) -> Any:
    """A page as the township reads it at an hour of Monday, or of so many days later."""
    town = place.users["town"]
    User.objects.filter(pk=town.pk).update(password_set_at=clock.instant())
    client = Client()
    client.force_login(town)
    session = client.session
    session["passed_second_factor"] = True
    session.save()
    with clock.standing_at(NINE.replace(hour=hour, minute=minute) + timedelta(days=day)):
        page = client.get(reverse(name), query)
        page.content  # noqa: B018 - drawn at that instant
    return page


def text(page: Any) -> str:
    """What a page says, without its marks."""
    return re.sub(r"<[^>]*>", "", page.content.decode())


@pytest.mark.parametrize("name", ["cases", "requests"])
def test_a_list_knows_that_an_hour_has_passed(place: County, name: str) -> None:
    number = ask(place).number
    assert number not in text(at(place, 12, 59, name, state="late"))
    assert "13:00到期" in text(at(place, 12, 59, name))
    late = text(at(place, 13, 1, name, state="late"))
    assert number in late
    assert "已过期限" in late
    assert "13:00到期" not in late


def test_the_desk_the_orders_and_the_page_of_what_is_stuck_say_the_same(place: County) -> None:
    number = ask(place).number
    for name in ("desk", "requests-mine", "cases-stuck"):
        assert "已过期限" not in text(at(place, 12, 59, name)), name
        page = text(at(place, 13, 1, name))
        assert number in page, name
        assert "已过期限" in page, name


def test_the_deadline_of_the_whole_stands_beside_that_of_the_stage_and_is_asked_for_by_itself(
    place: County,
) -> None:
    case = ask(place)
    actions.submit(case, by=place.users["town"], day=MONDAY, answers={"inner": "转"})
    for name in ("cases", "requests", "desk", "requests-mine"):
        assert "整件3月10日" in text(at(place, 10, 0, name)), name
        assert "整件已过期限" not in text(at(place, 10, 0, name)), name
        assert "整件逾期 1 个工作日" in text(at(place, 10, 0, name, day=9)), name
    assert case.number not in text(at(place, 10, 0, "cases", day=8, deadline="whole"))
    assert case.number in text(at(place, 10, 0, "cases", day=9, deadline="whole"))
    assert case.number not in text(at(place, 10, 0, "cases", day=9, deadline="late"))


def test_the_workbook_has_the_hour_the_whole_and_what_is_over(place: County) -> None:
    ask(place)
    sheet = openpyxl.load_workbook(BytesIO(at(place, 13, 1, "cases-sheet").content)).active
    head, line = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=2))
    row = dict(zip(head, line, strict=True))
    assert row["期限"].date() == MONDAY
    assert row["到期时刻"] == "13:00"
    assert row["逾期"] == "逾期"
    assert row["整件期限"].date() == date(2026, 3, 10)


def test_a_deadline_reads_as_it_stands_at_an_instant(place: County) -> None:
    case = ask(place)
    before, after = (due.of_case(case, NINE.replace(hour=hour)) for hour in (12, 14))
    assert before
    assert after
    assert (before.hour, before.is_late, after.is_late, after.left) == ("13:00", False, True, 0)
    end = due.of_day(MONDAY, Workdays(), MONDAY)
    assert end
    assert (end.hour, end.is_late) == ("", False)
