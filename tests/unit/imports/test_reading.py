"""Whatever is sent in becomes a sheet or one clear sentence: no traceback, and no memory without end."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

import sheets
from zugong.core.errors import Refused
from zugong.imports.rules import Column, Kind, Wrong, shown, value
from zugong.imports.sheets import reading, writing

COLUMNS = (
    Column("code", "代码", Kind.CODE, required=True, example="0012"),
    Column("name", "姓名", required=True),
    Column("klass", "类别", Kind.CHOICE, options={"a": "甲", "b": "乙"}),
    Column("since", "起始日期", Kind.DAY, or_unknown=True),
)
MARCH = date(2025, 3, 1)
STAMP = reading.Stamp("person", "qingmu 1")
TEMPLATE = writing.template(COLUMNS, STAMP)
FILLED = sheets.filled(TEMPLATE, [{"代码": "0012", "姓名": "乔木", "类别": "甲", "起始日期": "2025-03-01"}])


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same workbook with some of its parts replaced or added; `__` is a slash, `_dot_` a dot."""
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in parts.items()}
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            if part.filename not in named:
                new.writestr(part, old.read(part))
        for name, text in named.items():
            new.writestr(name, text)
    return buffer.getvalue()


def with_sheet(content: bytes, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        raw = packed.read("xl/worksheets/sheet1.xml")
    assert old in raw
    return repacked(content, xl__worksheets__sheet1_dot_xml=raw.replace(old, new, 1))


def changed(what) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(FILLED))
    what(book)
    return sheets.saved(book)


def test_a_template_carries_its_stamp_lists_and_text_format():
    book = openpyxl.load_workbook(io.BytesIO(TEMPLATE))
    assert book["选项"].sheet_state == "hidden"
    sheet = book["填报"]
    assert [cell.value for cell in sheet[1]] == ["标记", "代码*", "姓名*", "类别", "起始日期"]
    assert sheet.column_dimensions["B"].number_format == "@"
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1) == ("list", "选项!$A$2:$A$3")
    assert reading.read("a.xlsx", FILLED).stamp == STAMP


def test_notes_and_the_example_are_no_data():
    sheet = reading.read("a.xlsx", FILLED)
    assert [row.cells[1:3] for row in sheet.rows] == [("0012", "乔木")]
    assert sheet.headers == ("标记", "代码", "姓名", "类别", "起始日期")


def test_what_looks_like_a_formula_goes_out_as_text_and_comes_in_as_it_was():
    for text in ("=1+1", "+86", "-3", "@x", "＝1"):
        out = writing.export(COLUMNS, STAMP, [{"code": "1", "name": text}])
        cell = openpyxl.load_workbook(io.BytesIO(out))["填报"]["C4"]
        assert (cell.data_type, cell.value) == ("s", "'" + text)
        assert value(COLUMNS[1], reading.read("a.xlsx", out).rows[0].cells[2]) == text


