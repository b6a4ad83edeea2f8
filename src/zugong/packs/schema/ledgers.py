"""Ledgers: points, funds, hours. Entries only add; a balance never falls below nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from zugong.packs.dated import Strict
from zugong.packs.schema.common import ByHand, Labelled, Name, Number
from zugong.packs.selectors import Selector

Part = Literal["about", "cause", "standing", "month", "year"]


class Cap(Number):
    """The most that one account can earn in a period; what would go over it is not posted."""

    per: Literal["month", "year"] = Field(description="the period of the posting's day")


class Expiry(Strict):
    """How long what was earned can be spent, counted from the day of its posting; the oldest is spent first."""

    years: Number = Field(default_factory=Number, description="calendar years")
    months: Number = Field(default_factory=Number, description="calendar months")


class Redemption(Labelled):
    """What an account can be spent on. Its dated line says how much, and what that gives, by unit."""

    id: Name = Field(description="its name in the ledger")
    per_full: Number | None = Field(default=None, description="each full so many, again and again (每满)")
    at: Number | None = Field(
        default=None, description="or on reaching so many, which are spent once each time (满)"
    )
    by: Selector | None = Field(
        default=None, description="whose users give it out; empty: whoever keeps the ledger"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Redemption:
        if (self.per_full is None) == (self.at is None):
            raise ValueError(f"“{self.id}”要写 per_full 或 at，二者有且只有一个")
        return self

    @property
    def price(self) -> Number:
        """How much one costs, through time."""
        return self.per_full or self.at or Number()


class Warn(Strict):
    """A reminder to the holder of an account alone; nobody else reads who was warned."""

    below: Number = Field(
        default_factory=Number, description="the balance falls under this; empty: nobody is told"
    )
    tell: Literal["self"] = Field(default="self", description="the holder, and nobody else")


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
    caps: Cap | None = Field(default=None, description="the most that one account can earn in a period")
    expiry: Expiry | None = Field(default=None, description="how long what was earned can be spent")
    redeem: list[Redemption] = Field(default_factory=list, description="what an account can be spent on")
    warn: Warn | None = Field(default=None, description="when the holder is reminded")
    disputed: Name | None = Field(
        default=None,
        description="the case that a holder opens against an entry of their own; every entry is shown to them",
    )
