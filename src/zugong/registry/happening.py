"""What happened, and what it leaves for a later day or for an engine above."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.pending import actions as pending
from zugong.core.period import period
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Effect, Entry
from zugong.registry.models import Subject
from zugong.registry.selecting import Ids
from zugong.rules import guards

LONGEST_KEY = 200


@dataclass(frozen=True)
class Happening:
    """What happened, to whom, on which day, by which deed."""

    policy: Policy
    event: str  # the word after `on`
    subject: Subject
    day: date
    cause: str  # unique to the deed: "case QM-2026-003 round 7 struck-off"
    by: object
    facts: Mapping[str, Any] = field(default_factory=dict)  # what guards may read
    words: Mapping[str, Ids] = field(default_factory=dict)  # what selectors may say
    entry: Entry | None = None  # of the pack, whose effects are run
    link: str = ""  # where it is read about
    holder: int | None = None  # of a post: who held it; the word `holder` of a case that this opens


def applies(effect: Effect, happening: Happening) -> bool:
    """Say whether an effect's condition holds. One that cannot be answered does not, and the journal says so."""
    holds = not effect.when or guards.holds(effect.when, happening.facts)
    if holds is None:
        journal.write(
            "effect.unknown", by=happening.by, on=happening.subject, cause=happening.cause, when=effect.when
        )
    return bool(holds)


def leave(effect: Effect, entry: Entry, happening: Happening) -> None:
    """Leave an effect for the day on which the next period begins, or for an engine above."""
    said = effect.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if effect.value:
        said["value"] = value_of(effect, happening)  # what the deed knew, its day may not
    pending.leave(
        key=key_of(effect, happening),
        verb=effect.verb,
        name=str(getattr(effect, effect.verb)),
        subject=happening.subject.pk,
        due_on=due_on(effect, happening.day),
        cause=happening.cause,
        of=entry.name,
        event=happening.event,
        effect=said,
        holder=happening.holder,
    )


def key_of(effect: Effect, happening: Happening) -> str:
    """Name what one deed causes by one effect about one subject, so that it comes about once."""
    key = f"{happening.cause} {happening.subject.pk} {effect.verb} {getattr(effect, effect.verb)}"
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def due_on(effect: Effect, day: date) -> date:
    """Return the day on which an effect of a deed of this day comes about."""
    return period(effect.next, day).last + timedelta(days=1) if effect.next else day


def value_of(effect: Effect, happening: Happening) -> str:
    """Return the value of a standing: a fact of the deed where it is named so, else the word itself."""
    if not effect.value:
        return ""
    value = happening.facts.get(effect.value, effect.value)
    if value is None:
        raise Refused("“{value}”还没有定，不能列入名册“{roll}”", value=effect.value, roll=effect.enter)
    return str(value)
