"""Where something is: a search and a list of two levels, by links alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import Link, Particulars, at_work, names_on, parents_on, places_on
from zugong.registry.powers import matching
from zugong.registry.rules import PLACE, POST
from zugong.registry.selecting import Asked, Ids, above
from zugong.web.plain import number
from zugong.web.posts.naming import post_words

FEW = 12  # so many stand on one page
FOUND = 30

Named = list[tuple[int, str]]


@dataclass(frozen=True)
class Places:
    """What a page of places shows: where to choose from, or the upper level first."""

    choices: Named
    uppers: Named
    upper: str = ""


def candidates(policy: Policy, kind: CaseKind, day: date) -> Ids:
    """Return what a request of a kind can be about."""
    return Asked(policy, day).find(kind.about)


def places(found: Ids, day: date, *, words: str = "", upper: object = None) -> Places:
    """Return the places that a search names, those below one of the upper level, or that level itself."""
    if words:
        return Places(_named(_called(found, words, day), day)[:FOUND], [])
    if len(found) <= FEW:
        return Places(_named(found, day), [])
    parents = parents_on(day, found)
    chosen = number(upper)
    if chosen is None or chosen not in parents.values():
        return Places([], _named({parent for parent in parents.values() if parent}, day))
    below = [pk for pk in found if parents.get(pk) == chosen or pk == chosen]
    return Places(_named(below, day), [], places_on(day, [chosen]).get(chosen, ""))


def officials(places: Ids, policy: Policy, day: date) -> list[tuple[str, str]]:
    """Return who holds a post in some places or above them, each by the post alone: no name is told to whoever asks."""
    bodies = above(places, day) | places
    posts = (
        Particulars.objects.on(day).filter(subject__noun=POST, parent__in=bodies).order_by("parent", "pinyin")
    )
    holder = dict(at_work(day).filter(post__in=posts.values("subject")).values_list("post_id", "person_id"))
    words, owners = post_words(policy), names_on(day, bodies)
    return [
        (
            str(holder[row.subject_id]),
            f"{owners.get(row.parent_id or 0, '')} {words.get(row.klass, row.name)}",
        )
        for row in posts
        if row.subject_id in holder
    ]


def _called(found: Ids, words: str, day: date) -> Ids:
    """Return the organisations whose own name, or that of whose place, a search means."""
    meant = frozenset(matching(Particulars.objects.on(day), words).values_list("subject_id", flat=True))
    seats = Link.objects.on(day).filter(near__in=found, far__in=meant, far__noun=PLACE)
    return found & meant | frozenset(seats.values_list("near_id", flat=True))


def _named(subjects: Iterable[int], day: date) -> Named:
    """Return places in the order of their pinyin, as people call them: the village, not the branch that serves it."""
    rows = Particulars.objects.on(day).filter(subject__in=set(subjects)).order_by("pinyin")
    order = list(rows.values_list("subject_id", flat=True))
    names = places_on(day, order)
    return [(pk, names[pk]) for pk in order]
