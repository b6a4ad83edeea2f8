"""A small card of 青穆县 and its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from zugong.packs.schema.measures import Measure
from zugong.packs.schema.scorecards import Scorecard

DAY = date(2025, 12, 31)

MEASURES = [
    {"name": "assigned", "label": "交办", "english": "assigned", "count": {"rows": True}},
    {
        "name": "finished",
        "label": "办结",
        "english": "finished",
        "count": {"rows": True, "when": "state == 'closed'"},
    },
    {"name": "late", "label": "逾期", "english": "late", "count": {"rows": True, "when": "days > 15"}},
]
CARD: dict[str, Any] = {
    "name": "village-stars",
    "label": "村级评星",
    "about": "organisation.village",
    "every": "year",
    "source": "qm-2025-1",
    "indicators": [
        {
            "id": "on-time",
            "label": "办结率",
            "english": "completion",
            "full": {"values": {"unknown": {"value": 60_000, "clause": "第三条"}}},
            "by": {"method": "ratio", "done": "finished", "due": "assigned"},
        },
        {
            "id": "lateness",
            "label": "逾期扣分",
            "full": 40_000,
            "clause": "第四条",
            "by": {"method": "deduction", "figure": "late", "each": 10_000},
        },
    ],
    "grades": {
        "scale": ["5", "4", "3"],
        "not_rated": True,
        "thresholds": {"values": {"unknown": {"value": {"5": 90_000, "4": 60_000}}}},
    },
}
UNITS = ["Heting", "Baishi", "Lishan"]
CASES = [("Heting", "closed", 3)] * 4 + [
    ("Baishi", "closed", 3),
    ("Baishi", "open", 20),
    ("Lishan", "open", 1),
]


def card(**changes: Any) -> Scorecard:
    """The card of the tests with some of its words replaced; `grades` are merged."""
    grades = {**CARD["grades"], **changes.pop("grades", {})}
    return Scorecard.model_validate({**CARD, "grades": grades, **changes})


def measures(extra: list[dict[str, Any]] | None = None) -> dict[str, Measure]:
    return {
        each["name"]: Measure.model_validate({"facts": "cases.petitions", "per": "village", **each})
        for each in [*MEASURES, *(extra or [])]
    }


def tables(
    cases: list[tuple[str, str, int]] = CASES, units: list[str] = UNITS, **more: pa.Table
) -> dict[str, pa.Table]:
    villages, states, days = zip(*cases, strict=True) if cases else ((), (), ())
    petitions = {
        "village": pa.array(villages, pa.string()),
        "state": pa.array(states, pa.string()),
        "days": pa.array(days, pa.int64()),
    }
    return {"units": pa.table({"unit": units}), "cases.petitions": pa.table(petitions), **more}


def decisions(grades: Mapping[str, str]) -> pa.Table:
    return pa.table(
        {
            "unit": list(grades),
            "grade": list(grades.values()),
            "by": ["部务会"] * len(grades),
            "day": [DAY] * len(grades),
            "minutes": ["纪要〔2025〕9号"] * len(grades),
        }
    )
