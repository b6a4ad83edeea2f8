"""`zugong routing evaluate` works on any file of sorted messages, without a database."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from zugong.cli.routing import routing
from zugong.core.errors import Refused

ROWS = [
    ("水管漏水请来修", "供水"),
    ("学校乱收费", "教育"),
    ("水压太低没有水", "供水"),
    ("老师补课收费", "教育"),
] * 5
FIGURES = {"macro_f1", "accuracy", "accuracy_at_80", "p50_ms", "p99_ms"}


def written(file: Path, column: str = "text", rows=ROWS, encoding: str = "utf-8") -> str:
    with file.open("w", encoding=encoding, newline="") as lines:
        csv.writer(lines).writerows([(column, "label"), *rows])
    return str(file)


def packed(file: Path) -> str:
    there = file.with_suffix(".csv.gz")
    there.write_bytes(gzip.compress(file.read_bytes()))
    return str(there)


def told(capsys, *arguments: str) -> dict:
    assert routing(["evaluate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_prints_the_figures_of_a_test_file(capsys, tmp_path):
    train, test = written(tmp_path / "train.csv"), written(tmp_path / "test.csv")
    found = told(capsys, "--train", train, "--test", test)
    assert set(found) >= FIGURES
    assert found["macro_f1"] == found["accuracy"] == found["accuracy_at_80"] == 1


def test_it_trains_on_several_files_segmented_packed_or_in_gb18030(capsys, tmp_path):
    first = written(tmp_path / "one.csv", "seg_text", [(" ".join(text), label) for text, label in ROWS])
    packed_one = packed(Path(written(tmp_path / "two.csv")))
    test = written(tmp_path / "test.csv", encoding="gb18030")
    found = told(capsys, "--train", first, packed_one, "--test", test)
    assert (found["train"], found["test"], found["accuracy"]) == (40, 20, 1)


def test_without_json_it_says_the_figures_in_lines(capsys, tmp_path):
    file = written(tmp_path / "one.csv")
    assert routing(["evaluate", "--train", file, "--test", file]) == 0
    assert "macro_f1 1.0" in capsys.readouterr().out


def test_a_label_that_was_never_seen_counts_as_wrong(capsys, tmp_path):
    train = written(tmp_path / "train.csv")
    test = written(tmp_path / "test.csv", rows=[*ROWS, ("路灯不亮", "市政"), ("123", "供水")])
    found = told(capsys, "--train", train, "--test", test)
    assert found["accuracy"] == round(20 / 22, 4)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "要有 text"),
        (b"text,label\n", "没有一条诉求"),
        (b"", "要有 text"),
        ("text,label\n水管,\n".encode(), "第 2 行没有写"),
        (b"\x1f\x8b broken", "读不出来"),
        (b"\xff\xff\xff\x00", "不是文字"),
        (b'text,label\n"' + b"x" * 200_000 + b'",b\n', "不是 CSV"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(tmp_path, content, sentence):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    with pytest.raises(Refused, match=sentence):
        routing(["evaluate", "--train", str(bad), "--test", written(tmp_path / "test.csv")])


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    good = written(tmp_path / "good.csv")
    for bad, sentence in ((tmp_path / "none.csv", "没有"), (tmp_path, "读不出来")):
        with pytest.raises(Refused, match=sentence):
            routing(["evaluate", "--train", good, "--test", str(bad)])
