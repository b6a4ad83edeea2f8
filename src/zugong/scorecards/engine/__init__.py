"""The engine of scorecards: freeze facts, score, digest, explain. No Django, and no live database.

Importing this is cheap; Ibis, DuckDB and Arrow are loaded by the first run that needs them.
"""

from pathlib import Path

from zugong.scorecards.engine.explaining import Counted, Explanation, counted, explain, weakest
from zugong.scorecards.engine.folder import Run, altered, digest, freeze, frozen, open_run
from zugong.scorecards.engine.outcome import CellState, Outcome, State, Tie
from zugong.scorecards.engine.plan import Plan, plan
from zugong.scorecards.engine.trying import Firmness, Move, Trial, attempt, firmness, reweighted


def score(folder: Path) -> Outcome:
    """Compute a frozen run and write its results; see `scoring.score`."""
    from zugong.scorecards.engine import scoring

    return scoring.score(folder)


def rescore(folder: Path, group: str, into: Path) -> Outcome:
    """Compute one comparison group of a frozen run; see `scoring.rescore`."""
    from zugong.scorecards.engine import scoring

    return scoring.rescore(folder, group, into)


__all__ = [
    "CellState",
    "Counted",
    "Explanation",
    "Firmness",
    "Move",
    "Outcome",
    "Plan",
    "Run",
    "State",
    "Tie",
    "Trial",
    "altered",
    "attempt",
    "counted",
    "digest",
    "explain",
    "firmness",
    "freeze",
    "frozen",
    "open_run",
    "plan",
    "rescore",
    "reweighted",
    "score",
    "weakest",
]
