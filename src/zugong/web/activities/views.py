"""The list, one activity, and what can be done about it. A meeting decides the cases that wait for it, all at once."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import actions, powers
from zugong.activities.models import Activity, AgendaItem
from zugong.activities.rules import Move, Report, State
from zugong.cases import actions as cases
from zugong.cases.awaiting import Awaited
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.duties import actions as duties
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind
from zugong.packs.schema.cases import CaseKind
from zugong.registry.actions import policy_on
from zugong.registry.models import Subject, names_on
from zugong.web.activities import forms
from zugong.web.asking import DeedForm, asker, found, need, only, paged, ruled, said
from zugong.web.plain import by_name
from zugong.web.questions import Day, read
from zugong.web.sheets import export_of

Row = dict[str, Any]

STATE_WORDS: dict[State, Callable[[], tuple[str, str]]] = {
    State.PLANNED: lambda: (_("计划"), "soon"),
    State.HELD: lambda: (_("已开展"), "done"),
    State.CANCELLED: lambda: (_("已取消"), "neutral"),
}


@require_GET
def activities(request: HttpRequest) -> HttpResponse:
    """What was held or is planned in the asker's part of the county."""
    user, today = need(request, May.SEE), clock.today()
    policy, asked = ruled(today), request.GET
    rows = powers.visible(user, today).select_related("run_by", "at")
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("state"):
        rows = rows.filter(state=asked["state"])
    page = paged(request, rows.order_by("-day", "-pk"))
    names = names_on(today, [pk for row in page for pk in (row.run_by_id, row.at_id) if pk])
    kinds = {kind.name: said(kind) for kind in _kinds(policy)}
    return TemplateResponse(
        request,
        "activities/activities.html",
        {
            "asked": asked,
            "page": page,
            "rows": [_row(row, kinds, names) for row in page],
            "kinds": sorted(kinds.items(), key=lambda one: one[1]),
            "states": [(state.value, word()[0]) for state, word in STATE_WORDS.items()],
            "offered": [(kind.name, said(kind)) for kind in _offered(user, policy, today)],
            "export": export_of(user, f"activity.{asked['kind']}", today) if asked.get("kind") else "",
        },
    )


def _row(row: Activity, kinds: dict[str, str], names: dict[int, str]) -> Row:
    word, tag = STATE_WORDS[State(row.state)]()
    return {
        "activity": row,
        "kind": kinds.get(row.kind, row.kind),
        "run_by": names.get(row.run_by_id, ""),
        "at": names.get(row.at_id or 0, ""),
        "state": word,
        "tag": tag,
    }


def _kinds(policy: Policy | None) -> list[ActivityKind]:
    return policy.all("activity", ActivityKind) if policy else []


def _offered(user: User, policy: Policy | None, today: date) -> list[ActivityKind]:
    """Return the kinds that the asker can enter."""
    if policy is None:
        return []
    return [kind for kind in _kinds(policy) if powers.may_run(user, policy, kind, today)]


def new(request: HttpRequest) -> HttpResponse:
    """Enter an activity: first which kind, then what about it."""
    user, today = asker(request), clock.today()
    policy = ruled(today)
    kind = next((one for one in _offered(user, policy, today) if one.name == request.GET.get("kind")), None)
    if policy is None or kind is None:
        offered = [(one.name, said(one)) for one in _offered(user, policy, today)]
        context = {"kinds": offered, "crumbs": _crumbs()}
        status = HTTPStatus.OK if offered else HTTPStatus.FORBIDDEN
        return TemplateResponse(request, "activities/choose.html", context, status=status)
    form = forms.NewForm(policy, kind, user, today, *([request.POST] if request.method == "POST" else []))
    entered: list[Activity] = []
    if request.method == "POST" and form.does(
        lambda given: entered.append(counted(_enter(policy, kind, given, form, user, today)))
    ):
        messages.success(request, _("已登记“%(kind)s”") % {"kind": said(kind)})
        return HttpResponseRedirect(reverse("activity", args=[entered[0].pk]))
    return _form(
        request,
        form,
        title=_("登记“%(kind)s”") % {"kind": said(kind)},
        label=_("登记"),
        back=reverse("activities"),
    )


