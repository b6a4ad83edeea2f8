"""换版: a period of a scorecard is computed under another edition from here on, by two people; its runs stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from zugong.accounts import actions as accounts
from zugong.accounts.models import Proposal, User
from zugong.accounts.rules import MOVE_PERIOD
from zugong.cases.moving import check_agrees, check_asks, label, told
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.period import label as period_label
from zugong.core.sentences import Label, Sentence
from zugong.packs.schema.scorecards import RatedMethod, Scorecard
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition
from zugong.scorecards import actions
from zugong.scorecards.models import Mark, Moved, Run, RunState


def refusals(run: Run, to: Edition, day: date) -> list[Refused]:
    """Say why the period of a run cannot be computed under another edition; empty where it can be."""
    return list(_refusals(run, to, day))


def _refusals(run: Run, to: Edition, day: date) -> Iterator[Refused]:
    states = set(actions.begun(run.card).filter(period=run.period).values_list("state", flat=True))
    if not states:
        yield Refused("{period}已经放弃，不换版；重新计算时按那时的制度包", period=period_label(run.period))
        return
    now = actions.edition_of(run.card, run.period, first_edition(run))
    said = period_label(run.period)
    if RunState.PUBLISHED in states:
        yield Refused("{period}已经公布，不换版；更正请另行办理", period=said)
    elif RunState.ANNOUNCED in states:
        yield Refused("{period}正在公示，不换版", period=said)
    elif to.pk == now.pk:
        yield Refused("{period}已经按{edition}评定", period=said, edition=label(to))
    elif to.in_force.lower and to.in_force.lower > day:
        yield Refused("{edition}从{since}起才生效", edition=label(to), since=to.in_force.lower)
    else:
        yield from _of_the_card(run, to)


def _of_the_card(run: Run, to: Edition) -> Iterator[Refused]:
    """Refuse where the other edition has not the card, another rhythm, or no place for marks that were given."""
    old, new = policy_of(run.edition).scorecard(run.card), policy_of(to).entries.get(("scorecard", run.card))
    if not isinstance(new, Scorecard) or not new.enabled:
        yield Refused("{edition}没有“{card}”这张评分表", edition=label(to), card=old)
    elif actions.period_of(new, run.day).name != run.period:
        yield Refused("{edition}的“{card}”不按这样的期评定", edition=label(to), card=old)
    else:
        yield from _of_the_marks(run, new, label(to))


def _of_the_marks(run: Run, card: Scorecard, to: Label) -> Iterator[Refused]:
    given = Mark.objects.filter(card=run.card, period=run.period, superseded=False).order_by("indicator")
    was = {each.id: each for each in policy_of(run.edition).scorecard(run.card).indicators}
    there = {each.id: each for each in card.indicators}
    for name, stage, most in given.values_list("indicator", "stage").annotate(Max("marks")):
        each = there.get(name)
        called = was.get(name) or name
        if each is None or not isinstance(each.by, RatedMethod) or stage not in each.by.raters:
            yield Refused("“{indicator}”已经打分，{edition}不再这样打分", indicator=called, edition=to)
        elif (full := each.full.on(run.day)) is not None and most > full:
            yield Refused("“{indicator}”已经打的分超过{edition}的满分", indicator=called, edition=to)


def first_edition(run: Run) -> Edition:
    """Return the edition of the first computation of a run's period; of one that was given up, its own."""
    if run.state == RunState.GIVEN_UP:
        return run.edition
    runs = actions.begun(run.card).filter(period=run.period)
    return runs.select_related("edition").defer("edition__texts").earliest("pk").edition


@transaction.atomic
def propose(run: Run, *, to: Edition, reason: str, by: User, day: date, at: datetime) -> Proposal:
    """Ask that a run's period is computed under another edition from here on. Raises Refused."""
    check_asks(by, reason, day)
    _refuse(run, to, day)
    return accounts.propose(
        MOVE_PERIOD,
        Sentence(
            "{period}“{card}”改按{edition}评定",
            period=period_label(run.period),
            card=policy_of(run.edition).scorecard(run.card),
            edition=label(to),
        ),
        by=by,
        at=at,
        card=run.card,
        period=run.period,
        edition=to.pk,
        reason=reason.strip(),
    )


@transaction.atomic
def agree(proposal: Proposal, *, by: User, day: date, at: datetime) -> None:
    """Agree, and so move the period: what is computed from here on goes by the other edition. Raises Refused."""
    check_agrees(by, proposal, day)
    accounts.agree(proposal, by=by, at=at, deeds={MOVE_PERIOD: _moved_on(day)})


def _moved_on(day: date) -> Callable[[Proposal, User], None]:
    def move(proposal: Proposal, by: User) -> None:
        run, to = of(proposal), Edition.objects.defer("texts").get(pk=proposal.detail["edition"])
        _refuse(run, to, day)
        moved = Moved.objects.create(
            card=run.card,
            period=run.period,
            edition=actions.edition_of(run.card, run.period, first_edition(run)),
            to_edition=to,
            proposal=proposal,
            day=day,
            at=clock.now(),
        )
        journal.write(
            "scorecard.move",
            by=proposal.asked_by,
            on=run,
            **told(proposal, moved.edition, to, agreed_by=by),
        )

    return move


def of(proposal: Proposal) -> Run:
    """Return the latest run of the period that a proposal is about."""
    runs = Run.objects.filter(card=proposal.detail["card"], period=proposal.detail["period"])
    return runs.select_related("edition").defer("edition__texts").latest("number")


def _refuse(run: Run, to: Edition, day: date) -> None:
    if found := refusals(run, to, day):
        raise Refused.all_of(found)
