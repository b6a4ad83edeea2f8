"""What the clock calls, given a day."""

from __future__ import annotations

from datetime import date

from zugong.core.errors import Refused
from zugong.ledgers import actions
from zugong.ledgers.models import Account
from zugong.packs.schema import Ledger
from zugong.registry.actions import policy_on


def expire(day: date) -> int:
    """Take back from every account what was earned too long ago and not spent. Returns from how many."""
    try:
        policy = policy_on(day)
    except Refused:  # no edition is in force
        return 0
    return sum(
        actions.expire(policy, ledger, one, day) is not None
        for ledger in policy.all("ledger", Ledger)
        if ledger.expiry
        for one in Account.objects.filter(ledger=ledger.name, holder__isnull=False, balance__gt=0).order_by(
            "pk"
        )
    )
