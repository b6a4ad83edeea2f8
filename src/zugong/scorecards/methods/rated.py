"""评分: marks that people give (自评、互评、审定), weighted by who gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue

STAGES = {"self": Said("自评", "self"), "mutual": Said("互评", "mutual"), "decide": Said("审定", "decided")}


@dataclass(frozen=True)
class Rated:
    """`raters` are (stage, weight); `of` is the indicator that is rated. Several raters of one stage are averaged
    before the weights apply.
    """

    of: str
    raters: tuple[tuple[str, int], ...]
    full: int

    @property
    def figures(self) -> tuple[str, ...]:
        """One column for each stage: the marks it gave, in thousandths."""
        return tuple(f"{self.of}:{stage}" for stage, _ in self.raters)

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths, or null as long as any of the raters has not spoken: a missing part is not zero."""
        from zugong.measures.whole import half_up

        first, *others = (
            facts[column] * weight for column, (_, weight) in zip(self.figures, self.raters, strict=True)
        )
        for other in others:
            first = first + other
        return half_up(first, sum(weight for _, weight in self.raters))

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""
        given = list(zip(figures, self.raters, strict=True))
        zh = " + ".join(
            f"{STAGES[stage].zh} {marks(figure)} × {weight}%" for figure, (stage, weight) in given
        )
        en = " + ".join(
            f"{STAGES[stage].en} {marks(figure)} × {weight}%" for figure, (stage, weight) in given
        )
        return Said(f"{zh} = {marks(got)} 分", f"{en} = {marks(got)} marks")
