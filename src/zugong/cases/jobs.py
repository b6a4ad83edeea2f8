"""What the clock calls, given a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery

from zugong.accounts.telling import readers
from zugong.cases import actions, erasing, powers
from zugong.cases.models import Case, Step
from zugong.cases.rules import Move, State
from zugong.core.outbox.actions import Letter, send_all
from zugong.registry import effects
from zugong.registry.selecting import Ids

# A deadline whose passing was told once is not looked at for ever; a reminder is wanted at most a quarter ahead.
PASSED_WITHIN, NEAR_WITHIN = timedelta(days=31), timedelta(days=92)


@transaction.atomic
def come_about(day: date) -> int:
    """Let come about what earlier deeds left for this day: cases that open, standings that begin. Returns how many."""
    return effects.come_about(day, effects.VERBS | actions.VERBS)


@transaction.atomic
def remind(day: date) -> int:
    """Tell whoever holds a stage that its deadline is near, and whom the pack names that it has passed.

    Looks only at deadlines around the day: the jobs of a missed day are run when the house is up again.
    """
    window = (day - PASSED_WITHIN, day + NEAR_WITHIN)
    cases = Case.objects.open().exclude(state=State.PAUSED).filter(due_on__range=window)
    asked = _Readers(day)
    return send_all(
        letter
        for case in cases.select_related("edition", "about", "parent").defer("edition__texts").order_by("pk")
        for letter in _letters(case, asked)
    )


class _Readers:
    """Who reads a message, looked up once for each body and subject however many cases they have."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._found: dict[tuple[object, ...], list[str]] = {}

    def of(self, case: Case, whom: str, find: Callable[[], Ids]) -> list[str]:
        """Return the user names of those whom `find` finds; `whom` names the question among those about a subject."""
        key = (case.edition_id, case.kind, case.stage, whom, case.about_id, case.holder_id)
        if key not in self._found:
            self._found[key] = [user.username for user in readers(find(), self.day)]
        return self._found[key]


def _letters(case: Case, asked: _Readers) -> Iterator[Letter]:
    limit = powers.kind_of(case).stage(case.stage).clock
    if limit is None or case.due_on is None:
        return
    day = asked.day
    if case.due_on < day:
        if limit.overdue is not None:
            whom = limit.overdue
            names = asked.of(case, "overdue", lambda: powers.asked(case, day).find(whom))
            yield from _to(names, case, "overdue", "有一件事项已过期限")
        return
    ahead = limit.remind.on(day)
    left = powers.policy_for(case).workdays.between(day, case.due_on)
    if ahead is not None and left <= ahead:
        turn = ",".join(powers.next_parties(powers.kind_of(case).stage(case.stage), case))
        names = asked.of(case, turn, lambda: powers.awaited(case, day))
        yield from _to(names, case, "remind", f"有一件事项还剩 {left} 个工作日到期")


def _to(names: list[str], case: Case, what: str, sentence: str) -> Iterator[Letter]:
    for name in names:
        key = f"{case} round {case.round} {what} {case.due_on} {name}"
        yield Letter(key[:200], name, sentence, f"/cases/{case.pk}")


@transaction.atomic
def resume_due(day: date) -> int:
    """Let run on the clocks whose pause has reached its last day."""
    last = Step.objects.filter(case=OuterRef("pk"), move=Move.PAUSE).order_by("-id").values("until")[:1]
    paused = Case.objects.filter(state=State.PAUSED).annotate(until=Subquery(last))
    due = list(paused.filter(until__lt=day).order_by("pk"))
    for case in due:
        actions.resume(case, by=None, day=day)
    return len(due)


@transaction.atomic
def erase(day: date) -> int:
    """Erase what the pack keeps for a time only, once the time is over. Returns how many cases lost something."""
    return erasing.erase(day)
