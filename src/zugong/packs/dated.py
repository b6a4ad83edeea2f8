"""Values that a county can change: each line says from which day it holds and which paper says so."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

UNKNOWN = "unknown"  # 起始日期不详: holds for as long as anybody remembers
T = TypeVar("T")


class Strict(BaseModel):
    """A part of a pack: frozen, and refusing every word it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _start(key: Any) -> Any:
    if key == UNKNOWN or isinstance(key, date):
        return key
    return date.fromisoformat(str(key))


Start = Annotated[date | Literal["unknown"], BeforeValidator(_start)]


class Line(Strict, Generic[T]):
    """One dated line: the value, and the document and clause that set it."""

    value: T = Field(description="the value itself, an integer with the unit named above it, or a word")
    source: str = Field(default="", description="a key of sources.yaml; empty means the entry's own source")
    clause: str = Field(default="", description="the article of that document")
    per: str = Field(default="", description="what the number is counted for: person, village, link, month")
    exact: Literal["exact", "at-least", "about"] = Field(
        default="exact", description="exact, or a lower bound (余 多), or about (近 约)"
    )
    verified: bool | None = Field(
        default=None, description="held against the official text by a named person"
    )
    gives: dict[str, int] = Field(default_factory=dict, description="what reaching the value gives, by unit")


class Dated(Strict, Generic[T]):
    """A value through time. Empty means "not set": every word that uses one fixes what that does."""

    unit: str = Field(
        default="", description="the unit of every line: points, fen, share in thousandths, days"
    )
    values: dict[Start, Line[T]] = Field(
        default_factory=dict, description="lines keyed by the day from which they hold"
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, given: Any) -> Any:
        """Accept `3` for a value whose day is unknown and whose source is the entry's own."""
        if isinstance(given, (dict, Dated)):
            return given
        return {"values": {UNKNOWN: {"value": given}}}

    def line(self, day: date) -> Line[T] | None:
        """Return the line that holds on a day, or None where nothing is set yet."""
        begun = [start for start in self.values if _since(start) <= day]
        return self.values[max(begun, key=_since)] if begun else None

    def on(self, day: date) -> T | None:
        """Return the value that holds on a day, or None where the slot is empty."""
        line = self.line(day)
        return line.value if line else None

    @property
    def is_empty(self) -> bool:
        """An empty slot: named by the source, without a value."""
        return not self.values


def _since(start: Start) -> date:
    return start if isinstance(start, date) else date.min
