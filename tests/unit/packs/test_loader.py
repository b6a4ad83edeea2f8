"""From texts to a policy: all errors at once, each at its line, with a hint."""

from datetime import date

import pytest

from zugong.core.errors import PackErrors, Refused
from zugong.packs import trace
from zugong.packs.loader import attempt, digest, library, load

PACK = "pack: a\nlabel: 甲\nversion: '1'\n"
ROLL = "roll: weak\nlabel: 名册\nof: organisation\n"


def findings(text, **files):
    _, found = attempt({"a": {"pack.yaml": PACK, "x.yaml": text, **files}}, "a")
    return found


def test_a_word_that_is_nearly_right_is_hinted_at_with_its_line():
    (finding,) = findings("roll: weak\nlabel: 名册\noff: organisation\nof: person\n")
    assert (finding.id, finding.file, finding.line) == ("packs.E010", "a/x.yaml", 3)
    assert "“off”" in finding.message
    assert finding.hint == "是不是“of”？"


def test_a_kind_that_is_nearly_right_is_hinted_at():
    (finding,) = findings("rol: weak\nlabel: 名册\n")
    assert (finding.id, finding.hint) == ("packs.E005", "是不是“roll”？")


def test_every_fault_of_every_file_is_found_at_once():
    found = findings("roll: weak\nof: '“'\n---\nduty: x\nlabel: 义务\nevry: month\n", **{"y.yaml": "a: ["})
    assert {finding.file for finding in found} == {"a/x.yaml", "a/y.yaml"}
    assert len(found) >= 5


def test_a_missing_word_is_said_at_the_entry():
    (finding,) = findings("---\n\nroll: weak\nlabel: 名册\n")
    assert "of" in finding.message
    assert finding.line >= 3


def test_the_same_entry_twice_in_a_pack_is_a_fault():
    assert "packs.E007" in {finding.id for finding in findings(ROLL + "---\n" + ROLL)}


def test_a_pack_that_does_not_exist_names_those_that_do():
    _, (finding,) = attempt({"a": {"pack.yaml": PACK}}, "b")
    assert "a" in finding.hint


def test_a_variant_of_nothing_hints_at_what_there_is():
    (finding,) = findings(ROLL + "---\nroll: other\nlike: weka\n")
    assert (finding.id, finding.hint) == ("packs.E008", "是不是“weak”？")


def test_a_pack_lays_itself_over_what_it_extends():
    over = "pack: b\nlabel: 乙\nversion: '1'\nextends: [a]\n"
    packs = {
        "a": {"pack.yaml": PACK, "x.yaml": ROLL},
        "b": {"pack.yaml": over, "x.yaml": "roll: weak\nlike: weak\nlabel: 本县名册\n"},
    }
    policy = load(packs, "b")
    assert policy.roll("weak").label == "本县名册"
    assert policy.where["roll", "weak"].pack == "b"


def test_load_raises_everything_at_once():
    with pytest.raises(PackErrors) as raised:
        load({"a": {"pack.yaml": PACK, "x.yaml": "rol: x\n---\nroll: y\n"}}, "a")
    assert len(raised.value.findings) >= 2


def test_the_digest_changes_with_any_word_and_not_with_the_order_of_files():
    files = {"pack.yaml": PACK, "x.yaml": ROLL}
    assert digest({"a": files}) == digest({"a": dict(reversed(files.items()))})
    assert digest({"a": files}) != digest({"a": {**files, "x.yaml": ROLL + "# 注\n"}})


def test_a_sleeping_entry_is_refused_and_one_that_is_asked_for_is_noted():
    policy = load(
        {
            "a": {
                "pack.yaml": PACK,
                "x.yaml": ROLL + "---\nroll: asleep\nlabel: 睡\nof: person\nenabled: false\n",
            }
        },
        "a",
    )
    with trace.tracing() as used:
        policy.roll("weak")
        with pytest.raises(Refused):
            policy.roll("asleep")
        with pytest.raises(Refused):
            policy.roll("never")
    assert used == {("roll", "weak")}


def test_holidays_reach_the_working_days():
    calendar = "calendar:\n  2025: {source: s, off: {元旦: [2025-01-01]}, worked: [2025-01-26]}\n"
    workdays = load({"a": {"pack.yaml": PACK, "x.yaml": calendar}}, "a").workdays
    assert not workdays.is_working(date(2025, 1, 1))
    assert workdays.is_working(date(2025, 1, 26))
    assert not workdays.knows(date(2026, 1, 1))


def test_scenarios_are_not_part_of_a_pack(tmp_path):
    for name, text in {
        "pack.yaml": PACK,
        "rolls/x.yaml": ROLL,
        "tests/y.yaml": "anything: [",
        "notes.txt": "x",
    }.items():
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).write_text(text, "utf-8")
    assert set(library(tmp_path)["a"]) == {"pack.yaml", "rolls/x.yaml"}
