"""Ranks, places and grades inside the comparison groups.

Rated units stand in the order of their totals. Thresholds say how many reach each grade, quotas move those bounds, and
a unit has the grade into whose bounds its place falls. A tie across a bound belongs to neither side: it is shown, and
settled by the card's tie indicator or by a person. A quota on the last grade counts from the bottom. A place that a
cap takes away is passed on to nobody: the verdict shows the gap, and people decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from zugong.core.errors import Refused
from zugong.scorecards.engine.outcome import Outcome, State, Tie
from zugong.scorecards.engine.plan import Plan
from zugong.scorecards.rules import NOT_RATED, Verdict

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import IntegerValue

    from zugong.scorecards.engine.desk import Desk


@dataclass(frozen=True)
class Group:
    """A comparison group in numbers: all, those rated, and how many reach each threshold (by place)."""

    everyone: int
    rated: int
    reached: Mapping[int, int]


def bounds(plan: Plan, group: Group) -> list[int]:
    """Return for each grade of the scale, best first, the last place that still has it or a better one."""
    found: list[int] = []
    bound = 0
    for place, grade in enumerate(plan.scale, 1):
        natural = max(_reached(plan, group, place, bound), bound) - bound
        if place < len(plan.scale):
            natural = _bounded(plan, group, grade, natural)
        bound = min(bound + natural, group.rated)
        found.append(bound)
    return _from_below(plan, group, found)


def _reached(plan: Plan, group: Group, place: int, bound: int) -> int:
    """How many qualify for a grade or a better one. Without a threshold: all, if a quota limits it or none is lower."""
    if place in group.reached:
        return group.reached[place]
    limited = any(quota.grade == plan.scale[place - 1] for quota in plan.quotas)
    return group.rated if limited or place == len(plan.scale) else bound


def _bounded(plan: Plan, group: Group, grade: str, natural: int) -> int:
    for quota in plan.quotas:
        if quota.grade == grade:
            natural = quota.bounded(natural, quota.wanted(rated=group.rated, everyone=group.everyone))
    return natural


def _from_below(plan: Plan, group: Group, found: list[int]) -> list[int]:
    *upper, lowest = found
    natural = lowest - upper[-1]
    wanted = min(_bounded(plan, group, plan.scale[-1], natural), lowest)
    if wanted == natural:
        return found
    start = lowest - wanted
    return [*(min(bound, start) for bound in upper[:-1]), start, lowest]


def refuse_forbidden(desk: Desk, totals: Table) -> None:
    """Refuse a recorded decision that gives what a veto, a cap or missing eligibility takes away."""
    plan = desk.run.plan
    for row in desk.answer("forbidden", lambda: _forbidden(totals, plan)):
        spoke = {f"{word}:{hit.id}": hit for word, hits in plan.hits.items() for hit in hits}
        hit = next(spoke[reason] for reason in row["reasons"].split() if reason in spoke)
        raise Refused(
            "“{unit}”不能评为“{grade}”：{hit}",
            unit=row["unit"],
            grade=row["decision"],
            hit=hit if hit.label else hit.id,
            clause=hit.clause,
        )


def _forbidden(totals: Table, plan: Plan) -> Table:
    decided = _place(totals.decision, plan)
    forbidden = ibis.or_(
        (decided < totals.cap),
        (totals.state == State.VETOED.value) & (totals.decision != totals.veto),
        (totals.state == State.NOT_ELIGIBLE.value) & (totals.decision != NOT_RATED),
    )
    return totals.filter(forbidden).select("unit", "decision", "reasons").order_by("unit").limit(1)


def results(plan: Plan, totals: Table, laid: Table | None) -> Table:
    """Return one row per unit. The grade: a recorded decision, else a veto's, else the place's, as caps allow.

    `laid` holds the bounds of each group, where the card has quotas.
    """
    placed = _placed(plan, totals, laid)
    place = (placed.cap > placed.place).ifelse(placed.cap, placed.place)
    computed = ibis.cases(
        (placed.state == State.VETOED.value, placed.veto),
        (
            placed.state == State.NOT_ELIGIBLE.value,
            ibis.literal(NOT_RATED if plan.not_rated else None, "string"),
        ),
        *((place == number, ibis.literal(grade)) for number, grade in enumerate(plan.scale, 1)),
        else_=ibis.null("string"),
    )
    decided = placed.decision.notnull()
    state = ibis.cases(
        (decided, State.DECIDED.value),
        (placed.tied == 1, State.TIED.value),
        ((placed.state == State.RATED.value) & placed.place.isnull(), State.UNGRADED.value),
        else_=placed.state,
    )
    return placed.select(
        "unit",
        "group",
        "total",
        "known",
        "full",
        "rank",
        grade=decided.ifelse(placed.decision, computed),
        computed=computed,
        decided=decided.cast("int64"),
        state=state,
        reasons=placed.reasons,
    )


def _placed(plan: Plan, totals: Table, laid: Table | None) -> Table:
    """Add rank, place on the scale, and whether a tie lies across a bound."""
    rated = totals.state == State.RATED.value
    mates = ibis.window(group_by=[totals["group"], totals.state], order_by=[ibis.desc(totals.total)])
    ranked = totals.mutate(rank=rated.ifelse(ibis.rank().over(mates) + 1, None))
    if laid is None:
        # Without quotas the marks alone say the grade, and equal marks never part.
        return ranked.mutate(place=_by_threshold(ranked, plan), tied=ibis.literal(0, "int64"))
    return _by_bounds(ranked, laid, plan)


def _by_threshold(ranked: Table, plan: Plan) -> IntegerValue:
    """Return the best place whose threshold is reached; the last grade needs none. No thresholds: no place."""
    if not plan.thresholds:
        return ibis.null("int64")
    rated, lowest = ranked.state == State.RATED.value, len(plan.scale)
    branches = [(rated & (ranked.total >= marks), place) for place, marks in plan.threshold_marks.items()]
    if lowest not in plan.threshold_marks:
        branches.append((rated, lowest))
    return ibis.cases(*branches, else_=ibis.null("int64"))


def _by_bounds(ranked: Table, laid: Table, plan: Plan) -> Table:
    among = [ranked["group"], ranked.state]
    ordered = ibis.window(group_by=among, order_by=[ibis.desc(ranked.total), ibis.desc(ranked.settles)])
    alike = ibis.window(group_by=[*among, ranked.total, ranked.settles])
    spanned = ranked.mutate(
        first=ibis.rank().over(ordered) + 1 if plan.tie_indicator else ranked["rank"],
        alike=ranked.count().over(alike),
    )
    beside = laid.rename({"group beside": "group"})
    joined = spanned.left_join(beside, spanned["group"] == beside["group beside"])
    rated, last = joined.state == State.RATED.value, joined.first + joined.alike - 1
    branches = []
    for place in range(1, len(plan.scale) + 1):
        bound = joined[f"bound_{place}"]
        branches += [(rated & (last <= bound), place), (rated & (joined.first <= bound), 0)]
    found = joined.select(*ranked.columns, found=ibis.cases(*branches, else_=ibis.null("int64")))
    return found.select(
        *ranked.columns, place=found.found.nullif(0), tied=(found.found == 0).fill_null(False).cast("int64")
    )


def laid_bounds(desk: Desk, totals: Table) -> Table:
    """Count in each group how many reach each threshold, let the quotas move the bounds, and lay them beside."""
    plan = desk.run.plan
    counts = desk.answer("reached", lambda: _counts(totals, plan))
    rows = [{"group": row["group"], **_numbered(bounds(plan, _group(row, plan)))} for row in counts]
    kinds = {f"bound_{place}": "int64" for place in range(1, len(plan.scale) + 1)}
    return desk.lay("bounds", rows, {"group": "string", **kinds})


def _counts(totals: Table, plan: Plan) -> Table:
    rated = totals.state == State.RATED.value
    counts: Table = totals.group_by("group").aggregate(
        everyone=totals.count(),
        rated=totals.count(where=rated),
        **{
            f"reached_{place}": totals.count(where=rated & (totals.total >= marks))
            for place, marks in plan.threshold_marks.items()
        },
    )
    return counts


def _group(row: Mapping[str, int], plan: Plan) -> Group:
    return Group(
        row["everyone"], row["rated"], {place: row[f"reached_{place}"] for place in plan.threshold_marks}
    )


def _numbered(found: list[int]) -> dict[str, int]:
    return {f"bound_{place}": bound for place, bound in enumerate(found, 1)}


def _place(grade: Any, plan: Plan) -> IntegerValue:
    words = [(grade == word, ibis.literal(place, "int64")) for place, word in enumerate(plan.scale, 1)]
    return ibis.cases(*words, else_=ibis.null("int64"))


def outcome(desk: Desk) -> Outcome:
    """Count the results that were written, hold the quotas against them, and list the ties."""
    plan = desk.run.plan
    written = desk.written("results")
    counts = desk.answer(
        "outcome",
        lambda: written.group_by("group", "grade", "state").aggregate(
            rated=_["rank"].count(), units=_.count()
        ),
    )
    tied = desk.answer(
        "tied", lambda: written.filter(_.state == State.TIED.value).select("group", "total", "unit")
    )
    return Outcome(
        day=plan.day,
        units=sum(row["units"] for row in counts),
        grades=_added(counts, "grade", (*plan.scale, NOT_RATED)),
        states=_added(counts, "state", tuple(state.value for state in State)),
        verdicts=tuple(_verdicts(plan, counts)),
        ties=tuple(_ties(tied)),
    )


def _added(counts: list[dict[str, Any]], column: str, words: tuple[str, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in counts:
        found[row[column]] += row["units"]
    return {word: found[word] for word in words}


def _verdicts(plan: Plan, counts: list[dict[str, Any]]) -> Iterator[Verdict]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in counts:
        groups[row["group"]].append(row)
    for group, rows in sorted(groups.items()):
        everyone = sum(row["units"] for row in rows)
        rated = sum(row["rated"] for row in rows) if plan.indicators else _graded(rows, plan)
        for quota in plan.quotas:
            found = sum(row["units"] for row in rows if row["grade"] == quota.grade)
            yield quota.judge(found, rated=rated, everyone=everyone, group=group)


def _graded(rows: list[dict[str, Any]], plan: Plan) -> int:
    """Count those with a grade of the scale: where grades are decided without a score, these are the rated."""
    return sum(row["units"] for row in rows if row["grade"] in plan.scale)


def _ties(tied: list[dict[str, Any]]) -> Iterator[Tie]:
    alike: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in tied:
        alike[row["group"], row["total"]].append(row["unit"])
    for (group, total), units in sorted(alike.items(), key=lambda each: (each[0][0], -each[0][1])):
        yield Tie(group, total, tuple(sorted(units)))
