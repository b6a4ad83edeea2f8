"""Who may see a bulletin, who drafts, who approves."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.bulletins.models import Bulletin, BulletinState
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


def awaiting(asker: User, day: date) -> int:
    """Count the bulletins that wait for this asker's approval."""
    submitted = visible(asker, day).filter(state=BulletinState.SUBMITTED).select_related("edition")
    return sum(1 for one in submitted.prefetch_related("approvals") if _awaits(asker, one, day))


def _awaits(asker: User, bulletin: Bulletin, day: date) -> bool:
    policy = policy_of(bulletin.edition)
    return bool(approving(asker, bulletin, policy.bulletin(bulletin.kind), policy, day))


def may_draft(asker: User, entry: BulletinKind, policy: Policy, day: date) -> bool:
    """Say whether the asker drafts bulletins of a kind: for the body that composes it, where one is named."""
    return asker.may(May.ISSUE, day) and (not entry.compose or acts_as(asker, entry.compose, policy, day))


def acts_as(asker: User, role: str, policy: Policy, day: date) -> bool:
    """Say whether the asker acts for the body that a role of the pack names."""
    return bool(Asked(policy, day).role(role) & asker.acts_for(day))


def approving(asker: User, bulletin: Bulletin, entry: BulletinKind, policy: Policy, day: date) -> list[str]:
    """Return the roles in whose name the asker may still approve a submitted bulletin: never who drafted it."""
    approvals = bulletin.given
    taken = {bulletin.drafted_by, *(one.by for one in approvals)}
    if bulletin.state != BulletinState.SUBMITTED or str(asker) in taken:
        return []
    if not asker.may(May.APPROVE, day):
        return []
    done = {one.role for one in approvals}
    roles = [role for names in entry.approve.values() for role in names if role not in done]
    return [role for role in roles if acts_as(asker, role, policy, day)]
