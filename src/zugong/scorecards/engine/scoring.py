"""Freeze, then score: from the facts of a run to cells and results, on DuckDB, without the live database.

facts ▶ figures ▶ cells ▶ totals ▶ places ▶ grades
"""

from __future__ import annotations

from pathlib import Path

from zugong.scorecards.engine import grading, marking
from zugong.scorecards.engine.desk import Desk
from zugong.scorecards.engine.figures import figures
from zugong.scorecards.engine.folder import open_run
from zugong.scorecards.engine.outcome import Outcome


def score(folder: Path) -> Outcome:
    """Compute a frozen run and write its results beside its facts; the same facts give the same rows anywhere.

    Raises Refused where a recorded decision gives a grade that a veto or a cap of the card forbids.
    """
    desk = Desk(open_run(folder))
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
    outcome.write(folder)
    return outcome
