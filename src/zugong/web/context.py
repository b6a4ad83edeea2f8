"""What every page needs around its own work: the menu, the search, the switches, the demo's day."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from zugong.accounts import powers as accounts
from zugong.accounts.models import User
from zugong.accounts.rules import CALLED, May, Role
from zugong.bulletins import powers as bulletins
from zugong.core import clock
from zugong.core.errors import PackErrors
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.registry import LinkKind
from zugong.registry.models import Link, Particulars
from zugong.scorecards import powers as scorecards
from zugong.web.asking import ruled, said
from zugong.web.desk.views import open_by_kind, open_count
from zugong.web.plain import is_ours
from zugong.web.requests.views import openable

LARGE_TYPE_COOKIE = "large"

Words = str | Promise
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """One line of the menu: its words, its address, how many things are open there."""

    label: Words
    href: str
    count: int | None
    current: bool
    counted: Words  # what is counted


@dataclass(frozen=True)
class Division:
    """One division of the office and the pages it keeps."""

    label: Words
    entries: list[Entry]


ANYBODY: frozenset[May] = frozenset()
CASES = "cases"  # stands for one line for each kind of case of the pack
REQUESTS = "requests"  # shown, too, to whoever takes requests in without seeing an organisation
SEE, PERSONS = frozenset({May.SEE}), frozenset({May.SEE_PERSONS})

MENU: tuple[tuple[Words, tuple[tuple[Words, str, frozenset[May]], ...]], ...] = (
    ("", ((_("工作台"), "desk", ANYBODY),)),
    (
        _("组织"),
        (
            (_("党组织"), "organisations", SEE),
            (_("评星定级"), "ratings", SEE),
            (_("全部事项"), CASES, SEE),
            (_("卡在哪里"), "cases-stuck", frozenset({May.OVERVIEW})),
            (_("组织生活"), "activities", SEE),
            (_("名册"), "rolls", SEE),
        ),
    ),
    (
        _("干部"),
        (
            (_("干部名册"), "people", PERSONS),
            (_("考核"), "appraisals", PERSONS),
            (_("选任与挂职"), "postings", PERSONS),
            (_("教育培训"), "training", SEE),
        ),
    ),
    (
        _("服务"),
        (
            (_("诉求办理"), REQUESTS, SEE),
            (_("诉求办得怎么样"), "requests-overview", frozenset({May.OVERVIEW})),
            (_("周期义务"), "duties", SEE),
            (_("测评"), "surveys", SEE),
            (_("台账"), "ledgers", SEE),
        ),
    ),
    (_("公开"), ((_("通报"), "bulletins", SEE), (_("制度包"), "packs", ANYBODY))),
    (
        _("管理"),
        (
            (_("账号与权限"), "accounts", frozenset({May.SYSTEM, May.SECURITY})),
            (_("两人办理"), "proposals", frozenset({May.SYSTEM, May.SECURITY})),
            (_("制度包生效"), "in-force", frozenset({May.SYSTEM, May.SECURITY})),
            (_("制度包草稿"), "drafts", frozenset({May.SECURITY, May.RUN})),
            (_("接口密钥"), "keys", frozenset({May.SYSTEM})),
            (_("任务与备份"), "jobs", frozenset({May.SYSTEM})),
            (_("审计日志"), "journal", frozenset({May.AUDIT})),
            (_("数据导入"), "imports", frozenset({May.KEEP, May.ACT, May.RATE})),
        ),
    ),
)
"""The divisions, their words, the names of their addresses, and which powers (any of them) show a line.

