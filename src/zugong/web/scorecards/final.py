"""From a decided grade to a final one: announce it, hear people, take objections, adjust, settle a tie."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.cases import powers as case_powers
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.files.actions import keep
from zugong.core.files.models import File
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import names_on
from zugong.registry.powers import mine
from zugong.scorecards import actions, adjusting, engine, following, hearing, powers
from zugong.scorecards.engine import State
from zugong.scorecards.models import Adjustment, Comment, Hearing, Mark, Result, Run, RunState
from zugong.web.asking import DeedForm, asker, found, pressed, said
from zugong.web.scorecards import showing
from zugong.web.scorecards.showing import Card

Row = dict[str, Any]
SHOWN = 20  # units named on the page of a run
FILE_HELP = gettext_lazy("照片、扫描件或表格，每个不超过 20 MB；不得含国家秘密。")


# --- Announcing -------------------------------------------------------------------------


def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """What will be asked of whom, and until when; POST announces."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_approve, user, today)
    form = DeedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(lambda _given: hearing.announce(run, by=user, day=today)):
        messages.success(request, _("已公示，意见已经征求。"))
        return HttpResponseRedirect(_rating(run))
    context = {"asks": _asks(run), "refused": form.refused, "back": _rating(run)}
    return _page(request, "scorecards/announcement.html", run, _("公示"), context)


def _asks(run: Run) -> list[Row]:
    """Say what the card asks for, each with how long it lasts."""
    asks, roles = hearing.before_final(run), Card.of(run).policy.roles
    if asks is None:
        return []
    heard = [*asks.comment, *([asks.reply] if asks.reply else [])]
    rows: list[Row] = [
        {"label": _("征求意见"), "who": "、".join(said(roles[role]) for role in heard), "limit": asks.within}
    ]
    if asks.notice:
        rows.append({"label": _("公示"), "who": "", "limit": asks.notice})
    if asks.objections:
        kind = Card.of(run).policy.case(asks.objections.case)
        rows.append({"label": said(kind), "who": said(roles[kind.opened_by]), "limit": asks.objections})
    return [row | {"lasts": _lasts(row["limit"])} for row in rows if row["who"] or row["limit"]]


def _lasts(limit: Any) -> str:
    if limit.working_days is not None:
        many = limit.working_days
        return ngettext("%(n)d 个工作日", "%(n)d 个工作日", many) % {"n": many}
    if limit.days is None:
        return _("未设期限")
    return ngettext("%(n)d 天", "%(n)d 天", limit.days) % {"n": limit.days}


# --- What stands beside a run and a unit ------------------------------------------------


def of_run(user: User, run: Run, today: date) -> Row:
    """Return what the page of a run says about its way to being final."""
    if run.state in (RunState.SCORED, RunState.GIVEN_UP):
        return {}
    hint = ""
    if run.state == RunState.ANNOUNCED:
        try:
            hearing.refuse_unready(run, today)
        except Refused as why:
            hint = said(why)
    asks = hearing.before_final(run) if run.state == RunState.DECIDED else None
    approves = run.decided_by != str(user) and over_county(user, May.APPROVE, today)
    results = powers.results(user, run, today)
    adjusted = Adjustment.objects.filter(result__in=results.values("pk")).exclude(agreed=False)
    return {
        "may_announce": approves and asks is not None,
        "may_publish": approves and _publishable(run, asks, hint),
        "hint": hint,
        "adjusted": [
            {**_unit_link(one.result, run), "reason": one.reason, "open": one.agreed is None}
            for one in adjusted.select_related("result")[:SHOWN]
        ],
        **(_heard(run, results, today) if run.announced_on else {}),
    }


def _heard(run: Run, results: QuerySet[Result], today: date) -> Row:
    """Count who was asked, who is waited for and who said nothing, among the results that the asker sees."""
    mine_to_see = results.values("pk")
    waiting = hearing.waiting(run, today).filter(result__in=mine_to_see)
    return {
        "asked": Hearing.objects.filter(result__in=mine_to_see).count(),
        "waiting_units": [_unit_link(one.result, run) for one in waiting[:SHOWN]],
        "waiting_count": waiting.count(),
        "silent_count": hearing.silent(run, today).filter(result__in=mine_to_see).count(),
        "objected": hearing.objections(run).filter(about__in=results.values("unit")).count(),
    }


