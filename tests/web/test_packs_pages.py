"""Everybody signed in may read the rules: which holds since when, and which paper says so."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from cast import Cast, cast
from zugong.core import clock
from zugong.packs import loader
from zugong.packs.show import Said
from zugong.registry.actions import edition_on, put_in_force
from zugong.web.packs.views import kind_words, nested

DAY = date(2025, 3, 10)


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made(db) -> Cast:
    return cast()


@pytest.fixture
def there(made: Cast) -> str:
    return f"/packs/{edition_on(DAY).pk}"


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in() -> None:
    assert Client().get("/packs").status_code == 302


@pytest.mark.parametrize("name", ["li", "wang", "cai", "shen"])
def test_everybody_signed_in_may_read(made: Cast, there: str, name: str) -> None:
    page = text(made.client(name).get(there))
    assert "村党组织评星定级" in page
    assert "虚构" in page


def test_editions_stand_in_the_order_of_their_days(made: Cast) -> None:
    packs = loader.library(Path(os.environ["ZUGONG_PACKS"]))
    put_in_force(packs, "panshi", since=date(2025, 7, 1), by="甲", agreed_by="乙")
    rows = made.client("li").get("/packs").context["rows"]
    assert [(row["edition"].pack, row["now"], row["ahead"]) for row in rows] == [
        ("panshi", False, True),
        ("qingmu", True, False),
    ]


def test_a_card_shows_its_numbers_of_the_day_with_their_papers(made: Cast, there: str) -> None:
    client = made.client("li")
    page = client.get(f"{there}/entries/scorecard/village-stars?on=2024-06-01")
    life = page.context["indicators"][0]
    assert (life["full"], life["paper"]) == (20_000, "青组发〔2024〕1号 附件第一项")
    later = client.get(f"{there}/entries/scorecard/village-stars?on=2025-06-01").context["indicators"][0]
    assert (later["full"], later["paper"]) == (10_000, "青组发〔2025〕1号 第一条")


def test_a_case_kind_is_drawn_as_its_stages(made: Cast, there: str) -> None:
    stages = made.client("li").get(f"{there}/entries/case/rectification").context["stages"]
    assert stages[0]["label"] == "乡镇初定"
    assert stages[0]["clock"] == "20 个工作日"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_entry_of_the_county_can_be_read(made: Cast, there: str, language: str) -> None:
    client = made.client("li")
    client.cookies["language"] = language
    for kind, name in made.policy.entries:
        assert client.get(f"{there}/entries/{kind}/{name}").status_code == 200, (kind, name)


def test_every_kind_of_entry_has_a_word(made: Cast) -> None:
    assert {kind for kind, _name in made.policy.entries} <= set(kind_words())


def test_an_entry_that_is_not_there_is_not_there(made: Cast, there: str) -> None:
    assert made.client("li").get(f"{there}/entries/case/nonsense").status_code == 404


def test_what_changes_between_two_days(made: Cast, there: str) -> None:
    rows = made.client("li").get(f"{there}/changes?before=2024-12-31&after=2025-12-31").context["rows"]
    changes = {(row["change"].before, row["change"].after) for row in rows}
    assert ("20000", "10000") in changes
    assert "没有变化" in text(made.client("li").get(f"{there}/changes?before=2025-02-01&after=2025-02-02"))


def test_what_changes_against_another_edition(made: Cast, there: str) -> None:
    packs = loader.library(Path(os.environ["ZUGONG_PACKS"]))
    other = put_in_force(packs, "panshi", since=date(2025, 7, 1), by="甲", agreed_by="乙")
    assert made.client("li").get(f"{there}/changes?other={other.pk}").context["rows"]


def test_papers_are_listed_and_what_is_invented_says_so(made: Cast, there: str) -> None:
    page = made.client("li").get(f"{there}/sources")
    keys = {row["key"]: row for row in page.context["rows"]}
    assert keys["qm-2024-1"]["source"].fictional
    assert 'id="qm-2024-1"' in text(page)


def test_lines_nest_by_their_depth() -> None:
    tree = nested([Said(1, "a"), Said(2, "b", "未设"), Said(3, "c"), Said(1, "d")])
    assert [one.label for one in tree] == ["a", "d"]
    assert tree[0].below[0].unset
    assert tree[0].below[0].below[0].label == "c"
