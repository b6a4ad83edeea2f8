"""扣分: full marks, less so many for each case, never below nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue


@dataclass(frozen=True)
class Deduction:
    """`each` thousandths are taken away for each case."""

    figure: str
    each: int
    full: int

    @property
    def figures(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.figure,)

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths, or null where the figure is unknown."""
        return (self.full - facts[self.figure] * self.each).clip(lower=0)

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""
        (figure,), (label,) = figures, labels
        floor = figure is not None and figure * self.each > self.full
        zh_floor, en_floor = ("，扣完为止", ", never below nothing") if floor else ("", "")
        sum_ = f"{marks(self.full)} − {figure} × {marks(self.each)}"
        return Said(
            f"{label.zh} {figure}：{sum_} = {marks(got)} 分{zh_floor}",
            f"{label.en} {figure}: {sum_} = {marks(got)} marks{en_floor}",
        )
