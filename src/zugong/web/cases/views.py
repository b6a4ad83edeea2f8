"""The list, the progress, one case, and the moves it may make. No page is written for one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
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
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import actions as activities
from zugong.activities.rules import Report
from zugong.bulletins.papers import excel, word
from zugong.bulletins.papers.paper import Paper, Paragraph, Table
from zugong.cases import actions, facts, intake, learning, powers
from zugong.cases.models import Case, CaseQuerySet
from zugong.cases.rules import Move
from zugong.core import clock, journal
from zugong.core.files.actions import keep
from zugong.core.files.models import File
from zugong.core.workdays import day_of, end_of
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry import powers as registry_powers
from zugong.registry.models import Particulars, Subject, names_on
from zugong.registry.rules import POST
from zugong.registry.selecting import Ids
from zugong.web.asking import DeedForm, asker, found, need, on, paged, ruled, said
from zugong.web.cases import advising, forms, late, showing
from zugong.web.cases.narrowing import causes, causes_called, deadlines, narrowed, supporters, township_of
from zugong.web.cases.outside import receipt_of
from zugong.web.cases.timeline import laid, step_said, timeline
from zugong.web.due import Deadline, of_case, of_whole
from zugong.web.organisations.views import klass_words, townships
from zugong.web.plain import number
from zugong.web.posts.lists import SECTIONS
from zugong.web.posts.naming import called, post_title, post_words
from zugong.web.sheets import workbook

Row = dict[str, Any]
SUBMISSIONS = (Move.SUBMIT, Move.SIGN, Move.PROPOSE)
SHEET = 10_000  # rows a workbook takes
LATEST = 5  # of what happened to a case, so many stand open


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases the asker may see, asked for by kind, stage, township, state and words."""
    user, today, policy, visible = _seen(request)
    now = clock.now()
    labels = {kind.name: said(kind) for kind in _kinds(policy)}
    page, asked_kind = paged(request, _asked(visible, request, now, policy)), request.GET.get("kind", "")
    return TemplateResponse(
        request,
        "cases/cases.html",
        {
            "page": page,
            "rows": _listed(list(page), now),
            "heading": labels.get(asked_kind, _("事项")),
            "kinds": list(labels.items()),
            "stages": [(stage.name, said(stage)) for stage in _stages(policy, asked_kind)],
            "townships": townships(user, policy, today),
            "asked": request.GET,
            "requests": any(
                kind.intake for kind in _kinds(policy) if kind.name == asked_kind or not asked_kind
            ),
            "causes": causes(policy),
            "causes_called": causes_called(policy),
            "supporters": supporters(visible.open(), today),
            "deadlines": deadlines(),
            "may_open": user.may(May.ACT, today) or bool(policy and powers.openable(user, policy, today)),
            "any": page.paginator.count or visible.exists(),
            "export": f"{reverse('cases-sheet')}?{request.GET.urlencode()}" if page.paginator.count else "",
        },
    )


def _seen(request: HttpRequest) -> tuple[User, date, Policy | None, CaseQuerySet]:
    """Return who asks, on which day, under which rules, and the cases they see. Raises PermissionDenied."""
    user, today = asker(request), clock.today()
    visible = powers.visible(user, today)
    if not user.may(May.SEE, today) and not visible.exists():
        raise PermissionDenied  # who supports a village sees its cases without a grant
    return user, today, ruled(today), visible


