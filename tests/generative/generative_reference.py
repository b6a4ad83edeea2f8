"""The rating in plain Python, written from the manual and not from the engine: slow, and easy to believe.

It reads the card as the pack says it, and rows as dictionaries. Exact fractions, no database.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

Row = dict[str, Any]


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def rate(
    card: dict[str, Any], units: list[Row], events: list[Row], ratings: list[Row], decisions: list[Row]
) -> list[Row]:
    """One result per unit, as `results.parquet` holds them."""
    counts = {unit["unit"]: _figures(unit["unit"], events) for unit in units}
    totals = [_total(card, unit, counts[unit["unit"]], ratings) for unit in units]
    for group in {total["group"] for total in totals}:
        _grade(card, [total for total in totals if total["group"] == group])
    decided = {row["unit"]: row["grade"] for row in decisions}
    for total in totals:
        total["computed"] = total["grade"]
        total["decided"] = int(total["unit"] in decided)
        if total["unit"] in decided:
            total["grade"], total["state"] = decided[total["unit"]], "decided"
    names = (
        "unit",
        "group",
        "total",
        "known",
        "full",
        "rank",
        "grade",
        "computed",
        "decided",
        "state",
        "reasons",
    )
    return [{name: total[name] for name in names} for total in totals]


def _figures(unit: str, events: list[Row]) -> dict[str, int | None]:
    mine = [event for event in events if event["village"] == unit]
    incomes = [event["income"] for event in mine if event["income"] is not None]
    done = [event for event in mine if event["state"] == "done"]
    return {
        "due": len(mine),
        "done": len(done),
        "late": sum(1 for event in mine if event["days"] > 5),
        "kinds": len({event["state"] for event in mine}),
        "income": sum(incomes) if incomes else None,
        "share": floor(Fraction(1000 * len(done), len(mine))) if mine else None,
    }


def _marks(indicator: dict[str, Any], figures: dict[str, int | None], given: list[Row]) -> int | str | None:
    """Thousandths, None where something is missing, "idle" where nothing was due."""
    full, by = indicator["full"], indicator["by"]
    if full is None:
        return None
    match by["method"]:
        case "ratio":
            done, due = figures[by["done"]], figures[by["due"]]
            return "idle" if due == 0 else half_up(Fraction(min(done, due) * full, due))
        case "banded":
            figure = figures[by["figure"]]
            if figure is None:
                return None
            reached = [band["marks"] for band in by["bands"] if figure >= band["from"]]
            return min(reached[-1], full) if reached else 0
        case "deduction":
            return max(full - figures[by["figure"]] * by["each"], 0)
        case "bonus":
            return min(min(figures[by["figure"]], figures[by["proof"]]) * by["each"], full)
        case "checklist":
            return half_up(Fraction(min(figures[by["figure"]], by["items"]) * full, by["items"]))
        case "rated":
            return _rated(indicator["id"], by["raters"], given)
    raise AssertionError(by)


def _rated(indicator: str, raters: dict[str, int], given: list[Row]) -> int | None:
    weighted = 0
    for stage, weight in raters.items():
        marks = [row["marks"] for row in given if row["indicator"] == indicator and row["stage"] == stage]
        if not marks:
            return None
        weighted += half_up(Fraction(sum(marks), len(marks))) * weight
    return half_up(Fraction(weighted, sum(raters.values())))


def _applies(indicator: dict[str, Any], unit: Row) -> bool:
    layer = indicator.get("layer", "common")
    return layer == "common" or (
        unit["klass"] in indicator.get("classes", []) if layer == "class" else unit["model"] == 1
    )


def _total(card: dict[str, Any], unit: Row, figures: dict[str, int | None], ratings: list[Row]) -> Row:
    given = [row for row in ratings if row["unit"] == unit["unit"]]
    regular = bonus = full = lacking = 0
    settles = 0
    for indicator in card["indicators"]:
        marks = _marks(indicator, figures, given)
        if indicator["id"] == card["grades"].get("tie_indicator"):
            settles = marks if isinstance(marks, int) else -1
        if not _applies(indicator, unit):
            continue
        if not isinstance(marks, int):
            lacking += not (marks == "idle" and card["out_of"] is not None)
        elif indicator["by"]["method"] == "bonus":
            bonus += marks
        else:
            regular, full = regular + marks, full + indicator["full"]
    scale = card["grades"]["scale"]
    hits = {
        kind: [each for each in card[kind] if (figures[each["figure"]] or 0) > 0]
        for kind in ("vetoes", "caps")
    }
    unfit = [
        each
        for each in card["eligible"]
        if figures[each["figure"]] is not None and figures[each["figure"]] < 1
    ]
    asked = [
        each
        for kind in ("eligible", "vetoes", "caps")
        for each in card[kind]
        if figures[each["figure"]] is None
    ]
    lacking += len(asked)
    total: int | None = regular + bonus
    if card["out_of"] is not None:
        total = half_up(Fraction(regular * card["out_of"], full)) + bonus if full else None
    if lacking:
        total = None
    state = "rated"
    if total is None:
        state = "incomplete"
    if hits["vetoes"]:
        state = "vetoed"
    if unfit:
        state = "not-eligible"
    spoken = [("eligible", each) for each in unfit] + [("veto", each) for each in hits["vetoes"]]
    spoken += [("cap", each) for each in hits["caps"]]
    return {
        "unit": unit["unit"],
        "group": unit["group"],
        "known": regular + bonus,
        "full": full,
        "total": total,
        "state": state,
        "settles": settles,
        "veto": hits["vetoes"][0]["grade"] if hits["vetoes"] else None,
        "cap": max([scale.index(each["grade"]) for each in hits["caps"]], default=0),
        "reasons": " ".join(f"{word}:{each['id']}" for word, each in spoken),
        "rank": None,
        "grade": None,
    }


def _grade(card: dict[str, Any], group: list[Row]) -> None:
    """Give rank and grade to the units of one group, by going through them one after the other."""
    rated = [row for row in group if row["state"] == "rated"]
    for row in rated:
        row["rank"] = 1 + sum(1 for other in rated if other["total"] > row["total"])
    places = _places(card, rated, everyone=len(group))
    scale = card["grades"]["scale"]
    for row in group:
        if row["state"] == "vetoed":
            row["grade"] = row["veto"]
        elif row["state"] == "not-eligible":
            row["grade"] = "not-rated"
        elif row["state"] == "rated":
            possible = places[row["unit"]]
            if len(possible) > 1:
                row["state"] = "tied"
            elif possible == {None}:
                row["state"] = "ungraded"
            else:
                row["grade"] = scale[max(possible.pop(), row["cap"])]


def _places(card: dict[str, Any], rated: list[Row], everyone: int) -> dict[str, set[int | None]]:
    """The grades (0 is best) that each unit could have, whichever way its ties were broken."""
    scale, thresholds, quotas = (card["grades"][name] for name in ("scale", "thresholds", "quotas"))
    last = len(scale) - 1
    if not (thresholds or quotas):
        return {row["unit"]: {None} for row in rated}
    slots: list[int | None] = []
    for place, word in enumerate(scale):
        limited = any(quota["grade"] == word for quota in quotas)
        if word in thresholds:
            reach = sum(1 for row in rated if row["total"] >= thresholds[word])
        else:
            reach = len(rated) if limited or place == last else len(slots)
        count = max(reach - len(slots), 0)
        if place != last:
            count = _bounded(quotas, word, count, len(rated), everyone)
        slots += [place] * min(count, len(rated) - len(slots))
    bottom = slots.count(last)
    wanted = min(_bounded(quotas, scale[last], bottom, len(rated), everyone), len(slots))
    if wanted > bottom:
        slots[len(slots) - wanted :] = [last] * wanted
    elif wanted < bottom:
        slots[len(slots) - bottom : len(slots) - wanted] = [last - 1] * (bottom - wanted)
    slots += [None] * (len(rated) - len(slots))
    ordered = sorted(rated, key=lambda row: (-row["total"], -row["settles"]))
    found: dict[str, set[int | None]] = {}
    for row in ordered:
        alike = (row["total"], row["settles"])
        found[row["unit"]] = {
            slot
            for slot, other in zip(slots, ordered, strict=True)
            if (other["total"], other["settles"]) == alike
        }
    return found


def _bounded(quotas: list[Row], word: str, count: int, rated: int, everyone: int) -> int:
    for quota in quotas:
        if quota["grade"] == word:
            exact = Fraction((everyone if quota["of"] == "all" else rated) * quota["share"], 1000)
            wanted = {"floor": floor(exact), "ceiling": -floor(-exact), "half_up": half_up(exact)}[
                quota["rounding"]
            ]
            bound = quota["bound"]
            count = wanted if bound == "exactly" else (max if bound == "at_least" else min)(count, wanted)
    return count
