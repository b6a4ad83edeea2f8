"""Bulletins: what is announced, to whom, approved by whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.schema.common import Entry, Labelled, Name, Rhythm


class Section(Labelled):
    """One part of a bulletin: figures, a table, a chart, or the items that engines put in it."""

    measures: list[Name] = Field(
        default_factory=list, description="figures, each with its denominator and day"
    )
    table: Literal["", "progress", "duties", "outcomes", "grades", "requests"] = Field(
        default="",
        description="progress of cases by stage; duties kept; outcomes of the period; grades of a run; requests of the period",
    )
    by: Literal["class", "township", "department"] = Field(
        default="class",
        description="table `requests`: one row for each class, township or unit that handles them",
    )
    of: str = Field(default="", description="the case kind, duty or scorecard the table is about")
    items: bool = Field(default=False, description="what was put in this bulletin in the period")
    chart: bool = Field(default=False, description="the table is drawn as well")


class Bulletin(Entry):
    """通报: a progress bulletin; organisations and figures, never persons: named exposure is not built."""

    every: Rhythm = Field(description="how often it comes out")
    sections: list[Section] = Field(min_length=1, description="its parts, in order")
    for_: list[str] = Field(alias="for", description="roles and selectors it is sent to")
    approve: dict[Literal["two", "one"], list[str]] = Field(description="who approves: two roles, or one")
    compose: str = Field(default="", description="the role that drafts it")
    issuer: str = Field(default="", description="issuing body as printed in the head")