@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, journaled: without what is adverse to a person, whose compartment no file leaves."""
    user, today, policy, visible = _seen(request)
    now = clock.now()
    asked = list(_asked(visible, request, now, policy)[: SHEET + 1])
    if len(asked) > SHEET:
        messages.error(request, _("一次最多导出 %(many)d 项，请先缩小查询范围") % {"many": SHEET})
        return HttpResponseRedirect(f"{reverse('cases')}?{request.GET.urlencode()}")
    rows = _listed([one for one in asked if not powers.kind_of(one).adverse], now)
    columns = (
        _("编号"), _("事项"), _("对象"), _("所在乡镇"), _("到了哪一步"), _("自"), _("状态"),
        _("立项日期"), _("期限"), _("到期时刻"), _("剩余工作日"), _("整件期限"), _("逾期"), _("办结日期"), _("结果"), _("任务"),
    )  # fmt: skip
    lines = [
        (
            row["case"].number, row["kind"], row["name"], row["township"], row["stage"], row["case"].entered_on,
            row["state"], row["case"].opened_on, *_due_cells(row["due"], row["whole"]),
            row["ended"] and row["ended"]["day"], row["ended"] and row["ended"]["word"], row["still"],
        )
        for row in rows
    ]  # fmt: skip
    journal.write("case.export", by=user, on="case", rows=len(rows))
    return workbook(excel.sheet(columns, lines, name=_("事项")), f"{_('事项')}-{today}.xlsx")


def _due_cells(due: Deadline | None, whole: Deadline | None) -> tuple[date | str | int | None, ...]:
    """Return a deadline as cells: its day, its hour, what is left of it, the day of the whole, and whether either is over."""
    is_late = any(one.is_late for one in (due, whole) if one)
    return (
        due.day if due else None,
        due.hour or None if due else None,
        due.left if due else None,
        whole.day if whole else None,
        _("逾期") if is_late else None,
    )


def _asked(rows: CaseQuerySet, request: HttpRequest, now: datetime, policy: Policy | None) -> CaseQuerySet:
    """Keep the cases that the query form asks for; a word that means nothing asks for nothing."""
    asked, today = request.GET, day_of(now)
    match asked.get("state", "open"):
        case "late":
            rows = rows.overdue(now)
        case "closed":
            rows = rows.filter(closed_on__isnull=False)
        case "all":
            pass
        case _:
            rows = rows.open()
    if kind := asked.get("kind"):
        rows = rows.filter(kind=kind)
    elif not asked.get("tasks"):
        rows = rows.filter(parent=None)
    if edition := number(asked.get("edition")):
        rows = rows.filter(edition=edition)
    if stage := asked.get("stage"):
        rows = rows.filter(stage=stage)
    rows = narrowed(rows, asked, now, policy)
    if words := asked.get("q", "").strip():
        named = registry_powers.matching(Particulars.objects.on(today), words).values("subject")
        rows = rows.filter(about__in=named) | rows.filter(number__contains=words)
    rows = rows.select_related("edition").defer("edition__texts")
    return rows.order_by(F("due_on").asc(nulls_last=True), "due_at", "pk")


def _listed(rows: list[Case], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of a list, with all names in two questions."""
    today = day_of(now)
    particulars = {
        row.subject_id: row
        for row in Particulars.objects.on(today).filter(subject__in={row.about_id for row in rows})
    }
    above = names_on(today, (one.parent_id for one in particulars.values() if one.parent_id))
    still = showing.tasks_with(rows, today)
    listed = []
    for row in rows:
        kind, about = powers.kind_of(row), particulars.get(row.about_id)
        word, tag = showing.state_tag(row)
        listed.append(
            {
                "case": row,
                "name": about.name if about else row.number,
                "township": above.get(about.parent_id or 0, "") if about else "",
                "kind": row.label or said(kind),
                "stage": said(kind.stage(row.stage)),
                "still": still.get(row.pk, ""),
                "due": of_case(row, now),
                "whole": of_whole(row, now),
                "state": word,
                "tag": tag,
                "ended": None if row.is_open() else showing.ended(row),
            }
        )
    return listed


def _kinds(policy: Policy | None) -> list[CaseKind]:
    return policy.all("case", CaseKind) if policy else []


def _stages(policy: Policy | None, kind: str) -> list[Any]:
    return [stage for entry in _kinds(policy) if entry.name == kind for stage in entry.stages]


@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """How far the cases of a kind have come, township by township, as it stood at the end of a day."""
    user, today, day = need(request, May.SEE), clock.today(), on(request)
    policy = ruled(day)
    kinds = [kind for kind in _kinds(policy) if any(stage.children for stage in kind.stages)]
    kinds += [kind for kind in _kinds(policy) if kind not in kinds]
    kind = next((kind for kind in kinds if kind.name == request.GET.get("kind")), kinds[0] if kinds else None)
    stages = list(kind.stages) if kind else []
    table = _by_township(request, user, kind, day, policy) if kind and policy else []
    if request.GET.get("as") == "xlsx" and kind:
        return _progress_sheet(kind, table, day)
    visible = powers.visible(user, day)
    return TemplateResponse(
        request,
        "cases/progress.html",
        {
            "kind": kind,
            "label": said(kind) if kind else "",
            "kinds": [(one.name, said(one)) for one in kinds],
            "stages": [(stage.name, said(stage)) for stage in stages],
            "table": table,
            "totals": [sum(row["counts"][place][1] for row in table) for place in range(len(stages))],
            "all": sum(row["all"] for row in table),
            "townships": townships(user, policy, today),
            "causes": causes(policy),
            "causes_called": causes_called(policy),
            "supporters": supporters(visible.open(), today),
            "deadlines": deadlines(),
            "exports": not (kind and kind.adverse),
            "asked": request.GET,
            "day": day,
            "today": today,
        },
    )


