"""The cast: a dozen people of 青穆县 on a small county of three townships, made through the public actions.

Chen is at the desk of the organisation department and may much; Han is its head; Wang is clerk of 禾汀镇; Li is secretary of
白石村 there; Zhou is posted to it as first secretary; Zhao is clerk of another township and may nothing here; Shen is the
county leader in support; Yu minds the standing committee's papers.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.contrib.sessions.backends.db import SessionStore
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.packs import loader
from zugong.packs.policy import Policy
from zugong.registry import actions as registry
from zugong.registry.models import Subject

LONG_AGO = date(2020, 1, 1)
BY = "青穆"
TOWNSHIPS = {
    "禾汀镇": ("白石村", "青林村", "杜若村"),
    "麓山乡": ("云坪村", "石渡村", "松坪村"),
    "穆溪街道": ("苇塘村", "柳浦村", "桥西村"),
}


@dataclass
class Cast:
    """The county and its people, each by the name the tests know them by."""

    policy: Policy
    county: Subject
    standing: Subject
    office: Subject
    bureau: Subject
    townships: dict[str, Subject]
    villages: dict[str, Subject]
    people: dict[str, Subject] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def open(self, village: str = "白石村", *, day: date, kind: str = "rectification") -> Case:
        """A case about a village, as the rating opens one."""
        return cases.open(kind, about=self.villages[village], day=day, by=None, cause="评星")

    def client(self, name: str) -> Client:
        """A browser in which somebody has signed in and proved who they are."""
        client = Client()
        client.force_login(self.users[name])
        session = client.session
        session["passed_second_factor"] = True
        session.save()
        return client

    def cookie(self, name: str) -> str:
        """The session cookie of somebody who has signed in, for a real browser."""
        session = SessionStore()
        user = self.users[name]
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "zugong.accounts.backends.SignIn"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session["passed_second_factor"] = True
        session.save()
        return session.session_key or ""


def cast(today: date | None = None) -> Cast:
    """Make the county and its people; Qingmu's pack is in force from long ago."""
    packs = loader.library(Path(os.environ["ZUGONG_PACKS"]))
    edition = registry.put_in_force(packs, "qingmu", since=LONG_AGO, by=BY, agreed_by="安全管理员")
    county = _organisation("county-committee", "青穆县委", None)
    townships = {name: _organisation("township-committee", f"{name}党委", county) for name in TOWNSHIPS}
    made = Cast(
        policy=registry.policy_of(edition),
        county=county,
        standing=_organisation("standing-committee", "青穆县委常委会", county),
        office=_organisation("organisation-department", "县委组织部", county),
        bureau=_organisation("department", "县农业农村局", county),
        townships=townships,
        villages={
            village: _organisation("village", f"{village}党支部", townships[name])
            for name, villages in TOWNSHIPS.items()
            for village in villages
        },
    )
    _people(made)
    return made


def _organisation(klass: str, name: str, parent: Subject | None) -> Subject:
    return registry.add("organisation", klass=klass, name=name, parent=parent, since=LONG_AGO, by=BY)


def _people(made: Cast) -> None:
    heting, lushan, baishi = made.townships["禾汀镇"], made.townships["麓山乡"], made.villages["白石村"]
    person(made, "chen", "陈岚", "staff", made.office, [(Role.DESK, made.county), (Role.DESK, made.office)])
    person(made, "han", "韩澈", "head", made.office, [(Role.HEAD, made.county), (Role.HEAD, made.office)])
    person(made, "yu", "俞衡", "staff", made.standing, [(Role.DESK, made.county), (Role.DESK, made.standing)])
    person(made, "wang", "王舒", "staff", heting, [(Role.TOWNSHIP_CLERK, heting)])
    person(made, "zhao", "赵行", "staff", lushan, [(Role.TOWNSHIP_CLERK, lushan)])
    person(made, "li", "李禾", "branch-secretary", baishi, [(Role.VILLAGE_SECRETARY, baishi)])
    person(made, "zhou", "周砚", "first-secretary", baishi, [(Role.FIRST_SECRETARY, baishi)])
    person(made, "shen", "沈遥", "county-leader", made.county, [(Role.LEADER, made.county)])
    person(made, "cai", "蔡言", "staff", made.bureau, [(Role.CADRE, None)])
    registry.join(made.people["li"], organisation=baishi, since=LONG_AGO, by=BY)
    registry.enter("trained", made.people["zhou"], since=LONG_AGO, by=BY)


def person(
    made: Cast, name: str, called: str, post: str, of: Subject, grants: list[tuple[Role, Subject | None]]
) -> None:
    person = registry.add("person", klass="cadre", name=called, since=LONG_AGO, by=BY)
    seat = registry.add("post", klass=post, name=post, parent=of, since=LONG_AGO, by=BY)
    registry.appoint(person, post=seat, since=LONG_AGO, by=BY)
    user = User.objects.create_user(
        name, called=called, made_on=LONG_AGO, person=person, password_set_at=clock.instant()
    )
    for role, over in grants:
        Grant.objects.create(
            user=user,
            role=role,
            organisation=over,
            held=DateRange(LONG_AGO, None),
            given_by=BY,
            agreed_by="安全管理员",
        )
    made.people[name], made.users[name] = person, user


def tie_supporters(made: Cast, village: str, *, since: date) -> None:
    """The leader, the department and the first secretary that a weak village gets."""
    far = made.villages[village]
    for role, near in (
        ("leader", made.people["shen"]),
        ("department", made.bureau),
        ("first-secretary", made.people["zhou"]),
    ):
        registry.tie(made.policy, "supporter", role, near=near, far=far, since=since, by=BY)
