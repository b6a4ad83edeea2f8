"""The burden: fields × rhythm × seconds, in whole minutes per village per month, rounded up."""

from datetime import date
from fractions import Fraction

import pytest

from zugong.packs.burden import asked, minutes, per_month
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
    assert {one.duty for one in asked(policy, DAY)} == {"income"}


def test_a_quarterly_form_counts_a_third_each_month(policy):
    assert sum(one.a_month for one in asked(policy, DAY)) == Fraction(80, 3)
    assert minutes(policy, DAY) == 1


def test_the_table_is_dated_like_every_value(policy):
    assert sum(one.a_month for one in asked(policy, date(2026, 1, 1))) == Fraction(110, 3)


@pytest.mark.parametrize(
    ("every", "often"),
    [(Every(month=1), 1), (Every(month=2), Fraction(1, 2)), (Every(quarter=1), Fraction(1, 3)),
     (Every(half_year=1), Fraction(1, 6)), (Every(year=1), Fraction(1, 12)), (Every(week=1), Fraction(365, 84))],
)  # fmt: skip
def test_each_rhythm_comes_round_so_often_a_month(every, often):
    assert per_month(every) == often
