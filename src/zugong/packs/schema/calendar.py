"""The calendar: public holidays and make-up working days, year by year, each with the paper that set them."""

from __future__ import annotations

from pydantic import Field

from zugong.packs.dated import Strict
from zugong.packs.schema.names import Day


class CalendarYear(Strict):
    """One year as the State Council's paper set it. A year without an entry is provisional."""

    off: dict[str, list[Day]] = Field(description="days off, by the holiday's name")
    worked: list[Day] = Field(default_factory=list, description="weekend days that are worked (调休)")
    source: str = Field(description="the paper that set the year: a key of sources.yaml")
    amended_by: list[str] = Field(
        default_factory=list, description="later papers that changed days of the year"
    )


class Calendar(Strict):
    """Years that are known."""

    calendar: dict[int, CalendarYear] = Field(description="year → its days off and make-up days")
