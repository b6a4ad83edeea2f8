"""Measures: named counts over a fact table as of a day."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Entry, Guard, Number


class Count(Strict):
    """What is counted or summed."""

    rows: bool = Field(default=False, description="count the rows")
    distinct: str = Field(default="", description="count the distinct values of this column")
    sum: str = Field(default="", description="add up this integer column")
    when: Guard = Field(default="", description="only rows for which this holds")


class Measure(Entry):
    """A named count. Rules, duties, scorecards and bulletins read the same ones; nobody types them."""

    facts: str = Field(description="the fact table: engine.table")
    where: Guard = Field(
        default="", description="which rows are looked at, for numerator and denominator alike"
    )
    count: Count = Field(description="what is counted")
    out_of: Count | None = Field(default=None, description="the denominator, always said where there is one")
    per: Literal["", "village", "township", "organisation", "department", "county"] = Field(
        default="county",
        description="the unit the figure is about; never a person; `department`: the unit that holds the case",
    )
    unit: str = Field(default="", description="of the figure: 次 人 元")
    minimum: Number = Field(default_factory=Number, description="smaller groups are not shown")
