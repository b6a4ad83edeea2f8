"""分档: marks by the band into which a figure falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue


@dataclass(frozen=True)
class Banded:
    """`bands` are (from this figure on, thousandths) in rising order; below the first there are no marks."""

    figure: str
    bands: tuple[tuple[int, int], ...]
    full: int

    @property
    def figures(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.figure,)

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths, or null where the figure is unknown. No band gives more than full marks."""
        figure = facts[self.figure]
        got = figure * 0  # null stays null
        for start, given in self.bands:
            got = (figure >= start).ifelse(min(given, self.full), got)
        return got

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""
        (figure,), (label,) = figures, labels
        reached = [start for start, _ in self.bands if figure is not None and figure >= start]
        if not reached:
            return Said(
                f"{label.zh} {figure}，未到最低一档 {self.bands[0][0]}：0 分",
                f"{label.en} {figure}, below the lowest band {self.bands[0][0]}: 0 marks",
            )
        return Said(
            f"{label.zh} {figure}，落在 {reached[-1]} 及以上一档：{marks(got)} 分",
            f"{label.en} {figure}, in the band from {reached[-1]}: {marks(got)} marks",
        )
