"""One grammar for who and what: from, to, who, with, about, body, parties, for, seen_by.

    selector = term (("and" | "or" | "except") term)*          left to right
    term     = "sample" N "%" "of" term | atom ["of" term] ["on" roll] ["at" stage]
    atom     = word | noun.class | link.kind.end | above.class | below.class | case.kind | verdict.x | tally.x

A selector is only read here; `registry.selecting` finds what it means on a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

NOUNS = ("person", "organisation", "place", "post", "thing")
LEADS = (*NOUNS, "link", "above", "below", "case", "verdict", "tally", "holder")
JOINS = ("and", "or", "except")


@dataclass(frozen=True)
class Named:
    """`person.cadre`, `case.rectification at work`, `link.supporter.leader of X`, or a bare word such as `about`."""

    lead: str
    names: tuple[str, ...] = ()
    of: Term | None = None
    at: str = ""


@dataclass(frozen=True)
class OnRoll:
    """Those of a term that stand on a roll that day: `village on weak`."""

    term: Term
    roll: str


@dataclass(frozen=True)
class Joined:
    """Two terms joined by `and`, `or` or `except`."""

    left: Term
    join: str
    right: Term


@dataclass(frozen=True)
class Sample:
    """A share drawn by lot; the seed is journaled by whoever draws."""

    percent: int
    of: Term


Term = Named | OnRoll | Joined | Sample


class SelectorError(ValueError):
    """A selector that cannot be read, with the word at which reading stopped."""


@dataclass(frozen=True)
class Selector:
    """A selector as written and as read."""

    text: str
    term: Term

    @classmethod
    def read(cls, text: str) -> Selector:
        """Read a selector. Raises SelectorError naming the word that does not fit."""
        words = text.split()
        if not words:
            raise SelectorError("空的选择语句")
        term, rest = _joined(words)
        if rest:
            raise SelectorError(f"“{text}”读到“{rest[0]}”就读不下去了")
        return cls(text, term)

    def names(self) -> Iterator[Named]:
        """Yield every named part, outermost first, so that checks can resolve each."""
        yield from _names(self.term)

    def rolls(self) -> Iterator[str]:
        """Yield the rolls that the selector reads."""
        yield from _rolls(self.term)

    def __str__(self) -> str:
        """Return it as written."""
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let a pack field be typed `Selector`; the JSON Schema sees text."""
        return core_schema.no_info_after_validator_function(
            _validated, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )


def _validated(text: str) -> Selector:
    return Selector.read(text)


def _joined(words: list[str]) -> tuple[Term, list[str]]:
    left, rest = _term(words)
    while rest and rest[0] in JOINS:
        right, after = _term(rest[1:])
        left, rest = Joined(left, rest[0], right), after
    return left, rest


def _term(words: list[str]) -> tuple[Term, list[str]]:
    if not words:
        raise SelectorError("选择语句没有写完")
    if words[0] == "sample":
        return _sample(words)
    lead, *names = words[0].split(".")
    if names and lead not in LEADS:
        raise SelectorError(f"“{words[0]}”不是认得的词，开头应是 {'、'.join(LEADS)} 之一")
    of, rest = _of(words[1:])
    term: Term = Named(lead, tuple(names), of)
    while len(rest) > 1 and rest[0] in ("on", "at"):
        term = OnRoll(term, rest[1]) if rest[0] == "on" else _at(term, rest[1])
        rest = rest[2:]
    return term, rest


def _of(words: list[str]) -> tuple[Term | None, list[str]]:
    if not words or words[0] != "of":
        return None, words
    return _term(words[1:])


def _at(term: Term, stage: str) -> Term:
    if not (isinstance(term, Named) and term.lead == "case"):
        raise SelectorError("“at”只能跟在 case.… 后面")
    return Named(term.lead, term.names, term.of, stage)


def _sample(words: list[str]) -> tuple[Term, list[str]]:
    if len(words) < 4 or not words[1].endswith("%") or not words[1][:-1].isdecimal() or words[2] != "of":
        raise SelectorError("抽样写作 sample 20% of …")
    term, rest = _term(words[3:])
    return Sample(int(words[1][:-1]), term), rest


def _names(term: Term | None) -> Iterator[Named]:
    match term:
        case Named():
            yield term
            yield from _names(term.of)
        case OnRoll(inner, _):
            yield from _names(inner)
        case Joined(left, _, right):
            yield from _names(left)
            yield from _names(right)
        case Sample(_, inner):
            yield from _names(inner)


def _rolls(term: Term | None) -> Iterator[str]:
    match term:
        case Named():
            yield from _rolls(term.of)
        case OnRoll(inner, roll):
            yield roll
            yield from _rolls(inner)
        case Joined(left, _, right):
            yield from _rolls(left)
            yield from _rolls(right)
        case Sample(_, inner):
            yield from _rolls(inner)