What has no address yet is not shown. A hidden line protects nothing: the page itself asks its powers.
"""

COUNTS: dict[str, Callable[[User, date], int | None]] = {
    "desk": open_count,
    "bulletins": lambda user, day: len(bulletins.awaiting(user, day)) or None,
    "ratings": lambda user, day: scorecards.awaiting(user, day).count() or None,
    "proposals": lambda user, day: accounts.answerable(user, day).count() or None,
}
"""How many things are open for a user on a day, by the name of the address; what is not listed shows no count."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """What ``base.html`` reads. The menu is a function, so that a partial does not count for nothing."""
    return {
        "menu": lambda: menu(request),
        "role": lambda: role(request),
        "home_url": address("desk") or "/",
        "search_url": address("search"),
        "large_type": request.COOKIES.get(LARGE_TYPE_COOKIE) == "1",
        "county": SimpleLazyObject(lambda: county(_policy(request))),
        "demo_day_url": address("demo-day") if getattr(settings, "DEMO", False) else "",
        "today": clock.today,
        "stands_at": _stands_at(request),
    }


def _stands_at(request: HttpRequest) -> str:
    """Return where the page that is read can be asked for again: what a form answered is where the form stood."""
    before = request.headers.get("Referer", "")
    if request.method != "POST" or not is_ours(request, before):
        return request.get_full_path()
    return urlsplit(before)._replace(scheme="", netloc="").geturl()


def _policy(request: HttpRequest) -> Policy | None:
    """The pack in force, asked for once for a page."""
    if not hasattr(request, "policy_in_force"):
        request.policy_in_force = _readable(ruled, clock.today())  # type: ignore[attr-defined]
    return request.policy_in_force  # type: ignore[attr-defined,no-any-return]


def county(policy: Policy | None) -> str:
    """What the county is called: the name of the place that the pack in force is for; nothing before there is one."""
    today = clock.today()
    place = (
        Particulars.objects.on(today).filter(subject__noun="place", subject__code=policy.info.place)
        if policy
        else None
    )
    row = place.first() if place is not None else None
    return row.name if row else ""


def menu(request: HttpRequest) -> list[Division]:
    """The menu for this request: only addresses that exist and, where it is known, what is open at each."""
    divisions = [Division(label, list(_entries(request, lines))) for label, lines in MENU]
    nearest = max((len(entry.href) for one in divisions for entry in one.entries if entry.current), default=0)
    return [
        Division(
            one.label,
            [replace(entry, current=entry.current and len(entry.href) == nearest) for entry in one.entries],
        )
        for one in divisions
        if one.entries
    ]


def _entries(request: HttpRequest, lines: Iterable[tuple[Words, str, frozenset[May]]]) -> Iterable[Entry]:
    for label, name, powers in lines:
        href = address(name)
        if name == CASES and (_shows(request, powers) or _follows(request)):
            yield from _cases(request, label, href)
        elif href and (_shows(request, powers) or (name == REQUESTS and _takes_in(request))):
            yield Entry(label, href, _open(request, name), _is_current(request, href), _("件待办"))


def _cases(request: HttpRequest, label: Words, href: str) -> Iterable[Entry]:
    """All cases, then a line for each kind of which some are open, in the words of the pack in force.

    A kind whose cases belong to those of another has no line of its own.
    """
    asked = request.GET.get("kind", "") if request.path == href else ""
    yield Entry(label, href, None, _is_current(request, href) and not asked, "")
    if not isinstance(request.user, User) or (policy := _policy(request)) is None:
        return
    counts = _readable(open_by_kind, request.user, clock.today()) or {}
    kinds = policy.all("case", CaseKind)
    children = {stage.children.case for kind in kinds for stage in kind.stages if stage.children}
    for kind in kinds:
        if kind.name not in children and (counts.get(kind.name) or kind.name == asked):
            there = f"{href}?kind={kind.name}"
            yield Entry(said(kind), there, counts.get(kind.name), kind.name == asked, _("件在办"))


def _shows(request: HttpRequest, powers: frozenset[May]) -> bool:
    if not request.user.is_authenticated:
        return False
    today, user = clock.today(), request.user
    return not powers or any(user.may(power, today) for power in powers)


def _follows(request: HttpRequest) -> bool:
    """Say whether somebody without any grant to see has cases to follow: they were sent to a village, or asked for leave."""
    user = request.user
    return isinstance(user, User) and bool(_readable(open_by_kind, user, clock.today()))


def _takes_in(request: HttpRequest) -> bool:
    """Say whether somebody takes in what residents ask: a grid worker has no other grant than to their own file."""
    user = request.user
    return isinstance(user, User) and bool(_readable(openable, user, clock.today()))


def _open(request: HttpRequest, name: str) -> int | None:
    count = COUNTS.get(name)
    return _readable(count, request.user, clock.today()) if count and request.user.is_authenticated else None


def _readable(ask: Callable[P, T | None], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Return what is asked; nothing where the rules were kept by another version: the frame stands around every page."""
    try:
        return ask(*args, **kwargs)
    except PackErrors:
        return None


def role(request: HttpRequest) -> str:
    """In which roles the reader is here today, in words."""
    if not request.user.is_authenticated:
        return ""
    today = clock.today()
    held = dict.fromkeys(grant.role for grant in request.user.held_on(today))
    if set(held) <= {Role.CADRE} and (named := _readable(_supports, request.user, today)):
        return named
    return "、".join(said(CALLED[Role(name)]) for name in held)


def _supports(user: User, day: date) -> str:
    """Name the roles in which somebody supports an organisation: who was sent there is more than a reader of their file."""
    policy = ruled(day) if user.person_id else None
    ties = Link.objects.on(day).filter(near=user.person_id).order_by("pk") if policy else ()
    kinds = {kind.name: kind.kinds for kind in policy.all("link", LinkKind)} if policy else {}
    roles = [kinds[tie.kind][tie.role] for tie in ties if tie.role in kinds.get(tie.kind, {})]
    return "、".join(dict.fromkeys(said(role) for role in roles))


def _is_current(request: HttpRequest, href: str) -> bool:
    return request.path == href or (href != "/" and request.path.startswith(href.rstrip("/") + "/"))


def address(name: str) -> str:
    """The address of that name, or nothing where no page bears it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
