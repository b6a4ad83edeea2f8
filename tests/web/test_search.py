"""Search finds what the asker may see, and nothing else; the swap is the list of the page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import Cast, cast
from zugong.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def found(county: Cast, name: str, words: str) -> dict[str, list[str]]:
    groups = county.client(name).get(reverse("search"), {"q": words}).context["groups"]
    return {group["label"]: [hit["label"] for hit in group["hits"]] for group in groups}


def test_people_organisations_and_cases_by_initials(county: Cast) -> None:
    county.open(day=clock.today())
    assert found(county, "chen", "bsc") == {"组织": ["白石村党支部"], "事项": ["白石村党支部 · 整顿转化"]}
    assert found(county, "chen", "lh") == {"人": ["李禾"]}


def test_a_case_by_its_number(county: Cast) -> None:
    one = county.open(day=clock.today())
    assert found(county, "wang", one.number) == {"事项": ["白石村党支部 · 整顿转化"]}


def test_nobody_finds_what_they_may_not_see(county: Cast) -> None:
    one = county.open(day=clock.today())
    for words in ("bsc", "白石", one.number, "李禾", "lh"):
        assert found(county, "zhao", words) == {}


def test_the_palette_and_the_page_find_the_same(county: Cast) -> None:
    county.open(day=clock.today())
    client = county.client("chen")
    swapped = client.get(reverse("search"), {"q": "bsc"}, headers={"HX-Request": "true"})
    page = client.get(reverse("search"), {"q": "bsc"})
    assert "<html" not in swapped.content.decode()
    assert swapped.context["groups"] == page.context["groups"]


def test_nothing_is_found_for_nothing(county: Cast) -> None:
    assert found(county, "chen", " ") == {}


def test_the_box_of_every_page_keeps_only_what_was_looked_for(county: Cast) -> None:
    box = 'id="palette-input" name="q" value="{}"'
    assert box.format("bsc") in county.client("chen").get("/search", {"q": "bsc"}).content.decode()
    assert box.format("") in county.client("chen").get("/organisations", {"q": "bsc"}).content.decode()
