"""Why a unit has what it has: for each indicator the arithmetic, the facts, the clause, the raters, or what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zugong.core.errors import Refused
from zugong.scorecards.engine.folder import DECISIONS, RATINGS, Run, open_run
from zugong.scorecards.engine.outcome import CELL_STATES, STATES, CellState, State
from zugong.scorecards.engine.plan import Hit, Indicator, Measure, Plan
from zugong.scorecards.methods import STAGES, Said, marks

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue

LACKING = {
    "full": Said("满分", "full marks"),
    "bands": Said("分档", "bands"),
    "each": Said("每例分值", "marks per case"),
    "raters": Said("评分权重", "weights of the raters"),
}


@dataclass(frozen=True)
class Fact:
    """One figure that was read: its name, its number (None: unknown), and the fact table it was counted in."""

    name: str
    label: Said
    number: int | None
    table: str


@dataclass(frozen=True)
class Rater:
    """Who gave marks, and how many (thousandths)."""

    stage: str
    label: Said
    by: str
    marks: int


@dataclass(frozen=True)
class Part:
    """One indicator of one unit. `marks` and `full` in thousandths; None: not judged, and `sentence` says why."""

    indicator: str
    label: Said
    marks: int | None
    full: int | None
    state: CellState
    sentence: Said
    facts: tuple[Fact, ...]
    raters: tuple[Rater, ...]
    clause: str
    source: str


@dataclass(frozen=True)
class Decision:
    """Who decided a grade, when, by which minutes."""

    grade: str
    by: str
    day: str
    minutes: str


@dataclass(frozen=True)
class Explanation:
    """One unit's result and everything that leads to it. `reasons` are the vetoes, caps and conditions that spoke."""

    unit: str
    group: str
    total: int | None
    known: int
    full: int
    rank: int | None
    grade: str | None
    computed: str | None
    state: State
    sentence: Said
    parts: tuple[Part, ...]
    reasons: tuple[Hit, ...]
    decision: Decision | None


def explain(folder: Path, unit: str) -> Explanation:
    """Explain one unit of a scored run. Raises Refused for a unit that the run does not hold."""
    run = open_run(folder)
    results = _rows(folder / "results.parquet", unit)
    if not results:
        raise Refused("这次评定里没有“{unit}”", unit=unit)
    row = results[0]
    cells = {cell["indicator"]: cell for cell in _rows(folder / "cells.parquet", unit)}
    ratings = _rows(run.table(RATINGS), unit) if RATINGS in run.facts else []
    parts = tuple(
        _part(each, cells[each.id], run.plan, ratings) for each in run.plan.indicators if each.id in cells
    )
    return Explanation(
        unit=unit,
        group=row["group"],
        total=row["total"],
        known=row["known"],
        full=row["full"],
        rank=row["rank"],
        grade=row["grade"],
        computed=row["computed"],
        state=State(row["state"]),
        sentence=_sum_said(row, parts, run.plan),
        parts=parts,
        reasons=_spoken(row["reasons"], run.plan),
        decision=_decision(run, unit),
    )


@dataclass(frozen=True)
class Counted:
    """A figure of a unit with the frozen rows that were counted, at most `limit` of them.

    `number` is how many there are; `total` what they add up to, or the different ones among them, where that is counted.
    """

    measure: Measure
    number: int
    total: int | None
    rows: tuple[Mapping[str, Any], ...]


def counted(folder: Path, unit: str, figure: str, *, limit: int = 500) -> Counted:
    """Return the rows of the frozen facts that a figure of a unit counts. Raises Refused for no such figure."""
    from zugong.measures import guards
    from zugong.scorecards.engine.desk import Desk

    run = open_run(folder)
    measure = next((each for each in run.plan.measures if each.name == figure), None)
    if measure is None:
        raise Refused("这次评定没有用到“{figure}”", figure=figure)
    desk = Desk(run)
    try:
        facts = desk.facts(measure.facts)
        rows = facts.filter(facts[measure.per] == unit)
        for text in filter(None, (measure.where, measure.count.when)):
            rows = rows.filter(guards.condition(guards.read(text), rows, day=run.plan.day))
        (number,) = desk.rows(rows.aggregate(rows=rows.count(), total=_total(measure, rows)))
        said = tuple(desk.rows(_readable(rows).limit(limit)))
        return Counted(measure, number["rows"], number["total"], said)
    finally:
        desk.close()


def _total(measure: Measure, rows: Table) -> IntegerValue:
    import ibis

    if measure.count.sum:
        return rows[measure.count.sum].sum().cast("int64")
    if measure.count.distinct:
        return rows[measure.count.distinct].nunique()
    return ibis.null("int64")


def _readable(rows: Table) -> Table:
    """Order rows by their day, then by every column; days as text."""
    days = {name: rows[name].cast("string") for name, kind in rows.schema().items() if kind.is_date()}
    said = rows.mutate(**days)
    first = [name for name in ("day", "since", "last") if name in said.columns]
    return said.order_by(list(dict.fromkeys([*first, *sorted(said.columns)])))


