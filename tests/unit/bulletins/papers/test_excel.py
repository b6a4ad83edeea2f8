import io
import re
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from zugong.bulletins.papers import excel
from zugong.bulletins.papers.values import Marks, Money, Share


def read(printed: bytes, place: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(printed)).get_sheet_by_index(place).to_python()


def xml(printed: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(printed)).read("xl/worksheets/sheet1.xml").decode()


def test_figures_stay_figures_and_days_stay_days():
    printed = excel.sheet(
        ("村", "得分", "金额", "占比", "件", "日期"),
        [("白石村", Marks(52_300), Money(12_345), Share(22, 268), 7, date(2026, 1, 2))],
    )
    assert read(printed)[1] == ["白石村", 52.3, 123.45, 0.082, 7, date(2026, 1, 2)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "－1", "\n@x"]
)
def test_a_text_like_a_formula_is_kept_from_being_one(text):
    printed = excel.sheet((text,), [(text,)])
    assert read(printed)[0][0][0] == read(printed)[1][0][0] == "'"
    assert "<f>" not in xml(printed)


def test_ordinary_text_is_left_alone():
    assert excel.safe("第3号—甲") == "第3号—甲"
    assert excel.safe("") == ""


def test_an_identifier_of_digits_stays_text_whole():
    printed = excel.sheet(("编号",), [("110105194912310021",), ("007",)])
    assert read(printed)[1:] == [["110105194912310021"], ["007"]]
    assert read(excel.sheet(("数",), [(123456789012345678,)]))[1] == ["123456789012345678"]


def test_the_header_is_frozen_and_columns_fit_what_they_hold():
    drawn = xml(excel.sheet(("村", "说明"), [("甲", "很长很长很长很长的说明")]))
    assert re.search(r'<pane ySplit="1"[^>]*state="frozen"', drawn)
    narrow, wide = (float(found) for found in re.findall(r'<col [^>]*width="([\d.]+)"', drawn))
    assert narrow < wide


def test_missing_values_are_empty_and_a_column_may_begin_with_one():
    printed = excel.sheet(("甲", "乙"), [(None, 1), (date(2026, 3, 4), None), ("无", 2)])
    assert read(printed)[1:] == [["", 1], [date(2026, 3, 4), ""], ["无", 2]]


def test_a_column_of_several_kinds_is_said_in_words():
    printed = excel.sheet(("甲",), [(1,), (date(2026, 3, 4),), (Marks(1500),)])
    assert read(printed)[1:] == [["1"], ["2026年3月4日"], ["1.500"]]


def test_a_table_without_rows_still_shows_its_header():
    assert read(excel.sheet(("村", "得分"), []))[0] == ["村", "得分"]


def test_labels_that_become_alike_are_told_apart():
    assert read(excel.sheet(("村", "村 ", ""), [(1, 2, 3)])) == [["村", "村 2", "第3列"], [1, 2, 3]]


def test_a_paper_becomes_its_words_and_a_sheet_for_each_table_and_chart(bulletin):
    printed = excel.render(bulletin)
    names = CalamineWorkbook.from_filelike(io.BytesIO(printed)).sheet_names
    assert names == ["正文", "数字", "图1 各星级村党组织数", "表1 整顿台账"]
    assert ["发文字号", "青组通〔2026〕11号"] in read(printed, 0)
    assert read(printed, 1) == [["参评村党组织", "五星占比", "集体经济收入"], [268, 0.082, 12345.67]]
    assert read(printed, 2)[1] == ["五星", "五星", 22]
    assert read(printed, 3)[1] == ["禾汀镇上河村党支部", "禾汀镇", 52.3, date(2026, 10, 8), "003"]


def test_sheet_names_obey_excel_and_differ():
    printed = excel.sheet(("甲",), [(1,)], name="[a]:b*?/\\" + "长" * 40)
    (name,) = CalamineWorkbook.from_filelike(io.BytesIO(printed)).sheet_names
    assert len(name) <= 31
    assert not set(name) & set("[]:*?/\\")
