"""Ratings, bulletins and packs in a real browser: nothing wrong by axe, on a desk and on a phone, and kept to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

from cast import LONG_AGO, Cast
from counties import give_secretary, rated_county
from ground import APP, clone, entered, served
from zugong.bulletins import actions as bulletins
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.scorecards import actions as scorecards

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).parents[2] / "var" / "shots"
CARD = "village-stars"


@dataclass
class Site:
    """A running site with a decided run, a computed run and a drafted bulletin on it."""

    url: str
    cast: Cast
    paths: dict[str, tuple[str, str]]  # page → who reads it, its address

    def enter(self, page: Page, name: str, *, phone: bool = False, language: str = "zh-hans") -> None:
        page.set_viewport_size({"width": 390, "height": 844} if phone else {"width": 1440, "height": 900})
        cookies = {"sessionid": self.cast.cookie(name), "language": language}
        page.context.add_cookies(
            [{"name": key, "value": value, "url": self.url} for key, value in cookies.items()]
        )


@pytest.fixture(scope="module")
def site(browser: Any, template: str, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    home, settings.HOME = settings.HOME, tmp_path_factory.mktemp("rated")
    with clone(template, "rate") as name, django_db_blocker.unblock(), entered(APP.to(name)):
        made = rated_county()
        grow(made)
        with served() as url:
            yield Site(url, made, story(made))
    settings.HOME = home


def grow(made: Cast) -> None:
    """Ten more villages in each township, so that a page looks like a county's."""
    for town, township in list(made.townships.items()):
        for number in range(10):
            name = f"{town[:2]}{'甲乙丙丁戊己庚辛壬癸'[number]}村"
            made.villages[name] = registry.add(
                "organisation", klass="village", name=f"{name}党支部", parent=township, since=LONG_AGO, by="t"
            )
            give_secretary(made, name)


def story(made: Cast) -> dict[str, tuple[str, str]]:
    today, chen = clock.today(), made.users["chen"]
    township = made.townships["禾汀镇"].pk
    scorecards.fill(
        CARD,
        indicator="team",
        stage="self",
        rater=made.townships["禾汀镇"],
        marks={made.villages["白石村"].pk: 15_500, made.villages["青林村"].pk: 18_000},
        by=made.users["wang"],
        day=today,
    )
    scale = ["5", "4", "3", "3", "2", "2", "2", "1", "not-rated"]
    decided = scorecards.decide_without_score(
        CARD,
        day=today,
        grades={one.pk: scale[place % 9] for place, one in enumerate(made.villages.values())},
        minutes="部务会〔2025〕9号纪要第二项",
        by=chen,
    )
    scorecards.decide(decided, by=chen, day=today, minutes="部务会〔2025〕9号纪要第二项")
    computed = scorecards.compute(CARD, day=today, by=chen)
    made.open("白石村", day=date(2025, 11, 5))
    bulletin = bulletins.compose("monthly", within=date(today.year, today.month, 1), day=today, by=chen)
    edition = computed.edition_id
    key = computed.results.get(name="白石村党支部").key.replace("#", "%23")
    return {
        "ratings": ("chen", "/ratings"),
        "rating": ("chen", f"/ratings/{computed.pk}"),
        "rating-decided": ("han", f"/ratings/{decided.pk}"),
        "rating-unit": ("chen", f"/ratings/{computed.pk}/units/{key}"),
        "rating-figure": ("chen", f"/ratings/{computed.pk}/units/{key}/figures/secretaries"),
        "rating-publication": ("han", f"/ratings/{decided.pk}/publication"),
        "rating-candidates": ("chen", f"/ratings/{decided.pk}/candidates"),
        "rating-grades": ("chen", f"/ratings/decided/{CARD}"),
        "rating-edition": ("chen", f"/ratings/{computed.pk}/edition"),
        "marks": ("wang", "/ratings/marks"),
        "marks-sheet": ("wang", f"/ratings/marks/{township}/{CARD}/team/self"),
        "marks-mutual": ("wang", f"/ratings/marks/{township}/{CARD}/team/mutual"),
        "bulletins": ("chen", "/bulletins"),
        "bulletin": ("chen", f"/bulletins/{bulletin.pk}"),
        "packs": ("li", "/packs"),
        "pack": ("li", f"/packs/{edition}"),
        "pack-scorecard": ("li", f"/packs/{edition}/entries/scorecard/{CARD}"),
        "pack-case": ("li", f"/packs/{edition}/entries/case/rectification"),
        "pack-sources": ("li", f"/packs/{edition}/sources"),
        "pack-changes": ("li", f"/packs/{edition}/changes?before=2024-12-31&after=2025-12-31"),
    }


PAGES = [
    "ratings", "rating", "rating-decided", "rating-unit", "rating-figure", "rating-publication", "rating-candidates",
    "rating-grades", "rating-edition", "marks", "marks-sheet", "marks-mutual", "bulletins", "bulletin", "packs", "pack",
    "pack-scorecard", "pack-case", "pack-sources", "pack-changes",
]  # fmt: skip


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_fault(site: Site, page: Page, name: str, phone: bool) -> None:
    who, there = site.paths[name]
    site.enter(page, who, phone=phone)
    answer = page.goto(site.url + there)
    assert answer is not None
    assert answer.status == 200
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{'phone' if phone else 'desk'}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("name", ["rating", "bulletin", "pack-scorecard", "marks-sheet"])
def test_in_english_nothing_of_ours_is_left_chinese(site: Site, page: Page, name: str) -> None:
    who, there = site.paths[name]
    site.enter(page, who, language="en")
    page.goto(site.url + there)
    page.screenshot(path=SHOTS / f"{name}-en.png", full_page=True)
    for heading in page.locator("main th[scope=col], main h2, main label, main .button").all_inner_texts():
        names = ("村", "镇", "乡", "街道", "党", "〔")
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in heading) or any(
            n in heading for n in names
        ), heading


def test_a_rank_opens_in_place(site: Site, page: Page) -> None:
    who, there = site.paths["rating"]
    site.enter(page, who)
    page.goto(site.url + there)
    row = page.locator(".ranks tbody tr", has_text="白石村党支部")
    row.locator("summary").click()
    row.locator(".unit-parts").wait_for()
    assert "组织生活规范" in row.inner_text()
    page.screenshot(path=SHOTS / "rating-opened.png")
    assert page.url.endswith(there)


def test_a_clerk_fills_a_sheet_without_touching_the_mouse(site: Site, page: Page) -> None:
    who, there = site.paths["marks-sheet"]
    site.enter(page, who)
    page.goto(site.url + there)
    boxes = page.locator(".sheet input")
    boxes.first.select_text()
    for number in range(boxes.count()):
        page.keyboard.type(f"{10 + number % 9}.5")
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator(".notice-done").wait_for()
    assert page.locator(".sheet-row.is-missing").count() == 0
