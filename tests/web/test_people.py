"""People: the roster for who may open files, a file for who may read it, and every reading written down."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import LONG_AGO, Cast, cast
from zugong.accounts.actions import grant
from zugong.accounts.rules import Role
from zugong.core.journal.models import Entry
from zugong.registry import actions as registry

TWO = {"by": "甲", "agreed_by": "乙"}
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


def test_who_holds_no_post_and_is_in_no_branch_is_found_by_the_county_alone(county: Cast) -> None:
    one = registry.add("person", klass="cadre", name="岳白", since=LONG_AGO, by="t")
    grant(county.users["zhao"], Role.DESK, organisation=county.townships["麓山乡"], since=LONG_AGO, **TWO)
    for name, sees in (("chen", True), ("zhao", False)):
        listed = county.client(name).get(reverse("people"), {"q": "岳白"}).context["rows"]
        assert [row["name"] for row in listed] == (["岳白"] if sees else []), name
        opened = county.client(name).get(reverse("person", args=[one.pk])).status_code
        assert opened == (200 if sees else 404), name
    registry.join(one, organisation=county.villages["云坪村"], since=LONG_AGO, by="t")
    assert county.client("zhao").get(reverse("person", args=[one.pk])).status_code == 200


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
    there = reverse("person", args=[county.people["cai"].pk])
    assert f'href="{there}"' in cai.get(reverse("account")).content.decode()
    assert cai.get(reverse("person", args=[county.people["li"].pk])).status_code == 404


def test_the_roster_asks_a_fixed_number_of_questions(county: Cast, django_assert_max_num_queries) -> None:
    chen = county.client("chen")
    with django_assert_max_num_queries(40):
        chen.get(reverse("people"))
