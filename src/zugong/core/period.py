"""Stretches of time the office speaks of: a week, a month, a quarter, a half-year, a year."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from zugong.core.sentences import Label
from zugong.core.workdays import months_later

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """From a first day to a last day, both included, with the name the office gives it."""

    first: date
    last: date
    name: str

    def __contains__(self, day: object) -> bool:
        """Say whether a day lies inside."""
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        """Return the name: 2025年12月, 2025年第四季度, 2025年度."""
        return self.name


def period(unit: str, day: date, n: int = 1) -> Period:
    """Return the period of n units that a day lies in: units `week`, `month`, `quarter`, `half_year`, `year`.

    Periods of several months begin counting in January, those of several years in the year 0.
    """
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6), f"{first.year}年{first.month}月{first.day}日起一周")
    length = MONTHS[unit] * n
    months = day.year * 12 + day.month - 1
    start = months - months % length if length >= 12 else day.year * 12 + (day.month - 1) // length * length
    first = date(start // 12, start % 12 + 1, 1)
    return Period(first, months_later(first, length) - timedelta(days=1), _name(unit, first, n))


def label(name: str) -> Label:
    """Return what a period's name is in both languages: 2025年第四季度, fourth quarter of 2025."""
    for pattern, english in ENGLISH.items():
        if found := re.fullmatch(pattern, name):
            return Label(name, english(*found.groups()))
    return Label(name, name)


def _month(year: str, month: str) -> str:
    return f"{date(int(year), int(month), 1):%B %Y}"


HALVES = {"上": "first", "下": "second"}
QUARTERS = {"一": "first", "二": "second", "三": "third", "四": "fourth"}
ENGLISH: dict[str, Callable[..., str]] = {
    r"(\d+)年度": lambda year: year,
    r"(\d+)年([上下])半年": lambda year, half: f"{HALVES[half]} half of {year}",
    r"(\d+)年第([一二三四])季度": lambda year, quarter: f"{QUARTERS[quarter]} quarter of {year}",
    r"(\d+)年(\d+)月": _month,
    r"(\d+)年(\d+)月起": lambda year, month: f"from {_month(year, month)}",
    r"(\d+)年(\d+)月(\d+)日起一周": lambda year, month, day: f"week from {day} {_month(year, month)}",
}


def _name(unit: str, first: date, n: int) -> str:
    if unit == "month" and n == 1:
        return f"{first.year}年{first.month}月"
    if unit == "quarter" and n == 1:
        return f"{first.year}年第{'一二三四'[(first.month - 1) // 3]}季度"
    if unit == "half_year" and n == 1:
        return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
    if unit == "year" and n == 1:
        return f"{first.year}年度"
    return f"{first.year}年{first.month}月起"
