"""What is entered where there is no network: kept on the phone, sent by itself when there is one, with one key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route

import zugong.web

pytestmark = pytest.mark.browser
SCRIPT = (Path(zugong.web.__file__).parent / "static" / "js" / "offline.js").read_text()
FORM = """<body data-user="7"><form method="post" data-offline="request" data-next="下一步" data-back="上一步" data-alive="/alive">
<input type="hidden" name="key" value="{key}"><div data-offline-note hidden>没有网络</div>
<section data-step><label>哪里 <input name="place"></label></section>
<section data-step><label>什么事 <textarea name="matter"></textarea></label></section>
<div data-last><button>登记</button></div></form><script src="/offline.js"></script></body>"""
TAKEN = '<body data-user="7"><p data-done>已受理</p><script src="/offline.js"></script></body>'


class Village:
    """A site that has a network or not, and what was sent to it."""

    def __init__(self, page: Page) -> None:
        self.page, self.has_network, self.shown = page, True, 0
        self.sent: list[dict[str, list[str]]] = []
        page.route("http://zugong.test/**", self.answer)

    def answer(self, route: Route) -> None:
        request = route.request
        ways: dict[str, Callable[[], None]] = {
            "/offline.js": lambda: route.fulfill(body=SCRIPT, content_type="text/javascript"),
            "/alive": lambda: route.fulfill(body="ok") if self.has_network else route.abort(),
        }
        if way := ways.get(request.url.removeprefix("http://zugong.test")):
            return way()
        if request.method == "POST":
            self.sent.append(parse_qs(request.post_data or ""))
            return route.fulfill(body=TAKEN, content_type="text/html; charset=utf-8")
        self.shown += 1
        route.fulfill(body=FORM.format(key=f"key{self.shown}"), content_type="text/html; charset=utf-8")

    def fill(self) -> None:
        self.page.goto("http://zugong.test/new")
        assert not self.page.locator("textarea").is_visible(), "one question a screen"
        self.page.fill("[name=place]", "白石村")
        self.page.get_by_role("button", name="下一步").click()
        self.page.fill("textarea", "路灯不亮")


def test_it_is_sent_at_once_where_there_is_a_network_and_then_forgotten(page: Page) -> None:
    village = Village(page)
    village.fill()
    page.get_by_role("button", name="登记").click()
    page.wait_for_selector("[data-done]")
    assert village.sent == [{"key": ["key1"], "place": ["白石村"], "matter": ["路灯不亮"]}]
    assert page.evaluate("Object.keys(localStorage)") == []


def test_without_a_network_it_waits_even_through_a_closed_page_and_goes_once_with_its_own_key(
    page: Page,
) -> None:
    village = Village(page)
    village.fill()
    village.has_network = False
    page.get_by_role("button", name="登记").click()
    page.wait_for_selector("[data-offline-note]:not([hidden])")
    assert village.sent == []
    village.has_network = True
    page.goto("http://zugong.test/new")  # opened anew, with another key
    page.wait_for_selector("[data-done]")
    assert village.sent == [{"key": ["key1"], "place": ["白石村"], "matter": ["路灯不亮"]}]
    assert page.evaluate("Object.keys(localStorage)") == []
