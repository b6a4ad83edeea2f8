"""Who may open what: `permissions.csv`, reviewed by hand, against the real addresses.

A line says, for one address, method and object, which roles are let in. Columns are roles, `nobody` is not signed in.
The object belongs to an organisation that is, seen from the user's grant, their `own`, `below` it, a `sibling`, the `parent`;
`self` is the user's own; `none` has no organisation. Who is let in gets the page, the form or the deed; everybody else is
answered 403 or 404, whatever they send. By which principles each cell was set is said in docs/explanation/who-may-open-what.md.
Deny by default: an address that is not in the table fails. To add a page, add its lines here and,
where its address has arguments, one line to `objects.py`. Nothing here reads powers.py or accounts' rules.
"""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from objects import OBJECTS, OWN, Arguments, World

from zugong.accounts.actions import begin_second_factor
from zugong.accounts.models import Grant, User
from zugong.core import clock
from zugong.packs.loader import library
from zugong.registry import actions as registry
from zugong.registry.models import Subject

TABLE = Path(__file__).with_name("permissions.csv")
RELATIONS = {"own", "below", "sibling", "parent", "self", "none"}
ADMINISTRATORS = {"system-administrator", "security-administrator", "audit-administrator"}

# Where each role is held: an administrator nowhere, the department's people over the county, the others in one place.
HELD = {
    "system-administrator": "",
    "security-administrator": "",
    "audit-administrator": "",
    "desk": "county",
    "head": "county",
    "leader": "county",
    "township-clerk": "township",
    "township-secretary": "township",
    "village-secretary": "village",
    "first-secretary": "village",
    "liaison": "department",
    "cadre": "village",
}
# As in the demo, the department's people act for the department too.
ALSO = {"desk": "office", "head": "office"}
# What stands in that relation to each place; where nothing does, the cell is `-`.
SEEN_FROM = {
    "county": {"own": "county", "below": "village"},
    "township": {"own": "township", "below": "village", "sibling": "other township", "parent": "county"},
    "village": {"own": "village", "sibling": "other village", "parent": "township"},
    "department": {"own": "department", "sibling": "township", "parent": "county"},
    "": {"own": "county", "below": "village", "sibling": "township", "parent": "county"},
}


@cache
def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cells() -> Iterator[tuple[str, str, str, str, bool]]:
    for row in rows():
        for role in ("nobody", *HELD):
            if row[role] != "-":
                yield row["address"], row["method"], row["object"], role, row[role] == "yes"


def addresses(resolver: URLResolver | None = None) -> Iterator[str]:
    """Every name in the real URLconf."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one)
        elif isinstance(one, URLPattern):
            yield one.name or str(one.pattern)


def said_of(row: dict[str, str]) -> str:
    return f"{row['address']} {row['method']} {row['object']}"


def test_every_address_is_in_the_table_and_every_line_has_an_address() -> None:
    real, listed = set(addresses()), {row["address"] for row in rows()}
    assert real - listed == set(), "not in permissions.csv: say who may open them"
    assert listed - real == set(), "in permissions.csv, and no such address"


def test_the_table_is_whole() -> None:
    seen: set[str] = set()
    for row in rows():
        assert row["method"] in {"GET", "POST"}, said_of(row)
        assert row["object"] in RELATIONS, said_of(row)
        assert said_of(row) not in seen, f"twice: {said_of(row)}"
        seen.add(said_of(row))
        for role, place in HELD.items():
            assert row[role] in {"yes", "no", "-"}, f"{said_of(row)} {role}"
            nowhere = (
                role in ADMINISTRATORS  # nobody of the registry: three accounts apart from it
                if row["object"] == "self"
                else row["object"] != "none" and row["object"] not in SEEN_FROM[place]
            )
            assert (row[role] == "-") == nowhere, (
                f"{said_of(row)} {role}: - where nothing stands so, and only there"
            )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """The county, made once and taken back at the end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield made()
        transaction.set_rollback(True)


def made() -> World:
    day = clock.today()
    registry.put_in_force(library(settings.PACKS), "qingmu", since=date(2020, 1, 1), by="甲", agreed_by="乙")

    def organisation(name: str, klass: str, parent: Subject | None = None) -> Subject:
        return registry.add(
            "organisation", klass=klass, name=name, since=date(2020, 1, 1), by="测试", parent=parent
        )

    county = organisation("青穆县委", "county-committee")
    township = organisation("禾汀镇党委", "township-committee", county)
    places = {
        "county": county,
        "township": township,
        "village": organisation("白石村党支部", "village", township),
        "other village": organisation("杜若村党支部", "village", township),
        "other township": organisation("麓山乡党委", "township-committee", county),
        "department": organisation("县农业农村局", "department", county),
        "office": organisation("县委组织部", "organisation-department", county),
    }
    users = {}
    for role, place in HELD.items():
        person = None
        if role not in ADMINISTRATORS:
            person = registry.add("person", klass="cadre", name=role, since=date(2020, 1, 1), by="测试")
        user = User.objects.create_user(
            role, called=role, made_on=day, password_set_at=timezone.now(), person=person
        )
        for held in (place, *filter(None, [ALSO.get(role)])):
            Grant.objects.create(
                user=user, role=role, organisation=places.get(held), held=(date(2020, 1, 1), None),
                given_by="甲", agreed_by="乙",
            )  # fmt: skip
        users[role] = user
    return World(day, places, users, {role: session_of(user) for role, user in users.items()})


@pytest.mark.parametrize(("address", "method", "relation", "role", "allowed"), list(cells()))
def test_a_page_opens_for_those_the_table_names_and_for_nobody_else(
    world: World, address: str, method: str, relation: str, role: str, allowed: bool
) -> None:
    from django.db import transaction

    with transaction.atomic():
        arguments, sent = addressed(world, address, relation, role)
        client = signed_in(world, role)
        response = client.generic(
            method, reverse(address, kwargs=arguments), urlencode(sent), "application/x-www-form-urlencoded"
        )
        transaction.set_rollback(True)
    to_sign_in = response.status_code == 302 and response["Location"].startswith("/signin?next=")
    assert (response.status_code not in {403, 404} and not to_sign_in) == allowed, response.status_code
    assert response.status_code < 500


def addressed(world: World, address: str, relation: str, role: str) -> tuple[Arguments, Arguments]:
    """Make the object of a line: the arguments of its address, and what is sent there."""
    if relation == "self":
        return OWN[address](world, world.users["cadre" if role == "nobody" else role]), {}
    place = SEEN_FROM[HELD.get(role, "")].get(relation, "")
    made = OBJECTS[address](world, world.organisations.get(place)) if address in OBJECTS else {}
    return made, made.pop("sent", {})


def signed_in(world: World, role: str) -> Client:
    client = Client()
    if role != "nobody":
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
    return client


def session_of(user: User) -> str:
    """Somebody who has signed in and proved who they are; a phone's key waits for them."""
    begin_second_factor(user)
    client = Client()
    client.force_login(user)
    session = client.session
    session["passed_second_factor"] = True
    session.save()
    return str(session.session_key)
