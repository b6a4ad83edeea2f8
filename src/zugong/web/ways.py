"""Which ways on a page are open to its reader: a name whose page would refuse them stands as plain text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import powers as activities
from zugong.cases import powers as cases
from zugong.core import clock
from zugong.registry import powers as registry
from zugong.scorecards import powers as scorecards

# The name of an address → the numbers its pages show to somebody on a day.
RECORDS: dict[str, Callable[[User, date], Any]] = {
    "organisation": lambda user, day: registry.organisations(user, day).values_list("subject_id", flat=True),
    "person": lambda user, day: registry.persons(user, day).values_list("subject_id", flat=True),
    "activity": lambda user, day: activities.visible(user, day).values_list("pk", flat=True),
    "case": lambda user, day: cases.visible(user, day).values_list("pk", flat=True),
    "rating": lambda user, day: scorecards.runs(user, day).values_list("pk", flat=True),
}
# The name of an address → whether somebody may open it at all.
PAGES: dict[str, Callable[[User, date], bool]] = {
    "cases": lambda user, day: user.may(May.SEE, day) or cases.visible(user, day).exists(),
    "cases-progress": lambda user, day: user.may(May.SEE, day),
    "organisations": lambda user, day: user.may(May.SEE, day),
    "activities": lambda user, day: user.may(May.SEE, day),
    "rolls": lambda user, day: user.may(May.SEE, day),
    "ledgers": lambda user, day: user.may(May.SEE, day),
    "people": lambda user, day: user.may(May.SEE_PERSONS, day),
}


def opens(request: HttpRequest | None, href: str) -> bool:
    """Say whether an address of ours is open to who reads the page; the pages that are not named here are."""
    user = getattr(request, "user", None)
    if request is None or not href or not isinstance(user, User):
        return bool(href)
    answers: dict[str, bool] = request.__dict__.setdefault("_ways", {})
    path = urlsplit(href).path
    if path not in answers:
        answers[path] = _opens(user, path, clock.today())
    return answers[path]


def _opens(user: User, path: str, today: date) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return True
    if match.url_name in PAGES:
        return PAGES[match.url_name](user, today)
    if match.url_name in RECORDS:
        return match.kwargs["pk"] in _records(user, match.url_name, today)
    return True


def _records(user: User, name: str, today: date) -> frozenset[int]:
    """Ask once for a request."""
    kept: dict[tuple[str, date], frozenset[int]] = user.__dict__.setdefault("_opens_on", {})
    if (name, today) not in kept:
        kept[name, today] = frozenset(RECORDS[name](user, today))
    return kept[name, today]
