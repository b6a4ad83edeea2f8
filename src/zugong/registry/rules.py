"""Nouns, and the arithmetic of how many ties an end may have. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zugong.core.sentences import Sentence

PERSON, ORGANISATION, PLACE, POST, THING = "person", "organisation", "place", "post", "thing"
NOUNS = {
    PERSON: Sentence("人员"),
    ORGANISATION: Sentence("组织"),
    PLACE: Sentence("地方"),
    POST: Sentence("职务"),
    THING: Sentence("事物"),
}
# Under what each may stand: a post belongs to an organisation, a thing to whoever owns it, a person to nobody.
PARENTS: dict[str, tuple[str, ...]] = {
    PERSON: (),
    ORGANISATION: (ORGANISATION,),
    PLACE: (PLACE,),
    POST: (ORGANISATION,),
    THING: tuple(NOUNS),
}
SUBSTANTIVE = "substantive"  # an appointment in one's own right, which needs no word of the pack
_CARDINALITY = re.compile(r"^(\d+)(\.\.(\d*))?$")


@dataclass(frozen=True)
class Cardinality:
    """How many: `1`, `1..`, `0..2`. No upper bound is None."""

    least: int
    most: int | None

    @classmethod
    def read(cls, text: str) -> Cardinality:
        """Read a cardinality. Raises ValueError."""
        found = _CARDINALITY.match(text.strip())
        if not found:
            raise ValueError(f"“{text}”不是数量的写法，应写 1、1.. 或 0..2")
        least = int(found[1])
        if not found[2]:
            return cls(least, least)
        return cls(least, int(found[3]) if found[3] else None)

    def lacks(self, count: int) -> int:
        """How many are missing."""
        return max(self.least - count, 0)

    def exceeds(self, count: int) -> int:
        """How many are too many."""
        return 0 if self.most is None else max(count - self.most, 0)

    def said(self, language: str) -> str:
        """As the office says it."""
        if self.most is None:
            return Sentence("至少 {least}", least=self.least)
        if self.most == self.least:
            return f"{self.least}"
        return Sentence("{least} 至 {most}", least=self.least, most=self.most)

    def __str__(self) -> str:
        return self.said("zh")
