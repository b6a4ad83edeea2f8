"""What follows from what happened: the closed list of verbs, run where the rung can, left pending where it cannot.

The registry can enter, strike, untie, bar, appoint and release. Engines above lend more verbs: `post` from ledgers up, `tell` from
accounts up, `open` from cases up. What nobody here can do waits in `core.pending` for an engine above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from django.db import transaction

from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.pending.actions import collect
from zugong.core.workdays import months_later
from zugong.packs.schema.common import Effect, Entry
from zugong.registry import actions
from zugong.registry.happening import Happening, applies, leave, value_of
from zugong.registry.models import Appointment, Link, Subject
from zugong.registry.selecting import of_class

Verb = Callable[[Effect, Happening], None]


def run(entry: Entry, happening: Happening, verbs: Mapping[str, Verb] | None = None) -> None:
    """Run what an entry says follows from an event, and end what the event was said to end."""
    able, happening = {**VERBS, **(verbs or {})}, replace(happening, entry=entry)
    for effect in entry.effects.get(f"on {happening.event}", []):
        if applies(effect, happening):
            _do(effect, entry, happening, able)
    for effects in entry.effects.values():
        for effect in effects:
            if effect.until == happening.event:
                _end(effect, happening)


def _do(effect: Effect, entry: Entry, happening: Happening, able: Mapping[str, Verb]) -> None:
    if effect.next or effect.verb not in able:
        leave(effect, entry, happening)
    else:
        able[effect.verb](effect, happening)


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
                holder=row.words.get("holder"),
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


def _end(effect: Effect, happening: Happening) -> None:
    roll = effect.enter or (actions.bar_of(effect.bar["untie"]) if effect.bar else "")
    if roll:
        actions.strike(roll, happening.subject, on=happening.day, by=happening.by, source=happening.cause)


def _enter(effect: Effect, happening: Happening) -> None:
    happening.policy.roll(effect.enter or "")  # it may be asleep
    since, until = _days(effect, happening)
    actions.enter(
        effect.enter or "",
        happening.subject,
        since=since,
        until=until,
        value=value_of(effect, happening),
        by=happening.by,
        source=happening.cause,
    )


def _days(effect: Effect, happening: Happening) -> tuple[date, date | None]:
    """Return the days of a standing: those that fields name, else from the deed's day on, for so many months."""
    first, last = (happening.facts.get(field) for field in (effect.since, effect.through))
    since = date.fromisoformat(first) if first else happening.day
    months = effect.months.on(happening.day) if effect.months else None
    if last:
        return since, date.fromisoformat(last) + timedelta(days=1)
    return since, months_later(since, months) if months else None


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
