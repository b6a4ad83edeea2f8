"""The burden: fields × rhythm × seconds, in whole minutes per village per month, rounded up."""

from datetime import date
from fractions import Fraction

import pytest

from zugong.packs.burden import by_issuer, lines, minutes, per_month, twice
from zugong.packs.loader import load
from zugong.packs.schema.common import Every

PACK = "pack: a\nlabel: 甲\nversion: '1'\n"
TEXT = """\
fields:
  income: {label: 收入, kind: money}
  note: {label: 说明, kind: text}
---
seconds: {fields: {money: 20, text: {values: {unknown: {value: 60}, 2026-01-01: {value: 90}}}}}
---
duty: income
label: 收入
who: organisation.village
every: quarter
at_least: 1
asks: [income, note]
---
duty: elsewhere
label: 部门的事
who: organisation.department
every: month
at_least: 1
asks: [note]
"""
DAY = date(2025, 6, 1)


@pytest.fixture
def policy():
    return load({"a": {"pack.yaml": PACK, "x.yaml": TEXT}}, "a")


def test_what_departments_are_asked_burdens_no_village(policy):
    assert {one.entry for one in lines(policy, DAY)} == {("duty", "income")}


def test_a_quarterly_form_counts_a_third_each_month(policy):
    assert sum(one.a_month for one in lines(policy, DAY)) == Fraction(80, 3)
    assert minutes(policy, DAY) == 1


def test_the_table_is_dated_like_every_value(policy):
    assert sum(one.a_month for one in lines(policy, date(2026, 1, 1))) == Fraction(110, 3)


@pytest.mark.parametrize(
    ("every", "often"),
    [(Every(month=1), 1), (Every(month=2), Fraction(1, 2)), (Every(quarter=1), Fraction(1, 3)),
     (Every(half_year=1), Fraction(1, 6)), (Every(year=1), Fraction(1, 12)), (Every(week=1), Fraction(365, 84))],
)  # fmt: skip
def test_each_rhythm_comes_round_so_often_a_month(every, often):
    assert per_month(every) == often


MORE = """\
roles:
  village: {label: 村, is: about}
  town: {label: 乡镇, is: above.township of about}
---
activity: meeting
label: 会议
run_by: organisation.village
present: counted
minutes: true
fields: [note]
---
duty: monthly
label: 每月会议
who: organisation.village
every: month
at_least: 2
done_by: {activity: meeting}
---
duty: again
label: 又问
who: organisation.village
every: quarter
at_least: 1
asks: [note]
---
case: matter
label: 事项
about: organisation.village
opened_from: [person]
opened_by: town
stages:
  - {name: ask, label: 问, role: village, needs: [income]}
  - {name: decide, label: 定, body: town, needs: [note]}
"""


@pytest.fixture
def more():
    return load({"a": {"pack.yaml": PACK, "x.yaml": TEXT, "y.yaml": MORE}}, "a")


def test_entering_a_meeting_counts_with_its_minutes_and_its_fields(more):
    (line,) = [one for one in lines(more, DAY) if one.entry == ("duty", "monthly")]
    assert (line.fields, line.times, line.seconds) == (("note",), 2, 60 + 60)  # minutes, and the note


def test_a_case_counts_what_it_asks_of_the_village_and_once_a_year(more):
    (line,) = [one for one in lines(more, DAY) if one.entry[0] == "case"]
    assert (line.fields, line.times, line.seconds) == (("income",), Fraction(1, 12), 20)


def test_what_two_entries_ask_in_the_same_rhythm_is_said_with_both(more):
    (asking,) = twice(lines(more, DAY)).values()
    assert {line.entry for line in asking} == {("duty", "income"), ("duty", "again")}


def test_who_asks_is_the_issuer_of_the_paper_and_who_asks_most_comes_first():
    papers = "sources:\n  one: {label: 一, issuer: 民政局}\n  two: {label: 二, issuer: 统计局}\n"
    more = """\
---
duty: yearly
label: 年报
source: two
who: organisation.village
every: year
at_least: 1
asks: [note]
"""
    text = TEXT.replace("duty: income\n", "duty: income\nsource: one\n") + more
    policy = load({"a": {"pack.yaml": PACK, "x.yaml": text, "sources.yaml": papers}}, "a")
    asked_of = by_issuer(lines(policy, DAY))
    assert {name: [line.label for line in asking] for name, asking in asked_of.items()} == {
        "民政局": ["收入"],
        "统计局": ["年报"],
    }
    assert list(asked_of) == ["民政局", "统计局"]
    assert sum(line.a_month for asking in asked_of.values() for line in asking) == Fraction(80, 3) + 5
