"""What is asked of me, by the clock: overdue, today, this week, later. One tap accepts or says that one has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.rules import May
from zugong.cases import powers
from zugong.cases.awaiting import Awaited, awaiting
from zugong.cases.models import Case, CaseQuerySet
from zugong.cases.rules import State
from zugong.core import clock
from zugong.core.workdays import day_of
from zugong.packs.schema.cases import CaseKind, Stage
from zugong.registry.models import names_on
from zugong.web.asking import asker, said
from zugong.web.cases import late
from zugong.web.cases.outside import matters
from zugong.web.due import Deadline, of_case, of_whole
from zugong.web.requests.views import openable

Row = dict[str, Any]
SUNDAY = 6
ELSEWHERE = 20  # of what lies with others, so many are named; the list has the rest
LATE, TODAY, WEEK, LATER = range(4)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The requests and calls whose next step is the asker's, by clock; beside them what lies with others."""
    user, today, now = asker(request), clock.today(), clock.now()
    waiting = [one for one in awaiting(user, today) if is_asked(one.case)]
    seen = powers.visible(user, today)
    if not waiting and not user.may(May.SEE, today) and not seen.filter(receipt__isnull=False).exists():
        raise PermissionDenied
    stage = request.GET.get("stage", "")
    shown = [one for one in waiting if not stage or one.stage.name == stage]
    others = seen.open().exclude(pk__in=[one.case.pk for one in waiting]).select_related("edition", "holder")
    return TemplateResponse(
        request,
        "requests/mine.html",
        {
            "groups": _by_clock(_drawn(shown, now), today),
            "tabs": _tabs(waiting, stage),
            "many": len(waiting),
            "may_take": bool(openable(user, today)),
            **_elsewhere(others, now),
            **_called(others, now),
        },
    )


def is_asked(case: Case) -> bool:
    """Say whether somebody outside asked for a case, or for what it belongs to."""
    top = case.parent or case
    return powers.kind_of(top).intake is not None


def _tabs(waiting: list[Awaited], stage: str) -> list[Row]:
    """Return one tab for each step that waits, in words, with how many wait there; none where all wait for the same."""
    counts = Counter(one.stage.name for one in waiting)
    if len(counts) < 2:
        return []
    words = {one.stage.name: said(one.stage) for one in waiting}
    here = reverse("requests-mine")
    every = {"label": _("全部"), "href": here, "current": not stage, "count": len(waiting)}
    return [
        every,
        *(
            {"label": words[name], "href": f"{here}?stage={name}", "current": name == stage, "count": many}
            for name, many in counts.items()
        ),
    ]


def _by_clock(rows: list[Row], today: date) -> list[Row]:
    """Return the rows in four groups, those that are empty left out."""
    end = today + timedelta(days=SUNDAY - today.weekday())
    words = (_("已逾期"), _("今天到期"), _("本周到期"), _("以后到期或未设期限"))
    kept: list[list[Row]] = [[] for _word in words]
    for row in rows:
        kept[_when(row, today, end)].append(row)
    return [{"title": word, "rows": group} for word, group in zip(words, kept, strict=True) if group]


def _when(row: Row, today: date, end: date) -> int:
    due: Deadline | None = row["due"]
    if due and due.is_late:
        return LATE
    if due is None or due.day > end:
        return LATER
    return TODAY if due.day <= today else WEEK


def _drawn(waiting: list[Awaited], now: datetime) -> list[Row]:
    """Return one line for each: what was asked, where, by when, and its buttons."""
    lines = _lines([one.case for one in waiting], now)
    return [
        lines[one.case.pk]
        | {
            "rests_on": late.basis(one.case),
            "accepts": one.case.state == State.WAITING and not one.second,
            "buttons": list(_buttons(one)),
        }
        for one in waiting
    ]


def _lines(cases: list[Case], now: datetime) -> dict[int, Row]:
    """Say of each case what was asked and where, with all names in one question."""
    tops = [case.parent or case for case in cases]
    asked, names = matters(tops), names_on(day_of(now), {top.about_id for top in tops})
    return {
        case.pk: {
            "case": case,
            "matter": asked.get(top.pk) or said(powers.kind_of(case)),
            "kind": said(powers.kind_of(case)) if case.parent_id else "",
            "name": names.get(case.about_id, ""),
            "stage": said(powers.kind_of(case).stage(case.stage)),
            "due": of_case(case, now),
            "whole": of_whole(case, now),
        }
        for case, top in zip(cases, tops, strict=True)
    }


def _buttons(one: Awaited) -> Iterator[Row]:
    """Yield the ways to pass the stage on: at once where nothing is asked and nothing is counted, else by its form."""
    kind, stage = powers.kind_of(one.case), one.stage
    form = reverse("case-answer" if one.second else "case-submission", args=[one.case.pk])
    if one.second or not stage.outcomes:
        yield {"label": _("复核") if one.second else said(stage), "href": f"{form}?{BACK}", "outcome": ""}
        return
    for outcome in stage.outcomes:
        yield {
            "label": said(stage.choice(outcome)),
            "href": f"{form}?{BACK}&{urlencode({'outcome': outcome})}",
            "outcome": outcome if _at_once(kind, stage, outcome) else "",
        }


BACK = "back=mine"


def _at_once(kind: CaseKind, stage: Stage, outcome: str) -> bool:
    """Say whether an outcome is one tap: it needs nothing, and is none of the facts that are counted."""
    counted = {name for names in (kind.intake.counts if kind.intake else {}).values() for name in names}
    return not stage.needs_for(outcome) and outcome not in counted


def _elsewhere(others: CaseQuerySet, now: datetime) -> Row:
    """Return the open requests that lie with others, the nearest deadline first: where they are, with whom."""
    rows = others.filter(receipt__isnull=False).order_by(F("due_on").asc(nulls_last=True), "due_at", "pk")
    first = list(rows.select_related("parent")[:ELSEWHERE])
    return {"elsewhere": _with(first, now), "elsewhere_many": rows.count()}


def _called(others: CaseQuerySet, now: datetime) -> Row:
    """Return the calls to which a unit has not come yet: the first step of what belongs to a request."""
    rows = others.filter(parent__receipt__isnull=False, holder__isnull=False).select_related(
        "parent__edition"
    )
    tasks = [
        task
        for task in rows.order_by("due_on", "due_at", "pk")
        if powers.kind_of(task).stages[0].name == task.stage
    ]
    return {"called": _with(tasks[:ELSEWHERE], now), "called_many": len(tasks)}


def _with(cases: Iterable[Case], now: datetime) -> list[Row]:
    cases = list(cases)
    holders = names_on(day_of(now), {one.holder_id for one in cases if one.holder_id})
    lines = _lines(cases, now)
    return [lines[one.pk] | {"holder": holders.get(one.holder_id or 0, "")} for one in cases]
