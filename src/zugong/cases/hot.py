"""The hot issues of a week: what several asked at once, found among the requests that somebody may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from zugong.accounts.models import User
from zugong.cases import powers
from zugong.cases.learning import open_to_all
from zugong.cases.likeness import matters
from zugong.cases.models import Case, Receipt
from zugong.cases.routing.topics import topics
from zugong.packs.schema.cases import CaseKind

LATEST = 2_000  # requests of a week that are compared with each other
SHOWN = 30  # issues


@dataclass(frozen=True)
class Issue:
    """What several asked in a week: their requests, the most like the others first, and what that one asked."""

    cases: tuple[Case, ...]
    matter: str
    callers: int  # different askers, of those that left a contact


def week_of(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of a day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def hot(by: User, day: date, on: date) -> list[Issue]:
    """Return the issues of a day's week, the most asked first, among the requests that somebody sees `on` today."""
    first, last = week_of(day)
    rows = powers.visible(by, on).filter(opened_on__range=(first, last), receipt__isnull=False)
    rows = rows.select_related("edition", "about").defer("edition__texts").order_by("-opened_on", "-pk")
    near = {case: _near(powers.kind_of(case), day) for case in rows[:LATEST]}
    cases = [case for case, share in near.items() if share]
    said: dict[int, str] = {}
    for kind in {(case.edition_id, case.kind): powers.kind_of(case) for case in cases}.values():
        assert kind.intake
        said |= matters(kind.intake, [case for case in cases if case.kind == kind.name])
    strictest = max((near[case] for case in cases), default=0)
    groups = topics([said.get(case.pk, "") for case in cases], strictest)[:SHOWN]
    return [_issue([cases[place] for place in group], said) for group in groups]


def _near(kind: CaseKind, day: date) -> int:
    """Return how near requests of a kind must lie to be one issue; 0 where the pack does not say, or nobody may compare them."""
    return int(kind.intake.near.on(day) or 0) if kind.intake and open_to_all(kind) else 0


def _issue(cases: list[Case], said: dict[int, str]) -> Issue:
    callers = Receipt.objects.filter(case__in=cases).exclude(caller="").values("caller").distinct().count()
    return Issue(tuple(cases), said[cases[0].pk], callers)
