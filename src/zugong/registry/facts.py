"""What others may read of the registry: flat tables as of a day, and who has no tie or too many.

A table says its columns even when it has no rows, so that a measure over it can be checked before it is counted.
Whole numbers, texts and days only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from zugong.packs.policy import Policy
from zugong.packs.schema import LinkKind, Roll
from zugong.registry.models import Appointment, Link, Membership, Particulars, Standing
from zugong.registry.rules import ORGANISATION, PERSON, PLACE, Cardinality
from zugong.registry.selecting import Asked, Ids, standing_on

Row = dict[str, Any]
TOWNSHIP = "township"


@dataclass(frozen=True)
class FactTable:
    """A fact table: its columns with their types, and how its rows are read as of a day, as known at an instant."""

    columns: Mapping[str, type]
    read: Callable[[Snapshot], Iterator[Row]]

    def rows(self, day: date, known: datetime | None = None) -> list[Row]:
        """Return the rows as of a day."""
        return list(self.read(Snapshot(day, known)))


@dataclass(frozen=True)
class Snapshot:
    """The registry on a day, as known at an instant, with every subject's particulars at hand."""

    day: date
    known: datetime | None = None

    @cached_property
    def particulars(self) -> dict[int, Particulars]:
        """What each person, organisation, post and thing was; places are many and no fact table needs them."""
        rows = Particulars.objects.on(self.day, self.known).exclude(subject__noun=PLACE)
        return {row.subject_id: row for row in rows.select_related("subject")}

    def klass(self, subject: int | None) -> str:
        """Return the class of a subject; nothing where it was not there."""
        row = self.particulars.get(subject) if subject else None
        return row.klass if row else ""

    def owner(self, subject: int) -> int | None:
        """Return the organisation of a post or thing."""
        row = self.particulars.get(subject)
        return row.parent_id if row else None

    def above(self, organisation: int | None, klass: str) -> int | None:
        """Return the nearest organisation of a class at or above an organisation."""
        seen: set[int] = set()
        while organisation and organisation not in seen:
            if self.klass(organisation) == klass:
                return organisation
            seen.add(organisation)
            organisation = self.owner(organisation)
        return None

    def about_person(self, person: int) -> Row:
        """Return what tables of persons say of each: class, sex, education, and age in full years."""
        row = self.particulars.get(person)
        fields = row.fields if row else {}
        return {
            "person_class": row.klass if row else "",
            "sex": fields.get("sex", ""),
            "education": fields.get("education", ""),
            "age": age(fields.get("birth", ""), self.day),
        }


def age(birth: str, day: date) -> int | None:
    """Return full years from a birth month (1980-05) or day (1980-05-02) to a day; None where it is not known."""
    if not birth:
        return None
    year, month, *rest = (int(part) for part in birth.split("-"))
    return day.year - year - ((day.month, day.day) < (month, rest[0] if rest else 1))


# --- Tables -------------------------------------------------------------------------


def _organisations(then: Snapshot) -> Iterator[Row]:
    for subject, row in then.particulars.items():
        if row.subject.noun == ORGANISATION:
            yield {
                "organisation": subject,
                "code": row.subject.code,
                "name": row.name,
                "organisation_class": row.klass,
                "parent": row.parent_id,
                "township": then.above(subject, TOWNSHIP),
                "since": row.valid.lower,
            }


def _appointments(then: Snapshot) -> Iterator[Row]:
    for row in Appointment.objects.on(then.day, then.known).filter(acts_for=False):
        organisation = then.owner(row.post_id)
        yield {
            "person": row.person_id,
            "post": row.post_id,
            "post_class": then.klass(row.post_id),
            "organisation": organisation,
            "organisation_class": then.klass(organisation),
            "township": then.above(organisation, TOWNSHIP),
            "kind": row.kind,
            "since": row.valid.lower,
            **then.about_person(row.person_id),
        }


def _memberships(then: Snapshot) -> Iterator[Row]:
    for row in Membership.objects.on(then.day, then.known):
        yield {
            "person": row.person_id,
            "organisation": row.organisation_id,
            "organisation_class": then.klass(row.organisation_id),
            "township": then.above(row.organisation_id, TOWNSHIP),
            "since": row.valid.lower,
            **then.about_person(row.person_id),
        }


def _links(then: Snapshot) -> Iterator[Row]:
    for row in Link.objects.on(then.day, then.known):
        yield {
            "kind": row.kind,
            "role": row.role,
            "near": row.near_id,
            "near_class": then.klass(row.near_id),
            "far": row.far_id,
            "far_class": then.klass(row.far_id),
            "since": row.valid.lower,
        }


