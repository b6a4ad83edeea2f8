"""Links, rolls, things and kinds of appointment: the registry's words."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from zugong.packs.dated import Dated, Strict
from zugong.packs.schema.common import ByHand, Entry, Labelled, Name, Number
from zugong.packs.selectors import Selector


class LinkRole(Labelled):
    """One kind of tie inside a link, with how many each end may have."""

    from_: Selector = Field(alias="from", description="who may stand at the near end")
    to: Selector = Field(description="what may stand at the far end")
    each_from: Dated[str] = Field(
        default_factory=Dated[str], description="ties each near end has: 1, 1.., 0..2"
    )
    each_to: Dated[str] = Field(default_factory=Dated[str], description="ties each far end has")
    needs: list[str] = Field(
        default_factory=list, description="`on roll`: what the near end must stand on first"
    )


class LinkKind(Entry):
    """Typed, dated ties between subjects of the registry. Who has none, who has too many, is a query."""

    kinds: dict[Name, LinkRole] = Field(description="the kinds of tie inside this link")
    covering: Selector | None = Field(default=None, description="each of these must be an end")


class Roll(ByHand):
    """名册·台账: who stands on it, with which value, from when until when, by which deed."""

    of: Selector = Field(description="what may stand on it")
    value: list[str] = Field(default_factory=list, description="the values a standing may have, best first")
    words: dict[str, str] = Field(default_factory=dict, description="Chinese of each value")
    english_words: dict[str, str] = Field(default_factory=dict, description="English of each value")
    person_sees: bool = Field(default=True, description="a person on it sees their own standing")
    away: bool = Field(
        default=False,
        description="who stands on it is on leave those days; each duty says what becomes of it",
    )

    def called(self, value: str) -> Labelled:
        """Return what the office calls a value."""
        return Labelled(label=self.words.get(value, value), english=self.english_words.get(value, ""))


class Tenure(Strict):
    """How long an appointment is meant to last. It ends when a person ends it, never by itself."""

    months: Number = Field(default_factory=Number, description="calendar months; empty: no end is proposed")
    warn: Number = Field(
        default_factory=Number,
        description="calendar days before the proposed end at which person and organisation are told; empty: nobody is",
    )


class AppointmentKind(Entry):
    """A kind of appointment: secondment, deputy. The substantive one needs no entry and may have one for its effects.

    Its events are `on appointed` and `on released`; what they open is about the post, and its `holder` is who held it.
    """

    keeps: Literal["", "home-post"] = Field(
        default="",
        description="home-post: only who holds a substantive post may have it, and keeps that post until it ends",
    )
    detached: bool = Field(
        default=False,
        description="与原单位脱钩: one place at a time, no post but the one that is kept, and that one rests: "
        "the person does not count as its holder meanwhile",
    )
    exclusive: bool = Field(default=True, description="a post is held so by one person at a time")
    acts_for: bool = Field(
        default=False,
        description="代理: acts for a post from day to day and does not hold it; needs a reason and a last day, and ends "
        "by itself; `term.months` is the longest it may last",
    )
    term: Tenure = Field(default_factory=Tenure, description="how long it is meant to last")

    @model_validator(mode="after")
    def _a_deputy_keeps_what_they_hold(self) -> Self:
        if self.acts_for and (self.keeps or self.detached):
            raise ValueError("acts_for: 代理不动本人的职务，不再写 keeps 或 detached")
        return self
