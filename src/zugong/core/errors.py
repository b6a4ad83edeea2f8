"""What can go wrong on purpose, and for whom.

    Exception
    ├── Refused       for people: a rule or a circumstance says no; they read one sentence
    └── PackErrors    for authors of packs: everything wrong with a pack, all at once

Anything else that is raised is a crash: it is ours to mend, and nobody catches it to hide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Self

from zugong.core.sentences import Sentence


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The deed is not done, and `sentence` tells a person why and what to do instead.

    It is given as a template, which is a literal of the program, and the words that belong into it (see `Sentence`).
    `clause` cites the paper that says so; `field` names the form field that the sentence belongs to.
    """

    def __init__(self, template: str, /, *, clause: str = "", field: str = "", **words: object) -> None:
        self.sentence = Sentence(template, **words)
        super().__init__(self.sentence)
        self.clause = clause
        self.field = field
        self.parts: tuple[Refused, ...] = ()  # where several things are wrong, each with its own field

    @classmethod
    def all_of(cls, parts: Sequence[Refused]) -> Self:
        """Refuse for several reasons at once: read as one sentence, shown each at its own field."""
        sentences = [part.cited for part in parts]
        joined = reduce(lambda said, more: Sentence("{said}；{more}", said=said, more=more), sentences)
        refused = cls.because(joined, field=parts[0].field)
        refused.parts = tuple(parts)
        return refused

    @classmethod
    def because(cls, sentence: Sentence, *, clause: str = "", field: str = "") -> Self:
        """Refuse with a sentence that a rule has found."""
        refused = cls("", clause=clause, field=field)
        refused.sentence, refused.args = sentence, (sentence,)
        return refused

    @property
    def cited(self) -> Sentence:
        """The sentence with its clause."""
        if not self.clause:
            return self.sentence
        return Sentence("{sentence}〔{clause}〕", sentence=self.sentence, clause=self.clause)

    def __str__(self) -> str:
        return str(self.cited)


class PackErrors(Exception):  # noqa: N818 - it carries many
    """A pack cannot be read: `findings` names each fault with its file, line, id and hint."""

    def __init__(self, findings: Sequence[object]) -> None:
        super().__init__(findings)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)
