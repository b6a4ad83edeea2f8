"""Word, PDF and Excel of one paper say the same figures."""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from zugong.bulletins.papers import excel, pdf, word
from zugong.bulletins.papers.paper import Figures, Heading, Paper, Paragraph, Table
from zugong.bulletins.papers.values import Marks, Money, Share, Value, number, say

names = st.text("青穆县禾汀镇白石村杜若星级abc=+-@<&#*", min_size=1, max_size=6).filter(str.strip)
values = st.one_of(
    st.integers(-(10**6), 10**6),
    names,
    st.none(),
    st.dates(date(1949, 10, 1), date(2099, 12, 31)),
    st.integers(-(10**6), 10**6).map(Marks),
    st.integers(-(10**9), 10**9).map(Money),
    st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: Share(*pair)),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = tuple(draw(st.lists(names, min_size=1, max_size=4, unique=True)))
    rows = draw(st.lists(st.tuples(*(values for _ in columns)), max_size=4))
    return Table(columns, tuple(rows), draw(names), draw(st.just("") | names))


figures = st.lists(st.tuples(names, values), min_size=1, max_size=4, unique_by=lambda pair: pair[0])
blocks = st.one_of(
    tables(),
    figures.map(lambda pairs: Figures(tuple(pairs))),
    names.map(Paragraph),
    names.map(lambda text: Heading(1, text)),
)
papers = st.builds(
    Paper,
    title=names,
    issuer=names,
    day=st.dates(date(1949, 10, 1), date(2099, 12, 31)),
    blocks=st.lists(blocks, min_size=1, max_size=4).map(tuple),
    head=st.just("") | names,
    sealed=st.booleans(),
    attachments=st.lists(names, max_size=2).map(tuple),
    copies=st.lists(names, max_size=2).map(tuple),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(papers)
def test_every_figure_of_a_paper_is_in_its_word_and_excel(paper):
    in_word, in_excel = words_of(word.render(paper)), cells_of(excel.render(paper))
    for value in figures_of(paper):
        assert say(value) in in_word
        assert shown_in_excel(value, in_excel)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(papers)
def test_every_figure_of_a_paper_is_in_its_pdf(paper):
    read = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf.render(paper), capture_output=True, check=True
    )
    text = "".join(read.stdout.decode().split())
    for value in figures_of(paper):
        assert "".join(say(value).split()) in text


def test_importing_the_printing_house_loads_nothing_heavy():
    modules = "charts, excel, paper, pdf, word"
    program = (
        f"import sys; from zugong.bulletins.papers import {modules}; "
        "print(sorted({'altair', 'vl_convert', 'typst', 'pandas', 'django'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def figures_of(paper: Paper) -> Iterator[Value]:
    yield paper.day
    for block in paper.blocks:
        match block:
            case Table(rows=rows):
                yield from (value for row in rows for value in row)
            case Figures(pairs):
                yield from (value for _, value in pairs)


def words_of(printed: bytes) -> set[str]:
    document = docx.Document(io.BytesIO(printed))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    return cells | {paragraph.text for paragraph in document.paragraphs}


def cells_of(printed: bytes) -> set[object]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(printed))
    rows = (row for name in workbook.sheet_names for row in workbook.get_sheet_by_name(name).to_python())
    return {cell for row in rows for cell in row}


def shown_in_excel(value: Value, cells: set[object]) -> bool:
    if value is None:
        return bool({"", "—"} & cells)
    if isinstance(value, str):
        return excel.safe(value) in cells
    return value in cells or say(value) in cells or number(value) in cells
