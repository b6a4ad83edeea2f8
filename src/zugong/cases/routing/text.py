"""What is read of a message: its Chinese characters alone, so that no digit, name in letters or address can be learnt."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

LONGEST = 2_000  # characters read of one message: who writes more has said what it is about
_OTHER = re.compile(r"[^㐀-鿿]+")


def plain(text: str) -> str:
    """Return the Chinese characters of a text, joined; a segmented text and the running one come to the same."""
    return _OTHER.sub("", unicodedata.normalize("NFKC", text))[:LONGEST]


def runs(text: str, longest: int) -> list[NDArray[np.uint64]]:
    """Return the runs of one, of two … of `longest` (at most four) characters of a plain text, one array for each length.

    A run is one number: its characters' code points, sixteen bits each. A run of two stands at the place of its first character.
    """
    codes = np.frombuffer(text.encode("utf-16-le"), np.uint16).astype(np.uint64)
    found = [codes]
    for size in range(1, longest):
        shorter = found[-1][: max(len(codes) - size, 0)]
        found.append((shorter << np.uint64(16)) | codes[size:])
    return found
