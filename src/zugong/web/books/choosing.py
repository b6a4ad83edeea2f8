"""Choosing one of many for a deed by hand, and doing it: alone, or before a second person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.ledgers import keeping, powers
from zugong.ledgers.keeping import Deed
from zugong.packs.policy import Policy
from zugong.packs.schema.common import ByHand
from zugong.registry import powers as registry
from zugong.registry.models import Particulars
from zugong.web.asking import DeedForm, need, paged, ruled
from zugong.web.questions import Count, Yuan

REASON = 200


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


def keeper(request: HttpRequest, entry: Callable[[Policy], ByHand | None]) -> tuple[User, Policy, ByHand]:
    """Return who asks, the policy, and the roll or ledger that they keep by hand; else there is no such page."""
    user, policy = need(request, May.SEE), ruled(clock.today())
    book = entry(policy) if policy else None
    if policy is None or book is None or not powers.keeps(user, policy, book, clock.today()):
        raise Http404
    return user, policy, book


def named(policy: Policy, kind: str, name: str) -> Any:
    """Return a roll or ledger of the pack that is awake; None where there is none of that name."""
    entry = policy.entries.get((kind, name))
    return entry if entry is not None and entry.enabled else None


def seen(user: User, policy: Policy, noun_of: frozenset[int]) -> QuerySet[Particulars]:
    """Return which of some subjects the asker may see, by pinyin: organisations of their part, persons whose file is open."""
    today = clock.today()
    rows = registry.organisations(user, today) | registry.persons(user, today)
    return rows.filter(subject__in=noun_of).order_by("pinyin", "subject")


def kept(form: DeedForm, deed: Callable[[dict[str, Any]], Deed], user: User, policy: Policy) -> str:
    """Do the deed that a form says. Returns what to tell who did it; nothing where the form has faults."""
    told: list[str] = []

    def do(given: dict[str, Any]) -> None:
        motion = keeping.keep(policy, deed(given), by=user, day=clock.today())
        told.append(_("已提出，等第二人同意后生效。") if motion else _("已办理。"))

    return told[0] if form.does(do) else ""


def gone_well(request: HttpRequest, sentence: str, there: str) -> HttpResponse:
    """Say that it was done and go back to the book."""
    messages.success(request, sentence)
    return HttpResponseRedirect(there)


def chosen(
    request: HttpRequest,
    form: DeedForm,
    rows: QuerySet[Particulars],
    *,
    beside: dict[int, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """Show who may be chosen, found by name or pinyin, with the questions of the form beneath."""
    words = request.GET.get("q", "").strip()
    page = paged(request, registry.matching(rows, words) if words else rows)
    listed = [
        {"pk": row.subject_id, "name": row.name, "sub": (beside or {}).get(row.subject_id, "")}
        for row in page
    ]
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "asked": [form[name] for name in form.fields if name != "subject"],
        "chosen": form["subject"].value(),
        "words": words,
        "page": page,
        "rows": listed,
        "any": bool(listed) or bool(words),
        **more,
    }
    return TemplateResponse(request, "books/choose.html", context)
