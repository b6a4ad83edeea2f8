"""Answering a sheet: in one's own name or an organisation's, or with the code of a slip and no account."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from zugong.accounts.models import User
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.pacing import actions as pacing
from zugong.packs.schema import Survey as SurveyKind
from zugong.registry.models import names_on
from zugong.surveys import actions, powers
from zugong.surveys.models import Slip
from zugong.web.asking import DeedForm, asker, said
from zugong.web.public.views import address

WRONG = "wrong-slip"


class SheetForm(DeedForm):
    """The questions of a sheet: of each, one grade. There is no other question, and no free text."""

    def __init__(self, kind: SurveyKind, *sent: Any) -> None:
        super().__init__(*sent)
        for question in kind.ask:
            self.fields[question.id] = forms.ChoiceField(
                label=said(question) or question.id,
                choices=[(grade, said(question.choice(grade))) for grade in question.scale],
                widget=forms.RadioSelect,
            )


class SlipForm(DeedForm):
    """The code of a slip, as it is printed."""

    code = forms.CharField(
        label=gettext_lazy("票号"),
        max_length=60,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=gettext_lazy("照选票上印的输，横线和大小写不论。"),
    )


@never_cache
@sensitive_post_parameters()
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a sheet that waits for the asker, once."""
    user, today = asker(request), clock.today()
    one = powers.to_answer(user, today).filter(pk=pk).first()
    if one is None:
        raise Http404
    kind = actions.kind_of(one.survey)
    form = SheetForm(kind, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and form.does(
        lambda given: actions.cast(one, grades=given, by=user, day=today)
    ):
        messages.success(request, _("已填写，谢谢。"))
        following = _others(one, user, today).first()
        return HttpResponseRedirect(
            reverse("survey-answer", args=[following.pk]) if following else reverse("desk")
        )
    context = {
        **_sheet(one, kind),
        "form": form,
        "has_errors": form.is_bound,
        "others": _others(one, user, today).count(),
    }
    return TemplateResponse(request, "surveys/answer.html", context)


def _others(one: Slip, user: User, today: date) -> QuerySet[Slip]:
    """Return the sheets of the same kind and round that wait for the same voter, besides this one."""
    same = {"voter": one.voter, "survey__kind": one.survey.kind, "survey__round": one.survey.round}
    return powers.to_answer(user, today).filter(**same).exclude(pk=one.pk).order_by("survey", "pk")


def _sheet(one: Slip, kind: SurveyKind) -> dict[str, Any]:
    survey = one.survey
    names = names_on(survey.opened_on, filter(None, [survey.about_id, one.voter_id]))
    return {
        "title": said(kind),
        "about": names.get(survey.about_id, ""),
        "voter": names.get(one.voter_id or 0, "") if one.voter and one.voter.noun != "person" else "",
        "round": survey.round,
        "secret": kind.secret == "ballot",  # noqa: S105 - a kind of sheet, no password
    }


@login_not_required
@never_cache
@sensitive_post_parameters()
def slip(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a slip, then for the grades; the code is sent each time and stands in no address."""
    entry = SlipForm(request.POST if request.method == "POST" else None)
    one = _found(request, entry) if request.method == "POST" else None
    if one is None:
        return TemplateResponse(request, "surveys/slip.html", {"form": entry, "has_errors": entry.is_bound})
    kind = actions.kind_of(one.survey)
    chosen = request.POST.get("step") == "grades"
    form = SheetForm(kind, *([request.POST] if chosen else []))
    code = entry.cleaned_data["code"]
    if chosen and form.does(lambda given: actions.cast_with(code, grades=given)):
        return TemplateResponse(request, "surveys/thanks.html", _sheet(one, kind))
    context = {**_sheet(one, kind), "form": form, "has_errors": form.is_bound, "code": code}
    return TemplateResponse(request, "surveys/slip_sheet.html", context)


def _found(request: HttpRequest, form: SlipForm) -> Slip | None:
    """Return the slip of a code; a wrong one is said in one sentence, and only so often an hour."""
    if not form.is_valid():
        return None
    where, now = address(request), clock.now()
    if not pacing.within(WRONG, address=where, at=now, most=settings.PUBLIC_WRONG_CODES):
        form.add_error(None, _("试错的次数太多，请一小时后再填，或找发票的工作人员。"))
        return None
    try:
        return powers.slip_with(form.cleaned_data["code"])
    except Refused as refused:
        pacing.count(WRONG, address=where, at=now, most=settings.PUBLIC_WRONG_CODES)
        form.add_error("code", said(refused))
        return None
