"""What may be typed at all: text that can be seen, numbers and days that somebody can mean.

Said once for every form and every address, so that no page has to think of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from django import forms
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

LONGEST = 50_000  # characters: the minutes of the longest meeting, several times over
LARGEST = 999_999_999  # fits the columns, and no county counts further
FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
ROWS = 2**63  # rows have numbers below it

# Control characters but tab and line ends; and what turns the direction of the text after it (CVE-2021-42574).
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)

UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


def plain(text: str) -> str:
    """Return a text without the characters that nobody can see and that deceive who reads it."""
    return UNSEEN.sub("", text)


ACCOUNT = re.compile(r"（[!-~]+）")  # the user name that is kept beside a person's own


def by_name(kept: str) -> str:
    """Say who did a deed as a page says it: by name; the user name that is kept with it is for the journal."""
    return ACCOUNT.sub("", kept)


def plain_text(page: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take unseen characters out of what a query or a form says; an address with one is a page that is not there.

    A form that cannot be read is refused here, once: pages and the pages of errors ask for it again.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.GET, request.POST  # noqa: B018 - asked for, they are read
        except UNREADABLE as why:
            request.GET = request.POST = QueryDict()
            raise BadRequest(str(why)) from why
        if UNSEEN.search(request.path_info):
            raise Http404
        request.GET = _plain(request.GET)  # type: ignore[assignment]
        if request.method == "POST":
            request.POST = _plain(request.POST)  # type: ignore[assignment]
            for _field, files in request.FILES.lists():
                for file in files:
                    file.name = plain(file.name or "")
        return page(request)

    return middleware


def _plain(said: QueryDict) -> QueryDict:
    if not any(UNSEEN.search(text) for name, texts in said.lists() for text in (name, *texts)):
        return said
    cleaned = QueryDict(mutable=True, encoding=said.encoding)
    for name, texts in said.lists():
        cleaned.setlist(plain(name), [plain(text) for text in texts])
    cleaned._mutable = False
    return cleaned


def number(text: object) -> int | None:
    """Return the number of a row as an address or a form says it; None for what no row can bear."""
    said = str(text or "")
    return int(said) if said.isdecimal() and len(said) < 20 and int(said) < ROWS else None


def a_day(text: str) -> date | None:
    """Return the day that an address asks for; None for what is no day, or one that nobody means."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


class PlainForm(forms.Form):
    """A form whose texts, numbers and days have an end, each said beside its question."""

    def full_clean(self) -> None:
        """Bind every field that is not bound more narrowly."""
        if self.is_bound:
            for field in self.fields.values():
                _bind(field)
        super().full_clean()


def _bind(field: forms.Field) -> None:
    if any(check in field.validators for check in (*_WHOLE, *_DAY, _TEXT)):
        return
    match field:
        case forms.DecimalField() | forms.FloatField():
            return
        case forms.IntegerField() if field.max_value is None:
            field.validators = [*field.validators, *_WHOLE]
        case forms.DateField():
            field.validators = [*field.validators, *_DAY]
        case forms.CharField() if field.max_length is None:
            field.validators = [*field.validators, _TEXT]


_TEXT = MaxLengthValidator(LONGEST, _("最多写 %(limit_value)d 个字，现在有 %(show_value)d 个"))
_WHOLE = (
    MaxValueValidator(LARGEST, _("最多填 %(limit_value)d")),
    MinValueValidator(-LARGEST, _("最少填 %(limit_value)d")),
)
_MEANT = _("请填写 1900 年到 2100 年之间的日期")
_DAY = (MinValueValidator(FIRST, _MEANT), MaxValueValidator(LAST, _MEANT))


def is_ours(request: HttpRequest, there: str) -> bool:
    """Say whether an address that somebody sent is a page of this site; none is, for a host that is not ours."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return False
    return url_has_allowed_host_and_scheme(there, {host}, require_https=request.is_secure())
