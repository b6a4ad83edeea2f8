"""What can be done in a ledger. Each deed is one transaction, one posting and one line in the journal.

Every posting takes an amount out of one account and puts it into another, so the balances of a ledger always add up
to nothing. Both accounts are locked in the order of their ids: two postings never wait for each other.

A payment that is refused leaves a line in the journal too. A refusal rolls the transaction back, so that line is
written by a connection of its own (`write_apart`) before the refusal is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from django.db import IntegrityError, transaction
from django.db.models import F

from zugong.accounts.models import User
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.journal.actions import write_apart
from zugong.core.sentences import Sentence
from zugong.ledgers import powers
from zugong.ledgers.models import Account, Posting
from zugong.ledgers.rules import UNSET, once, said
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger
from zugong.packs.schema.common import Effect
from zugong.registry.effects import Happening, Verb
from zugong.registry.models import Standing, Subject
from zugong.registry.selecting import Asked

# --- By hand, by whoever keeps the ledger ----------------------------------------


@transaction.atomic
def fill(
    policy: Policy,
    name: str,
    *,
    amount: int,
    day: date,
    deed: str,
    by: User,
    agreed_by: User | None = None,
    clause: str = "",
) -> Posting:
    """Fill the pool of a ledger from outside. The deed is filled once: name the paper that allots it."""
    ledger = policy.ledger(name)
    _check_hands(policy, ledger, by, agreed_by, day)
    if not ledger.pool:
        raise Refused("“{ledger}”没有资金池，不需要拨入", ledger=ledger)
    return post(
        ledger,
        f"fill {deed}",
        source=outside(name),
        target=pool(name),
        amount=amount,
        day=day,
        deed=deed,
        by=by,
        clause=clause,
    )


@transaction.atomic
def pay(
    policy: Policy,
    name: str,
    *,
    to: Subject,
    day: date,
    deed: str,
    by: User,
    agreed_by: User | None = None,
    amount: int | None = None,
) -> Posting | None:
    """Pay the tariff of the day to one account, once for what the pack says is paid once.

    An amount is given only where the pack says that it is decided case by case and has no tariff; the deed then names
    the paper that decided it. Returns None where nothing is set: nothing is paid, and the journal says 未设标准. Raises
    Refused for who does not keep the ledger, an account it does not have, a second payment, and a pool that is too low.
    """
    ledger = policy.ledger(name)
    _check_hands(policy, ledger, by, agreed_by, day)
    if amount is not None:
        _check_decided(ledger, amount, deed, day)
    return _pay(policy, ledger, to, amount, day, deed, by)


def _check_hands(policy: Policy, ledger: Ledger, by: User, agreed_by: User | None, day: date) -> None:
    """Raise Refused unless these keep the ledger: one, or two where the pack says so."""
    powers.check_keeps(by, policy, ledger, day)
    if ledger.two_people and agreed_by is None:
        raise Refused("“{ledger}”须两人办理：一人提出，另一人同意", ledger=ledger)


def _check_decided(ledger: Ledger, amount: int, deed: str, day: date) -> None:
    if not ledger.case_by_case or ledger.tariff.line(day):
        raise Refused("“{ledger}”的金额由制度包规定，不能另填", ledger=ledger, field="amount")
    if amount <= 0:
        raise Refused("金额要大于零", field="amount")
    if not deed.strip():
        raise Refused("金额逐笔审定的，要写明依据哪份文件", field="deed")


@transaction.atomic
def reverse(
    policy: Policy, posting: Posting, *, day: date, reason: str, by: User, agreed_by: User | None = None
) -> Posting:
    """Take a posting back by an opposite one. The same may then be paid again; both stay readable."""
    ledger = policy.ledger(posting.ledger)
    _check_hands(policy, ledger, by, agreed_by, day)
    if not reason.strip():
        raise Refused("冲销要写明理由", field="reason")
    if day < posting.day:
        raise Refused("冲销的日期不能早于原来的记账", field="day")
    return _reverse(ledger, posting, day=day, deed=reason.strip(), by=by)


def _reverse(ledger: Ledger, posting: Posting, *, day: date, deed: str, by: object) -> Posting:
    if posting.reverses_id:
        raise Refused("冲销本身不能再冲销，请重新记账")
    return post(
        ledger,
        f"reverse {posting.pk}",
        source=posting.target,
        target=posting.source,
        amount=posting.amount,
        day=day,
        deed=deed,
        by=by,
        clause=posting.clause,
        reverses=posting,
    )


# --- The one way in which anything is posted ----------------------------------------


@transaction.atomic
def post(
    ledger: Ledger,
    key: str,
    *,
    source: Account,
    target: Account,
    amount: int,
    day: date,
    deed: str,
    by: object,
    clause: str = "",
    reverses: Posting | None = None,
) -> Posting:
    """Move an amount from one account to another, once for a key.

    Raises Refused, and journals the attempt, where the key was paid already or the source has too little.
    """
    if amount <= 0:
        raise Refused("金额要大于零", field="amount")
    if {source.ledger, target.ledger} != {ledger.name}:
        raise Refused("不能在两个台账之间记账")
    accounts = _locked(source, target)
    turn = _turn(ledger, key)
    if earlier := Posting.objects.filter(ledger=ledger.name, key=key, turn=turn).first():
        _refuse(
            Sentence(
                "“{ledger}”已于{day}按“{deed}”记过，不能重复",
                ledger=ledger,
                day=earlier.day,
                deed=earlier.deed,
            ),
            *("ledger.second-payment", ledger, key, amount, deed, by, clause),
        )
    have = accounts[source.pk].balance
    if have < amount and not source.outside:
        _refuse(
            Sentence(
                "余额{have}，不够{amount}", have=said(have, ledger.unit), amount=said(amount, ledger.unit)
            ),
            *("ledger.overdraft", ledger, key, amount, deed, by, clause),
        )
    try:
        with transaction.atomic():
            posting = Posting.objects.create(
                ledger=ledger.name,
                key=key,
                turn=turn,
                source=source,
                target=target,
                amount=amount,
                day=day,
                deed=deed,
                clause=clause,
                reverses=reverses,
                by=str(by),
                posted_at=clock.now(),
            )
    except IntegrityError:
        # Paid a moment ago between two other accounts, so that no lock was shared.
        _refuse(
            Sentence("“{ledger}”这一笔刚刚记过，不能重复", ledger=ledger),
            *("ledger.second-payment", ledger, key, amount, deed, by, clause),
        )
    for account, change in ((source, -amount), (target, amount)):
        Account.objects.filter(pk=account.pk).update(balance=F("balance") + change)
    journal.write(
        "ledger.reverse" if reverses else "ledger.post",
        by=by,
        on=f"ledger {ledger.name}",
        key=key,
        source=str(source),
        target=str(target),
        amount=amount,
        cause=deed,
        clause=clause,
    )
    return posting


def _locked(*accounts: Account) -> Mapping[int, Account]:
    locked = Account.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in accounts])
    return {account.pk: account for account in locked.order_by("id")}


def _turn(ledger: Ledger, key: str) -> int:
    """What was reversed may be paid again: each reversal opens one more turn of the key."""
    return 1 + Posting.objects.filter(ledger=ledger.name, key=key, reversed_by__isnull=False).count()


def _refuse(
    sentence: Sentence,
    attempt: str,
    ledger: Ledger,
    key: str,
    amount: int,
    deed: str,
    by: object,
    clause: str,
) -> NoReturn:
    write_apart(
        attempt, by=by, on=f"ledger {ledger.name}", key=key, amount=amount, cause=deed, refused=sentence
    )
    raise Refused.because(sentence, clause=clause)


# --- Accounts -----------------------------------------------------------------------


def account(policy: Policy, ledger: Ledger, holder: Subject, day: date) -> Account:
    """Return a holder's account. Raises Refused for a holder who is not among those that the ledger is for."""
    if holder.pk not in Asked(policy, day).find(ledger.account):
        raise Refused("{holder}不在“{ledger}”的范围内", holder=holder.name_on(day), ledger=ledger)
    return Account.objects.get_or_create(ledger=ledger.name, holder=holder, outside=False)[0]


