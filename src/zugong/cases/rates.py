"""Response, solution and satisfaction: three rates, each with its counts. Pure.

A rate is counts first and a share only where they are enough. What was merged counts with the request it went into;
what two people left out with a reason is counted apart; who could not be reached says neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

THOUSANDTHS = 1000
Satisfaction = Literal["", "satisfied", "dissatisfied", "unreachable"]


@dataclass(frozen=True)
class Asked:
    """One request, as the facts have it: `solved` is None while nobody said."""

    answered: bool = False
    solved: bool | None = None
    satisfaction: Satisfaction = ""
    on_time: bool | None = None
    merged: bool = False
    excluded: bool = False


@dataclass(frozen=True)
class Rate:
    """So many of so many. The share, in thousandths and cut off, is None where nobody counts or they are too few."""

    done: int
    of: int
    minimum: int = 0

    @property
    def is_too_few(self) -> bool:
        """Fewer than the pack lets be shown as a rate."""
        return self.of < self.minimum

    @property
    def share(self) -> int | None:
        """Thousandths, never rounded up: all but one of many is not all."""
        return None if not self.of or self.is_too_few else self.done * THOUSANDTHS // self.of


@dataclass(frozen=True)
class Rates:
    """The three rates and punctuality, and what they leave out."""

    response: Rate  # 响应率: answered, of all that count
    solution: Rate  # 解决率: solved, of those of which somebody said whether they were
    satisfaction: Rate  # 满意率: satisfied, of those who said whether they were
    on_time: Rate  # 按期办结: of those with a clock over the whole that has run or was kept
    unreachable: int
    merged: int
    excluded: int


def rates(requests: Iterable[Asked], minimum: int | None = None) -> Rates:
    """Return the rates over some requests; below the minimum a rate is not shown (None: every one is)."""
    rows, least = list(requests), minimum or 0
    counted = [one for one in rows if not one.merged and not one.excluded]
    judged = [one.solved for one in counted if one.solved is not None]
    said = [one.satisfaction for one in counted if one.satisfaction in ("satisfied", "dissatisfied")]
    timed = [one.on_time for one in counted if one.on_time is not None]
    return Rates(
        response=Rate(sum(one.answered for one in counted), len(counted), least),
        solution=Rate(sum(judged), len(judged), least),
        satisfaction=Rate(said.count("satisfied"), len(said), least),
        on_time=Rate(sum(timed), len(timed), least),
        unreachable=sum(one.satisfaction == "unreachable" for one in counted),
        merged=sum(one.merged for one in rows),
        excluded=sum(one.excluded and not one.merged for one in rows),
    )
