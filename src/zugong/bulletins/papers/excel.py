"""A paper, or any table, as Excel: figures stay figures, days stay days, and no text can turn into a formula."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeAlias

from zugong.bulletins.papers.paper import (
    Figure,
    Figures,
    Heading,
    Paper,
    Paragraph,
    Table,
    laid_out,
    proportions,
)
from zugong.bulletins.papers.values import Marks, Money, Share, Value, number, say

Cell: TypeAlias = str | int | float | date | None

FORMATS: dict[type, str] = {Marks: "0.000", Money: '0.00"元"', Share: "0.0%", date: 'yyyy"年"m"月"d"日"'}
DANGEROUS = "=+-@＝＋－＠"
EXACT = 10**15  # Excel keeps fifteen digits; a longer number is an identifier and goes in as text.


def render(paper: Paper) -> bytes:
    """Return the paper as a workbook: its words on the first sheet, each table and each chart on one of its own."""
    sheets = [("正文", Table(("项目", "内容"), tuple(_told(paper))))]
    for block in laid_out(paper):
        if isinstance(block, Table):
            sheets.append((block.caption, block))
        elif isinstance(block, Figures):
            # One column a figure, so that each keeps its own kind of number.
            labels, values = zip(*block.pairs, strict=True)
            sheets.append(("数字", Table(labels, (values,))))
        elif isinstance(block, Figure):
            rows = tuple((point.at, point.series, point.value) for point in block.chart.points)
            sheets.append((block.caption, Table(("名称", "类别", block.chart.unit or "数值"), rows)))
    return _workbook(sheets)


def sheet(columns: Sequence[str], rows: Iterable[Sequence[Value]], *, name: str = "表") -> bytes:
    """Return one table as a workbook of one sheet."""
    return _workbook([(name, Table(tuple(columns), tuple(tuple(row) for row in rows)))])


def safe(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula, here or after saving as CSV.

    A text that begins like one (= + - @, also full-width, also after spaces, tabs or line ends) gets an apostrophe.
    """
    return (
        "'" + say(text)
        if text.strip()[:1] in tuple(DANGEROUS) or text[:1] in ("\t", "\r", "\n")
        else say(text)
    )


def _told(paper: Paper) -> Iterator[tuple[Value, Value]]:
    heads = (("标题", paper.title), ("发文字号", paper.number), ("发文机关", paper.issuer))
    yield from ((label, text) for label, text in heads if text)
    if paper.addressees:
        yield "主送", "、".join(paper.addressees)
    yield "成文日期", say(paper.day)
    for block in laid_out(paper):
        match block:
            case Heading(_, text):
                yield "层次标题", text
            case Paragraph(text):
                yield "段落", text
            case Figures(pairs):
                yield from ((label, say(value)) for label, value in pairs)
            case Table(caption=caption, note=note):
                yield "表", f"{caption}（另见工作表）{'注：' + note if note else ''}"
            case Figure(chart, caption):
                yield "图", f"{caption}（另见工作表）{chart.title if chart.title not in caption else ''}"
    yield from (("附件", name) for name in paper.attachments)
    tails = (("数据说明", paper.note), ("抄送", "，".join(paper.copies)), ("印发机关", paper.office))
    yield from ((label, text) for label, text in tails if text)
    if paper.printed:
        yield "印发日期", say(paper.printed)


def _workbook(sheets: Sequence[tuple[str, Table]]) -> bytes:
    import rustpy_xlsxwriter

    buffer = io.BytesIO()
    workbook = rustpy_xlsxwriter.FastExcel(buffer)
    workbook.freeze(row=1)
    names = _distinct([re.sub(r"[\[\]:*?/\\']", " ", say(name)).strip()[:26] or "表" for name, _ in sheets])
    for name, (_, table) in zip(names, sheets, strict=True):
        labels = _distinct([safe(label) or f"第{place}列" for place, label in enumerate(table.columns, 1)])
        columns = [[row[place] for row in table.rows] for place in range(len(labels))]
        workbook.sheet(
            name,
            # A sheet without rows still shows its header.
            [dict(zip(labels, row, strict=True)) for row in zip(*map(_column, columns), strict=True)]
            or [dict.fromkeys(labels)],
            column_widths=dict(zip(labels, (2.0 + share for share in proportions(table)), strict=True)),
            column_formats=dict(zip(labels, map(_format, columns), strict=True)),
            header_format=_look().set_bold().set_background_color("#e6f0f0").set_border("thin"),
            ignore_errors=labels,  # digits kept as text on purpose
            page_setup={
                "paper_size": 9,
                "repeat_rows": 0,
                "fit_to_pages": (1, 0),
                "landscape": len(labels) > 6,
            },
        )
    workbook.save()
    return buffer.getvalue()


def _column(values: list[Value]) -> list[Cell]:
    """Return the column's cells: figures of one kind as they are; figures of several kinds said in words.

    The writer formats whole columns; a day among marks would otherwise show as a number.
    """
    kinds = {type(value) for value in values if not isinstance(value, str | None)}
    return [_cell(value) if isinstance(value, str) or len(kinds) <= 1 else say(value) for value in values]


def _cell(value: Value) -> Cell:
    match value:
        case None:
            return None
        case str():
            return safe(value)
        case bool():
            return say(value)
        case date():
            return date(value.year, value.month, value.day)
        case int() if abs(value) >= EXACT:
            return say(value)
        case Share(_, 0):
            return say(value)
        case _:
            return number(value)


def _format(column: list[Value]) -> Any:
    shown = next((FORMATS[kind] for kind in FORMATS for value in column if isinstance(value, kind)), None)
    return _look().set_num_format(shown) if shown else _look().set_text_wrap()


def _look() -> Any:
    import rustpy_xlsxwriter

    return rustpy_xlsxwriter.Format().set_align("vcenter")


def _distinct(names: list[str]) -> list[str]:
    """Return the names, each made different from those before it, as Excel compares them."""
    distinct: list[str] = []
    taken: set[str] = set()
    for name in names:
        chosen, count = name, 1
        while chosen.lower() in taken:
            count += 1
            chosen = f"{name} {count}"
        taken.add(chosen.lower())
        distinct.append(chosen)
    return distinct
