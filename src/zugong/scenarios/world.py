"""The world of one scenario: its names, its day, and the county that exists before the story begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.packs import loader
from zugong.packs.policy import Policy
from zugong.registry import actions as registry
from zugong.registry import bulk
from zugong.registry.models import Appointment, Membership, Standing, Subject
from zugong.registry.selecting import Asked, Ids
from zugong.scenarios import format as told

T = TypeVar("T")
TELLER = "情景"


@dataclass
class World:
    """What the lines of a scenario can name, and the day it has come to."""

    day: date
    subjects: dict[str, Subject] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    journal_from: int = 0  # the journal's last line before the story: refusals of other stories stay in it
    made: dict[str, Any] = field(default_factory=dict)  # cases, activities, runs, bulletins that deeds named

    @property
    def policy(self) -> Policy:
        """The policy in force on the day."""
        return registry.policy_on(self.day)

    def subject(self, name: str) -> Subject:
        """Return a subject by the scenario's name. Raises Refused where nobody is called so."""
        return _named(self.subjects, name, "对象")

    def user(self, name: str) -> User:
        """Return a user, read afresh so that grants of today count."""
        return User.objects.get(pk=_named(self.users, name, "用户").pk)

    def thing(self, name: str, kind: type[T]) -> T:
        """Return what a deed made under a name, as it stands now."""
        made = _named(self.made, name, "记录")
        if not isinstance(made, kind):
            raise Refused("“{name}”不是这里要的记录", name=name)
        made.refresh_from_db()  # type: ignore[attr-defined]
        return made

    def names(self, ids: Ids) -> list[str]:
        """Return the scenario's names of subjects, sorted."""
        return sorted(name for name, subject in self.subjects.items() if subject.pk in ids)

    def find(self, selector: str) -> Ids:
        """Return whom a selector means on the day; names of the scenario may be lent as words."""
        return Asked(
            self.policy, self.day, {name: frozenset({one.pk}) for name, one in self.subjects.items()}
        ).find(selector)


def build(scenario: told.Scenario, packs: loader.Library, pack: str) -> World:
    """Put the pack in force and make everybody and everything that the scenario says exists."""
    world = World(scenario.day, journal_from=Entry.objects.aggregate(last=Max("pk"))["last"] or 0)
    given = scenario.given
    registry.put_in_force(packs, pack, since=given.since, by=TELLER, agreed_by=f"{TELLER}（第二人）")
    for noun, lines in (
        ("organisation", given.organisations),
        ("place", given.places),
        ("thing", given.things),
    ):
        _add(world, noun, lines, given.since)
    _add_people(world, given.people, given.since)
    for user in given.users:
        _add_user(world, user, given.since)
    bulk.record_all(
        [
            Standing(
                roll=line.roll,
                subject=world.subject(line.of),
                value=line.value,
                valid=DateRange(given.since, None),
            )
            for line in given.rolls
        ],
        by=TELLER,
    )
    for tie in given.ties:
        kind, role = tie.link.split(".")
        near, far = world.subject(tie.near), world.subject(tie.far)
        registry.tie(world.policy, kind, role, near=near, far=far, since=given.since, by=TELLER)
    return world


def _add(world: World, noun: str, lines: Sequence[told.Organisation], since: date) -> None:
    """Add what the lines say, as many at a time as stand under what is there already."""
    left = list(lines)
    while left:
        ready = [line for line in left if not line.under or line.under in world.subjects]
        if not ready:
            world.subject(left[0].under)  # nobody is called so: says it
        rows = [
            bulk.New(
                klass=line.class_,
                name=line.name or line.id,
                code=line.code or line.id,
                parent=world.subject(line.under).pk if line.under else None,
                since=since,
            )
            for line in ready
        ]
        _name(world, [line.id for line in ready], bulk.add_all(noun, rows, by=TELLER))
        left = [line for line in left if line.id not in world.subjects]


def _add_people(world: World, lines: Sequence[told.Person], since: date) -> None:
    persons = [
        bulk.New(klass=line.class_, name=line.name or line.id, fields=line.fields, since=since)
        for line in lines
    ]
    _name(world, [line.id for line in lines], bulk.add_all("person", persons, by=TELLER))
    held = [(line.id, klass, of) for line in lines for klass, of in line.posts.items()]
    posts = [
        bulk.New(klass=klass, name=f"{of} {klass}", parent=world.subject(of).pk, since=since)
        for _, klass, of in held
    ]
    seats = bulk.add_all("post", posts, by=TELLER)
    days = DateRange(since, None)
    bulk.record_all(
        [
            Appointment(person=world.subject(who), post_id=seat, valid=days)
            for (who, _, _), seat in zip(held, seats, strict=True)
        ],
        by=TELLER,
    )
    bulk.record_all(
        [
            Membership(person=world.subject(line.id), organisation=world.subject(line.member_of), valid=days)
            for line in lines
            if line.member_of
        ],
        by=TELLER,
    )


def _name(world: World, names: Sequence[str], ids: Sequence[int]) -> None:
    subjects = Subject.objects.in_bulk(ids)
    world.subjects |= {name: subjects[pk] for name, pk in zip(names, ids, strict=True)}


def _add_user(world: World, line: told.User, since: date) -> None:
    user = User.objects.create_user(
        line.id, called=line.id, person=world.subjects.get(line.id), made_on=since
    )
    for role, over in line.roles.items():
        Grant.objects.create(
            user=user,
            role=Role(role),
            organisation=world.subject(over) if over else None,
            held=DateRange(since, None),
            given_by=TELLER,
            agreed_by=f"{TELLER}（第二人）",
        )
    world.users[line.id] = user


def _named(names: dict[str, T], name: str, what: str) -> T:
    if name not in names:
        known = list(names)[:8]
        raise Refused("情景里没有叫“{name}”的{what}（有：{known}…）", name=name, what=what, known=known)
    return names[name]
