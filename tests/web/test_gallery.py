"""The gallery shows every component, in both languages, in large type, on a phone; and a browser finds no fault."""

import re
import threading
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from zugong.accounts.rules import CALLED, May, Role
from zugong.config.schedule import DAILY
from zugong.web import context
from zugong.web.accounts.jobs import JOBS
from zugong.web.context import MENU, menu
from zugong.web.gallery import views

WEB = Path(__file__).parents[2] / "src" / "zugong" / "web"
COMPONENTS = WEB / "templates" / "components"
SHOTS = Path(__file__).parents[2] / "var" / "shots"


@pytest.fixture(scope="module", autouse=True)
def no_county() -> Iterator[None]:
    """What the county is called stands in the database, which the gallery does without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "_policy", lambda _request: None)
        yield


# The gallery alone, with a search and a desk, so that the whole frame is drawn without a database.
urlpatterns = [
    path("", include("zugong.web.frame.urls")),
    path("", include("zugong.web.gallery.urls")),
    path("search", views.found, name="search"),
    path("desk", views.reasons, name="desk"),
    path("cases", views.reasons, name="cases"),
]

ALONE = override_settings(
    ROOT_URLCONF=__name__,
    DEMO=False,
    STORAGES={
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
    MIDDLEWARE=[
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ],
)


@pytest.fixture(autouse=True, scope="module")
def _alone() -> Iterator[None]:
    compile_english()
    with ALONE, pytest.MonkeyPatch.context() as patch:
        # The pages are looked at signed out; the menu is drawn all the same.
        shows = context._shows
        patch.setattr(
            context,
            "_shows",
            lambda request, powers: request.path.startswith("/gallery") or shows(request, powers),
        )
        yield


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


def compile_english() -> None:
    """As `make init` does, for whoever changed a translation since."""
    source = WEB / "locale" / "en" / "LC_MESSAGES" / "django.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale="en"))
    there = source.with_suffix(".mo")
    if not there.exists() or there.read_bytes() != compiled.getvalue():
        there.write_bytes(compiled.getvalue())


@pytest.fixture
def client() -> Client:
    return Client()


# What it draws


def test_every_component_stands_in_the_gallery(client: Client) -> None:
    drawn = {template.name for template in client.get("/gallery").templates}
    # The message is drawn by messages, the demo's day by a demo: their own tests show them.
    apart = {"message.html", "demo.html"}
    assert {file.name for file in COMPONENTS.glob("*.html")} - apart == {
        name.removeprefix("components/") for name in drawn if name and name.startswith("components/")
    } - apart


def test_english_leaves_no_chinese_on_the_page(client: Client) -> None:
    client.cookies["language"] = "en"
    words = re.sub(r"<[^>]+>", " ", client.get("/gallery").content.decode())
    # The seal is a picture of a character; the other language is called by its own name.
    assert set(re.findall(r"[\u4e00-\u9fff]+", words)) == {"组", "中文"}


class Reader:
    """Somebody signed in, with these powers."""

    is_authenticated = True

    def __init__(self, *powers: May) -> None:
        self.powers = powers

    def may(self, power: May, day: date) -> bool:
        return power in self.powers


def lines_for(reader: object, path: str = "/") -> list[tuple[str, bool]]:
    request = HttpRequest()
    request.path, request.user = path, reader
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "COUNTS", {})  # what is open is told by pages with a database
        return lines(request)


def lines(request: HttpRequest) -> list[tuple[str, bool]]:
    return [(entry.href, entry.current) for division in menu(request) for entry in division.entries]


def test_the_menu_shows_what_has_an_address_and_where_the_reader_is() -> None:
    assert lines_for(Reader(May.SEE), "/cases/17") == [("/desk", False), ("/cases", True)]


def test_the_menu_hides_what_the_reader_may_not_see() -> None:
    assert lines_for(Reader(May.AUDIT)) == [("/desk", False)]


def test_the_menu_is_empty_for_a_stranger() -> None:
    assert lines_for(AnonymousUser()) == []


def test_the_menu_names_every_address_once() -> None:
    names = [name for _label, lines in MENU for _words, name, _powers in lines]
    assert len(names) == len(set(names))


def test_every_role_has_a_word() -> None:
    assert set(CALLED) == set(Role)


def test_every_job_of_a_day_has_a_name() -> None:
    assert set(JOBS) == {name for name, _job in DAILY}


def test_the_demo_says_its_day_and_offers_to_move_it() -> None:
    drawn = render_to_string(
        "components/demo.html", {"demo_day_url": "/demo/day", "today": date(2025, 12, 8)}
    )
    assert "2025年12月8日 星期一" in drawn
    assert re.findall(r'name="move" value="(\w+)"', drawn) == ["day", "week", "deadline"]


def test_a_real_county_has_no_button_that_moves_the_day() -> None:
    assert not render_to_string("components/demo.html", {"demo_day_url": ""}).strip()


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html"])
def test_a_page_for_trouble_needs_nothing_that_could_be_broken(name: str) -> None:
    page = render_to_string(name)
    assert page.count("<h1>") == 1
    assert "css/00-tokens" in page


# The switches


def test_large_type_is_kept_in_a_cookie_and_can_be_put_back(client: Client) -> None:
    client.post("/frame/type-size", {"large": "1", "next": "/gallery"})
    assert 'class="large"' in client.get("/gallery").content.decode()
    client.post("/frame/type-size", {"large": "0", "next": "/gallery"})
    assert 'class="large"' not in client.get("/gallery").content.decode()


def test_the_language_is_kept_in_a_cookie(client: Client) -> None:
    client.post("/frame/language", {"language": "en", "next": "/gallery"})
    assert '<html lang="en"' in client.get("/gallery").content.decode()


def test_the_switches_lead_back_to_where_a_refused_form_stood() -> None:
    made = RequestFactory()
    sent = made.post("/cases/5/receipt", headers={"referer": "http://testserver/cases/5?a=1"})
    assert context.frame(sent)["stands_at"] == "/cases/5?a=1"
    elsewhere = made.post("/cases/5/receipt", headers={"referer": "https://elsewhere.example/cases/5"})
    assert context.frame(elsewhere)["stands_at"] == "/cases/5/receipt"
    read = made.get("/cases/5?a=2", headers={"referer": "http://testserver/"})
    assert context.frame(read)["stands_at"] == "/cases/5?a=2"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    answer = client.post("/frame/language", {"language": "tlh", "next": "/gallery"})
    assert "language" not in answer.cookies


@pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x", ""])
def test_a_switch_never_sends_anybody_elsewhere(client: Client, there: str) -> None:
    assert client.post("/frame/type-size", {"large": "1", "next": there}).headers["Location"] == "/"


def test_a_switch_is_not_turned_by_a_link(client: Client) -> None:
    assert client.get("/frame/type-size").status_code == 405


# In a browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = create_server(StaticFilesHandler(get_wsgi_application()), port=0, threads=12)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


def opened(browser: Browser, site: str, width: int, height: int, **cookies: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
    return context


@pytest.fixture
def page(page: Page, site: str) -> Page:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{site}/gallery")
    return page


@pytest.mark.browser
@pytest.mark.parametrize("there", ["/gallery", "/gallery/reasons"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("width", "height", "large"), [(1440, 900, "0"), (390, 844, "0"), (1440, 900, "1")])
def test_a_page_has_no_fault_at_any_size(
    browser: Browser, site: str, there: str, language: str, width: int, height: int, large: str
) -> None:
    with opened(browser, site, width, height, language=language, large=large) as window:
        page = window.new_page()
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site + there)
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = (
            f"{there.strip('/').replace('/', '-')}-{language}-{width}{'-large' if large == '1' else ''}.png"
        )
        page.screenshot(path=SHOTS / name, full_page=True)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert page.locator("h1").count() == 1
        assert complaints == []


@pytest.mark.browser
def test_control_k_finds_by_initials_and_arrows_choose(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("bscdzb")
    page.wait_for_selector("[role=option]")
    chosen = page.locator("#palette-found [aria-selected=true]")
    assert "白石村党支部" in chosen.inner_text()
    page.keyboard.press("ArrowDown")
    assert "白沙村党支部" in chosen.inner_text()
    assert page.locator("#palette-input").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    assert page.locator("#palette-found [role=option]").count() == 0


@pytest.mark.browser
def test_a_question_mark_shows_the_keys_but_not_while_typing(page: Page) -> None:
    page.locator("#id_name").first.focus()
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is None
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None


@pytest.mark.browser
def test_the_summary_of_errors_has_the_focus_and_leads_to_the_question(page: Page) -> None:
    assert page.evaluate("document.activeElement.hasAttribute('data-focus')")
    link = page.locator(".errors a").first
    assert page.locator(link.get_attribute("href") or "none").count() > 0


@pytest.mark.browser
def test_a_draft_survives_a_closed_window_and_holds_no_password(page: Page, site: str) -> None:
    page.evaluate(
        "document.querySelector('[data-draft]').insertAdjacentHTML('beforeend',"
        " '<input type=password name=secret aria-label=secret>')"
    )
    page.fill("[data-draft] [name=name]", "健全一套规章制度")
    page.fill("[data-draft] [name=secret]", "不可留")
    page.wait_for_function("(localStorage.getItem('draft::gallery') || '').includes('规章')")
    assert "不可留" not in page.evaluate("localStorage.getItem('draft::gallery')")
    page.goto(f"{site}/gallery")
    assert page.input_value("[data-draft] [name=name]") == "健全一套规章制度"
    assert page.locator("[data-draft-note]").is_visible()


@pytest.mark.browser
def test_reasons_are_fetched_once_when_opened(page: Page) -> None:
    later = page.locator("details.explain[hx-get]")
    later.locator("summary").click()
    later.locator(".explain-sum").wait_for()
    assert "0.775" in later.inner_text()


@pytest.mark.browser
def test_without_script_reasons_and_search_are_pages(browser: Browser, site: str) -> None:
    window = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = window.new_page()
    page.goto(f"{site}/gallery")
    page.locator("details.explain[hx-get] summary").click()
    page.locator("details.explain[hx-get] a").click()
    assert "0.775" in page.content()
    page.goto(f"{site}/gallery")
    page.fill("#palette-input", "沈")
    page.press("#palette-input", "Enter")
    assert page.url.startswith(f"{site}/search?q=")
    window.close()


@pytest.mark.browser
def test_on_a_phone_the_menu_is_a_sheet_that_opens_without_script(browser: Browser, site: str) -> None:
    window = browser.new_context(
        locale="zh-CN", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = window.new_page()
    page.goto(f"{site}/gallery")
    entry = page.locator(".menu-sheet a", has_text="全部事项")
    assert not entry.is_visible()
    page.locator(".menu-sheet summary").click()
    assert entry.is_visible()
    window.close()


@pytest.mark.browser
def test_paper_carries_the_work_and_not_the_frame(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.locator(".frame-side").is_visible()
    assert not page.locator(".bar").is_visible()
    assert page.locator("h1").is_visible()
