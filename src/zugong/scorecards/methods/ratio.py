"""完成率: full marks for finishing everything that was due, and a share of them otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zugong.scorecards.methods.said import Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import BooleanValue, IntegerValue


@dataclass(frozen=True)
class Ratio:
    """Finished of due, as a share of full marks. `full` in thousandths."""

    done: str
    due: str
    full: int

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns that are read, in the order in which the sentence names them."""
        return (self.done, self.due)

    def marks(self, facts: Table) -> IntegerValue:
        """Return thousandths, or null where nothing is due or a figure is unknown."""
        from zugong.measures.whole import half_up

        done, due = facts[self.done], facts[self.due]
        finished = (done > due).ifelse(due, done)
        return half_up(finished * self.full, due)

    def idle(self, facts: Table) -> BooleanValue:
        """Tell where nothing was due: nothing to judge is neither nothing done nor something missing."""
        return facts[self.due].fill_null(-1) == 0

    def sentence(self, figures: Sequence[int | None], labels: Sequence[Said], got: int | None) -> Said:
        """Return the arithmetic in words."""
        (done, due), (done_is, due_is) = figures, labels
        more = done is not None and due is not None and done > due
        counted = due if more else done
        zh_more, en_more = ("（超出部分不计）", " (no more than was due counts)") if more else ("", "")
        return Said(
            f"{done_is.zh} {done}，{due_is.zh} {due}{zh_more}：{counted} ÷ {due} × {marks(self.full)} = {marks(got)} 分",
            f"{done_is.en} {done}, {due_is.en} {due}{en_more}: {counted} ÷ {due} × {marks(self.full)} = {marks(got)} marks",
        )
