"""From a decided result to a final one: it is announced, people are heard about it, and may object to it.

Who says nothing until the last day has said nothing: that is kept as silence and is never shown as consent.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.telling import tell
from zugong.cases import actions as cases
from zugong.cases import powers as case_powers
from zugong.cases.models import Case
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.files.models import File
from zugong.core.period import label
from zugong.core.sentences import Sentence
from zugong.packs.schema.scorecards import BeforeFinal, Objections
from zugong.registry.actions import policy_of
from zugong.registry.powers import mine
from zugong.registry.selecting import Asked
from zugong.scorecards import powers
from zugong.scorecards.models import Adjustment, Comment, Hearing, Mark, Result, Run, RunState
from zugong.scorecards.rules import last_day

NAMED = 3  # how many units a refusal names


def before_final(run: Run) -> BeforeFinal | None:
    """Return what a run's card asks for before its result is final, by the day of the decision; None: nothing."""
    return policy_of(run.edition).scorecard(run.card).before_final.on(run.decided_on or run.day)


# --- Announcing --------------------------------------------------------------------------


@transaction.atomic
def announce(run: Run, *, by: User, day: date) -> None:
    """公示: a second person lets the result be shown; everybody who is to be heard is asked, each period begins.

    Raises Refused where the card asks for nothing before publication.
    """
    powers.may_approve(by, day)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.state != RunState.DECIDED:
        raise Refused("先报审，再由另一人同意公示")
    if locked.decided_by == str(by):
        raise Refused("须两人办理：报审的人和同意公示的人不能是同一人")
    asks = before_final(locked)
    if asks is None:
        raise Refused("制度包没有规定公布前要公示或征求意见，可以直接公布")
    workdays = policy_of(run.edition).workdays
    run.state, run.announced_by, run.announced_on = RunState.ANNOUNCED, str(by), day
    run.notice_until = last_day(asks.notice, day, workdays)
    run.objections_until = last_day(asks.objections, day, workdays)
    run.save(update_fields=["state", "announced_by", "announced_on", "notice_until", "objections_until"])
    _ask(run, asks, day, last_day(asks.within, day, workdays))
    journal.write("scorecard.announce", by=by, on=run, day=str(day), until=str(run.notice_until))


def _ask(run: Run, asks: BeforeFinal, day: date, until: date | None) -> None:
    """Ask whom each role means, seen from each unit, and tell them."""
    policy = policy_of(run.edition)
    roles = [*asks.comment, *([asks.reply] if asks.reply else [])]
    asked = Hearing.objects.bulk_create(
        Hearing(result=result, role=role, who_id=who, until=until)
        for result in run.results.order_by("id")
        for role in roles
        for who in sorted(Asked(policy, day, {"about": frozenset({result.unit_id})}).role(role))
    )
    tell(
        frozenset(one.who_id for one in asked),
        day=day,
        key=f"{run} announced",
        sentence=Sentence(
            "{period}“{card}”结果正在征求意见，请查看并反馈",
            period=label(run.period),
            card=policy.scorecard(run.card),
        ),
        until=until,
        link=f"/ratings/{run.pk}",
    )


# --- Being heard ----------------------------------------------------------------------------


@transaction.atomic
def comment(hearing: Hearing, *, text: str, by: User, day: date, file: File | None = None) -> Comment:
    """反馈: say what somebody who was asked has to say about a unit; a later comment is added to the earlier.

    Raises Refused for anybody else, and when the result is not being announced.
    """
    if hearing.who_id not in mine(by, day):
        raise Refused("征求的是“{who}”的意见", who=hearing.who.name_on(day))
    run = Run.objects.select_for_update().get(pk=hearing.result.run_id)
    if run.state != RunState.ANNOUNCED:
        raise Refused("这次评定已经公布，不再征求意见")
    if not text.strip():
        raise Refused("请写明意见；没有意见就写“没有意见”", field="text")
    said = Comment.objects.create(
        hearing=hearing, text=text.strip(), file=file, by=str(by), day=day, at=clock.now()
    )
    journal.write("scorecard.comment", by=by, on=hearing.result, role=hearing.role)
    return said


def waiting(run: Run, day: date) -> QuerySet[Hearing]:
    """Return those who were asked, have not said anything, and still may."""
    return _unanswered(run).filter(Q(until=None) | Q(until__gte=day))


def asked_of(asker: User, day: date) -> QuerySet[Hearing]:
    """Return what those for whom somebody speaks are asked about announced results, and have not answered and still may."""
    open_ = Hearing.objects.filter(comments=None, result__run__state=RunState.ANNOUNCED)
    still = open_.filter(Q(until=None) | Q(until__gte=day), who__in=mine(asker, day))
    return (
        still.select_related("result__run__edition")
        .defer("result__run__edition__texts")
        .order_by("until", "pk")
    )


