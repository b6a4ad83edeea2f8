"""A long list of choices in a real browser: found by typing, chosen by keyboard or mouse, never lost by looking."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.forms import CheckboxSelectMultiple, ChoiceField, Form, MultipleChoiceField
from django.template import Context, Template
from django.test import RequestFactory
from playwright.sync_api import Page

import zugong.web

pytestmark = pytest.mark.browser
SCRIPT = Path(zugong.web.__file__).parent / "static" / "js" / "find.js"
PEOPLE = [("1", "李禾"), ("2", "林海"), *((str(n), f"王{n}") for n in range(3, 40))]


@pytest.fixture
def asked(page: Page) -> Page:
    """A page that asks for one of forty people."""
    form = type("Asking", (Form,), {"who": ChoiceField(choices=[("", "请选择"), ("人员", PEOPLE)])})()
    context = Context({"form": form, "request": RequestFactory().get("/")})
    page.set_content(
        f"<form>{Template('{% load zugong %}{% field form.who %}').render(context)}</form><p>别处</p>"
    )
    page.add_script_tag(path=SCRIPT)
    return page


@pytest.fixture
def ticked(page: Page) -> Page:
    """A page that asks for any of forty units."""
    units = MultipleChoiceField(choices=PEOPLE, widget=CheckboxSelectMultiple)
    form = type("Asking", (Form,), {"who": units})()
    context = Context({"form": form, "request": RequestFactory().get("/")})
    page.set_content(f"<form>{Template('{% load zugong %}{% field form.who %}').render(context)}</form>")
    page.add_style_tag(content="label[hidden] { display: none; }")
    page.add_script_tag(path=SCRIPT)
    return page


def shown(page: Page) -> list[str]:
    return [one.strip() for one in page.locator(".choices label:visible").all_inner_texts()]


def test_many_tick_boxes_are_narrowed_by_typing_and_what_is_ticked_stays(ticked: Page) -> None:
    box = ticked.get_by_role("searchbox")
    box.fill("linhai")
    assert shown(ticked) == ["林海"]
    ticked.get_by_label("林海").check()
    box.fill("LH")
    assert shown(ticked) == ["李禾", "林海"]
    box.fill("王7")
    assert shown(ticked) == ["林海", "王7"]
    assert ticked.get_by_role("status").inner_text() == "找到 1 个"
    box.press("Enter")
    box.press("Escape")
    assert len(shown(ticked)) == 39


def listed(page: Page) -> list[str]:
    return page.locator("select option").all_inner_texts()


def test_it_is_found_by_initials_and_chosen_by_keyboard(asked: Page) -> None:
    box = asked.locator("input[type=search]")
    box.fill("LH")
    assert listed(asked) == ["李禾", "林海"]
    assert asked.get_by_role("status").inner_text() == "找到 2 个"
    box.press("ArrowDown")
    asked.keyboard.press("ArrowDown")
    asked.keyboard.press("ArrowDown")
    asked.keyboard.press("Enter")
    assert asked.locator("select").input_value() == "2"
    assert (box.input_value(), len(listed(asked))) == ("", 40)


def test_it_is_found_by_name_or_pinyin_and_what_was_chosen_is_not_lost_by_looking(asked: Page) -> None:
    box, chosen = asked.locator("input[type=search]"), asked.locator("select")
    box.fill("lihe")
    box.press("Enter")
    assert chosen.input_value() == "1"
    box.fill("王7")
    assert listed(asked) == ["王7"]
    box.press("Escape")
    assert chosen.input_value() == "1"
    box.fill("林")
    chosen.locator("option").click()
    assert (chosen.input_value(), box.input_value()) == ("2", "")
