"""Activities: what was held or is planned on a day, entered once."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.schema.common import Entry, Name
from zugong.packs.selectors import Selector


class ActivityKind(Entry):
    """A kind of meeting, visit, talk, lecture or inspection. Its one event for effects is `on held`."""

    run_by: Selector | None = Field(
        default=None,
        description="who holds it; empty: whoever enters it, their organisation, or the place where it is held",
    )
    at: Selector | None = Field(default=None, description="what it is held at: the village that is visited")
    present: Literal["named", "counted"] = Field(
        default="named", description="names, or a headcount where names are nobody's business"
    )
    fields: list[Name] = Field(default_factory=list, description="what is asked about it; each may stay open")
    minutes: bool = Field(default=False, description="minutes are taken, and decisions are found in them")
    votes: bool = Field(
        default=False, description="it can vote: should-attend, attended, for, against, abstained"
    )
    evidence: str = Field(
        default="", description="the kind of evidence it is for acceptance: site-visit, research, phone-check"
    )
