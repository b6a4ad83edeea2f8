"""Freeze, then score: from the facts of a run to cells and results, without the live database.

facts ▶ figures ▶ cells ▶ totals ▶ places ▶ grades
"""

from __future__ import annotations

from pathlib import Path

from zugong.core.errors import Refused
from zugong.scorecards.engine import grading, marking
from zugong.scorecards.engine.desk import Desk
from zugong.scorecards.engine.figures import figures
from zugong.scorecards.engine.folder import UNITS, open_run
from zugong.scorecards.engine.outcome import Outcome


def score(folder: Path) -> Outcome:
    """Compute a frozen run and write its results beside its facts; the same facts give the same rows anywhere.

    Raises Refused where a recorded decision gives a grade that a veto or a cap of the card forbids.
    """
    return score_on(Desk(open_run(folder)))


def rescore(folder: Path, group: str, into: Path) -> Outcome:
    """Compute one comparison group of a frozen run and write its rows into another folder, which it makes.

    Marks depend on the unit, ranks and grades on the group: the rows are those that the whole run gives the group.
    Raises Refused as `score` does, and for a group without units.
    """
    desk = Desk(open_run(folder), group=group, into=into)
    (units,) = desk.rows(desk.facts(UNITS).aggregate(units=lambda table: table.count()))
    if not units["units"]:
        desk.close()
        raise Refused("这次评定里没有“{group}”这一组", group=group)
    into.mkdir(parents=True, exist_ok=True)
    return score_on(desk)


def score_on(desk: Desk) -> Outcome:
    """Compute what lies on a desk, write it where the desk says, and close the desk."""
    plan = desk.run.plan
    try:
        counted = desk.keep("figures", lambda: figures(desk))
        desk.write("cells", lambda: marking.cells(counted, plan))
        totals = desk.keep("totals", lambda: marking.totals(counted, plan))
        grading.refuse_forbidden(desk, totals)
        laid = grading.laid_bounds(desk, totals) if plan.quotas else None
        desk.write("results", lambda: grading.results(plan, totals, laid))
        outcome = grading.outcome(desk)
    finally:
        desk.close()
    outcome.write(desk.into)
    return outcome
