"""Choosing one of many for a deed by hand, and doing it: alone, or before a second person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.ledgers import keeping, powers
from zugong.ledgers.keeping import Deed
from zugong.ledgers.models import Book
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger, Roll
from zugong.packs.schema.common import ByHand
from zugong.registry import powers as registry
from zugong.registry.models import Particulars
from zugong.web.asking import DeedForm, asker, need, paged, ruled, said
from zugong.web.questions import Count, Yuan

E = TypeVar("E", Roll, Ledger)

REASON = 200
BOOKS: dict[type[ByHand], Book] = {Roll: Book.ROLL, Ledger: Book.LEDGER}


class ReasonForm(DeedForm):
    """Why something is entered or taken back by hand: the paper or meeting that says so."""

    reason = forms.CharField(label=gettext_lazy("依据（文件或会议）"), max_length=REASON)


class ChoiceForm(ReasonForm):
    """Whom a deed by hand is about; the page lists whom the pack allows."""

    subject = forms.IntegerField(label=gettext_lazy("谁"), widget=forms.RadioSelect)
    field_order = ("subject",)


def amount(unit: str) -> forms.Field:
    """Return the question for an amount in a ledger's unit: money is asked in yuan and kept in fen."""
    if unit == "fen":
        return Yuan(label=_("金额（元）"))
    return Count(label=_("分值") if unit == "points" else _("分钟"))


def named(policy: Policy | None, kind: type[E], name: str) -> E | None:
    """Return a roll or ledger of the pack that is awake; None where there is none of that name."""
    entry = policy.entries.get((BOOKS[kind], name)) if policy else None
    return entry if isinstance(entry, kind) and entry.enabled else None


def keeper(request: HttpRequest, kind: type[E], name: str) -> tuple[User, Policy, E]:
    """Return who asks, the policy, and the roll or ledger that they keep by hand; else there is no such page."""
    user, policy = need(request, May.SEE), ruled(clock.today())
    book = named(policy, kind, name)
    if policy is None or book is None or not powers.keeps(user, policy, book, clock.today()):
        raise Http404
    return user, policy, book


def seen(user: User, policy: Policy, noun_of: frozenset[int]) -> QuerySet[Particulars]:
    """Return which of some subjects the asker may see, by pinyin: organisations of their part, persons whose file is open."""
    today = clock.today()
    rows = registry.organisations(user, today) | registry.persons(user, today)
    return rows.filter(subject__in=noun_of).order_by("pinyin", "subject")


def kept(
    request: HttpRequest, form: DeedForm, deed: Callable[[dict[str, Any]], Deed], book: ByHand, policy: Policy
) -> HttpResponse | None:
    """Do the deed that a form says and go back to the book; None where nothing was sent or the form has faults."""
    told: list[str] = []

    def do(given: dict[str, Any]) -> None:
        motion = keeping.keep(policy, deed(given), by=asker(request), day=clock.today())
        told.append(_("已提出，等第二人同意后生效。") if motion else _("已办理。"))

    if request.method != "POST" or not form.does(do):
        return None
    messages.success(request, told[0])
    return HttpResponseRedirect(home(book))


# --- The frame that the pages of a roll and of a ledger share ----------------------------


def home(book: ByHand) -> str:
    """Return where a roll or ledger has its page."""
    return reverse(BOOKS[type(book)], args=[book.name])


def crumbs(book: ByHand, title: str = "") -> list[tuple[str, str]]:
    """Return where a page stands: the roll or ledger itself, or a deed in it."""
    every = (_("名册"), reverse("rolls")) if isinstance(book, Roll) else (_("台账"), reverse("ledgers"))
    return [every, (said(book), home(book)), (title, "")] if title else [every, (said(book), "")]


def framed(book: ByHand, user: User, policy: Policy) -> dict[str, Any]:
    """Return what stands over and around the rows of a roll or ledger: its paper, who writes in it, what waits."""
    kind = BOOKS[type(book)]
    waits = [one for one in powers.motions(user, policy, clock.today()) if one.book == kind]
    return {
        "crumbs": crumbs(book),
        "name": book.name,
        "label": said(book),
        "cited": str(policy.cite(book) or ""),
        "note": book.note,
        "by_hand": book.kept_by is not None,
        "two_people": book.two_people,
        "waiting": sum(one.name == book.name for one in waits),
    }


def asked(form: DeedForm, book: ByHand, title: str, label: str, **more: Any) -> dict[str, Any]:
    """Return what every page says on which something is done by hand."""
    return {
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": crumbs(book, title),
        "back": home(book),
        "title": title,
        "label": label,
        **more,
    }


def chosen(
    request: HttpRequest,
    form: DeedForm,
    rows: QuerySet[Particulars],
    beside: Callable[[list[Particulars]], dict[int, str]],
    context: dict[str, Any],
) -> HttpResponse:
    """Show who may be chosen, found by name or pinyin, with what is said `beside` each and the questions beneath."""
    words = request.GET.get("q", "").strip()
    page = paged(request, registry.matching(rows, words) if words else rows)
    subs = beside(list(page))
    listed = [{"pk": row.subject_id, "name": row.name, "sub": subs.get(row.subject_id, "")} for row in page]
    of_the_list = {
        "asked": [form[name] for name in form.fields if name != "subject"],
        "chosen": form["subject"].value(),
        "words": words,
        "page": page,
        "rows": listed,
        "any": bool(listed) or bool(words),
    }
    return TemplateResponse(request, "books/choose.html", context | of_the_list)
