"""Who may see a bulletin, who drafts, who approves."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.bulletins.models import Bulletin, BulletinState
from zugong.core.once import asked_once
from zugong.packs.policy import Policy
from zugong.packs.schema.bulletins import Bulletin as BulletinKind
from zugong.registry.actions import policy_of
from zugong.registry.selecting import Asked


def visible(asker: User, day: date) -> QuerySet[Bulletin]:
    """Return the bulletins an asker may see: all for those who draft or approve over the county, issued ones for
    those who see, and for the people of a body that must approve also those that wait for it.
    """
    if over_county(asker, May.ISSUE, day) or over_county(asker, May.APPROVE, day):
        return Bulletin.objects.all()
    if not asker.may(May.SEE, day):
        return Bulletin.objects.none()
    issued = Q(state=BulletinState.ISSUED)
    return Bulletin.objects.filter(issued | Q(pk__in=_of_own_body(asker, day)))


def _of_own_body(asker: User, day: date) -> list[int]:
    """Return the submitted bulletins that a body must approve for which the asker approves."""
    if not asker.may(May.APPROVE, day):
        return []
    submitted = Bulletin.objects.filter(state=BulletinState.SUBMITTED).select_related("edition")
    return [one.pk for one in submitted if _is_of_a_body(asker, one, day)]


def _is_of_a_body(asker: User, bulletin: Bulletin, day: date) -> bool:
    policy = policy_of(bulletin.edition)
    roles = (role for names in policy.bulletin(bulletin.kind).approve.values() for role in names)
    return any(acts_as(asker, role, policy, day) for role in roles)


def bulletin(asker: User, pk: int, day: date) -> Bulletin:
    """Return a bulletin that the asker may see. Raises Bulletin.DoesNotExist as for one that is not there."""
    return visible(asker, day).select_related("edition").get(pk=pk)


@asked_once
def submitted(asker: User, day: date) -> list[Bulletin]:
    """Return the bulletins an asker may see that were submitted and are not issued."""
    rows = visible(asker, day).filter(state=BulletinState.SUBMITTED).select_related("edition")
    return list(rows.defer("facts").prefetch_related("approvals"))


def awaiting(asker: User, day: date) -> list[Bulletin]:
    """Return the bulletins that wait for this asker's approval."""
    return [one for one in submitted(asker, day) if approving(asker, one, *_rules_of(one), day)]


def to_issue(asker: User, day: date) -> list[Bulletin]:
    """Return the bulletins that everybody has approved and that this asker may issue."""
    return [
        one
        for one in submitted(asker, day)
        if may_draft(asker, *_rules_of(one), day) and not wanting(one, _rules_of(one)[0])
    ]


def wanting(bulletin: Bulletin, entry: BulletinKind) -> list[str]:
    """Return the roles in whose name a bulletin is not yet approved, in the order of the pack."""
    given = {one.role for one in bulletin.given}
    return [role for roles in entry.approve.values() for role in roles if role not in given]


def may_remove(asker: User, bulletin: Bulletin, day: date) -> bool:
    """Say whether the asker may remove a bulletin: their own draft that was never submitted."""
    drafted = bulletin.state == BulletinState.DRAFT and bulletin.round == 1
    return drafted and bulletin.drafted_by == str(asker) and may_draft(asker, *_rules_of(bulletin), day)


def _rules_of(bulletin: Bulletin) -> tuple[BulletinKind, Policy]:
    policy = policy_of(bulletin.edition)
    return policy.bulletin(bulletin.kind), policy


def may_draft(asker: User, entry: BulletinKind, policy: Policy, day: date) -> bool:
    """Say whether the asker drafts bulletins of a kind: for the body that composes it, where one is named."""
    return asker.may(May.ISSUE, day) and (not entry.compose or acts_as(asker, entry.compose, policy, day))


def acts_as(asker: User, role: str, policy: Policy, day: date) -> bool:
    """Say whether the asker acts for the body that a role of the pack names."""
    return bool(Asked(policy, day).role(role) & asker.acts_for(day))


def approving(asker: User, bulletin: Bulletin, entry: BulletinKind, policy: Policy, day: date) -> list[str]:
    """Return the roles in whose name the asker may still approve a submitted bulletin: never who drafted it."""
    taken = {bulletin.drafted_by, *(one.by for one in bulletin.given)}
    if bulletin.state != BulletinState.SUBMITTED or str(asker) in taken:
        return []
    if not asker.may(May.APPROVE, day):
        return []
    return [role for role in wanting(bulletin, entry) if acts_as(asker, role, policy, day)]