def _publishable(run: Run, asks: Any, hint: str) -> bool:
    if run.state == RunState.DECIDED:
        return asks is None
    return run.state == RunState.ANNOUNCED and not hint


def _unit_link(result: Result, run: Run) -> Row:
    return {"name": result.name, "href": reverse("rating-unit", args=[run.pk, result.key])}


def of_unit(user: User, result: Result, today: date) -> Row:
    """Return what the page of a unit says about comments, objections and adjustments, and what the asker may do."""
    run, card = result.run, Card.of(result.run)
    asked = list(result.hearings.prefetch_related("comments__file"))
    names, own = names_on(today, [one.who_id for one in asked]), mine(user, today)
    cases = case_powers.visible(user, today).filter(
        pk__in=hearing.objections(run).filter(about=result.unit_id)
    )
    running = run.state == RunState.ANNOUNCED
    return {
        "heard": [
            {
                "who": names.get(one.who_id, ""),
                "role": said(card.policy.roles[one.role]),
                "comments": list(one.comments.all()),
                "until": one.until,
                "silent": bool(one.until and one.until < today),
                "href": reverse("rating-comment", args=[run.pk, one.pk]) if running and one.who_id in own else "",
            }
            for one in asked
        ],
        "objections": [
            {"number": one.number, "state": _case_state(one), "href": showing.there("case", one.pk)} for one in cases
        ],
        "may_object": hearing.may_object(user, result, today),
        "adjustments": [_adjustment(one, card, user, today) for one in result.adjustments.select_related("case")],
        "set_off": [
            showing.effect_said(one.effect, card) for one in following.set_off(result) if not one.effect.value
        ],
        "may_adjust": run.state not in (RunState.SCORED, RunState.GIVEN_UP) and over_county(user, May.RUN, today),
        "evidence": _evidence(result),
    }  # fmt: skip


def _case_state(case: Any) -> str:
    kind: CaseKind = case_powers.kind_of(case)
    language = get_language() or ""
    if case.is_open():
        return kind.stage(case.stage).said(language)
    return kind.event_said(case.outcome or "withdrawn", language)


def _adjustment(one: Adjustment, card: Card, user: User, today: date) -> Row:
    waits = one.agreed is None
    may = waits and over_county(user, May.APPROVE, today) and one.proposed_by != str(user)
    return {
        "one": one,
        "before": card.word(one.before),
        "after": card.word(one.after),
        "cause": one.case.number if one.case else one.document,
        "wrongly": [showing.reason_said(engine.open_run(card.folder).plan, each) for each in one.wrongly],
        "waits": waits,
        "href": reverse("rating-adjustment-answer", args=[card.run.pk, one.pk]) if may else "",
    }


def _evidence(result: Result) -> list[Row]:
    run = result.run
    marks = Mark.objects.filter(card=run.card, period=run.period, unit=result.unit_id, superseded=False)
    rows = marks.filter(Q(evidence__isnull=False) | ~Q(note="")).select_related("evidence").order_by("pk")
    names = names_on(run.day, [row.rater_id for row in rows])
    parts = {each.id: said(each) for each in Card.of(run).entry.indicators}
    return [
        {"what": parts.get(row.indicator, row.indicator), "who": names.get(row.rater_id, ""), "row": row}
        for row in rows
    ]


# --- Being heard, objecting -----------------------------------------------------------------


class CommentForm(DeedForm):
    """What somebody who was asked has to say."""

    text = forms.CharField(label=gettext_lazy("意见"), widget=forms.Textarea({"rows": 4}))
    file = forms.FileField(label=gettext_lazy("附件"), required=False, help_text=FILE_HELP)


