"""Who may see accounts, and who keeps a ledger."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.ledgers.models import Account, Posting
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger
from zugong.registry.selecting import Asked, Ids, below


def visible(asker: User, day: date) -> QuerySet[Account]:
    """Return the accounts of the asker's part of the county, their own, and the pools of ledgers they can see into."""
    part = _part(asker, day)
    mine = Q(holder=asker.person_id) if asker.person_id else Q(pk=None)
    pools = Q(holder=None, outside=False) if part else Q(pk=None)
    return Account.objects.filter(Q(holder__in=part) | mine | pools)


def visible_postings(asker: User, day: date) -> QuerySet[Posting]:
    """Return the postings into or out of accounts of holders whom the asker can see."""
    seen = visible(asker, day).filter(holder__isnull=False)
    return Posting.objects.filter(Q(source__in=seen) | Q(target__in=seen))


def keeps(asker: User, policy: Policy, ledger: Ledger, day: date) -> bool:
    """Say whether the asker fills, pays and reverses by hand: they act for whoever the pack says keeps the ledger."""
    if ledger.kept_by is None:
        return False
    return bool(asker.acts_for(day) & Asked(policy, day).find(ledger.kept_by))


def check_keeps(asker: User, policy: Policy, ledger: Ledger, day: date) -> None:
    """Raise Refused unless the asker keeps the ledger."""
    if not keeps(asker, policy, ledger, day):
        raise Refused("“{ledger}”由制度包指定的单位管理，您不能手工记账", ledger=ledger)


def _part(asker: User, day: date) -> Ids:
    return below(frozenset(asker.roots(May.SEE, day)), day)
