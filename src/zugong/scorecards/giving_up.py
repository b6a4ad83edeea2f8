"""放弃本期: a period of a scorecard is given up by two people, computed or not. What was computed stays and counts no more.

A period that is computed again afterwards begins anew, under the edition in force on that day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from zugong.accounts import actions as accounts
from zugong.accounts.models import Proposal, User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import GIVE_UP, May
from zugong.accounts.telling import tell
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.period import Period
from zugong.core.period import label as period_label
from zugong.core.sentences import Sentence
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry.actions import policy_of
from zugong.scorecards import actions, hearing, powers
from zugong.scorecards.models import GivenUp, Hearing, Run, RunState


def of(card: str, day: date) -> tuple[Scorecard, Period]:
    """Return a card as it stands for the period that a day lies in, and that period. Raises Refused."""
    entry = policy_of(actions.edition_for(card, day)).scorecard(card)
    return entry, actions.period_of(entry, day)


def begun(card: str, period: str) -> QuerySet[Run]:
    """Return the computations of a period that were not given up."""
    return actions.begun(card).filter(period=period)


def asked(card: str, period: str) -> Proposal | None:
    """Return what was asked and waits for a second person."""
    rows = Proposal.objects.filter(deed=GIVE_UP, outcome=Proposal.Outcome.OPEN)
    return rows.filter(detail__card=card, detail__period=period).select_related("asked_by").first()


def waiting(asker: User, day: date) -> QuerySet[Proposal]:
    """Return what waits for somebody as the second person."""
    if not over_county(asker, May.APPROVE, day):
        return Proposal.objects.none()
    return Proposal.objects.filter(deed=GIVE_UP, outcome=Proposal.Outcome.OPEN).exclude(asked_by=asker)


def refusal(card: str, span: Period, day: date) -> Refused | None:
    """Say why a period cannot be given up; None where it can be."""
    said, runs = period_label(span.name), begun(card, span.name)
    if span.first > day:
        return Refused("{period}还没有到，不用放弃", period=said)
    if runs.filter(state=RunState.PUBLISHED).exists():
        return Refused("{period}已经公布，不能放弃；更正请另行办理", period=said)
    if actions.is_given_up(card, span.name):
        return Refused("{period}已经放弃", period=said)
    open_ = sum(hearing.objections(run).filter(closed_on=None).count() for run in runs)
    if open_:
        return Refused("还有 {n} 件异议没有办结，先办结再放弃", n=open_)
    return None


@transaction.atomic
def propose(card: str, *, on: date, reason: str, by: User, day: date, at: datetime) -> Proposal:
    """Ask that the period of a card that a day lies in is given up. Raises Refused."""
    powers.may_run(by, day)
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    entry, span = of(card, on)
    if why := refusal(card, span, day):
        raise why
    if asked(card, span.name):
        raise Refused("已经提请放弃{period}，等另一人同意", period=period_label(span.name))
    return accounts.propose(
        GIVE_UP,
        Sentence("放弃{period}“{card}”", period=period_label(span.name), card=entry),
        by=by,
        at=at,
        card=card,
        period=span.name,
        day=str(on),
        reason=reason.strip(),
    )


@transaction.atomic
def agree(proposal: Proposal, *, by: User, day: date, at: datetime) -> None:
    """Agree, and so give the period up: its computations are put forward no more. Raises Refused."""
    if not may_agree(by, proposal, day):
        raise Refused("放弃一期须由提请人以外、有审批权的人同意")
    accounts.agree(proposal, by=by, at=at, deeds={GIVE_UP: _given_up_on(day)})


def may_agree(asker: User, proposal: Proposal, day: date) -> bool:
    """Say whether somebody may be the second person: whoever approves in the county, and did not ask."""
    return waiting(asker, day).filter(pk=proposal.pk).exists()


def _given_up_on(day: date) -> Callable[[Proposal, User], None]:
    def give_up(proposal: Proposal, by: User) -> None:
        card, on = proposal.detail["card"], date.fromisoformat(proposal.detail["day"])
        entry, span = of(card, on)
        runs = list(begun(card, span.name).select_for_update(of=("self",)))
        if why := refusal(card, span, day):
            raise why
        given = GivenUp.objects.create(
            card=card, period=span.name, runs=len(runs), proposal=proposal, day=day, at=clock.now()
        )
        _tell_the_heard(runs, entry, span, day)
        Run.objects.filter(pk__in=[run.pk for run in runs]).update(state=RunState.GIVEN_UP)
        journal.write(
            "scorecard.give-up",
            by=proposal.asked_by,
            on=given,
            agreed_by=str(by),
            runs=len(runs),
            reason=proposal.detail["reason"],
        )

    return give_up


def _tell_the_heard(runs: list[Run], entry: Scorecard, span: Period, day: date) -> None:
    """Tell those who were asked about an announced result that it is none any more."""
    shown = [run for run in runs if run.state == RunState.ANNOUNCED]
    heard = Hearing.objects.filter(result__run__in=shown).values_list("who_id", flat=True)
    tell(
        frozenset(heard),
        day=day,
        key=f"{entry.name} {span.name} given up",
        sentence=Sentence(
            "{period}“{card}”的公示已经作废，不用再反馈", period=period_label(span.name), card=entry
        ),
        link="/ratings",
    )
