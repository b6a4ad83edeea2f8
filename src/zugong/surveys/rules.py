"""Counting grades. Pure.

Nothing here forms a mean: grades are words with an order, not numbers. Where every class of voters has a weight, the
shares of the classes are weighed; that is all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from zugong.core.period import Period, period
from zugong.packs.schema.common import Every

TOO_FEW = "样本太少，不显示"
UNSET = "制度包没有定最少张数，定下之前不显示"
DIGITS = 8
WHOLE = 1000  # a share, in thousandths
WEIGHTS = 100

Counts = Mapping[str, int]  # grade → how many chose it


@dataclass(frozen=True)
class Result:
    """What one question came to.

    `counts` is grade → ballots, best first, and empty where too few answered. `by_class` is the same for each class of
    voters, and empty where some class is too small to be shown: what is left out could be found by subtraction.
    `shares` is grade → weighed share in thousandths, cut, and None where no weights are given or a class is too small.
    """

    question: str
    scale: tuple[str, ...]
    ballots: int
    counts: Counts = field(default_factory=dict)
    by_class: Mapping[str, Counts] = field(default_factory=dict)
    shares: Counts | None = None
    unset: bool = False  # a secret ballot of which the pack does not say how few are too few

    @property
    def too_few(self) -> bool:
        """Say whether there were too few ballots to show anything."""
        return not self.counts

    @property
    def chosen(self) -> str:
        """The one grade that most chose; empty for a tie, and where nothing is shown."""
        most = [
            grade for grade in self.scale if self.counts and self.counts[grade] == max(self.counts.values())
        ]
        return most[0] if len(most) == 1 and self.counts[most[0]] else ""

    def at_least(self, grade: str) -> int:
        """Return how many chose a grade or a better one: 好 and 较好 together."""
        return sum(self.counts.get(each, 0) for each in self.scale[: self.scale.index(grade) + 1])

    def said(self) -> str:
        """Return the counts as people read them."""
        if self.too_few:
            return UNSET if self.unset else TOO_FEW
        return "、".join(f"{grade}{self.counts[grade]}" for grade in self.scale)


def result(
    question: str,
    scale: tuple[str, ...],
    votes: Mapping[str, Counts],
    *,
    minimum: int | None,
    weights: Mapping[str, int] | None,
    secret: bool = False,
) -> Result:
    """Count a question. `votes` is class of voters → grade → ballots; `weights` is class → parts of 100, or None.

    Without a minimum a secret ballot is not shown: how few are too few is not ours to say.

    Raises ValueError for a grade that is not on the scale.
    """
    by_class = {name: {grade: counts.get(grade, 0) for grade in scale} for name, counts in votes.items()}
    if strange := {grade for counts in votes.values() for grade in counts} - set(scale):
        raise ValueError(f"{'、'.join(sorted(strange))} is not on the scale")
    totals = {name: sum(counts.values()) for name, counts in by_class.items()}
    ballots = sum(totals.values())
    if secret and minimum is None:
        return Result(question, scale, ballots, unset=True)
    if ballots == 0 or ballots < (minimum or 0):
        return Result(question, scale, ballots)
    counts = {grade: sum(each[grade] for each in by_class.values()) for grade in scale}
    if min(totals.values()) < max(minimum or 0, 1):
        return Result(question, scale, ballots, counts)
    return Result(question, scale, ballots, counts, by_class, _weighed(scale, by_class, totals, weights))


def rounds(every: Every, day: date) -> tuple[Period, Period]:
    """Return the rounds for which sheets can be opened on a day: this period's, and the one just over."""
    unit = next(unit for unit in ("week", "month", "quarter", "half_year", "year") if getattr(every, unit))
    this = period(unit, day, getattr(every, unit))
    return this, period(unit, this.first - timedelta(days=1), getattr(every, unit))


def written(counts: Sequence[int]) -> str:
    """Write counts so that every urn of a sheet is as long as every other.

    >>> written([3, 0])
    '0000000300000000'
    """
    return "".join(f"{count:0{DIGITS}}" for count in counts)


def read(written: str) -> list[int]:
    """Read counts that were written.

    >>> read("0000000300000000")
    [3, 0]
    """
    return [int(written[at : at + DIGITS]) for at in range(0, len(written), DIGITS)]


def _weighed(
    scale: tuple[str, ...],
    by_class: Mapping[str, Counts],
    totals: Mapping[str, int],
    weights: Mapping[str, int] | None,
) -> Counts | None:
    """Weigh shares over one common denominator, and cut only once: a sum of cut shares would drift."""
    if weights is None:
        return None
    whole = 1
    for total in totals.values():
        whole *= total
    return {
        grade: sum(weights[name] * by_class[name][grade] * (whole // totals[name]) for name in by_class)
        * WHOLE
        // (whole * WEIGHTS)
        for grade in scale
    }