def _by_township(
    request: HttpRequest, user: User, kind: CaseKind, day: date, policy: Policy
) -> list[dict[str, Any]]:
    rows = narrowed(
        powers.visible(user, day).filter(kind=kind.name), request.GET, min(clock.now(), end_of(day)), policy
    )
    about = dict(rows.values_list("pk", "about_id"))
    standing = {
        case: stage for case, stage in facts.stages_on(kind.name, day).items() if stage and case in about
    }
    place = township_of(about.values(), policy, day)
    counts: dict[int, dict[str, int]] = {}
    for case, stage in standing.items():
        row = counts.setdefault(place.get(about[case], 0), {})
        row[stage] = row.get(stage, 0) + 1
    names = names_on(day, counts)
    place_of = {pk: place for place, (pk, _name) in enumerate(townships(user, policy, day))}
    return [
        {
            "township": township,
            "name": names.get(township, "—"),
            "counts": [(stage.name, row.get(stage.name, 0)) for stage in kind.stages],
            "all": sum(row.values()),
        }
        for township, row in sorted(counts.items(), key=lambda one: place_of.get(one[0], len(place_of)))
    ]


def _progress_sheet(kind: CaseKind, table: list[dict[str, Any]], day: date) -> HttpResponse:
    """The table as a workbook; what is adverse to a person leaves its compartment in no file."""
    if kind.adverse:
        raise Http404
    columns = (_("乡镇"), *(said(stage) for stage in kind.stages), _("合计"))
    lines = [(row["name"], *(count for _stage, count in row["counts"]), row["all"]) for row in table]
    name = _("%(label)s进展") % {"label": said(kind)}
    return workbook(excel.sheet(columns, lines, name=name), f"{name}-{day}.xlsx")


