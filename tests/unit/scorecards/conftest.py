"""A small card of 青穆县, frozen for a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from small_card import DAY, card, measures, tables
from zugong.scorecards import engine


@pytest.fixture
def freeze(tmp_path: Path) -> Callable[..., Path]:
    """Freeze a run and return its folder."""
    made: list[Path] = []

    def _freeze(
        facts: Mapping[str, pa.Table] | None = None,
        *,
        extra: list[dict[str, Any]] | None = None,
        **changes: Any,
    ) -> Path:
        folder = tmp_path / f"run-{len(made)}"
        made.append(folder)
        plan = engine.plan(card(**changes), measures(extra), day=DAY)
        engine.freeze(folder, facts or tables(), plan=plan, pack_digest="0" * 64)
        return folder

    return _freeze


@pytest.fixture
def rows() -> Callable[[Path, str], dict[str, dict[str, Any]]]:
    """The rows of results by unit."""

    def _rows(folder: Path, file: str = "results") -> dict[str, dict[str, Any]]:
        return {row["unit"]: row for row in pq.read_table(folder / f"{file}.parquet").to_pylist()}

    return _rows
