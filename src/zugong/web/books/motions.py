"""What waits for a second person on rolls and in ledgers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.ledgers import keeping, powers
from zugong.ledgers.models import Book, Motion, Posting
from zugong.ledgers.rules import said as amount_said
from zugong.packs.policy import Policy
from zugong.web.asking import asker, found, need, pressed, ruled, said

Row = dict[str, Any]


@require_GET
def motions(request: HttpRequest) -> HttpResponse:
    """Each deed by hand that waits, in words; who proposed it may take it back, another who keeps the book may agree."""
    user, today = need(request, May.SEE), clock.today()
    policy = ruled(today)
    rows = [_row(one, policy, user) for one in powers.motions(user, policy, today)] if policy else []
    context = {"crumbs": [(_("待第二人同意的手工登记"), "")], "rows": rows}
    return TemplateResponse(request, "books/motions.html", context)


def _row(one: Motion, policy: Policy, user: User) -> Row:
    return {
        "pk": one.pk,
        "sentence": sentence(one, policy),
        "reason": one.reason,
        "by": one.proposed_by.called,
        "day": one.proposed_on,
        "mine": one.proposed_by_id == user.pk,
    }


def sentence(one: Motion, policy: Policy) -> str:
    """Say what a motion asks for."""
    words = {"name": one.subject.name_on(one.proposed_on) if one.subject else ""}
    if one.book == Book.ROLL:
        roll = policy.roll(one.name)
        words |= {
            "book": said(roll),
            "value": said(roll.called(one.words["value"])) if one.words["value"] else "",
        }
        if one.verb == "enter":
            told = _("把%(name)s列入“%(book)s”") % words
            return f"{told}（{words['value']}）" if words["value"] else told
        if one.verb == "correct":
            return _("更正录错的：%(name)s，“%(book)s”") % words
        return _("把%(name)s移出“%(book)s”") % words
    ledger = policy.ledger(one.name)
    amount = one.words["amount"]
    if one.verb == "reverse":
        posting = Posting.objects.filter(pk=one.words["posting"] or 0).first()
        amount = posting.amount if posting else None
    if amount is None and (line := ledger.tariff.line(clock.today())):
        amount = line.value
    words |= {"book": said(ledger), "amount": said(amount_said(amount or 0, ledger.unit))}
    match one.verb:
        case "fill":
            return _("给“%(book)s”拨入 %(amount)s") % words
        case "pay":
            return _("从“%(book)s”付给%(name)s %(amount)s") % words
    return _("在“%(book)s”冲销 %(amount)s") % words


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, say no, or take back what one proposed."""
    user, today = need(request, May.SEE), clock.today()
    policy = ruled(today)
    if policy is None:
        raise Http404
    one = found(powers.motion, user, policy, pk, today)
    if request.POST.get("deed") in ("agree", "decline"):
        _answer(request, policy, one, agreed=request.POST["deed"] == "agree")
    return HttpResponseRedirect(reverse("motions"))


def _answer(request: HttpRequest, policy: Policy, one: Motion, *, agreed: bool) -> None:
    user, today = asker(request), clock.today()
    pressed(
        request,
        lambda: keeping.answer(policy, one, agreed=agreed, by=user, day=today),
        _("已同意，办好了。") if agreed else _("没有办理，已退回。"),
    )