@require_GET
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: its line of stages, what comes next, its tasks, its supporters, its past."""
    user, today, now = asker(request), clock.today(), clock.now()
    one = found(powers.case, user, pk, today)
    policy, kind = powers.policy_for(one), powers.kind_of(one)
    stage = kind.stage(one.stage)
    steps = list(
        one.steps.select_related(
            "by", "item", "activity", "instead_of", "edition", "to_edition", "proposal__asked_by"
        ).defer("edition__texts", "to_edition__texts")
    )
    moves, request_of = powers.moves(user, one, today), receipt_of(one, kind)
    return TemplateResponse(
        request,
        "cases/case.html",
        {
            "case": one,
            "crumbs": crumbs(one, kind, today),
            "heading": heading(one, kind, today),
            "due": of_case(one, now),
            "whole": of_whole(one, now),
            "state": showing.state_tag(one),
            "ended": None if one.is_open() else showing.ended(one),
            "line": showing.line(one, kind, steps, now),
            "stage": said(stage),
            "needs": showing.needs(one, kind, policy, today),
            "clause": showing.clause(kind, policy, stage),
            "buttons": list(showing.buttons(one, stage, moves, policy)),
            "proposal": _proposal(one, policy),
            "turn": showing.turn(one, kind, policy, user, today) if one.is_open() else None,
            "still": showing.tasks_with([one], today, named=True).get(one.pk, "") if one.is_open() else "",
            "sittings": showing.sittings(one, stage, policy, user, today) if one.is_open() else [],
            "may_lay": not showing.not_acting(user, one, today) and Move.RESUME not in moves and not stage.at,
            "may_withdraw": one.is_open() and one.opened_by == str(user),
            **_tasks(showing.tasks(one, policy, now)),
            "merged": powers.visible(user, today).filter(merged_into=one).order_by("pk"),
            "lists": showing.lists(one, user, today),
            "unsighted": showing.unsighted(one, kind, today),
            "may_give": bool(
                one.parent is None and (powers.acting(user, one, today) or powers.taken_in(user, one, today))
            ),
            "supports": showing.supports(one, kind, policy, today),
            "keeps_ties": showing.keeps_ties(user, one, today),
            "answers": showing.answers(one, policy, today),
            "request_of": request_of,
            "may_leave_out": bool(
                request_of and not request_of["receipt"].excluded_id and user.may(May.ACT, today)
            ),
            "may_read_contact": bool(powers.acting(user, one, today)),
            "postings": showing.postings(one, user, policy, today),
            "alike": advising.alike(one, user, today, merges=bool(powers.acting(user, one, today))),
            **_events(timeline(one, steps, policy, user, today)),
        },
    )


def _tasks(rows: list[Row]) -> Row:
    """Keep those that are still to be done apart from those that ended."""
    return {
        "tasks": [row for row in rows if not row["ended"]],
        "tasks_ended": [row for row in rows if row["ended"]],
    }


def _events(rows: list[Row]) -> Row:
    """Keep the latest apart from what came before; a few more are not worth a fold."""
    latest = LATEST if len(rows) > LATEST + 2 else len(rows)
    return {"events": rows[:latest], "earlier": rows[latest:]}


def crumbs(one: Case, kind: CaseKind, today: date) -> list[tuple[str, str]]:
    """The way to a case: the list, its township, its subject."""
    about = one.about.on(today)
    township = (
        names_on(today, [about.parent_id]).get(about.parent_id, "") if about and about.parent_id else ""
    )
    trail = [(said(kind), f"{reverse('cases')}?kind={one.kind}")]
    if township and about:
        trail.append((township, reverse("organisation", args=[about.parent_id])))
    if one.parent:
        trail.append((one.parent.number, reverse("case", args=[one.parent.pk])))
    name = about.name if about else one.number
    if about and one.about.noun == POST:
        name = post_words(powers.policy_for(one)).get(about.klass, name)
    trail.append((name, showing.address(one.about)))
    return trail


def heading(one: Case, kind: CaseKind, today: date) -> str:
    """What a case is called on its page."""
    post = one.about.on(today) if one.about.noun == POST else None
    name = post_title(post, powers.policy_for(one), today) if post else one.about.name_on(today)
    return f"{name} · {one.label or said(kind)}"


def _proposal(one: Case, policy: Policy) -> dict[str, Any] | None:
    step = powers.open_proposal(one)
    if step is None:
        return None
    stage = policy.case(one.kind).stage(step.stage)
    outcome = dict(forms.outcomes(stage)).get(step.outcome, said(stage))
    return {"outcome": outcome, "by": step.by.called if step.by else "", "day": step.day, "note": step.note}


# --- Moves ------------------------------------------------------------------------------


def acted_on(request: HttpRequest, pk: int) -> tuple[User, Case]:
    """Return who asks and the case, which must be one that they may see."""
    user = asker(request)
    return user, found(powers.case, user, pk, clock.today())


def went_well(request: HttpRequest, one: Case, sentence: str) -> HttpResponse:
    """Go back to the case, or to the list from which one came, with one sentence saying what was done."""
    messages.success(request, sentence)
    if request.GET.get("back") == "mine":
        return HttpResponseRedirect(reverse("requests-mine"))
    return HttpResponseRedirect(reverse("case", args=[one.pk]))


def only_said(request: HttpRequest, one: Case, told: str) -> HttpResponse | None:
    """Answer who asks for a form that is not theirs with the sentence that says who may; None where it is theirs.

    A form that was sent is drawn again with what was typed: there the deed itself refuses.
    """
    if not told or request.method == "POST":
        return None
    kind, today = powers.kind_of(one), clock.today()
    there = reverse("case", args=[one.pk])
    context = {
        "sentence": told,
        "heading": heading(one, kind, today),
        "crumbs": crumbs(one, kind, today),
        "back": there,
    }
    return TemplateResponse(request, "cases/not_theirs.html", context, status=HTTPStatus.FORBIDDEN)


def came_late(
    request: HttpRequest, user: User, one: Case, form: Callable[[Case], DeedForm]
) -> HttpResponse | None:
    """Answer who sends a form after another took the step: who did and when, and what was typed, to be copied.

    None where nobody did. Nothing of such a form is done: it was meant for a stage that the case has left.
    """
    step = late.overtaken(one, request.POST.get("rests_on", ""))
    if step is None:
        return None
    kind, today = powers.kind_of(one), clock.today()
    context = {
        "step": step,
        "own": step.by_id == user.pk,
        "said": step_said(step),
        "now": said(kind.stage(one.stage)) if one.is_open() else "",
        "typed": late.typed(form(late.as_it_was(one, step))),
        "heading": heading(one, kind, today),
        "crumbs": crumbs(one, kind, today),
        "back": reverse("case", args=[one.pk]),
    }
    return TemplateResponse(request, "cases/late.html", context, status=HTTPStatus.CONFLICT)


def drawn(request: HttpRequest, one: Case, form: DeedForm, *, told: str = "", **more: Any) -> HttpResponse:
    """Draw the small page of one deed: the form, what was refused, and what the deed is about.

    `told` says why the step is not the asker's; the answer is then 403, whatever was typed.
    """
    kind, today = powers.kind_of(one), clock.today()
    context = {
        "case": one,
        "rests_on": late.basis(one),
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": [*crumbs(one, kind, today), (heading(one, kind, today), reverse("case", args=[one.pk]))],
        "back": reverse("case", args=[one.pk]),
        "called": f"{heading(one, kind, today)}　{one.number}",
        "clause": showing.clause(kind, powers.policy_for(one), kind.stage(one.stage)),
        **more,
    }
    status = HTTPStatus.FORBIDDEN if told else HTTPStatus.OK
    return TemplateResponse(request, "cases/deed.html", context, status=status)


@require_POST
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """签收."""
    (user, one), today = acted_on(request, pk), clock.today()
    told = showing.not_theirs(user, one, today, Move.ACCEPT)
    form = forms.NothingForm(request.POST)
    if form.does(lambda _given: actions.accept(one, by=user, day=today)):
        return went_well(request, one, _("已签收"))
    return drawn(request, one, form, told=told, title=_("签收"), label=_("签收"))


def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass a stage on, with its answers, its meeting and its outcome."""
    (user, one), today = acted_on(request, pk), clock.today()
    told = showing.not_theirs(user, one, today, *SUBMISSIONS)
    if page := only_said(request, one, told):
        return page
    if page := came_late(
        request, user, one, lambda was: forms.SubmissionForm(was, user, today, request.POST)
    ):
        return page
    kind = powers.kind_of(one)
    stage = kind.stage(one.stage)
    moves = powers.moves(user, one, today)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.SubmissionForm(one, user, today, *data)
    advice = None if told else learning.advice(one, today)
    if wished := request.GET.get("outcome"):
        form.initial.setdefault("outcome", wished)

    def deed(_given: dict[str, Any]) -> object:
        # Who may not take the step is told so before a meeting is entered.
        given = form.given() if powers.acting(user, one, today) else {}
        step = actions.submit(one, by=user, day=today, **given)
        learning.remember(step, advice)
        return step

    if request.method == "POST" and form.does(deed):
        return went_well(request, one, _done(stage, one, user))
    move = next((move for move in moves if move in SUBMISSIONS), Move.SUBMIT)
    title = showing.passing(stage, kind, begun=bool(powers.signatures(one)))
    return drawn(
        request,
        one,
        form,
        told=told,
        title=title,
        label=_("提出，由第二人复核") if move == Move.PROPOSE else title,
        paper=[*form.asked, *form.paper],
        lacks=showing.lacks_elsewhere(one, stage, today),
        sent_back=showing.sent_back(one),
        advice=advising.shown(advice, form, request.GET.dict()),
        groups=list(form.groups),
        sittings=showing.sittings(one, stage, powers.policy_for(one), user, today),
        draft=f"case-{one.pk}-{one.round}",
        returns=Move.RETURN in moves,
        **_known(one, today, [*stage.every_field, *form.told]),
    )


