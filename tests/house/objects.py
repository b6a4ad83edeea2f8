"""What an address with a number in it points to, for `permissions.csv`. One line for each name of an address.

Each function gets the world and an organisation, makes the object that belongs to it, and returns the address's arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from zugong.accounts import actions
from zugong.accounts.models import Proposal, User
from zugong.accounts.rules import Role
from zugong.core import clock
from zugong.core.journal.actions import export_head
from zugong.registry import actions as registry
from zugong.registry.models import Subject

Arguments = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A county with two townships and their villages; one user for each role, signed in; and the day."""

    day: date
    organisations: dict[str, Subject]
    users: dict[str, User]
    sessions: dict[str, str]


def somebody(world: World, organisation: Subject | None) -> User:
    """An account with a grant over the organisation."""
    found = User.objects.filter(username="somebody").first()
    if found:
        return found
    made = actions.make_user("somebody", called="某人", day=world.day, by="测试")
    where = organisation or world.organisations["village"]
    actions.grant(made, Role.LIAISON, organisation=where, since=world.day, by="甲", agreed_by="乙")
    return made


def account(world: World, organisation: Subject | None) -> Arguments:
    return {"pk": somebody(world, organisation).pk}


def grant(world: World, organisation: Subject | None) -> Arguments:
    return {"pk": somebody(world, organisation).grants.get().pk}


def proposal(world: World, organisation: Subject | None) -> Arguments:
    made = actions.propose(
        actions.RESET_SECOND_FACTOR,
        "清除二次验证",
        by=world.users["security-administrator"],
        at=clock.instant(),
        user=somebody(world, organisation).pk,
    )
    return {"pk": Proposal.objects.get(pk=made.pk).pk}


def head(world: World, organisation: Subject | None) -> Arguments:
    return {"pk": export_head(world.day, by="审计管理员").pk}


def organisation(world: World, organisation: Subject | None) -> Arguments:
    assert organisation
    return {"pk": organisation.pk}


def person(world: World, organisation: Subject | None) -> Arguments:
    """A member of the organisation."""
    assert organisation
    member = registry.add("person", klass="cadre", name="某人", since=world.day, by="测试")
    registry.join(member, organisation=organisation, since=world.day, by="测试")
    return {"pk": member.pk}


OBJECTS: dict[str, Callable[[World, Subject | None], Arguments]] = {
    "organisation": organisation,
    "person": person,
    "account-of": account,
    "account-state": account,
    "grant-ask": account,
    "second-factor-reset": account,
    "grant-revoke": grant,
    "proposal-answer": proposal,
    "journal-head": head,
    "journal-head-file": head,
}