def silent(run: Run, day: date) -> QuerySet[Hearing]:
    """Return those who were asked and have let the last day pass."""
    return _unanswered(run).filter(until__lt=day)


def _unanswered(run: Run) -> QuerySet[Hearing]:
    return Hearing.objects.filter(result__run=run, comments=None).select_related("result")


# --- Objecting ----------------------------------------------------------------------------


@transaction.atomic
def object_to(result: Result, *, by: User, day: date) -> Case:
    """提出异议: open a case about a unit's result. Who rated the unit or put the run forward decides nothing in it.

    Raises Refused where the card knows no objections, the period is over, or the pack does not let this person object.
    """
    run = result.run
    asks = _objections(run)
    if asks is None or run.state not in (RunState.ANNOUNCED, RunState.PUBLISHED):
        raise Refused("这次评定现在不受理异议")
    if run.objections_until and day > run.objections_until:
        raise Refused("异议期到 {until} 为止，已经过了", until=run.objections_until)
    raters = Mark.objects.filter(card=run.card, period=run.period, unit=result.unit).values_list(
        "by", flat=True
    )
    return cases.open(
        asks.case,
        about=result.unit,
        day=day,
        by=by,
        cause=f"{run} {result.key} objection",
        edition=run.edition,
        barred=[*raters, run.decided_by],
    )


def may_object(asker: User, result: Result, day: date) -> bool:
    """Say whether the asker is one of those who may object to a unit's result, and the period runs."""
    run, asks = result.run, _objections(result.run)
    if asks is None or run.state not in (RunState.ANNOUNCED, RunState.PUBLISHED):
        return False
    if run.objections_until and day > run.objections_until:
        return False
    policy = policy_of(run.edition)
    kind = policy.case(asks.case)
    about = result.unit_id in Asked(policy, day).find(kind.about)
    return about and case_powers.may_open(asker, kind, policy, result.unit, day)


def objections(run: Run) -> QuerySet[Case]:
    """Return the objections to a run, also those that were brought in without its page while it was announced."""
    asks = _objections(run)
    if asks is None or run.announced_on is None:
        return Case.objects.none()
    here = Q(cause__startswith=f"{run} ") | Q(cause="", opened_on__gte=run.announced_on)
    return Case.objects.filter(here, kind=asks.case, about__in=run.results.values("unit")).order_by("pk")


def upheld(run: Run) -> QuerySet[Case]:
    """Return the objections that were upheld: what an adjustment can rest on."""
    asks = _objections(run)
    return objections(run).filter(closed_on__isnull=False, outcome=asks.upheld if asks else "")


def unadjusted(run: Run) -> QuerySet[Case]:
    """Return the objections that were upheld about units whose grade nobody has adjusted: a warning, never a bar.

    The grade may be right for another reason; who publishes says so by publishing.
    """
    adjusted = Adjustment.objects.filter(result__run=run, agreed=True).values("result__unit")
    return upheld(run).exclude(about__in=adjusted)


def _objections(run: Run) -> Objections | None:
    asks = before_final(run)
    return asks.objections if asks else None


# --- Becoming final -------------------------------------------------------------------------


def refuse_unready(run: Run, day: date) -> None:
    """Raise Refused, saying the first thing that a result still waits for before it is published on a day."""
    asks = before_final(run)
    if run.state not in (RunState.DECIDED, RunState.ANNOUNCED):
        raise Refused("先报审，再由另一人同意公布")
    if asks and run.state != RunState.ANNOUNCED:
        raise Refused("先公示、征求意见，期满再公布")
    if run.notice_until and day <= run.notice_until:
        raise Refused("公示到 {until} 为止，期满再公布", until=run.notice_until)
    if run.objections_until and day <= run.objections_until:
        raise Refused("异议期到 {until} 为止，期满再公布", until=run.objections_until)
    if still := [one.about.name_on(day) for one in objections(run).open().select_related("about")]:  # type: ignore[attr-defined]
        raise Refused("还有 {n} 件异议没有办结：{units}", n=len(still), units=still[:NAMED])
    if late := [one.result.name for one in waiting(run, day)]:
        units = list(dict.fromkeys(late))[:NAMED]
        raise Refused("还有 {n} 份意见没有反馈，也没有到期：{units}", n=len(late), units=units)
    if open_ := Adjustment.objects.filter(result__run=run, agreed=None).select_related("result"):
        raise Refused("有调整等待第二人同意：{units}", units=[one.result.name for one in open_[:NAMED]])
