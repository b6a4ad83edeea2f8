"""Ledgers: points, funds, hours. Entries only add; a balance never falls below nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.schema.common import Entry, Number
from zugong.packs.selectors import Selector


class Ledger(Entry):
    """台账: accounts in one unit, filled and spent by deeds that are named."""

    unit: Literal["points", "fen", "minutes"]
    account: Selector = Field(description="whose accounts these are")
    pool: bool = Field(
        default=False, description="payments come out of one county account that must be filled first"
    )
    once_per: list[str] = Field(
        default_factory=list, description="what may be paid only once: about, period, cause"
    )
    tariff: Number = Field(
        default_factory=Number, description="how much one posting is, where the source fixes it"
    )
