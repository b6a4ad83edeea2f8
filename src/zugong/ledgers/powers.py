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
from zugong.packs.schema.common import ByHand, Entry
from zugong.packs.schema.ledgers import Redemption
from zugong.registry import powers as registry
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


def keeps(asker: User, policy: Policy, book: ByHand, day: date) -> bool:
    """Say whether the asker enters by hand: they act for whoever the pack says keeps the roll or ledger."""
    return registry.keeps(asker, policy, book, day)


def check_keeps(asker: User, policy: Policy, book: ByHand, day: date) -> None:
    """Raise Refused unless the asker keeps the roll or ledger."""
    if not keeps(asker, policy, book, day):
        raise Refused("“{book}”由制度包指定的单位登记，您不能手工登记", book=book)


def gives_out(asker: User, policy: Policy, book: Ledger, benefit: Redemption, day: date) -> bool:
    """Say whether the asker gives out what an account is spent on: they act for whoever the pack names, else the keeper."""
    if benefit.by is None:
        return keeps(asker, policy, book, day)
    return bool(Asked(policy, day).find(benefit.by) & asker.acts_for(day))


def own(asker: User, day: date) -> QuerySet[Account]:
    """Return the accounts that are the asker's own, or those of whom they act for."""
    mine = asker.acts_for(day) | ({asker.person_id} if asker.person_id else set())
    return Account.objects.filter(holder__in=mine)


def own_posting(asker: User, pk: int, day: date) -> Posting:
    """Return an entry of the asker's own account. Raises Posting.DoesNotExist as for one that is not there."""
    mine = own(asker, day)
    rows = Posting.objects.filter(Q(source__in=mine) | Q(target__in=mine)).select_related("source", "target")
    return rows.get(pk=pk)


def decided_by(policy: Policy, book: Ledger) -> Entry | None:
    """Return the entry whose decisions a ledger pays, and nothing else: an effect posts what was decided there."""
    return next(
        (
            entry
            for _, entry in sorted(policy.entries.items())
            if entry.enabled
            for those in entry.effects.values()
            for effect in those
            if effect.post == book.name and effect.amount_from
        ),
        None,
    )


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
