from dataclasses import replace
from datetime import date

import pytest

from zugong.bulletins.papers.paper import Figures, Heading, Paper, Table, laid_out, ordinal, signature
from zugong.core.errors import Refused


def paper(*blocks, **more):
    return Paper(
        **{"title": "通报", "issuer": "青穆县委组织部", "day": date(2026, 11, 30), "blocks": blocks} | more
    )


def test_headings_are_numbered_by_level_and_begin_again_under_a_new_one():
    levels = (1, 2, 2, 3, 4, 1, 2)
    told = [block.text for block in laid_out(paper(*(Heading(level, "题") for level in levels)))]
    assert told == ["一、题", "（一）题", "（二）题", "1.题", "（1）题", "二、题", "（一）题"]


@pytest.mark.parametrize(
    ("count", "said"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")]
)
def test_chinese_ordinals(count, said):
    assert ordinal(1, count) == f"{said}、"


def test_tables_are_numbered_in_their_order():
    table = Table(("村",), (("白石村",),), "台账")
    assert [block.caption for block in laid_out(paper(table, table))] == ["表1　台账", "表2　台账"]


@pytest.mark.parametrize(
    "number",
    ["青组通[2026]3号", "青组通〔2026〕第3号", "青组通〔2026〕03号", "〔2026〕3号", "青组通〔26〕3号"],
)
def test_a_number_not_written_as_the_standard_wants_is_refused(number):
    with pytest.raises(Refused) as refusal:
        paper(number=number)
    assert refusal.value.field == "number"


def test_a_heading_may_not_skip_a_level():
    with pytest.raises(ValueError, match="level 3"):
        paper(Heading(1, "甲"), Heading(3, "乙"))


def test_a_table_must_fit_its_columns_and_tell_them_apart():
    with pytest.raises(ValueError, match="does not fit"):
        Table(("村", "分"), (("白石村",),))
    with pytest.raises(ValueError, match="own label"):
        Table(("村", "村"), ())
    with pytest.raises(ValueError, match="labels"):
        Figures((("村", 1), ("村", 2)))


@pytest.mark.parametrize(
    "issuer", ["县委", "青穆县委组织部", "中共青穆县委组织部", "中共青穆县委员会青穆县人民政府办公室"]
)
def test_without_a_seal_the_date_begins_two_characters_after_the_issuer(issuer):
    unsealed = paper(issuer=issuer)
    issuer_in, day_in = signature(unsealed)
    day_width = 14  # 2026年11月30日
    assert (issuer_in + 2 * len(issuer)) - (day_in + day_width) == 4
    assert min(issuer_in, day_in) == 4


def test_with_a_seal_the_issuer_is_centred_over_a_date_four_characters_in():
    assert signature(replace(paper(issuer="青穆县委组织部"), sealed=True)) == (8, 8)
    assert signature(replace(paper(issuer="县委组织部"), sealed=True)) == (10, 8)