def _known(one: Case, today: date, asked: Iterable[str] = ()) -> Row:
    """Return what whoever decides reads beside the form: what was answered before, and the evidence that was laid."""
    policy = powers.policy_for(one)
    answers = [row for row in showing.answers(one, policy, today) if row["field"] not in asked]
    return {"answers": answers, "laid": laid(one, policy)}


def _done(stage: Any, one: Case, user: User) -> str:
    kind, today = powers.kind_of(one), clock.today()
    if one.stage == stage.name and one.is_open():
        who = showing.turn(one, kind, powers.policy_for(one), user, today)["who"]
        told = (
            _("已提出“%(stage)s”，等%(who)s复核")
            if powers.open_proposal(one)
            else _("已记录“%(stage)s”，等%(who)s办理")
        )
        return told % {"stage": said(stage), "who": who}
    if not one.is_open():
        return _("已记录“%(stage)s”，本事项办结") % {"stage": said(stage)}
    return _("已记录“%(stage)s”，进入“%(next)s”") % {
        "stage": said(stage),
        "next": said(kind.stage(one.stage)),
    }


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person agrees to a proposal or declines it."""
    (user, one), today = acted_on(request, pk), clock.today()
    told = showing.not_theirs(user, one, today, Move.AGREE)
    if page := only_said(request, one, told):
        return page
    if page := came_late(request, user, one, lambda _was: forms.AnswerForm(request.POST)):
        return page
    kind = powers.kind_of(one)
    form = forms.AnswerForm(request.POST or None)

    def deed(given: dict[str, Any]) -> object:
        if given["answer"] == "agree":
            return actions.agree(one, by=user, day=today, note=given["note"])
        return actions.decline(one, by=user, day=today, reason=given["note"])

    stage, proposal = kind.stage(one.stage), _proposal(one, powers.policy_for(one))
    if request.method == "POST" and form.does(deed):
        return went_well(request, one, _done(stage, one, user))
    return drawn(
        request,
        one,
        form,
        told=told,
        title=_("复核“%(stage)s”") % {"stage": said(stage)},
        label=_("提交意见"),
        proposal=proposal,
        **_known(one, today),
    )


@dataclass(frozen=True)
class Deed:
    """A move that needs no more than a form: its words and what it calls."""

    move: Move
    title: Callable[[], str]
    done: Callable[[], str]
    form: type[DeedForm]
    does: Callable[[Case, User, date, dict[str, Any]], object]


DEEDS: dict[str, Deed] = {
    "return": Deed(
        Move.RETURN,
        lambda: _("退回"),
        lambda: _("已退回"),
        forms.ReasonForm,
        lambda one, by, day, given: actions.send_back(one, by=by, day=day, reason=given["note"]),
    ),
    "extend": Deed(
        Move.EXTEND,
        lambda: _("延期"),
        lambda: _("已延期"),
        forms.UntilForm,
        lambda one, by, day, given: actions.extend(
            one, by=by, day=day, until=given["until"], reason=given["note"]
        ),
    ),
    "pause": Deed(
        Move.PAUSE,
        lambda: _("中止"),
        lambda: _("已中止，期限停走"),
        forms.UntilForm,
        lambda one, by, day, given: actions.pause(
            one, by=by, day=day, until=given["until"], reason=given["note"]
        ),
    ),
    "resume": Deed(
        Move.RESUME,
        lambda: _("恢复"),
        lambda: _("已恢复，期限顺延"),
        forms.NothingForm,
        lambda one, by, day, given: actions.resume(one, by=by, day=day),
    ),
    "withdraw": Deed(
        Move.WITHDRAW,
        lambda: _("撤回"),
        lambda: _("已撤回"),
        forms.ReasonForm,
        lambda one, by, day, given: actions.withdraw(one, by=by, day=day, reason=given["note"]),
    ),
}


def step(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Return, extend, pause, resume or withdraw: one question or two, and the move is taken."""
    (user, one), today = acted_on(request, pk), clock.today()
    wanted = DEEDS[deed]
    told = showing.not_theirs(user, one, today, wanted.move)
    if page := only_said(request, one, told):
        return page

    def asked(case: Case) -> DeedForm:
        data = request.POST if request.method == "POST" else None
        return forms.ReturnForm(case, today, data) if deed == "return" else wanted.form(data)

    if page := came_late(request, user, one, asked):
        return page
    form = asked(one)

    def does(given: dict[str, Any]) -> object:
        if isinstance(form, forms.ReturnForm):
            return actions.send_back(one, by=user, day=today, reason=given["note"], answers=form.given(user))
        return wanted.does(one, user, today, given)

    if request.method == "POST" and form.does(does):
        return went_well(request, one, wanted.done())
    more = {"title": wanted.title(), "label": wanted.title(), "danger": deed == "withdraw"}
    return drawn(request, one, form, told=told, **more)


