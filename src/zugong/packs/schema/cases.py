"""A case kind is a list of stages; the moves any stage can take are one table in code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Guard, Labelled, Name, Number
from zugong.packs.selectors import Selector

END = "end"
MERGED = "merged"
WHOLE = 1000  # a share is in thousandths
EVENTS = {
    "opened": ("立项", "opened"),
    "done": ("办结", "done"),
    "withdrawn": ("撤回", "withdrawn"),
    MERGED: ("并案", "merged"),
}


class Escalation(Strict):
    """Who is told when a deadline has passed by so much: level by level, each once. The owner stays."""

    after: Number = Field(
        default_factory=Number, description="working days after the deadline; empty: nobody is told"
    )
    tell: Selector = Field(description="who is told")


class Clock(Strict):
    """How long a stage may take. Nothing set: no deadline, and the page says 未设期限."""

    hours: Number = Field(
        default_factory=Number,
        description="hours after the instant the stage began, nights and days off included",
    )
    working_days: Number = Field(
        default_factory=Number, description="working days after the day the stage began"
    )
    days: Number = Field(
        default_factory=Number, description="calendar days; a last day off moves to the next working day"
    )
    months: Number = Field(default_factory=Number, description="calendar months, clamped at the month's end")
    until: str = Field(
        default="",
        pattern=r"^(year-end|(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$",
        description="`year-end`, or MM-DD of the year the stage began",
    )
    asked: Name | None = Field(
        default=None,
        description="a field of kind day, answered at a stage before: its day is the deadline, whatever is counted; "
        "while it is not answered, or has passed, the other words hold",
    )
    by: Name | None = Field(
        default=None,
        description="a decision table over what has been answered: its verdict says hours, working_days, days or months; "
        "incomplete: the other words hold",
    )
    pausable: bool = Field(default=False, description="may be paused, with reason and end")
    extended_by: str = Field(
        default="",
        description="the role that decides on a later deadline, never whoever is bound by it; empty: nobody",
    )
    remind: Number = Field(
        default_factory=Number, description="working days before the deadline at which the holder is told"
    )
    overdue: Selector | None = Field(default=None, description="who is told when the deadline has passed")
    escalate: list[Escalation] = Field(
        default_factory=list, description="who else is told later, level by level, while it is still not done"
    )
    label: str = Field(default="", description="what the office calls this limit")
    clause: str = Field(default="", description="the article that sets it")
    source: str = Field(default="", description="a key of sources.yaml; empty means the entry's own source")


class Evidence(Strict):
    """Kinds of evidence, so many of which must lie with the stage."""

    any_of: list[Name] = Field(description="activity kinds that count")
    at_least: Number = Field(
        default_factory=Number, description="how many different kinds; empty: none is required"
    )


class Voting(Strict):
    """A vote recorded with the meeting: quorum and majority are shares in thousandths of those who should attend."""

    quorum: Number = Field(
        default_factory=Number, description="attended ÷ should attend, thousandths; empty: any"
    )
    majority: Number = Field(
        default_factory=Number, description="more than this share must be for it, thousandths"
    )
    of: Literal["attended", "should-attend", "voted"] = Field(
        default="should-attend", description="what the majority is a share of"
    )


class Need(Strict):
    """One thing without which a stage cannot be passed; exactly one word is set."""

    field: str = Field(default="", description="an answer to this field")
    vote: Voting | None = Field(default=None, description="the meeting's vote")
    minutes: bool = Field(default=False, description="the meeting's minutes")
    link: str = Field(default="", description="link kind whose cardinalities about this subject must be met")
    evidence: Evidence | None = Field(default=None, description="kinds of evidence lying with the stage")
    verdict: str = Field(default="", description="a decision table must answer its first word")
    standing: str = Field(default="", description="the subject stands on this roll")
    children: str = Field(default="", description="all child cases of this kind have ended")
    drawn: list[Literal["tasks", "cases", "duties", "ties", "things"]] = Field(
        default_factory=list,
        description="the list that the system draws up of what lies with the post it is about, and with whoever held it",
    )

    @property
    def word(self) -> str:
        """Name the one word that is set."""
        return next(word for word in NEEDS if getattr(self, word))


NEEDS = ("field", "vote", "minutes", "link", "evidence", "verdict", "standing", "children", "drawn")


def _need(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given == "vote":
        return {"vote": {}}
    if given == "minutes":
        return {"minutes": True}
    if given.startswith("link.") and given.endswith(".complete"):
        return {"link": given.split(".")[1]}
    if given.startswith("on "):
        return {"standing": given.removeprefix("on ")}
    return {"field": given}


Needs = list[Annotated[Need, BeforeValidator(_need)]]


class Parties(Strict):
    """Several parties inside one stage; what it `needs` is each party's. In order, one paper is handed on."""

    rule: Literal["all", "any", "lead", "n", "in_order"] = Field(
        description="who of them must answer: all, any, the lead (the first), n of them, or all in order"
    )
    names: list[str] = Field(description="roles, in order where that counts")
    n: int | None = Field(default=None, description="rule n: how many")


