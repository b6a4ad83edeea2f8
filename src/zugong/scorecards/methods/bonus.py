"""加分: so many marks for each proven case, up to full; what has no proof does not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue


@dataclass(frozen=True)
class Bonus:
    """It adds to the total, and not to what a unit can reach without it: `full` is the most it can add."""

    figure: str
    proof: str
    each: int
    full: int
    adds = True

    @property
    def figures(self) -> tuple[str, ...]:
        """What is claimed, and what of it is proven."""
        return (self.figure, self.proof)

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths. More proofs than claims prove no more than the claims."""
        claimed, proven = facts[self.figure], facts[self.proof]
        counted = (proven > claimed).ifelse(claimed, proven)
        return (counted * self.each).clip(upper=self.full)

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""
        (claimed, proven), (claims, proofs) = figures, labels
        counted = None if claimed is None or proven is None else min(claimed, proven)
        full = counted is not None and counted * self.each > self.full
        zh_full, en_full = ("，加满为止", ", no more than full") if full else ("", "")
        sum_ = f"{counted} × {marks(self.each)}"
        return Said(
            f"{claims.zh} {claimed}，{proofs.zh} {proven}，有证明的才计：{sum_} → 加 {marks(got)} 分{zh_full}",
            f"{claims.en} {claimed}, {proofs.en} {proven}, only proven ones count: {sum_} → {marks(got)} marks added{en_full}",
        )