def _enter(
    policy: Policy, kind: ActivityKind, given: dict[str, Any], form: forms.NewForm, user: User, today: date
) -> Activity:
    at = Subject.objects.get(pk=given["at"]) if given.get("at") else None
    run_by = Subject.objects.get(pk=given["run_by"])
    if given["state"] == forms.PLANNED:
        return actions.plan(
            policy,
            kind.name,
            day=given["day"],
            run_by=run_by,
            at=at,
            topic=given["topic"],
            by=user,
            today=today,
            key=given["key"],
            again=given["another"],
        )
    return actions.hold(
        policy,
        kind.name,
        day=given["day"],
        run_by=run_by,
        at=at,
        report=form.report(user),
        by=user,
        today=today,
        key=given["key"],
        again=given["another"],
    )


def counted(activity: Activity) -> Activity:
    """Let what was entered, put right or called off count at once for whoever owes it."""
    duties.count_after(activity)
    return activity


def _form(request: HttpRequest, form: DeedForm, *, status: int = HTTPStatus.OK, **more: Any) -> HttpResponse:
    context = {"form": form, "has_errors": form.is_bound, "crumbs": _crumbs(), **more}
    return TemplateResponse(request, "activities/deed.html", context, status=status)


def _only_theirs(request: HttpRequest, user: User, one: Activity, policy: Policy) -> int:
    """Return the status of a page that only those open who enter the activity."""
    kind = policy.activity(one.kind)
    return only(powers.may_enter(user, policy, kind, one.run_by, one.at, clock.today()), request)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("组织生活"), reverse("activities"))]


@require_GET
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """One activity: what was said about it, who was there, what it decided, and the evidence."""
    user, one, policy = _asked(request, pk)
    today = clock.today()
    kind = policy.activity(one.kind)
    decides = one.state != State.CANCELLED and _decides(policy, kind)
    waiting = forms.waiting_for(one, user, today) if decides else []
    names_open = kind.present == "named" and powers.names_visible(user, one, today)
    present = names_on(one.day, one.present.values_list("person_id", flat=True)) if names_open else {}
    steps = {step.item_id: step for step in one.steps.select_related("case")}
    return TemplateResponse(
        request,
        "activities/activity.html",
        {
            "activity": one,
            "kind": said(kind),
            "state": STATE_WORDS[State(one.state)](),
            "crumbs": [*_crumbs(), (said(kind), "")],
            "facts": _facts(one, kind, policy, today),
            "present": sorted(present.values()),
            "agenda": [{"item": item, "step": steps.get(item.pk)} for item in one.agenda.all()],
            "files": list(one.evidence.select_related("file").defer("file__content")),
            "corrections": list(one.corrections.all()),
            "moves": _buttons(powers.moves(user, one, policy, today), one),
            "waiting": len(waiting),
        },
    )


def _decides(policy: Policy, kind: ActivityKind) -> bool:
    """Say whether cases are decided at this kind of meeting."""
    return any(stage.at == kind.name for case in policy.all("case", CaseKind) for stage in case.stages)


def _asked(request: HttpRequest, pk: int) -> tuple[User, Activity, Policy]:
    user = asker(request)
    one = found(powers.activity, user, pk, clock.today())
    return user, one, found(policy_on, one.day)


