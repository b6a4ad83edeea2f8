"""An entry of one's own account that is thought wrong: the dispute is a case, of the kind that the ledger names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from zugong.accounts.models import User
from zugong.cases import actions
from zugong.cases.models import Case
from zugong.core.errors import Refused
from zugong.ledgers import powers
from zugong.ledgers.models import Posting
from zugong.ledgers.rules import said
from zugong.packs.policy import Policy

LABEL = 200


def dispute(policy: Policy, posting: Posting, *, reason: str, by: User, day: date) -> Case:
    """Dispute an entry of one's own account, once. Raises Refused where the ledger has no such case, or gives no reason."""
    ledger = policy.ledger(posting.ledger)
    if not ledger.disputed:
        raise Refused("“{ledger}”没有规定怎样提出异议", ledger=ledger)
    if not reason.strip():
        raise Refused("请写明哪里不对", field="reason")
    own = powers.own(by, day).filter(pk__in=[posting.source_id, posting.target_id]).select_related("holder")
    if (account := own.first()) is None or account.holder is None:
        raise Refused("只能对自己的账提出异议")
    label = f"第{posting.pk}笔，{posting.day}，{said(posting.amount, ledger.unit)}：{reason.strip()}"
    return actions.open(
        ledger.disputed,
        about=account.holder,
        day=day,
        by=by,
        cause=f"posting {posting.pk} disputed",
        key=_key(posting.pk, account.holder_id),
        label=label[:LABEL],
    )


def of(postings: Iterable[Posting], asker: User, day: date) -> dict[int, Case]:
    """Return posting → the dispute over it, of those that are about the asker's own accounts."""
    holders = [one.holder_id for one in powers.own(asker, day)]
    keys = {_key(one.pk, holder): one.pk for one in postings for holder in holders}
    cases = Case.objects.filter(key__in=keys).select_related("edition").defer("edition__texts")
    return {keys[case.key]: case for case in cases if case.key}


def _key(posting: int, holder: int | None) -> str:
    return f"posting {posting} disputed by {holder}"
