"""The lists of an alliance as the pack names them: needs, what meets them, and who answers for it.

The pack says it with one link: what its roles tie from thing to thing meets a need, what they tie from an organisation
to a thing makes that organisation answer for it. A thing is the alliance's, or a member's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zugong.packs.policy import Policy
from zugong.packs.schema.names import Classes
from zugong.packs.schema.registry import LinkKind
from zugong.packs.selectors import Named, Selector
from zugong.registry.models import Link, Particulars, names_on
from zugong.registry.rules import ORGANISATION, THING
from zugong.registry.selecting import Ids


@dataclass(frozen=True)
class FourLists:
    """What the pack's link says: of which class needs are, which role brings what to them, which makes responsible."""

    link: LinkKind
    need: str
    meets: dict[str, str]  # role → the class of what meets a need
    answers: dict[str, str]  # role → the class of what an organisation answers for


def four_lists(policy: Policy) -> FourLists | None:
    """Return the link by which things meet needs; None in a county whose pack has none."""
    for link in policy.all("link", LinkKind):
        meets = {name: _klass(role.from_) for name, role in link.kinds.items() if _between_things(role)}
        if meets:
            need = next(_klass(link.kinds[name].to) for name in meets)
            answers = {
                name: _klass(role.to)
                for name, role in link.kinds.items()
                if _lead(role.from_) == ORGANISATION and _lead(role.to) == THING
            }
            return FourLists(link, need, meets, answers)
    return None


def _between_things(role: Any) -> bool:
    return _lead(role.from_) == THING == _lead(role.to)


def _lead(selector: Selector) -> str:
    return selector.term.lead if isinstance(selector.term, Named) else ""


def _klass(selector: Selector) -> str:
    term = selector.term
    return term.names[0] if isinstance(term, Named) and term.names else ""


@dataclass(frozen=True)
class Things:
    """The things of an alliance and its members on a day, how they are tied, and what everything is called."""

    lists: FourLists
    rows: list[Particulars]
    ties: list[Link]
    names: Mapping[int, str]
    kinds: tuple[str, ...]  # the fields by which a thing says of which kind it is

    def of(self, klass: str) -> list[Particulars]:
        """Return those of a class, by pinyin."""
        return [row for row in self.rows if row.klass == klass]

    def near(self, thing: int) -> list[Link]:
        """Return what is tied to a thing."""
        return [tie for tie in self.ties if tie.far_id == thing]

    def far(self, thing: int) -> list[Link]:
        """Return what a thing is tied to."""
        return [tie for tie in self.ties if tie.near_id == thing]

    def fits(self, need: Particulars) -> list[tuple[str, Particulars]]:
        """Return what could meet a need and does not yet, each with its role: both are of one kind."""
        return [(role, row) for role, row in self.free(need) if self._alike(need, row)]

    def free(self, need: Particulars) -> list[tuple[str, Particulars]]:
        """Return what does not meet a need yet, each with the role in which it could."""
        met = {tie.near_id for tie in self.near(need.subject_id)}
        offers = [(role, row) for role, klass in self.lists.meets.items() for row in self.of(klass)]
        return [(role, row) for role, row in offers if row.subject_id not in met]

    def _alike(self, one: Particulars, other: Particulars) -> bool:
        return any(one.fields.get(name) and one.fields[name] == other.fields.get(name) for name in self.kinds)


def things_of(policy: Policy, lists: FourLists, alliance: int, members: Iterable[int], day: date) -> Things:
    """Return the things on the lists of an alliance: its own, and those of its members."""
    classes = {lists.need, *lists.meets.values(), *lists.answers.values()}
    owners: Ids = frozenset({alliance, *members})
    found = Particulars.objects.on(day).filter(subject__noun=THING, klass__in=classes, parent__in=owners)
    rows = list(found.order_by("pinyin", "subject"))
    here = {row.subject_id for row in rows}
    ties = list(Link.objects.on(day).filter(kind=lists.link.name, far__in=here).order_by("pk"))
    ends = [*(tie.near_id for tie in ties), *(row.parent_id for row in rows if row.parent_id)]
    names = {row.subject_id: row.name for row in rows} | names_on(day, ends)
    return Things(lists, rows, ties, names, _kinds(policy))


def _kinds(policy: Policy) -> tuple[str, ...]:
    kept = [name for entry in policy.all("classes", Classes) if entry.of == THING for name in entry.fields]
    return tuple(name for name in dict.fromkeys(kept) if policy.fields[name].kind == "class")


def by_unit(things: Things) -> dict[int, list[Link]]:
    """Return organisation → the things for which it answers."""
    found: dict[int, list[Link]] = defaultdict(list)
    for tie in things.ties:
        if tie.role in things.lists.answers:
            found[tie.near_id].append(tie)
    return found
