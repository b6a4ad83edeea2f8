"""My day: what awaits me by deadline, what I wait for, what comes round again, what I was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts import powers as accounts
from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.bulletins import powers as bulletins
from zugong.bulletins.models import Bulletin
from zugong.cases import awaiting as waits
from zugong.cases import excluding
from zugong.cases import powers as case_powers
from zugong.cases.awaiting import Awaited
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.install import days
from zugong.core.outbox import actions as outbox
from zugong.core.outbox.models import Message
from zugong.core.workdays import day_of, months_later
from zugong.duties import powers as duties
from zugong.duties.models import Occurrence
from zugong.ledgers import powers as ledgers
from zugong.packs.policy import Policy
from zugong.packs.schema import Duty
from zugong.packs.schema.cases import Stage
from zugong.packs.schema.registry import LinkKind
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry import powers as registry
from zugong.registry.actions import policy_of
from zugong.registry.models import Link, Particulars, names_on
from zugong.registry.powers import organisations
from zugong.scorecards import giving_up, hearing
from zugong.scorecards import powers as scorecards
from zugong.scorecards.actions import is_given_up, left_over, period_of
from zugong.scorecards.hearing import before_final
from zugong.scorecards.models import Hearing, Run, RunState
from zugong.web.activities import visits
from zugong.web.alliances import views as alliances
from zugong.web.asking import asker, found, ruled, said, said_period
from zugong.web.cases import showing
from zugong.web.desk.folding import folded
from zugong.web.desk.told import alike, told
from zugong.web.due import of_case, of_day, of_whole
from zugong.web.duties.views import weighed
from zugong.web.plain import is_ours
from zugong.web.requests import views as requests
from zugong.web.scorecards.forms import computed
from zugong.web.surveys import views as surveys
from zugong.web.templatetags.zugong import day as long_day

Row = dict[str, Any]
SOON_OVER = 31  # days before a period's end from which its rating is spoken of
NEW_FOR = 2  # working days on which a case at its stage is called new: today's and the last one's
NAMED = 3  # units in one line
WAITED = 200  # so many are read to be folded


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The first page of everybody."""
    user, today, now = asker(request), clock.today(), clock.now()
    policy = ruled(today)
    work = _work(user, today)
    awaited = work.awaited
    passed = waits.passed_on(user, today, but=awaited, most=WAITED)
    around = _around([one.case for one in awaited] + passed, now)
    rows = [
        *work.others,
        *_awaiting(awaited, around),
        *_taken_in(work.taken_in, now),
    ]
    rows.sort(key=_by_deadline)
    for place, row in enumerate(rows):
        row["kind"] = "primary" if place == 0 else "secondary"
    return TemplateResponse(
        request,
        "desk/desk.html",
        {
            "today": today,
            "working": policy.workdays.is_working(today) if policy else True,
            "next_working": policy.workdays.next(today) if policy else None,
            "policy": policy,
            "rows": rows,
            "passed": _passed(passed, around),
            "duties": _duties(user, policy, today),
            "tied": _tied(user, policy, today),
            "told": told(user, now),
            "burden": weighed(policy, today),
            "villages": _villages(user, policy, today),
            "overview": _overview(user, today, now),
            "sees": user.may(May.SEE, today),
            "visits": visits.offered(user, policy, today),
            "boards": alliances.spoken_for(user, policy, today),
            "takes": bool(requests.openable(user, today, requests.ON_FOOT)),
            "sheets": surveys.to_answer(user, today),
            "sheets_to_open": list(surveys.due(user, policy, today)) if policy else [],
        },
    )


def _by_deadline(row: Row) -> tuple[bool, date, str]:
    """Return what a line is sorted by: its day, and on it what has an hour first."""
    due = row["due"]
    return (False, due.day, due.hour or "24:00") if due else (True, date.max, "")


def _overview(user: User, today: date, now: datetime) -> Row | None:
    """Return for who oversees the county how many matters run, and how many, tasks too, are over their clock."""
    if not user.may(May.OVERVIEW, today):
        return None
    rows = case_powers.visible(user, today)
    return {"open": rows.open().filter(parent=None).count(), "late": rows.overdue(now).count()}


