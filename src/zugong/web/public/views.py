"""Ask: what kind of matter, where, what. Each step has an address of its own; nothing is kept between them."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from zugong.cases import intake, powers
from zugong.cases.actions import ASKER
from zugong.cases.models import Case, Receipt
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.pacing import actions as pacing
from zugong.core.sentences import Sentence
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import Subject, places_on
from zugong.web.asking import ruled
from zugong.web.public.forms import RequestForm
from zugong.web.public.places import candidates, places

PUBLIC = ("public",)


@login_not_required
@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """What kind of matter: what can be asked, and apart from it what is said about an official."""
    policy = ruled(clock.today())
    kinds = intake.kinds(policy, PUBLIC) if policy else []
    context = {
        "kinds": [kind for kind in kinds if not _against(kind)],
        "complaints": [kind for kind in kinds if _against(kind)],
    }
    return TemplateResponse(request, "public/ask.html", context)


@login_not_required
@require_GET
def where(request: HttpRequest, kind: str) -> HttpResponse:
    """Where it is: by search or from the list; asked only where there is more than one place."""
    today = clock.today()
    asked = _kind(kind, today)
    if asked is None:
        return HttpResponseRedirect(reverse("ask"))
    policy, entry = asked
    found = candidates(policy, entry, today)
    if len(found) == 1:
        return HttpResponseRedirect(reverse("ask-what", args=[kind, min(found)]))
    words = request.GET.get("q", "").strip()[:40]
    there = places(found, today, words=words, upper=request.GET.get("in"))
    context = {"kind": entry, "there": there, "words": words, "many": len(found)}
    return TemplateResponse(request, "public/where.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters()
def what(request: HttpRequest, kind: str, place: int) -> HttpResponse:
    """What it is about; answered with the receipt, and with the same one however often it is sent."""
    today = clock.today()
    asked = _kind(kind, today)
    if asked is None or place not in candidates(*asked, today):
        return HttpResponseRedirect(reverse("ask"))
    policy, entry = asked
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RequestForm(policy, entry, frozenset({place}), today, *sent)
    taken: list[tuple[Receipt, str]] = []

    def deed(_given: dict[str, Any]) -> None:
        taken.append(_take_in(request, form, place, today))

    context = {"kind": entry, "place": places_on(today, [place]).get(place, "")}
    if request.method == "POST" and form.does(deed):
        receipt, code = taken[0]
        return TemplateResponse(
            request,
            "public/receipt.html",
            context | {"receipt": receipt, "code": code, "beyond": passed_up(receipt.case)},
        )
    context |= {
        "form": form,
        "has_errors": form.is_bound,
        "complains": _against(entry),
        "passes_up": powers.beyond(entry),
    }
    status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(form.refused, TooOften) else HTTPStatus.OK
    return TemplateResponse(request, "public/what.html", context, status=status)


class TooOften(Refused):
    """More was asked from one address, or altogether, than the site takes in within an hour."""


def _take_in(request: HttpRequest, form: RequestForm, place: int, today: date) -> tuple[Receipt, str]:
    key = form.cleaned_data["key"]
    if first := intake.received(key):  # sent again: its picture is kept already
        return first, intake.code_of(first, key)
    now = clock.now()
    if not pacing.count(
        "ask",
        address=address(request),
        at=now,
        most=settings.PUBLIC_ASKS,
        most_of_all=settings.PUBLIC_ASKS_IN_ALL,
    ):
        raise TooOften.because(
            Sentence("这一小时提交得太多，这一件还没有收下：请过一会儿再交，或打热线、到社区（村）当面说")
        )
    return intake.receive(
        form.kind.name,
        about=Subject.objects.get(pk=place),
        answers=form.answers(ASKER),
        channel="public",
        day=today,
        at=now,
        by=None,
        key=key,
    )


def passed_up(case: Case) -> bool:
    """Say whether a case stands, or ended, where it is passed to the level above outside."""
    return case.stage == powers.beyond(powers.kind_of(case))


def address(request: HttpRequest) -> str:
    """Return where a request comes from, as the proxies in front say it. It is counted and not kept."""
    return str(get_client_ip_address(request) or "")


def _kind(name: str, today: date) -> tuple[Policy, CaseKind] | None:
    policy = ruled(today)
    kinds = intake.kinds(policy, PUBLIC) if policy else []
    return next(((policy, kind) for kind in kinds if kind.name == name and policy), None)


def _against(kind: CaseKind) -> bool:
    return bool(kind.intake and kind.intake.against)
