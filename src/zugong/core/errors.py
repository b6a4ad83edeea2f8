"""What can go wrong on purpose, and for whom.

    Exception
    ├── Refused       for people: a rule or a circumstance says no; they read one sentence
    └── PackErrors    for authors of packs: everything wrong with a pack, all at once

Anything else that is raised is a crash: it is ours to mend, and nobody catches it to hide it.
"""

from collections.abc import Sequence


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The deed is not done, and `sentence` tells a person why and what to do instead.

    `clause` cites the paper that says so; `field` names the form field that the sentence belongs to.
    """

    def __init__(self, sentence: str, *, clause: str = "", field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.clause = clause
        self.field = field

    def __str__(self) -> str:
        return f"{self.sentence}〔{self.clause}〕" if self.clause else str(self.sentence)


class PackErrors(Exception):  # noqa: N818 - it carries many
    """A pack cannot be read: `findings` names each fault with its file, line, id and hint."""

    def __init__(self, findings: Sequence[object]) -> None:
        super().__init__(findings)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)
