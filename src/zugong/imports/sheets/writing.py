"""Workbooks that people fill in and send back: template, export and error workbook are one layout.

Row 1 are the headers; what carries 说明 or 示例 in the first column is not data. Every cell is text, so that no code
loses its zeros and no text turns into a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from zugong.bulletins.papers.excel import safe
from zugong.imports.rules import NO, YES, Column, Kind
from zugong.imports.sheets.reading import COLUMNS, EXAMPLE, FAULTS, LISTS, MARK, NOTE, ROWS, SHEET, Stamp

_TEXT = "@"
_WIDTHS = {Kind.DAY: 13, Kind.TICK: 8, Kind.CODE: 18, Kind.REF: 30, Kind.CHOICE: 16}
_HINTS = {
    Kind.DAY: "如 2025-03-01",
    Kind.MONEY: "单位：元",
    Kind.SHARE: "如 85.5%",
    Kind.TICK: f"填{YES}或{NO}",
    Kind.CHOICE: "从下拉列表里选",
    Kind.REF: "填代码，或没有重名的名称",
}


def template(columns: Sequence[Column], stamp: Stamp) -> bytes:
    """Return a workbook to be filled in: headers, notes, an example, lists to choose from."""
    return _workbook(columns, stamp, [])


def export(columns: Sequence[Column], stamp: Stamp, rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return what stands in the records, in the layout of the template: edited, it can be sent back."""
    return _workbook(columns, stamp, ((row, {}) for row in rows))


def errors(
    columns: Sequence[Column],
    stamp: Stamp,
    rows: Iterable[tuple[Mapping[str, str], Mapping[str, str]]],
) -> bytes:
    """Return the rows as they were sent, each bad cell filled and with a remark: column → sentence; "" for the row."""
    return _workbook(columns, stamp, rows, faults=True)


def _workbook(
    columns: Sequence[Column],
    stamp: Stamp,
    rows: Iterable[tuple[Mapping[str, str], Mapping[str, str]]],
    *,
    faults: bool = False,
) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    _lay_out(sheet, columns, faults)
    pen = _Pen(sheet)
    heads = [MARK, *(column.header for column in columns), *([FAULTS] if faults else [])]
    sheet.append([pen.cell(head, "head") for head in heads])
    sheet.append([pen.cell(words, "note") for words in (NOTE, *map(_said, columns))])
    sheet.append([pen.cell(words, "note") for words in (EXAMPLE, *(column.example for column in columns))])
    for row, wrong in rows:
        cells = [pen.cell(row.get(column.name, ""), "bad", wrong.get(column.name, "")) for column in columns]
        told = [pen.cell("；".join(_told(columns, wrong)), "fault")] if faults else []
        sheet.append([pen.cell("", "text"), *cells, *told])
    _offer(sheet, lists, columns, stamp)
    book.calculation.fullCalcOnLoad = False
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _told(columns: Sequence[Column], wrong: Mapping[str, str]) -> Iterator[str]:
    labels = {column.name: f"{column.label}：" for column in columns}
    yield from (f"{labels.get(name, '')}{sentence}" for name, sentence in wrong.items())


def _said(column: Column) -> str:
    parts = ["必填" if column.required else "", column.hint or _HINTS.get(column.kind, "")]
    if column.many:
        parts.append("几个之间用分号隔开")
    return "；".join(part for part in parts if part)


def _lay_out(sheet: Any, columns: Sequence[Column], faults: bool) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "B2"
    widths = [8, *(_WIDTHS.get(column.kind, 20) for column in columns), *([60] if faults else [])]
    for place, width in enumerate(widths, start=1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width, dimension.number_format = width, _TEXT


def _offer(sheet: Any, lists: Any, columns: Sequence[Column], stamp: Stamp) -> None:
    """Fill the hidden sheet with the stamp and the lists, and let the columns choose from them."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = [
        (place, [YES, NO] if column.kind == Kind.TICK else list(column.options.values()))
        for place, column in enumerate(columns[:COLUMNS], start=2)
        if column.kind in (Kind.TICK, Kind.CHOICE) and not column.many
    ]
    lists.append(["zugong", stamp.entity, stamp.version])
    deepest = max((len(words) for _, words in offered), default=0)
    for depth in range(deepest):
        lists.append([safe(words[depth]) if depth < len(words) else None for _, words in offered])
    for at, (place, words) in enumerate(offered, start=1):
        here, there = get_column_letter(place), get_column_letter(at)
        rule = DataValidation(
            type="list",
            formula1=f"{LISTS}!${there}$2:${there}${len(words) + 1}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="请从列表里选",
            error="这一格只能从下拉列表里选。",
        )
        rule.add(f"{here}4:{here}{ROWS + 3}")
        sheet.data_validations.append(rule)


class _Pen:
    """Writes cells: each style is made once, for ten thousand rows have many cells."""

    def __init__(self, sheet: Any) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.comments import Comment
        from openpyxl.styles import Alignment, Font, PatternFill

        self.sheet, self.make, self.remark = sheet, WriteOnlyCell, Comment
        wrapped = Alignment(wrap_text=True, vertical="center")
        self.styles = {
            "text": self._style(),
            "bad": self._style(fill=PatternFill("solid", fgColor="FFD9D9")),
            "fault": self._style(font=Font(color="B00020"), alignment=wrapped),
            "head": self._style(
                font=Font(bold=True), fill=PatternFill("solid", fgColor="E6F0F0"), alignment=wrapped
            ),
            "note": self._style(font=Font(color="666666", italic=True), alignment=wrapped),
        }

    def _style(self, **looks: Any) -> Any:
        cell = self.make(self.sheet)
        cell.number_format = _TEXT
        for name, look in looks.items():
            setattr(cell, name, look)
        return cell._style

    def cell(self, words: str, look: str, remark: str = "") -> Any:
        """Return a cell of text; a cell that is looked at for faults is plain where it has none."""
        cell = self.make(self.sheet, safe(words) if words else None)
        cell._style = copy(self.styles["text" if look == "bad" and not remark else look])
        if remark:
            cell.comment = self.remark(remark, "组工", height=120, width=320)
        return cell
