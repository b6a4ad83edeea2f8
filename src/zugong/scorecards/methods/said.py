"""Numbers in sentences: thousandths as marks, and a pair of languages."""

from __future__ import annotations

from typing import NamedTuple


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """Return the sentence in a language: English for `en…`, else Chinese."""
        return self.en if language.startswith("en") else self.zh


def marks(thousandths: int | None) -> str:
    """Write thousandths as marks without trailing noughts: 7500 → 7.5; None → —."""
    if thousandths is None:
        return "—"
    whole, rest = divmod(abs(thousandths), 1000)
    sign = "-" if thousandths < 0 else ""
    return f"{sign}{whole}.{rest:03d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"
