"""`zugong journal` and `zugong first-day`, as a hand at the terminal meets them."""

import contextlib
import json
from datetime import date
from pathlib import Path

import pytest

from zugong.cli import first_day as days
from zugong.cli import journal as command
from zugong.cli.first_day import first_day
from zugong.cli.journal import journal
from zugong.core import journal as journals
from zugong.core.errors import Refused
from zugong.core.journal import actions

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _database_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test has the database; the command need not start one."""
    for module in (command, days):
        monkeypatch.setattr(module.site, "ready", contextlib.nullcontext)


def written(count: int) -> None:
    for number in range(count):
        journals.write("case.visit", by="王舒", on=f"事项 {number}")
    actions.seal()


def test_verify_gives_zero_while_the_chain_holds(capsys: pytest.CaptureFixture[str]) -> None:
    written(3)
    assert journal(["verify", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["holds"], said["sealed"], said["unsealed"], said["broken"]) == (True, 3, 0, "")


def test_verify_gives_one_against_a_head_that_differs(capsys: pytest.CaptureFixture[str]) -> None:
    written(3)
    head = actions.export_head(DAY, by="审计管理员")
    assert journal(["verify", "--head", f"{head.sequence}:{head.digest}"]) == 0
    assert journal(["verify", "--head", f"{head.sequence}:{'0' * 64}"]) == 1
    assert "链头不符" in capsys.readouterr().err


def test_a_head_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refused, match="序号:64 位摘要"):
        journal(["verify", "--head", "17"])


def test_export_writes_the_chain_and_its_head(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(3)
    assert journal(["export", str(tmp_path / "journal")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "journal").read_text("utf-8").splitlines()]
    assert [sequence for sequence, _digest, _entry in lines] == [1, 2, 3]
    assert lines[-1][2][4] == "事项 2"
    assert capsys.readouterr().out.strip() == f"3:{lines[-1][1]}"


def test_the_first_day_prints_three_codes_and_with_if_new_only_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first_day(["--if-new"])
    said = capsys.readouterr().out
    assert all(name in said for name in ("system", "security", "audit"))
    first_day(["--if-new"])
    assert capsys.readouterr().out == ""
    first_day([])
    assert "system" in capsys.readouterr().out