def _standings(then: Snapshot) -> Iterator[Row]:
    for row in Standing.objects.on(then.day, then.known).select_related("subject"):
        own = row.subject.noun == ORGANISATION
        organisation = row.subject_id if own else then.owner(row.subject_id)
        yield {
            "roll": row.roll,
            "subject": row.subject_id,
            "noun": row.subject.noun,
            "organisation": organisation if row.subject.noun != PERSON else None,
            "township": then.above(organisation, TOWNSHIP) if row.subject.noun != PERSON else None,
            "value": row.value,
            "source": row.source,
            "since": row.valid.lower,
        }


_PERSON: dict[str, type] = {"person_class": str, "sex": str, "education": str, "age": int}
_WHERE: dict[str, type] = {"organisation": int, "organisation_class": str, "township": int}

TABLES: dict[str, FactTable] = {
    "registry.organisations": FactTable(
        _WHERE | {"code": str, "name": str, "parent": int, "since": date}, _organisations
    ),
    "registry.appointments": FactTable(
        _WHERE | _PERSON | {"person": int, "post": int, "post_class": str, "kind": str, "since": date},
        _appointments,
    ),
    "registry.memberships": FactTable(_WHERE | _PERSON | {"person": int, "since": date}, _memberships),
    "registry.links": FactTable(
        {
            "kind": str,
            "role": str,
            "near": int,
            "near_class": str,
            "far": int,
            "far_class": str,
            "since": date,
        },
        _links,
    ),
    "registry.standings": FactTable(
        {
            "roll": str,
            "subject": int,
            "noun": str,
            "organisation": int,
            "township": int,
            "value": str,
            "source": str,
            "since": date,
        },
        _standings,
    ),
}


# --- Who has none, who has too many ---------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """An end of a link that has too few ties or too many. `role` is empty where no tie at all covers it."""

    role: str
    end: str  # near, far
    subject: int
    count: int
    allowed: Cardinality

    @property
    def lacks(self) -> int:
        """How many ties are missing."""
        return self.allowed.lacks(self.count)

    @property
    def exceeds(self) -> int:
        """How many ties are too many."""
        return self.allowed.exceeds(self.count)


def counted(policy: Policy, entry: LinkKind | Roll, day: date) -> dict[str, int]:
    """Count on a day what can stand beside the figures that an entry's source prints: name → count.

    For a roll, whoever stands on it, under each name that is printed. For a link, the distinct near ends of each kind
    of tie under that kind's name, and the distinct far ends under the name of their class.
    """
    if isinstance(entry, Roll):
        return dict.fromkeys(entry.printed, len(standing_on(entry.name, day)))
    tied = list(Link.objects.on(day).filter(kind=entry.name).values_list("role", "near_id", "far_id"))
    near = {role: len({end for name, end, _ in tied if name == role}) for role in entry.kinds}
    ends = [far for _, _, far in tied]
    rows = Particulars.objects.on(day).filter(subject__in=ends).values_list("subject_id", "klass")
    far = {
        name: len({end for end, klass in rows if klass in policy.within("organisation", name)})
        for name in entry.printed
        if name not in near
    }
    return near | far


def link_gaps(policy: Policy, kind: str, day: date) -> list[Gap]:
    """Return who has too few or too many ties of a kind on a day, by the pack's cardinalities of that day.

    An end whose cardinality the pack leaves empty has no gap. What the link must cover and no tie reaches is a gap
    of no role.
    """
    link, asked = policy.link(kind), Asked(policy, day)
    tied = list(Link.objects.on(day).filter(kind=kind).values_list("role", "near_id", "far_id"))
    gaps = []
    for role, allowed in link.kinds.items():
        ends = (
            ("near", allowed.from_, allowed.each_from, [near for name, near, _ in tied if name == role]),
            ("far", allowed.to, allowed.each_to, [far for name, _, far in tied if name == role]),
        )
        for end, selector, cardinality, held in ends:
            if text := cardinality.on(day):
                gaps += _gaps(role, end, asked.find(selector), Cardinality.read(text), Counter(held))
    if link.covering:
        reached = Counter([near for _, near, _ in tied] + [far for _, _, far in tied])
        gaps += _gaps("", "far", asked.find(link.covering), Cardinality(1, None), reached)
    return gaps


def _gaps(role: str, end: str, subjects: Ids, allowed: Cardinality, held: Counter[int]) -> list[Gap]:
    found = (
        Gap(role, end, subject, held[subject], allowed)
        for subject in sorted(subjects | held.keys())
        if role or subject in subjects
    )
    return [gap for gap in found if gap.lacks or gap.exceeds]