def _facts(one: Activity, kind: ActivityKind, policy: Policy, today: date) -> list[Row]:
    rows: list[Row] = [
        {"label": _("由谁开展"), "value": one.run_by.name_on(one.day), "href": _href(one.run_by)}
    ]
    if one.at:
        rows.append({"label": _("在哪里"), "value": one.at.name_on(one.day), "href": _href(one.at)})
    if one.should_attend is not None:
        rows.append({"label": _("应到"), "value": one.should_attend})
    if one.attended is not None:
        rows.append({"label": _("实到"), "value": one.attended})
    rows += [
        {"label": said(policy.fields[name]), "value": read(policy, name, one.fields.get(name), today)}
        for name in kind.fields
    ]
    confirmed = by_name(one.confirmed_by) or _("还没有第二人确认")
    entered = {"label": _("登记"), "value": by_name(one.entered_by)}
    return [*rows, entered, {"label": _("确认"), "value": confirmed}]


def _href(subject: Subject) -> str:
    return reverse("organisation", args=[subject.pk]) if subject.noun == "organisation" else ""


def _buttons(moves: list[Move], one: Activity) -> list[Row]:
    words = {
        Move.HOLD: (_("登记开展"), "activity-report", "primary"),
        Move.CONFIRM: (_("确认"), "activity-confirmation", "primary"),
        Move.CORRECT: (_("更正"), "activity-report", "secondary"),
        Move.ATTACH: (_("上传佐证"), "activity-evidence", "secondary"),
        Move.CANCEL: (_("取消"), "activity-cancellation", "quiet"),
    }
    found_moves = [move for move in moves if move in words]
    if Move.HOLD in found_moves and Move.CORRECT in found_moves:
        found_moves.remove(Move.CORRECT)
    return [
        {
            "label": words[move][0],
            "href": reverse(words[move][1], args=[one.pk]),
            "kind": words[move][2],
            "posts": move == Move.CONFIRM,
        }
        for move in found_moves
    ]


def _done(request: HttpRequest, one: Activity, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("activity", args=[one.pk]))


@require_POST
def confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person confirms that it was held as entered."""
    user, one, policy = _asked(request, pk)
    status = only(powers.may_confirm(user, one, clock.today()), request)
    form = DeedForm(request.POST)
    if form.does(lambda _given: actions.confirm(policy, one, by=user, today=clock.today())):
        return _done(request, one, _("已确认"))
    back = reverse("activity", args=[pk])
    return _form(request, form, status=status, title=_("确认"), label=_("确认"), back=back)


def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a planned activity was held; or put right what was said about one that was, with a reason."""
    user, one, policy = _asked(request, pk)
    status, today, kind = _only_theirs(request, user, one, policy), clock.today(), policy.activity(one.kind)
    held = one.state == State.HELD
    before = actions.report_of(one)
    initial = {**vars(before), **before.fields, "day": one.day}
    form = forms.ReportForm(
        policy, kind, today, *([request.POST] if request.method == "POST" else []), initial=initial
    )
    form.fields["day"] = Day(label=_("日期"))
    if held:
        form.fields["reason"] = forms.ReasonForm.base_fields["reason"]

    def deed(given: dict[str, Any]) -> object:
        now: dict[str, Any] = {
            "report": form.report(user, one),
            "day": given["day"],
            "by": user,
            "today": today,
        }
        if held:
            return counted(actions.correct(policy, one, reason=given["reason"], **now))
        return counted(actions.hold_planned(policy, one, **now))

    if request.method == "POST" and form.does(deed):
        return _done(request, one, _("已更正") if held else _("已登记开展"))
    title = _("更正") if held else _("登记开展")
    return _form(request, form, status=status, title=title, label=title, back=reverse("activity", args=[pk]))


def cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """Call off what was planned, or take back what was entered by mistake."""
    user, one, policy = _asked(request, pk)
    status = _only_theirs(request, user, one, policy)
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: counted(
            actions.cancel(policy, one, reason=given["reason"], by=user, today=clock.today())
        )
    ):
        return _done(request, one, _("已取消"))
    return _form(
        request,
        form,
        status=status,
        title=_("取消"),
        label=_("取消这次活动"),
        danger=True,
        back=reverse("activity", args=[pk]),
    )


