"""An uploaded workbook, read with distrust: whatever is in it, it becomes a sheet or one sentence why not.

Only the cells of one visible sheet are read. Formulas are not computed, links are not followed, macros are refused.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from zugong.core.errors import Refused
from zugong.core.files import rules as files
from zugong.imports.rules import Broken, Raw, typed

LIMIT = 10 * 1024 * 1024  # bytes of a workbook
ROWS = 10_000  # rows with something in them
ROWS_WITH_BLANKS = 100_000
COLUMNS = 400
SHEET = "填报"
LISTS = "选项"  # the hidden sheet: the stamp, and what the drop-downs offer
MARK = "标记"  # the first column: what stands in it is no data
NOTE, EXAMPLE = "说明", "示例"
FAULTS = "错误说明"  # the column that the error workbook adds

_PACKED, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*hidden=\"(?:1|true)\"")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([\w-]+)[\"']")


@dataclass(frozen=True)
class Stamp:
    """What our own workbooks carry: which table it is, and under which version of the pack it was handed out."""

    entity: str
    version: str


@dataclass(frozen=True)
class Row:
    """One row of data, by its number in the sheet."""

    number: int
    cells: tuple[Raw, ...]


@dataclass(frozen=True)
class Sheet:
    """What was uploaded: headers without stars, rows of data, and what a person should know about it."""

    stamp: Stamp | None
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read(name: str, content: bytes) -> Sheet:
    """Read an uploaded workbook. Raises Refused with one sentence, whatever is wrong with it."""
    _refuse_foreign(name, content)
    _refuse_hostile(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(content)
    except Refused:
        raise
    except Exception as error:  # a broken file breaks its reader in ways that nobody can list
        raise Refused(
            "这个文件读不出来，可能已损坏；请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传"
        ) from error


def _refuse_foreign(name: str, content: bytes) -> None:
    ending = name.rpartition(".")[2].lower()
    if not content:
        raise Refused("这是空文件，请重新选择")
    if len(content) > LIMIT:
        raise Refused(
            "文件有 {size} MB，最多 {limit} MB，请拆成几个再上传",
            size=f"{len(content) / 1024 / 1024:.1f}",
            limit=LIMIT // 1024 // 1024,
        )
    if ending == "xlsm":
        raise Refused("带宏的文件（.xlsm）不收，请另存为不带宏的 .xlsx 后再上传")
    if content.startswith(_OLD):
        raise Refused("这是旧版 .xls 或加了密码的文件，请去掉密码、另存为 .xlsx 后再上传")
    if ending != "xlsx" or not content.startswith(_PACKED):
        raise Refused("这不是 Excel 工作簿（.xlsx），请下载模板填写，或另存为 .xlsx 后再上传")
    if sentence := files.lack(files.plain(name), content):
        raise Refused.because(sentence)


def _refuse_hostile(content: bytes) -> None:
    """Refuse what would unpack without end, or mean other things than it seems to, before anything parses it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > 1000 or sum(part.file_size for part in parts) > files.READ_WITHIN:
                raise Refused("文件展开后过大，请删去图片和多余的工作表，或拆分后再上传")
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    _refuse_entities(packed.read(part)[:4096])
    except Refused:
        raise
    except Exception as error:
        raise Refused("这个文件已损坏或加了密码，请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传") from error


def _refuse_entities(head: bytes) -> None:
    found = _ENCODING.search(head)
    plain = b"\x00" not in head and (not found or found[1].lower() in (b"utf-8", b"us-ascii"))
    if not plain or b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise Refused("文件里有不该有的内容，不能读取；请用 WPS 或 Excel 打开，另存为 .xlsx 后再上传")


def _read(content: bytes) -> Sheet:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        chosen = _chosen(book)
        notes = _looked_over(content, chosen)
        at, headers = _headers(chosen)
        return Sheet(_stamp(book), headers, tuple(_data(chosen, at + 1, len(headers))), notes)
    finally:
        book.close()


def _chosen(book: Any) -> Any:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise Refused("工作簿里没有可见的工作表，请取消隐藏后再上传")
    return next((sheet for sheet in visible if sheet.title == SHEET), visible[0])


def _looked_over(content: bytes, sheet: Any) -> tuple[str, ...]:
    """Refuse what only the raw sheet tells: rows without end, merged cells. Return what a person should know."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        raw = packed.read(sheet._worksheet_path)
    if sum(1 for _ in _ROW.finditer(raw)) > ROWS_WITH_BLANKS:
        raise Refused(
            "表里有超过 {many} 行，多半是带格式的空白行；请删除空白行后再上传", many=ROWS_WITH_BLANKS
        )
    if _MERGED.search(raw):
        raise Refused("表里有合并的单元格，请取消合并、逐格填写后再上传")
    return ("表里有隐藏（筛掉）的行，它们也会一并读入。",) if _HIDDEN_ROW.search(raw) else ()


def _headers(sheet: Any) -> tuple[int, tuple[str, ...]]:
    """Return the row of the headers and the headers, without stars."""
    first = next(_rows(sheet, 1, COLUMNS), None)
    if first is None:
        raise Refused("表是空的，请下载模板填写后再上传")
    headers = [typed(cell).removesuffix("*").strip() for cell in first.cells]
    while headers and not headers[-1]:
        headers.pop()
    twice = next((one for one in headers if one and headers.count(one) > 1), "")
    if twice:
        raise Refused("表头有两列都叫“{header}”，请删去多余的一列", header=twice[:20])
    return first.number, tuple(headers)


def _data(sheet: Any, start: int, width: int) -> Iterator[Row]:
    """Yield the rows of data, each as wide as the headers."""
    for count, row in enumerate(_filled(sheet, start, width), start=1):
        if count > ROWS:
            raise Refused("一次最多导入 {many} 行，请拆成几个文件", many=ROWS)
        yield Row(row.number, row.cells + (None,) * (width - len(row.cells)))


def _filled(sheet: Any, start: int, width: int) -> Iterator[Row]:
    return (row for row in _rows(sheet, start, width) if typed(row.cells[0]) not in (NOTE, EXAMPLE))


def _rows(sheet: Any, start: int, width: int) -> Iterator[Row]:
    """Yield the rows that say anything. The size a sheet claims to have is not believed."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(min_row=start, max_col=width), start=start):
        if number > ROWS_WITH_BLANKS:
            raise Refused("有内容的行离表头太远，请删除中间的空白行后再上传")
        read = tuple(map(_raw, cells))
        if any(typed(one) for one in read):
            yield Row(number, read)


def _raw(cell: Any) -> Raw:
    """Return a cell's value; a formula or an error says what to do instead."""
    found = cell.value
    if found is None:
        return None
    if cell.data_type == "f":
        return Broken(str(found)[:200], "这里是公式，请复制后“选择性粘贴为数值”，再上传")
    if cell.data_type == "e":
        return Broken(str(found)[:20], f"这里是错误值 {str(found)[:20]}，请改成真实的内容")
    match found:
        case bool() | str() | date():
            return found
        case int() | float():
            return f"{Decimal(repr(found)) * 100:f}%" if "%" in str(cell.number_format) else found
        case time() | timedelta():
            return Broken(str(found), "这里是时刻，不是要填的内容，请检查单元格格式")
    return typed(str(found))


def _stamp(book: Any) -> Stamp | None:
    if LISTS not in book.sheetnames:
        return None
    for row in book[LISTS].iter_rows(max_row=1, max_col=3, values_only=True):
        words = [str(one or "") for one in row] + ["", "", ""]
        return Stamp(words[1][:80], words[2][:80]) if words[0] == "zugong" else None
    return None
