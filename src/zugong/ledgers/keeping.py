"""What is entered by hand on the rolls and in the ledgers of the pack: by who keeps them, and by two where it says so.

A deed is tried as it is proposed: what could not be done is refused to the first person already, and an attempt to
overdraw or to pay twice is journaled then. It is done on the day on which the second person agrees.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from django.db import IntegrityError, transaction

from zugong.accounts.models import User
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.ledgers import actions, powers
from zugong.ledgers.models import Book, Motion, Posting
from zugong.packs.policy import Policy
from zugong.packs.schema.common import ByHand
from zugong.packs.schema.registry import Roll
from zugong.registry import actions as registry
from zugong.registry.models import Standing, Subject
from zugong.registry.rules import PERSON


@dataclass(frozen=True)
class Deed:
    """One thing done by hand: to whom, in which book, and what for."""

    book: Book
    name: str  # of the roll or ledger
    verb: str  # enter, strike, correct; fill, pay, reverse
    reason: str  # or the paper that says so
    subject: int | None = None
    value: str = ""
    until: date | None = None
    amount: int | None = None
    posting: int | None = None  # the one that is reversed

    def entry(self, policy: Policy) -> ByHand:
        """Return the roll or ledger of the pack. Raises Refused where there is none such."""
        return policy.roll(self.name) if self.book == Book.ROLL else policy.ledger(self.name)


@transaction.atomic
def keep(policy: Policy, deed: Deed, *, by: User, day: date) -> Motion | None:
    """Do a deed by hand, or lay it before a second person where two are needed; the motion then waits for them.

    Raises Refused for who does not keep the book, for what cannot be done, and while the same waits already.
    """
    powers.check_keeps(by, policy, deed.entry(policy), day)
    if not deed.reason.strip():
        raise Refused("请写明依据", field="reason")
    if not _needs_two(policy, deed):
        _do(policy, deed, by=by, agreed_by=None, day=day)
        return None
    with transaction.atomic():
        _do(policy, deed, by=by, agreed_by=by, day=day)
        transaction.set_rollback(True)
    return _lay(deed, by=by, day=day)


def _needs_two(policy: Policy, deed: Deed) -> bool:
    """Two where the pack says so, and wherever a person's standing is put right: it is never one person's word."""
    return deed.entry(policy).two_people or deed.verb == "correct"


def _lay(deed: Deed, *, by: User, day: date) -> Motion:
    words = asdict(deed) | {"until": deed.until.isoformat() if deed.until else None}
    try:
        with transaction.atomic():
            motion = Motion.objects.create(
                book=deed.book,
                name=deed.name,
                verb=deed.verb,
                subject_id=deed.subject,
                reason=deed.reason.strip(),
                words={key: words[key] for key in ("value", "until", "amount", "posting")},
                proposed_by=by,
                proposed_on=day,
            )
    except IntegrityError as error:
        raise Refused("同样的一笔已经提出，等第二人答复") from error
    journal.write("motion.ask", by=by, on=motion.subject or motion, book=deed.name, verb=deed.verb)
    return motion


@transaction.atomic
def answer(policy: Policy, motion: Motion, *, agreed: bool, by: User, day: date) -> None:
    """Agree, and it is done; or do not, and nothing is. Who proposed it may only take it back."""
    locked = Motion.objects.select_for_update(of=("self",)).get(pk=motion.pk)
    if locked.answered_by_id is not None:
        raise Refused("这一笔已经答复过了")
    deed = said(locked)
    powers.check_keeps(by, policy, deed.entry(policy), day)
    if agreed and by.pk == locked.proposed_by_id:
        raise Refused("须两人办理：提出的人和同意的人不能是同一人")
    locked.answered_by, locked.answered_on, locked.agreed = by, day, agreed
    locked.save(update_fields=["answered_by", "answered_on", "agreed"])
    verb = "motion.agree" if agreed else "motion.decline"
    journal.write(verb, by=by, on=locked.subject or locked, book=deed.name, verb=deed.verb)
    if agreed:
        _do(policy, deed, by=locked.proposed_by, agreed_by=by, day=day)


def said(motion: Motion) -> Deed:
    """Return the deed that a motion asks for."""
    words = motion.words
    return Deed(
        Book(motion.book),
        motion.name,
        motion.verb,
        motion.reason,
        subject=motion.subject_id,
        value=words["value"],
        until=date.fromisoformat(words["until"]) if words["until"] else None,
        amount=words["amount"],
        posting=words["posting"],
    )


def _do(policy: Policy, deed: Deed, *, by: User, agreed_by: User | None, day: date) -> None:
    subject = Subject.objects.get(pk=deed.subject) if deed.subject else None
    if deed.book == Book.LEDGER:
        _post(policy, deed, subject, by=by, agreed_by=agreed_by, day=day)
    elif subject is not None:
        _stand(policy, deed, subject, by=f"{by}、{agreed_by}" if agreed_by else str(by), day=day)


def _stand(policy: Policy, deed: Deed, subject: Subject, *, by: str, day: date) -> None:
    roll = policy.roll(deed.name)
    if deed.verb == "enter":
        registry.enrol(
            policy,
            deed.name,
            subject,
            since=day,
            until=deed.until,
            value=deed.value,
            by=by,
            source=deed.reason.strip(),
        )
        return
    row = Standing.objects.on(day).filter(roll=deed.name, subject=subject).first()
    if row is None:
        raise Refused("“{subject}”现在不在“{roll}”上", subject=subject.name_on(day), roll=roll)
    if deed.verb == "strike" and subject.noun == PERSON:
        raise Refused(
            "把人移出名册是对本人不利的事，须立案、告知、听取申辩、可复核；录错了的可以更正", field="reason"
        )
    # What was entered wrongly was never true: it ends on the day on which it begins.
    on = day if deed.verb == "strike" else (row.valid.lower or day)
    registry.strike(deed.name, subject, on=on, by=by, source=deed.reason.strip())


def _post(
    policy: Policy, deed: Deed, subject: Subject | None, *, by: User, agreed_by: User | None, day: date
) -> None:
    reason = deed.reason.strip()
    match deed.verb:
        case "fill":
            amount = deed.amount or 0
            actions.fill(policy, deed.name, amount=amount, day=day, deed=reason, by=by, agreed_by=agreed_by)
        case "pay" if subject is not None:
            paid = actions.pay(
                policy,
                deed.name,
                to=subject,
                day=day,
                deed=reason,
                by=by,
                agreed_by=agreed_by,
                amount=deed.amount,
            )
            if paid is None:
                raise Refused("“{ledger}”未设标准，不能支付", ledger=policy.ledger(deed.name))
        case "reverse":
            posting = Posting.objects.get(pk=deed.posting or 0, ledger=deed.name)
            actions.reverse(policy, posting, day=day, reason=reason, by=by, agreed_by=agreed_by)


def may_strike(roll: Roll, noun: str) -> str:
    """Return which verb takes a standing away by hand: a person's is only put right."""
    return "correct" if noun == PERSON else "strike"
