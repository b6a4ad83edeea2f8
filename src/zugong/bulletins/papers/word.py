"""A paper as Word, laid out after GB/T 9704—2012: A4, 22 lines of 28 characters, the typefaces by name.

Typefaces are named, never shipped; the reader's office has them. Each is set for Chinese and for Latin, or else WPS
prints figures in another face.
"""

import io
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor, Twips

from zugong.bulletins.papers import charts
from zugong.bulletins.papers.paper import (
    Block,
    Figure,
    Figures,
    Heading,
    Paper,
    Paragraph,
    Table,
    laid_out,
    proportions,
    signature,
)
from zugong.bulletins.papers.values import number, say, width

FANGSONG, KAI, HEI, SONG, XIAOBIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
RED = "C00000"
# Millimetres and points of the standard; twips are twentieths of a point.
PAGE, TOP, BOTTOM, LEFT, RIGHT, FOOTER = (210, 297), 37, 35, 28, 26, 23
BODY_SIZE, CHARACTERS, PITCH = 16, 28, 579  # a pitch of 28.95 pt sets 22 lines in 225 mm
TYPE_AREA = 8844  # 156 mm in twips
ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
STYLES = {
    # style: (typeface, size in points)
    "Normal": (FANGSONG, 16),
    "Title": (XIAOBIAOSONG, 22),
    "Heading 1": (HEI, 16),
    "Heading 2": (KAI, 16),
    "Heading 3": (FANGSONG, 16),
    "Heading 4": (FANGSONG, 16),
    "Caption": (HEI, 12),
    "Footer": (SONG, 14),
}


def render(paper: Paper) -> bytes:
    """Return the paper as a .docx file. Refused when it holds a chart and this machine has no Chinese font."""
    document = docx.Document()
    _set_page(document)
    _set_styles(document)
    _describe(document, paper)
    _head(document, paper)
    for block in laid_out(paper):
        _print(document, block)
    _tail(document, paper)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_page(document: Document) -> None:
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in PAGE)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.header_distance, section.footer_distance = Mm(15), Mm(FOOTER)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    # The grid counts in 4096ths of a point how much each 16-point character gives up for 28 of them to fit.
    space = (TYPE_AREA * 4096) // (20 * CHARACTERS) - BODY_SIZE * 4096
    section._sectPr.append(_element("w:docGrid", type="linesAndChars", linePitch=PITCH, charSpace=space))
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        _shape(paragraph, align=side, indent={side: 14 * 20}, line=320)
        paragraph.add_run("— ")
        paragraph._p.append(_page_field())
        paragraph.add_run(" —")


def _set_styles(document: Document) -> None:
    for name, (typeface, size) in STYLES.items():
        style: Any = document.styles[name]
        for properties in (style.element.rPr, style.element.pPr):
            if properties is not None:
                style.element.remove(properties)
        look = style.element.get_or_add_rPr()
        look.append(
            _element(
                "w:rFonts", ascii=typeface, hAnsi=typeface, eastAsia=typeface, cs=typeface, hint="eastAsia"
            )
        )
        for tag, value in (("w:b", "0"), ("w:i", "0"), ("w:color", "000000"), ("w:sz", size * 2)):
            look.append(_element(tag, val=value))
        look.append(_element("w:lang", val="en-US", eastAsia="zh-CN"))
        if name.startswith("Heading"):
            style.element.get_or_add_pPr().append(_element("w:keepNext"))
            style.element.get_or_add_pPr().append(_element("w:outlineLvl", val=int(name[-1]) - 1))
    body: Any = document.styles["Normal"].element.get_or_add_pPr()
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):
        body.append(_element(tag, val="0"))
    body.append(_element("w:spacing", before=0, after=0, line=PITCH, lineRule="exact"))


def _describe(document: Document, paper: Paper) -> None:
    about = document.core_properties
    about.title, about.author, about.language = say(paper.title), say(paper.issuer), "zh-CN"
    about.comments = ""
    about.created = about.modified = datetime(paper.day.year, paper.day.month, paper.day.day, tzinfo=UTC)


