"""What every page needs around its own work: the menu, the search, the switches, the demo's day."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zugong.core import clock

LARGE_TYPE_COOKIE = "large"

Words = str | Promise


@dataclass(frozen=True)
class Entry:
    """One line of the menu: its words, its address, how many things are open there."""

    label: Words
    href: str
    count: int | None
    current: bool


@dataclass(frozen=True)
class Division:
    """One division of the office and the pages it keeps."""

    label: Words
    entries: list[Entry]


MENU: tuple[tuple[Words, tuple[tuple[Words, str], ...]], ...] = (
    ("", ((_("工作台"), "desk"),)),
    (
        _("组织"),
        (
            (_("党组织"), "organisations"),
            (_("评星定级"), "ratings"),
            (_("整顿转化"), "cases"),
            (_("组织生活"), "activities"),
        ),
    ),
    (
        _("干部"),
        (
            (_("干部名册"), "people"),
            (_("考核"), "appraisals"),
            (_("选任与挂职"), "postings"),
            (_("教育培训"), "training"),
        ),
    ),
    (
        _("服务"),
        (
            (_("诉求办理"), "requests"),
            (_("周期义务"), "duties"),
            (_("测评"), "surveys"),
            (_("台账"), "ledgers"),
        ),
    ),
    (_("公开"), ((_("通报"), "bulletins"), (_("制度包"), "packs"))),
    (
        _("管理"),
        (
            (_("账号与权限"), "accounts"),
            (_("审计日志"), "journal"),
            (_("导入"), "imports"),
        ),
    ),
)
"""The divisions, their words and the names of their addresses. What has no address yet is not shown."""

COUNTS: dict[str, Callable[[Any, date], int | None]] = {}
"""How many things are open for a user on a day, by the name of the address; what is not listed shows no count."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """What ``base.html`` reads. The menu is a function, so that a partial does not count for nothing."""
    return {
        "menu": lambda: menu(request),
        "home_url": address("desk") or "/",
        "search_url": address("search"),
        "large_type": request.COOKIES.get(LARGE_TYPE_COOKIE) == "1",
        "county": getattr(settings, "COUNTY_NAME", ""),
        "demo_day_url": address("demo-day") if getattr(settings, "DEMO", False) else "",
        "today": clock.today,
    }


def menu(request: HttpRequest) -> list[Division]:
    """The menu for this request: only addresses that exist and, where it is known, what is open at each."""
    divisions = (Division(label, list(_entries(request, lines))) for label, lines in MENU)
    return [division for division in divisions if division.entries]


def _entries(request: HttpRequest, lines: Iterable[tuple[Words, str]]) -> Iterable[Entry]:
    for label, name in lines:
        if href := address(name):
            yield Entry(label, href, _open(request, name), _is_current(request, href))


def _open(request: HttpRequest, name: str) -> int | None:
    count = COUNTS.get(name)
    return count(request.user, clock.today()) if count and request.user.is_authenticated else None


def _is_current(request: HttpRequest, href: str) -> bool:
    return request.path == href or (href != "/" and request.path.startswith(href.rstrip("/") + "/"))


def address(name: str) -> str:
    """The address of that name, or nothing where no page bears it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
