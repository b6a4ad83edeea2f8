"""换版: what still runs under another edition, what a move would change, who asks for it and who agrees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts import actions as accounts
from zugong.accounts.models import Proposal, User
from zugong.accounts.powers import may_agree_to_move, moves, over_county
from zugong.accounts.rules import MOVE_CASES, May
from zugong.cases import moving
from zugong.cases import powers as case_powers
from zugong.cases.models import Case, CaseQuerySet
from zugong.core import clock
from zugong.core.errors import PackErrors, Refused
from zugong.packs import diff
from zugong.packs.policy import Policy
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition, names_on
from zugong.scorecards import actions as scorecards
from zugong.scorecards import moving as periods
from zugong.scorecards import powers as rating_powers
from zugong.scorecards.models import Run, RunState
from zugong.web.asking import DeedForm, asker, found, paged, said, said_period
from zugong.web.packs.views import change_rows, edition_label, edition_tabs
from zugong.web.plain import number
from zugong.web.scorecards.showing import crumbs

Row = dict[str, Any]
AT_ONCE = 50  # cases in one proposal

OUTCOMES = {
    Proposal.Outcome.OPEN: (gettext_lazy("等待同意"), "running"),
    Proposal.Outcome.AGREED: (gettext_lazy("已换版"), "done"),
    Proposal.Outcome.DECLINED: (gettext_lazy("不同意"), "late"),
    Proposal.Outcome.WITHDRAWN: (gettext_lazy("已撤回"), "neutral"),
}


# --- What still runs under another edition ------------------------------------------------


@require_GET
def running(request: HttpRequest, pk: int) -> HttpResponse:
    """What still runs under another edition than this one, of what the asker may see: by kind and edition, with links."""
    user, today = asker(request), clock.today()
    edition = _edition(pk)
    return TemplateResponse(
        request,
        "packs/running.html",
        {
            "crumbs": [
                (_("制度包"), reverse("packs")),
                (edition_label(edition), reverse("pack", args=[pk])),
                (_("仍按其他版办理"), ""),
            ],
            "edition": edition,
            "label": edition_label(edition),
            "tabs": edition_tabs(edition, "pack-running"),
            "cases": _cases_elsewhere(user, edition, today),
            "periods": _periods_elsewhere(user, edition, today),
            "may_move": over_county(user, May.MOVE, today) and edition.in_force.lower <= today,
        },
    )


def _cases_elsewhere(user: User, edition: Edition, today: date) -> list[Row]:
    rows = _movable(case_powers.visible(user, today)).exclude(edition=edition)
    editions = Edition.objects.defer("texts").in_bulk()
    return [
        {
            "label": said(policy_of(editions[under]).case(kind)),
            "edition": said(moving.label(editions[under])),
            "count": count,
            "href": f"{reverse('cases')}?{urlencode({'kind': kind, 'edition': under})}",
            "move": f"{reverse('pack-move', args=[edition.pk])}?{urlencode({'kind': kind, 'from': under})}",
        }
        for kind, under, count in rows.order_by("kind", "edition")
        .values_list("kind", "edition")
        .annotate(Count("pk"))
    ]


def _movable(cases: CaseQuerySet) -> CaseQuerySet:
    """Keep the open cases that belong to no other: those that do go with it."""
    return cases.open().filter(parent=None)


def _periods_elsewhere(user: User, edition: Edition, today: date) -> list[Row]:
    found = []
    for run in _latest(rating_powers.runs(user, today)):
        under = scorecards.edition_of(run.card, run.period, periods.first_edition(run))
        if under.pk != edition.pk:
            found.append(
                {
                    "label": f"{said_period(run.period)} {said(policy_of(run.edition).scorecard(run.card))}",
                    "edition": said(moving.label(under)),
                    "since": run.first,
                    "href": reverse("rating", args=[run.pk]),
                    "move": f"{reverse('rating-edition', args=[run.pk])}?{urlencode({'to': edition.pk})}",
                }
            )
    return found


def _latest(runs: Any) -> Iterable[Run]:
    """Return the latest computation of each period that is not published."""
    ended = set(Run.objects.filter(state=RunState.PUBLISHED).values_list("card", "period"))
    rows = runs.exclude(state=RunState.GIVEN_UP).select_related("edition").defer("edition__texts")
    latest = {(run.card, run.period): run for run in rows.order_by("number")}
    return [run for key, run in sorted(latest.items()) if key not in ended]


# --- One case -----------------------------------------------------------------------------


@require_GET
def case_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Under which edition a case goes on, and each other one to which it could be moved."""
    user, today = asker(request), clock.today()
    one = found(case_powers.case, user, pk, today)
    kind = case_powers.kind_of(one)
    may_move = one.is_open() and over_county(user, May.MOVE, today)
    return TemplateResponse(
        request,
        "cases/edition.html",
        {
            "crumbs": [
                (said(kind), f"{reverse('cases')}?kind={one.kind}"),
                (one.number, reverse("case", args=[pk])),
                (_("换版"), ""),
            ],
            "case": one,
            "kind": said(kind),
            "edition": one.edition,
            "label": said(moving.label(one.edition)),
            "moved": [
                {
                    "day": step.day,
                    "label": said(moving.label(step.to_edition)),
                    "href": reverse("move", args=[step.proposal_id]),
                }
                for step in one.steps.exclude(to_edition=None).select_related("to_edition")
                if step.to_edition
            ],
            "belongs": one.parent if one.parent and one.parent.is_open() else None,
            "others": [
                {
                    "label": said(moving.label(each)),
                    "href": f"{reverse('pack-move', args=[each.pk])}?{urlencode({'case': pk})}",
                    "pack": reverse("pack", args=[each.pk]),
                }
                for each in _readable(today)
                if each.pk != one.edition_id
            ]
            if may_move
            else [],
            "may_move": may_move,
        },
    )


