"""Surveys and ballots: what people think, without saying who."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from zugong.packs.schema.common import Entry, Labelled, Name, Number, Rhythm
from zugong.packs.selectors import Selector


class Question(Labelled):
    """One question on a sheet: one of its grades is chosen. There is no free text, which would give people away."""

    id: Name = Field(description="its name on the sheet")
    scale: list[str] = Field(min_length=2, description="grades, best first")
    english_scale: list[str] = Field(
        default_factory=list, description="English of the grades, in the same order"
    )

    def choice(self, grade: str) -> Labelled:
        """Return a grade as a sheet says it, in both languages."""
        words = dict(zip(self.scale, self.english_scale, strict=False))
        return Labelled(label=grade, english=words.get(grade, ""))


class Voters(Labelled):
    """A class of voters: persons who answer for themselves, organisations whose users answer for them, or bearers."""

    who: Selector | None = Field(
        default=None,
        description="`about` is the sheet's subject, who never has a slip; with `at`: these persons, and members of these organisations",
    )
    slips: Literal["bearer"] | None = Field(
        default=None,
        description="or slips handed out, each with a code used once: nobody knows who got which",
    )
    weight: Number = Field(
        default_factory=Number,
        description="of 100, for every class or for none; empty: answers are counted and not weighed",
    )


class Survey(Entry):
    """测评: one sheet for each of those it is about."""

    about: Selector = Field(description="one sheet for each of these")
    voters: dict[Name, Voters] = Field(
        min_length=1, description="a voter of two classes has one slip, of the first"
    )
    ask: list[Question] = Field(min_length=1, description="the questions, in order")
    secret: Literal["ballot", "named"] = Field(
        default="ballot", description="counted and never kept one by one, or kept beside the voter's name"
    )
    minimum: Number = Field(
        default_factory=Number,
        description="fewer sheets than this are not shown; empty: a secret ballot is not shown at all",
    )
    every: Rhythm | None = Field(
        default=None,
        description="one round in each of these periods: the desk asks who runs it to open the sheets",
    )
    at: Name | None = Field(
        default=None,
        description="answered at an activity of this kind, and only by those present; it names who was",
    )

    @model_validator(mode="after")
    def _sensible(self) -> Survey:
        ids = [question.id for question in self.ask]
        if len(ids) != len(set(ids)):
            raise ValueError("同一张测评票上有两道题用了同一个 id")
        for question in self.ask:
            if len(question.scale) != len(set(question.scale)):
                raise ValueError(f"“{question.id}”的等次有重复")
            if question.english_scale and len(question.english_scale) != len(question.scale):
                raise ValueError(f"“{question.id}”的英文等次和中文的个数不同")
        for name, voters in self.voters.items():
            if (voters.who is None) == (voters.slips is None):
                raise ValueError(f"“{name}”要写 who 或 slips，二者有且只有一个")
            if voters.slips and self.secret == "named":  # noqa: S105 - a kind of sheet, no password
                raise ValueError(f"“{name}”凭票填写，不署名，不能写 secret: named")
        return self
