"""What may be taken as a file: decided by content, not by the name it carries."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

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
