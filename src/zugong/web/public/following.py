"""Follow and rate: with the number and the code of the receipt, sent each time and kept nowhere, not in an address either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from zugong.cases import actions, intake, powers
from zugong.cases.models import Case, Receipt
from zugong.cases.rules import State
from zugong.core import clock
from zugong.core.pacing import actions as pacing
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind, Stage
from zugong.registry.models import names_on
from zugong.web.asking import DeedForm, said
from zugong.web.cases import showing
from zugong.web.cases.forms import outcomes
from zugong.web.cases.outside import agency
from zugong.web.due import of_whole
from zugong.web.public.forms import CodeForm
from zugong.web.public.views import address, passed_up
from zugong.web.questions import kept, question, read

WRONG = "wrong-code"


@login_not_required
@never_cache
@sensitive_post_parameters()
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for number and code, then tell how far it has come."""
    if request.method != "POST":
        return _asks(request, CodeForm())
    form = CodeForm(request.POST)
    receipt = _shown(request, form)
    return _tells(request, receipt, form) if receipt else _asks(request, form)


@login_not_required
@never_cache
@sensitive_post_parameters()
def rating(request: HttpRequest) -> HttpResponse:
    """Take what whoever asked says of it, at a stage that is theirs."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("ask-follow"))
    form = CodeForm(request.POST)
    receipt = _shown(request, form)
    if receipt is None:
        return _asks(request, form)
    case = receipt.case
    stage = _theirs(case)
    if stage is None:
        return _tells(request, receipt, form)
    says = RatingForm(case, stage, clock.today(), request.POST)
    done = says.does(
        lambda given: actions.submit_as_asker(
            case, day=clock.today(), outcome=given.get("outcome", ""), answers=says.answers()
        )
    )
    case.refresh_from_db()
    return _tells(request, receipt, form, says=None if done else says, thanks=done)


class RatingForm(DeedForm):
    """What whoever asked may say at a stage of theirs: one of its outcomes, and what it asks."""

    def __init__(self, case: Case, stage: Stage, today: date, *sent: Any) -> None:
        super().__init__(*sent)
        self.policy = powers.policy_for(case)
        self.asked = list(dict.fromkeys(need.field for need in stage.every_need if need.field))
        theirs = powers.kind_of(case).for_asker(stage)
        if theirs:
            self.fields["outcome"] = forms.ChoiceField(
                label=said(stage),
                choices=[(name, word) for name, word in outcomes(stage) if name in theirs],
                widget=forms.RadioSelect,
            )
        for name in self.asked:
            self.fields[name] = question(
                self.policy, name, today, required=False, asked=powers.asked(case, today)
            )
            if self.policy.fields[name].kind == "text":  # the pack's words are for whoever calls back
                self.fields[name].label = _("您想说的话（不满意的，请写哪里没有办好）")

    def answers(self) -> dict[str, Any]:
        """Return the answers as they are kept."""
        return kept(self.policy, {name: self.cleaned_data[name] for name in self.asked}, by=actions.ASKER)


def _shown(request: HttpRequest, form: CodeForm) -> Receipt | None:
    """Return the receipt of a number and its code; a wrong one is said in one sentence, and only so often an hour."""
    if not form.is_valid():
        return None
    where, now = address(request), clock.now()
    if not pacing.within(WRONG, address=where, at=now, most=settings.PUBLIC_WRONG_CODES):
        form.add_error(None, _("试错的次数太多，请一小时后再查，或打热线问。"))
        return None
    if receipt := intake.found_by(form.cleaned_data["number"], form.cleaned_data["code"]):
        return receipt
    pacing.count(WRONG, address=where, at=now, most=settings.PUBLIC_WRONG_CODES)
    form.add_error(None, _("受理号或查询码不对，请照回执再输一遍。"))
    return None


def _asks(request: HttpRequest, form: CodeForm) -> HttpResponse:
    return TemplateResponse(request, "public/follow.html", {"form": form, "has_errors": form.is_bound})


def _tells(
    request: HttpRequest,
    receipt: Receipt,
    form: CodeForm,
    says: RatingForm | None = None,
    thanks: bool = False,
) -> HttpResponse:
    case, today, now = receipt.case, clock.today(), clock.now()
    stage = _theirs(case)
    where = case.merged_into or case
    policy, kind = powers.policy_for(where), powers.kind_of(where)
    steps = list(where.steps.select_related("edition").defer("edition__texts"))
    context = {
        "receipt": receipt,
        "kind": powers.kind_of(case),
        "state": _state(case),
        "merged": case.merged_into,
        "beyond": passed_up(where),
        "whole": of_whole(where, now),
        "with_whom": _with_whom(where, kind, today),
        "line": showing.line(where, kind, steps, now),
        "answers": list(_answers(where, kind, policy, today)),
        "says": says or (RatingForm(case, stage, today) if stage else None),
        "thanks": thanks,
        "code": form.cleaned_data["code"],
        "has_errors": bool(says),
    }
    return TemplateResponse(request, "public/case.html", context)


def _theirs(case: Case) -> Stage | None:
    """Return the stage at which a case waits for whoever asked; None at every other."""
    stage = powers.kind_of(case).stage(case.stage)
    return stage if case.is_open() and stage.asker else None


def _with_whom(case: Case, kind: CaseKind, today: date) -> str:
    """Name the unit that has an open request; where it is said against somebody, nothing."""
    if not case.is_open() or kind.adverse or (kind.intake and kind.intake.against):
        return ""
    return agency(case, kind, names_on(today, [case.holder_id] if case.holder_id else []))


def _state(case: Case) -> str:
    if case.merged_into_id:
        return _("已和相同的诉求合并办理")
    if _theirs(case):
        return _("请您评价")
    words = {State.WAITING: _("正在办理"), State.UNDERWAY: _("正在办理"), State.PAUSED: _("暂停办理")}
    words |= {State.CLOSED: _("已经办结"), State.WITHDRAWN: _("已经撤回")}
    return words[State(case.state)]


def _answers(case: Case, kind: CaseKind, policy: Policy, today: date) -> Iterator[dict[str, Any]]:
    """Yield what the pack counts as an answer, each with its outcome in words and what was written to whoever asked.

    Of every other stage they see that it was passed, and when. Nothing else that is written is told, and no name.
    """
    counts = kind.intake.counts if kind.intake else {}
    answering = {event for fact in ("answered", "solved", "unsolved") for event in counts.get(fact, [])}
    response = kind.intake.response if kind.intake else None
    for step in case.steps.filter(move__in=actions.PASSING).order_by("pk"):
        if not answering & {step.stage, step.outcome}:
            continue
        stage = powers.kind_at(step).stage(step.stage)
        source = step.answers_to if step.answers_to_id else step
        given = source.answers.filter(field=response).last() if source and response else None
        yield {
            "day": step.day,
            "outcome": dict(outcomes(stage)).get(step.outcome, ""),
            "text": read(policy, given.field, given.value, today) if given else "",
        }
