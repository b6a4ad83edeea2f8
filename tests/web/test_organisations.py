"""Organisations: the tree with its counts, one as it was on a day, and who has no tie."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from cast import LONG_AGO, Cast, cast, tie_supporters
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry.models import Link

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def test_the_tree_counts_villages_members_and_open_cases(county: Cast) -> None:
    county.open(day=clock.today())
    rows = county.client("chen").get(reverse("organisations")).context["divisions"]
    heting = next(row for row in rows if row["name"] == "禾汀镇党委")
    assert (heting["villages"], heting["members"], heting["cases"]) == (3, 1, 1)
    assert len(rows) == 3


def test_a_township_sees_its_own_part_alone(county: Cast) -> None:
    page = county.client("zhao").get(reverse("organisations")).content.decode()
    assert "麓山乡" in page
    assert "禾汀镇" not in page
    baishi = reverse("organisation", args=[county.villages["白石村"].pk])
    assert county.client("zhao").get(baishi).status_code == 404


def test_the_page_is_as_it_was_on_a_day(county: Cast) -> None:
    village = county.villages["白石村"]
    registry.change(village, since=date(2025, 6, 1), name="新白石村党支部", by="t")
    there, chen = reverse("organisation", args=[village.pk]), county.client("chen")
    assert "<h1>新白石村党支部</h1>" in chen.get(there).content.decode()
    before = chen.get(there, {"on": "2025-05-31"})
    assert "<h1>白石村党支部</h1>" in before.content.decode()
    assert chen.get(there, {"on": "2019-01-01"}).status_code == 404
    assert chen.get(there, {"on": "nonsense"}).status_code == 200


def test_a_name_leads_to_a_file_only_for_who_may_open_it(county: Cast) -> None:
    there = reverse("organisation", args=[county.villages["白石村"].pk])
    file = reverse("person", args=[county.people["li"].pk])
    assert file in county.client("chen").get(there).content.decode()
    page = county.client("wang").get(there).content.decode()
    assert "李禾" in page
    assert file not in page


def test_who_has_no_leader_is_found_and_no_longer_once_tied(county: Cast) -> None:
    county.open(day=clock.today())
    chen, address = county.client("chen"), reverse("organisations-gaps")
    lacking = [(row["name"], row["role"], row["lacks"]) for row in chen.get(address).context["rows"]]
    assert ("白石村党支部", "县级领导", 1) in lacking
    tie_supporters(county, "白石村", since=clock.today())
    assert "没有缺口" in chen.get(address).content.decode()


def test_search_by_initials_lists_flat(county: Cast) -> None:
    page = county.client("chen").get(reverse("organisations"), {"q": "bsc"})
    assert [row["row"].name for row in page.context["rows"]] == ["白石村党支部"]


def test_the_page_asks_a_fixed_number_of_questions(county: Cast, django_assert_max_num_queries) -> None:
    county.open(day=clock.today())
    chen = county.client("chen")
    with django_assert_max_num_queries(49):
        chen.get(reverse("organisation", args=[county.townships["禾汀镇"].pk]))
    with django_assert_max_num_queries(36):
        chen.get(reverse("organisations"))


def test_who_keeps_the_registry_ties_apart_from_a_case_and_unties(county: Cast) -> None:
    village, chen = county.villages["白石村"], county.client("chen")
    registry.enter("weak-candidates", village, since=LONG_AGO, by="t")
    there = reverse("organisation-ties", args=[village.pk])
    assert "沈遥" in chen.get(there + "?role=leader").content.decode()
    given = {"role": "leader", "near": county.people["shen"].pk}
    assert "依据" in chen.post(there, given).content.decode()  # a paper must be named
    assert chen.post(there, given | {"source": "县委办〔2025〕3号"}).status_code == 302
    tie = Link.objects.on(clock.today()).get(kind="supporter", far=village)
    page = chen.get(reverse("organisation", args=[village.pk])).content.decode()
    undo = reverse("organisation-tie", args=[village.pk, tie.pk])
    assert undo in page
    assert undo not in county.client("wang").get(reverse("organisation", args=[village.pk])).content.decode()
    assert chen.post(undo, {"source": "工作调动"}).status_code == 302
    assert not Link.objects.on(clock.today()).filter(kind="supporter", far=village).exists()