def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay evidence with a case: enter a visit right here, take one that is there, or upload a file."""
    (user, one), today = acted_on(request, pk), clock.today()
    told = showing.not_acting(user, one, today)
    if page := only_said(request, one, told):
        return page
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.EvidenceForm(one, user, today, *data)

    def deed(given: dict[str, Any]) -> None:
        activity = _activity(one, given, form, user, today)
        if activity:
            actions.lay(one, by=user, day=today, activity=activity)
        if given["file"]:
            file = keep(name=given["file"].name, content=given["file"].read(), by=user)
            actions.lay(one, by=user, day=today, file=file)

    if request.method == "POST" and form.does(deed):
        return went_well(request, one, _("证据已附上"))
    return drawn(request, one, form, told=told, title=_("附证据"), label=_("附上"))


def _activity(one: Case, given: dict[str, Any], form: forms.EvidenceForm, user: User, today: date) -> Any:
    if given["kind"] == "file":
        return None
    if given["kind"].isdecimal():
        return next(activity for activity in form.there if activity.pk == int(given["kind"]))
    policy = powers.policy_for(one)
    run_by = forms.body_of(one, powers.kind_of(one).stage(one.stage), user, today)
    return activities.hold(
        policy,
        given["kind"],
        day=given["day"] or today,
        run_by=run_by,
        at=one.about,
        by=user,
        today=today,
        report=Report(topic=given["topic"]),
        again=given["another"],
    )


def merger(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a case go on in another of its kind that the asker also acts on."""
    (user, one), today = acted_on(request, pk), clock.today()
    told = showing.not_theirs(user, one, today, Move.MERGE)
    if page := only_said(request, one, told):
        return page
    data = request.POST if request.method == "POST" else None
    others = showing.mergeable(one, user, today)
    form = forms.MergerForm(others, data, initial=request.GET.dict())

    def deed(given: dict[str, Any]) -> object:
        into = Case.objects.get(pk=given["into"])
        return actions.merge(one, into, by=user, day=today, reason=given["note"])

    if request.method == "POST" and form.does(deed):
        return went_well(request, one, _("已并案"))
    return drawn(request, one, form, told=told, title=_("并案"), label=_("并入所选的一件"), danger=True)


