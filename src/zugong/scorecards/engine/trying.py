"""What if: the same frozen facts under another card, and how firmly a grade stands when weights move a little.

A trial writes nothing into the run: it scores the other card on the frozen facts in a folder that goes away.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from zugong.scorecards.engine.folder import Run, frozen, open_run, refuse_unfit
from zugong.scorecards.engine.outcome import CellState, Outcome
from zugong.scorecards.engine.plan import Indicator, Plan

DRAWS = 1000
NARROWEST, WIDEST = 900_000, 1_100_000  # each weight × U(0.9, 1.1), in millionths

Key = tuple[str, str]  # a part of a card: its kind and its id
LISTS = {"indicator": "indicators", "eligible": "eligible", "veto": "vetoes", "cap": "caps"}
SINGLE = {"out-of": "out_of", "tie": "tie_indicator", "scale": "scale", "not-rated": "not_rated"}
WORDING = {"label", "english", "clause", "source"}  # what may change without changing a rule


@dataclass(frozen=True)
class Change:
    """A part of the card that differs: what it is called, what it was and what it would be (None: not there)."""

    kind: str
    id: str
    label: str
    english: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Move:
    """A unit whose grade would be another. `alone`: the changes each of which would move it by itself."""

    unit: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    alone: tuple[Change, ...]


@dataclass(frozen=True)
class Trial:
    """What another card would make of the same facts."""

    plan: Plan
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    ranks_moved: int
    outcome: Outcome


@dataclass(frozen=True)
class Firmness:
    """How a unit's rank spreads over the draws, and in how many of a thousand draws it keeps its grade."""

    best: int
    median: int
    worst: int
    kept: int


# --- Another card -------------------------------------------------------------------


def reweighted(
    plan: Plan, weights: Mapping[str, int], thresholds: Mapping[str, int], shares: Mapping[str, int]
) -> Plan:
    """Return the card with other full marks by indicator, cut-offs by grade (thousandths), quotas by grade (‰)."""
    return replace(
        plan,
        indicators=tuple(
            each if weights.get(each.id, each.full) == each.full else replace(each, weight=weights[each.id])
            for each in plan.indicators
        ),
        thresholds=tuple((grade, thresholds.get(grade, marks)) for grade, marks in plan.thresholds),
        quotas=tuple(replace(each, share=shares.get(each.grade, each.share)) for each in plan.quotas),
    )


def attempt(folder: Path, after: Plan) -> Trial:
    """Score the frozen facts of a run under another card; say who would move, and by which rule.

    Raises Refused where the card asks for facts that the run did not freeze.
    """
    run = open_run(folder)
    after = _on_the_same_marks(run.plan, replace(after, day=run.plan.day))
    differ = changes(run.plan, after)
    before, (then, outcome) = _results(folder), _scored(run, after)
    moved = _moved(before, then)
    alone = {each: _moved_by(run, after, each, before) for each in differ} if moved else {}
    return Trial(
        plan=after,
        changes=differ,
        moves=tuple(
            Move(unit, before[unit], then[unit], tuple(each for each in differ if unit in alone[each]))
            for unit in sorted(moved, key=lambda unit: (then[unit]["rank"] or len(then) + 1, unit))
        ),
        ranks_moved=sum(row["rank"] != before[unit]["rank"] for unit, row in then.items()),
        outcome=outcome,
    )


