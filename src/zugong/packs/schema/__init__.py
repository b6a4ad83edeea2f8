"""The whole vocabulary of packs, one noun a file. `KINDS` lists every kind of entry."""

from __future__ import annotations

from zugong.packs.schema.activities import ActivityKind
from zugong.packs.schema.bulletins import Bulletin
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.common import Entry
from zugong.packs.schema.duties import Duty
from zugong.packs.schema.ledgers import Ledger
from zugong.packs.schema.measures import Measure
from zugong.packs.schema.names import Classes
from zugong.packs.schema.registry import AppointmentKind, LinkKind, Roll
from zugong.packs.schema.rules import Table
from zugong.packs.schema.scorecards import Scorecard
from zugong.packs.schema.surveys import Survey

# The word that begins an entry → what the entry is.
KINDS: dict[str, type[Entry]] = {
    "classes": Classes,
    "link": LinkKind,
    "roll": Roll,
    "appointment": AppointmentKind,
    "activity": ActivityKind,
    "measure": Measure,
    "rules": Table,
    "ledger": Ledger,
    "survey": Survey,
    "case": CaseKind,
    "duty": Duty,
    "scorecard": Scorecard,
    "bulletin": Bulletin,
}

__all__ = [
    "KINDS",
    "ActivityKind",
    "AppointmentKind",
    "Bulletin",
    "CaseKind",
    "Classes",
    "Duty",
    "Entry",
    "Ledger",
    "LinkKind",
    "Measure",
    "Roll",
    "Scorecard",
    "Survey",
    "Table",
]