def _readable(today: date) -> list[Edition]:
    """Return the editions to which something can be moved and whose texts this version of the program reads."""
    return [edition for edition in moving.targets(today) if _reads(edition)]


def _reads(edition: Edition) -> bool:
    try:
        return bool(policy_of(edition))
    except PackErrors:
        return False


# --- Asking to move cases -----------------------------------------------------------------


class ReasonForm(DeedForm):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        help_text=gettext_lazy("依据哪份文件、哪次会议，为什么要换。"),
        widget=forms.Textarea({"rows": 3}),
    )


def move_to(request: HttpRequest, pk: int) -> HttpResponse:
    """What moving some cases to this edition would change; POST asks for it."""
    user, today = asker(request), clock.today()
    if not over_county(user, May.MOVE, today):
        raise PermissionDenied
    edition, asked = _edition(pk), request.POST if request.method == "POST" else request.GET
    cases = _asked_for(user, edition, asked, today)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    made: list[Proposal] = []
    if request.method == "POST" and form.does(
        lambda given: made.append(
            moving.propose(cases, to=edition, by=user, day=today, at=clock.now(), **given)
        )
    ):
        messages.success(request, _("已提请换版，等另一人同意。"))
        return HttpResponseRedirect(reverse("move", args=[made[0].pk]))
    if request.method == "POST":  # what was left out can be chosen again
        cases = _asked_for(user, edition, request.GET, today) or cases
    outlooks = [moving.look(case, edition, today) for case in cases]
    chosen = (
        {str(case.pk) for case in cases} if request.method != "POST" else set(request.POST.getlist("case"))
    )
    return TemplateResponse(
        request,
        "packs/move.html",
        {
            "crumbs": [
                (_("制度包"), reverse("packs")),
                (edition_label(edition), reverse("pack", args=[pk])),
                (_("换版"), ""),
            ],
            "label": said(moving.label(edition)),
            "rows": _rows(outlooks, chosen, today),
            "movable": any(not each.all_refusals for each in outlooks),
            "most": AT_ONCE,
            "full": len(cases) == AT_ONCE,
            "changes": _changes(outlooks, edition),
            "form": form,
            "has_errors": form.is_bound,
            "back": reverse("case", args=[cases[0].pk])
            if len(cases) == 1
            else reverse("pack-running", args=[pk]),
        },
    )


