"""What the clock calls, given a day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from zugong.accounts.telling import tell
from zugong.cases import actions, powers
from zugong.cases.models import Case, Step
from zugong.cases.rules import Move, State
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.pending.actions import collect
from zugong.packs.schema.cases import Clock
from zugong.registry.models import Subject


@transaction.atomic
def open_due(day: date) -> int:
    """Open the cases that lower or earlier deeds left for this day. Returns how many."""
    opened = 0
    for row in collect("open", day):
        about = Subject.objects.get(pk=row.subject or 0)
        try:
            actions.open(row.name, about=about, day=row.due_on, by=None, cause=row.cause, key=row.key)
            opened += 1
        except Refused as refusal:
            journal.write("case.not-opened", by=journal.SYSTEM, on=about, kind=row.name, why=str(refusal))
    return opened


@transaction.atomic
def remind(day: date) -> int:
    """Tell whoever holds a stage that its deadline is near, and whom the pack names that it has passed."""
    told = 0
    for case in (
        Case.objects.open()
        .exclude(state=State.PAUSED)
        .filter(due_on__isnull=False)
        .select_related("edition", "about", "parent")
    ):
        stage = powers.kind_of(case).stage(case.stage)
        if stage.clock is not None:
            told += _near(case, stage.clock, day) + _passed(case, stage.clock, day)
    return told


def _near(case: Case, clock: Clock, day: date) -> int:
    ahead = clock.remind.on(day)
    if ahead is None or case.due_on is None or day > case.due_on:
        return 0
    left = powers.policy_for(case).workdays.between(day, case.due_on)
    if left > ahead:
        return 0
    return tell(
        powers.awaited(case, day),
        day=day,
        key=f"{case} round {case.round} remind {case.due_on}",
        sentence=f"有一件事项还剩 {left} 个工作日到期",
        link=f"/cases/{case.pk}",
    )


def _passed(case: Case, clock: Clock, day: date) -> int:
    if clock.overdue is None or not case.is_overdue(day):
        return 0
    return tell(
        powers.asked(case, day).find(clock.overdue),
        day=day,
        key=f"{case} round {case.round} overdue {case.due_on}",
        sentence="有一件事项已过期限",
        link=f"/cases/{case.pk}",
    )


@transaction.atomic
def resume_due(day: date) -> int:
    """Let run on the clocks whose pause has reached its last day."""
    resumed = 0
    for case in Case.objects.filter(state=State.PAUSED):
        pause = Step.objects.filter(case=case, move=Move.PAUSE).latest("id")
        if pause.until and pause.until < day:
            actions.resume(case, by=None, day=day)
            resumed += 1
    return resumed
