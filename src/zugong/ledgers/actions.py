"""What can be done in a ledger. Each deed is one transaction, one posting and one line in the journal.

Every posting takes an amount out of one account and puts it into another, so the balances of a ledger always add up
to nothing. Both accounts are locked in the order of their ids: two postings never wait for each other.

A payment that is refused leaves a line in the journal too. A refusal rolls the transaction back, so that line is
written by a connection of its own (`write_apart`) before the refusal is raised.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NoReturn, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum

from zugong.accounts.models import User
from zugong.accounts.telling import tell
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.journal.actions import write_all, write_apart
from zugong.core.period import period
from zugong.core.sentences import Sentence
from zugong.core.workdays import months_later
from zugong.ledgers import powers
from zugong.ledgers.models import Account, Posting
from zugong.ledgers.rules import UNSET, lapsed, once, said, times
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger
from zugong.packs.schema.common import Effect, Entry
from zugong.registry.effects import Verb
from zugong.registry.happening import Happening
from zugong.registry.models import Standing, Subject
from zugong.registry.selecting import Asked, Ids

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
    if decides := powers.decided_by(policy, ledger):
        _refuse_by_hand(ledger, decides, by, deed)
    if amount is not None:
        _check_decided(ledger, amount, deed, day)
    if ledger.caps and _room(ledger, to, day) == 0:
        raise Refused("“{ledger}”本期给{holder}的已到上限", ledger=ledger, holder=to.name_on(day))
    return _pay(policy, ledger, to, amount, day, deed, by)


def _check_hands(policy: Policy, ledger: Ledger, by: User, agreed_by: User | None, day: date) -> None:
    """Raise Refused unless these keep the ledger: one, or two where the pack says so."""
    powers.check_keeps(by, policy, ledger, day)
    if ledger.two_people and agreed_by is None:
        raise Refused("“{ledger}”须两人办理：一人提出，另一人同意", ledger=ledger)


def _refuse_by_hand(ledger: Ledger, decides: Entry, by: User, deed: str) -> NoReturn:
    sentence = Sentence("“{ledger}”只按“{entry}”的决定支付，不能手工支付", ledger=ledger, entry=decides)
    write_apart("ledger.undecided", by=by, on=f"ledger {ledger.name}", cause=deed, refused=sentence)
    raise Refused.because(sentence)


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
        self.county = _county(self.ledger)
        self.accounts = {one.holder_id: one for one in _accounts(name, set(to))}
        self.writing = Writing(self.ledger, [self.county, *self.accounts.values()], by=by)
        self.unset: list[tuple[Subject, str]] = []

    def add(self, to: Subject, *, day: date, deed: str) -> None:
        """Take one more. Raises Refused as `pay` does, the attempt journaled; nothing has been paid then."""
        ledger, line = self.ledger, self.ledger.tariff.line(day)
        if not line or not line.value:
            self.unset.append((to, deed))
            return
        if to.pk not in self.among[day]:
            raise Refused("{holder}不在“{ledger}”的范围内", holder=to.name_on(day), ledger=ledger)
        standing = self.standings[day].get(to.pk, "")
        amount = _within_cap(ledger, to, line.value, day, deed, self.by, also=self.writing.new)
        if amount == 0:
            return
        self.writing.add(
            once(ledger.once_per, about=to.pk, deed=deed, day=day, standing=standing),
            **_ends(self.county, self.accounts[to.pk], amount),
            day=day,
            deed=deed,
            clause=str(self.policy.cite(ledger, line) or ""),
        )

    @transaction.atomic
    def pay(self) -> list[Posting]:
        """Write them all, with a line of the journal for each."""
        unset = ({"to": str(to), "cause": deed, "said": UNSET} for to, deed in self.unset)
        write_all("ledger.unset", ((f"ledger {self.ledger.name}", told) for told in unset), by=self.by)
        return self.writing.write()


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
    if day < posting.day:
        raise Refused("冲销的日期不能早于原来的记账", field="day")
    return _reverse(ledger, {posting: day}, reason=reason, by=by)[0]


@transaction.atomic
def reverse_all(policy: Policy, postings: Iterable[Posting], *, today: date, reason: str, by: User) -> None:
    """Take postings of one ledger back at once, as `reverse` takes back one: today, or on their own later day."""
    days = {one: max(today, one.day) for one in postings}
    if not days:
        return
    ledger = policy.ledger(next(iter(days)).ledger)
    for day in set(days.values()):
        _check_hands(policy, ledger, by, None, day)
    _reverse(ledger, days, reason=reason, by=by)


def _reverse(ledger: Ledger, days: Mapping[Posting, date], *, reason: str, by: User) -> list[Posting]:
    """Write the opposite of each posting, on its day."""
    if not reason.strip():
        raise Refused("冲销要写明理由", field="reason")
    if any(one.reverses_id for one in days):
        raise Refused("冲销本身不能再冲销，请重新记账")
    ends = [end for one in days for end in (one.source, one.target)]
    writing = Writing(ledger, ends, by=by, keys=[f"reverse {one.pk}" for one in days])
    for one, day in days.items():
        writing.add(
            f"reverse {one.pk}",
            source=one.target,
            target=one.source,
            amount=one.amount,
            day=day,
            deed=reason.strip(),
            clause=one.clause,
            reverses=one,
        )
    return writing.write()


# --- Spending and lapsing -------------------------------------------------------------


@transaction.atomic
def redeem(
    policy: Policy,
    name: str,
    benefit: str,
    *,
    holder: Subject,
    day: date,
    by: User,
    wanted: int | None = None,
    key: str = "",
) -> Posting:
    """Spend an account on a benefit: as often as it goes, or as often as is wanted. The posting says what that gave.

    The same `key`, of one form, spends nothing a second time and returns what was spent the first. Raises Refused for who does not give it out, a benefit without a price, and an account that has too little.
    """
    ledger = policy.ledger(name)
    one = next((one for one in ledger.redeem if one.id == benefit), None)
    if one is None:
        raise Refused("“{ledger}”没有“{benefit}”这一项兑换", ledger=ledger, benefit=benefit, field="benefit")
    if not powers.gives_out(by, policy, ledger, one, day):
        raise Refused("“{benefit}”由制度包指定的单位兑付，您不能办理", benefit=one)
    line = one.price.line(day)
    if line is None or line.value <= 0:
        raise Refused("“{benefit}”未设标准，不能兑换", benefit=one)
    holding = _locked([account(policy, ledger, holder, day)])
    (spent_from,) = holding.values()
    spent = Posting.objects.filter(ledger=name, source=spent_from, benefit=benefit)
    if key and (first := spent.filter(key__endswith=f" form={key}").first()):
        return first
    n = times(spent_from.balance, line.value, again=one.per_full is not None, wanted=wanted)
    if n == 0 and (wanted or 1) * line.value <= spent_from.balance:
        raise Refused(
            "“{benefit}”满{price}兑一份，一次一份",
            benefit=one,
            price=said(line.value, ledger.unit),
            field="wanted",
        )
    turn = f"form={key}" if key else f"turn={spent.count() + 1}"
    return post(
        ledger,
        f"redeem {benefit} about={holder.pk} {turn}",
        source=spent_from,
        target=_county(ledger),
        amount=line.value * (n or wanted or 1),  # too little: refused there, and journaled
        day=day,
        deed=f"redeem {benefit}",
        by=by,
        clause=str(policy.cite(ledger, line) or ""),
        benefit=benefit,
        gives={unit: amount * n for unit, amount in line.gives.items()},
    )


@transaction.atomic
def expire(policy: Policy, ledger: Ledger, one: Account, day: date) -> Posting | None:
    """Take back what an account earned too long ago and did not spend; None where there is nothing of the kind."""
    due = min(lapsed(_earned(ledger, one), _spent(one), day=day), one.balance)
    if due == 0:
        return None
    return post(
        ledger,
        f"expire about={one.holder_id} {day}",
        source=one,
        target=_county(ledger),
        amount=due,
        day=day,
        deed="expire",
        by=journal.SYSTEM,
        clause=str(policy.cite(ledger) or ""),
    )


def _standing_postings(**end: Account) -> QuerySet[Posting]:
    """Return the postings into or out of an account that were not taken back."""
    return Posting.objects.filter(reverses=None, reversed_by=None, **end)


def _earned(ledger: Ledger, one: Account) -> list[tuple[date, int]]:
    """Return what an account earned, each with the day from which it can no longer be spent; nothing without a rule."""
    rows = _standing_postings(target=one).values_list("day", "amount")
    ends = ((_ends_on(ledger, day), amount) for day, amount in rows)
    return [(until, amount) for until, amount in ends if until]


def _ends_on(ledger: Ledger, day: date) -> date | None:
    assert ledger.expiry is not None
    months = (ledger.expiry.years.on(day) or 0) * 12 + (ledger.expiry.months.on(day) or 0)
    return months_later(day, months) if months else None


def _spent(one: Account) -> int:
    return _standing_postings(source=one).aggregate(all=Sum("amount"))["all"] or 0


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
    benefit: str = "",
    gives: Mapping[str, int] | None = None,
) -> Posting:
    """Move an amount from one account to another, once for a key. Raises Refused as `Writing.add` does."""
    writing = Writing(ledger, [source, target], by=by, keys=[key])
    writing.add(
        key,
        source=source,
        target=target,
        amount=amount,
        day=day,
        deed=deed,
        clause=clause,
        benefit=benefit,
        gives=gives,
    )
    return writing.write()[0]


class Writing:
    """Postings of one ledger: each is checked with those before it in mind, then all are written at once.

    Its accounts are locked, and what was posted by its keys is looked up, when it is made: make it inside the
    transaction. Without keys, all that was ever posted is looked up.
    """

    def __init__(
        self,
        ledger: Ledger,
        accounts: Iterable[Account],
        *,
        by: object,
        keys: Collection[str] | None = None,
    ) -> None:
        self.ledger, self.by = ledger, by
        self.accounts = _locked(accounts)
        self.had = {pk: one.balance for pk, one in self.accounts.items()}
        rows = Posting.objects.filter(ledger=ledger.name)
        rows = rows if keys is None else rows.filter(key__in=keys)
        # What was reversed may be paid again: each reversal opens one more turn of the key.
        self.turns = Counter(rows.filter(reversed_by__isnull=False).values_list("key", flat=True))
        self.paid = {one.key: one for one in rows.filter(reversed_by=None)}
        self.new: list[Posting] = []

    def add(
        self,
        key: str,
        *,
        source: Account,
        target: Account,
        amount: int,
        day: date,
        deed: str,
        clause: str,
        reverses: Posting | None = None,
        benefit: str = "",
        gives: Mapping[str, int] | None = None,
    ) -> None:
        """Take one more.

        Raises Refused, and journals the attempt, where the key was paid already or the source has too little.
        """
        if amount <= 0:
            raise Refused("金额要大于零", field="amount")
        if {source.ledger, target.ledger} != {self.ledger.name}:
            raise Refused("不能在两个台账之间记账")
        posting = Posting(
            ledger=self.ledger.name,
            key=key,
            turn=1 + self.turns[key],
            source=source,
            target=target,
            amount=amount,
            day=day,
            deed=deed,
            clause=clause,
            reverses=reverses,
            benefit=benefit,
            gives=dict(gives or {}),
            by=str(self.by),
            posted_at=clock.now(),
        )
        giver, taker = self.accounts[source.pk], self.accounts[target.pk]
        if earlier := self.paid.get(key):
            _refuse(_twice(self.ledger, earlier), "ledger.second-payment", posting)
        if giver.balance < amount and not giver.outside:
            _refuse(_too_little(self.ledger, giver.balance, amount), "ledger.overdraft", posting)
        giver.balance -= amount
        taker.balance += amount
        self.paid[key] = posting
        self.new.append(posting)

    def write(self) -> list[Posting]:
        """Write them, with the balances that they make and a line of the journal for each."""
        try:
            with transaction.atomic():
                Posting.objects.bulk_create(self.new, batch_size=2000)
        except IntegrityError:
            # Paid a moment ago between two other accounts, so that no lock was shared.
            _refuse(
                Sentence("“{ledger}”这一笔刚刚记过，不能重复", ledger=self.ledger),
                "ledger.second-payment",
                self._overtaken(),
            )
        Account.objects.bulk_update(self.accounts.values(), ["balance"], batch_size=2000)
        for deed, reversals in (("ledger.post", False), ("ledger.reverse", True)):
            told = (_told(one) for one in self.new if (one.reverses is not None) == reversals)
            write_all(deed, ((f"ledger {self.ledger.name}", one) for one in told), by=self.by)
        self._warn()
        return self.new

    def _warn(self) -> None:
        """Remind the holder of an account that has fallen under what the pack says, and nobody else."""
        if self.ledger.warn is None or not self.new:
            return
        last = self.new[-1]
        below = self.ledger.warn.below.on(last.day) or 0
        for one in self.accounts.values():
            if one.holder_id and one.balance < below <= self.had[one.pk]:
                tell(
                    frozenset({one.holder_id}),
                    day=last.day,
                    key=f"ledger {self.ledger.name} below {last.key}",
                    sentence=Sentence(
                        "“{ledger}”余额不足{below}，只提醒您本人",
                        ledger=self.ledger,
                        below=said(below, self.ledger.unit),
                    ),
                    link="/ledgers/own",
                )

    def _overtaken(self) -> Posting:
        """Return which of them somebody else has posted meanwhile."""
        rows = Posting.objects.filter(ledger=self.ledger.name, key__in=[one.key for one in self.new])
        there = set(rows.values_list("key", "turn"))
        return next((one for one in self.new if (one.key, one.turn) in there), self.new[0])


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


def _locked(accounts: Iterable[Account]) -> Mapping[int, Account]:
    locked = Account.objects.select_for_update(of=("self",)).filter(pk__in={one.pk for one in accounts})
    return {account.pk: account for account in locked.order_by("id")}


def _refuse(sentence: Sentence, attempt: str, posting: Posting) -> NoReturn:
    write_apart(
        attempt,
        by=posting.by,
        on=f"ledger {posting.ledger}",
        key=posting.key,
        amount=posting.amount,
        cause=posting.deed,
        refused=sentence,
    )
    raise Refused.because(sentence, clause=posting.clause)


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
    ids: Ids = frozenset({happening.subject.pk})
    if effect.to not in ("", "about"):  # of many, those who have an account
        ids = happening.words.get(effect.to, frozenset()) & Asked(policy, day).find(ledger.account)
    amount = _decided(effect, happening) if effect.amount_from else _amount(effect, day)
    for holder in Subject.objects.filter(pk__in=ids).order_by("pk"):
        if not _paid(ledger, holder, happening):
            _pay(policy, ledger, holder, amount, day, happening.cause, happening.by)


def _amount(effect: Effect, day: date) -> int | None:
    return effect.amount.on(day) if effect.amount else None


def _decided(effect: Effect, happening: Happening) -> int:
    """Return the amount that was decided in the case. Raises Refused where there is none, or it pays nothing."""
    amount = happening.facts.get(effect.amount_from or "")
    if not isinstance(amount, int) or amount <= 0:
        raise Refused("审定的金额要大于零", field=effect.amount_from or "")
    return amount


VERBS: dict[str, Verb] = {"post": _post}


def _paid(ledger: Ledger, holder: Subject, happening: Happening) -> bool:
    """Say whether it was paid already; journal it where another deed did so."""
    key = _key(ledger, holder, happening.cause, happening.day)
    earlier = Posting.objects.filter(ledger=ledger.name, key=key, reversed_by=None).first()
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
    amount = _within_cap(ledger, to, amount, day, deed, by)
    if amount == 0:
        return None
    return post(
        ledger,
        _key(ledger, to, deed, day),
        **_ends(_county(ledger), account(policy, ledger, to, day), amount),
        day=day,
        deed=deed,
        by=by,
        clause=str(policy.cite(ledger, line) or ""),
    )


def _within_cap(
    ledger: Ledger,
    to: Subject,
    amount: int,
    day: date,
    deed: str,
    by: object,
    *,
    also: Iterable[Posting] = (),
) -> int:
    """Return how much of an amount an account may still earn in the period; what is cut off is journaled."""
    if ledger.caps is None or amount < 0 or (room := _room(ledger, to, day, also)) is None or room >= amount:
        return amount
    journal.write(
        "ledger.capped", by=by, on=f"ledger {ledger.name}", to=str(to), cause=deed, amount=amount, posted=room
    )
    return room


def _room(ledger: Ledger, to: Subject, day: date, also: Iterable[Posting] = ()) -> int | None:
    """Return how much an account may still earn in the period of a day; None where no cap is set."""
    cap = ledger.caps.on(day) if ledger.caps else None
    if ledger.caps is None or cap is None:
        return None
    span = period(ledger.caps.per, day)
    rows = Posting.objects.filter(
        ledger=ledger.name,
        target__holder=to,
        day__range=(span.first, span.last),
        reverses=None,
        reversed_by=None,
    )
    earned = rows.aggregate(all=Sum("amount"))["all"] or 0
    coming = sum(one.amount for one in also if one.target.holder_id == to.pk and one.day in span)
    return max(cap - earned - coming, 0)


def _county(ledger: Ledger) -> Account:
    return pool(ledger.name) if ledger.pool else outside(ledger.name)


class _Ends(TypedDict):
    source: Account
    target: Account
    amount: int


def _ends(county: Account, holder: Account, amount: int) -> _Ends:
    """Say who gives and who takes: a negative amount is taken away from the holder."""
    source, target = (county, holder) if amount > 0 else (holder, county)
    return {"source": source, "target": target, "amount": abs(amount)}


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