def _asked_for(user: User, edition: Edition, asked: Any, today: date) -> list[Case]:
    """Return the open cases that are asked for: those named, or those of a kind under an edition, so many at once."""
    rows = case_powers.visible(user, today).open().exclude(edition=edition)
    if named := [pk for one in asked.getlist("case") if (pk := number(one))]:
        rows = rows.filter(pk__in=named)
    elif (kind := asked.get("kind")) and (under := number(asked.get("from"))):
        rows = _movable(rows).filter(kind=kind, edition=under)
    else:
        return []
    return list(
        rows.select_related("edition", "about", "parent").defer("edition__texts").order_by("pk")[:AT_ONCE]
    )


def _rows(outlooks: list[moving.Outlook], chosen: set[str], today: date) -> list[Row]:
    names = names_on(today, [each.case.about_id for each in outlooks])
    return [
        _row(each, names.get(each.case.about_id, "")) | {"chosen": str(each.case.pk) in chosen}
        for each in outlooks
    ]


def _row(each: moving.Outlook, name: str) -> Row:
    case, kind = each.case, case_powers.kind_of(each.case)
    return {
        "case": case,
        "name": name or case.number,
        "kind": case.label or said(kind),
        "stage": said(kind.stage(case.stage)),
        "refusals": [said(one) for one in each.all_refusals],
        "before": each.before,
        "after": each.after,
        "moves_deadline": each.moves_deadline,
        "facts": [
            {"label": label, "value": value}
            for label, value in (
                (_("办理人"), _turned(each)),
                (_("多出的步骤"), _named(each.added)),
                (_("取消的步骤"), _named(each.dropped)),
                (_("按新版还缺"), "；".join(said(lack.sentence) for lack in each.lacks)),
                (_("将开立的任务"), _named(each.tasks)),
                (_("一并换版的任务"), _along(each)),
            )
            if value
        ],
    }


def _turned(each: moving.Outlook) -> str:
    before, after = _named(each.doers_before), _named(each.doers_after)
    return f"{before} → {after}" if before != after else ""


def _along(each: moving.Outlook) -> str:
    count = sum(1 for child in each.children)
    return _("%(count)d 件") % {"count": count} if count else ""


def _named(things: Iterable[Any]) -> str:
    return _("、").join(said(one) for one in things)


def _changes(outlooks: list[moving.Outlook], edition: Edition) -> list[Row]:
    """Return what is otherwise in the kinds of these cases: the comparison of the two policies, narrowed to them."""
    pairs = {(each.case.edition_id, each.case.kind): each.case for each in outlooks}
    rows: list[Row] = []
    for case in pairs.values():
        rows += entry_changes(policy_of(case.edition), policy_of(edition), ("case", case.kind))
    return rows


def entry_changes(before: Policy, after: Policy, key: tuple[str, str]) -> list[Row]:
    """Return what is otherwise in one entry, as rows of `packs/_changes.html`."""
    return change_rows([one for one in diff.between_packs(before, after) if one.key == key], after)


# --- What was asked, and the second person --------------------------------------------------


@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    """Every move that was asked for, the newest first."""
    user, today = asker(request), clock.today()
    if not _has_part(user, today):
        raise PermissionDenied
    page = paged(request, moves(user, today))
    return TemplateResponse(
        request,
        "packs/moves.html",
        {
            "crumbs": [(_("制度包"), reverse("packs")), (_("换版"), "")],
            "page": page,
            "rows": [{"one": one, "outcome": OUTCOMES[Proposal.Outcome(one.outcome)]} for one in page],
        },
    )


def _has_part(user: User, today: date) -> bool:
    return over_county(user, May.MOVE, today) or over_county(user, May.APPROVE, today)


