"""Who may see which record of the registry. The only way from somebody's request to a row; deny by default.

What is refused and what is not there are answered alike, so that nobody learns from a refusal that a record exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Replace

from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.once import asked_once
from zugong.packs.policy import Policy
from zugong.packs.schema import Roll
from zugong.packs.schema.common import ByHand
from zugong.packs.selectors import Selector
from zugong.registry.answering import deputised, posts_of
from zugong.registry.models import Appointment, Link, Membership, Particulars
from zugong.registry.rules import ORGANISATION, PERSON
from zugong.registry.selecting import Asked, Ids, below

# As accounts.rules.May calls them; accounts stand above the registry and lend only the words.
SEE, SEE_PERSONS, ACT = "see", "see-persons", "act"
SEAT = "seat"  # the link that joins a party organisation to its unit and its place
FOUND_AT_ONCE = 20
# What migration 0003 indexes.
_MORSELS = Func(F("name"), function="registry_morsels", output_field=ArrayField(TextField()))
_SPELLING = Replace("pinyin", Value(" "), Value(""))
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


class Asker(Protocol):
    """Somebody who asks: a user, seen from here."""

    @property
    def person_id(self) -> int | None: ...  # noqa: D102

    def roots(self, may: Any, day: date) -> list[int]:
        """Return the organisations at and below which they may do something on a day."""

    def tied_as(self, may: Any, day: date) -> list[int]:
        """Return the persons and organisations whose ties let them do something where these lead."""


def organisation(asker: Asker, id: int, day: date) -> Particulars:
    """Return an organisation that the asker may see, as it was on a day. Raises Refused."""
    found = organisations(asker, day).filter(subject=id).select_related("subject", "parent").first()
    if found is None:
        raise Refused("没有这个组织，或者它不在您的查看范围内")
    return found


def organisations(asker: Asker, day: date) -> QuerySet[Particulars]:
    """Return the organisations that the asker may see on a day: below their grants, led by these, or tied to them."""
    return Particulars.objects.on(day).filter(subject__noun=ORGANISATION, subject__in=within(asker, SEE, day))


def person(asker: Asker, id: int, day: date) -> Particulars:
    """Return a person's file: one's own, or that of somebody in the part of the county one may read persons of.

    Every reading is journaled. Raises Refused.
    """
    found = persons(asker, day).filter(subject=id).select_related("subject").first()
    if found is None:
        raise Refused("没有这个人，或者不在您的查看范围内")
    journal.write("person.read", by=asker, on=found.subject, own=asker.person_id == id)
    return found


def persons(asker: Asker, day: date) -> QuerySet[Particulars]:
    """Return the persons whose file the asker may read on a day, themselves among them.

    Who holds no post and is in no branch belongs to no part of the county: whoever reads all its persons finds them.
    """
    own = within(asker, SEE_PERSONS, day)
    members = Membership.objects.on(day).filter(organisation__in=own).values("person")
    owned = Particulars.objects.on(day).filter(parent__in=own).values("subject")
    holders = Appointment.objects.on(day).filter(post__in=owned, acts_for=False).values("person")
    mine = Q(subject__in=members) | Q(subject__in=holders) if own else Q(pk=None)
    if over_county(asker, SEE_PERSONS, day):
        placed = Appointment.objects.on(day).filter(acts_for=False).values("person")
        joined = Membership.objects.on(day).values("person")
        mine |= ~Q(subject__in=placed) & ~Q(subject__in=joined)
    return Particulars.objects.on(day).filter(mine | Q(subject=asker.person_id), subject__noun=PERSON)


def over_county(asker: Asker, may: str, day: date) -> bool:
    """Say whether a grant of this kind reaches the whole county: one over an organisation that has none above it.

    A township's secretary approves what is the township's, and not the county's rating or bulletin.
    """
    roots = frozenset(asker.roots(may, day))
    return bool(roots) and _reach_top(roots, day)


@asked_once
def _reach_top(organisations: Ids, day: date) -> bool:
    return Particulars.objects.on(day).filter(subject__in=organisations, parent=None).exists()


@dataclass(frozen=True)
class Hit:
    """Something that a search found."""

    noun: str
    subject: int
    name: str
    klass: str


def search(asker: Asker, text: str, day: date) -> list[Hit]:
    """Find people and organisations that the asker may see: by part of the name, initials or the pinyin's beginning.

    Exact names come first, then shorter ones; at most twenty. Nothing is found for nothing.
    """
    words = text.strip()
    if not words:
        return []
    hits = [
        Hit(noun, row.subject_id, row.name, row.klass)
        for noun, rows in ((PERSON, persons(asker, day)), (ORGANISATION, organisations(asker, day)))
        for row in matching(rows, words).order_by("pinyin", "subject")[:FOUND_AT_ONCE]
    ]
    return sorted(hits, key=lambda hit: (hit.name != words, len(hit.name), hit.name))[:FOUND_AT_ONCE]


def matching(rows: QuerySet[Particulars], words: str) -> QuerySet[Particulars]:
    """Keep the rows whose name holds the words, or whose initials or pinyin begin with them."""
    if _HAN.search(words):
        pieces = sorted({words[place : place + 2] for place in range(max(len(words) - 1, 1))})
        held = rows.annotate(morsels=_MORSELS).filter(morsels__contains=pieces)  # type: ignore[misc]  # an array
        return held.filter(name__contains=words)
    spelled = words.lower().replace(" ", "")
    begins = Q(initials__startswith=spelled) | Q(spelling__startswith=spelled)
    return rows.annotate(spelling=_SPELLING).filter(begins)


def mine(asker: Asker, day: date) -> Ids:
    """Return whom the asker speaks for: organisations, their own person, and the posts for which they act."""
    own = frozenset({asker.person_id}) if asker.person_id else frozenset()
    return frozenset(asker.roots(ACT, day)) | own | posts_of(asker.person_id, day)


def is_among(asker: Asker, seen_by: Iterable[Selector], asked: Asked) -> bool:
    """Say whether the asker is, or speaks for, one of those whom `seen_by` of the pack names."""
    own = mine(asker, asked.day)
    return any(asked.find(selector) & own for selector in seen_by)


def rolls(asker: Asker, policy: Policy, day: date, *, own: bool = False) -> dict[str, Roll]:
    """Return the rolls whose lines the asker may read: all without `seen_by`, else those that name them.

    `own`: the asker looks at themselves; a roll that says so is then not shown, and any other is.
    """
    return {
        roll.name: roll
        for roll in policy.all("roll", Roll)
        if (
            roll.person_sees if own else not roll.seen_by or is_among(asker, roll.seen_by, Asked(policy, day))
        )
    }


def keeps(asker: Asker, policy: Policy, book: ByHand, day: date) -> bool:
    """Say whether the asker enters by hand on a roll or in a ledger: they act for whoever the pack says keeps it."""
    if book.kept_by is None:
        return False
    return bool(frozenset(asker.roots(ACT, day)) & Asked(policy, day).find(book.kept_by))


def ties(asker: Asker, may: str, day: date) -> QuerySet[Link]:
    """Return the ties through which the asker may do something at their far end: the village they came to support.

    Only there, not below it: a tie is to one village or one township.
    """
    near = asker.tied_as(may, day)
    return Link.objects.on(day).filter(near__in=near) if near else Link.objects.none()


def tied(asker: Asker, may: str, day: date) -> Ids:
    """Return where the asker's ties lead."""
    return frozenset(ties(asker, may, day).values_list("far_id", flat=True))


def stood_in_for(asker: Asker, day: date) -> Ids:
    """Return the organisations of the posts in which the asker is a deputy: what such a post sees they see meanwhile."""
    posts = deputised(asker.person_id, day)
    if not posts:
        return frozenset()
    rows = Particulars.objects.on(day).filter(subject__in=posts, parent__isnull=False)
    return frozenset(rows.values_list("parent_id", flat=True))


@asked_once
def within(asker: Asker, may: str, day: date) -> Ids:
    """Return the organisations of the asker's part: below their grants, the units these lead, and what ties lead to."""
    own = below(
        frozenset(asker.roots(may, day)) | (stood_in_for(asker, day) if may == SEE else frozenset()), day
    )
    leads = Q(kind=SEAT, role="unit", near__in=own) | Q(near__in=asker.tied_as(may, day))
    ends = list(Link.objects.on(day).filter(leads).values_list("kind", "far_id"))
    led = frozenset(far for kind, far in ends if kind == SEAT)
    return own | below(led, day) | {far for _kind, far in ends}
