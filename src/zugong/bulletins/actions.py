"""Compose, approve, issue. Each deed is one transaction and one line in the journal."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from zugong.accounts.models import User
from zugong.accounts.telling import tell
from zugong.bulletins import composing, powers
from zugong.bulletins.models import Approval, Bulletin, BulletinState, Item
from zugong.bulletins.papers.paper import check_number
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.pending.actions import collect
from zugong.core.period import Period, label, period
from zugong.core.sentences import Sentence
from zugong.packs.policy import Policy
from zugong.packs.schema.bulletins import Bulletin as BulletinKind
from zugong.registry.actions import edition_on, policy_of
from zugong.registry.models import Particulars
from zugong.registry.selecting import Asked


@transaction.atomic
def compose(kind: str, *, within: date, day: date, by: User) -> Bulletin:
    """Draft the bulletin of the period that a day lies in, from the facts as of today or the period's end."""
    edition = edition_on(day)
    policy = policy_of(edition)
    entry = policy.bulletin(kind)
    _may_draft(by, entry, policy, day)
    span = period_of(entry, within)
    if span.first > day:
        raise Refused("{period}还没有开始", period=label(span.name), field="within")
    if not Particulars.objects.during(span.first, span.last).exists():
        raise Refused("平台上没有{period}的组织，写不出通报", period=label(span.name), field="within")
    as_of = min(span.last, day)
    take_items(day)
    try:
        with transaction.atomic():
            bulletin = Bulletin.objects.create(
                kind=kind,
                edition=edition,
                period=span.name,
                first=span.first,
                last=span.last,
                as_of=as_of,
                facts=composing.compose(policy, entry, span, as_of),
                drafted_by=str(by),
            )
    except IntegrityError as error:
        raise Refused(
            "{period}的“{entry}”已经起草，请直接打开", period=label(span.name), entry=entry
        ) from error
    journal.write("bulletin.compose", by=by, on=bulletin, as_of=str(as_of))
    return bulletin


@transaction.atomic
def redraw(bulletin: Bulletin, *, day: date, by: User) -> None:
    """Draw a draft's facts again, as of today or the period's end."""
    policy, entry = _of(bulletin)
    _may_draft(by, entry, policy, day)
    _must_be(bulletin, BulletinState.DRAFT, Sentence("只有草稿可以重新取数"))
    span = period_of(entry, bulletin.first)
    bulletin.as_of = min(span.last, day)
    take_items(day)
    bulletin.facts = composing.compose(policy, entry, span, bulletin.as_of)
    bulletin.save(update_fields=["as_of", "facts"])
    journal.write("bulletin.redraw", by=by, on=bulletin, as_of=str(bulletin.as_of))


@transaction.atomic
def take_items(day: date) -> int:
    """Collect what lower engines put in bulletins up to a day: what happened a minute ago too. Returns how many."""
    items = [
        Item(
            kind=row.name, key=row.key, about_id=row.subject, day=row.due_on, cause=row.cause, words=row.words
        )
        for row in collect("put", day)
    ]
    Item.objects.bulk_create(items, ignore_conflicts=True)
    return len(items)


@transaction.atomic
def remove(bulletin: Bulletin, *, day: date, by: User) -> None:
    """Take a draft away that was never submitted: its author's deed. The facts stay, and so does the line in the journal."""
    _lock(bulletin)
    if not powers.may_remove(by, bulletin, day):
        raise Refused("只有起草的人可以删去没有呈报过的草稿")
    journal.write("bulletin.remove", by=by, on=bulletin, as_of=str(bulletin.as_of))
    bulletin.delete()


@transaction.atomic
def submit(bulletin: Bulletin, *, remark: str, day: date, by: User) -> None:
    """呈报: send a draft to those who approve, with what a person adds."""
    policy, entry = _of(bulletin)
    _may_draft(by, entry, policy, day)
    _must_be(bulletin, BulletinState.DRAFT, Sentence("只有草稿可以呈报"))
    bulletin.remark, bulletin.state = remark.strip(), BulletinState.SUBMITTED
    bulletin.save(update_fields=["remark", "state"])
    journal.write("bulletin.submit", by=by, on=bulletin)
    for roles in entry.approve.values():
        for role in roles:
            tell(
                Asked(policy, day).role(role),
                day=day,
                key=f"{bulletin} submitted {bulletin.round} {role}",
                sentence=Sentence("{period}的“{entry}”等待签发", period=label(bulletin.period), entry=entry),
                link=f"/bulletins/{bulletin.pk}",
            )


