"""The burden a pack causes, estimated: fields × rhythm × published seconds per kind of field. Nobody is timed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, Duty
from zugong.packs.schema.common import Every
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
WEEKS_A_MONTH = Fraction(365, 7 * 12)
VILLAGE = "village"


@dataclass(frozen=True)
class Asked:
    """One field that a duty makes somebody fill in for a village, so many times a month, so many seconds each."""

    duty: str
    field: str
    seconds: int | None  # None: the table has no line for this kind of field
    times: Fraction  # per village per month

    @property
    def a_month(self) -> Fraction:
        """Seconds per village per month."""
        return (self.seconds or 0) * self.times


def asked(policy: Policy, day: date) -> Iterator[Asked]:
    """Yield every field that duties ask for villages, as the values stand on a day."""
    for duty in policy.all("duty", Duty):
        times = per_month(duty.every) * max(duty.at_least.on(day) or 1, 1)
        for field in fields_of(policy, duty) if concerns_villages(policy, duty) else ():
            yield Asked(duty.name, field, seconds(policy, field, day), times)


def minutes(policy: Policy, day: date) -> int:
    """Return whole minutes per village per month, rounded up: an estimate must not flatter."""
    total = sum((one.a_month for one in asked(policy, day)), Fraction(0))
    return -(-total.numerator // (total.denominator * 60))


def fields_of(policy: Policy, duty: Duty) -> list[str]:
    """Return what one fulfilment asks: the duty's own figures, and the fields of the activity that fulfils it."""
    kind = policy.entries.get(("activity", duty.done_by.activity or "")) if duty.done_by else None
    return [*duty.asks, *(kind.fields if isinstance(kind, ActivityKind) else ())]


def concerns_villages(policy: Policy, duty: Duty) -> bool:
    """Say whether a duty is owed by, towards or at villages."""
    kind = policy.entries.get(("activity", duty.done_by.activity or "")) if duty.done_by else None
    selectors = [duty.who, duty.while_, kind.at if isinstance(kind, ActivityKind) else None]
    return any(selector is not None and VILLAGE in _classes(selector) for selector in selectors)


def seconds(policy: Policy, field: str, day: date) -> int | None:
    """Return the published seconds of a field's kind, or None where the table is silent."""
    spec = policy.fields.get(field)
    line = policy.seconds.get(spec.kind) if spec else None
    return line.on(day) if line else None


def per_month(every: Every) -> Fraction:
    """Return how often a month a rhythm comes round."""
    if every.week:
        return WEEKS_A_MONTH / every.week
    for unit, months in MONTHS.items():
        if n := getattr(every, unit):
            return Fraction(1, months * n)
    return Fraction(0)


def duties_of(policy: Policy) -> Iterator[tuple[Key, Duty]]:
    """Yield every duty with its key."""
    for duty in policy.all("duty", Duty):
        yield ("duty", duty.name), duty


def _classes(selector: Selector) -> set[str]:
    return set(_words(selector.term))


def _words(term: Term | None) -> Iterator[str]:
    match term:
        case Named(lead, names, of):
            yield from (lead, *names)
            yield from _words(of)
        case OnRoll(inner, _):
            yield from _words(inner)
        case Joined(left, _, right):
            yield from _words(left)
            yield from _words(right)
        case Sample(_, inner):
            yield from _words(inner)
