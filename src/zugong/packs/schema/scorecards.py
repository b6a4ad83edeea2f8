"""Scorecards: freeze facts, score, grade, rank, explain. Marks are integers in thousandths."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from zugong.packs.dated import Dated, Strict
from zugong.packs.schema.common import Entry, Item, Labelled, Name, Number, Rhythm
from zugong.packs.selectors import Selector


class Band(Strict):
    """One step of a banded indicator: from this figure on, so many marks."""

    from_: int = Field(
        alias="from", description="the figure from which the band holds, in the measure's unit"
    )
    marks: int = Field(description="thousandths")


class Method(Strict):
    """How marks follow from figures: one word of the closed vocabulary, with its figures."""

    method: Literal["ratio", "banded", "deduction", "bonus", "checklist", "rated"]
    done: str = Field(default="", description="ratio: the measure of what was done")
    due: str = Field(
        default="", description="ratio: the measure of what was due; nothing due is nothing to judge"
    )
    figure: str = Field(
        default="", description="banded, deduction, bonus, checklist: the measure that is read"
    )
    bands: Dated[list[Band]] = Field(
        default_factory=Dated[list[Band]], description="banded: steps in rising order"
    )
    each: Number = Field(default_factory=Number, description="deduction, bonus: thousandths per case")
    items: int | None = Field(default=None, description="checklist: how many items there are to fulfil")
    raters: dict[str, Number] = Field(
        default_factory=dict, description="rated: rater → weight, the weights of those set total 100"
    )


class Indicator(Labelled):
    """指标: what is looked at, how marks follow, what they are worth."""

    id: Name
    layer: Literal["common", "class", "model"] = Field(default="common", description="共同、分类、示范标准")
    classes: list[str] = Field(
        default_factory=list, description="class layer: the organisation classes it applies to"
    )
    full: Number = Field(
        default_factory=Number, description="full marks, thousandths; empty: rule set incomplete"
    )
    by: Method
    clause: str = ""
    source: str = ""


class Veto(Item):
    """A fact that takes the grade away altogether."""

    figure: str = Field(description="the measure: any count above nothing speaks")
    grade: str = Field(default="not-rated", description="what is then given")


class Cap(Item):
    """A negative-list hit that caps the grade. It must come from an upheld finding."""

    figure: str
    caps: str = Field(description="the best grade still possible")


class CapList(Strict):
    """The negative list, with the slots its source leaves empty."""

    slots: int | None = None
    items: list[Cap] = Field(default_factory=list)


class Quota(Strict):
    """So many of a grade: a share with bound, base and rounding, all stored with the result."""

    grade: str
    share: Number = Field(default_factory=Number, description="thousandths of the base")
    bound: Literal["at_least", "at_most", "exactly"] = "at_most"
    rounding: Literal["floor", "ceiling", "half_up"] = "floor"
    of: Literal["rated", "all"] = "all"


class Grades(Strict):
    """等次: the scale, best first, and how a grade is reached."""

    scale: list[str] = Field(description="best first")
    words: dict[str, str] = Field(default_factory=dict, description="Chinese of each grade")
    english_words: dict[str, str] = Field(default_factory=dict, description="English of each grade")
    not_rated: bool = Field(default=False, description="a unit can end 不予评定")
    thresholds: Dated[dict[str, int]] = Field(
        default_factory=Dated[dict[str, int]], description="grade → marks from which it is given, thousandths"
    )
    quotas: list[Quota] = Field(default_factory=list)
    ties: Literal["shown", "by-indicator"] = Field(
        default="shown",
        description="a tie at a cut-off: a person decides and is recorded, or an indicator does",
    )
    tie_indicator: str = ""


class Rater(Strict):
    """One rater in the chain: self, mutual, decide."""

    stage: Literal["self", "mutual", "decide"]
    role: str = Field(description="the role that rates")


def _rater(given: Any) -> Any:
    if isinstance(given, dict) and len(given) == 1:
        ((stage, role),) = given.items()
        return {"stage": stage, "role": role}
    return given


class Scorecard(Entry):
    """评分表: about whom, how often, which indicators, which grades."""

    about: Selector
    group: Literal["county", "township", "class"] = Field(
        default="county", description="the group inside which ranks run"
    )
    every: Rhythm
    raters: list[Annotated[Rater, BeforeValidator(_rater)]] = Field(default_factory=list)
    slots: int | None = Field(default=None, description="how many indicators the source names")
    indicators: list[Indicator] = Field(default_factory=list)
    decided: bool = Field(
        default=False, description="grades may be decided without a score, and are shown as decided"
    )
    eligible: list[Item] = Field(default_factory=list)
    vetoes: list[Veto] = Field(default_factory=list)
    negative_list: CapList = Field(default_factory=CapList)
    grades: Grades
    notice_days: Number = Field(
        default_factory=Number, description="days of objection before a list is final"
    )