def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay a file with an activity."""
    user, one, policy = _asked(request, pk)
    status = _only_theirs(request, user, one, policy)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.EvidenceForm(*data)
    if request.method == "POST" and form.does(
        lambda given: actions.attach(
            policy, one, name=given["file"].name, content=given["file"].read(), by=user, today=clock.today()
        )
    ):
        return _done(request, one, _("佐证已附上"))
    back = reverse("activity", args=[pk])
    return _form(request, form, status=status, title=_("上传佐证"), label=_("上传"), back=back)


@require_GET
def file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """A file that lies with an activity."""
    _user, one, _policy = _asked(request, pk)
    kept = one.evidence.filter(file=file).select_related("file").first()
    if kept is None or kept.file.is_erased:
        raise Http404
    return FileResponse(io.BytesIO(bytes(kept.file.content)), as_attachment=True, filename=kept.file.name)


def decisions(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide every case that waits for this meeting in one form: one attendance, one set of minutes, a vote for each."""
    user, one, policy = _asked(request, pk)
    status, today = _only_theirs(request, user, one, policy), clock.today()
    waiting = forms.waiting_for(one, user, today)
    sent = [request.POST] if request.method == "POST" else []
    form = forms.DecisionsForm(one, policy.activity(one.kind), waiting, today, *sent)

    def deed(given: dict[str, Any]) -> None:
        taken = form.taken()
        if not taken:
            raise Refused("请先勾选上会的事项")
        meeting = counted(_sat(policy, one, given, form, user, today))
        lacks: list[Refused] = []
        for awaited in taken:
            item = meeting.agenda.filter(matter=form.item(awaited).matter).latest("place")
            lacks += _decide(awaited, item, form, user, today)
        if lacks:
            raise Refused.all_of(lacks)

    if request.method == "POST" and form.does(deed):
        many = len(form.taken())
        told = ngettext("已记录 %(many)d 件的决定", "已记录 %(many)d 件的决定", many) % {"many": many}
        return _done(request, one, told)
    return TemplateResponse(
        request,
        "activities/decisions.html",
        {
            "activity": one,
            "kind": said(policy.activity(one.kind)),
            "form": form,
            "has_errors": form.is_bound,
            "crumbs": [*_crumbs(), (said(policy.activity(one.kind)), reverse("activity", args=[pk]))],
        },
        status=status,
    )


def _sat(
    policy: Policy, one: Activity, given: dict[str, Any], form: forms.DecisionsForm, user: User, today: date
) -> Activity:
    """Enter what was said about the sitting, with a matter for each case; what stood on its agenda stays."""
    before = actions.report_of(one)
    matters = {item.matter for item in before.agenda}
    items = tuple(item for awaited in form.taken() if (item := form.item(awaited)).matter not in matters)
    now: Report = replace(
        before,
        minutes=given["minutes"],
        should_attend=given["should_attend"],
        attended=given["attended"],
        agenda=(*before.agenda, *items),
    )
    if one.state == State.PLANNED:
        return actions.hold_planned(policy, one, report=now, by=user, today=today)
    if now == before:
        return one
    return actions.correct(policy, one, reason=_("补记议题和表决"), report=now, by=user, today=today)


def _decide(
    awaited: Awaited, item: AgendaItem, form: forms.DecisionsForm, user: User, today: date
) -> list[Refused]:
    """Pass a case on; return what it lacks, each at the question of that case where the form has it."""
    case = awaited.case
    try:
        with transaction.atomic():
            cases.submit(
                case,
                by=user,
                day=today,
                item=item,
                answers=form.answers(awaited, user),
                outcome=form.cleaned_data.get(f"outcome_{case.pk}", ""),
            )
    except Refused as refused:
        name = form.names.get(case.about_id, case.number)
        return [
            Refused(
                "{name}：{why}",
                name=name,
                why=part.sentence,
                clause=part.clause,
                field=form.field_of(awaited, part.field),
            )
            for part in refused.parts or (refused,)
        ]
    return []
