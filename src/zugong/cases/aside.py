"""Who keeps out of what is said against an official: the person, who acts for them, and the unit in which they serve.

What is said against somebody is never passed to them or to their unit (信访工作条例 第三十条). They see nothing of it and
decide nothing in it; nor do those who answer to them. What would fall to these falls to the body above; where nothing in the
county stands above, it is passed to the level above outside, at the stage that the pack names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from zugong.cases.models import Answer, Case
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import Appointment, Particulars, parents_on
from zugong.registry.rules import POST
from zugong.registry.selecting import Ids, below

NOBODY: Ids = frozenset()
NOTHING: Mapping[str, Any] = {}


def kept_out(kind: CaseKind, case: Case, day: date, said: Mapping[str, Any] = NOTHING) -> Ids:
    """Return the persons, posts and organisations that a case is about the conduct of; nobody, for most.

    `said` is being answered just now.
    """
    field = kind.intake.against if kind.intake else None
    if not field:
        return NOBODY
    return _around(_ever_named(case, field) | frozenset(_listed(said.get(field))), day)


def gives_way(found: Ids, out: Ids, day: date) -> Ids:
    """Return who acts once those kept out and those who answer to them have given way: the others, or the body above.

    Nobody, where nothing stands above.
    """
    out |= below(out, day)
    left = found - out
    return left if left or not found & out else _above(found & out, out, day)


def passes_up(found: Mapping[str, Ids], out: Ids) -> dict[str, Ids]:
    """Return who passes on to the level above outside what nobody in the county may decide: the first not kept out."""
    left = {role: ids - out for role, ids in found.items()}
    first = next((role for role, ids in left.items() if ids), None)
    return {first: left[first]} if first else {}


def _ever_named(case: Case, field: str) -> Ids:
    """Return everybody whom any version of the answer named: nobody comes in by a later answer."""
    if case.pk is None:  # it is being opened
        return NOBODY
    values = Answer.objects.filter(case=case, field=field).values_list("value", flat=True)
    return frozenset(one for value in values for one in _listed(value))


def _around(persons: Ids, day: date) -> Ids:
    """Return persons, their posts, who acts in those posts for them, and the organisations of the posts."""
    if not persons:
        return NOBODY
    theirs = Appointment.objects.on(day).filter(person__in=persons)
    posts = frozenset(theirs.values_list("post_id", flat=True))
    deputies = Appointment.objects.on(day).filter(post__in=posts, acts_for=True)
    bodies = Particulars.objects.on(day).filter(subject__in=posts, subject__noun=POST, parent__isnull=False)
    return (
        persons
        | posts
        | frozenset(deputies.values_list("person_id", flat=True))
        | frozenset(bodies.values_list("parent_id", flat=True))
    )


def _above(those: Ids, out: Ids, day: date) -> Ids:
    """Climb from those kept out to the first body that is not."""
    posts = Appointment.objects.on(day).filter(person__in=those).values_list("post_id", flat=True)
    level = frozenset(parents_on(day, [*those, *posts]).values())
    while level & out:
        level = (level - out) or frozenset(parents_on(day, level).values())
    return level


def _listed(value: Any) -> list[int]:
    given = value if isinstance(value, list) else [value]
    return [one for one in given if isinstance(one, int)]