BOMB = b"<worksheet><sheetData>" + b"<row/>" * 12_000_000 + b"</sheetData></worksheet>"
BLANKS = b"<row/>" * 1_000_000
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
SIXTEEN = '<?xml version="1.0" encoding="UTF-16"?><sst/>'.encode("utf-16")
HOSTILE = {
    "empty": ("a.xlsx", b"", "空文件"),
    "csv": ("a.xlsx", "代码,姓名\n1,乔木\n".encode(), "不是 Excel 工作簿"),
    "csv by name": ("a.csv", "代码,姓名\n".encode(), "不是 Excel 工作簿"),
    "old xls or password": (
        "a.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "旧版 .xls 或加了密码",
    ),
    "macros by name": ("a.xlsm", FILLED, "带宏的文件"),
    "macros inside": ("a.xlsx", repacked(FILLED, xl__vbaProject_dot_bin=b"x"), "带有宏"),
    "too big": ("a.xlsx", b"PK\x03\x04" + b"\0" * reading.LIMIT, "最多 10 MB"),
    "cut off": ("a.xlsx", FILLED[: len(FILLED) // 2], "已损坏"),
    "a bomb": ("a.xlsx", repacked(FILLED, xl__worksheets__sheet9_dot_xml=BOMB), "展开后过大"),
    "entities": ("a.xlsx", repacked(FILLED, xl__sharedStrings_dot_xml=ENTITIES), "不该有的内容"),
    "another encoding": ("a.xlsx", repacked(FILLED, xl__sharedStrings_dot_xml=SIXTEEN), "不该有的内容"),
    "a million blank rows": (
        "a.xlsx",
        with_sheet(FILLED, b"<sheetData>", b"<sheetData>" + BLANKS),
        "删除空白行",
    ),
    "merged": ("a.xlsx", changed(lambda book: book["填报"].merge_cells("B4:C4")), "取消合并"),
    "two headers alike": ("a.xlsx", changed(lambda book: book["填报"].cell(1, 5, "姓名")), "两列都叫“姓名”"),
    "secret": ("a.xlsx", changed(lambda book: book["填报"].cell(4, 3, "机密★十年")), "密级标志"),
    "no words": ("a.xlsx", changed(lambda book: book["填报"].delete_rows(1, 9)), "表是空的"),
    "word": ("a.xlsx", repacked(FILLED, xl__workbook_dot_xml=b"<x"), "读不出来"),
}


@pytest.mark.parametrize(("name", "content", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_gets_one_sentence(name, content, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        reading.read(name, content)
    assert "\n" not in refused.value.sentence


def test_hidden_sheets_are_not_read_and_hidden_rows_are_told():
    def hide(book):
        book.create_sheet("秘", 0).sheet_state = "hidden"
        book["秘"]["A1"] = "别读我"
        book["填报"].row_dimensions[4].hidden = True

    sheet = reading.read("a.xlsx", changed(hide))
    assert sheet.headers[1] == "代码"
    assert "隐藏" in sheet.notes[0]


def test_the_size_a_sheet_claims_is_not_believed():
    book = openpyxl.load_workbook(io.BytesIO(FILLED))
    with zipfile.ZipFile(io.BytesIO(FILLED)) as packed:
        claimed = packed.read("xl/worksheets/sheet1.xml").split(b'<dimension ref="')[1].split(b'"')[0]
    assert book["填报"].max_row == 4
    content = with_sheet(FILLED, b'<dimension ref="' + claimed, b'<dimension ref="A1:XFD1048576')
    assert len(reading.read("a.xlsx", content).rows) == 1


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        (Kind.DAY, "２０２５年３月１日", MARCH),
        (Kind.DAY, datetime.combine(MARCH, time()), MARCH),
        (Kind.DAY, 45717, MARCH),
        (Kind.DAY, 20250301, MARCH),
        (Kind.DAY, " 2025.3.1 ", MARCH),
        (Kind.CODE, "００１２ ", "0012"),
        (Kind.CODE, 12.0, "12"),
        (Kind.MONEY, "1,234.5", 123450),
        (Kind.MONEY, 0.1 + 0.2, 30),
        (Kind.SHARE, "85.5%", 855),
        (Kind.MARKS, "９.5", 9500),
        (Kind.WHOLE, "1,000", 1000),
        (Kind.TICK, "√", True),
        (Kind.TICK, "否", False),
        (Kind.TEXT, "\u200b 乔木\u3000\ufeff", "乔木"),
        (Kind.TEXT, "\U00020bb7 䶮·买买提", "\U00020bb7 䶮·买买提"),
    ],
)
def test_what_people_type_is_understood_and_shown_again(kind, raw, kept):
    column = Column("x", "栏", kind)
    assert value(column, raw) == kept
    assert value(column, shown(column, kept)) == kept


@pytest.mark.parametrize(
    ("kind", "raw", "sentence"),
    [
        (Kind.DAY, "2025-02-30", "没有“2025-02-30”这一天"),
        (Kind.DAY, "2025-03", "日期要写到日"),
        (Kind.CODE, 1.23456789012345678e17, "超过 15 位的后几位已经丢失"),
        (Kind.MONEY, "1.234", "最多两位小数"),
        (Kind.WHOLE, "-1", "不能小于零"),
        (Kind.WHOLE, "NaN", "要填整数"),
        (Kind.WHOLE, "1e999", "要填整数"),
        (Kind.TICK, "也许", "只能填“是”或“否”"),
        (Kind.TEXT, "长" * 201, "最多 200 字"),
    ],
)
def test_what_cannot_be_understood_says_what_to_do(kind, raw, sentence):
    with pytest.raises(Wrong, match=sentence):
        value(Column("x", "栏", kind), raw)


def test_a_formula_and_an_error_are_wrong_cells_not_wrong_files():
    content = changed(lambda book: [book["填报"].cell(4, 3, "=B4"), book["填报"].cell(4, 4, "#REF!")])
    row = reading.read("a.xlsx", content).rows[0]
    for column, cell, sentence in ((COLUMNS[1], row.cells[2], "公式"), (COLUMNS[2], row.cells[3], "错误值")):
        with pytest.raises(Wrong, match=sentence):
            value(column, cell)
