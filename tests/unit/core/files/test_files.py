"""What may be taken as a file is decided by what is in it."""

import io
import struct
import zipfile

import pytest

from zugong.core.errors import Refused
from zugong.core.files.actions import keep
from zugong.core.files.pictures import bare, is_whole
from zugong.core.files.rules import LIMIT, lack, plain


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name.replace("__", "/") + (".xml" if "bin" not in name else ""), text)
    return out.getvalue().replace(b".bin.xml", b".bin")


WORD = packed(word__document="<w:t>整顿方案</w:t>")
PDF = b"%PDF-1.7 a plan"


@pytest.mark.parametrize(
    ("name", "content"), [("方案.pdf", PDF), ("方案.docx", WORD), ("图.JPG", b"\xff\xd8\xff\xe0")]
)
def test_what_its_ending_says_it_is_is_taken(name, content):
    assert lack(name, content) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("图.pdf", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("页.pdf", b"<!doctype html><script>1</script>"),
        ("程序.pdf", b"MZ\x90\x00"),
        ("程序.docx", packed(setup="MZ")),
        ("方案.xlsx", WORD),
        ("图.png", b"GIF89a"),
    ],
)
def test_what_is_something_else_under_a_good_name_is_refused(name, content):
    assert "内容不是" in lack(name, content)


@pytest.mark.parametrize("name", ["图.svg", "页.html", "程序.exe", "方案", "方案.pdf.exe", "表.xlsm"])
def test_kinds_nobody_asked_for_are_refused(name):
    assert "不是可以收的附件" in lack(name, PDF)


def test_a_file_that_is_too_large_or_empty_is_refused():
    assert "每个附件不能超过 20 MB" in lack("大.pdf", b"%PDF-" + bytes(LIMIT))
    assert "空文件" in lack("空.pdf", b"")


def test_a_file_with_macros_is_refused():
    assert "宏" in lack(
        "方案.docx", packed(word__document="<a/>", word__vbaProject_bin="x").replace(b"_bin", b".bin")
    )


def test_a_damaged_file_is_refused_in_a_sentence():
    assert "已损坏" in lack("方案.docx", WORD[:40])


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 " + "秘密★1年".encode(),
        b"%PDF-1.7 " + "机密★".encode("gb18030"),
        b"%PDF-1.7 " + "绝密★".encode("utf-16-be"),
    ],
)
def test_a_secrecy_mark_is_refused(content):
    assert "国家秘密" in lack("文件.pdf", content)


def test_a_secrecy_mark_inside_a_packed_file_is_found_across_its_tags():
    assert "国家秘密" in lack("文件.docx", packed(word__document="<w:t>秘</w:t><w:t>密★</w:t>"))
    assert "国家秘密" in lack("秘密★名单.docx", WORD)


def test_a_name_is_kept_without_folders_and_hidden_signs():
    assert plain("..\\..\\etc/方\u202e案\x00.pdf") == "方案.pdf"


@pytest.mark.django_db
def test_what_is_refused_is_not_kept_and_what_is_kept_has_its_digest():
    with pytest.raises(Refused):
        keep(name="a.pdf", content=b"MZ", by="t")
    file = keep(name="a/b.pdf", content=PDF, by="t")
    assert (file.name, file.kind, file.size, len(file.digest)) == ("b.pdf", "pdf", len(PDF), 64)


def test_a_package_whose_list_lies_about_its_place_is_refused():
    end = WORD.rindex(b"PK\x05\x06") + 16  # where the list of contents says that it begins
    lying = (
        WORD[:end] + struct.pack("<I", struct.unpack("<I", WORD[end : end + 4])[0] + 30_000) + WORD[end + 4 :]
    )
    assert "已损坏" in (lack("方案.docx", lying) or "")


def test_a_photograph_does_not_say_where_it_was_taken_but_which_way_up_it_is() -> None:
    entries = (
        b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"  # the picture was taken upright: 6
        b"\x25\x88\x04\x00\x01\x00\x00\x00\x40\x00\x00\x00"  # the place is noted further on
    )
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00" + entries + bytes(4) + b"29 deg 12 min N"
    noted = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    start, table, picture = b"\xff\xd8", b"\xff\xdb\x00\x04\x01\x02", b"\xff\xda\x00\x02pixels\xff\xd9"
    taken = bare(start + noted + table + picture)
    assert b"29 deg" not in taken
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in taken
    assert taken.endswith(table + picture)
    assert bare(taken) == taken
    for other in (b"%PDF-1.7", start + b"\xff", start + b"\xff\xe1\xff\xff", start + table + picture):
        assert len(bare(other)) <= len(other)


def test_what_hangs_behind_a_picture_or_is_written_into_it_is_cut_away() -> None:
    jpeg = b"\xff\xd8\xff\xdb\x00\x04\x01\x02\xff\xda\x00\x02pix\xff\x00els\xff\xd0more\xff\xd9"
    comment, place = b"\xff\xfe\x00\x0a<script>", b"\xff\xed\x00\x08IPTC!!"
    assert bare(jpeg[:2] + comment + place + jpeg[2:] + b"PK\x03\x04 a second file") == jpeg
    assert is_whole(jpeg)
    png = PNG + piece(b"IHDR", bytes(13)) + piece(b"IDAT", b"pixels") + piece(b"IEND", b"")
    noted = png.replace(piece(b"IDAT", b"pixels"), piece(b"eXIf", b"GPS") + piece(b"IDAT", b"pixels"))
    assert bare(noted + b"<script>") == png
    assert is_whole(png)


def test_a_picture_that_was_cut_off_is_not_whole_and_stays_as_it_came() -> None:
    for content in (
        b"\xff\xd8\xff\xda\x00\x02pixels",
        PNG + piece(b"IHDR", bytes(13)) + b"\x00\x00\xff\xffIDAT",
        b"",
    ):
        assert not is_whole(content)
        assert bare(content) == content


PNG = b"\x89PNG\r\n\x1a\n"


def piece(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + bytes(4)
