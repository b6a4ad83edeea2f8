import re
import shutil
import subprocess
import zlib
from dataclasses import replace

import pytest

from zugong.bulletins.papers import pdf, typefaces
from zugong.bulletins.papers.paper import Paragraph
from zugong.bulletins.papers.typefaces import Typefaces
from zugong.core.errors import Refused


@pytest.fixture(scope="module")
def printed(bulletin) -> bytes:
    return pdf.render(bulletin)


def drawn_characters(printed: bytes) -> set[str]:
    """The characters for which glyphs were embedded, read from the maps back to Unicode."""
    characters: set[str] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", printed, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        if b"begincmap" not in text:
            continue
        for line in re.findall(rb"^<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>", text, re.MULTILINE):
            characters |= set(bytes.fromhex(line.decode()).decode("utf-16-be", "ignore"))
    return characters


def test_chinese_is_drawn_with_embedded_glyphs(printed, bulletin):
    assert printed.startswith(b"%PDF")
    assert set(bulletin.title) <= drawn_characters(printed)
    assert set("禾汀镇䶮家五星占比抄送") <= drawn_characters(printed)


def test_a_rare_character_of_a_name_is_drawn_or_refused_and_never_blank(bulletin):
    for character in "㛃䶮𠮷𱁬":
        paper = replace(bulletin, blocks=(Paragraph(character),))
        try:
            outcome = drawn_characters(pdf.render(paper))
        except Refused as refusal:
            outcome = set(refusal.sentence)
        assert character in outcome


def test_a_character_that_no_font_draws_is_refused_by_name(bulletin):
    with pytest.raises(Refused, match=r"U\+E123"):
        pdf.render(replace(bulletin, blocks=(Paragraph("姓名\ue123"),)))
    with pytest.raises(Refused, match=r"U\+323AF"):
        pdf.render(replace(bulletin, blocks=(Paragraph("姓名\U000323af"),)))


def test_without_a_chinese_font_we_say_what_to_install():
    with pytest.raises(Refused, match="fonts-noto-cjk"):
        typefaces.find(system=False)


def test_a_family_that_is_not_there_is_an_error_and_not_a_blank(bulletin):
    found = typefaces.find()
    absent = Typefaces(found.families | {"仿宋": "No Such Family"}, found.fonts)
    with pytest.raises(RuntimeError, match="unknown font family"):
        pdf.render(bulletin, faces=absent)


def test_stand_ins_are_named_for_a_notice():
    faces = typefaces.find()
    for role, family in faces.stand_ins().items():
        assert family == faces.families[role]
        assert family not in typefaces.REAL[role]


def test_the_same_paper_is_printed_the_same(printed, bulletin):
    assert pdf.render(bulletin) == printed


def test_text_is_text_and_never_markup(bulletin):
    odd = '#pagebreak() *星* $x$ \\ "]'
    drawn = drawn_characters(pdf.render(replace(bulletin, blocks=(Paragraph(odd),))))
    assert set('#()*$\\"]') <= drawn


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
def test_pages_carry_their_numbers_between_dashes_and_the_text_can_be_read_out(printed, tmp_path):
    (tmp_path / "a.pdf").write_bytes(printed)
    read = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    )
    pages = read.stdout.removesuffix("\f").split("\f")
    for place, page in enumerate(pages, 1):
        assert re.search(rf"—\s*{place}\s*—\s*$", page)
    assert "青组通〔2026〕11号" in pages[0]
    assert "2026年11月30日印发" in pages[-1]