def holder(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a task to somebody, with a day by which it is due."""
    (user, one), today = acted_on(request, pk), clock.today()
    told = showing.not_giving(user, one, today)
    if page := only_said(request, one, told):
        return page
    form = forms.HolderForm(one, today, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and form.does(
        lambda given: actions.give(
            one, to=Subject.objects.get(pk=given["holder"]), by=user, day=today, due_on=given["due_on"]
        )
    ):
        return went_well(request, one.parent or one, _("任务已分派"))
    title = _("分派“%(task)s”") % {"task": one.label}
    return drawn(request, one, form, told=told, title=title, label=_("分派"))


# --- Files ---------------------------------------------------------------------------------


@require_GET
def file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """A file that lies with a case: as evidence, or as an answer."""
    _user, one = acted_on(request, pk)
    if not one.proofs.filter(file=file).exists() and file not in showing.files_answered(one):
        raise Http404
    there = File.objects.filter(pk=file).first()
    if there is None or there.is_erased:
        raise Http404
    return FileResponse(BytesIO(bytes(there.content)), as_attachment=True, filename=there.name)


@require_GET
def list_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest list of a hand-over as Word: what is handed over, by whom to whom, with room to sign."""
    user, one = acted_on(request, pk)
    drawn = one.lists.last()
    if drawn is None:
        raise Http404
    kind, today = powers.kind_of(one), clock.today()
    rows = tuple(
        (str(place), SECTIONS[item["what"]](), item["label"], item["due"] or "—", "")
        for place, item in enumerate(drawn.items, start=1)
    )
    leaver = one.holder.name_on(one.opened_on) if one.holder else "—"
    columns = (_("序号"), _("类别"), _("事项"), _("期限"), _("说明"))
    title = (
        f"{called([one.about_id], powers.policy_for(one), today).get(one.about_id, one.number)}{kind.label}"
    )
    paper = Paper(
        title=title,
        issuer=one.number,
        day=drawn.day,
        blocks=(
            Paragraph(_("移交人：%(who)s　　　　接收人：　　　　　　　　监交人：") % {"who": leaver}),
            *([Table(columns, rows)] if rows else [Paragraph(_("没有要移交的事。"))]),
        ),
    )
    journal.write("case.print", by=user, on=one)
    return HttpResponse(
        word.render(paper),
        content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title)}.docx"},
    )


