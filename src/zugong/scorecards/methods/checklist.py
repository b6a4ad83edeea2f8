"""清单: a share of full marks for each item fulfilled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue


@dataclass(frozen=True)
class Checklist:
    """`items` is how many there are to fulfil, by the source."""

    figure: str
    items: int
    full: int

    @property
    def figures(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.figure,)

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths, or null where the figure is unknown."""
        from zugong.measures.whole import half_up

        return half_up(facts[self.figure].clip(upper=self.items) * self.full, self.items)

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""
        (figure,), (label,) = figures, labels
        return Said(
            f"{label.zh} {figure}，共 {self.items} 项：{figure} ÷ {self.items} × {marks(self.full)} = {marks(got)} 分",
            f"{label.en} {figure} of {self.items}: {figure} ÷ {self.items} × {marks(self.full)} = {marks(got)} marks",
        )