def _parties(given: Any) -> Any:
    if isinstance(given, dict) and "rule" not in given and len(given) == 1:
        ((rule, names),) = given.items()
        return {"rule": rule, "names": names}
    return given


class Return(Strict):
    """Where a stage may send the case back to, and what it must then say."""

    to: Name = Field(description="an earlier stage")
    needs: Needs = Field(default_factory=list, description="what sending back must say")


class Children(Strict):
    """Cases of another kind that belong to this stage and must end before it is passed."""

    case: Name = Field(description="the kind of the cases that belong to the stage")
    template: list[Labelled] = Field(
        default_factory=list, description="opened with the stage: a list of deliverables"
    )
    for_: Name | None = Field(
        default=None,
        alias="for",
        description="or a field answered at a stage before: one for each organisation or person it names, who holds it",
    )


class Stage(Labelled):
    """One stage: who, where, what it needs, its clock, its outcomes."""

    name: Name = Field(description="the stage's name, unique in the kind")
    body: str = Field(default="", description="the body (a role of names/roles.yaml) that decides")
    role: str = Field(default="", description="the role that does the work")
    parties: Annotated[Parties, BeforeValidator(_parties)] | None = Field(
        default=None, description="or several inside one stage: `{all: [role, role]}`"
    )
    at: str = Field(default="", description="the kind of meeting at which it is decided")
    needs: Needs = Field(default_factory=list, description="without these the stage cannot be passed")
    clock: Clock | None = Field(default=None, description="how long it may take; none: no deadline")
    when: Guard = Field(default="", description="skip the stage unless this holds")
    return_: Return | None = Field(default=None, alias="return", description="退回")
    outcomes: dict[Name, Name] = Field(default_factory=dict, description="outcome → stage, or `end`")
    words: dict[str, str] = Field(
        default_factory=dict, description="Chinese of the outcomes, as buttons say them"
    )
    english_words: dict[str, str] = Field(default_factory=dict, description="English of the outcomes")
    after_clock: list[Name] = Field(
        default_factory=list,
        description="outcomes that may be taken only once the clock has run: a follow-up is over when its term is",
    )
    instead: dict[Name, Needs] = Field(
        default_factory=dict,
        description="what an outcome needs in place of what the stage needs: a refusal its reason",
    )
    gives: Name | None = Field(
        default=None,
        description="a field that this stage asks: who is named there holds the case from now on (the word `holder`)",
    )
    asker: bool = Field(
        default=False,
        description="may also be passed by whoever brought the request, with the receipt's code",
    )
    sample: Number = Field(
        default_factory=Number,
        description="only for this share, in thousandths, drawn by lot when the stage is reached; empty: for all",
    )
    children: Children | None = Field(
        default=None, description="cases that must end before the stage is passed"
    )
    two_people: bool = Field(default=False, description="a second person confirms before it counts")
    not_by: list[Name] = Field(
        default_factory=list, description="stages whose submitter may not pass this one"
    )
    clause: str = Field(default="", description="the article, shown under what must be done next")

    @model_validator(mode="after")
    def _parties_are_several_already(self) -> Self:
        if self.parties and (self.two_people or self.body or self.role):
            raise ValueError("parties: 已经是几方办理，不再写 two_people、body 或 role")
        return self

    @model_validator(mode="after")
    def _what_waits_for_the_clock_has_one(self) -> Self:
        if self.after_clock and self.clock is None:
            raise ValueError("after_clock: 这一环节没有写 clock，没有期限可等")
        return self

    def choice(self, outcome: str) -> Labelled:
        """Return an outcome as buttons say it, in both languages."""
        return Labelled(label=self.words.get(outcome, outcome), english=self.english_words.get(outcome, ""))

    @property
    def every_need(self) -> list[Need]:
        """What the stage asks, however it is passed or sent back."""
        back = self.return_.needs if self.return_ else []
        return [*self.needs, *back, *chain.from_iterable(self.instead.values())]

    def needs_for(self, outcome: str) -> list[Need]:
        """Return what an outcome needs: in place of what the stage needs, where it says so."""
        return self.instead.get(outcome, self.needs)

    def asks_for(self, outcome: str) -> set[str]:
        """Return the fields that an outcome needs answered."""
        return {need.field for need in self.needs_for(outcome) if need.field}

    @property
    def every_field(self) -> list[str]:
        """The fields asked when the stage is passed, whatever its outcome."""
        needs = [*self.needs, *chain.from_iterable(self.instead.values())]
        return list(dict.fromkeys(need.field for need in needs if need.field))

    def asked_only_for(self, field: str) -> list[str]:
        """Return the outcomes that ask a field where others do not; none where all do."""
        asking = [outcome for outcome in self.outcomes if field in self.asks_for(outcome)]
        return asking if len(asking) < len(self.outcomes) else []

    @property
    def doers(self) -> list[str]:
        """Roles that can act on the stage."""
        if self.parties:
            return self.parties.names
        return [role for role in (self.body, self.role) if role]


