"""The burden a pack causes, estimated: fields × rhythm × published seconds per kind of field. Nobody is timed.

What is entered for an activity counts with it: its day, its place, who was there, minutes, votes. A case counts with what
its stages ask of the village itself; how often nobody can know beforehand, so it is reckoned once a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, CaseKind, Duty
from zugong.packs.schema.common import Entry, Every
from zugong.packs.schema.names import FieldKind
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
WEEKS_A_MONTH = Fraction(365, 7 * 12)
VILLAGE = "village"


YEARLY = Every(year=1)


@dataclass(frozen=True)
class Line:
    """What one entry makes somebody fill in for a village, so many times a month."""

    entry: Key
    label: str
    english: str
    issuer: str  # of the paper that asks it; empty where the paper names none
    rhythm: Every
    fields: tuple[str, ...]  # of the pack
    times: Fraction  # per village per month
    seconds: int  # each time, as far as the table reaches

    @property
    def a_month(self) -> Fraction:
        """Seconds per village per month."""
        return self.seconds * self.times


def lines(policy: Policy, day: date) -> list[Line]:
    """Return what duties, the activities that fulfil them and cases ask of a village, as the values stand on a day."""
    return [*_of_duties(policy, day), *_of_cases(policy, day)]


def twice(lines: list[Line]) -> dict[str, list[Line]]:
    """Return the fields that more than one entry asks in the same rhythm, each with the lines that do."""
    found: dict[tuple[str, Every], list[Line]] = {}
    for line in lines:
        for field in line.fields:
            found.setdefault((field, line.rhythm), []).append(line)
    return {field: asking for (field, _), asking in found.items() if len(asking) > 1}


def by_issuer(lines: list[Line]) -> dict[str, list[Line]]:
    """Return who asks, by the paper that makes them ask, each with what they ask; who asks for most comes first."""
    asking: dict[str, list[Line]] = {}
    for line in lines:
        asking.setdefault(line.issuer, []).append(line)
    return dict(sorted(asking.items(), key=lambda one: -sum(line.a_month for line in one[1])))


def _of_duties(policy: Policy, day: date) -> Iterator[Line]:
    for duty in policy.all("duty", Duty):
        if concerns_villages(policy, duty):
            kind = _fulfilled_by(policy, duty)
            form = entering(policy, kind, day) if kind else 0
            times = per_month(duty.every) * max(duty.at_least.on(day) or 1, 1)
            yield _line(
                policy, ("duty", duty.name), duty, duty.every, fields_of(policy, duty), times, form, day
            )


def _of_cases(policy: Policy, day: date) -> Iterator[Line]:
    """Yield the kinds of case whose stages ask something of the village itself; a list of deliverables each time."""
    many = {
        stage.children.case: max(len(stage.children.template), 1)
        for kind in policy.all("case", CaseKind)
        for stage in kind.stages
        if stage.children
    }
    for kind in policy.all("case", CaseKind):
        stages = [
            stage for stage in kind.stages if any(_is_the_village(policy, kind, one) for one in stage.doers)
        ]
        asked = [need.field for stage in stages for need in stage.needs if need.field]
        meetings = [policy.entries.get(("activity", stage.at)) for stage in stages if stage.at]
        form = sum(entering(policy, one, day) for one in meetings if isinstance(one, ActivityKind))
        if asked or form:
            times = per_month(YEARLY) * many.get(kind.name, 1)
            yield _line(policy, ("case", kind.name), kind, YEARLY, asked, times, form, day)


def _line(
    policy: Policy,
    key: Key,
    entry: Entry,
    rhythm: Every,
    fields: list[str],
    times: Fraction,
    form: int,
    day: date,
) -> Line:
    each = form + sum(seconds(policy, field, day) or 0 for field in fields)
    paper = policy.sources.get(entry.source)
    issuer = paper.issuer if paper else ""
    return Line(key, entry.said("zh"), entry.said("en"), issuer, rhythm, tuple(fields), times, each)


def entering(policy: Policy, kind: ActivityKind, day: date) -> int:
    """Return the seconds it takes to enter an activity, besides the fields that the pack asks about it."""
    asked: list[FieldKind] = ["day", "person" if kind.present == "named" else "number"]
    asked += ["organisation"] if kind.at else []
    asked += ["text"] if kind.minutes else []
    asked += ["number"] * 4 if kind.votes else []  # should attend, for, against, abstained
    return sum(line.on(day) or 0 for one in asked if (line := policy.seconds.get(one)))


def _is_the_village(policy: Policy, kind: CaseKind, role: str) -> bool:
    """Say whether a role is the village that a case is about, or who holds a post of it."""
    named = policy.roles[role].is_.term if role in policy.roles else None
    if VILLAGE not in _classes(kind.about) or not isinstance(named, Named):
        return False
    return named.lead == "about" or (named.lead == "holder" and "about" in set(_words(named.of)))


def minutes(policy: Policy, day: date) -> int:
    """Return whole minutes per village per month, rounded up: an estimate must not flatter."""
    total = sum((one.a_month for one in lines(policy, day)), Fraction(0))
    return -(-total.numerator // (total.denominator * 60))


def fields_of(policy: Policy, duty: Duty) -> list[str]:
    """Return what one fulfilment asks: the duty's own figures, and the fields of the activity that fulfils it."""
    kind = _fulfilled_by(policy, duty)
    return [*duty.asks, *(kind.fields if kind else ())]


def _fulfilled_by(policy: Policy, duty: Duty) -> ActivityKind | None:
    kind = policy.entries.get(("activity", duty.done_by.activity or "")) if duty.done_by else None
    return kind if isinstance(kind, ActivityKind) else None


def concerns_villages(policy: Policy, duty: Duty) -> bool:
    """Say whether a duty is owed by, towards or at villages."""
    kind = _fulfilled_by(policy, duty)
    selectors = [duty.who, duty.while_, kind.at if kind else None]
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
