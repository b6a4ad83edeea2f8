"""Every bare word that other entries use, said once: sources, classes, fields, roles."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Item, Keep, Labelled, Name
from zugong.packs.selectors import Selector


def _day(given: Any) -> Any:
    return date.fromisoformat(given) if isinstance(given, str) else given


Day = Annotated[date, BeforeValidator(_day)]


class Source(Strict):
    """A paper, once: a document with its number, or an article without one."""

    label: str = Field(description="title")
    english: str = Field(default="", description="title in English")
    number: str = Field(default="", description="发文字号; an article has none")
    issuer: str = Field(default="", description="who issued or printed it")
    day: Day | None = Field(default=None, description="the day it was issued, where known")
    year: int | None = Field(default=None, description="the year, where only that is known")
    fictional: bool = Field(default=False, description="虚构: a document of the invented county")
    link: str = Field(default="", description="where the official text can be read")


class ClassItem(Item):
    """One class of a tree: a cause, a kind of organisation."""

    tree: Literal["", "party", "unit"] = Field(
        default="", description="for organisations: which tree it stands in"
    )
    under: str = Field(default="", description="the class it belongs to")


class Classes(Entry):
    """A dated tree of named and empty slots: causes, kinds of organisation, kinds of post."""

    of: Literal["", "person", "organisation", "place", "post", "thing"] = Field(
        default="", description="the noun whose classes these are; empty: a list of its own"
    )
    slots: int | None = Field(default=None, ge=0, description="how many classes the source names")
    items: list[ClassItem] = Field(default_factory=list, description="the named ones")
    fields: list[Name] = Field(
        default_factory=list, description="with `of`: what the registry keeps about each of that noun"
    )


FieldKind = Literal[
    "text",
    "number",
    "money",
    "share",
    "day",
    "moment",
    "choice",
    "class",
    "tick",
    "file",
    "person",
    "organisation",
    "thing",
]


class FieldSpec(Labelled):
    """One question, asked in one place, about one thing, for one period."""

    kind: FieldKind = Field(
        description="what an answer is: text, number, money (fen), share, day, moment, file …"
    )
    of: str = Field(default="", description="for class: the classes to choose from")
    options: list[Item] = Field(default_factory=list, description="for choice: what can be chosen")
    among: Selector | None = Field(
        default=None,
        description="for person, organisation, thing: who can be chosen, seen from the case that asks; absent: all",
    )
    many: bool = Field(default=False, description="several may be given")
    per: Literal["", "month", "quarter", "year"] = Field(
        default="", description="the period the answer is about"
    )
    unit: str = Field(default="", description="for number: what is counted")
    hint: str = Field(default="", description="help below the label")
    keep: Keep | None = Field(default=None, description="how long the answer is kept")
    clause: str = Field(default="", description="who needs it and why: the article")


class Role(Labelled):
    """A body or role that stages and duties name, found through the registry."""

    is_: Selector = Field(alias="is", description="who that is, seen from the subject of the case or duty")


class Fields(Strict):
    """Every bare name under needs, asks and fields."""

    fields: dict[Name, FieldSpec] = Field(description="name → the question")


class Roles(Strict):
    """What this county's bodies and roles are."""

    roles: dict[Name, Role] = Field(description="name → who that is")
