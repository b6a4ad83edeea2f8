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
        counted = desk.keep("figures", figures(desk))
        desk.write("cells", marking.cells(counted, plan))
        totals = desk.keep("totals", marking.totals(counted, plan))
        grading.refuse_forbidden(desk, totals)
        desk.write("results", grading.results(desk, totals))
        outcome = grading.outcome(desk)
    finally:
        desk.close()
    outcome.write(folder)
    return outcome
