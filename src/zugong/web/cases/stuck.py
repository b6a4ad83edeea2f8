"""What is stuck: where, since when, at whom, and what it lacks. Bodies are counted; persons are never ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.bulletins.papers import excel
from zugong.cases import deadlines as deadlines_of_cases
from zugong.cases import powers
from zugong.cases.models import Case, CaseQuerySet, Step
from zugong.cases.needs import Given, lacking, standing_answers
from zugong.cases.rules import Move, State
from zugong.core import clock
from zugong.core.outbox.models import Message
from zugong.core.workdays import day_of
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import Appointment, Particulars, names_on
from zugong.registry.rules import ORGANISATION
from zugong.registry.selecting import Ids
from zugong.web.asking import asker, need, paged, ruled, said
from zugong.web.cases import showing
from zugong.web.cases.narrowing import causes, causes_called, deadlines, narrowed, supporters, township_of
from zugong.web.due import of_case, of_whole
from zugong.web.organisations.views import townships
from zugong.web.people.views import posts_of
from zugong.web.sheets import workbook

Row = dict[str, Any]
AT_ONCE = 20  # each row is looked into for what it lacks
COUNTED = 500  # bodies are counted over so many at most; the page says where there are more


@require_GET
def stuck(request: HttpRequest) -> HttpResponse:
    """The open cases, the longest over its clock first: stage, since when, who holds it, what is lacking, who was told."""
    user, today, now = need(request, May.SEE), clock.today(), clock.now()
    policy, mine = ruled(today), powers.visible(asker(request), today)
    rows = _asked(mine, request, now, policy)
    page = paged(request, rows, AT_ONCE)
    counted, more = _by_body(rows.overdue(now), today)
    return TemplateResponse(
        request,
        "cases/stuck.html",
        {
            "page": page,
            "rows": [_told(one, today) for one in _looked_into(list(page), now)],
            "bodies": counted,
            "more": more,
            "late": mine.overdue(now).count(),
            "clockless": mine.open().filter(due_on=None).count(),
            "kinds": [(kind.name, said(kind)) for kind in (policy.all("case", CaseKind) if policy else ())],
            "townships": townships(user, policy, today),
            "causes": causes(policy),
            "causes_called": causes_called(policy),
            "supporters": supporters(mine.open(), today),
            "deadlines": deadlines(),
            "asked": request.GET,
            "today": today,
        },
    )


@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """The same as a workbook: without what is adverse to a person, whose compartment no file leaves."""
    need(request, May.SEE)
    user, today, now = asker(request), clock.today(), clock.now()
    policy = ruled(today)
    rows = _asked(powers.visible(user, today), request, now, policy)[:COUNTED]
    columns = (
        _("对象"), _("所在乡镇"), _("事项"), _("编号"), _("到了哪一步"), _("自"), _("期限"), _("到期时刻"),
        _("超过期限的工作日"), _("由谁办理"), _("还缺什么"), _("上一步"),
    )  # fmt: skip
    lines = [
        (
            one["name"], one["township"], one["kind"], one["case"].number, one["stage"], one["case"].entered_on,
            one["case"].due_on, (one["due"] and one["due"].hour) or None, one["over"] or None, _("、").join(holder["said"] for holder in one["holders"]),
            _("；").join(one["lacks"]), one["last"]["said"] if one["last"] else "",
        )
        for one in _looked_into([row for row in rows if not powers.kind_of(row).adverse], now)
    ]  # fmt: skip
    name = _("卡在哪里")
    return workbook(excel.sheet(columns, lines, name=name), f"{name}-{today}.xlsx")


def _asked(rows: CaseQuerySet, request: HttpRequest, now: datetime, policy: Policy | None) -> CaseQuerySet:
    """Keep what is stuck: over its clock, unless another deadline is asked for; the longest over first."""
    asked = request.GET.copy()
    asked.setdefault("deadline", "late")
    rows = narrowed(rows.open().exclude(state=State.PAUSED), asked, now, policy)
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    return (
        rows.select_related("edition", "about", "parent")
        .defer("edition__texts")
        .order_by(F("due_on").asc(nulls_last=True), "due_at", "entered_on", "pk")
    )


def _looked_into(cases: list[Case], now: datetime) -> list[Row]:
    """Look into each case of a page: its place, who holds it, what it lacks, its last step and who was told."""
    today = day_of(now)
    about = names_on(today, (one.about_id for one in cases))
    awaited = {one.pk: powers.awaited(one, today) for one in cases}
    holders = {
        pk: ids or powers.answerable(one, today) for one in cases for pk, ids in [(one.pk, awaited[one.pk])]
    }
    called = _called(frozenset().union(*holders.values()), cases, today)
    last = {
        step.case_id: step
        for step in Step.objects.filter(case__in=cases)
        .select_related("by", "case", "edition")
        .defer("edition__texts")
        .order_by("pk")
    }
    told = _told_of(cases)
    places: dict[int, int] = {}
    for one in {case.edition_id: case for case in cases}.values():
        subjects = [case.about_id for case in cases if case.edition_id == one.edition_id]
        places |= township_of(subjects, powers.policy_for(one), today)
    names = names_on(today, places.values())
    return [
        {
            "case": one,
            "name": about.get(one.about_id, one.number),
            "township": names.get(places.get(one.about_id, 0), ""),
            "kind": one.label or said(powers.kind_of(one)),
            "stage": said(powers.kind_of(one).stage(one.stage)),
            "escalated": deadlines_of_cases.escalated(one, today),
            "due": (due := of_case(one, now)),
            "whole": of_whole(one, now),
            "over": -due.left if due and due.left and due.left < 0 else 0,
            "role": showing.waits_for(one, powers.kind_of(one), powers.policy_for(one), today),
            "holders": [called[pk] for pk in sorted(holders[one.pk]) if pk in called],
            "taken_in": not awaited[one.pk],
            "lacks": _lacks(one, today),
            "last": _last(last[one.pk]) if one.pk in last else None,
            "told": told.get(one.pk, []),
        }
        for one in cases
    ]


def _told(row: Row, today: date) -> Row:
    case: Case = row["case"]
    days = powers.policy_for(case).workdays.between(case.entered_on, today)
    return row | {"since": ngettext("已 %(days)d 个工作日", "已 %(days)d 个工作日", days) % {"days": days}}


def _lacks(case: Case, today: date) -> list[str]:
    stage = powers.kind_of(case).stage(case.stage)
    if powers.open_proposal(case):
        return [_("第二人复核")]
    turn = next(iter(powers.next_parties(stage, case)), "")
    given = Given(case, stage, today, standing_answers(case, stage), party=turn)
    return list(dict.fromkeys(said(lack.sentence) for lack in lacking(given)))


def _last(step: Step) -> Row:
    stage = said(powers.kind_at(step).stage(step.stage))
    who = step.by.called if step.by else _("系统")
    move = showing.MOVE_WORDS[Move(step.move)]()
    return {"day": step.day, "said": f"{stage} · {move}（{who}）"}


def _called(subjects: Ids, cases: Iterable[Case], today: date) -> dict[int, Row]:
    """Name holders: a body by itself, a person with the post in which they hold it."""
    rows = {
        row.subject_id: row
        for row in Particulars.objects.on(today).filter(subject__in=subjects).select_related("subject")
    }
    policy = next((powers.policy_for(case) for case in cases), None)
    posts = posts_of([pk for pk, row in rows.items() if row.subject.noun != ORGANISATION], policy, today)
    return {
        pk: {
            "name": row.name,
            "post": _("、").join(posts.get(pk, [])),
            "said": f"{_('、').join(posts[pk])} {row.name}" if posts.get(pk) else row.name,
            "href": reverse("organisation", args=[pk]) if row.subject.noun == ORGANISATION else "",
        }
        for pk, row in rows.items()
    }


def _told_of(cases: list[Case]) -> dict[int, list[Row]]:
    """Say who was told of each case since it entered its step, and when: the newest message to each."""
    links = {f"/cases/{one.pk}": one for one in cases}
    called = {
        user.username: user.called
        for user in User.objects.filter(username__in=Message.objects.filter(link__in=links).values("to"))
    }
    found: dict[int, dict[str, Row]] = {}
    for message in Message.objects.filter(link__in=links).order_by("written_at"):
        who, one = called.get(message.to, message.to), links[message.link]
        if timezone.localtime(message.written_at).date() >= one.entered_on:
            found.setdefault(one.pk, {})[who] = {"who": who, "at": message.written_at}
    return {case: list(told.values()) for case, told in found.items()}


def _by_body(late: CaseQuerySet, today: date) -> tuple[list[Row], bool]:
    """Count what is late by the body that holds it: an organisation, or that of the post in which a person does."""
    cases = list(late[: COUNTED + 1])
    known: dict[tuple[Any, ...], Ids] = {}
    held: Counter[int] = Counter()
    for one in cases[:COUNTED]:
        stage = powers.kind_of(one).stage(one.stage)
        turn = tuple(powers.next_parties(stage, one)) if stage.parties else ()
        key = (one.edition_id, one.kind, one.stage, turn, one.about_id, one.holder_id)
        if key not in known:
            known[key] = powers.answerable(one, today)
        for body in _bodies(known[key], today) or {0}:
            held[body] += 1
    names = names_on(today, held)
    return [
        {"pk": pk, "name": names.get(pk, _("尚未确定承办人")), "count": count}
        for pk, count in sorted(held.items(), key=lambda one: (-one[1], names.get(one[0], "")))
    ], len(cases) > COUNTED


def _bodies(holders: Ids, today: date) -> set[int]:
    rows = Particulars.objects.on(today).filter(subject__in=holders)
    own = set(rows.filter(subject__noun=ORGANISATION).values_list("subject_id", flat=True))
    posts = Appointment.objects.on(today).filter(person__in=holders - own).values("post")
    owners = Particulars.objects.on(today).filter(subject__in=posts, parent__isnull=False)
    return own | set(owners.values_list("parent_id", flat=True))
