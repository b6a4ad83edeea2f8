"""Which of the methods are covered, succeeding and refused, by entries that were really interpreted."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zugong.scenarios.running import Report

ORIENTATION = "X"  # a row led by this shape is orientation: there is nothing to compute


def coverage(reports: Iterable[Report], mechanisms: Path) -> dict[str, Any]:
    """Return covered (id → scenarios), succeeds, refused, missing and not computable, over docs/mechanisms.csv."""
    rows = list(csv.DictReader(mechanisms.read_text("utf-8").splitlines()))
    computable = [row["id"] for row in rows if not row["shapes"].startswith(ORIENTATION)]
    succeeds: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    for report in reports:
        if report.passed:
            for found, ids in ((succeeds, report.succeeds), (refused, report.refused)):
                for id in sorted(ids):
                    found.setdefault(id, []).append(report.scenario.scenario)
    covered = {
        id: list(dict.fromkeys(succeeds.get(id, []) + refused.get(id, [])))
        for id in computable
        if id in succeeds or id in refused
    }
    return {
        "covered": covered,
        "succeeds": dict(sorted(succeeds.items())),
        "refused": dict(sorted(refused.items())),
        "missing": [id for id in computable if id not in covered],
        "not_computable": [row["id"] for row in rows if row["shapes"].startswith(ORIENTATION)],
    }
