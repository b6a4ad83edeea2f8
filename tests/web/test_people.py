"""People: the roster for who may open files, a file for who may read it, and every reading written down."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import Cast, cast
from zugong.core.journal.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def test_the_roster_finds_by_initials(county: Cast) -> None:
    rows = county.client("chen").get(reverse("people"), {"q": "cl"}).context["rows"]
    assert [row["name"] for row in rows] == ["陈岚"]


def test_the_roster_is_not_for_who_may_not_open_files(county: Cast) -> None:
    for name in ("wang", "li", "cai"):
        assert county.client(name).get(reverse("people")).status_code == 403


def test_opening_a_file_is_written_down(county: Cast) -> None:
    page = county.client("chen").get(reverse("person", args=[county.people["li"].pk])).content.decode()
    assert "党组织书记" in page
    assert "白石村党支部" in page
    read = Entry.objects.get(deed="person.read")
    assert read.by.startswith("陈岚")
    assert read.on == str(county.people["li"])


def test_a_cadre_opens_their_own_file_and_no_other(county: Cast) -> None:
    cai = county.client("cai")
    own = cai.get(reverse("person", args=[county.people["cai"].pk])).content.decode()
    assert "这是您自己的页面" in own
    assert cai.get(reverse("person", args=[county.people["li"].pk])).status_code == 404


def test_the_roster_asks_a_fixed_number_of_questions(county: Cast, django_assert_max_num_queries) -> None:
    chen = county.client("chen")
    with django_assert_max_num_queries(37):
        chen.get(reverse("people"))
