"""What follows from what happened: the closed list of verbs, run where the rung can, left pending where it cannot.

The registry can enter, strike, untie, bar, appoint and release. Engines above lend more verbs: `post` from ledgers up, `tell` from
accounts up, `open` from cases up. What nobody here can do waits in `core.pending` for an engine above.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.pending.actions import collect, leave
from zugong.core.period import period
from zugong.core.workdays import months_later
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Effect, Entry
from zugong.registry import actions
from zugong.registry.models import Appointment, Link, Subject
from zugong.registry.selecting import Ids, of_class
from zugong.rules import guards

LONGEST_KEY = 200
Verb = Callable[[Effect, "Happening"], None]


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


def run(entry: Entry, happening: Happening, verbs: Mapping[str, Verb] | None = None) -> None:
    """Run what an entry says follows from an event, and end what the event was said to end."""
    able, happening = {**VERBS, **(verbs or {})}, replace(happening, entry=entry)
    for effect in entry.effects.get(f"on {happening.event}", []):
        if _applies(effect, happening):
            _do(effect, entry, happening, able)
    for effects in entry.effects.values():
        for effect in effects:
            if effect.until == happening.event:
                _end(effect, happening)


def _applies(effect: Effect, happening: Happening) -> bool:
    """Say whether an effect's condition holds. One that cannot be answered does not, and the journal says so."""
    holds = not effect.when or guards.holds(effect.when, happening.facts)
    if holds is None:
        journal.write(
            "effect.unknown", by=happening.by, on=happening.subject, cause=happening.cause, when=effect.when
        )
    return bool(holds)


def _do(effect: Effect, entry: Entry, happening: Happening, able: Mapping[str, Verb]) -> None:
    if effect.next or effect.verb not in able:
        _leave(effect, entry, happening)
    else:
        able[effect.verb](effect, happening)


def _leave(effect: Effect, entry: Entry, happening: Happening) -> None:
    """Leave an effect for the day on which the next period begins, or for an engine above."""
    said = effect.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if effect.value:
        said["value"] = _value(effect, happening)  # what the deed knew, its day may not
    leave(
        key=key_of(effect, happening),
        verb=effect.verb,
        name=str(getattr(effect, effect.verb)),
        subject=happening.subject.pk,
        due_on=due_on(effect, happening.day),
        cause=happening.cause,
        of=entry.name,
        event=happening.event,
        effect=said,
    )


def come_about(day: date, verbs: Mapping[str, Verb]) -> int:
    """Do what was left for a day, as far as these verbs can; a refusal is journaled. Returns how many came about."""
    done = 0
    for verb, do in verbs.items():
        for row in collect(verb, day):
            subject = Subject.objects.get(pk=row.subject or 0)
            happening = Happening(
                actions.policy_on(row.due_on),
                row.words["event"],
                subject,
                row.due_on,
                row.cause,
                journal.SYSTEM,
            )
            try:
                with transaction.atomic():
                    do(Effect.model_validate(row.words["effect"]), happening)
                    done += 1
            except Refused as refusal:
                journal.write(
                    "effect.refused", by=journal.SYSTEM, on=subject, cause=row.cause, why=str(refusal)
                )
    return done


def key_of(effect: Effect, happening: Happening) -> str:
    """Name what one deed causes by one effect about one subject, so that it comes about once."""
    key = f"{happening.cause} {happening.subject.pk} {effect.verb} {getattr(effect, effect.verb)}"
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def due_on(effect: Effect, day: date) -> date:
    """Return the day on which an effect of a deed of this day comes about."""
    return period(effect.next, day).last + timedelta(days=1) if effect.next else day


def _end(effect: Effect, happening: Happening) -> None:
    roll = effect.enter or (actions.bar_of(effect.bar["untie"]) if effect.bar else "")
    if roll:
        actions.strike(roll, happening.subject, on=happening.day, by=happening.by, source=happening.cause)


def _enter(effect: Effect, happening: Happening) -> None:
    happening.policy.roll(effect.enter or "")  # it may be asleep
    months = effect.months.on(happening.day) if effect.months else None
    actions.enter(
        effect.enter or "",
        happening.subject,
        since=happening.day,
        until=months_later(happening.day, months) if months else None,
        value=_value(effect, happening),
        by=happening.by,
        source=happening.cause,
    )


def _value(effect: Effect, happening: Happening) -> str:
    """Return the value of a standing: a fact of the deed where it is named so, else the word itself."""
    if not effect.value:
        return ""
    value = happening.facts.get(effect.value, effect.value)
    if value is None:
        raise Refused("“{value}”还没有定，不能列入名册“{roll}”", value=effect.value, roll=effect.enter)
    return str(value)


def _strike(effect: Effect, happening: Happening) -> None:
    actions.strike(
        effect.strike or "", happening.subject, on=happening.day, by=happening.by, source=happening.cause
    )


def _bar(effect: Effect, happening: Happening) -> None:
    actions.enter(
        actions.bar_of((effect.bar or {})["untie"]),
        happening.subject,
        since=happening.day,
        value=" ".join(ground.id for ground in effect.released_on),
        by=happening.by,
        source=happening.cause,
    )


def _untie(effect: Effect, happening: Happening) -> None:
    kind, _, role = (effect.untie or "").removeprefix("link.").partition(".")
    links = Link.objects.on(happening.day).filter(kind=kind, far=happening.subject).order_by("pk")
    for link in links.filter(role=role) if role else links:
        actions.untie(link, on=happening.day, by=happening.by, source=happening.cause)


def _appoint(effect: Effect, happening: Happening) -> None:
    """Appoint the person whom a field names to the post that the case is about."""
    person = happening.facts.get(effect.appoint or "")
    if person is None:
        raise Refused("还没有填“{person}”，不能任命", person=effect.appoint)
    actions.appoint(
        Subject.objects.get(pk=person),
        post=happening.subject,
        since=happening.day,
        by=happening.by,
        source=happening.cause,
    )


def _release(effect: Effect, happening: Happening) -> None:
    """Release the person it is about from every post of a class."""
    kinds = happening.policy.within("post", (effect.release or "").removeprefix("post."))
    posts = of_class("post", kinds, happening.day)
    for held in (
        Appointment.objects.on(happening.day).filter(person=happening.subject, post__in=posts).order_by("pk")
    ):
        actions.release(held, on=happening.day, by=happening.by, source=happening.cause)


VERBS: dict[str, Verb] = {
    "enter": _enter,
    "strike": _strike,
    "bar": _bar,
    "untie": _untie,
    "appoint": _appoint,
    "release": _release,
}