@dataclass(frozen=True)
class Work:
    """What awaits somebody: cases, what else the office has to do, and the cases of posts in which nobody is."""

    awaited: list[Awaited]
    others: list[Row]
    taken_in: list[Awaited]

    def __len__(self) -> int:
        return len(self.awaited) + len(self.others) + len(self.taken_in)


def _work(user: User, today: date) -> Work:
    """Ask once for a request: the desk shows it and the menu counts it."""
    kept: dict[date, Work] = user.__dict__.setdefault("_work_on", {})
    if today not in kept:
        policy = ruled(today)
        others = [*_office(user, policy, today), *_heard(user, policy, today)]
        kept[today] = Work(waits.awaiting(user, today), others, waits.taken_in(user, today))
    return kept[today]


@dataclass(frozen=True)
class Around:
    """What is said beside cases: subject → its name and what stands above it, case → with whom tasks of it still lie."""

    now: datetime
    places: dict[int, tuple[str, str]]
    still: dict[int, str]

    @property
    def today(self) -> date:
        """The day of it."""
        return day_of(self.now)


def _around(cases: list[Case], now: datetime) -> Around:
    """Ask for all cases at once."""
    today = day_of(now)
    rows = {
        row.subject_id: row
        for row in Particulars.objects.on(today).filter(subject__in={one.about_id for one in cases})
    }
    above = names_on(today, (row.parent_id for row in rows.values() if row.parent_id))
    places = {pk: (row.name, above.get(row.parent_id or 0, "")) for pk, row in rows.items()}
    return Around(now, places, showing.tasks_with(cases, today))


def _office(user: User, policy: Policy | None, today: date) -> list[Row]:
    """Return what waits for the asker besides cases: what another asked, ratings, bulletins, moves and motions."""
    rows = list(_ratings(user, policy, today)) if policy else []
    if many := accounts.answerable(user, today).count():
        rows.append(
            _waits(
                _("账号和制度包 %(many)d 件") % {"many": many},
                _("等您同意"),
                _("去同意"),
                reverse("proposals"),
            )
        )
    if over_county(user, May.APPROVE, today):
        waiting = accounts.moves(user, today).filter(outcome="open").exclude(asked_by=user)
        if many := waiting.count():
            there = reverse("moves")
            rows.append(_waits(_("换版 %(many)d 项") % {"many": many}, _("等您同意"), _("去看"), there))
    if policy and (
        many := sum(one.proposed_by_id != user.pk for one in ledgers.motions(user, policy, today))
    ):
        rows.append(
            _waits(
                _("名册和台账 %(many)d 笔") % {"many": many}, _("等您同意"), _("去同意"), reverse("motions")
            )
        )
    if many := len(excluding.waiting(user, today)):
        there = reverse("requests-exclusions")
        rows.append(_waits(_("不计入的诉求 %(many)d 件") % {"many": many}, _("等您同意"), _("去复核"), there))
    rows += [
        _waits(
            said(one.sentence),
            _("等您同意"),
            _("去看"),
            reverse("rating-giving-up", args=[one.detail["card"], one.detail["day"]]),
        )
        for one in giving_up.waiting(user, today)
    ]
    if many := duties.to_check(user, today).count():
        there = f"{reverse('duties')}?state=check"
        rows.append(_waits(_("填报 %(many)d 项") % {"many": many}, _("等您核对"), _("去核对"), there))
    rows += [_final(run) for run in scorecards.awaiting(user, today).select_related("edition")]
    rows += [_bulletin(one, _("等您签发"), _("去签发")) for one in bulletins.awaiting(user, today)]
    rows += [_bulletin(one, _("已签，待印发"), _("去印发")) for one in bulletins.to_issue(user, today)]
    return rows


