"""What every page asks first: the record or nothing, the day it is read for, the deed or a sentence why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import get_language, gettext

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.period import label
from zugong.core.sentences import Sentence
from zugong.packs.policy import Policy
from zugong.registry.actions import policy_on
from zugong.web.plain import PlainForm, a_day

P = ParamSpec("P")
T = TypeVar("T")
ROWS = 50


def asker(request: HttpRequest) -> User:
    """Return who asks. Raises PermissionDenied for nobody."""
    if isinstance(request.user, AnonymousUser) or not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def need(request: HttpRequest, *mays: May) -> User:
    """Return who asks, if they may do one of these anywhere today. Raises PermissionDenied."""
    user = asker(request)
    if not any(user.may(may, clock.today()) for may in mays):
        raise PermissionDenied
    return user


def only(allowed: bool, request: HttpRequest) -> int:
    """Return the status of a page whose deed is only some people's: 403 for what others send, which the deed refuses.

    On the way in there is no page for them: raises PermissionDenied.
    """
    if not allowed and request.method != "POST":
        raise PermissionDenied
    return HTTPStatus.OK if allowed else HTTPStatus.FORBIDDEN


def found(ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a powers call returns; what it refuses or does not find is a page that is not there."""
    try:
        return ask(*args, **kwargs)
    except (ObjectDoesNotExist, Refused) as why:
        raise Http404(said(why) if isinstance(why, Refused) else str(why)) from why


def on(request: HttpRequest) -> date:
    """Return the day that `?on=` asks for; today where it asks for none or for none that there is."""
    return a_day(request.GET.get("on", "")) or clock.today()


def ruled(day: date) -> Policy | None:
    """Return the policy in force on a day; None in a county that has not put one in force yet."""
    try:
        return policy_on(day)
    except Refused:
        return None


def said(thing: Any) -> str:
    """Return in the reader's language a refusal, a sentence of an engine, or what a pack has labelled."""
    if isinstance(thing, Refused):
        thing = thing.cited
    if isinstance(thing, Sentence):
        return thing.told(gettext, get_language() or "")
    return str(thing.said(get_language() or ""))


def said_period(name: str) -> str:
    """Return the name of a period in the reader's language."""
    return said(label(name))


def paged(request: HttpRequest, rows: QuerySet[Any] | list[Any], size: int = ROWS) -> Page[Any]:
    """Return the page of rows that `?page=` asks for; the nearest where there is none such."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def pressed(request: HttpRequest, deed: Callable[[], object], well: str) -> bool:
    """Do the deed of a button, and have the next page say that it went well, or why not. Says whether it was done."""
    try:
        with transaction.atomic():
            deed()
    except Refused as refused:
        messages.error(request, said(refused))
        return False
    messages.success(request, well)
    return True


class DeedForm(PlainForm):
    """A form whose answer is one deed; what the deed refuses becomes a sentence on the form."""

    refused: Refused | None = None

    def does(self, deed: Callable[[dict[str, Any]], object]) -> bool:
        """Do the deed with the cleaned answers. Says whether it was done; nothing of it stays where it was not."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                deed(self.cleaned_data)
        except Refused as refused:
            self._refuse(refused)
            return False
        return True

    def _refuse(self, refused: Refused) -> None:
        apart = refused.parts or (refused,)
        for part in apart:
            if self.asks(part.field) in self.fields:
                self.add_error(self.asks(part.field), said(part))
        left = [part for part in apart if self.asks(part.field) not in self.fields]
        if left:
            self.refused = left[0] if len(left) == 1 else Refused.all_of(left)

    def asks(self, field: str) -> str:
        """Return which question of the form a field of the engine is asked by; most have one of their own name."""
        return field