def comment(request: HttpRequest, pk: int, hearing_pk: int) -> HttpResponse:
    """Say what the asker's organisation has to say about a unit."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    asked = Hearing.objects.select_related("result__run", "who")
    one = found(asked.get, pk=hearing_pk, result__run=run, who__in=mine(user, today))
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CommentForm(*data)

    def deed(given: dict[str, Any]) -> None:
        file = keep(name=given["file"].name, content=given["file"].read(), by=user) if given["file"] else None
        hearing.comment(one, text=given["text"], file=file, by=user, day=today)

    if request.method == "POST" and form.does(deed):
        messages.success(request, _("意见已反馈。"))
        return HttpResponseRedirect(_unit(run, one.result.key))
    title = f"{one.result.name} · {_('反馈意见')}"
    return _form(request, run, title, form, _("反馈"), _unit(run, one.result.key))


@require_POST
def objection(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Open an objection to a unit's result, and go on to say what is objected to."""
    user, today = asker(request), clock.today()
    _run, result = _result(user, pk, key, today)
    if not hearing.may_object(user, result, today):
        raise Http404
    try:
        case = hearing.object_to(result, by=user, day=today)
    except Refused as why:
        messages.error(request, said(why))
        return HttpResponseRedirect(_unit(result.run, key))
    return HttpResponseRedirect(reverse("case", args=[case.pk]))


@require_GET
def file(request: HttpRequest, pk: int, key: str, file: int) -> HttpResponseBase:
    """A file that lies with a comment on a unit, or with the marks it was given."""
    user, today = asker(request), clock.today()
    run, result = _result(user, pk, key, today)
    comments = Comment.objects.filter(hearing__result=result)
    marks = Mark.objects.filter(card=run.card, period=run.period, unit=result.unit_id)
    there = Q(pk__in=comments.values("file")) | Q(pk__in=marks.values("evidence"))
    one = File.objects.filter(there, pk=file, size__gt=0).first()
    if one is None:
        raise Http404
    return FileResponse(io.BytesIO(bytes(one.content)), as_attachment=True, filename=one.name)


# --- Adjusting --------------------------------------------------------------------------------


