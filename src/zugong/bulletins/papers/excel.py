"""A paper, or any table, as Excel: figures stay figures, days stay days, and no text can turn into a formula."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from zugong.bulletins.papers.paper import Figure, Figures, Heading, Paper, Paragraph, Table, laid_out, proportions
from zugong.bulletins.papers.values import Marks, Money, Share, Value, number, say

FORMATS = {Marks: "0.000", Money: '0.00"元"', Share: "0.0%", date: 'yyyy"年"m"月"d"日"'}
DANGEROUS = "=+-@＝＋－＠"
EXACT = 10**15  # Excel keeps fifteen digits; a longer number is an identifier and goes in as text.


def render(paper: Paper) -> bytes:
    """Return the paper as a workbook: its words on the first sheet, each table and each chart on one of its own."""
    sheets = [("正文", Table(("项目", "内容"), tuple(_told(paper))))]
    for block in laid_out(paper):
        if isinstance(block, Table):
            sheets.append((block.caption, block))
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
    return "'" + say(text) if text.strip()[:1] in tuple(DANGEROUS) or text[:1] in ("\t", "\r", "\n") else say(text)


def _told(paper: Paper) -> Iterator[tuple[Value, Value]]:
    yield "标题", paper.title
    heads = (("发文字号", paper.number), ("发文机关", paper.issuer), ("主送", "、".join(paper.addressees)))
    yield from ((label, text) for label, text in heads if text)
    yield "成文日期", paper.day
    for block in laid_out(paper):
        match block:
            case Heading(_, text):
                yield "标题", text
            case Paragraph(text):
                yield "段落", text
            case Figures(pairs):
                yield from pairs
            case Table(caption=caption, note=note):
                yield "表", f"{caption}（见同名工作表）{'注：' + note if note else ''}"
            case Figure(caption=caption):
                yield "图", f"{caption}（数据见同名工作表）"
    yield from (("附件", name) for name in paper.attachments)
    tails = (("数据说明", paper.note), ("抄送", "，".join(paper.copies)), ("印发机关", paper.office))
    yield from ((label, text) for label, text in tails if text)
    if paper.printed:
        yield "印发日期", paper.printed


def _workbook(sheets: Sequence[tuple[str, Table]]) -> bytes:
    import rustpy_xlsxwriter

    buffer = io.BytesIO()
    workbook = rustpy_xlsxwriter.FastExcel(buffer)
    workbook.freeze(row=1)
    for name, (table, wanted) in zip(_names(sheets), ((table, wanted) for wanted, table in sheets), strict=True):
        del wanted
        labels = [safe(label) or f"第{place}列" for place, label in enumerate(table.columns, 1)]
        workbook.sheet(
            name,
            [dict(zip(labels, map(_cell, row), strict=True)) for row in table.rows] or [dict.fromkeys(labels)],
            column_widths=dict(zip(labels, map(float, proportions(table)), strict=True)),
            column_formats=_formats(labels, table),
            header_format={"bold": True, "bg_color": "#e6f0f0", "border": "thin"},
        )
    workbook.save()
    return buffer.getvalue()
