"""What can be done in a ledger. Each deed is one transaction, one posting and one line in the journal.

Every posting takes an amount out of one account and puts it into another, so the balances of a ledger always add up
to nothing. Both accounts are locked in the order of their ids: two postings never wait for each other.

A payment that is refused leaves a line in the journal too. A refusal rolls the transaction back, so that line is
written by a connection of its own (`write_apart`) before the refusal is raised.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.db.models import F

from zugong.accounts.models import User
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.journal.actions import write_all, write_apart
from zugong.core.sentences import Sentence
from zugong.ledgers import powers
from zugong.ledgers.models import Account, Posting
from zugong.ledgers.rules import UNSET, once, said
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger
from zugong.packs.schema.common import Effect
from zugong.registry.effects import Verb
from zugong.registry.happening import Happening
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


class Payments:
    """Many payments of one ledger: each is asked what `pay` asks, then all are written at once.

    What is paid already is looked up, and every account locked, when it is made: make it inside the transaction.
    """

    def __init__(
        self, policy: Policy, name: str, *, to: Iterable[int], days: Iterable[date], by: User
    ) -> None:
        self.policy, self.ledger, self.by = policy, policy.ledger(name), by
        for day in days:
            _check_hands(policy, self.ledger, by, None, day)
        self.among = {day: Asked(policy, day).find(self.ledger.account) for day in days}
        self.standings = {day: _standings(self.ledger, to, day) for day in days}
        self.county = pool(name) if self.ledger.pool else outside(name)
        self.accounts = {one.holder_id: one for one in _accounts(name, set(to))}
        locked = _locked(self.county, *self.accounts.values())
        self.left = {pk: one.balance for pk, one in locked.items()}
        rows = Posting.objects.filter(ledger=name, reverses=None)
        self.turns = Counter(rows.filter(reversed_by__isnull=False).values_list("key", flat=True))
        self.paid = {one.key: one for one in rows.filter(reversed_by=None)}
        self.postings: list[Posting] = []
        self.unset: list[tuple[Subject, str]] = []

    def add(self, to: Subject, *, day: date, deed: str) -> None:
        """Take one more. Raises Refused as `pay` does, the attempt journaled; nothing has been paid then."""
        ledger, line = self.ledger, self.ledger.tariff.line(day)
        if not line or not line.value:
            self.unset.append((to, deed))
            return
        if to.pk not in self.among[day]:
            raise Refused("{holder}不在“{ledger}”的范围内", holder=to.name_on(day), ledger=ledger)
        holder, amount = self.accounts[to.pk], abs(line.value)
        source, target = (self.county, holder) if line.value > 0 else (holder, self.county)
        standing = self.standings[day].get(to.pk, "")
        key = once(ledger.once_per, about=to.pk, deed=deed, day=day, standing=standing)
        clause = str(self.policy.cite(ledger, line) or "")
        if earlier := self.paid.get(key):
            what = _twice(ledger, earlier)
            _refuse(what, "ledger.second-payment", ledger, key, amount, deed, self.by, clause)
        if self.left[source.pk] < amount and not source.outside:
            what = _too_little(ledger, self.left[source.pk], amount)
            _refuse(what, "ledger.overdraft", ledger, key, amount, deed, self.by, clause)
        self.left[source.pk] -= amount
        self.left[target.pk] += amount
        self.paid[key] = Posting(
            ledger=ledger.name,
            key=key,
            turn=1 + self.turns[key],
            source=source,
            target=target,
            amount=amount,
            day=day,
            deed=deed,
            clause=clause,
            by=str(self.by),
            posted_at=clock.now(),
        )
        self.postings.append(self.paid[key])

    @transaction.atomic
    def pay(self) -> list[Posting]:
        """Write them all, with a line of the journal for each."""
        unset = ({"to": str(to), "cause": deed, "said": UNSET} for to, deed in self.unset)
        write_all("ledger.unset", ((f"ledger {self.ledger.name}", told) for told in unset), by=self.by)
        return _write_all(self.ledger, self.postings, "ledger.post", self.by)


@transaction.atomic
def reverse_all(policy: Policy, postings: Iterable[Posting], *, today: date, reason: str, by: User) -> None:
    """Take postings of one ledger back at once, as `reverse` takes back one: today, or on their own later day."""
    given = list(postings)
    if not given:
        return
    if not reason.strip():
        raise Refused("冲销要写明理由", field="reason")
    ledger = policy.ledger(given[0].ledger)
    for day in {max(today, one.day) for one in given}:
        _check_hands(policy, ledger, by, None, day)
    if any(one.reverses_id for one in given):
        raise Refused("冲销本身不能再冲销，请重新记账")
    left = {
        pk: one.balance
        for pk, one in _locked(*(end for one in given for end in (one.source, one.target))).items()
    }
    new = []
    for one in given:
        key, clause = f"reverse {one.pk}", one.clause
        if left[one.target_id] < one.amount and not one.target.outside:
            what = _too_little(ledger, left[one.target_id], one.amount)
            _refuse(what, "ledger.overdraft", ledger, key, one.amount, reason.strip(), by, clause)
        left[one.target_id] -= one.amount
        left[one.source_id] += one.amount
        new.append(
            Posting(
                ledger=ledger.name,
                key=key,
                source=one.target,
                target=one.source,
                amount=one.amount,
                day=max(today, one.day),
                deed=reason.strip(),
                clause=clause,
                reverses=one,
                by=str(by),
                posted_at=clock.now(),
            )
        )
    _write_all(ledger, new, "ledger.reverse", by)


def _write_all(ledger: Ledger, postings: list[Posting], deed: str, by: object) -> list[Posting]:
    """Write postings whose accounts are locked, move the balances by their sums, and tell of each."""
    try:
        with transaction.atomic():
            made = Posting.objects.bulk_create(postings, batch_size=2000)
    except IntegrityError as error:
        raise Refused("“{ledger}”这一笔刚刚记过，不能重复", ledger=ledger) from error
    moved = Counter[int]()
    for one in made:
        moved[one.source_id] -= one.amount
        moved[one.target_id] += one.amount
    changed = list(Account.objects.filter(pk__in=moved).order_by("id"))
    for account_ in changed:
        account_.balance += moved[account_.pk]
    Account.objects.bulk_update(changed, ["balance"], batch_size=2000)
    write_all(deed, ((f"ledger {ledger.name}", _told(one)) for one in made), by=by)
    return made


def _accounts(name: str, holders: set[int]) -> list[Account]:
    """Return the accounts of holders, opened where there is none yet."""
    rows = Account.objects.filter(ledger=name, outside=False, holder__in=holders).select_related("holder")
    new = holders - set(rows.values_list("holder_id", flat=True))
    opened = [Account(ledger=name, holder_id=holder) for holder in sorted(new)]
    Account.objects.bulk_create(opened, batch_size=2000, ignore_conflicts=True)
    return list(rows)


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
            _twice(ledger, earlier),
            *("ledger.second-payment", ledger, key, amount, deed, by, clause),
        )
    have = accounts[source.pk].balance
    if have < amount and not source.outside:
        _refuse(
            _too_little(ledger, have, amount),
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
        **_told(posting),
    )
    return posting


def _told(posting: Posting) -> dict[str, Any]:
    """Return what the journal says of a posting."""
    return {
        "key": posting.key,
        "source": str(posting.source),
        "target": str(posting.target),
        "amount": posting.amount,
        "cause": posting.deed,
        "clause": posting.clause,
    }


def _twice(ledger: Ledger, earlier: Posting) -> Sentence:
    return Sentence(
        "“{ledger}”已于{day}按“{deed}”记过，不能重复", ledger=ledger, day=earlier.day, deed=earlier.deed
    )


def _too_little(ledger: Ledger, have: int, amount: int) -> Sentence:
    return Sentence(
        "余额{have}，不够{amount}", have=said(have, ledger.unit), amount=said(amount, ledger.unit)
    )


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
    said_ = _standings(ledger, [holder.pk], day).get(holder.pk, "")
    return once(ledger.once_per, about=holder.pk, deed=deed, day=day, standing=said_)


def _standings(ledger: Ledger, holders: Iterable[int], day: date) -> dict[int, str]:
    """Return for each holder the standings by which the ledger is theirs, as a key says them."""
    rolls = list(ledger.account.rolls())
    said_: dict[int, list[str]] = defaultdict(list)
    for one in Standing.objects.on(day).filter(roll__in=rolls, subject__in=holders).order_by("roll"):
        said_[one.subject_id].append(f"{one.roll} {one.valid.lower}")
    return {holder: " ".join(words) for holder, words in said_.items()}
