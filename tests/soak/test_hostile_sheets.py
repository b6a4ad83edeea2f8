"""Ten thousand broken workbooks: a sheet or a sentence, never a traceback."""

import io
import random
import zipfile

import pytest

import sheets
from zugong.core.errors import Refused
from zugong.imports.rules import Column, Kind, Wrong, value
from zugong.imports.sheets import reading, writing

COLUMNS = [Column(kind.value, f"栏{kind.value}", kind, options={"a": "甲"}) for kind in Kind]
ROWS = [
    {column.label: typed for column, typed in zip(COLUMNS, row, strict=False)}
    for row in (
        ("乔木", "0012", "2025-03-01", "3", "1.5", "85%", "9.5", "是", "甲", "白石村"),
        ("=1+1", 12, 45717, 3.5, -1, 0.5, "x", "√", "丙", "苏禾〔1〕"),
    )
]
WORDS = [
    b"<row/>",
    b"<!DOCTYPE x>",
    b"&#0;",
    b'r="XFD1048576"',
    b"<f>A1</f>",
    b't="e"',
    b"\x00",
    b"]]>",
    b's="99"',
]
WORDS += ["绝".encode(), b'<mergeCell ref="A1:B2"/>', b't="s"><v>99999</v>', b'r="-1"', b"1e400", b"NaN"]


def broken(good: bytes, seeded: random.Random) -> bytes:
    """Break a workbook: in its bytes, or inside one of its parts so that it still unpacks."""
    if seeded.random() < 0.3:
        content = bytearray(good)
        for _ in range(seeded.randint(1, 20)):
            content[seeded.randrange(len(content))] = seeded.randrange(256)
        return bytes(content[: seeded.randint(1, len(content))] if seeded.random() < 0.3 else content)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(buffer, "w") as new:
        target = seeded.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            if name == target:
                if seeded.random() < 0.1:
                    continue
                for _ in range(seeded.randint(1, 5)):
                    at = seeded.randrange(len(part) + 1)
                    part = part[:at] + seeded.choice(WORDS) + part[at + seeded.randint(0, 30) :]
            new.writestr(name, part)
    return buffer.getvalue()


def told(content: bytes) -> list[str]:
    """The sentences that a file gets: one for the file, or one for each bad cell."""
    try:
        sheet = reading.read("表.xlsx", content)
    except Refused as why:
        return [why.sentence]
    sentences = []
    for row in sheet.rows:
        for cell, column in zip(row.cells[1:], COLUMNS, strict=False):
            try:
                value(column, cell)
            except Wrong as wrong:
                sentences.append(wrong.sentence)
    return sentences


@pytest.mark.soak
def test_a_broken_workbook_is_a_sheet_or_a_sentence(whole):
    good = sheets.filled(writing.template(COLUMNS, reading.Stamp("person", "1")), ROWS)
    seeded = random.Random(20250310)
    files = 10_000 if whole else 150
    sentences = [sentence for _ in range(files) for sentence in told(broken(good, seeded))]
    print(f"hostile sheets: {files} files, {len(sentences)} sentences, {len(set(sentences))} different")
    assert len(set(sentences)) > 5
    assert not [one for one in sentences if not one or "\n" in one or "Error" in one]
