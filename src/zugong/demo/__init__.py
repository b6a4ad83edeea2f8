"""青穆县, the invented county of the demo, the tutorial and the tests: always the same from a seed."""

from __future__ import annotations

from datetime import date

DAY = date(2025, 12, 8)  # a Monday: the demo's own day begins here
SEED = 20251208


def load(day: date = DAY, seed: int = SEED) -> None:
    """Load the whole county into an empty database. Whoever calls holds the transaction."""
    from random import Random  # nothing here is secret

    from zugong.demo import county

    county.build(Random(seed))  # noqa: S311
