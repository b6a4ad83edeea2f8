"""Figures: what the measures count in the frozen facts, one row per unit, one column per figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis
from ibis import _

from zugong import measures
from zugong.measures.whole import half_up
from zugong.scorecards.engine.folder import DECISIONS, RATINGS, UNITS
from zugong.scorecards.engine.plan import Measure, Plan

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue

    from zugong.scorecards.engine.desk import Desk


def figures(desk: Desk) -> Table:
    """Return the units with group, class, model, a column per measure and per rating stage, and `decision`."""
    plan = desk.run.plan
    wide = desk.facts(UNITS)
    for (facts, _per), named in _by_table(plan).items():
        minimums = {name: measure.minimum for name, measure in named.items()}
        counted = measures.values(named, desk.facts(facts), day=plan.day, minimums=minimums)
        wide = _beside(wide, counted, {name: measures.absent(measure) for name, measure in named.items()})
    return _decisions(desk, _ratings(desk, wide))


def _by_table(plan: Plan) -> dict[tuple[str, str], dict[str, Measure]]:
    """Group the measures by what they count over, so that each fact table is read once."""
    grouped: dict[tuple[str, str], dict[str, Measure]] = {}
    for measure in plan.measures:
        grouped.setdefault((measure.facts, measure.per), {})[measure.name] = measure
    return grouped


def _ratings(desk: Desk, wide: Table) -> Table:
    """Average the marks of each stage, so that many raters of one stage count as one."""
    rated = [
        (each.id, column)
        for each in desk.run.plan.indicators
        if each.word == "rated"
        for column in each.figures
    ]
    if not (rated and desk.has(RATINGS)):
        return wide.mutate(**{column: ibis.null("int64") for _id, column in rated})
    ratings = desk.facts(RATINGS)

    def average(indicator: str, stage: str) -> IntegerValue:
        theirs = (ratings.indicator == indicator) & (ratings.stage == stage)
        return half_up(ratings.marks.sum(where=theirs), ratings.marks.count(where=theirs))

    averages = ratings.group_by("unit").aggregate(
        **{column: average(indicator, column.rpartition(":")[2]) for indicator, column in rated}
    )
    return _beside(wide, averages, {column: None for _id, column in rated})


def _decisions(desk: Desk, wide: Table) -> Table:
    if not desk.has(DECISIONS):
        return wide.mutate(decision=ibis.null("string"))
    return _beside(wide, desk.facts(DECISIONS).select("unit", decision=_.grade), {"decision": None})


def _beside(wide: Table, found: Table, absent: Mapping[str, int | None]) -> Table:
    """Put columns beside the units; a unit without a row gets what the absence means."""
    beside = found.rename({"unit beside": "unit"})
    joined = wide.left_join(beside, wide.unit == beside["unit beside"])
    lacks = joined["unit beside"].isnull()
    filled = {
        name: joined[name] if value is None else lacks.ifelse(value, joined[name])
        for name, value in absent.items()
    }
    return joined.select(*wide.columns, **filled)
