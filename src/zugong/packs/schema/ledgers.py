"""Ledgers: points, funds, hours. Entries only add; a balance never falls below nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zugong.packs.schema.common import ByHand, Number
from zugong.packs.selectors import Selector

Part = Literal["about", "cause", "standing", "month", "year"]


class Ledger(ByHand):
    """台账: accounts in one unit, filled and spent by deeds that are named."""

    unit: Literal["points", "fen", "minutes"] = Field(description="what is counted; money is counted in fen")
    account: Selector = Field(description="whose accounts these are, read as of the day of the posting")
    pool: bool = Field(
        default=False, description="payments come out of one county account that must be filled first"
    )
    once_per: list[Part] = Field(
        default=["about", "cause"],
        description="what is paid only once: for each account, deed, standing on the roll that the accounts stand on, "
        "month or year of the posting's day",
    )
    tariff: Number = Field(
        default_factory=Number,
        description="how much one posting is, where the source fixes it; empty pays nothing",
    )
    case_by_case: bool = Field(
        default=False,
        description="where the source fixes no tariff: whoever keeps the ledger enters the amount of each payment, "
        "with the paper that decided it",
    )
