"""What changes: in one night, and between two packs."""

from datetime import date

import pytest

from zugong.packs import diff
from zugong.packs.loader import load

PACK = "pack: a\nlabel: 甲\nversion: '1'\n"
SOURCES = (
    "sources:\n  one: {label: 文件, number: 甲发〔2024〕1号}\n  two: {label: 文件, number: 甲发〔2025〕2号}\n"
)
LINK = """\
link: supporter
label: 包保
source: one
kinds:
  leader:
    from: person
    to: organisation
    each_to:
      values:
        2024-01-01: {value: "1", clause: 第三条}
        2025-01-01: {value: "1..", source: two, clause: 第五条}
---
roll: weak
label: 名册
source: one
of: organisation
"""


def policy(text):
    return load({"a": {"pack.yaml": PACK, "s.yaml": SOURCES, "x.yaml": text}}, "a")


def test_a_night_on_which_a_new_line_begins_changes_the_value_and_says_which_paper_did_it():
    (change,) = diff.between_days(policy(LINK), date(2024, 12, 31), date(2025, 1, 1))
    assert (change.what, change.key, change.path) == (
        "changed",
        ("link", "supporter"),
        "kinds.leader.each_to",
    )
    assert (change.before, change.after, change.paper) == ("1", "1..", "甲发〔2025〕2号 第五条")
    assert (change.file, change.line) == ("a/x.yaml", 11)


def test_a_first_line_is_new_and_what_was_before_is_said_to_be_unset():
    (change,) = diff.between_days(policy(LINK), date(2023, 12, 31), date(2024, 1, 1))
    assert (change.what, change.before, change.after) == ("added", "未设", "1")


@pytest.mark.parametrize(("before", "after"), [("2024-01-01", "2024-12-31"), ("2025-01-01", "2030-01-01")])
def test_a_night_without_a_new_line_changes_nothing(before, after):
    assert diff.between_days(policy(LINK), date.fromisoformat(before), date.fromisoformat(after)) == []


def test_two_equal_packs_do_not_differ():
    assert diff.between_packs(policy(LINK), policy(LINK)) == []


def test_an_entry_that_is_gone_and_one_that_is_new_are_said_once_each():
    other = policy(LINK.replace("roll: weak", "roll: strong"))
    changes = diff.between_packs(policy(LINK), other)
    assert {(change.what, change.key) for change in changes} == {
        ("removed", ("roll", "weak")),
        ("added", ("roll", "strong")),
    }


def test_a_changed_word_is_said_with_its_path():
    (change,) = diff.between_packs(policy(LINK), policy(LINK.replace("第三条", "第四条")))
    assert change.path == "kinds.leader.each_to.values.2024-01-01.clause"
    assert (change.before, change.after) == ("第三条", "第四条")


def test_a_number_is_said_with_the_paper_behind_itself_and_not_behind_its_entry():
    (change,) = diff.between_packs(policy(LINK), policy(LINK.replace('{value: "1..",', '{value: "2..",')))
    assert (change.path, change.before, change.after) == (
        "kinds.leader.each_to.values.2025-01-01.value",
        "1..",
        "2..",
    )
    assert change.paper == "甲发〔2025〕2号 第五条"


def test_who_acts_is_compared_too():
    roles = "roles:\n  chair: {label: 主任, english: Chair, is: about}\n"
    before, after = (
        load({"a": {"pack.yaml": PACK, "s.yaml": SOURCES, "x.yaml": LINK, "roles.yaml": text}}, "a")
        for text in (roles, roles.replace("is: about", "is: above.township of about"))
    )
    (change,) = diff.between_packs(before, after)
    assert (change.what, change.key, change.label, change.path) == (
        "changed",
        ("role", "chair"),
        "主任",
        "is",
    )
    assert (change.before, change.after) == ("about", "above.township of about")
    assert change.file == "a/roles.yaml"


def test_the_impacted_entries_are_named_each_with_the_first_day_from_which_it_is_another():
    later = LINK.replace('2025-01-01: {value: "1.."', '2025-03-01: {value: "2.."')
    changed = diff.areas(diff.between_packs(policy(LINK), policy(later)))
    assert [(area.key, area.since) for area in changed] == [(("link", "supporter"), "2025-01-01")]
    renamed = later.replace("label: 包保", "label: 联系").replace("label: 名册", "label: 台账")
    found = diff.areas(diff.between_packs(policy(LINK), policy(renamed)))
    # A change that names no day holds from when the pack does.
    assert [(area.key, area.since) for area in found] == [(("link", "supporter"), ""), (("roll", "weak"), "")]
