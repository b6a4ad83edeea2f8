"""Cells and totals: marks for each unit and indicator, and what they add up to.

A part that is missing is not zero: the total is then unknown, `known` says what there is, and neither grade nor rank
is given until the fact is there or a named person decides. Where the card says `out_of`, an indicator with nothing
to judge is left out and the rest is brought to that total; otherwise it leaves the total unknown too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from zugong.measures.whole import half_up
from zugong.scorecards.engine.outcome import CellState, State
from zugong.scorecards.engine.plan import Indicator, Plan

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import BooleanValue, IntegerValue, StringValue

FIGURES = 3  # the most columns that a method reads


def cells(figures: Table, plan: Plan) -> Table:
    """Return one row per unit and indicator: marks, full marks, the figures read, method, clause, source, state."""
    rows = [_cell(figures, each) for each in plan.indicators] or [_no_cells(figures)]
    return ibis.union(*rows) if len(rows) > 1 else rows[0]


def _cell(figures: Table, each: Indicator) -> Table:
    applies = _applies(figures, each)
    rows = figures if applies is None else figures.filter(applies)
    read = [rows[name] for name in each.figures]
    return rows.select(
        "unit",
        indicator=ibis.literal(each.id),
        marks=_marks(rows, each),
        full=ibis.literal(each.full if each.method else None, "int64"),
        **{
            f"figure_{place + 1}": read[place] if place < len(read) else ibis.null("int64")
            for place in range(FIGURES)
        },
        method=ibis.literal(each.word),
        clause=ibis.literal(each.clause),
        source=ibis.literal(each.source),
        state=_cell_state(rows, each),
    )


def _no_cells(figures: Table) -> Table:
    nobody = Indicator("", "", "", "common", (), "", None, "", "")
    return _cell(figures.filter(ibis.literal(False)), nobody)


def _applies(figures: Table, each: Indicator) -> BooleanValue | None:
    """Tell to whom an indicator applies; None: to all."""
    match each.layer:
        case "class":
            return figures.klass.isin(each.classes)
        case "model":
            return figures.model == 1
    return None


def _marks(figures: Table, each: Indicator) -> IntegerValue:
    if each.method is None:
        return ibis.null("int64")
    marks = each.method.marks(figures)
    return marks if each.weight is None else half_up(marks * each.weight, each.method.full)


def _idle(figures: Table, each: Indicator) -> BooleanValue | None:
    return each.method.idle(figures) if each.method and hasattr(each.method, "idle") else None


def _cell_state(figures: Table, each: Indicator) -> StringValue:
    if each.method is None:
        return ibis.literal(CellState.UNSET.value)
    idle = _idle(figures, each)
    without = ibis.literal(CellState.MISSING.value)
    if idle is not None:
        without = idle.ifelse(CellState.NOTHING_DUE.value, without)
    return _marks(figures, each).notnull().ifelse(CellState.JUDGED.value, without)


@dataclass(frozen=True)
class _Part:
    """An indicator's share of the total, as expressions over the figures."""

    marks: IntegerValue
    judged: BooleanValue
    lacking: BooleanValue
    full: int
    adds: bool


def totals(figures: Table, plan: Plan) -> Table:
    """Return one row per unit: total (null while a part is missing), known, full, state, and what spoke."""
    parts = [_part(figures, each, plan) for each in plan.indicators]
    plain = [part for part in parts if not part.adds]
    regular = _sum([part.marks for part in plain])
    bonus = _sum([part.marks for part in parts if part.adds])
    full = _sum([part.judged.ifelse(part.full, 0) for part in plain])
    asked = [figures[hit.figure].isnull() for hit in (*plan.eligible, *plan.vetoes, *plan.caps)]
    lacking = _sum([each.cast("int64") for each in (*(part.lacking for part in parts), *asked)]) + plan.empty
    sums = figures.select(
        "unit",
        "group",
        "decision",
        known=regular + bonus,
        regular=regular,
        bonus=bonus,
        full=full,
        lacking=lacking,
        eligible=_all([figures[hit.figure] >= 1 for hit in plan.eligible]),
        veto=_first([(figures[hit.figure] > 0, hit.grade) for hit in plan.vetoes]),
        cap=_worst([(figures[hit.figure] > 0, plan.scale.index(hit.grade) + 1) for hit in plan.caps]),
        settles=_settling(figures, plan),
        reasons=_reasons(figures, plan),
    )
    total = sums.known if plan.out_of is None else half_up(sums.regular * plan.out_of, sums.full) + sums.bonus
    state = ibis.cases(
        (sums.eligible == 0, State.NOT_ELIGIBLE.value),
        (sums.veto.notnull(), State.VETOED.value),
        (sums.lacking > 0, State.INCOMPLETE.value),
        (total.isnull(), State.INCOMPLETE.value),
        else_=State.RATED.value if plan.indicators else State.UNDECIDED.value,
    )
    whole = (sums.lacking > 0).ifelse(None, total) if plan.indicators else ibis.null("int64")
    return sums.select(
        "unit",
        "group",
        "decision",
        "known",
        "full",
        "veto",
        "cap",
        "settles",
        "reasons",
        total=whole,
        state=state,
    )


def _part(figures: Table, each: Indicator, plan: Plan) -> _Part:
    marks, applies, idle = _marks(figures, each), _applies(figures, each), _idle(figures, each)
    judged = marks.notnull()
    excused = idle if idle is not None and plan.out_of is not None else None
    lacking = ~judged if excused is None else ~judged & ~excused
    if applies is not None:
        judged, lacking = applies & judged, applies & lacking
    return _Part(judged.ifelse(marks, 0), judged, lacking, each.full, each.adds)


def _settling(figures: Table, plan: Plan) -> IntegerValue:
    """Return the marks that settle a tie; without such an indicator all are alike."""
    for each in plan.indicators:
        if each.id == plan.tie_indicator and each.method:
            return _marks(figures, each).fill_null(-1)
    return ibis.literal(0, "int64")


def _reasons(figures: Table, plan: Plan) -> StringValue:
    """Name the conditions, vetoes and caps that spoke, in the order of the card."""
    spoken = [
        (figures[hit.figure].fill_null(1) < 1).ifelse(f"eligible:{hit.id} ", "") for hit in plan.eligible
    ]
    for word, hits in (("veto", plan.vetoes), ("cap", plan.caps)):
        spoken += [(figures[hit.figure].fill_null(0) > 0).ifelse(f"{word}:{hit.id} ", "") for hit in hits]
    return reduce(lambda a, b: a + b, spoken).strip() if spoken else ibis.literal("")


def _sum(values: list[IntegerValue]) -> IntegerValue:
    return reduce(lambda a, b: a + b, values) if values else ibis.literal(0, "int64")


def _all(conditions: list[BooleanValue]) -> IntegerValue:
    """Return 0 where a condition is known not to hold, else 1."""
    if not conditions:
        return ibis.literal(1, "int64")
    return reduce(lambda a, b: a & b, conditions).fill_null(True).cast("int64")


def _first(spoken: list[tuple[BooleanValue, str]]) -> StringValue:
    return ibis.cases(*spoken, else_=ibis.null("string")) if spoken else ibis.null("string")


def _worst(spoken: list[tuple[BooleanValue, int]]) -> IntegerValue:
    """Return the worst place that the caps that spoke still allow; 1 allows everything."""
    ordered = sorted(spoken, key=lambda each: -each[1])
    return ibis.cases(*ordered, else_=ibis.literal(1, "int64")) if ordered else ibis.literal(1, "int64")
