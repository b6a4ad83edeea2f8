"""Who may see and do with accounts. Every other engine asks `User.roots` and `User.may` in its own powers."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import PUT_FORWARD, Draft, Grant, Proposal, User
from zugong.accounts.rules import ADMINISTRATIVE, MOVE_CASES, MOVE_PERIOD, May
from zugong.registry.powers import over_county as over_county
from zugong.registry.selecting import Ids


def users(asker: User, day: date) -> QuerySet[User]:
    """Return the accounts somebody may read: all for who makes them or grants to them, else their own."""
    if asker.may(May.SYSTEM, day) or asker.may(May.SECURITY, day):
        return User.objects.order_by("username")
    return User.objects.filter(pk=asker.pk)


def grants_for(asker: User, user: User, day: date) -> QuerySet[Grant]:
    """Return the grants of an account, past ones too, to whoever may read the account."""
    return Grant.objects.filter(user__in=users(asker, day).filter(pk=user.pk)).select_related("organisation")


def grants_of(persons: Ids, day: date) -> QuerySet[Grant]:
    """Return what some persons' accounts that are in use may do on a day."""
    found = Grant.objects.on(day).filter(user__person__in=persons, user__is_active=True)
    return found.select_related("user", "organisation").order_by("pk")


def proposals(asker: User, day: date) -> QuerySet[Proposal]:
    """Return the proposals somebody has a part in: the security administrator asks, the system administrator agrees."""
    if asker.may(May.SYSTEM, day) or asker.may(May.SECURITY, day):
        return Proposal.objects.filter(deed__in=ADMINISTRATIVE).select_related("asked_by", "closed_by")
    return Proposal.objects.none()


def moves(asker: User, day: date) -> QuerySet[Proposal]:
    """Return what was asked to go on under another edition, to those who may ask for it or agree to it."""
    if over_county(asker, May.MOVE, day) or over_county(asker, May.APPROVE, day):
        found = Proposal.objects.filter(deed__in=(MOVE_CASES, MOVE_PERIOD))
        return found.select_related("asked_by", "closed_by")
    return Proposal.objects.none()


def may_agree_to_move(asker: User, proposal: Proposal, day: date) -> bool:
    """Say whether somebody may be the second person of a move: whoever approves in the county, and did not ask."""
    waits = proposal.outcome == Proposal.Outcome.OPEN
    return waits and over_county(asker, May.APPROVE, day) and asker.pk != proposal.asked_by_id


def answerable(asker: User, day: date) -> QuerySet[Proposal]:
    """Return the proposals that wait for somebody as the second person: not who asked, and not who gains by it."""
    if not asker.may(May.SYSTEM, day):
        return Proposal.objects.none()
    waiting = proposals(asker, day).filter(outcome=Proposal.Outcome.OPEN).exclude(asked_by=asker)
    return waiting.exclude(detail__has_key="user", detail__user=asker.pk)


def may_draft(asker: User, day: date) -> bool:
    """Say whether somebody may work on a draft of a pack: who puts packs forward, and who computes ratings by them."""
    return asker.may(May.SECURITY, day) or asker.may(May.RUN, day)


def drafts(asker: User, day: date) -> QuerySet[Draft]:
    """Return the drafts somebody may read: their own, and to both administrators of a proposal what is put forward."""
    own = Q(author=asker.pk) if may_draft(asker, day) else Q(pk=None)
    if asker.may(May.SYSTEM, day) or asker.may(May.SECURITY, day):
        own |= Q(proposal__outcome__in=PUT_FORWARD)
    return Draft.objects.filter(own).select_related("author", "base", "proposal").defer("base__texts")


def draft(asker: User, pk: int, day: date) -> Draft:
    """Return a draft that the asker may read. Raises Draft.DoesNotExist as for one that is not there."""
    return drafts(asker, day).get(pk=pk)


def own_draft(asker: User, pk: int, day: date) -> Draft:
    """Return a draft that the asker may change. Raises Draft.DoesNotExist as for one that is not there."""
    return drafts(asker, day).get(pk=pk, author=asker.pk)
