"""Two people compute the same rating: one run at a time, and what failed takes away nothing but its own."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from cast import Cast
from counties import rated_county
from zugong.core.errors import Refused
from zugong.core.period import period
from zugong.scorecards import actions, engine
from zugong.scorecards.models import Run

pytestmark = pytest.mark.django_db
CARD, DAY = "village-stars", date(2025, 11, 20)


@pytest.fixture
def made(settings, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path
    return rated_county()


def compute(made: Cast) -> Run:
    return actions.compute(CARD, day=DAY, by=made.users["chen"])


def test_while_one_computes_another_is_told_so_and_what_the_first_writes_stays(made: Cast, settings) -> None:
    writing = settings.HOME / "runs" / "2025" / f"qingmu-{CARD}-1"
    writing.mkdir(parents=True)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_lock(hashtext(%s))", [f"run {CARD} {period('year', DAY).name}"]
            )
        with pytest.raises(Refused, match="有人正在计算"):
            compute(made)
    finally:
        other.close()
    assert writing.exists()
    assert compute(made).number == 1


def test_what_fails_leaves_no_folder_behind(made: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compute(made)
    monkeypatch.setattr(engine, "score", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compute(made)
    folders = actions.folder_of(first).parent
    assert [folder.name for folder in folders.iterdir()] == [actions.folder_of(first).name]


def test_a_run_whose_facts_were_lost_is_not_put_forward(made: Cast) -> None:
    run = compute(made)
    shutil.rmtree(actions.folder_of(run))
    with pytest.raises(Refused, match="从备份恢复"):
        actions.decide(run, by=made.users["chen"], day=DAY, minutes="部务会")