def _final(run: Run) -> Row:
    """Return a run that waits for a second person: to be announced, where its card hears people first, else published."""
    card = policy_of(run.edition).scorecard(run.card)
    asks = run.state == RunState.DECIDED and before_final(run) is not None
    stage, deed = (_("等您同意公示"), _("去公示")) if asks else (_("等您同意公布"), _("去公布"))
    return _waits(f"{said_period(run.period)} {said(card)}", stage, deed, reverse("rating", args=[run.pk]))


def _bulletin(one: Bulletin, stage: str, deed: str) -> Row:
    entry = policy_of(one.edition).bulletin(one.kind)
    return _waits(f"{said_period(one.period)} {said(entry)}", stage, deed, reverse("bulletin", args=[one.pk]))


def _heard(user: User, policy: Policy | None, today: date) -> Iterator[Row]:
    """Yield each announced rating about which the asker's body is still asked to say something: about whom, until when."""
    asked: dict[Run, list[Hearing]] = defaultdict(list)
    for one in hearing.asked_of(user, today):
        asked[one.result.run].append(one)
    for run, some in asked.items():
        card = policy_of(run.edition).scorecard(run.card)
        first, until = some[0], min((one.until for one in some if one.until), default=None)
        yield {
            "label": f"{said_period(run.period)} {said(card)}",
            "stage": _("征求意见"),
            "deed": _("去反馈"),
            "sub": _("征求对 %(units)s 的意见") % {"units": _units(some)},
            "href": reverse("rating-unit", args=[run.pk, first.result.key])
            if len(some) == 1
            else reverse("rating", args=[run.pk]),
            "does": reverse("rating-comment", args=[run.pk, first.pk]),
            "due": of_day(until, policy.workdays if policy else None, today),
            "whole": None,
            "is_new": False,
        }


def _units(some: list[Hearing]) -> str:
    names = list(dict.fromkeys(one.result.name for one in some))
    if len(names) <= NAMED:
        return _("、").join(names)
    return _("%(names)s等 %(many)d 个单位") % {"names": _("、").join(names[:NAMED]), "many": len(names)}


def _taken_in(rows: list[Awaited], now: datetime) -> list[Row]:
    """Return the cases of posts in which nobody is and which the asker's body takes in: one line for each."""
    around = _around([one.case for one in rows], now)
    found = []
    for one in rows:
        post = next(iter(sorted(case_powers.empty_posts(one.case, around.today))), None)
        line = _line(one.case, one.stage, around)
        line["stage"] = _("无人在岗，代收")
        line["sub"] = " ".join(part for part in (said(one.stage), line["sub"]) if part)
        there = reverse("post", args=[post]) if post else line["href"]
        found.append(line | {"deed": _("去安排人"), "does": there, "is_new": False})
    return found


def _ratings(user: User, policy: Policy, today: date) -> Iterator[Row]:
    """Yield each period of a card that is over or ends within a month, and is not yet decided."""
    if not over_county(user, May.RUN, today):
        return
    for card in policy.all("scorecard", Scorecard):
        now = period_of(card, today)
        soon = [now] if now.last - today <= timedelta(days=SOON_OVER) else []
        for span in [*left_over(card, today), *soon]:
            run = Run.objects.filter(card=card.name, period=span.name).order_by("number").last()
            if run.state != RunState.SCORED if run else is_given_up(card.name, span.name):
                continue
            stage, deed = (_("已计算，待报审"), _("去报审")) if run else (_("待计算"), _("去计算"))
            asked = urlencode({"card": computed(card, span, today)})
            there = reverse("rating", args=[run.pk]) if run else f"{reverse('ratings')}?{asked}"
            row = _waits(f"{said_period(span.name)} {said(card)}", stage, deed, there)
            yield row | {"due": of_day(span.last, policy.workdays, today)}


def _waits(label: str, stage: str, deed: str, there: str) -> Row:
    none = {"sub": "", "due": None, "whole": None, "is_new": False}
    return {"label": label, "stage": stage, "deed": deed, "href": there, "does": there, **none}


