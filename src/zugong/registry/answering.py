"""Who answers for a post on a day: its deputy, who holds it, and while nobody does the body above. Never nobody, never two."""

from __future__ import annotations

from datetime import date

from zugong.core.once import asked_once
from zugong.registry.models import Appointment, Particulars, acting_on, parents_on
from zugong.registry.rules import POST
from zugong.registry.selecting import Ids


def answering(posts: Ids, day: date) -> dict[int, int]:
    """Return post → the one person or body that answers for it on a day.

    Of several who share a post it is the one who holds it alone, else who came first.
    """
    rows = acting_on(day).filter(post__in=posts).order_by("-acts_for", "-exclusive", "valid", "pk")
    found: dict[int, int] = {}
    for post, person in rows.values_list("post_id", "person_id"):
        found.setdefault(post, person)
    return receiving(posts - found.keys(), day) | found


def receiving(posts: Ids, day: date) -> dict[int, int]:
    """Return post → the body that takes in its work while nobody is in it: above its organisation, or that itself."""
    rows = Particulars.objects.known().filter(subject__in=posts).order_by("valid")
    owners = {row.subject_id: row.parent_id for row in rows if row.parent_id}
    above = parents_on(day, owners.values())
    return {post: above.get(owner, owner) for post, owner in owners.items()}


def vacant_under(bodies: Ids, day: date) -> Ids:
    """Return the posts in which nobody is on a day and whose work one of these bodies takes in."""
    there = Particulars.objects.on(day)
    under = there.filter(parent__in=bodies).exclude(subject__noun=POST).values("subject")
    tops = there.filter(subject__in=bodies, parent=None).values("subject")
    posts = there.filter(subject__noun=POST)
    empty = (posts.filter(parent__in=under) | posts.filter(parent__in=tops)).exclude(
        subject__in=acting_on(day).values("post")
    )
    return frozenset(empty.values_list("subject_id", flat=True))


@asked_once
def posts_of(person: int | None, day: date) -> Ids:
    """Return the posts for which somebody acts on a day: their own, unless a deputy does, and those they are the deputy in."""
    if person is None:
        return frozenset()
    return frozenset(acting_on(day).filter(person=person).values_list("post_id", flat=True))


@asked_once
def deputised(person: int | None, day: date) -> dict[int, int | None]:
    """Return the posts in which somebody is the deputy on a day → who holds each; None where nobody does."""
    if person is None:
        return {}
    posts = Appointment.objects.on(day).filter(person=person, acts_for=True).values_list("post_id", flat=True)
    held = (
        Appointment.objects.on(day).filter(post__in=list(posts), acts_for=False).order_by("-exclusive", "pk")
    )
    holders: dict[int, int | None] = dict.fromkeys(posts)
    for post, holder in held.values_list("post_id", "person_id"):
        holders[post] = holders[post] or holder
    return holders


def chain(person: int | None, day: date) -> Ids:
    """Return who counts as one person with somebody on a day: themselves, and those for whom they act."""
    if person is None:
        return frozenset()
    return frozenset({person, *filter(None, deputised(person, day).values())})
