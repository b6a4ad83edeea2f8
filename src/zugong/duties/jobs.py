"""What the clock calls, given a day. Each may run again, for any day and in any order, and does nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from zugong.accounts.telling import tell
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.sentences import Sentence
from zugong.duties import actions, handing, leave, powers, rules
from zugong.duties.models import Answer, Occurrence, Opening
from zugong.duties.rules import Turn
from zugong.packs import keeping
from zugong.packs.schema import Duty
from zugong.packs.schema.common import Keep
from zugong.registry.actions import edition_on, policy_of, policy_on
from zugong.registry.models import Edition


def run(day: date) -> None:
    """Open what begins, count what was done, let leave rest, remind of what ends soon, settle what is over, draw lists up."""
    open_due(day)
    count(day)
    leave.rest(day)
    remind(day)
    settle(day)
    handing.draw_up(day)


@transaction.atomic
def open_due(day: date) -> int:
    """Open every period that has begun by a day, those of missed days too. Returns how many occurrences that made.

    A period is opened under the edition in force on its first day: nobody owes what no paper asked when it began.
    """
    try:
        policy = policy_on(day)
    except Refused:
        return 0  # a county without a pack owes nothing
    opened = 0
    for duty in policy.all("duty", Duty):
        for turn in _begun(duty, day):
            edition = _edition_for(duty, turn)
            if edition is not None:
                opened += actions.open_turn(edition, duty.name, turn, day=day)
    return opened


@transaction.atomic
def count(day: date) -> None:
    """Count what is still open on a day."""
    actions.count(Occurrence.objects.open().filter(first__lte=day).with_edition())


@transaction.atomic
def remind(day: date) -> int:
    """Tell those who still lack something that its days end soon, once for each reminder of the pack."""
    told = 0
    waiting = Occurrence.objects.open().short().filter(excused="", first__lte=day, last__gte=day)
    for occurrence in waiting.select_related("who").with_edition():
        duty = policy_of(occurrence.edition).duty(occurrence.duty)
        for number, reminder in enumerate(duty.remind):
            before = reminder.before.on(day)
            if before is not None and day >= occurrence.last - timedelta(days=before):
                told += tell(
                    powers.owing(occurrence, day),
                    day=day,
                    key=f"duty {occurrence.pk} remind {number}",
                    sentence=Sentence("“{duty}”还差 {short} 次", duty=duty, short=occurrence.short),
                    about=occurrence.who_id,
                    until=occurrence.last,
                    link=f"/duties/{occurrence.pk}",
                )
    return told


def settle(day: date) -> int:
    """Settle everything whose days are over. Returns how many were settled."""
    return actions.settle(Occurrence.objects.open().over(day), day=day)


def _begun(duty: Duty, day: date) -> Iterator[Turn]:
    """Yield the turn of a day, and before it those between the last one opened and it."""
    now = rules.turn(duty.every, day)
    last = Opening.objects.filter(duty=duty.name, first__lt=now.period.first).first()
    begin = rules.after(duty.every, rules.turn(duty.every, last.first)) if last else now
    yield from rules.turns(duty.every, begin.period.first, day)


def _edition_for(duty: Duty, turn: Turn) -> Edition | None:
    """Return the edition of a period's first day, where it has the duty in the same rhythm."""
    try:
        edition = edition_on(turn.period.first)
        then = policy_of(edition).duty(duty.name)
    except Refused:
        return None
    return edition if then.every == duty.every else None


@transaction.atomic
def erase(day: date) -> int:
    """Erase the figures that the pack keeps for a time only, once the time is over. Returns how many answers."""
    lost = 0
    for edition in Edition.objects.of(Occurrence.objects.all()):
        policy = policy_of(edition)
        for duty in policy.all("duty", Duty):
            kept = dict(keeping.of_fields(policy, duty.asks))
            for name in duty.asks if duty.keep else kept:
                lost += _erase(edition, duty, name, duty.keep or kept[name], policy.fields[name].label, day)
    return lost


def _erase(edition: Edition, duty: Duty, field: str, keep: Keep, label: str, day: date) -> int:
    answers = Answer.objects.filter(~Q(value__has_key="erased"), field=field, occurrence__duty=duty.name)
    settled = answers.filter(occurrence__edition=edition, occurrence__settled_on__isnull=False)
    over = [
        pk
        for pk, on in settled.values_list("pk", "occurrence__settled_on")
        if (end := keeping.ends_on(keep, on)) and end <= day
    ]
    rule = keeping.rule(keep, label, keep.after)
    if over:
        Answer.objects.filter(pk__in=over).update(value=keeping.erased(rule))
        journal.write(
            "keep.erase",
            by=journal.SYSTEM,
            on=f"duty {duty.name}",
            kind=duty.name,
            rule=rule,
            answers=len(over),
        )
    return len(over)