@transaction.atomic
def approve(bulletin: Bulletin, *, day: date, by: User, note: str = "") -> Approval:
    """同意: in the name of a body that must approve; each body and each person once."""
    _lock(bulletin)
    policy, entry = _of(bulletin)
    roles = powers.approving(by, bulletin, entry, policy, day)
    if str(by) == bulletin.drafted_by:
        raise Refused("须两人办理：起草的人不能签发自己起草的通报")
    if not roles:
        raise Refused("这份通报不需要您签发，或您已经签过")
    approval = Approval.objects.create(
        bulletin=bulletin, round=bulletin.round, role=roles[0], by=str(by), day=day, note=note
    )
    journal.write("bulletin.approve", by=by, on=bulletin, role=roles[0])
    return approval


@transaction.atomic
def send_back(bulletin: Bulletin, *, day: date, by: User, reason: str) -> None:
    """退回: a submitted bulletin becomes a draft again; what was approved so far is approved anew in the next round."""
    _lock(bulletin)
    policy, entry = _of(bulletin)
    if not powers.approving(by, bulletin, entry, policy, day):
        raise Refused("只有待签发的人可以退回")
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    bulletin.state, bulletin.round = BulletinState.DRAFT, bulletin.round + 1
    bulletin.save(update_fields=["state", "round"])
    journal.write("bulletin.send-back", by=by, on=bulletin, reason=reason.strip())


@transaction.atomic
def issue(bulletin: Bulletin, *, number: str, day: date, by: User) -> None:
    """印发: once everybody approved, with the number that the document office gave."""
    policy, entry = _of(bulletin)
    _may_draft(by, entry, policy, day)
    _must_be(bulletin, BulletinState.SUBMITTED, Sentence("先呈报，签发齐了再印发"))
    if left := [policy.roles[role].label for role in powers.wanting(bulletin, entry)]:
        raise Refused("还差{left}签发", left=left)
    if number:
        check_number(number)
    bulletin.number, bulletin.state, bulletin.issued_on = number, BulletinState.ISSUED, day
    bulletin.save(update_fields=["number", "state", "issued_on"])
    journal.write("bulletin.issue", by=by, on=bulletin, number=number)
    for role in entry.for_:
        tell(
            Asked(policy, day).role(role),
            day=day,
            key=f"{bulletin} issued",
            sentence=Sentence("{period}的“{entry}”已印发", period=label(bulletin.period), entry=entry),
            link=f"/bulletins/{bulletin.pk}",
        )


def period_of(entry: BulletinKind, day: date) -> Period:
    """Return the period of a bulletin that a day lies in."""
    for unit in ("year", "half_year", "quarter", "month", "week"):
        if n := getattr(entry.every, unit):
            return period(unit, day, n)
    raise Refused("“{entry}”没有规定多久通报一次", entry=entry)


def _of(bulletin: Bulletin) -> tuple[Policy, BulletinKind]:
    policy = policy_of(bulletin.edition)
    return policy, policy.bulletin(bulletin.kind)


def _may_draft(by: User, entry: BulletinKind, policy: Policy, day: date) -> None:
    if not powers.may_draft(by, entry, policy, day):
        raise Refused("这份通报由组织部门的经办人起草")


def _must_be(bulletin: Bulletin, state: BulletinState, sentence: Sentence) -> None:
    _lock(bulletin)
    if bulletin.state != state:
        raise Refused.because(sentence)


def _lock(bulletin: Bulletin) -> None:
    """Lock a bulletin until the transaction ends, and read it as it stands now."""
    bulletin.refresh_from_db(from_queryset=Bulletin.objects.select_for_update(of=("self",)))
