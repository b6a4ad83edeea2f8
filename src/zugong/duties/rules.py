"""Rhythms, and what becomes of an occurrence. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from zugong.core.period import Period, period
from zugong.core.sentences import Sentence

UNITS = ("week", "month", "quarter", "half_year", "year")


class Outcome(StrEnum):
    """What became of an occurrence. Nothing yet is the empty word."""

    KEPT = "kept"
    MISSED = "missed"
    EXCUSED = "excused"


OUTCOMES = {
    Outcome.KEPT: Sentence("已履行"),
    Outcome.MISSED: Sentence("未履行"),
    Outcome.EXCUSED: Sentence("已免"),
}


class EveryLike(Protocol):
    """A rhythm: `packs.schema.common.Every`. Exactly one unit is set."""

    @property
    def day(self) -> int | None: ...  # noqa: D102
    @property
    def in_month(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True)
class Turn:
    """One time that a rhythm comes round: its period, and the days on which it can be fulfilled.

    Those are all days of the period, or the one day or month inside it that the pack fixes.
    """

    period: Period
    first: date
    last: date


def turn(every: EveryLike, day: date) -> Turn:
    """Return the turn whose period a day lies in. Every day lies in exactly one.

    A fixed day is one of the last month of the period, or of the month fixed; past a month's end it is the last day.
    """
    unit = next(unit for unit in UNITS if getattr(every, unit) is not None)
    span = period(unit, day, getattr(every, unit))
    if every.day is None and every.in_month is None:
        return Turn(span, span.first, span.last)
    year, month = span.last.year, every.in_month or span.last.month
    end = calendar.monthrange(year, month)[1]
    first = date(year, month, min(every.day or 1, end))
    return Turn(span, first, first if every.day else date(year, month, end))


def after(every: EveryLike, one: Turn) -> Turn:
    """Return the turn that follows another."""
    return turn(every, one.period.last + timedelta(days=1))


def turns(every: EveryLike, first: date, last: date) -> Iterator[Turn]:
    """Yield the turns whose periods the days from first to last lie in, in order."""
    one = turn(every, first)
    while one.period.first <= last:
        yield one
        one = after(every, one)


def outcome(*, needed: int, done: int, excused: bool) -> Outcome:
    """Say what became of an occurrence whose days are over. Who did it although excused has kept it."""
    if done >= needed:
        return Outcome.KEPT
    return Outcome.EXCUSED if excused else Outcome.MISSED