def _head(document: Document, paper: Paper) -> None:
    if paper.head:
        head = say(paper.head)
        size = min(48, 420 // max(1, width(head) // 2))
        _line(document, head, typeface=XIAOBIAOSONG, size=size, colour=RED, align="center", line=size * 24)
        _blank(document, 2)
    if paper.number:
        _line(document, say(paper.number), align="center")
    if paper.head:
        _rule(_line(document, "", line=227), "bottom", size=16, colour=RED)
    if paper.head or paper.number:
        _blank(document, 2 if paper.head else 1)
    _line(document, say(paper.title), style="Title", align="center", line=640)
    _blank(document, 1)
    if paper.addressees:
        _line(document, "、".join(map(say, paper.addressees)) + "：")


def _print(document: Document, block: Block) -> None:
    match block:
        case Heading(level, text):
            _body(document, text, style=f"Heading {level}")
        case Paragraph(text):
            _body(document, say(text))
        case Table():
            _table(document, block)
        case Figures(pairs):
            _pairs(document, pairs)
        case Figure():
            _figure(document, block)


def _body(document: Document, text: str, *, style: str = "Normal") -> None:
    _line(document, text, style=style, indent={"firstLineChars": 200, "firstLine": 632})


def _table(document: Document, table: Table) -> None:
    if table.caption:
        caption = _line(document, table.caption, style="Caption", align="center")
        caption.paragraph_format.keep_with_next = True
    shares = proportions(table)
    grid = _grid(document, len(table.rows) + 1, [TYPE_AREA * share // sum(shares) for share in shares])
    for cell, label in zip(grid.rows[0].cells, table.columns, strict=True):
        _cell(cell, say(label), typeface=HEI, align="center")
    grid.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
    for row, values in zip(list(grid.rows)[1:], table.rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            _cell(cell, say(value), align="left" if isinstance(value, str) else "center")
    if table.note:
        _line(document, "注：" + say(table.note), size=12, line=400)
    else:
        _line(document, "", line=200)


def _pairs(document: Document, pairs: tuple[tuple[str, Any], ...]) -> None:
    halves = [pairs[start : start + 2] for start in range(0, len(pairs), 2)]
    quarter = TYPE_AREA // 10
    grid = _grid(document, len(halves), [3 * quarter, 2 * quarter, 3 * quarter, 2 * quarter])
    for row, half in zip(grid.rows, halves, strict=True):
        for place, (label, value) in enumerate(half):
            _cell(row.cells[2 * place], say(label), typeface=HEI, align="left")
            _cell(row.cells[2 * place + 1], say(value), align="left" if number(value) is None else "center")
    _line(document, "", line=200)


def _figure(document: Document, figure: Figure) -> None:
    paragraph = _line(document, "", align="center")
    # A picture in a line of fixed height is cut to that height.
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    paragraph.paragraph_format.keep_with_next = True
    picture = paragraph.add_run().add_picture(io.BytesIO(charts.png(figure.chart)))
    if picture.width > Mm(140):
        picture.height, picture.width = picture.height * Mm(140) // picture.width, Mm(140)
    picture._inline.docPr.set("descr", charts.describe(figure.chart))
    if figure.caption:
        _line(document, figure.caption, style="Caption", align="center")


def _tail(document: Document, paper: Paper) -> None:
    for place, name in enumerate(paper.attachments):
        if place == 0:
            _blank(document, 1)
        lead = "附件：" if place == 0 else "　　　"
        order = f"{place + 1}. " if len(paper.attachments) > 1 else ""
        _line(document, lead + order + say(name), indent={"leftChars": 200, "left": 632})
    _blank(document, 2)
    issuer, day = signature(paper)
    for text, halves in ((say(paper.issuer), issuer), (say(paper.day), day)):
        paragraph = _line(
            document, text, align="right", indent={"rightChars": halves * 50, "right": halves * 158}
        )
        paragraph.paragraph_format.keep_with_next = text == say(paper.issuer)
    if paper.note:
        _blank(document, 1)
        _line(document, f"（数据说明：{say(paper.note)}）", size=12, line=400)
    _imprint(document, paper)


def _imprint(document: Document, paper: Paper) -> None:
    """版记: who gets a copy, who printed it and when, at the foot of the last page."""
    copies = "抄送：" + "，".join(map(say, paper.copies)) + "。" if paper.copies else ""
    office, printed = (
        say(paper.office) if paper.office else "",
        f"{say(paper.printed)}印发" if paper.printed else "",
    )
    rows = [row for row in ((copies, ""), (office, printed)) if any(row)]
    if not rows:
        return
    _line(document, "", line=200)
    grid = document.add_table(len(rows), 2)
    _set_borders(grid, top=8, bottom=8, insideH=6)
    floating = _element(
        "w:tblpPr", vertAnchor="margin", horzAnchor="margin", tblpXSpec="center", tblpYSpec="bottom"
    )
    grid._tbl.tblPr.insert_element_before(
        floating, "w:tblW", "w:jc", "w:tblBorders", "w:tblLayout", "w:tblLook"
    )
    for row, (left, right) in zip(grid.rows, rows, strict=True):
        if not right:
            row.cells[0].merge(row.cells[1])
        _cell(row.cells[0], left, size=14, indent={"left": 280, "right": 280})
        if right:
            _cell(row.cells[1], right, size=14, align="right", indent={"right": 280})
    _line(document, "", line=20)


def _grid(document: Document, rows: int, widths: list[int]) -> Any:
    grid = document.add_table(rows, len(widths))
    grid.autofit = False
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    _set_borders(grid, top=6, left=6, bottom=6, right=6, insideH=4, insideV=4)
    for column, twips in zip(grid.columns, widths, strict=True):
        column.width = Twips(twips)
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))
        for cell, twips in zip(row.cells, widths, strict=True):
            cell.width = Twips(twips)
    return grid


def _cell(cell: Any, text: str, *, size: int = 12, line: int = 360, **shape: Any) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    _write(cell.paragraphs[0], text, size=size, line=line, **shape)


def _line(document: Document, text: str, *, style: str = "Normal", **shape: Any) -> Any:
    return _write(document.add_paragraph(style=style), text, **shape)


def _blank(document: Document, lines: int) -> None:
    for _ in range(lines):
        document.add_paragraph()


def _write(
    paragraph: Any, text: str, *, typeface: str = "", size: int = 0, colour: str = "", **shape: Any
) -> Any:
    run = paragraph.add_run(text)
    if typeface:
        run.font.name = typeface
        run._r.rPr.rFonts.set(qn("w:eastAsia"), typeface)
    if size:
        run.font.size = Pt(size)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return _shape(paragraph, **shape)


def _shape(paragraph: Any, *, align: str = "", line: int = 0, indent: dict[str, int] | None = None) -> Any:
    if align:
        paragraph.alignment = ALIGNMENTS[align]
    if line:
        paragraph.paragraph_format.line_spacing = Twips(line)
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    if indent:
        element = paragraph._p.get_or_add_pPr().get_or_add_ind()
        for side, amount in indent.items():
            element.set(qn(f"w:{side}"), str(amount))
    return paragraph


def _rule(paragraph: Any, side: str, *, size: int, colour: str) -> None:
    borders = _element("w:pBdr")
    borders.append(_element(f"w:{side}", val="single", sz=size, space=1, color=colour))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _set_borders(grid: Any, **sizes: int) -> None:
    borders = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        if side in sizes:
            borders.append(_element(f"w:{side}", val="single", sz=sizes[side], space=0, color="000000"))
    grid._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _page_field() -> Any:
    field = _element("w:fldSimple", instr=" PAGE ")
    run, text = _element("w:r"), _element("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    return field


def _element(tag: str, **attributes: object) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element