def _awaiting(awaited: list[Awaited], around: Around) -> list[Row]:
    """Return one line for each case, and one for all that wait for the same thing."""
    return folded(
        awaited,
        alike=lambda one: (one.case.kind, one.stage.name, one.second),
        one=lambda one: _one(one, around),
        many=lambda some: _several(some, around),
    )


def _one(one: Awaited, around: Around) -> Row:
    address = "case-answer" if one.second else "case-submission"
    return _line(one.case, one.stage, around) | {
        "deed": _deed(one),
        "does": reverse(address, args=[one.case.pk]),
    }


def _line(case: Case, stage: Stage, around: Around) -> Row:
    """Name a case by whom it is about, and say how far it is and by when."""
    kind, policy = case_powers.kind_of(case), case_powers.policy_for(case)
    name, above = around.places.get(case.about_id, (case.number, ""))
    return {
        "label": f"{name} · {case.label or said(kind)}",
        "name": name,
        "sub": " ".join(part for part in (above, case.number) if part),
        "href": reverse("case", args=[case.pk]),
        "still": around.still.get(case.pk, ""),
        "stage": said(stage),
        "due": of_case(case, around.now),
        "whole": of_whole(case, around.now),
        "is_late": case.is_overdue(around.now),
        "is_new": policy.workdays.between(case.entered_on, around.today) < NEW_FOR,
    }


def _several(some: list[Awaited], around: Around) -> Row:
    """Say what is true of all of them; those that one sitting decides have one button."""
    first = some[0]
    row = _alike(first.case, first.stage, around)
    if first.stage.at and not first.second:
        return row | {"deed": _("开会决定"), "does": f"{reverse('activity-new')}?kind={first.stage.at}"}
    return row


def _alike(case: Case, stage: Stage, around: Around) -> Row:
    return {
        "label": said(case_powers.kind_of(case)),
        "href": f"{reverse('cases')}?{urlencode({'kind': case.kind, 'stage': stage.name})}",
        "stage": said(stage),
        "due": of_case(case, around.now),
        "whole": None,
    }


def _deed(one: Awaited) -> str:
    """Say on the one button what the asker does with it."""
    if one.second:
        return _("复核")
    if one.stage.at:
        return _("上会")
    if one.stage.parties and one.stage.parties.rule != "any":
        return _("会签") if one.begun or one.stage.parties.rule != "in_order" else _("报送")
    return _("去%(stage)s") % {"stage": said(one.stage)} if len(one.stage.label) < 5 else _("去办理")


def _passed(cases: list[Case], around: Around) -> list[Row]:
    """Return what the asker waits for: one line for each case, and one for all that are at the same stage."""

    def stage(case: Case) -> Stage:
        return case_powers.kind_of(case).stage(case.stage)

    return folded(
        cases,
        alike=lambda case: (case.kind, case.stage),
        one=lambda case: (
            _line(case, stage(case), around) | {"sub": _next(case, around.today), "is_new": False}
        ),
        many=lambda some: _alike(some[0], stage(some[0]), around) | {"who": _who(some[0], stage(some[0]))},
    )


def _next(case: Case, today: date) -> str:
    return showing.waits_for(case, case_powers.kind_of(case), case_powers.policy_for(case), today)


def _who(case: Case, stage: Stage) -> str:
    roles = case_powers.policy_for(case).roles
    return _("、").join(said(roles[role]) for role in stage.doers if role in roles)


def _duties(user: User, policy: Policy | None, today: date) -> list[Row]:
    """Return what comes round for the asker in the periods that run today: done and needed, by duty."""
    if policy is None:
        return []
    labels = {duty.name: said(duty) for duty in policy.all("duty", Duty)}
    mine = registry.mine(user, today)
    rows = Occurrence.objects.filter(who__in=mine, first__lte=today, last__gte=today).order_by("last", "pk")
    return [
        {
            "label": labels.get(row.duty, row.duty),
            "done": row.done,
            "of": row.needed,
            "href": reverse("duty", args=[row.pk]),
        }
        for row in rows[:10]
    ]


