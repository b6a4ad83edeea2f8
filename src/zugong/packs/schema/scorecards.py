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
        alias="from", description="the figure from which the band holds: a count, or a share in thousandths"
    )
    marks: int = Field(description="thousandths")


class RatioMethod(Strict):
    """完成率: full marks for finishing everything that was due, a share of them otherwise."""

    method: Literal["ratio"] = Field(description="the word of the vocabulary")
    done: Name = Field(description="the measure of what was done")
    due: Name = Field(description="the measure of what was due; nothing due is nothing to judge")


class BandedMethod(Strict):
    """分档: marks by the band into which a figure falls."""

    method: Literal["banded"] = Field(description="the word of the vocabulary")
    figure: Name = Field(description="the measure that is read")
    bands: Dated[list[Band]] = Field(
        default_factory=Dated[list[Band]], description="steps in rising order; below the first, no marks"
    )


class DeductionMethod(Strict):
    """扣分: full marks, less so many for each case, never below nothing."""

    method: Literal["deduction"] = Field(description="the word of the vocabulary")
    figure: Name = Field(description="the measure that is read")
    each: Number = Field(default_factory=Number, description="thousandths taken away for each case")


class BonusMethod(Strict):
    """加分: so many for each proven case, up to full. It adds to the total and not to what can be reached."""

    method: Literal["bonus"] = Field(description="the word of the vocabulary")
    figure: Name = Field(description="the measure of what is claimed")
    proof: Name = Field(description="the measure of those claims that have proof; only these count")
    each: Number = Field(default_factory=Number, description="thousandths for each proven case")


class ChecklistMethod(Strict):
    """清单: a share of full marks for each item fulfilled."""

    method: Literal["checklist"] = Field(description="the word of the vocabulary")
    figure: Name = Field(description="the measure that counts the items fulfilled")
    items: int = Field(gt=0, description="how many items there are to fulfil")


class RatedMethod(Strict):
    """评分: marks that people give, weighted by who gives them."""

    method: Literal["rated"] = Field(description="the word of the vocabulary")
    raters: dict[Literal["self", "mutual", "decide"], Number] = Field(
        description="stage of the chain → weight; the weights total 100, an empty one is rule set incomplete"
    )


Method = Annotated[
    RatioMethod | BandedMethod | DeductionMethod | BonusMethod | ChecklistMethod | RatedMethod,
    Field(discriminator="method", description="how marks follow from figures: one word of the vocabulary"),
]


class Indicator(Labelled):
    """指标: what is looked at, how marks follow, what they are worth."""

    id: Name = Field(description="its name inside the card")
    heading: str = Field(default="", description="the heading it stands under, where the card has headings")
    layer: Literal["common", "class", "model"] = Field(
        default="common", description="共同、分类、示范标准: for all, for some classes, for model candidates"
    )
    classes: list[str] = Field(
        default_factory=list, description="class layer: the organisation classes it applies to"
    )
    full: Number = Field(
        default_factory=Number, description="full marks, thousandths; empty: rule set incomplete"
    )
    by: Method
    clause: str = Field(default="", description="the article that sets it")
    source: str = Field(default="", description="a key of sources.yaml; empty means the card's own source")


class Veto(Item):
    """一票否决: a fact that takes rank and grade away altogether."""

    figure: Name = Field(description="the measure: any count above nothing speaks")
    grade: str = Field(default="not-rated", description="what is then given")


class Cap(Item):
    """A negative-list hit that caps the grade. It must come from an upheld finding."""

    figure: Name = Field(description="the measure: any count above nothing speaks")
    caps: str = Field(description="the best grade still possible")


class CapList(Strict):
    """The negative list, with the slots its source leaves empty."""

    slots: int | None = Field(default=None, description="how many hits the source names")
    items: list[Cap] = Field(default_factory=list, description="those that are named")


class Condition(Item):
    """参评资格: a unit is rated only where this measure counts at least one."""

    figure: Name = Field(description="the measure: a count of nothing means not rated")


class Quota(Strict):
    """So many of a grade: a share with bound, base and rounding, all stored with the result.

    A quota on the last grade counts from the bottom (倒排). An empty share binds nobody.
    """

    grade: str = Field(description="the grade of the scale that is limited")
    share: Number = Field(default_factory=Number, description="thousandths of the base")
    bound: Literal["at_least", "at_most", "exactly"] = Field(
        default="at_most", description="whether the share is a floor, a ceiling, or met exactly"
    )
    rounding: Literal["floor", "ceiling", "half_up"] = Field(
        default="floor", description="how a share of units becomes whole units"
    )
    of: Literal["rated", "all"] = Field(default="all", description="the base: all units, or those rated")


