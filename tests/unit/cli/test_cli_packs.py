"""`zugong packs`: exit status, places and JSON."""

import json
import shutil
from pathlib import Path

import pytest

from zugong.cli.packs import packs
from zugong.core.errors import PackErrors, Refused

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "packs" / "national", tmp_path / "packs" / "national")
    for name in ("jilin", "shulan"):
        shutil.copytree(ROOT / "packs" / name, tmp_path / "packs" / name)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "mechanisms.csv", tmp_path / "docs")
    return tmp_path / "packs"


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return 1 + text[: text.index(old)].count("\n")


def test_sound_packs_pass(folder, capsys):
    assert packs(["check", str(folder)]) == 0
    assert "没有发现问题" in capsys.readouterr().out


def test_a_fault_is_said_with_file_line_id_and_hint_and_fails(folder, capsys):
    line = spoil(folder, "shulan/rectification.yaml", "role: branch-secretary", "role: branch-secretry")
    assert packs(["check", str(folder)]) == 1
    said = capsys.readouterr().out.splitlines()[0]
    assert said.startswith(f"shulan/rectification.yaml:{line}: packs.E101 ")
    assert "（是不是“branch-secretary”？）" in said


def test_one_pack_by_name_or_by_folder(folder, capsys):
    spoil(folder, "shulan/inverse.yaml", "JL-SL-01", "JL-SL-99")
    assert packs(["--folder", str(folder), "check", "national"]) == 0
    assert packs(["--folder", str(folder), "check", "shulan"]) == 1
    assert packs(["check", str(folder / "shulan")]) == 1
    assert "packs.E801" in capsys.readouterr().out


def test_findings_as_json(folder, capsys):
    spoil(folder, "shulan/inverse.yaml", "printed: {weak", "prnted: {weak")
    assert packs(["check", str(folder), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"file", "line", "id", "message", "hint"} == set(found[0])


def test_differences_between_days_name_the_clause(folder, capsys):
    spoil(
        folder,
        "shulan/inverse.yaml",
        "unknown: {value: 100, clause: 首段}",
        "unknown: {value: 100, clause: 首段}, 2020-01-01: {value: 50, clause: 第二段}",
    )
    assert packs(["--folder", str(folder), "diff", "2019-12-31", "2020-01-01", "shulan"]) == 0
    said = capsys.readouterr().out
    assert "改为：100 → 50〔" in said
    assert "第二段〕" in said
    assert "共1处变化" in said


def test_two_packs_are_compared(folder, capsys):
    assert packs(["--folder", str(folder), "diff", "national", "shulan", "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)
    assert {change["what"] for change in changes} == {
        "added",
        "changed",
    }  # Jilin wakes what sleeps in national


def test_an_entry_is_shown_by_name_or_by_kind_and_name(folder, capsys):
    assert packs(["--folder", str(folder), "show", "shulan", "scorecard:inverse-ranking"]) == 0
    by_kind = capsys.readouterr().out
    assert packs(["--folder", str(folder), "show", "shulan", "inverse-ranking"]) == 0
    assert capsys.readouterr().out == by_kind
    assert "软弱涣散村倒排" in by_kind


def test_a_pack_lists_its_entries(folder, capsys):
    assert packs(["--folder", str(folder), "show", "shulan"]) == 0
    assert "case:rectification  软弱涣散村党组织整顿" in capsys.readouterr().out


def test_an_entry_that_is_not_there_is_refused_with_the_nearest(folder):
    with pytest.raises(Refused, match="是不是“rectification”"):
        packs(["--folder", str(folder), "show", "shulan", "rectificatio"])


def test_a_day_that_is_no_day_is_refused(folder):
    with pytest.raises(Refused, match="不是日期"):
        packs(["--folder", str(folder), "diff", "yesterday", "2020-01-01", "shulan"])


def test_a_pack_that_does_not_read_raises_its_findings(folder):
    spoil(folder, "shulan/inverse.yaml", "printed: {weak", "prnted: {weak")
    with pytest.raises(PackErrors):
        packs(["--folder", str(folder), "show", "shulan"])


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(Refused, match="没有制度包"):
        packs(["check", str(tmp_path)])


def test_the_schema_is_printed_whole_or_by_kind(capsys):
    assert packs(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["oneOf"]
    assert packs(["schema", "duty"]) == 0
    assert "done_by" in json.loads(capsys.readouterr().out)["properties"]
    with pytest.raises(Refused, match="是不是“duty”"):
        packs(["schema", "dutyy"])
