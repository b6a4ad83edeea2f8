"""What may be taken as a file: decided by content, not by the name it carries."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Literal

from zugong.core.sentences import Sentence

LIMIT = 20 * 1024 * 1024  # bytes

# The ending → what the content must begin with.
KINDS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
}
# A packed file → the part that makes it what its ending says.
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
MACROS = "vbaproject.bin"
READ_WITHIN = 64 * 1024 * 1024  # bytes of packed text that are searched: no small file may unpack without end
SECRET_MARKS = ("绝密★", "机密★", "秘密★")


def plain(name: str) -> str:
    """Return the last part of a name, without folders and signs that do not print."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()


def without_place(content: bytes) -> bytes:
    """Take out of a photograph what the camera noted beside it: where, when, with what. Which way up it is stays.

    Nobody is tracked (DESIGN §2). Whatever is no JPEG comes back as it is.
    """
    if not content.startswith(b"\xff\xd8\xff"):
        return content
    kept, way, at = [], b"", 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] not in (_PICTURE, b""):
        end = at + 2 + max(int.from_bytes(content[at + 2 : at + 4], "big"), 2)
        if content[at + 1 : at + 2] == _NOTED:
            way = way or _way_up(content[at + 10 : end])
        else:
            kept.append(content[at:end])
        at = end
    return b"".join([content[:2], way, *kept, content[at:]])


_PICTURE, _NOTED = b"\xda", b"\xe1"  # JPEG markers: the picture itself begins; Exif or XMP follows
_WAY_UP = 0x0112  # the tag of Exif


def _way_up(tiff: bytes) -> bytes:
    """Return a note that says which way up a picture is and nothing else; nothing where none is said."""
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    first = int.from_bytes(tiff[4:8], order)
    for place in range(first + 2, first + 2 + 12 * int.from_bytes(tiff[first : first + 2], order), 12):
        entry = tiff[place : place + 12]
        if len(entry) == 12 and int.from_bytes(entry[:2], order) == _WAY_UP:
            way = int.from_bytes(entry[8:10], order).to_bytes(2, "big")
            said = b"\x01\x12\x00\x03\x00\x00\x00\x01" + way
            return b"\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + said + bytes(6)
    return b""


def lack(name: str, content: bytes) -> Sentence | None:
    """Say in a sentence why a file cannot be taken; None where it can."""
    ending = name.rpartition(".")[2].lower()
    if not content:
        return Sentence("“{name}”是空文件", name=name)
    if len(content) > LIMIT:
        return Sentence(
            "“{name}”有 {size} MB，每个附件不能超过 {limit} MB",
            name=name,
            size=len(content) // 1024 // 1024,
            limit=LIMIT // 1024 // 1024,
        )
    if ending not in KINDS:
        return Sentence("“{name}”不是可以收的附件，请用 {kinds}", name=name, kinds=list(KINDS))
    if not content.startswith(KINDS[ending]):
        return Sentence("“{name}”的内容不是 {ending} 文件，请检查后重新上传", name=name, ending=ending)
    texts: Iterable[bytes] = [name.encode(), content]
    if ending in PARTS:
        try:
            texts = [*texts, *_unpacked(content, ending)]
        except _Unfit as unfit:
            return Sentence("“{name}”{unfit}", name=name, unfit=unfit.end)
    if any(mark in text for text in texts for mark in _MARKS):
        return Sentence("“{name}”带有密级标志，本系统不得存储国家秘密，请按保密规定办理", name=name)
    return None


_MARKS = [
    mark.encode(code) for mark in SECRET_MARKS for code in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
]
_TAG = re.compile(rb"<[^>]*>")
_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]{1,6}|[0-9]{1,7});")  # some programs write 机 as &#26426;


def _sign(found: re.Match[bytes]) -> bytes:
    number = int(found[1][1:], 16) if found[1].startswith(b"x") else int(found[1])
    return chr(number).encode(errors="replace") if number < 0x110000 else b""


class _Unfit(Exception):  # noqa: N818 - it carries the end of a sentence
    """What is wrong with a packed file."""

    def __init__(self, end: Sentence) -> None:
        super().__init__(end)
        self.end = end


def _unpacked(content: bytes, ending: str) -> list[bytes]:
    """Return the texts inside a Word or Excel file, without their tags: a mark may be cut by a change of type."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            if PARTS[ending] not in names:
                raise _Unfit(Sentence("的内容不是 {ending} 文件，请检查后重新上传", ending=ending))
            if any(one.lower().endswith(MACROS) for one in names):
                raise _Unfit(Sentence("带有宏，请另存为不带宏的文件后再上传"))
            parts = [one for one in packed.infolist() if one.filename.endswith(".xml")]
            if sum(one.file_size for one in parts) > READ_WITHIN:
                raise _Unfit(Sentence("展开后过大，请拆分后再上传"))
            return [_REFERENCE.sub(_sign, _TAG.sub(b"", packed.read(one))) for one in parts]
    except _Unfit:
        raise
    except Exception as error:  # a broken file breaks its reader in ways that nobody can list
        raise _Unfit(Sentence("已损坏或加了密码，请检查后重新上传")) from error
