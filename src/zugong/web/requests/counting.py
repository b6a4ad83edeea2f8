"""How requests are doing, by class, place, department, week and channel; and which requests stand behind each figure.

A figure and the list behind it are the same rows: what is counted is what is listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from zugong.accounts.models import User
from zugong.cases import facts, intake, powers
from zugong.cases.rates import Rate, Rates, rates
from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import names_on
from zugong.web.asking import said
from zugong.web.plain import a_day, number
from zugong.web.templatetags.zugong import short_day

Row = dict[str, Any]
WEEKS = 12
SAID = ("satisfied", "dissatisfied")


@dataclass(frozen=True)
class Span:
    """The days between which requests were taken in, and the day on which they are looked at."""

    first: date
    last: date


def span_of(asked: QueryDict) -> Span:
    """Read the days of a query: twelve weeks up to its day, or to today."""
    last = min(a_day(asked.get("on", "")) or clock.today(), clock.today())
    monday = last - timedelta(days=last.weekday())
    first = a_day(asked.get("from", "")) or monday - timedelta(weeks=WEEKS - 1)
    return Span(min(first, last), last)


def rows_of(user: User, span: Span, asked: QueryDict) -> list[Row]:
    """Return the requests of a span that somebody may see, as known at its end, narrowed to a township where one is asked."""
    seen = frozenset(
        powers.visible(user, clock.today()).filter(receipt__isnull=False).values_list("pk", flat=True)
    )
    rows = [
        row for row in facts.requests(span.first, span.last, span.last).to_pylist() if row["case"] in seen
    ]
    township = number(asked.get("township"))
    return [row for row in rows if row["township"] == township] if township else rows


def _week(row: Row) -> str:
    day = timezone.localtime(row["opened_at"]).date()
    return (day - timedelta(days=day.weekday())).isoformat()


BY: dict[str, Callable[[Row], str]] = {
    "class": lambda row: row["class"] or "",
    "township": lambda row: str(row["township"] or ""),
    "community": lambda row: str(row["organisation"]),
    "department": lambda row: str(row["department"] or ""),
    "week": _week,
    "channel": lambda row: row["channel"],
}
"""What each table is counted by; the key of a row stands in its link."""


def _counts(row: Row) -> bool:
    return not row["merged"] and not row["excluded"]


FIGURES: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: True,
    "counted": _counts,
    "answered": lambda row: _counts(row) and row["answered_at"] is not None,
    "judged": lambda row: _counts(row) and (row["solved_at"] or row["unsolved_at"]) is not None,
    "solved": lambda row: _counts(row) and row["solved_at"] is not None,
    "said": lambda row: _counts(row) and any(row[f"{word}_at"] for word in SAID),
    "satisfied": lambda row: _counts(row) and row["satisfied_at"] is not None,
    "timed": lambda row: _counts(row) and row["on_time"] is not None,
    "on_time": lambda row: _counts(row) and bool(row["on_time"]),
    "unreachable": lambda row: _counts(row) and row["unreachable_at"] is not None,
    "merged": lambda row: bool(row["merged"]),
    "excluded": lambda row: bool(row["excluded"]) and not row["merged"],
}
"""Which rows stand behind each figure of `cases.rates`."""


def drilled(user: User, asked: QueryDict) -> list[int] | None:
    """Return the cases behind a figure of the overview; None where a query asks for no figure."""
    figure = FIGURES.get(asked.get("figure", ""))
    if figure is None:
        return None
    rows, by = rows_of(user, span_of(asked), asked), BY.get(asked.get("by", ""))
    return [row["case"] for row in rows if figure(row) and (by is None or by(row) == asked.get("key", ""))]


def grouped(rows: Iterable[Row], by: str) -> dict[str, list[Row]]:
    """Return key → its rows: weeks in their order, all else the most first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[BY[by](row)].append(row)
    order = sorted(found) if by == "week" else sorted(found, key=lambda key: (-len(found[key]), key))
    return {key: found[key] for key in order}


def rated(rows: list[Row], policy: Policy | None, day: date) -> Rates:
    """Return the rates over some rows, under the highest minimum of their kinds."""
    return rates(facts.asked(rows), _minimum(rows, policy, day))


def _minimum(rows: Iterable[Row], policy: Policy | None, day: date) -> int | None:
    kinds = {row["kind"] for row in rows}
    found = [
        least
        for kind in (policy.all("case", CaseKind) if policy else ())
        if kind.name in kinds and kind.intake and (least := kind.intake.minimum.on(day)) is not None
    ]
    return max(map(int, found), default=None)


def is_timed(rows: Iterable[Row]) -> bool:
    """Say whether any of the requests has a clock over the whole: without one nothing is said of its being kept."""
    return any(row["due_at"] for row in rows)


def cells(found: Rates, many: int, *, timed: bool) -> Row:
    """Return what a line of the table shows, each count with the name of its figure; punctuality where it is `timed`."""
    on_time = [_cell(_("按期率"), found.on_time, "on_time", "timed")] if timed else []
    return {
        "many": many,
        "rates": [
            _cell(_("响应率"), found.response, "answered", "counted"),
            _cell(_("解决率"), found.solution, "solved", "judged"),
            _cell(_("满意率"), found.satisfaction, "satisfied", "said"),
            *on_time,
        ],
        "apart": [
            (found.unreachable, "unreachable"),
            (found.merged, "merged"),
            (found.excluded, "excluded"),
        ],
    }


def _cell(label: str, rate: Rate, done: str, of: str) -> Row:
    return {
        "label": label,
        "share": None if rate.share is None else f"{rate.share // 10}.{rate.share % 10}%",
        "too_few": bool(rate.of) and rate.is_too_few,
        "done": rate.done,
        "of": rate.of,
        "figure": done,
        "whole": of,
    }


def named(by: str, keys: Iterable[str], policy: Policy | None, day: date) -> dict[str, str]:
    """Return key → what it is called, in the reader's language."""
    keys = list(keys)
    match by:
        case "class":
            words = _classes(policy)
            return {key: words.get(key, _("未分办")) for key in keys}
        case "channel":
            return {key: said(intake.CHANNELS[key]) for key in keys}
        case "week":
            return {key: _("%(day)s起的一周") % {"day": short_day(date.fromisoformat(key))} for key in keys}
    names = names_on(day, (int(key) for key in keys if key))
    nobody = _("暂无承办单位") if by == "department" else _("其他")
    return {key: names.get(int(key), nobody) if key else nobody for key in keys}


def _classes(policy: Policy | None) -> dict[str, str]:
    """Return the classes by which the kinds of request are sorted, in words."""
    kinds = policy.all("case", CaseKind) if policy else []
    sorts = {kind.intake.sorts for kind in kinds if kind.intake and kind.intake.sorts}
    if policy is None:
        return {}
    of = {spec.of for name, spec in policy.fields.items() if name in sorts and spec.kind == "class"}
    return {item.id: said(item) for name in of for item in policy.classes(name).items}
