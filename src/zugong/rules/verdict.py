"""What a table answered, and every line that spoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Reason:
    """One line that spoke: which part of the table, which line, its clause."""

    part: str  # situation, exclusion, condition, unknown, empty
    id: str
    label: str
    clause: str = ""
    english: str = ""

    def said(self, language: str) -> str:
        """Return the label in a language."""
        return self.english if language.startswith("en") and self.english else self.label


@dataclass(frozen=True)
class Verdict:
    """The answer of a table, with reasons and with what the lines said under `then`."""

    table: str
    answer: str
    reasons: tuple[Reason, ...] = ()
    then: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def is_incomplete(self) -> bool:
        """Rule set incomplete: a fact or a line that could have mattered is missing. Never a silent no."""
        return self.answer == INCOMPLETE

    def said(self, word: str) -> list[Any]:
        """Collect what every line that spoke said under a word: measures, departments, shares."""
        found: list[Any] = []
        for then in self.then:
            value = then.get(word, [])
            found += value if isinstance(value, list) else [value]
        return found