def pool(name: str) -> Account:
    """Return the county's own account in a ledger."""
    return Account.objects.get_or_create(ledger=name, holder=None, outside=False)[0]


def outside(name: str) -> Account:
    """Return where a ledger's amounts come from and go to: the rest of the world, which alone may be negative."""
    return Account.objects.get_or_create(ledger=name, holder=None, outside=True)[0]


def balance(name: str, holder: Subject | None = None) -> int:
    """Return a holder's balance in a ledger, or the pool's; nothing where there is no account yet."""
    found = Account.objects.filter(ledger=name, holder=holder, outside=False).values_list(
        "balance", flat=True
    )
    return found.first() or 0


# --- By effects ------------------------------------------------------------------------


def _post(effect: Effect, happening: Happening) -> None:
    """`post: LEDGER, amount: …, to: …`: pay each of those meant, once; a negative amount takes away.

    Running the same deed again pays nothing more. What another deed has paid already is journaled and left.
    """
    policy, day = happening.policy, happening.day
    ledger = policy.ledger(effect.post or "")
    ids = (
        happening.words.get(effect.to, frozenset())
        if effect.to not in ("", "about")
        else {happening.subject.pk}
    )
    amount = effect.amount.on(day) if effect.amount else None
    for holder in Subject.objects.filter(pk__in=ids).order_by("pk"):
        if not _paid(ledger, holder, happening):
            _pay(policy, ledger, holder, amount, day, happening.cause, happening.by)