@require_GET
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One move that was asked for: what it would change, or what it moved."""
    user, today = asker(request), clock.today()
    one = found(moves(user, today).get, pk=pk)
    return TemplateResponse(
        request,
        "packs/moved.html",
        {
            "crumbs": [
                (_("制度包"), reverse("packs")),
                (_("换版"), reverse("moves")),
                (said(one.sentence), ""),
            ],
            "one": one,
            "reason": one.detail["reason"],
            "outcome": OUTCOMES[Proposal.Outcome(one.outcome)],
            "may_answer": may_agree_to_move(user, one, today),
            "may_withdraw": one.outcome == Proposal.Outcome.OPEN and one.asked_by_id == user.pk,
            **(_of_cases(one, user, today) if one.deed == MOVE_CASES else _of_period(one, today)),
        },
    )


def _of_cases(one: Proposal, user: User, today: date) -> Row:
    edition = Edition.objects.defer("texts").get(pk=one.detail["edition"])
    seen = case_powers.visible(user, today).filter(pk__in=one.detail["cases"])
    rows = list(moving.of(one).filter(pk__in=seen.values("pk")).defer("edition__texts"))
    unseen = len(one.detail["cases"]) - len(rows)
    if one.outcome != Proposal.Outcome.OPEN:
        names = names_on(today, [case.about_id for case in rows])
        return {
            "cases": [{"case": case, "name": names.get(case.about_id, case.number)} for case in rows],
            "unseen": unseen,
        }
    outlooks = [moving.look(case, edition, today) for case in rows]
    return {"rows": _rows(outlooks, set(), today), "changes": _changes(outlooks, edition), "unseen": unseen}


def _of_period(one: Proposal, today: date) -> Row:
    run, edition = periods.of(one), Edition.objects.defer("texts").get(pk=one.detail["edition"])
    waits = one.outcome == Proposal.Outcome.OPEN
    return {
        "run": run,
        "refusals": [said(why) for why in periods.refusals(run, edition, today)] if waits else [],
        "changes": entry_changes(policy_of(run.edition), policy_of(edition), ("scorecard", run.card))
        if waits
        else [],
    }


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, say no, or take back what one asked."""
    user, today = asker(request), clock.today()
    one = found(moves(user, today).get, pk=pk)
    deed = request.POST.get("deed", "")
    try:
        if deed == "agree":
            agree = moving.agree if one.deed == MOVE_CASES else periods.agree
            agree(one, by=user, day=today, at=clock.now())
            messages.success(request, _("已同意，已经换版。"))
        elif deed == "withdraw" and one.asked_by_id == user.pk:
            accounts.decline(one, by=user, at=clock.now())
            messages.success(request, _("已撤回。"))
        elif deed == "decline" and not may_agree_to_move(user, one, today):
            raise Refused("换版须由提请人以外、有审批权的人同意")
        elif deed == "decline":
            accounts.decline(one, by=user, at=clock.now())
            messages.success(request, _("已退回提请人。"))
    except Refused as refused:
        messages.error(request, said(refused))
    return HttpResponseRedirect(reverse("move", args=[pk]))


# --- One period of a rating -----------------------------------------------------------------


def rating_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Under which edition a period is computed; what another would change; POST asks for it."""
    user, today = asker(request), clock.today()
    run = found(rating_powers.run, user, pk, today)
    if not over_county(user, May.MOVE, today):
        raise PermissionDenied
    now = scorecards.edition_of(run.card, run.period, periods.first_edition(run))
    others = [each for each in _readable(today) if each.pk != now.pk]
    to = next((each for each in others if str(each.pk) == request.GET.get("to")), None)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    made: list[Proposal] = []
    if (
        request.method == "POST"
        and to
        and form.does(
            lambda given: made.append(
                periods.propose(run, to=to, by=user, day=today, at=clock.now(), **given)
            )
        )
    ):
        messages.success(request, _("已提请换版，等另一人同意。"))
        return HttpResponseRedirect(reverse("move", args=[made[0].pk]))
    return TemplateResponse(
        request,
        "scorecards/edition.html",
        {
            "crumbs": crumbs(run, (_("换版"), "")),
            "run": run,
            "card": said(policy_of(run.edition).scorecard(run.card)),
            "label": said(moving.label(now)),
            "others": [{"pk": each.pk, "label": said(moving.label(each))} for each in others],
            "to": to,
            "to_label": said(moving.label(to)) if to else "",
            "refusals": [said(why) for why in periods.refusals(run, to, today)] if to else [],
            "changes": entry_changes(policy_of(now), policy_of(to), ("scorecard", run.card)) if to else [],
            "form": form,
            "has_errors": form.is_bound,
            "back": reverse("rating", args=[pk]),
        },
    )


def _edition(pk: int) -> Edition:
    return get_object_or_404(Edition.objects.defer("texts"), pk=pk)
