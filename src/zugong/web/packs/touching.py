"""What another edition would touch: what runs now under an entry that it changes, and the edition each of these keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from zugong.cases.models import Case
from zugong.duties.models import Occurrence
from zugong.packs.places import Key
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition
from zugong.scorecards.models import Run, RunState


@dataclass(frozen=True)
class Touched:
    """So many that run under one edition of one entry; they keep it. `gone`: new ones cannot begin any more."""

    key: Key
    label: Any  # the entry, as its edition words it
    edition: Edition
    count: int
    since: date  # when the first of them began
    periods: list[str]  # of a rating or a duty: which are not ended
    gone: bool


def touched(changed: Collection[Key], kept: Collection[Key]) -> list[Touched]:
    """Count, by kind and edition, the open cases, the ratings not published and the duties not settled of changed entries.

    Numbers only: whose they are is no question of a pack. `kept`: the entries that the other edition has.
    """
    editions = Edition.objects.defer("texts").in_bulk()
    found = []
    for key, edition, count, since, periods in _running():
        if key in changed:
            entry = policy_of(editions[edition]).entries.get(key)
            found.append(Touched(key, entry, editions[edition], count, since, periods, key not in kept))
    return found


def _running() -> Iterator[tuple[Key, int, int, date, list[str]]]:
    over = Run.objects.filter(state=RunState.PUBLISHED, card=OuterRef("card"), period=OuterRef("period"))
    for kind, word, began, period, rows in (
        ("case", "kind", "opened_on", "", Case.objects.open()),
        (
            "scorecard",
            "card",
            "first",
            "period",
            Run.objects.exclude(Exists(over)).exclude(state=RunState.GIVEN_UP),
        ),
        ("duty", "duty", "first", "period", Occurrence.objects.open()),
    ):
        asked: QuerySet[Any] = rows.order_by(word, "edition").values_list(word, "edition")
        for name, edition, count, since in asked.annotate(Count("pk"), Min(began)):
            same = rows.filter(**{word: name, "edition": edition})
            names: Any = same.order_by(period).values_list(period, flat=True).distinct() if period else []
            yield (kind, name), edition, count, since, list(names)