class Grades(Strict):
    """等次: the scale, best first, and how a grade is reached."""

    scale: list[str] = Field(min_length=2, description="best first")
    words: dict[str, str] = Field(default_factory=dict, description="Chinese of each grade")
    english_words: dict[str, str] = Field(default_factory=dict, description="English of each grade")
    not_rated: bool = Field(default=False, description="a unit can end 不予评定")
    thresholds: Dated[dict[str, int]] = Field(
        default_factory=Dated[dict[str, int]], description="grade → marks from which it is given, thousandths"
    )
    quotas: list[Quota] = Field(default_factory=list, description="limits on grades, each with how it is met")
    tie_indicator: str = Field(
        default="",
        description="this indicator's marks settle a tie at a cut-off; empty: a person does, on record",
    )


class Rater(Strict):
    """One rater in the chain: self, mutual, decide."""

    stage: Literal["self", "mutual", "decide"] = Field(description="自评、互评、审定")
    role: str = Field(description="the role that rates")


def _rater(given: Any) -> Any:
    if isinstance(given, dict) and len(given) == 1:
        ((stage, role),) = given.items()
        return {"stage": stage, "role": role}
    return given


class Limit(Strict):
    """How long something stands open. Nothing set: no deadline."""

    working_days: int | None = Field(
        default=None, gt=0, description="working days after the day of the announcement"
    )
    days: int | None = Field(
        default=None, gt=0, description="calendar days; a last day off moves to the next working day"
    )


class Objections(Limit):
    """异议: a case opened from a unit's page; its `opened_by` says who may object."""

    case: Name = Field(description="the kind of case that an objection is")
    upheld: Name = Field(
        default="upheld", description="the outcome of that case which an adjustment can rest on"
    )


class BeforeFinal(Strict):
    """公布之前: who is heard about each unit, how long the result is announced and may be objected to."""

    comment: list[str] = Field(
        default_factory=list, description="roles, seen from the unit, that comment on it: the township"
    )
    reply: str = Field(default="", description="the role that replies for the unit itself")
    within: Limit = Field(
        default_factory=Limit,
        description="how long they have; then their silence is kept as silence. Nothing set: they are waited for",
    )
    notice: Limit | None = Field(
        default=None, description="公示: how long the result is shown before it is final"
    )
    objections: Objections | None = Field(default=None, description="who may object, how, and until when")


class Scorecard(Entry):
    """评分表: about whom, how often, which indicators, which grades.

    A part that is missing makes the total incomplete: it is shown, and neither graded nor ranked, until the
    fact is entered or a named person decides.
    """

    about: Selector = Field(description="what is rated")
    group: Literal["county", "township", "class"] = Field(
        default="county", description="the group inside which ranks and quotas run"
    )
    every: Rhythm = Field(description="how often it is rated")
    raters: list[Annotated[Rater, BeforeValidator(_rater)]] = Field(
        default_factory=list, description="who rates, in order"
    )
    headings: list[Item] = Field(default_factory=list, description="what the indicators are gathered under")
    slots: int | None = Field(
        default=None,
        description="how many indicators the source names; while one of them is not listed every total is incomplete",
    )
    indicators: list[Indicator] = Field(default_factory=list, description="what is looked at")
    models: str = Field(
        default="", description="the roll whose members are held to the model layer as well; empty: nobody is"
    )
    out_of: Number = Field(
        default_factory=Number,
        description="折算: marks are brought from what could be judged to this total, thousandths; "
        "empty: plain sum, and an indicator with nothing to judge leaves the total incomplete",
    )
    decided: bool = Field(
        default=False, description="grades may be decided without a score, and are shown as decided"
    )
    eligible: list[Condition] = Field(default_factory=list, description="who is rated at all")
    vetoes: list[Veto] = Field(default_factory=list, description="facts that take the grade away")
    negative_list: CapList = Field(default_factory=CapList, description="upheld findings that cap the grade")
    grades: Grades = Field(description="the scale, and how a grade is reached")
    before_final: Dated[BeforeFinal] = Field(
        default_factory=Dated[BeforeFinal],
        description="what comes between the decision and the publication; empty: the decision is published at once",
    )
