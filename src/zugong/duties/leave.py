"""在假: what becomes of what somebody owes while they are on leave, as the pack says of each duty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from zugong.cases.models import Case
from zugong.core import journal
from zugong.duties.models import Occurrence
from zugong.packs.policy import Policy
from zugong.packs.schema import Duty, Roll
from zugong.registry.actions import policy_of
from zugong.registry.answering import answering
from zugong.registry.models import Standing
from zugong.registry.rules import PERSON, POST

_CASE = re.compile(r"^case (.+?) round ")


@dataclass(frozen=True)
class Leave:
    """Somebody's leave: its days, and the case in which it was granted."""

    person: int
    first: date
    last: date
    case: str


def rolls(policy: Policy) -> list[str]:
    """Return the rolls on which those stand who are on leave."""
    return [roll.name for roll in policy.all("roll", Roll) if roll.away]


def leaves(policy: Policy, persons: Iterable[int], first: date, last: date) -> list[Leave]:
    """Return the leave of some persons that touches the days from first to last, cut to these days."""
    rows = Standing.objects.during(first, last).filter(roll__in=rolls(policy), subject__in=set(persons))
    found = []
    for row in rows.order_by("valid", "pk"):
        until = row.valid.upper - timedelta(days=1) if row.valid.upper else last
        granted = _CASE.match(row.source)
        found.append(
            Leave(
                row.subject_id,
                max(first, row.valid.lower or first),
                min(last, until),
                granted[1] if granted else "",
            )
        )
    return found


@transaction.atomic
def rest(day: date) -> int:
    """Excuse from what rests during leave whoever is away for as much of its days as the pack says. Returns how many.

    The leave is the reason, and the case in which it was granted is linked. Who does it all the same has kept it.
    """
    excused = 0
    open_ = Occurrence.objects.open().filter(first__lte=day, excused="").select_related("who").with_edition()
    for occurrence in open_.order_by("pk"):
        policy = policy_of(occurrence.edition)
        duty = policy.duty(occurrence.duty)
        if duty.away is None or duty.away.then != "rests":
            continue
        away = leaves(policy, _persons(occurrence, day), occurrence.first, occurrence.last)
        if away and _days(away) >= _enough(duty, occurrence):
            _excuse(occurrence, away[0])
            excused += 1
    return excused


def _excuse(occurrence: Occurrence, leave: Leave) -> None:
    occurrence.excused = f"在假（{leave.first}至{leave.last}）"
    occurrence.excused_by = journal.SYSTEM
    occurrence.excused_for = Case.objects.filter(number=leave.case).first()
    occurrence.save(update_fields=["excused", "excused_by", "excused_for"])
    journal.write(
        "duty.rest", by=journal.SYSTEM, on=f"duty {occurrence.pk}", duty=occurrence.duty, leave=leave.case
    )


def _persons(occurrence: Occurrence, day: date) -> set[int]:
    """Return whose leave it is: who owes it, or who acts for the post that does; a deputy is not away for the holder."""
    if occurrence.who.noun == PERSON:
        return {occurrence.who_id}
    if occurrence.who.noun == POST:
        return {answering(frozenset({occurrence.who_id}), day)[occurrence.who_id]}
    return set()


def _days(away: list[Leave]) -> int:
    """Count the days on leave, each once."""
    return len(
        {
            leave.first + timedelta(days=n)
            for leave in away
            for n in range((leave.last - leave.first).days + 1)
        }
    )


def _enough(duty: Duty, occurrence: Occurrence) -> int:
    all_ = (occurrence.last - occurrence.first).days + 1
    least = duty.away.days.on(occurrence.first) if duty.away else None
    return all_ if least is None else min(least, all_)


def unruled(occurrence: Occurrence, day: date) -> bool:
    """Say whether who owes it is on leave in its days and the pack does not say what becomes of it."""
    policy = policy_of(occurrence.edition)
    if policy.duty(occurrence.duty).away is not None:
        return False
    return bool(leaves(policy, _persons(occurrence, day), occurrence.first, occurrence.last))
