"""Alike work stands on the desk as one line that opens: which kind, how many, about whom, and what of it is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

Row = dict[str, Any]
T = TypeVar("T")
TOGETHER = 3  # so many alike stand as one line
NAMED = 3  # so many are named on that line
OPENED = 20  # so many are listed when it opens, the new ones always


def folded(
    things: Iterable[T],
    *,
    alike: Callable[[T], Hashable],
    one: Callable[[T], Row],
    many: Callable[[list[T]], Row],
) -> list[Row]:
    """Return a line for each thing, and one for all that are alike where there are several; in the things' order.

    Each line has at least ``name``, ``is_new`` and ``is_late``; `many` says what is true of all.
    """
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for thing in things:
        groups[alike(thing)].append(thing)
    lines: list[Row] = []
    for some in groups.values():
        rows = [one(thing) for thing in some]
        lines += rows if len(rows) < TOGETHER else [_fold(rows) | many(some)]
    return lines


def _fold(rows: list[Row]) -> Row:
    names = list(dict.fromkeys(row["name"] for row in rows if row["name"]))
    shown = _("、").join(names[:NAMED])
    more = _("%(names)s等 %(many)d 个") % {"names": shown, "many": len(names)}
    return {
        "many": len(rows),
        "sub": more if len(names) > NAMED else shown,
        "new": sum(row["is_new"] for row in rows),
        "late": sum(row["is_late"] for row in rows),
        "rows": [row for place, row in enumerate(rows) if place < OPENED or row["is_new"]],
    }
