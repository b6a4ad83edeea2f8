"""A county of one township and one village under any pack, and its people at the pages."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.cases.models import Case
from zugong.core import clock
from zugong.packs import loader
from zugong.registry import actions as registry
from zugong.registry.models import Subject

LONG_AGO, BY = date(2018, 1, 1), "测试"


class County:
    """A county of one township and one village under some pack."""

    def __init__(self, pack: str) -> None:
        packs = loader.library(Path(os.environ["ZUGONG_PACKS"]))
        edition = registry.put_in_force(packs, pack, since=LONG_AGO, by=BY, agreed_by="安全管理员")
        self.policy = registry.policy_of(edition)
        self.county = self.organisation("county-committee", "某市委", None)
        self.office = self.organisation("organisation-department", "市委组织部", self.county)
        self.town = self.organisation("township-committee", "柳河镇党委", self.county)
        self.village = self.organisation("village", "白石村党支部", self.town)
        self.chen = self.user("chen", "陈岚", [(Role.DESK, self.county), (Role.DESK, self.office)])
        self.hu = self.user("hu", "胡澄", [(Role.HEAD, self.county), (Role.HEAD, self.office)])
        self.clerk = self.user("clerk", "王舒", [(Role.TOWNSHIP_CLERK, self.town)])
        self.li = self.user("li", "李禾", [(Role.VILLAGE_SECRETARY, self.village)])
        self.first = self.user("first", "周砚", [(Role.CADRE, None)])

    def organisation(self, klass: str, name: str, parent: Subject | None) -> Subject:
        return registry.add("organisation", klass=klass, name=name, parent=parent, since=LONG_AGO, by=BY)

    def user(self, name: str, called: str, grants: list[tuple[Role, Subject | None]]) -> User:
        person = registry.add("person", klass="cadre", name=called, since=LONG_AGO, by=BY)
        user = User.objects.create_user(
            name, called=called, made_on=LONG_AGO, person=person, password_set_at=clock.instant()
        )
        for role, over in grants:
            Grant.objects.create(
                user=user, role=role, organisation=over, held=DateRange(LONG_AGO, None),
                given_by=BY, agreed_by="安全管理员",
            )  # fmt: skip
        return user


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    session = made.session
    session["passed_second_factor"] = True
    session.save()
    return made


def submit(user: User, case: Case, **given: object) -> None:
    response = client(user).post(reverse("case-submission", args=[case.pk]), given)
    assert response.status_code == 302, response.content.decode().split("<main", 1)[-1][:3000]
