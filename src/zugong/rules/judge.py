"""Facts → situations, unless an exclusion, if the conditions hold → a verdict with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zugong.core.sentences import Sentence
from zugong.packs.schema.rules import Row, Rows, Table
from zugong.rules import guards
from zugong.rules.verdict import INCOMPLETE, Reason, Verdict


def judge(table: Table, facts: Mapping[str, Any]) -> Verdict:
    """Judge facts by a table. An unknown fact or an empty line that could have mattered answers `incomplete`."""
    applies, refused = table.answer[0], table.answer[1]
    excluded, maybe_excluded = _speaking(table.exclusions, facts, "exclusion")
    if excluded:
        return Verdict(table.name, refused, tuple(excluded))
    rows, unknown = _matching(table, facts)
    if not rows and not unknown:
        verdict = _without_situation(table)
        matters = maybe_excluded and verdict.answer != refused
        return Verdict(table.name, INCOMPLETE, tuple(maybe_excluded)) if matters else verdict
    failed, unsure = _conditions(table.conditions, facts)
    if failed and (_surely(table, facts) or _without_situation(table).answer == refused):
        return Verdict(table.name, refused, tuple(failed))
    if doubts := [*maybe_excluded, *unknown, *(() if failed else unsure)]:
        return Verdict(table.name, INCOMPLETE, tuple(doubts))
    reasons = tuple(_reason("situation", row) for row in rows)
    return Verdict(table.name, applies, reasons, tuple(row.then for row in rows))


def _matching(table: Table, facts: Mapping[str, Any]) -> tuple[list[Row], list[Reason]]:
    """Return the rows that match, as `pick` says, and the unknown ones that could have."""
    found: list[Row] = []
    for row in table.situations.items:
        answer = guards.holds(row.when, facts)
        if answer is None:
            return [], [_reason("unknown", row)]
        if answer:
            found.append(row)
            if table.pick == "first":
                return found, []
    if table.pick == "only" and len(found) > 1:
        return [], [_reason("unknown", row) for row in found]
    return found, []


def _surely(table: Table, facts: Mapping[str, Any]) -> bool:
    """Say whether some situation matches, even where it is unknown which speaks."""
    return any(guards.holds(row.when, facts) for row in table.situations.items)


def _without_situation(table: Table) -> Verdict:
    """No line fits: what the table says then; where slots are empty, one of them might have fitted."""
    if table.situations.empty:
        empty = Reason(
            "empty", "", Sentence("另有 {count} 种情形文件列明而尚未录入", count=table.situations.empty)
        )
        return Verdict(table.name, INCOMPLETE, (empty,))
    return Verdict(table.name, table.otherwise)


def _speaking(rows: Rows, facts: Mapping[str, Any], part: str) -> tuple[list[Reason], list[Reason]]:
    spoke, unsure = _sorted_out(rows.items, facts, wanted=True, part=part)
    if not spoke and rows.empty:
        unsure.append(Reason("empty", "", Sentence("另有 {count} 项文件列明而尚未录入", count=rows.empty)))
    return spoke, unsure


def _conditions(rows: Rows, facts: Mapping[str, Any]) -> tuple[list[Reason], list[Reason]]:
    """Return the conditions that fail and those that are unknown. Without `all`, one that holds is enough."""
    failed, unsure = _sorted_out(rows.items, facts, wanted=False, part="condition")
    if rows.items and not rows.all and len(failed) + len(unsure) < len(rows.items):
        return [], []
    if rows.empty and not (rows.all and failed):
        unsure.append(
            Reason("empty", "", Sentence("另有 {count} 项条件文件列明而尚未录入", count=rows.empty))
        )
    if not rows.all and unsure:
        return [], unsure  # one of them, or one that is not entered yet, might hold
    return failed, unsure


def _sorted_out(
    rows: Iterable[Row], facts: Mapping[str, Any], *, wanted: bool, part: str
) -> tuple[list[Reason], list[Reason]]:
    """Split rows into those whose guard answers `wanted`, and those nobody can answer."""
    answers = [(row, guards.holds(row.when, facts)) for row in rows]
    spoke = [_reason(part, row) for row, answer in answers if answer is wanted]
    return spoke, [_reason("unknown", row) for row, answer in answers if answer is None]


def _reason(part: str, row: Row) -> Reason:
    return Reason(part, row.id, row.label, row.clause, row.english)
