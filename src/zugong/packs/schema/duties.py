"""Duties: something owed again and again."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Name, Number, Rhythm
from zugong.packs.selectors import Selector


class DoneBy(Strict):
    """What fulfils an occurrence."""

    activity: Name | None = Field(default=None, description="an activity of this kind, held in the period")
    at_far_end: bool = Field(
        default=False, description="it counts only at the far end of the person's own link"
    )


class Remind(Strict):
    """Who is told, how many days before the period ends."""

    tell: Literal["self", "holder"] = "self"
    before: Number = Field(
        default_factory=Number, description="calendar days before the end; empty: nobody is told"
    )


class Duty(Entry):
    """义务: who owes it, while what holds, how often, and what fulfils it."""

    who: Selector = Field(description="who owes it: read as of the first day of each period")
    while_: Selector | None = Field(
        default=None, alias="while", description="only towards those for whom this holds"
    )
    every: Rhythm
    at_least: Number = Field(
        default_factory=Number,
        description="how often in the period; `per` says for what: person, village, link",
    )
    done_by: DoneBy | None = Field(default=None, description="what fulfils it")
    asks: list[Name] = Field(default_factory=list, description="or: figures from outside that are asked")
    remind: list[Remind] = Field(default_factory=list)
