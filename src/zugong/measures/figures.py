"""What a measure found: a figure with its denominator and its day, or "too few"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Figure:
    """How many, out of how many, for whom, on which day.

    `numerator` is None where nothing is known, or where the group is too small to be shown (`too_few`).
    """

    measure: str
    of: str
    numerator: int | None
    denominator: int | None
    day: date
    too_few: bool = False

    @property
    def share(self) -> int | None:
        """Return the share in thousandths, cut and never rounded up: 899.9 does not reach 900."""
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator * 1000 // self.denominator

    @property
    def value(self) -> int | None:
        """Return what rules and scorecards read: the share where there is a denominator, else the count."""
        return self.numerator if self.denominator is None else self.share

    def said(self, language: str = "zh") -> str:
        """Return the figure as people read it: `15/20`, `7`, or that too few were counted."""
        english = language.startswith("en")
        if self.too_few:
            return "too few to show" if english else "人数过少，不予显示"
        if self.numerator is None:
            return "unknown" if english else "暂无"
        return f"{self.numerator}" if self.denominator is None else f"{self.numerator}/{self.denominator}"
