"""The scoring vocabulary. A method is a frozen dataclass with one Ibis function; a new word is a file and a line here.

Each method says which `figures` (columns) it reads, gives `marks` in thousandths (null: cannot be judged), and says
its arithmetic in a `sentence`. `idle` tells where there is nothing to judge; `adds` marks one beyond full marks.
Ibis is loaded only when marks are computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from zugong.scorecards.methods.banded import Banded
from zugong.scorecards.methods.bonus import Bonus
from zugong.scorecards.methods.checklist import Checklist
from zugong.scorecards.methods.deduction import Deduction
from zugong.scorecards.methods.rated import STAGES, Rated
from zugong.scorecards.methods.ratio import Ratio
from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue

METHODS = {
    "ratio": Ratio,
    "banded": Banded,
    "deduction": Deduction,
    "bonus": Bonus,
    "checklist": Checklist,
    "rated": Rated,
}


class Method(Protocol):
    """What every word of the vocabulary can do."""

    @property
    def full(self) -> int:
        """Full marks in thousandths."""

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns that are read."""

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths, null where it cannot be judged."""

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""


__all__ = ["METHODS", "STAGES", "Method", "Said", "marks"]