VERBS: dict[str, Verb] = {"post": _post}


def _paid(ledger: Ledger, holder: Subject, happening: Happening) -> bool:
    """Say whether it was paid already; journal it where another deed did so."""
    key = _key(ledger, holder, happening.cause, happening.day)
    earlier = Posting.objects.filter(ledger=ledger.name, key=key, turn=_turn(ledger, key)).first()
    if earlier and earlier.deed != happening.cause:
        journal.write(
            "ledger.second-payment",
            by=happening.by,
            on=f"ledger {ledger.name}",
            key=key,
            cause=happening.cause,
            paid_by=earlier.deed,
        )
    return earlier is not None


def _pay(
    policy: Policy, ledger: Ledger, to: Subject, amount: int | None, day: date, deed: str, by: object
) -> Posting | None:
    line = ledger.tariff.line(day)
    amount = amount if amount is not None else line.value if line else None
    if not amount:
        journal.write("ledger.unset", by=by, on=f"ledger {ledger.name}", to=str(to), cause=deed, said=UNSET)
        return None
    holder = account(policy, ledger, to, day)
    county = pool(ledger.name) if ledger.pool else outside(ledger.name)
    source, target = (county, holder) if amount > 0 else (holder, county)
    return post(
        ledger,
        _key(ledger, to, deed, day),
        source=source,
        target=target,
        amount=abs(amount),
        day=day,
        deed=deed,
        by=by,
        clause=str(policy.cite(ledger, line) or ""),
    )


def _key(ledger: Ledger, holder: Subject, deed: str, day: date) -> str:
    """Return the key of a payment: what is paid once for a standing is paid again only for a later one."""
    rolls = list(ledger.account.rolls())
    standings = Standing.objects.on(day).filter(roll__in=rolls, subject=holder).order_by("roll")
    said_ = " ".join(f"{one.roll} {one.valid.lower}" for one in standings)
    return once(ledger.once_per, about=holder.pk, deed=deed, day=day, standing=said_)
