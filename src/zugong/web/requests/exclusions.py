"""Requests that count in no rate: who asked for it and why, what a second person said, how often for which reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zugong.accounts.models import Proposal, User
from zugong.accounts.rules import May
from zugong.cases import excluding, powers
from zugong.cases.models import Case
from zugong.core import clock
from zugong.registry.models import names_on
from zugong.web.asking import DeedForm, asker, found, need, only, paged, pressed, said
from zugong.web.cases.outside import matters
from zugong.web.cases.views import crumbs, heading

Row = dict[str, Any]
OUTCOMES = {
    Proposal.Outcome.OPEN: (gettext_lazy("等待同意"), "running"),
    Proposal.Outcome.AGREED: (gettext_lazy("不计入"), "neutral"),
    Proposal.Outcome.DECLINED: (gettext_lazy("不同意，仍计入"), "late"),
    Proposal.Outcome.WITHDRAWN: (gettext_lazy("已撤回，仍计入"), "neutral"),
}


@require_GET
def exclusions(request: HttpRequest) -> HttpResponse:
    """Everything that was asked to be left out, of what the asker sees, what waits first; and how often for each reason."""
    user, today = need(request, May.SEE), clock.today()
    asked = excluding.asked_for(user, today)
    reason = request.GET.get("reason", "")
    page = paged(request, [one for one in asked if not reason or one.detail["reason"] == reason])
    return TemplateResponse(
        request,
        "requests/exclusions.html",
        {
            "crumbs": [(_("诉求办得怎么样"), reverse("requests-overview")), (_("不计入的诉求"), "")],
            "page": page,
            "rows": _rows(list(page), user),
            "reasons": _by_reason(asked),
            "reason": reason,
        },
    )


def _rows(asked: list[Proposal], user: User) -> list[Row]:
    today = clock.today()
    cases = Case.objects.select_related("edition").defer("edition__texts")
    known = cases.in_bulk([one.detail["case"] for one in asked])
    said_in, names = matters(known.values()), names_on(today, {case.about_id for case in known.values()})
    return [
        {
            "one": one,
            "case": (case := known[one.detail["case"]]),
            "matter": said_in.get(case.pk) or said(powers.kind_of(case)),
            "name": names.get(case.about_id, ""),
            "reason": one.detail["reason"],
            "outcome": OUTCOMES[Proposal.Outcome(one.outcome)],
            "may_answer": excluding.may_agree(user, one, today),
        }
        for one in asked
    ]


def _by_reason(asked: Iterable[Proposal]) -> list[Row]:
    """Count what became of it for each reason, the commonest first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in asked:
        counts[one.detail["reason"]][one.outcome] += 1
    order = sorted(counts, key=lambda reason: (-counts[reason].total(), reason))
    return [
        {
            "reason": reason,
            "many": counts[reason].total(),
            "agreed": counts[reason][Proposal.Outcome.AGREED],
            "open": counts[reason][Proposal.Outcome.OPEN],
            "kept": counts[reason][Proposal.Outcome.DECLINED] + counts[reason][Proposal.Outcome.WITHDRAWN],
        }
        for reason in order
    ]


class ExclusionForm(DeedForm):
    """Why a request is to count in no rate. Reasons written before are offered, so that alike stays alike."""

    reason = forms.CharField(
        label=gettext_lazy("为什么不计入"),
        max_length=200,
        widget=forms.TextInput({"list": "reasons"}),
        help_text=gettext_lazy(
            "如：同一件事重复登记、不属于本县。和以前相同的理由，请选以前的写法，便于统计。"
        ),
    )


def exclusion(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a request counts in no rate, or answer who asked: agree, say no, take back."""
    user, today = asker(request), clock.today()
    case = found(powers.case, user, pk, today)
    asked = excluding.asked(case)
    if asked:
        return _answer(request, user, case, asked)
    status = only(excluding.may_propose(user, case, today), request)
    form = ExclusionForm(request.POST if request.method == "POST" else None)
    if form.does(
        lambda given: excluding.propose(case, reason=given["reason"], by=user, day=today, at=clock.now())
    ):
        return HttpResponseRedirect(reverse("requests-exclusions"))
    return _page(request, case, status, form=form, reasons=_by_reason(excluding.asked_for(user, today)))


def _answer(request: HttpRequest, user: User, case: Case, asked: Proposal) -> HttpResponse:
    today = clock.today()
    own, second = asked.asked_by_id == user.pk, excluding.may_agree(user, asked, today)
    if not own and not second:
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, case, 200, asked=asked, own=own, reason=asked.detail["reason"])
    deed = excluding.agree if request.POST.get("deed") == "agree" else excluding.decline
    done = _("已同意，不再计入。") if deed is excluding.agree else _("仍旧计入。")
    pressed(request, lambda: deed(asked, by=user, day=today, at=clock.now()), done)
    return HttpResponseRedirect(reverse("requests-exclusions"))


def _page(request: HttpRequest, case: Case, status: int, **context: Any) -> HttpResponse:
    kind, today = powers.kind_of(case), clock.today()
    name = heading(case, kind, today)
    trail = [*crumbs(case, kind, today), (name, reverse("case", args=[case.pk]))]
    return TemplateResponse(
        request,
        "requests/exclusion.html",
        {"case": case, "heading": name, "crumbs": trail, "has_errors": False} | context,
        status=status,
    )
