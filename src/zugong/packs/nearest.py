"""Did you mean: the known word that is nearest to one that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from zugong.core.sentences import Sentence


def nearest(word: str, known: Iterable[str]) -> Sentence | str:
    """Return a hint that names the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return Sentence("是不是“{near}”？", near=near[0]) if near else ""
