"""Decision tables: situations, exclusions, conditions, and a verdict with reasons."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Guard, Item


class Fact(Strict):
    """A fact the table reads: its type, and where it comes from."""

    type: Literal["tick", "number", "text", "list"] = Field(
        default="tick", description="what guards may compare it with"
    )
    field: str = Field(default="", description="the answer to this field")
    measure: str = Field(default="", description="this measure's figure")
    roll: str = Field(default="", description="standing on this roll, or its value")


class Row(Item):
    """One line of a table: when it speaks, and what then follows."""

    when: Guard
    then: dict[str, Any] = Field(
        default_factory=dict, description="what the line says: measures, departments, shares"
    )


class Rows(Strict):
    """The lines of one part of a table, with the slots a source names and leaves empty."""

    slots: int | None = Field(default=None, ge=0, description="how many lines the source names")
    all: bool = Field(default=False, description="every condition must hold, not just one")
    items: list[Row] = Field(default_factory=list, description="those that are printed")

    @property
    def empty(self) -> int:
        """How many lines the source names without printing them."""
        return max((self.slots or 0) - len(self.items), 0)


class Table(Entry):
    """Facts → situations, unless an exclusion, if the conditions hold → a verdict with reasons."""

    answer: list[str] = Field(
        min_length=2, description="the verdicts: first when it applies, second when refused"
    )
    facts: dict[str, Fact] = Field(description="the names that guards may use, with type and origin")
    pick: Literal["first", "only", "every"] = Field(
        default="first", description="which matching situations speak"
    )
    situations: Rows = Field(description="when the table applies")
    exclusions: Rows = Field(default_factory=Rows, description="when it never applies")
    conditions: Rows = Field(default_factory=Rows, description="what must hold besides")
    otherwise: str = Field(
        default="incomplete", description="the answer where no situation fits; said, or else incomplete"
    )
