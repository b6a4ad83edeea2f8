"""Links, rolls, things and kinds of appointment: the registry's words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.dated import Dated
from zugong.packs.schema.common import Entry, Labelled, Name
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


class Roll(Entry):
    """名册·台账: who stands on it, with which value, from when until when, by which deed."""

    of: Selector = Field(description="what may stand on it")
    value: list[str] = Field(default_factory=list, description="the values a standing may have, best first")
    person_sees: bool = Field(default=True, description="a person on it sees their own standing")


class AppointmentKind(Entry):
    """A kind of appointment: substantive, secondment, acting."""

    keeps: Literal["", "home-post"] = Field(default="", description="what the person keeps meanwhile")
    detached: bool = Field(default=False, description="与原单位脱钩")
    exclusive: bool = Field(default=True, description="a post is held so by one person at a time")
