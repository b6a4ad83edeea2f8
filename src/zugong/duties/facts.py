"""Flat tables of what was owed, done and answered: rows of the registry by number. For measures and scorecards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from zugong.core.tables import table
from zugong.duties.models import Answer, Occurrence
from zugong.duties.rules import Outcome
from zugong.registry.models import parents_on

if TYPE_CHECKING:
    import pyarrow as pa

FEN = 100  # in a yuan


def occurrences(first: date, last: date) -> pa.Table:
    """Return one row per occurrence that fell due from first to last.

    organisation: whom it was owed to, or the organisation that owed it (null where a person owed it to nobody named);
    township: the one it belongs to; needed, done, met (no more than needed), short; kept, missed, excused and settled
    are 1 or 0.
    """
    found = list(
        Occurrence.objects.filter(last__range=(first, last)).select_related("who", "towards").order_by("pk")
    )
    parents = _parents(last, found)
    rows = [
        {
            "occurrence": one.pk,
            "duty": one.duty,
            "period": one.period,
            "first": one.first,
            "last": one.last,
            "who": one.who_id,
            "towards": one.towards_id,
            **_where(one, parents),
            "needed": one.needed,
            "done": one.done,
            "met": min(one.done, one.needed),
            "short": one.short,
            "kept": int(one.outcome == Outcome.KEPT),
            "missed": int(one.outcome == Outcome.MISSED),
            "excused": int(one.outcome == Outcome.EXCUSED),
            "settled": int(bool(one.outcome)),
        }
        for one in found
    ]
    return table(
        {
            "occurrence": int,
            "duty": str,
            "period": str,
            "first": date,
            "last": date,
            "who": int,
            "towards": int,
            "organisation": int,
            "township": int,
            "needed": int,
            "done": int,
            "met": int,
            "short": int,
            "kept": int,
            "missed": int,
            "excused": int,
            "settled": int,
        },
        rows,
    )


def answers(first: date, last: date) -> pa.Table:
    """Return one row per figure asked for a period that begins by last and ends from first on: the newest, if checked.

    value: a whole number, in `unit`; yuan: the same in whole yuan, cut, for money; said: an answer in words.
    """
    begun = Answer.objects.standing().filter(occurrence__first__lte=last, occurrence__last__gte=first)
    asked = begun.select_related("occurrence__who", "occurrence__towards")
    newest = {(one.occurrence_id, one.field): one for one in asked.order_by("version")}
    found = [newest[key] for key in sorted(newest) if newest[key].checked_by]
    parents = _parents(last, [one.occurrence for one in found])
    rows = [
        {
            "occurrence": one.occurrence_id,
            "duty": one.occurrence.duty,
            "period": one.occurrence.period,
            **_where(one.occurrence, parents),
            "field": one.field,
            "value": int(one.value) if isinstance(one.value, int) else None,
            "yuan": one.value // FEN if one.unit == "fen" else None,
            "said": one.value if isinstance(one.value, str) else None,
            "unit": one.unit,
            "exact": one.exact,
            "as_of": one.as_of,
            "source": one.source,
        }
        for one in found
    ]
    return table(
        {
            "occurrence": int,
            "duty": str,
            "period": str,
            "organisation": int,
            "township": int,
            "field": str,
            "value": int,
            "yuan": int,
            "said": str,
            "unit": str,
            "exact": str,
            "as_of": date,
            "source": str,
        },
        rows,
    )


def _organisation(one: Occurrence) -> int | None:
    if one.towards_id:
        return one.towards_id
    return one.who_id if one.who.noun == "organisation" else None


def _parents(day: date, found: Iterable[Occurrence]) -> dict[int, int]:
    return parents_on(day, [pk for one in found if (pk := _organisation(one))])


def _where(one: Occurrence, parents: dict[int, int]) -> dict[str, Any]:
    organisation = _organisation(one)
    return {"organisation": organisation, "township": parents.get(organisation) if organisation else None}
