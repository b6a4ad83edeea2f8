"""青穆县, the invented county of the demo, the tutorial and the tests: always the same from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DAY = date(2025, 12, 8)  # a Monday: the demo's own day begins here
SEED = 20251208


@dataclass(frozen=True)
class Person:
    """One of those who can sign in to the demo, and what they may do, in Chinese and English."""

    username: str
    called: str
    zh: str
    en: str


def people() -> list[Person]:
    """Return the demo's people, in the order of the sign-in page."""
    from zugong.demo.accounts import PEOPLE  # models load only after Django's apps

    return [Person(one.username, one.called, one.zh, one.en) for one in PEOPLE]


def load(day: date = DAY, seed: int = SEED) -> None:
    """Load the whole county into an empty database, as it is on its first day. Whoever calls holds the transaction."""
    from random import Random

    from django.conf import settings

    from zugong.core import clock
    from zugong.demo import alliance, county, rating, rectification, requests
    from zugong.demo.accounts import Users
    from zugong.demo.diary import Diary
    from zugong.packs import loader
    from zugong.registry.actions import policy_on, put_in_force

    if day != DAY:
        raise ValueError(f"青穆县's story is told up to {DAY}, not {day}")
    built = county.build(Random(seed))  # noqa: S311 - the same county every time, and no secret
    _let_the_planner_count()
    users = Users(built)
    put_in_force(
        loader.library(settings.PACKS),
        "qingmu",
        since=date(2024, 1, 1),
        by=users["anquan"],
        agreed_by=users.head,
    )
    policy = policy_on(day)
    candidates = rectification.chosen(built)
    rating.decide_2024(built, users, candidates)
    diary = Diary(policy)
    villages = rectification.plan(built, users, diary, candidates)
    requests.plan(built, users, diary)
    alliance.plan(built, users, diary)
    diary.live()
    _let_the_planner_count()
    rating.make_2025(built, users, policy, villages)
    with clock.standing(DAY, 8):
        users.close_past()
    _let_the_planner_count()


def _let_the_planner_count() -> None:
    """Count the rows entered so far: nobody else sees them yet, and plans for empty tables take minutes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
