"""Who may see accounts, and who keeps a ledger."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.ledgers.models import Account, Book, Motion, Posting
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger, Roll
from zugong.packs.schema.common import ByHand
from zugong.registry import powers as registry
from zugong.registry.selecting import Ids, below


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


def keeps(asker: User, policy: Policy, book: ByHand, day: date) -> bool:
    """Say whether the asker enters by hand: they act for whoever the pack says keeps the roll or ledger."""
    return registry.keeps(asker, policy, book, day)


def check_keeps(asker: User, policy: Policy, book: ByHand, day: date) -> None:
    """Raise Refused unless the asker keeps the roll or ledger."""
    if not keeps(asker, policy, book, day):
        raise Refused("“{book}”由制度包指定的单位登记，您不能手工登记", book=book)


def motions(asker: User, policy: Policy, day: date) -> list[Motion]:
    """Return what waits for a second person on the rolls and in the ledgers that the asker keeps."""
    waiting = _kept(asker, policy, day).filter(answered_on=None)
    return list(waiting.select_related("subject", "proposed_by"))


def motion(asker: User, policy: Policy, pk: int, day: date) -> Motion:
    """Return one, answered or not, to whoever keeps its roll or ledger. Raises Motion.DoesNotExist."""
    return _kept(asker, policy, day).get(pk=pk)


def _kept(asker: User, policy: Policy, day: date) -> QuerySet[Motion]:
    kept = [
        Q(book=book, name=one.name)
        for book, entries in (
            (Book.ROLL, policy.all("roll", Roll)),
            (Book.LEDGER, policy.all("ledger", Ledger)),
        )
        for one in entries
        if keeps(asker, policy, one, day)
    ]
    return Motion.objects.filter(reduce(or_, kept)) if kept else Motion.objects.none()


def _part(asker: User, day: date) -> Ids:
    return below(frozenset(asker.roots(May.SEE, day)), day)