CHANNELS = ("public", "grid", "hotline", "open-day", "visit", "meeting", "api")
Channel = Literal["public", "grid", "hotline", "open-day", "visit", "meeting", "api"]
Fact = Literal["answered", "solved", "unsolved", "satisfied", "dissatisfied", "unreachable"]


class Intake(Strict):
    """What makes a case a request: somebody outside asked, holds a receipt, and is answered."""

    channels: list[Channel] = Field(
        min_length=1, description="how it may come in; without an account by `public` and `api` only"
    )
    matter: Name = Field(description="the text field that says what is asked: routing and likeness read it")
    spot: Name | None = Field(
        default=None,
        description="the text field that says where exactly: street, building; another system's address goes there",
    )
    sorts: Name | None = Field(
        default=None,
        description="the class or organisation field that routing proposes and a person confirms",
    )
    propose: Number = Field(
        default_factory=Number,
        description="the certainty, in thousandths, below which routing proposes nothing; empty: it never proposes",
    )
    contact: Name | None = Field(
        default=None,
        description="the field with the contact: sealed, read for feedback only, each reading journaled",
    )
    against: Name | None = Field(
        default=None, description="the field naming the person complained of, to whom it is never routed"
    )
    beyond: Name | None = Field(
        default=None,
        description="with `against`: the stage at which it is passed to the level above outside, where everybody in the county "
        "who could act answers to the person; the first of its doers that is not kept out acts, and does nothing else with it",
    )
    alike: Number = Field(
        default_factory=Number,
        description="the likeness, in thousandths, from which another open request is proposed for merging; empty: none is",
    )
    near: Number = Field(
        default_factory=Number,
        description="how near, in thousandths, requests of a week lie that are shown as one hot issue; empty: none is",
    )
    look_back: Number = Field(
        default_factory=Number,
        description="days within which requests are compared and callers counted; empty: none",
    )
    response: Name | None = Field(
        default=None,
        description="the text field with the answer that whoever asked is shown; nothing else that is written is",
    )
    counts: dict[Fact, list[Name]] = Field(
        default_factory=dict,
        description="which outcomes say that it was answered, solved, satisfied: three facts, each with its day",
    )
    minimum: Number = Field(
        default_factory=Number,
        description="rates over fewer requests than this are not shown; empty: all are",
    )


