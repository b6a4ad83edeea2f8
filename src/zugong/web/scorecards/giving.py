"""放弃本期: what would be given up and why; a second person agrees, on the same page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zugong.accounts import actions as accounts
from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.scorecards import giving_up
from zugong.scorecards.models import GivenUp, Mark, Run
from zugong.web.asking import DeedForm, asker, found, said, said_period


class ReasonForm(DeedForm):
    """Why a period is given up."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=500, widget=forms.Textarea({"rows": 3}))


def href(card: str, day: date) -> str:
    """Return where the period of a card that a day lies in can be given up."""
    return reverse("rating-giving-up", args=[card, day.isoformat()])


def said_of(run: Run) -> dict[str, Any]:
    """Say why the period of a run was given up, who asked and who agreed."""
    given = GivenUp.objects.filter(card=run.card, period=run.period).select_related("proposal").last()
    if given is None:
        return {}
    proposal = given.proposal
    return {
        "reason": proposal.detail["reason"],
        "asked_by": proposal.asked_by.called,
        "agreed_by": proposal.closed_by.called if proposal.closed_by else "",
        "day": given.day,
    }


def giving(request: HttpRequest, card: str, day: str) -> HttpResponse:
    """What would be given up; POST asks for it. While it waits, a second person answers here."""
    user, today, on = _asked(request, day)
    may_ask = over_county(user, May.RUN, today)
    if request.method == "POST" and not may_ask:
        raise PermissionDenied
    entry, span = found(giving_up.of, card, on)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: giving_up.propose(card, on=on, by=user, day=today, at=clock.now(), **given)
    ):
        messages.success(request, _("已提请放弃，等另一人同意。"))
        return HttpResponseRedirect(href(card, on))
    waits, why = giving_up.asked(card, span.name), giving_up.refusal(card, span, today)
    return TemplateResponse(
        request,
        "scorecards/giving_up.html",
        {
            "crumbs": [(_("评星定级"), reverse("ratings")), (_("放弃本期"), "")],
            "title": _("放弃%(period)s“%(card)s”") % {"period": said_period(span.name), "card": said(entry)},
            "form": form,
            "has_errors": form.is_bound,
            "runs": giving_up.begun(card, span.name).count(),
            "marks": Mark.objects.filter(card=card, period=span.name, superseded=False).count(),
            "waits": waits,
            "why": said(why) if why else "",
            "may_ask": may_ask and not waits and not why,
            "may_answer": bool(waits and giving_up.may_agree(user, waits, today)),
            "may_withdraw": bool(waits and waits.asked_by_id == user.pk),
            "answer_href": reverse("rating-giving-up-answer", args=[card, on.isoformat()]),
            "back": reverse("ratings"),
        },
    )


@require_POST
def answer(request: HttpRequest, card: str, day: str) -> HttpResponse:
    """Agree, say no, or take back what one asked."""
    user, today, on = _asked(request, day)
    _entry, span = found(giving_up.of, card, on)
    one, deed = giving_up.asked(card, span.name), request.POST.get("deed", "")
    try:
        if one is None:
            raise Refused("这一件已经有了结果")
        if deed == "agree":
            giving_up.agree(one, by=user, day=today, at=clock.now())
            messages.success(request, _("已同意，这一期已经放弃。"))
        elif deed == "withdraw" and one.asked_by_id == user.pk:
            accounts.decline(one, by=user, at=clock.now())
            messages.success(request, _("已撤回。"))
        elif deed == "decline" and giving_up.may_agree(user, one, today):
            accounts.decline(one, by=user, at=clock.now())
            messages.success(request, _("已退回提请人。"))
        else:
            raise Refused("放弃一期须由提请人以外、有审批权的人同意")
    except Refused as refused:
        messages.error(request, said(refused))
    return HttpResponseRedirect(href(card, on))


def _asked(request: HttpRequest, day: str) -> tuple[User, date, date]:
    """Return who asks, today, and the day meant. Raises PermissionDenied, Http404."""
    user, today = asker(request), clock.today()
    if not over_county(user, May.RUN, today) and not over_county(user, May.APPROVE, today):
        raise PermissionDenied
    try:
        return user, today, date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
