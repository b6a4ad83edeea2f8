"""Who may see a rating, who may enter marks, who may compute and decide."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.registry.models import Subject
from zugong.registry.selecting import below
from zugong.scorecards.models import Result, Run, RunState


def runs(asker: User, day: date) -> QuerySet[Run]:
    """Return the runs an asker may see: every run for those who compute, announced and published ones for those who see."""
    if over_county(asker, May.RUN, day) or over_county(asker, May.APPROVE, day):
        return Run.objects.all()
    if asker.may(May.SEE, day):
        return Run.objects.filter(state__in=[RunState.ANNOUNCED, RunState.PUBLISHED])
    return Run.objects.none()


def run(asker: User, pk: int, day: date) -> Run:
    """Return a run that the asker may see. Raises Run.DoesNotExist as for one that is not there."""
    return runs(asker, day).select_related("edition").get(pk=pk)


def results(asker: User, run: Run, day: date) -> QuerySet[Result]:
    """Return the results an asker may see: of organisations at and below their grants."""
    if over_county(asker, May.SEE, day):
        return Result.objects.filter(run=run)
    return Result.objects.filter(run=run, unit__in=below(frozenset(asker.roots(May.SEE, day)), day))


def awaiting(asker: User, day: date) -> QuerySet[Run]:
    """Return the runs that wait for this asker to agree to their announcement or publication: no period runs any more."""
    if not over_county(asker, May.APPROVE, day):
        return Run.objects.none()
    running = Q(notice_until__gte=day) | Q(objections_until__gte=day)
    decided = Run.objects.filter(state__in=[RunState.DECIDED, RunState.ANNOUNCED])
    return decided.exclude(running).exclude(decided_by=str(asker)).order_by("first", "card", "number")


def may_run(asker: User, day: date) -> None:
    """Raise Refused where the asker may not compute ratings."""
    if not over_county(asker, May.RUN, day):
        raise Refused("评星定级由组织部门的经办人计算")


def may_approve(asker: User, day: date) -> None:
    """Raise Refused where the asker may not be the second person."""
    if not over_county(asker, May.APPROVE, day):
        raise Refused("须由有审批权的人同意后公布")


def raters(asker: User, day: date) -> list[int]:
    """Return the organisations in whose name the asker may enter marks."""
    return asker.roots(May.RATE, day)


def may_rate_for(asker: User, rater: Subject, day: date) -> None:
    """Raise Refused where the asker may not enter marks in the name of an organisation."""
    if rater.pk not in asker.roots(May.RATE, day):
        raise Refused("您不能以“{rater}”的名义打分", rater=rater.name_on(day))
