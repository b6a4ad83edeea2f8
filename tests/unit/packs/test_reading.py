"""YAML 1.2 as packs need it: what 1.1 would turn into truths and numbers stays text."""

from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

import pytest

from zugong.packs import loader
from zugong.packs.reading import read


def data(text: str) -> object:
    documents, findings = read("x.yaml", dedent(text))
    assert not findings
    (document,) = documents
    return document.data


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "y", "n", "On", "NO", "1:2", "12:30:45", "1_000", "0o7", "007"]
)
def test_words_that_yaml_1_1_would_convert_stay_text_as_keys_and_values(word):
    assert data(f"{word}: {word}") == {word: word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_the_core_schema_knows_whole_numbers_truths_and_nothing(text, value):
    assert data(f"a: {text}") == {"a": value}


@pytest.mark.parametrize("text", ["'3'", '"true"', "'null'", "''", '"on"'])
def test_what_is_quoted_is_text(text):
    assert data(f"a: {text}") == {"a": text.strip("'\"")}


def test_days_and_decimals_stay_text_so_that_no_float_is_born():
    assert data("{2025-01-01: 1.5}") == {"2025-01-01": "1.5"}


def test_a_key_that_is_truth_or_nothing_in_yaml_is_text():
    assert data("{true: a, null: b, 7: c}") == {"true": "a", "null": "b", 7: "c"}


def test_a_doubled_key_is_found_on_its_second_line():
    _, (finding,) = read("x.yaml", "a: 1\nb: 2\na: 3\n")
    assert (finding.id, finding.line) == ("packs.E002", 3)


def test_a_doubled_key_deep_inside_is_found_too():
    _, (finding,) = read("x.yaml", "a:\n  - {b: 1, b: 2}\n")
    assert finding.id == "packs.E002"


def test_every_document_of_a_file_is_read_and_empty_ones_are_skipped():
    documents, findings = read("x.yaml", "a: 1\n---\n---\nb: 2\n")
    assert [document.data for document in documents if document.data] == [{"a": 1}, {"b": 2}]
    assert not findings


@pytest.mark.parametrize("text", ["a: [1, 2", "a: b: c", "\ta: 1", "a: 'x", "a: {to: a[b]}", "- a\nb: 1"])
def test_broken_yaml_is_a_finding_with_its_line_and_never_an_exception(text):
    _, findings = read("x.yaml", text)
    assert [finding.id for finding in findings] == ["packs.E001"]
    assert findings[0].line >= 1


def test_an_unknown_alias_is_a_finding():
    _, findings = read("x.yaml", "a: *nobody")
    assert [finding.id for finding in findings] == ["packs.E001"]


def test_a_character_yaml_forbids_is_a_finding():
    _, findings = read("x.yaml", "a: \x00")
    assert [finding.id for finding in findings] == ["packs.E001"]


def test_each_path_knows_its_line_and_an_unknown_path_falls_back_to_what_holds_it():
    (document,), _ = read("x.yaml", "a:\n  b:\n    - c\n    - d: 1\n")
    assert document.line(("a", "b", 1, "d")) == 4
    assert document.line(("a", "b", 7)) == 2
    assert document.line(("nothing",)) == 1


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: &x {b: 1}\nc: *x", "a: &x 1\nb: *x"])
def test_anchors_are_refused_because_they_can_hold_themselves(text):
    _, findings = read("x.yaml", text)
    assert "packs.E009" in {finding.id for finding in findings}


def test_endless_nesting_is_a_finding():
    _, findings = read("x.yaml", "a: 1\n" + "[" * 5000)
    assert [(finding.id, finding.line) for finding in findings] == [("packs.E001", 2)]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_file_saved_in_another_encoding_is_a_finding(tmp_path, encoding):
    pack = tmp_path / "qingmu"
    pack.mkdir()
    (pack / "pack.yaml").write_bytes("pack: qingmu\nlabel: 青穆\n".encode(encoding))
    text = loader.library(tmp_path)["qingmu"]["pack.yaml"]
    _, findings = read("qingmu/pack.yaml", text)
    assert [(found.id, found.message) for found in findings] == [("packs.E001", "文件不是 UTF-8 编码")]


def test_many_readers_at_once_read_what_one_reads():
    texts = ["\n".join(f"key{n}: {n + k}" for n in range(200)) for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(data, texts)) == [data(text) for text in texts]
