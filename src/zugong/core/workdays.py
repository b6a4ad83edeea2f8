"""Working days with public holidays and make-up days (调休). Days are for people; nothing here knows what today is."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A deadline. Provisional (暂算) while a year it reaches has no published calendar."""

    day: date
    provisional: bool = False
    at: datetime | None = None  # the instant, where it is not the day's last second

    @property
    def instant(self) -> datetime:
        """The last instant that is in time."""
        return self.at or end_of(self.day)

    @classmethod
    def of(cls, decided: date | datetime, provisional: bool = False) -> Due:
        """Return the deadline that somebody decided on: a day, or an instant."""
        if isinstance(decided, datetime):
            return cls(day_of(decided), at=decided)
        return cls(decided, provisional)

    @classmethod
    def until(cls, instant: datetime, provisional: bool = False) -> Due:
        """Return the deadline that an instant is: a day's last second is the day."""
        day = day_of(instant)
        return cls(day, provisional, None if instant == end_of(day) else instant)


@dataclass(frozen=True)
class Workdays:
    """The calendar of the years that are known; other years follow the week and are provisional."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked: Monday to Friday, less days off, plus make-up days."""
        if day in self.worked:
            return True
        return day.weekday() < SATURDAY and day not in self.off

    def knows(self, day: date) -> bool:
        """Say whether the day's year has a published calendar."""
        return day.year in self.years

    def next(self, day: date) -> date:
        """Return the first working day after a day."""
        day += ONE_DAY
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def after(self, start: date, n: int) -> Due:
        """Return the n-th working day after the start; the start day does not count (民法典第二百零一条)."""
        day = start
        for _ in range(n):
            day = self.next(day)
        return self._due(start, day)

    def days_after(self, start: date, n: int) -> Due:
        """Return the n-th calendar day after the start; a last day off moves on (民法典第二百零三条)."""
        return self._due(start, self._worked_from(start + n * ONE_DAY))

    def months_after(self, start: date, n: int) -> Due:
        """Return the same day n months later, clamped at the month's end; a last day off moves on."""
        return self._due(start, self._worked_from(months_later(start, n)))

    def between(self, first: date, last: date) -> int:
        """Count working days after the first day up to and including the last; negative when the last is past."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_working(first + n * ONE_DAY) for n in range(1, (last - first).days + 1))

    def _worked_from(self, day: date) -> date:
        return day if self.is_working(day) else self.next(day)

    def _due(self, start: date, day: date) -> Due:
        return Due(day, not all(year in self.years for year in range(start.year, day.year + 1)))


def end_of(day: date) -> datetime:
    """Return the last second of a day in Shanghai (民法典第二百零三条: 截止时间为二十四时)."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def day_of(instant: datetime) -> date:
    """Return the day in Shanghai on which an instant lies."""
    return instant.astimezone(SHANGHAI).date()


def moment(day: date, now: datetime) -> datetime:
    """Return the instant at which a deed of a day counts, to the second; written down on another day, its day's end."""
    return now.replace(microsecond=0) if day_of(now) == day else end_of(day)


def months_later(day: date, n: int) -> date:
    """Return the day n calendar months later, clamped: 31 January plus one month is the last of February."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
