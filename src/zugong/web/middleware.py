"""Around every page: how long a sign-in lasts, what must be done before anything else, what is told to the browser."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from zugong.accounts import actions
from zugong.accounts.models import User
from zugong.accounts.rules import has_aged
from zugong.core import clock, journal
from zugong.core.errors import PackErrors
from zugong.core.once import once

Page = Callable[[HttpRequest], HttpResponse]

# Kept in the session.
BEGAN, SEEN, PASSED = "began", "seen", "passed_second_factor"
SEEN_EVERY = 60  # seconds: not every click writes

# What a browser sends from a link, a button or a form; no page takes anything else.
METHODS = ("GET", "HEAD", "POST", "OPTIONS")

# One's own account, and the way out, are open before anything is proved.
OWN = {
    "sign-out", "account", "password", "second-factor", "second-factor-new", "second-factor-qr", "type-size", "language",
}  # fmt: skip


def one_day(page: Page) -> Page:
    """Let a page stand on one day from its first question to its last; one that only reads asks each thing once."""

    def middleware(request: HttpRequest) -> HttpResponse:
        reads = request.method in {"GET", "HEAD"}
        with clock.holding(clock.today()), once() if reads else nullcontext():
            return page(request)

    return middleware


def time_outs(page: Page) -> Page:
    """Sign out whoever was idle too long, or signed in too long ago, and say so (等保 8.1.4.1 b, ASVS V7.3)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (why := _over(request)):
            journal.write("account.time-out", by=request.user, on=request.user, why=why)
            logout(request)
            return _to(request, f"{reverse('sign-in')}?{urlencode({'why': why, 'next': _back(request)})}")
        return page(request)

    return middleware


def _over(request: HttpRequest) -> str:
    now = int(clock.instant().timestamp())
    began = request.session.setdefault(BEGAN, now)
    seen = request.session.setdefault(SEEN, now)
    if now - began > timedelta(hours=settings.SESSION_ABSOLUTE_HOURS).total_seconds():
        return "long"
    if now - seen > timedelta(minutes=settings.SESSION_IDLE_MINUTES).total_seconds():
        return "idle"
    if now - seen >= SEEN_EVERY:
        request.session[SEEN] = now
    return ""


def _back(request: HttpRequest) -> str:
    """Where to go on after signing in again: the page that was asked for, or the one with the form on it."""
    htmx = getattr(request, "htmx", None)
    if request.method == "GET" and not htmx:
        return request.get_full_path()
    there = urlsplit(request.headers.get("Referer", ""))
    return there.path + (f"?{there.query}" if there.query else "")


class first_things_first:  # noqa: N801 - it stands among functions
    """Before any page but one's own account: the second factor, then a password that has not aged."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Write down what was refused (ASVS V16.3.2)."""
        response = self.page(request)
        if response.status_code == 403 and isinstance(request.user, User):
            journal.write("refused", by=request.user, on=request.path[:200], method=request.method)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """Lead to what must be done first."""
        match = request.resolver_match
        open_to_all = not getattr(view, "login_required", True)
        if not isinstance(request.user, User) or open_to_all or (match and match.url_name in OWN):
            return None
        name = first_thing(request, request.user)
        return _to(request, f"{reverse(name)}?{urlencode({'next': _back(request)})}") if name else None


def first_thing(request: HttpRequest, user: User) -> str:
    """Name the page that must be passed before any other; nothing where all is done.

    A bound phone is asked first: whoever only has the password must not change it.
    """
    passed = bool(request.session.get(PASSED))
    bound = not passed and not waived(user) and actions.has_second_factor(user)
    if bound:
        return "second-factor"
    if not user.is_demo and has_aged(user.password_set_at, clock.instant(), settings.PASSWORD_MAX_AGE_DAYS):
        return "password"
    if not passed and not waived(user) and user.needs_second_factor(clock.today()):
        return "second-factor-new"
    return ""


def waived(user: User) -> bool:
    """Say whether the second factor is waived: for a demo's people, in a demo, and the page says so."""
    return settings.DEMO and user.is_demo


class other_editions:  # noqa: N801 - it stands among functions
    """A page whose rules were kept by another version of the program says so, and what to do."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open the page."""
        return self.page(request)

    def process_exception(self, request: HttpRequest, trouble: Exception) -> HttpResponse | None:
        """Answer for the texts; every other crash is not ours."""
        if not isinstance(trouble, PackErrors):
            return None
        logging.getLogger(__name__).error("%s: %s", request.path, trouble.findings[0])
        context = {"first": trouble.findings[0]}
        return TemplateResponse(request, "packs/unreadable.html", context, status=503).render()


def in_words(page: Page) -> Page:
    """Say in a sentence that an address takes only what its page sends; no page takes what no browser sends."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = page(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = {"Allow": response["Allow"]}
        return TemplateResponse(request, "405.html", status=405, headers=allowed).render()

    return middleware


def headers(page: Page) -> Page:
    """Keep what is confidential out of the browser's stores, and the browser's sensors out of our pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = page(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.user.is_authenticated:
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def _to(request: HttpRequest, address: str) -> HttpResponse:
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
