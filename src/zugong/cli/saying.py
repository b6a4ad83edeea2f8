"""What the terminal says: Chinese, then English, since nobody has told it yet which one the reader reads."""

import gettext
from pathlib import Path

from zugong.core.sentences import Sentence

CATALOGUE = Path(__file__).parents[1] / "web" / "locale"
"""The pages' catalogue: a sentence has one translation, wherever it is read."""


def both(sentence: Sentence) -> str:
    """Return a sentence in both languages; in Chinese alone where the catalogue does not have it."""
    catalogue = gettext.translation("django", CATALOGUE, ["en"], fallback=True)
    chinese, english = str(sentence), sentence.told(catalogue.gettext, "en")
    return chinese if chinese == english else f"{_ended(chinese, '。')} {_ended(english, '.')}"


def _ended(sentence: str, stop: str) -> str:
    return sentence if sentence.endswith(("。", ".", "？", "?")) else f"{sentence}{stop}"