def changes(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Return the parts in which the rules of two cards differ, in the order of the second; wording is no rule."""
    was, would = _parts(before), _parts(after)
    return tuple(
        Change(*key, *_called(key[1], was.get(key), would.get(key)), was.get(key), would.get(key))
        for key in dict.fromkeys((*would, *was))
        if _rule(was.get(key)) != _rule(would.get(key))
    )


def mixed(before: Plan, after: Plan, chosen: Collection[Key]) -> Plan:
    """Return the first card with the chosen parts of the second."""
    was, would = _parts(before), _parts(after)
    parts = {key: (would if key in chosen else was).get(key) for key in dict.fromkeys((*was, *would))}
    # A part may read a measure that only the other card has.
    parts |= {key: part for key, part in would.items() if key[0] == "measure" and parts[key] is None}

    def all_of(kind: str) -> tuple[Any, ...]:
        return tuple(part for (word, _), part in parts.items() if word == kind and part is not None)

    taken: dict[str, Any] = {field: all_of(kind) for kind, field in LISTS.items()}
    taken |= {field: parts[kind, ""] for kind, field in SINGLE.items()}
    return replace(
        before,
        **taken,
        measures=tuple(sorted(all_of("measure"), key=lambda each: each.name)),
        thresholds=all_of("threshold"),
        quotas=all_of("quota"),
    )


def _parts(plan: Plan) -> dict[Key, Any]:
    """Take a card apart; a cut-off is known by its grade, a quota by its grade and bound."""
    parts: dict[Key, Any] = {
        (kind, each.id): each for kind, field in LISTS.items() for each in getattr(plan, field)
    }
    parts |= {("measure", each.name): each for each in plan.measures}
    parts |= {("threshold", grade): (grade, marks) for grade, marks in plan.thresholds}
    parts |= {("quota", f"{each.grade} {each.bound.value}"): each for each in plan.quotas}
    return parts | {(kind, ""): getattr(plan, field) for kind, field in SINGLE.items()}


def _rule(part: Any) -> Any:
    """Return a part without its wording."""
    if not is_dataclass(part) or isinstance(part, type):
        return part
    worded: Any = {field.name: "" for field in fields(part) if field.name in WORDING}
    return replace(part, **worded)


def _called(id: str, before: Any, after: Any) -> tuple[str, str]:
    part = before if after is None else after
    label = getattr(part, "label", "") or id
    return label, getattr(part, "english", "") or label


def _on_the_same_marks(before: Plan, after: Plan) -> Plan:
    """Bring marks that people gave out of the old full marks to the new ones."""
    was = {each.id: each for each in before.indicators}

    def brought(each: Indicator) -> Indicator:
        old = was.get(each.id)
        if not (old and old.method and each.method and old.word == each.word == "rated"):
            return each
        method: Any = each.method
        weight = each.full if each.full != old.full else old.weight
        return replace(each, method=replace(method, full=old.method.full), weight=weight)

    return replace(after, indicators=tuple(brought(each) for each in after.indicators))


def _moved_by(run: Run, after: Plan, change: Change, before: Mapping[str, Any]) -> frozenset[str]:
    then, _ = _scored(run, mixed(run.plan, after, {(change.kind, change.id)}))
    return _moved(before, then)


def _moved(before: Mapping[str, Any], then: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(unit for unit, row in then.items() if row["grade"] != before[unit]["grade"])


def _scored(run: Run, plan: Plan) -> tuple[dict[str, dict[str, Any]], Outcome]:
    from zugong.scorecards.engine import scoring

    refuse_unfit(frozen(run), plan)
    with tempfile.TemporaryDirectory(prefix="zugong-trial-") as place:
        trial = Path(place)
        (trial / "facts").symlink_to((run.folder / "facts").resolve())
        data = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
        text = json.dumps({**data, "card": plan.to_json()}, ensure_ascii=False)
        (trial / "run.json").write_text(text, encoding="utf-8")
        outcome = scoring.score(trial)
        return _results(trial), outcome


def _results(folder: Path) -> dict[str, dict[str, Any]]:
    import pyarrow.parquet as pq

    return {row["unit"]: row for row in pq.read_table(folder / "results.parquet").to_pylist()}


# --- How firmly ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Standing:
    """A ranked unit: its marks by indicator and, of those that were judged, the full marks; what it gets besides."""

    unit: str
    group: str
    grade: str | None
    decided: bool
    allowed: int  # the best place that the caps which spoke leave
    parts: Mapping[str, tuple[int, int]]
    bonus: int


def firmness(folder: Path, *, seed: int, draws: int = DRAWS) -> dict[str, Firmness]:
    """Move each weight by up to a tenth, `draws` times, and rescale to the same total; return what becomes of each rank.

    Units without a rank are left out. The same seed gives the same draws.
    """
    plan = open_run(folder).plan
    standings = _standings(folder, plan)
    everyone = _everyone(folder)
    random = Random(seed)  # noqa: S311 - draws that anybody can draw again
    ranks: defaultdict[str, list[int]] = defaultdict(list)
    kept: defaultdict[str, int] = defaultdict(int)
    for _ in range(draws):
        drawn = {each.id: random.randint(NARROWEST, WIDEST) for each in plan.indicators if not each.adds}
        for group, members in standings.items():
            for each, rank, grade in _redrawn(plan, members, everyone[group], drawn):
                ranks[each.unit].append(rank)
                kept[each.unit] += each.decided or grade == each.grade
    return {
        unit: Firmness(min(found), sorted(found)[len(found) // 2], max(found), kept[unit] * 1000 // draws)
        for unit, found in ranks.items()
    }


def _standings(folder: Path, plan: Plan) -> dict[str, list[_Standing]]:
    import pyarrow.parquet as pq

    adds = {each.id for each in plan.indicators if each.adds}
    cells: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in pq.read_table(folder / "cells.parquet").to_pylist():
        if row["state"] == CellState.JUDGED.value:
            cells[row["unit"]][row["indicator"]] = (row["marks"], row["full"])
    caps = {f"cap:{hit.id}": plan.scale.index(hit.grade) + 1 for hit in plan.caps}
    found: defaultdict[str, list[_Standing]] = defaultdict(list)
    for unit, row in _results(folder).items():
        if row["rank"] is None:
            continue
        parts = cells[unit]
        found[row["group"]].append(
            _Standing(
                unit=unit,
                group=row["group"],
                grade=row["grade"],
                decided=bool(row["decided"]),
                allowed=max((caps.get(word, 1) for word in (row["reasons"] or "").split()), default=1),
                parts={id: part for id, part in parts.items() if id not in adds},
                bonus=sum(marks for id, (marks, _) in parts.items() if id in adds),
            )
        )
    return dict(found)


def _everyone(folder: Path) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for row in _results(folder).values():
        found[row["group"]] += 1
    return dict(found)


def _redrawn(
    plan: Plan, members: Sequence[_Standing], everyone: int, drawn: Mapping[str, int]
) -> Iterator[tuple[_Standing, int, str | None]]:
    """Yield each member with its rank and grade under one draw of the weights."""
    totals = {each.unit: _total(plan, each, drawn) for each in members}
    settles = {each.unit: each.parts.get(plan.tie_indicator, (-1, 0))[0] for each in members}
    places = _places(plan, totals, settles, everyone)
    ordered = sorted(totals.values(), reverse=True)
    ranks: dict[int, int] = {}
    for rank, total in enumerate(ordered, 1):
        ranks.setdefault(total, rank)
    for each in members:
        place = places[each.unit]
        grade = plan.scale[max(place, each.allowed) - 1] if place else None
        yield each, ranks[totals[each.unit]], grade


def _total(plan: Plan, each: _Standing, drawn: Mapping[str, int]) -> int:
    regular = sum(marks * drawn[id] for id, (marks, _) in each.parts.items())
    if plan.out_of is not None:
        to, full = plan.out_of, sum(part * drawn[id] for id, (_, part) in each.parts.items())
    else:
        to = sum(one.full for one in plan.indicators if not one.adds)
        full = sum(one.full * drawn[one.id] for one in plan.indicators if not one.adds)
    return (2 * regular * to + full) // (2 * full) + each.bonus if full else each.bonus


def _places(
    plan: Plan, totals: Mapping[str, int], settles: Mapping[str, int], everyone: int
) -> dict[str, int | None]:
    """Return each unit's place on the scale, as `grading` does in its tables; None for a tie across a bound."""
    from zugong.scorecards.engine.grading import Group, bounds

    reached = {
        place: sum(total >= marks for total in totals.values())
        for place, marks in plan.threshold_marks.items()
    }
    if not plan.quotas:
        return {unit: _by_marks(plan, total) for unit, total in totals.items()}
    limits = bounds(plan, Group(everyone, len(totals), reached))
    key = {unit: (total, settles[unit]) for unit, total in totals.items()}
    first: dict[tuple[int, int], int] = {}
    last: dict[tuple[int, int], int] = {}
    for number, at in enumerate(sorted(key.values(), reverse=True), 1):
        first.setdefault(at, number)
        last[at] = number
    return {unit: _within(limits, first[at], last[at]) for unit, at in key.items()}


def _by_marks(plan: Plan, total: int) -> int | None:
    if not plan.thresholds:
        return None
    lowest = len(plan.scale)
    for place, marks in sorted(plan.threshold_marks.items()):
        if total >= marks:
            return place
    return lowest if lowest not in plan.threshold_marks else None


def _within(limits: Sequence[int], first: int, last: int) -> int | None:
    for place, bound in enumerate(limits, 1):
        if last <= bound:
            return place
        if first <= bound:
            return None
    return None
