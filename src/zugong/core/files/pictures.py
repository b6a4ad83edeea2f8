"""A photograph as nothing but the picture: what a camera or a program noted in it, and what hangs behind it, is cut away.

Nobody is tracked (DESIGN §2). Which way up it is stays. Nothing is unpacked: only the outer parts are read.
"""

from __future__ import annotations

import re
from typing import Literal

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
NOTED = {b"\xe1", b"\xed", b"\xfe"}  # JPEG: Exif and XMP, IPTC, comments
WRITTEN = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}  # PNG: the same
_SCAN, _END = b"\xda", b"\xd9"
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # what ends the pixels of a scan
_WAY_UP = 0x0112  # the tag of Exif


def bare(content: bytes) -> bytes:
    """Return a picture without what is no picture. Whatever is none, or is cut off, keeps what cannot be read."""
    return _read(content)[0]


def is_whole(content: bytes) -> bool:
    """Say whether a picture has its end."""
    return _read(content)[1]


def _read(content: bytes) -> tuple[bytes, bool]:
    if content.startswith(JPEG):
        return _jpeg(content)
    if content.startswith(PNG):
        return _png(content)
    return content, False


def _jpeg(content: bytes) -> tuple[bytes, bool]:
    kept, way, at = [], b"", 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] not in (_END, b""):
        mark = content[at + 1 : at + 2]
        if mark == b"\xff":  # filling
            at += 1
            continue
        end = at + 2 + max(int.from_bytes(content[at + 2 : at + 4], "big"), 2)
        if mark == _SCAN:
            found = _MARKER.search(content, end)
            end = found.start() if found else len(content)
        if mark in NOTED:
            way = way or _way_up(content[at + 10 : end])
        else:
            kept.append(content[at:end])
        at = end
    whole = content[at : at + 2] == b"\xff" + _END
    return b"".join([content[:2], way, *kept, content[at : at + 2] if whole else content[at:]]), whole


def _png(content: bytes) -> tuple[bytes, bool]:
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(content):
        kind, end = content[at + 4 : at + 8], at + 12 + int.from_bytes(content[at : at + 4], "big")
        if end > len(content):
            break
        if kind not in WRITTEN:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept), True
        at = end
    return content, False


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
