"""Duties: something owed again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Name, Number, Rhythm
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term

UNITS = ("week", "month", "quarter", "half_year", "year")
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class DoneBy(Strict):
    """What fulfils an occurrence."""

    activity: Name = Field(
        description="an activity of this kind, held in the period by the person or organisation, or in their presence"
    )
    at_far_end: bool = Field(
        default=False, description="it counts only at the far end of the person's own link"
    )
    over: Selector | None = Field(
        default=None,
        description="`case.KIND at STAGE`: it counts only where its agenda goes through each of these cases, "
        "as they stood that day",
    )


class Remind(Strict):
    """Who is told, how many days before the period ends."""

    tell: Literal["self"] = Field(default="self", description="whoever owes it, or acts for what owes it")
    before: Number = Field(
        default_factory=Number, description="calendar days before the end; empty: nobody is told"
    )


class Away(Strict):
    """What becomes of an occurrence while who owes it is on leave."""

    then: Literal["rests", "deputy"] = Field(
        description="rests: they are excused, with the leave as the reason; deputy: what their deputy does counts as done"
    )
    days: Number = Field(
        default_factory=Number,
        description="rests: calendar days of the period on leave from which they are excused; empty: all of its days",
    )


class Duty(Entry):
    """义务: who owes it, while what holds, how often, and what fulfils it. Its one event for effects is `on missed`."""

    who: Selector = Field(description="who owes it: read as of the first day of each period")
    while_: Selector | None = Field(
        default=None,
        alias="while",
        description="only for those who are among these, or whose link leads to one of them, on that day",
    )
    with_: Selector | None = Field(
        default=None,
        alias="with",
        description="persons who must all be there, as of the day it is held, for it to count",
    )
    every: Rhythm = Field(description="the period in which it is owed")
    at_least: Number = Field(
        default_factory=Number,
        description="how often in the period; empty: nothing is owed. `per` village or link: at each far end; "
        "otherwise by each who owes it",
    )
    done_by: DoneBy | None = Field(default=None, description="what fulfils it")
    asks: list[Name] = Field(
        default_factory=list,
        description="or: figures from outside, each answered once a period and checked by a second person",
    )
    away: Away | None = Field(
        default=None,
        description="on leave (a roll that says `away`); not said: it stays owed, and the page says that nothing is ruled",
    )
    remind: list[Remind] = Field(default_factory=list, description="who is reminded, and when")

    @property
    def link(self) -> tuple[str, str] | None:
        """The kind and role of the link whose near ends owe it, or None where it is owed for no link."""
        return next(_links(self.who.term), None)

    @model_validator(mode="after")
    def _sensible(self) -> Duty:
        if (self.done_by is None) == (not self.asks):
            raise ValueError("写 done_by 或 asks，二者有且只有一个")
        if lack := _rhythm_lack(self):
            raise ValueError(lack)
        per_end = any(line.per in ("village", "link") for line in self.at_least.values.values())
        if (per_end or (self.done_by and self.done_by.at_far_end)) and self.link is None:
            raise ValueError("按联系对象计，who 就要写 link.…")
        if self.done_by is None and self.with_ is not None:
            raise ValueError("with 说的是活动到场的人，要和 done_by 一起写")
        over = self.done_by.over.term if self.done_by and self.done_by.over else None
        if over is not None and not (isinstance(over, Named) and over.lead == "case" and over.names):
            raise ValueError("over 要写 case.事项，或 case.事项 at 环节")
        return self


def _rhythm_lack(duty: Duty) -> str:
    """Say why periods of this rhythm would overlap, leave gaps, or hold no such day; empty where they would not."""
    every = duty.every
    set_ = [unit for unit in UNITS if getattr(every, unit) is not None]
    if len(set_) != 1:
        return "every 要写一种周期：week、month、quarter、half-year、year"
    n = getattr(every, set_[0])
    if n < 1 or (set_[0] == "week" and n != 1):
        return "周期至少是一；星期只能是每一星期"
    months = MONTHS.get(set_[0], 0) * n
    if months and 12 % months and months % 12:
        return f"{months} 个月的周期不能整除一年"
    if every.day is not None and (not months or not 1 <= every.day <= 31):
        return "day 是月份里的一天，1 至 31"
    if every.in_month is not None and (not months or months % 12 or not 1 <= every.in_month <= 12):
        return "in_month 是年度里的一个月，1 至 12"
    return ""


def _links(term: Term) -> Iterator[tuple[str, str]]:
    match term:
        case Named("link", (kind, role), None):
            yield kind, role
        case OnRoll(inner, _) | Sample(_, inner):
            yield from _links(inner)
        case Joined(left, _, _):
            yield from _links(left)
