"""When something is due, as every page, list and file says it: by the instant, where a clock counts hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from zugong.cases import deadlines, powers
from zugong.cases.models import Case
from zugong.cases.rules import State
from zugong.core.workdays import SHANGHAI, Due, Workdays, day_of


@dataclass(frozen=True)
class Deadline:
    """A deadline as it stands at the instant at which it is looked at."""

    day: date
    left: int | None = None  # working days to it, below 0 after it; None where no clock runs
    is_late: bool = False
    hour: str = ""  # `14:30`, where it is not the end of its day
    provisional: bool = False
    is_term: bool = False  # a time that must have run first: nobody is late after it


def of_day(day: date | None, workdays: Workdays | None, today: date) -> Deadline | None:
    """Return the deadline that a day is; None where there is none."""
    if day is None:
        return None
    return Deadline(day, workdays.between(today, day) if workdays else None, day < today)


def of_case(case: Case, now: datetime) -> Deadline | None:
    """Return the deadline of the stage at which a case stands; None where it has none."""
    found = deadlines.standing(case)
    if found is None:
        return None
    runs = case.is_open() and case.state != State.PAUSED
    return Deadline(
        found.day,
        _left(case, found, now) if runs else None,
        case.is_overdue(now),
        _hour(found),
        found.provisional,
        case.is_term,
    )


def of_whole(case: Case, now: datetime) -> Deadline | None:
    """Return the deadline of a whole case; None where it has none, or has ended once."""
    found = deadlines.of_the_whole(case)
    if found is None or case.ended_at or not case.is_open():
        return None
    runs = case.state != State.PAUSED or not deadlines.of_whole(case).pausable
    return Deadline(
        found.day,
        _left(case, found, now) if runs else None,
        runs and found.instant < now,
        _hour(found),
        found.provisional,
    )


def _left(case: Case, found: Due, now: datetime) -> int:
    return powers.policy_for(case).workdays.between(day_of(now), found.day)


def _hour(found: Due) -> str:
    return f"{found.at.astimezone(SHANGHAI):%H:%M}" if found.at else ""
