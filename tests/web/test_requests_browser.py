"""A resident, a grid worker, a hotline clerk, an officer and a leader in a real browser: nothing wrong by axe, by keyboard too.

Each page is read at the width of a phone and of a desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from cast import Cast, cast, person
from ground import APP, clone, entered, served
from zugong.accounts.rules import Role
from zugong.cases import actions as cases
from zugong.cases import intake
from zugong.cases.models import Case, Receipt
from zugong.core import clock
from zugong.registry import actions as registry

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).parents[2] / "var" / "shots"
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Site:
    """A running site on which something was asked: sorted, answered, and waiting to be rated."""

    url: str
    cast: Cast
    asked: dict[str, int]
    slip: tuple[str, str]  # number and code of the receipt of the one that waits to be rated

    def enter(self, page: Page, name: str, width: str) -> None:
        page.set_viewport_size(WIDTHS[width])  # type: ignore[arg-type]
        if name:
            cookie = {"name": "sessionid", "value": self.cast.cookie(name), "url": self.url}
            page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture(scope="module")
def site(browser: Any, template: str, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    home, settings.HOME = settings.HOME, tmp_path_factory.mktemp("asked")
    with clone(template, "asked") as name, django_db_blocker.unblock(), entered(APP.to(name)):
        made = cast()
        asked, slip = told(made)
        with served() as url:
            yield Site(url, made, asked, slip)
    settings.HOME = home


def told(made: Cast) -> tuple[dict[str, int], tuple[str, str]]:
    """Three requests: one waits to be sorted, one lies with a bureau, one waits to be rated, with its receipt."""
    today, bureau = clock.today(), made.bureau
    hotline = registry.add(
        "organisation", klass="hotline", name="便民热线", parent=made.county, since=today, by="t"
    )
    person(made, "line", "秦荔", "staff", hotline, [(Role.LIAISON, hotline)])
    person(made, "xu", "许棠", "staff", bureau, [(Role.LIAISON, bureau)])
    person(made, "gao", "高荷", "grid-worker", made.villages["白石村"], [(Role.CADRE, None)])
    asked = {name: ask(made, name) for name in ("分办", "办理", "评价")}
    for name in ("办理", "评价"):
        given = {"request-class": "power", "request-level": "ordinary", "owner": bureau.pk}
        submit(made, asked[name][0].case, "wang", "dispatch", given)
    receipt, code = asked["评价"]
    submit(made, receipt.case, "xu", "solved", {"handling": "换了灯", "response": "路灯已经换好"})
    return {name: one.case_id for name, (one, _code) in asked.items()}, (receipt.number, code)


def ask(made: Cast, key: str) -> tuple[Receipt, str]:
    return intake.receive(
        "request",
        about=made.villages["白石村"],
        answers={"matter": f"村口路灯不亮（{key}）", "contact": "13900000000"},
        channel="public",
        day=clock.today(),
        at=clock.now(),
        by=None,
        key=key,
    )


def submit(made: Cast, case: Case, who: str, outcome: str, answers: dict[str, object]) -> None:
    case.refresh_from_db()
    cases.submit(case, by=made.users[who], day=clock.today(), outcome=outcome, answers=answers)


def sound(page: Page, name: str) -> None:
    """Nothing is wrong by axe, nothing is too wide; the picture is kept."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": LEVELS}).response["violations"]
    assert [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page is too wide"


PAGES = {
    "ask": ("", "ask", ()),
    "ask-where": ("", "ask-where", ("request",)),
    "ask-what": ("", "ask-what", ("request", "白石村")),
    "ask-follow": ("", "ask-follow", ()),
    "slip": ("", "slip", ()),
    "grid-desk": ("gao", "desk", ()),
    "grid-on-foot": ("gao", "request-on-foot", ()),
    "grid-requests": ("gao", "requests", ()),
    "hotline-new": ("line", "request-new", ()),
    "hotline-requests": ("line", "requests", ()),
    "hotline-mine": ("line", "requests-mine", ()),
    "township-mine": ("wang", "requests-mine", ()),
    "township-case": ("wang", "case", ("分办",)),
    "township-sorting": ("wang", "case-submission", ("分办",)),
    "township-merger": ("wang", "case-merger", ("分办",)),
    "township-contact": ("wang", "request-contact", ("分办",)),
    "township-call-back": ("wang", "case-submission", ("评价",)),
    "officer-mine": ("xu", "requests-mine", ()),
    "officer-case": ("xu", "case", ("办理",)),
    "officer-handling": ("xu", "case-submission", ("办理",)),
    "leader-overview": ("shen", "requests-overview", ()),
    "leader-hot": ("shen", "requests-hot", ()),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_about_requests_has_nothing_wrong(site: Site, page: Page, name: str, width: str) -> None:
    who, address, about = PAGES[name]
    site.enter(page, who, width)
    known = site.asked | {"白石村": site.cast.villages["白石村"].pk}
    response = page.goto(site.url + reverse(address, args=[known.get(one, one) for one in about]))
    assert response
    assert response.status == 200
    sound(page, f"{name}-{width}")


def press(page: Page, words: str, *, most: int = 40) -> None:
    """Reach by tab what reads so, see that it shows where one is, and press Enter."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText || ''"):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{words}: nothing shows where one is"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{words} is reached by no tab")


def type_at(page: Page, name: str, text: str, *, most: int = 40) -> None:
    """Reach by tab the field of that name, and type."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name || ''") == name:
            page.keyboard.type(text)
            return
    raise AssertionError(f"{name} is reached by no tab")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_resident_asks_and_follows_by_keyboard_alone(site: Site, page: Page, width: str) -> None:
    site.enter(page, "", width)
    page.goto(site.url + reverse("ask"))
    press(page, "群众诉求")
    page.goto(site.url + reverse("ask-what", args=["request", site.cast.villages["白石村"].pk]))
    press(page, "提交")
    page.locator(".errors").wait_for()
    sound(page, f"ask-empty-{width}")
    type_at(page, "matter", "村口到小学的路灯坏了三天")
    press(page, "提交")
    page.get_by_text("已收下，请记下这两行").wait_for()
    sound(page, f"ask-receipt-{width}")
    number, code = page.locator(".slip dd").all_inner_texts()
    press(page, "凭这两行查办理进度")
    type_at(page, "number", number)
    type_at(page, "code", "AAAA-BBBB-CCCC-DDDD")
    page.keyboard.press("Enter")
    page.locator(".errors").wait_for()
    sound(page, f"follow-wrong-{width}")
    page.locator("[name=code]").fill("")
    page.locator("[name=number]").focus()
    type_at(page, "code", code)
    page.keyboard.press("Enter")
    page.get_by_text("办到哪一步").wait_for()
    sound(page, f"follow-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_resident_reads_the_answer_where_it_is_to_be_rated(site: Site, page: Page, width: str) -> None:
    site.enter(page, "", width)
    page.goto(site.url + reverse("ask-follow"))
    for name, value in zip(("number", "code"), site.slip, strict=True):
        page.locator(f"[name={name}]").fill(value)
    page.keyboard.press("Enter")
    page.get_by_text("路灯已经换好").wait_for()
    page.get_by_role("button", name="提交评价").click()
    page.locator(".errors").wait_for()
    sound(page, f"rate-{width}")
