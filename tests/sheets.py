"""Workbooks as people send them: filled in by header, saved by a spreadsheet program."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

SHEET = "填报"


def filled(template: bytes, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Fill rows (header without star → what is typed) into a template or export, below what stands there."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book[SHEET]
    places = places_of(sheet)
    for row in rows:
        number = sheet.max_row + 1
        for label, typed in row.items():
            sheet.cell(number, places[label], typed)
    return saved(book)


def edited(content: bytes, changes: Mapping[tuple[int, str], Any]) -> bytes:
    """Change cells: (row, header) → what is typed."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[SHEET]
    for (number, label), typed in changes.items():
        sheet.cell(number, places_of(sheet)[label]).value = typed
    return saved(book)


def read(content: bytes) -> list[dict[str, str]]:
    """Return the data rows of a workbook of ours."""
    sheet = openpyxl.load_workbook(io.BytesIO(content))[SHEET]
    labels = list(places_of(sheet))
    rows = [
        dict(zip(labels, (cell.value for cell in row), strict=False)) for row in sheet.iter_rows(min_row=2)
    ]
    return [row for row in rows if row["标记"] not in ("说明", "示例")]


def places_of(sheet: Any) -> dict[str, int]:
    return {str(cell.value).removesuffix("*"): cell.column for cell in sheet[1]}


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
