"""When a stage and the whole of a case are due: the clock's words, read against what was answered, the table and the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zugong.cases.models import Case, Step
from zugong.cases.needs import Given, answers_of, verdict_on
from zugong.cases.powers import kind_of, policy_for
from zugong.cases.rules import Bend, Move, Span, Unit, bent, counted, due
from zugong.core.workdays import Due
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import Clock, Escalation


@dataclass(frozen=True)
class Running:
    """A clock that began for a case at an instant, under a policy."""

    clock: Clock | None
    case: Case
    policy: Policy
    began: date
    at: datetime

    @property
    def span(self) -> Span | None:
        """What the clock's table says on what has been answered, or else what the clock counts."""
        return (self._by_table() or counted(self.clock, self.began)) if self.clock else None

    @property
    def unit(self) -> Unit | None:
        """What it counts."""
        return self.span.unit if self.span else None

    @property
    def pausable(self) -> bool:
        """Whether a pause of a stage lets it stand still."""
        return bool(self.clock and self.clock.pausable)

    def due(self) -> Due | None:
        """Return the deadline as it was when the clock began."""
        return due(
            self.clock,
            began=self.began,
            at=self.at,
            workdays=self.policy.workdays,
            decided=self._decided(),
            span=self._by_table(),
        )

    def _decided(self) -> date | datetime | None:
        """Return what somebody wrote down where the clock asks for a day or an instant; None while nobody has."""
        said = answers_of(self.case).get(self.clock.asked) if self.clock and self.clock.asked else None
        return said and read(said)

    def _by_table(self) -> Span | None:
        """Return the time for which the table's line speaks; None where it is incomplete or names none."""
        if self.clock is None or self.clock.by is None:
            return None
        stage = kind_of(self.case).stage(self.case.stage)
        verdict = verdict_on(self.clock.by, Given(self.case, stage, self.began, answers_of(self.case)))
        said = ((unit, verdict.said(unit)) for unit in Unit)
        return next((Span(unit, values[0]) for unit, values in said if values), None)


def read(said: Any) -> date | datetime:
    """Read an answer of kind day, or of kind moment, which carries its zone."""
    text = str(said)
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def of_stage(case: Case, policy: Policy | None = None) -> Running:
    """Return the clock of the stage at which a case stands, as its policy, or another, has it."""
    policy = policy or policy_for(case)
    limit = policy.case(case.kind).stage(case.stage).clock
    return Running(limit, case, policy, case.entered_on, case.entered_at)


def of_whole(case: Case, policy: Policy | None = None) -> Running:
    """Return the clock of the whole case, as its policy, or another, has it."""
    policy = policy or policy_for(case)
    return Running(policy.case(case.kind).clock, case, policy, case.opened_on, case.opened_at)


def under(case: Case, policy: Policy) -> Due | None:
    """Return the deadline of a case's stage as a policy has it: from when it was entered, and after what moved it since.

    A day that was agreed on when the case was given to somebody stands.
    """
    if case.due_agreed:
        return standing(case)
    running = of_stage(case, policy)
    bends = _bends(case.steps.filter(round=case.round))
    return bent(running.due(), bends=bends, unit=running.unit, workdays=policy.workdays)


def whole_under(case: Case, policy: Policy) -> Due | None:
    """Return the deadline of the whole as a policy has it.

    It stands still while a stage is paused, where it is pausable; it is extended by who extends a stage, where it names
    the same role: to the day allowed for the stage, where that is later.
    """
    running = of_whole(case, policy)
    moved = (
        case.steps.filter(move=Move.EXTEND, party=running.clock.extended_by)
        if running.clock
        else Step.objects.none()
    )
    if running.pausable:
        moved |= case.steps.filter(move__in=(Move.PAUSE, Move.RESUME))
    return bent(running.due(), bends=_bends(moved), unit=running.unit, workdays=policy.workdays)


def standing(case: Case) -> Due | None:
    """Return the deadline that a case's stage has now."""
    return _due(case.due_at, case.due_provisional)


def of_the_whole(case: Case) -> Due | None:
    """Return the deadline that the whole case has now."""
    return _due(case.whole_due_at, case.whole_due_provisional)


def _due(at: datetime | None, provisional: bool) -> Due | None:
    return Due.until(at, provisional) if at else None


def levels(case: Case, limit: Clock, due_on: date, day: date) -> list[Escalation]:
    """Return the levels that are told by a day of a deadline that has passed, each after so many working days."""
    late = policy_for(case).workdays.between(due_on, day)
    return [one for one in limit.escalate if (after := one.after.on(day)) is not None and late >= after]


def escalated(case: Case, day: date) -> int:
    """Return how many levels have been told by a day that the stage's deadline has passed."""
    limit = kind_of(case).stage(case.stage).clock
    if limit is None or case.due_on is None or not case.is_overdue(day):
        return 0
    return len(levels(case, limit, case.due_on, day))


def _bends(steps: Iterable[Step]) -> list[Bend]:
    bends, paused = [], None
    for step in steps:
        match step.move:
            case Move.EXTEND:
                bends.append(Bend(until=step.until))
            case Move.PAUSE:
                paused = step.moment
            case Move.RESUME if paused:
                bends.append(Bend(stood=(paused, step.moment)))
    return bends
