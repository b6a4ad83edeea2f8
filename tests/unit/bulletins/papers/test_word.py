import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.shared import Mm, Pt

from zugong.bulletins.papers import charts, word
from zugong.bulletins.papers.paper import Table

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def printed(bulletin):
    return word.render(bulletin)


@pytest.fixture(scope="module")
def document(printed):
    return docx.Document(io.BytesIO(printed))


def part(printed: bytes, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(printed)).read(name))


def test_the_page_is_a4_with_the_margins_of_the_standard(document):
    section = document.sections[0]
    sides = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    wanted = (Mm(210), Mm(297), Mm(37), Mm(35))
    assert all(abs(side - want) < Mm(0.1) for side, want in zip(sides, wanted, strict=True))
    assert abs(section.left_margin - Mm(28)) < Mm(0.1)
    assert abs(section.right_margin - Mm(26)) < Mm(0.1)


def test_a_page_holds_22_lines_of_28_characters(printed):
    (grid,) = part(printed, "word/document.xml").iter(f"{W}docGrid")
    pitch, space = int(grid.get(f"{W}linePitch")), int(grid.get(f"{W}charSpace"))
    height, breadth = 225 / 25.4 * 1440, 156 / 25.4 * 1440
    assert grid.get(f"{W}type") == "linesAndChars"
    assert height // pitch == 22
    assert breadth // (20 * (16 + space / 4096)) == 28


def test_lines_stand_a_fixed_28_to_29_points_apart(document):
    spacing = document.styles["Normal"].paragraph_format
    assert spacing.line_spacing_rule == docx.enum.text.WD_LINE_SPACING.EXACTLY
    assert Pt(28) <= spacing.line_spacing <= Pt(29)


@pytest.mark.parametrize(
    ("style", "typeface", "points"),
    [
        ("Normal", "仿宋_GB2312", 16),
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
        ("Heading 3", "仿宋_GB2312", 16),
        ("Footer", "宋体", 14),
    ],
)
def test_each_style_has_its_typeface_for_chinese_and_for_latin(document, style, typeface, points):
    look = document.styles[style]
    fonts = look.element.rPr.rFonts
    assert {fonts.get(f"{W}{script}") for script in ("eastAsia", "ascii", "hAnsi")} == {typeface}
    assert look.font.size == Pt(points)
    assert look.font.bold is False


def test_page_numbers_stand_between_dashes_right_on_odd_and_left_on_even_pages(document):
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
        (paragraph,) = footer.paragraphs
        field = paragraph._p.find(f"{W}fldSimple")
        assert field.get(f"{W}instr").strip() == "PAGE"
        assert [run.text for run in paragraph.runs] == ["— ", " —"]
        assert paragraph.alignment.name == side


def test_the_red_head_and_its_line_are_there_only_when_the_paper_has_a_head(bulletin, printed):
    body = zipfile.ZipFile(io.BytesIO(printed)).read("word/document.xml").decode()
    assert "中共青穆县委组织部文件" in body
    assert "w:pBdr" in body
    plain = (
        zipfile.ZipFile(io.BytesIO(word.render(replace(bulletin, head=""))))
        .read("word/document.xml")
        .decode()
    )
    assert "w:pBdr" not in plain
    assert word.RED not in plain


def test_headings_are_real_headings(document):
    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [
        ("Heading 1", "一、总体情况"),
        ("Heading 1", "二、整顿情况"),
        ("Heading 2", "（一）台账"),
    ]


def test_tables_repeat_their_header_and_never_break_a_row(document):
    ledger = next(table for table in document.tables if table.cell(0, 0).text == "村党组织")
    assert ledger.rows[0]._tr.trPr.find(f"{W}tblHeader") is not None
    assert all(row._tr.trPr.find(f"{W}cantSplit") is not None for row in ledger.rows)
    assert [cell.text for cell in ledger.rows[1].cells] == [
        "禾汀镇上河村党支部",
        "禾汀镇",
        "52.300",
        "2026年10月8日",
        "003",
    ]


def test_table_properties_stand_in_the_order_word_insists_on(printed):
    order = ["tblStyle", "tblpPr", "tblW", "jc", "tblBorders", "tblLayout", "tblLook"]
    for properties in part(printed, "word/document.xml").iter(f"{W}tblPr"):
        places = [order.index(child.tag.removeprefix(W)) for child in properties]
        assert places == sorted(places)


def test_issuer_and_date_close_the_text_and_copies_close_the_paper(document, bulletin):
    texts = [paragraph.text for paragraph in document.paragraphs]
    place = texts.index(bulletin.issuer)
    assert texts[place + 1] == "2026年11月30日"
    assert document.tables[-1].cell(0, 0).text == "抄送：县委办公室，县纪委监委机关。"
    assert document.tables[-1].cell(1, 1).text == "2026年11月30日印发"


def test_a_chart_is_a_picture_that_tells_itself(document, bulletin, stars):
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr") == charts.describe(stars)
    assert shape.width <= Mm(156)


def test_attachments_are_numbered_when_there_are_several(document, bulletin):
    texts = [paragraph.text.strip() for paragraph in document.paragraphs]
    assert "附件：1. 整顿台账" in texts
    assert "2. 包保安排表" in texts
    single = docx.Document(io.BytesIO(word.render(replace(bulletin, attachments=("台账",)))))
    assert "附件：台账" in [paragraph.text for paragraph in single.paragraphs]


def test_control_characters_in_typed_text_do_not_spoil_the_file(bulletin):
    strange = replace(bulletin, title="通\x0b报", blocks=(Table(("村\x00",), (("白石\x1f村",),)),))
    again = docx.Document(io.BytesIO(word.render(strange)))
    assert again.core_properties.title == "通报" or re.match("通 ?报", again.core_properties.title)