def weakest(folder: Path, units: Sequence[str]) -> dict[str, tuple[Said, int, int]]:
    """Return for each of these units the indicator that lost most of its full marks: label, marks, full."""
    import pyarrow.parquet as pq

    labels = {
        each.id: Said(each.label, each.english or each.label) for each in open_run(folder).plan.indicators
    }
    found: dict[str, tuple[Said, int, int]] = {}
    if not (labels and units):
        return found
    cells = pq.read_table(folder / "cells.parquet", filters=[("unit", "in", list(units))]).to_pylist()
    order = list(labels)
    for cell in sorted(cells, key=lambda cell: order.index(cell["indicator"])):
        lost = cell["full"] and cell["marks"] is not None and cell["method"] != "bonus"
        if lost and (cell["unit"] not in found or _share(cell) < _share_of(found[cell["unit"]])):
            found[cell["unit"]] = (labels[cell["indicator"]], cell["marks"], cell["full"])
    return found


def _share(cell: Mapping[str, Any]) -> int:
    return int(cell["marks"] * 1000 // cell["full"])


def _share_of(found: tuple[Said, int, int]) -> int:
    return found[1] * 1000 // found[2]


def _rows(file: Path, unit: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = pq.read_table(file, filters=[("unit", "=", unit)]).to_pylist()
    return found


def _part(each: Indicator, cell: Mapping[str, Any], plan: Plan, ratings: Sequence[Mapping[str, Any]]) -> Part:
    facts = _facts(each, cell, plan)
    state = CellState(cell["state"])
    raters = tuple(
        Rater(row["stage"], STAGES[row["stage"]], row["by"], row["marks"])
        for row in sorted(ratings, key=lambda row: (row["stage"], row["by"]))
        if row["indicator"] == each.id
    )
    return Part(
        indicator=each.id,
        label=Said(each.label, each.english or each.label),
        marks=cell["marks"],
        full=cell["full"],
        state=state,
        sentence=_part_said(each, cell, facts, state),
        facts=facts,
        raters=raters,
        clause=each.clause,
        source=each.source,
    )


def _facts(each: Indicator, cell: Mapping[str, Any], plan: Plan) -> tuple[Fact, ...]:
    numbers = [cell[f"figure_{place}"] for place, _name in enumerate(each.figures, 1)]
    if each.word == "rated":
        stages = [name.rpartition(":")[2] for name in each.figures]
        return tuple(
            Fact(stage, STAGES[stage], number, RATINGS) for stage, number in zip(stages, numbers, strict=True)
        )
    known = {measure.name: measure for measure in plan.measures}
    return tuple(
        Fact(name, known[name].said, number, known[name].facts)
        for name, number in zip(each.figures, numbers, strict=True)
    )


def _part_said(each: Indicator, cell: Mapping[str, Any], facts: Sequence[Fact], state: CellState) -> Said:
    if state == CellState.JUDGED and each.method:
        return each.method.sentence(
            [fact.number for fact in facts], [fact.label for fact in facts], cell["marks"]
        )
    said = CELL_STATES[state]
    what = [LACKING[name] for name in each.lacking] or [fact.label for fact in facts if fact.number is None]
    if state == CellState.NOTHING_DUE or not what:
        return said
    return Said(
        f"{said.zh}：{'、'.join(name.zh for name in what)}",
        f"{said.en}: {', '.join(name.en for name in what)}",
    )


def _sum_said(row: Mapping[str, Any], parts: Sequence[Part], plan: Plan) -> Said:
    if not parts:
        return STATES[State(row["state"])]
    adds = {each.id for each in plan.indicators if each.adds}
    plain = [part.marks for part in parts if part.marks is not None and part.indicator not in adds]
    bonus = [part.marks for part in parts if part.marks is not None and part.indicator in adds]
    if row["total"] is None:
        lacking = [part.label for part in parts if part.marks is None]
        if plan.empty:
            lacking.append(Said(f"未列出的 {plan.empty} 项", f"{plan.empty} items that are not listed"))
        return Said(
            f"已知 {marks(row['known'])} 分；总分未定，因为缺：{'、'.join(name.zh for name in lacking) or '判定资格的数据'}",
            f"{marks(row['known'])} marks known; the total is not, for want of: "
            f"{', '.join(name.en for name in lacking) or 'the facts of eligibility'}",
        )
    sum_ = " + ".join(marks(each) for each in plain) or "0"
    if plan.out_of is not None:
        sum_ = f"({sum_}) ÷ {marks(row['full'])} × {marks(plan.out_of)}"
    sum_ = " + ".join([sum_, *(marks(each) for each in bonus)])
    return Said(f"{sum_} = {marks(row['total'])} 分", f"{sum_} = {marks(row['total'])} marks")


def _spoken(reasons: str, plan: Plan) -> tuple[Hit, ...]:
    hits = {f"{word}:{hit.id}": hit for word, named in plan.hits.items() for hit in named}
    return tuple(hits[reason] for reason in reasons.split())


def _decision(run: Run, unit: str) -> Decision | None:
    rows = _rows(run.table(DECISIONS), unit) if DECISIONS in run.facts else []
    if not rows:
        return None
    row = rows[0]
    return Decision(row["grade"], row["by"], str(row["day"]), row["minutes"])