def new(request: HttpRequest) -> HttpResponse:
    """Bring in a matter of a kind that persons may open. What somebody outside asks is taken in with a receipt instead."""
    user, today = asker(request), clock.today()
    policy = ruled(today)
    openable = powers.openable(user, policy, today) if policy else []
    if not openable and not user.may(May.ACT, today):
        raise PermissionDenied  # who asks for leave needs no grant
    requests = [kind for kind, _about in openable if intake.taken_by_staff(kind)]
    open_to = [(kind, about) for kind, about in openable if not kind.intake]
    asked_for = request.POST.get("kind") or request.GET.get("kind")
    if led := [kind for kind in requests if kind.name == asked_for or not open_to]:
        return HttpResponseRedirect(f"{reverse('request-new')}?{urlencode({'kind': led[0].name})}")
    kinds = [kind for kind, _about in open_to]
    entry = _chosen(request, kinds)
    asks = entry is not None and request.method == "POST" and _asks_yet(request, entry)
    about = next((about for kind, about in open_to if kind is entry), None)
    form = _new_form(request, entry, policy, about, today, unanswered=asks)
    form.fields["kind"].choices = [(kind.name, said(kind)) for kind in kinds]  # type: ignore[attr-defined]
    offered = [about for kind, about in open_to if request.GET.get("kind") in (kind.name, None)]
    subjects = _subjects(user, frozenset().union(*offered), policy, today)
    alone = sum(len(rows) for _label, rows in subjects) == 1
    form.fields["about"].choices = subjects if alone else [("", _("请选择")), *subjects]  # type: ignore[attr-defined]
    opened: list[Case] = []
    if (
        request.method == "POST"
        and not asks
        and form.does(
            lambda given: opened.append(
                actions.open(
                    given["kind"],
                    about=Subject.objects.get(pk=given["about"]),
                    day=today,
                    by=user,
                    cause=given["cause"],
                    answers=form.answers(user),
                )
            )
        )
    ):
        return went_well(request, opened[0], _("已立项 %(number)s") % {"number": opened[0].number})
    return TemplateResponse(
        request,
        "cases/new.html",
        {
            "form": form,
            "has_errors": form.is_bound,
            "kinds": kinds,
            "requests": requests,
            "crumbs": [(_("事项"), reverse("cases"))],
        },
    )


def _chosen(request: HttpRequest, kinds: list[CaseKind]) -> CaseKind | None:
    """Return the kind of matter that was chosen; the only one where there is no choice."""
    name = request.POST.get("kind") or request.GET.get("kind")
    return next((kind for kind in kinds if kind.name == name), kinds[0] if len(kinds) == 1 else None)


def _asks_yet(request: HttpRequest, entry: CaseKind) -> bool:
    """Say whether the kind has questions that the page sent did not show."""
    return bool(entry.at_opening) and request.POST.get("asked_of") != entry.name


def _new_form(
    request: HttpRequest,
    entry: CaseKind | None,
    policy: Policy | None,
    about: Ids | None,
    today: date,
    *,
    unanswered: bool,
) -> forms.NewForm:
    """Return the form with the questions of the kind that was chosen; once they are shown, with what was answered."""
    sent = request.POST if request.method == "POST" else request.GET
    initial = sent.dict() | {"asked_of": entry.name if entry else ""}
    if entry:
        initial["kind"] = entry.name
    bound = request.method == "POST" and not unanswered
    data, files = (request.POST, request.FILES) if bound else (None, None)
    form = forms.NewForm(data, files, initial=initial)
    if entry and policy and about:
        form.ask(policy, entry, about, today)
    return form


def _subjects(
    user: User, about: Ids, policy: Policy | None, today: date
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Group by noun what a matter can be about: organisations and posts of the asker's part, persons whose file is theirs."""
    part = registry_powers.organisations(user, today).values("subject")
    posts = Particulars.objects.on(today).filter(subject__noun=POST, parent__in=part)
    owners = names_on(today, (row.parent_id for row in posts.filter(subject__in=about) if row.parent_id))
    words = klass_words(policy, POST)
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        (_("组织"), _named(registry_powers.organisations(user, today), about)),
        (_("人员"), _named(registry_powers.persons(user, today), about)),
        (
            _("职务"),
            [
                (
                    str(row.subject_id),
                    f"{owners.get(row.parent_id or 0, '')} {words.get(row.klass, row.name)}",
                )
                for row in posts.filter(subject__in=about).order_by("parent__pk", "pinyin")
            ],
        ),
    ]
    return [(label, rows) for label, rows in groups if rows]


def _named(rows: QuerySet[Particulars], about: Ids) -> list[tuple[str, str]]:
    found = rows.filter(subject__in=about).order_by("pinyin").values_list("subject_id", "name")
    return [(str(pk), name) for pk, name in found]
