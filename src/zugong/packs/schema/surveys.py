"""Surveys and ballots: what people think, without saying who."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Labelled, Number, Rhythm
from zugong.packs.selectors import Selector


class Question(Labelled):
    """One question on a sheet."""

    id: str = ""
    scale: list[str] = Field(default_factory=list, description="grades, best first")


class Voters(Strict):
    """A class of voters: rows of the registry."""

    who: Selector
    weight: Number = Field(default_factory=Number, description="of 100; empty: no mean is formed")


class Survey(Entry):
    """测评: one sheet for each of those it is about."""

    every: Rhythm | None = None
    about: Selector
    voters: dict[str, Voters]
    ask: list[Question]
    secret: Literal["ballot", "named"] = Field(
        default="ballot", description="unlinkable sheets, or named ones"
    )
    minimum: Number = Field(default_factory=Number, description="fewer sheets than this are not shown")
