"""A county of a dozen subjects and a pack of a page, for the tests of the engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from django.db.backends.postgresql.psycopg_any import DateRange

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.packs import loader
from zugong.packs.policy import Policy
from zugong.registry import actions as registry
from zugong.registry.models import Edition, Subject

LONG_AGO = date(2020, 1, 1)
DAY = date(2025, 3, 10)
_numbers = count(1)

BASICS = {
    "pack.yaml": "pack: little\nlabel: 小县\nversion: '1'\n",
    "sources.yaml": "sources:\n  paper: {label: 试行办法, number: 青组发〔2025〕1号, fictional: true}\n",
    "names/classes.yaml": """
classes: organisations
label: 组织
of: organisation
items:
  - {id: county, label: 县}
  - {id: office, label: 办公室}
  - {id: township, label: 乡镇}
  - {id: village, label: 村}
---
classes: posts
label: 职务
of: post
items:
  - {id: township-head, label: 乡镇长}
  - {id: county-leader, label: 县领导}
---
classes: persons
label: 人员
of: person
items: [{id: cadre, label: 干部}]
""",
}


def texts(**files: str) -> dict[str, dict[str, str]]:
    """Return the texts of a pack: the basics, and one file per keyword."""
    return {"little": BASICS | {f"{name}.yaml": text for name, text in files.items()}}


def policy(**files: str) -> Policy:
    return loader.load(texts(**files), "little")


def in_force(since: date = LONG_AGO, **files: str) -> Edition:
    return registry.put_in_force(texts(**files), "little", since=since, by="甲", agreed_by="乙")


@dataclass
class County:
    """青穆县 with one office, two townships and three villages in the first of them."""

    root: Subject
    office: Subject
    townships: list[Subject]
    villages: list[Subject]
    users: dict[str, User] = field(default_factory=dict)

    def person(self, name: str, post: str = "", of: Subject | None = None) -> Subject:
        """A person, and the holder of a post where one is named."""
        person = registry.add("person", klass="cadre", name=name, since=LONG_AGO, by="t")
        if post:
            seat = registry.add("post", klass=post, name=post, parent=of or self.root, since=LONG_AGO, by="t")
            registry.appoint(person, post=seat, since=LONG_AGO, by="t")
        return person

    def user(self, role: Role, over: Subject | None, person: Subject | None = None) -> User:
        """A user who has a role over an organisation."""
        name = f"u{next(_numbers)}"
        user = User.objects.create_user(name, called=name, made_on=LONG_AGO, person=person)
        Grant.objects.create(
            user=user,
            role=role,
            organisation=over,
            held=DateRange(LONG_AGO, None),
            given_by="甲",
            agreed_by="乙",
        )
        return user


def county() -> County:
    def organisation(klass: str, name: str, parent: Subject | None) -> Subject:
        return registry.add("organisation", klass=klass, name=name, parent=parent, since=LONG_AGO, by="t")

    root = organisation("county", "青穆县委", None)
    townships = [organisation("township", name, root) for name in ("河亭镇", "白石乡")]
    villages = [organisation("village", name, townships[0]) for name in ("上村", "中村", "下村")]
    return County(root, organisation("office", "组织部", root), townships, villages)
