"""`zugong scorecards` works on a laptop, without a database: score, compute again, count what a meeting decided."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from small_card import DAY, card, measures, tables
from zugong.cli.scorecards import scorecards
from zugong.core.errors import Refused
from zugong.scorecards import engine

PACKS = str(Path(__file__).parents[3] / "packs")
PANSHI = {"5": 22, "4": 25, "3": 92, "2": 102, "1": 25, "not-rated": 2}


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    engine.freeze(folder, tables(), plan=engine.plan(card(), measures(), day=DAY), pack_digest="0" * 64)
    return folder


def told(capsys, *arguments: str) -> dict:
    scorecards([*arguments, "--json"])
    return json.loads(capsys.readouterr().out)


def written(file: Path, grades: dict[str, int]) -> str:
    rows = [f"u{grade}-{n},{grade}" for grade, count in grades.items() for n in range(count)]
    file.write_text("\n".join(["unit,grade", *rows]), encoding="utf-8")
    return str(file)


def decided(capsys, file: str, pack: str, name: str) -> dict:
    return told(capsys, "decide", pack, name, file, "--folder", PACKS)


def test_a_frozen_run_is_scored_where_it_lies(frozen: Path, capsys) -> None:
    said = told(capsys, "run", str(frozen))
    assert said["grades"] == {"5": 1, "4": 1, "3": 1, "not-rated": 0}
    assert said["digest"] == engine.digest(frozen)


def test_computing_again_says_the_same_and_writes_nothing(frozen: Path, capsys) -> None:
    engine.score(frozen)
    before = {file: file.stat().st_mtime_ns for file in frozen.rglob("*")}
    assert scorecards(["recompute", str(frozen)]) == 0
    assert "相同" in capsys.readouterr().out
    assert {file: file.stat().st_mtime_ns for file in frozen.rglob("*")} == before


def test_a_result_that_was_touched_is_not_the_same(frozen: Path, capsys) -> None:
    engine.score(frozen)
    results = pq.read_table(frozen / "results.parquet")
    pq.write_table(results.slice(1), frozen / "results.parquet")
    assert scorecards(["recompute", str(frozen)]) == 1
    assert "不同" in capsys.readouterr().out


def test_facts_that_were_touched_are_named(frozen: Path) -> None:
    engine.score(frozen)
    kept = frozen / "facts" / "units.parquet"
    pq.write_table(pq.read_table(kept).slice(1), kept)
    with pytest.raises(Refused, match="units"):
        scorecards(["recompute", str(frozen)])


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path, frozen: Path) -> None:
    with pytest.raises(Refused, match=r"没有 run\.json"):
        scorecards(["run", str(tmp_path)])
    shutil.rmtree(frozen / "facts")
    with pytest.raises(Refused, match="还没有结果"):
        scorecards(["recompute", str(frozen)])


def test_the_printed_year_of_panshi_gives_27_candidates(tmp_path: Path, capsys) -> None:
    said = decided(capsys, written(tmp_path / "panshi.csv", PANSHI), "panshi", "village-stars")
    assert said["units"] == 268
    assert said["grades"] == PANSHI
    assert {one["name"] for one in said["printed"] if one["passes"]} == {*PANSHI, "all"}
    assert len(said["candidates"]) == 27


def test_a_year_that_is_not_the_printed_one_says_by_how_many(tmp_path: Path, capsys) -> None:
    said = decided(capsys, written(tmp_path / "x.csv", PANSHI | {"5": 21}), "panshi", "village-stars")
    assert [one["sentence"] for one in said["printed"] if not one["passes"]] == [
        "公布 22，实有 21：不符，少 1",
        "公布 268，实有 267：不符，少 1",
    ]


def test_the_printed_year_of_shulan_passes_at_least_and_fails_exactly(tmp_path: Path, capsys) -> None:
    file = written(tmp_path / "shulan.csv", {"weak": 22, "kept": 188})
    said = decided(capsys, file, "shulan", "inverse-ranking")
    verdicts = {one["bound"]: (one["wanted"], one["found"], one["passes"]) for one in said["quotas"]}
    assert verdicts == {"at_least": (21, 22, True), "exactly": (21, 22, False)}
    assert {one["rounding"] for one in said["quotas"]} == {"ceiling"}
    assert len(said["candidates"]) == 22


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("village,stars\na,5", "unit 和 grade"),
        ("unit,grade\na,5\na,4", "写了两次"),
        ("unit,grade\na,9", "没有“9”"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=sentence):
        scorecards(["decide", "panshi", "village-stars", str(file), "--folder", PACKS])