class CaseKind(Entry):
    """事项: a list of stages about one subject; a list that runs out ends `done`."""

    about: Selector = Field(description="the one subject of each case")
    opened_from: list[Literal["scorecard", "report", "person", "duty", "case", "appointment"]] = Field(
        description="what may open one"
    )
    opened_by: str = Field(default="", description="the role that may open it by hand")
    asks: list[Name] = Field(
        default_factory=list, description="fields that must be answered when one is opened"
    )
    may_ask: list[Name] = Field(
        default_factory=list, description="fields that may be answered when one is opened"
    )
    intake: Intake | None = Field(
        default=None, description="for what somebody outside asks: a request with a receipt"
    )
    clock: Clock | None = Field(
        default=None, description="how long the whole may take, from its opening to its first end"
    )
    tracked_by: str = Field(
        default="", description="the role that is told of every stage, wherever the case goes, until it ends"
    )
    number: str = Field(default="", description="prefix of the case number")
    stages: list[Stage] = Field(
        min_length=1, description="the stages, in order; a list that runs out ends `done`"
    )
    adverse: bool = Field(
        default=False, description="adverse to a person: notice, reply, reconsideration, two people, expiry"
    )
    once: Literal["", "open"] = Field(
        default="open", description="only one open case of the kind about one subject"
    )

    @property
    def at_opening(self) -> list[str]:
        """The fields that may be answered when a case is opened."""
        return [*self.asks, *self.may_ask]

    @property
    def every_field(self) -> list[str]:
        """The fields that are asked anywhere: at the opening, then as the stages ask for them."""
        at_stages = (need.field for stage in self.stages for need in stage.every_need if need.field)
        return list(dict.fromkeys([*self.at_opening, *at_stages]))

    def stage(self, name: str) -> Stage:
        """Return a stage by name. Raises KeyError where the kind has none of that name."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def after(self, stage: Stage, outcome: str = "") -> str:
        """Return the name of the stage that follows, or `end`."""
        if outcome and outcome in stage.outcomes:
            return stage.outcomes[outcome]
        place = self.stages.index(stage) + 1
        return self.stages[place].name if place < len(self.stages) else END

    def for_asker(self, stage: Stage) -> list[str]:
        """Return the outcomes with which whoever asked may pass a stage: that they could not be reached is not theirs to say."""
        unreachable = self.intake.counts.get("unreachable", []) if self.intake else []
        return [outcome for outcome in stage.outcomes if outcome not in unreachable] if stage.asker else []

    def event_said(self, event: str, language: str = "zh") -> str:
        """Say an event in words: what its outcome is called, or the stage that was passed."""
        for stage in self.stages:
            words = stage.english_words if language.startswith("en") else stage.words
            if event in stage.outcomes:
                return words.get(event) or stage.words.get(event, event)
            if event == stage.name:
                return stage.said(language)
        return EVENTS.get(event, (event, event))[language.startswith("en")]

    def outcomes(self) -> Iterator[str]:
        """Yield every outcome and event that effects may hang on."""
        yield from EVENTS
        for stage in self.stages:
            yield stage.name
            yield from stage.outcomes
