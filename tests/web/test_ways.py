"""No way on a page leads to a page that is closed to its reader; the name stays, as plain text."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from cast import Cast, cast, tie_supporters
from web.test_cases import at_department_meeting
from zugong.cases.models import Case
from zugong.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


@pytest.fixture
def passed(county: Cast) -> Case:
    one = at_department_meeting(county)
    tie_supporters(county, "白石村", since=clock.today())
    return one


@pytest.mark.parametrize("name", ["chen", "han", "wang", "li", "zhou", "shen", "cai"])
def test_every_link_on_the_pages_of_a_case_opens(county: Cast, passed: Case, name: str) -> None:
    client, village = county.client(name), county.villages["白石村"]
    pages = [
        reverse("desk"),
        reverse("cases"),
        reverse("case", args=[passed.pk]),
        reverse("organisation", args=[village.pk]),
        reverse("activity", args=[passed.steps.get().activity_id]),
    ]
    shown = [page for page in (client.get(page) for page in pages) if page.status_code == 200]
    assert shown
    ways = {way for page in shown for way in re.findall(r'<a [^>]*href="(/[^"]*)"', page.content.decode())}
    shut = {way for way in ways if client.get(way.replace("&amp;", "&")).status_code in {403, 404}}
    assert not shut


def test_a_name_without_a_way_is_still_said(county: Cast, passed: Case) -> None:
    page = county.client("zhou").get(reverse("case", args=[passed.pk])).content.decode()
    assert "沈遥" in page
    assert reverse("person", args=[county.people["shen"].pk]) not in page
