"""What a run came to: counts, verdicts of the quotas, ties that wait for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from zugong.scorecards.methods import Said, marks
from zugong.scorecards.rules import Base, Bound, Quota, Rounding, Verdict


class State(StrEnum):
    """How a unit came to its grade, or why it has none."""

    RATED = "rated"
    DECIDED = "decided"
    TIED = "tied"
    VETOED = "vetoed"
    NOT_ELIGIBLE = "not-eligible"
    INCOMPLETE = "incomplete"
    UNGRADED = "ungraded"
    UNDECIDED = "undecided"


class CellState(StrEnum):
    """Whether an indicator could be judged, and if not, why not."""

    JUDGED = "judged"
    NOTHING_DUE = "nothing-due"
    MISSING = "missing"
    UNSET = "unset"


STATES = {
    State.RATED: Said("按得分定等", "graded by its marks"),
    State.DECIDED: Said("审定，不是计算所得", "decided, not computed"),
    State.TIED: Said("分数线上同分，待审定", "tied at a cut-off, to be decided"),
    State.VETOED: Said("一票否决", "vetoed"),
    State.NOT_ELIGIBLE: Said("不具备参评资格", "not eligible"),
    State.INCOMPLETE: Said("缺项，总分未定", "incomplete, total not known"),
    State.UNGRADED: Said("没有可用的等次规则", "no rule gives a grade"),
    State.UNDECIDED: Said("待审定", "to be decided"),
}
CELL_STATES = {
    CellState.JUDGED: Said("已评", "judged"),
    CellState.NOTHING_DUE: Said("没有应办事项，不评", "nothing was due, not judged"),
    CellState.MISSING: Said("缺数据或缺评分", "a figure or a rating is missing"),
    CellState.UNSET: Said("规则不完整", "rule set incomplete"),
}


@dataclass(frozen=True)
class Tie:
    """Units with equal marks across a cut-off: a person decides among them."""

    group: str
    total: int
    units: tuple[str, ...]

    @property
    def sentence(self) -> Said:
        """Say it in words."""
        return Said(
            f"{len(self.units)} 个单位同为 {marks(self.total)} 分，跨在等次线上，须由人审定",
            f"{len(self.units)} units with {marks(self.total)} marks lie across a cut-off: a person decides",
        )


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `grades` and `states` count units; a grade of None is none yet."""

    day: date
    units: int
    grades: Mapping[str, int]
    states: Mapping[str, int]
    verdicts: tuple[Verdict, ...]
    ties: tuple[Tie, ...]

    @property
    def complete(self) -> bool:
        """Whether every unit has its grade or is not rated by rule."""
        open_ = (State.TIED, State.INCOMPLETE, State.UNGRADED, State.UNDECIDED)
        return not any(self.states.get(state, 0) for state in open_)

    def write(self, folder: Path) -> None:
        """Write it beside the results."""
        data = {**asdict(self), "day": self.day.isoformat()}
        text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "outcome.json").write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Outcome:
        """Read it back. Raises FileNotFoundError for a run that is frozen but not scored."""
        data: dict[str, Any] = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
        return cls(
            **{
                **data,
                "day": date.fromisoformat(data["day"]),
                "verdicts": tuple(
                    Verdict(**{**each, "quota": quota_back(each["quota"])}) for each in data["verdicts"]
                ),
                "ties": tuple(Tie(**{**each, "units": tuple(each["units"])}) for each in data["ties"]),
            }
        )


def quota_back(data: Mapping[str, Any]) -> Quota:
    """Read a quota back from plain data."""
    kinds = {"bound": Bound(data["bound"]), "rounding": Rounding(data["rounding"]), "of": Base(data["of"])}
    return Quota(**{**data, **kinds})
