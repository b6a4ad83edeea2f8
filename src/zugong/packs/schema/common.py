"""Words that mean the same in every file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from zugong.packs.dated import Dated, Strict
from zugong.packs.selectors import Selector

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Guard = Annotated[
    str, Field(description="a CEL expression over declared, typed facts; `-` in a name is written `_`")
]
Number = Dated[int]


class Keep(Strict):
    """How long a record is kept; then it is erased and the erasure journaled."""

    days: int | None = Field(default=None, description="calendar days")
    months: int | None = Field(default=None, description="calendar months")
    years: int | None = Field(default=None, description="calendar years")
    after: str = Field(description="the outcome or event from which the time runs")

    @property
    def is_set(self) -> bool:
        """Whether it is ruled how long: the number may still be an empty place. Nought days: until that very day."""
        return any(part is not None for part in (self.days, self.months, self.years))

    @property
    def is_at_once(self) -> bool:
        """Whether nothing is kept beyond the event."""
        return self.is_set and not (self.days or self.months or self.years)


class Labelled(Strict):
    """A thing inside an entry that people read: an item, a stage, an indicator."""

    label: str = Field(default="", description="Chinese")
    english: str = Field(default="", description="English")

    def said(self, language: str) -> str:
        """Return the label in a language."""
        return self.english if language.startswith("en") and self.english else self.label


class Item(Labelled):
    """One item of a list with slots."""

    id: Name = Field(description="its name inside the list")
    clause: str = Field(default="", description="the article that names it")
    note: str = Field(
        default="", description="what the word means, in a few words, shown beside it where it is chosen"
    )


class Effect(Strict):
    """What follows from what happened: one verb of the closed list, with its words."""

    open: Name | None = Field(default=None, description="open a case of this kind about the same subject")
    post: Name | None = Field(default=None, description="post to this ledger")
    enter: Name | None = Field(default=None, description="enter the subject on this roll")
    strike: Name | None = Field(default=None, description="strike the subject from this roll")
    untie: str | None = Field(default=None, description="end these links: link.kind")
    bar: dict[Literal["untie"], str] | None = Field(default=None, description="forbid untying these links")
    appoint: Name | None = Field(
        default=None, description="appoint the person named by this field to the post it is about"
    )
    release: str | None = Field(
        default=None, description="release the person it is about from posts of this class: post.CLASS"
    )
    tell: Selector | None = Field(
        default=None, description="tell these people, without personal data in the message"
    )
    put: Name | None = Field(default=None, description="put an item in this bulletin")
    when: Guard = Field(default="", description="only where this holds")
    next: Literal["", "year", "month"] = Field(
        default="", description="not now but when the next period begins"
    )
    until: str = Field(
        default="", description="the outcome that ends a bar, or the event that ends a standing"
    )
    released_on: list[Item] = Field(
        default_factory=list, description="the grounds that release a bar, as the office says them"
    )
    value: str | None = Field(
        default=None,
        description="the value of a standing; `grade` takes the grade just given, a field's name its answer",
    )
    amount: Number | None = Field(default=None, description="how much is posted, in the ledger's unit")
    amount_from: Name | None = Field(
        default=None, description="or the field of the case that says how much: what was decided"
    )
    to: str = Field(default="", description="to whom a posting goes: about, present, or another account")
    says: str = Field(
        default="", description="put: what the bulletin says of it; empty: the name of the event"
    )
    says_english: str = Field(default="", description="put: the same in English")
    months: Number | None = Field(default=None, description="how long a standing lasts; empty: until struck")
    since: str = Field(
        default="", description="the field that says from which day a standing holds; empty: from the deed's"
    )
    through: str = Field(default="", description="the field that says its last day")

    @property
    def verb(self) -> str:
        """Name the one verb of this effect."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)


VERBS = ("open", "post", "enter", "strike", "untie", "bar", "appoint", "release", "tell", "put")


def _listed(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


Effects = dict[str, Annotated[list[Effect], BeforeValidator(_listed)]]


class Entry(Strict):
    """What every entry may say, whatever its kind."""

    name: str = Field(description="the entry's name, written after its kind")
    label: str = Field(description="what the office calls it, in Chinese")
    english: str = Field(default="", description="the same in English, from the glossary")
    mechanisms: list[str] = Field(default_factory=list, description="ids of the methods this entry carries")
    source: str = Field(default="", description="a key of sources.yaml")
    clause: str = Field(default="", description="the article of that document")
    verified: bool = Field(default=False, description="held against the official text by a named person")
    enabled: bool = Field(default=True, description="false: ships asleep; a county wakes it with a document")
    seen_by: list[Selector] = Field(
        default_factory=list, description="beyond those who act on it and those above them"
    )
    keep: Keep | None = Field(default=None, description="how long records of this kind are kept")
    refused: list[str] = Field(
        default_factory=list, description="named by the source and deliberately not kept"
    )
    printed: dict[str, int] = Field(
        default_factory=dict, description="the source's own figures, compared and never used"
    )
    note: str = Field(
        default="", description="why the entry reads as it does: a contradiction, a careful form"
    )
    effects: Effects = Field(
        default_factory=dict, description="what follows: `on <event>` to a list of verbs"
    )

    def said(self, language: str) -> str:
        """Return the label in a language: `en` where there is one, else Chinese."""
        return self.english if language.startswith("en") and self.english else self.label


class ByHand(Entry):
    """What people enter by hand besides what follows from deeds: rolls and ledgers."""

    kept_by: Selector | None = Field(
        default=None, description="whose users enter and take back by hand; empty: nobody does, only effects"
    )
    two_people: bool = Field(
        default=False, description="what one enters by hand counts when a second of them has agreed"
    )


class Every(Strict):
    """A rhythm: `month`, `{month: 2}`, `year`, with a fixed day inside where the source names one."""

    week: int | None = Field(default=None, description="every so many weeks")
    month: int | None = Field(default=None, description="every so many months")
    quarter: int | None = Field(default=None, description="every so many quarters")
    half_year: int | None = Field(default=None, description="every so many half-years")
    year: int | None = Field(default=None, description="every so many years")
    day: int | None = Field(default=None, description="the fixed day inside the month")
    in_month: int | None = Field(default=None, description="the fixed month inside the year")


def _rhythm(given: Any) -> Any:
    if given == "half-year":
        return {"half_year": 1}
    return {given: 1} if isinstance(given, str) else given


Rhythm = Annotated[Every, BeforeValidator(_rhythm)]