class AdjustmentForm(DeedForm):
    """Another grade, why, and what it rests on."""

    grade = forms.ChoiceField(label=gettext_lazy("调整为"), widget=forms.RadioSelect)
    reason = forms.CharField(label=gettext_lazy("理由"), widget=forms.Textarea({"rows": 3}))
    case = forms.ChoiceField(label=gettext_lazy("成立的异议"), required=False)
    document = forms.CharField(
        label=gettext_lazy("或依据的文件"), required=False, max_length=200, help_text=gettext_lazy("文号和条款。")
    )  # fmt: skip
    wrongly = forms.MultipleChoiceField(
        label=gettext_lazy("其中属于误记的"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, result: Result, data: Any = None) -> None:
        super().__init__(data)
        card = Card.of(result.run)
        plan = engine.open_run(card.folder).plan
        self.upheld = {str(case.pk): case for case in hearing.upheld(result.run).filter(about=result.unit_id)}
        self.choices_are("grade", [(one, card.word(one)) for one in card.grades if one != result.effective])
        self.choices_are("case", [("", "—"), *((pk, case.number) for pk, case in self.upheld.items())])
        self.choices_are("wrongly", [(one, showing.reason_said(plan, one)) for one in result.reasons])
        for name, there in (("case", self.upheld), ("wrongly", result.reasons)):
            if not there:
                del self.fields[name]

    def choices_are(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Offer these."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def adjustment(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Propose another grade for a unit; a second person agrees before it counts."""
    user, today = asker(request), clock.today()
    run, result = _result(user, pk, key, today)
    found(powers.may_run, user, today)
    form = AdjustmentForm(result, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: adjusting.propose(
            result,
            grade=given["grade"],
            reason=given["reason"],
            case=form.upheld.get(given.get("case", "")),
            document=given["document"],
            wrongly=given.get("wrongly", []),
            by=user,
            day=today,
        )
    ):
        messages.success(request, _("已提出调整，等另一人同意。"))
        return HttpResponseRedirect(_unit(run, key))
    note = _("计算的等次和得分不改；调整另记一行，两人办理。")
    return _form(request, run, f"{result.name} · {_('调整等次')}", form, _("提出调整"), _unit(run, key), note)


@require_POST
def adjustment_answer(request: HttpRequest, pk: int, adjustment: int) -> HttpResponse:
    """Agree to an adjustment that somebody else proposed, or decline it."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_approve, user, today)
    seen = powers.results(user, run, today)
    one = found(Adjustment.objects.select_related("result").get, pk=adjustment, result__in=seen)
    deeds = {
        "agree": (adjusting.agree, _("已同意调整。")),
        "decline": (adjusting.decline, _("没有同意调整。")),
    }
    if answered := deeds.get(request.POST.get("answer", "")):
        deed, well = answered
        pressed(request, lambda: deed(one, by=user, day=today), well)
    return HttpResponseRedirect(_unit(run, one.result.key))


# --- Ties at a cut-off --------------------------------------------------------------------------


class TiesForm(DeedForm):
    """A grade for each of those that are tied at a cut-off, with reason and minutes."""

    reason = forms.CharField(label=gettext_lazy("理由"), widget=forms.Textarea({"rows": 2}))
    minutes = forms.CharField(
        label=gettext_lazy("会议纪要"),
        help_text=gettext_lazy("哪次会议、哪一天、怎样决定。"),
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, card: Card, tied: list[Result], data: Any = None) -> None:
        super().__init__(data)
        choices = [("", "—"), *((grade, card.word(grade)) for grade in card.entry.grades.scale)]
        asked = {f"u{one.unit_id}": forms.ChoiceField(label=one.name, choices=choices) for one in tied}
        self.fields = {**asked, **self.fields}
        self.tied, self.run = tied, card.run

    @property
    def given(self) -> dict[int, str]:
        """Unit → the grade it was given."""
        return {one.unit_id: self.cleaned_data[f"u{one.unit_id}"] for one in self.tied}


def ties(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle the ties of a run: the same frozen facts, computed once more with the decision."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_run, user, today)
    tied = list(run.results.filter(state=State.TIED).order_by("-total", "pk"))
    form = TiesForm(Card.of(run), tied, request.POST if request.method == "POST" else None)

    def deed(answers: dict[str, Any]) -> None:
        form.run = actions.settle(
            run, grades=form.given, reason=answers["reason"], minutes=answers["minutes"], by=user, day=today
        )

    if request.method == "POST" and form.does(deed):
        messages.success(request, _("同分已裁定，按同一批事实又算了一次。"))
        return HttpResponseRedirect(_rating(form.run))
    note = _("每个同分的单位选一个等次；谁定的、为什么、哪次会议，都会写在它的页面上。")
    return _form(request, run, _("裁定同分"), form, _("裁定"), _rating(run), note)


# --- Small -------------------------------------------------------------------------------------


def _result(user: User, pk: int, key: str, today: date) -> tuple[Run, Result]:
    run = found(powers.run, user, pk, today)
    return run, found(powers.results(user, run, today).select_related("unit", "run").get, key=key)


def _rating(run: Run) -> str:
    return reverse("rating", args=[run.pk])


def _unit(run: Run, key: str) -> str:
    return reverse("rating-unit", args=[run.pk, key])


def _form(
    request: HttpRequest, run: Run, title: str, form: DeedForm, label: str, back: str, note: str = ""
) -> HttpResponse:
    context = {"form": form, "label": label, "back": back, "note": note}
    return _page(
        request,
        "scorecards/form.html",
        run,
        title,
        context | {"has_errors": bool(form.errors or form.refused)},
    )


def _page(request: HttpRequest, name: str, run: Run, title: str, context: Row) -> HttpResponse:
    common = {"crumbs": showing.crumbs(run, (title, "")), "run": run, "card": Card.of(run), "title": title}
    return TemplateResponse(request, name, common | context)