def _tied(user: User, policy: Policy | None, today: date) -> str:
    """Say where the asker supports, in which role: duties that follow from it begin with a period, not at once."""
    links = {link.name for link in policy.all("link", LinkKind)} if policy else set()
    ties = (
        list(Link.objects.on(today).filter(near=user.person_id, kind__in=links))
        if links and user.person_id
        else []
    )
    names = names_on(today, (tie.far_id for tie in ties))
    return _("、").join(
        f"{names.get(tie.far_id, '')}（{said(role)}）"
        for tie in ties
        if policy and (role := policy.link(tie.kind).kinds.get(tie.role))
    )


def _villages(user: User, policy: Policy | None, today: date) -> int:
    """Count the villages that bear the burden, in the asker's part of the county."""
    if policy is None or not user.may(May.SEE, today):
        return 0
    return organisations(user, today).filter(klass__in=policy.within("organisation", "village")).count()


def open_count(user: User, today: date) -> int | None:
    """Count what awaits somebody: the figure beside the desk in the menu."""
    return len(_work(user, today)) or None


def open_by_kind(user: User, today: date) -> dict[str, int]:
    """Count by kind the open cases somebody may see that belong to no other: the figures in the menu, in one question."""
    rows = case_powers.visible(user, today).open().filter(parent=None)
    return dict(rows.order_by().values_list("kind").annotate(many=Count("pk")))


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of the asker's own messages as read, and with it those that said the same before, where they stand folded."""
    user = asker(request)
    message = found(Message.objects.get, pk=pk, to=user.username)
    for one in alike(user, message, clock.now()) if "alike" in request.POST else [message]:
        outbox.read(one)
    if getattr(request, "htmx", False):
        return TemplateResponse(request, "desk/_told.html", {"told": told(user, clock.now())})
    return HttpResponseRedirect(reverse("desk"))


@login_not_required
@require_POST
def demo_day(request: HttpRequest) -> HttpResponse:
    """Move the demo's day forward and run the jobs of each day passed; a real county has no such address."""
    if not settings.DEMO:
        raise Http404
    move = request.POST.get("move", "")
    try:
        if move == "deadline":
            _move_to_deadline(request)
        elif move in MOVES:
            _moved(request, days.move_demo_to(MOVES[move](clock.today())))
        else:
            messages.error(request, _("没有这样走日子的按钮，日期没有变。"))
    except Refused as refused:
        messages.error(request, said(refused))
    there = request.POST.get("next", "")
    return HttpResponseRedirect(there if is_ours(request, there) else reverse("desk"))


def _move_to_deadline(request: HttpRequest) -> None:
    """Move day by day until something falls due: what a day's jobs open on the way has deadlines too."""
    begun = clock.today()
    passed = days.move_demo(begun + timedelta(days=FARTHEST), lambda day: _is_due(begun, day))
    if _is_due(begun, passed[-1]):
        _moved(request, passed)
    else:
        messages.info(
            request,
            _("走了 %(many)d 天没有遇到期限，停在%(day)s。")
            % {"many": len(passed) - 1, "day": long_day(passed[-1])},
        )


def _moved(request: HttpRequest, passed: list[date]) -> None:
    many, said_day = len(passed) - 1, long_day(passed[-1])
    sentence = ngettext(
        "已走到%(day)s，办完了 %(many)d 天的日程。", "已走到%(day)s，办完了 %(many)d 天的日程。", many
    )
    messages.success(request, sentence % {"day": said_day, "many": many})


def _is_due(begun: date, day: date) -> bool:
    """Say whether anything open falls due after the day on which one began, by a day: a case, or a duty's period."""
    ahead = (begun + timedelta(days=1), day)
    case = Case.objects.open().filter(due_on__range=ahead)
    return case.exists() or Occurrence.objects.open().filter(last__range=ahead).exists()


FARTHEST = 31  # days that one press for the next deadline goes
MOVES: dict[str, Callable[[date], date]] = {
    "day": lambda today: today + timedelta(days=1),
    "week": lambda today: today + timedelta(days=7),
    "month": lambda today: months_later(today, 1),
}
"""How far each button of the demo's bar goes that goes so far and no nearer."""
