"""The guards that can be counted with: a small part of CEL, read into a tree and written as an Ibis condition.

    guard      = both ("||" both)*
    both       = one ("&&" one)*
    one        = "!" one | "(" guard ")" | comparison
    comparison = value ("==" | "!=" | "<" | "<=" | ">" | ">=") value | name "in" "[" literal, … "]"
    value      = name | whole number | 'text'

A name is a column of the fact table; `day` is the day that is asked about. Days are compared as text, '2025-01-31'.
What is unknown satisfies no comparison, as in SQL. Whatever is written here means the same to CEL itself; what
CEL can say beyond it (arithmetic, fields of fields, functions, bare names) is refused, because a fact table
is counted by a database and a person has to be able to read the condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import BooleanValue

DAY = "day"
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
OTHER_SIDE = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
TOKEN = re.compile(
    r"""\s*(?:(\d+)|('[^'\\]*'|"[^"\\]*")|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[-<>!()\[\],]))"""
)


class GuardError(ValueError):
    """A guard that cannot be counted with: what is wrong, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Name:
    """A column, or `day`."""

    name: str


@dataclass(frozen=True)
class Literal:
    """A whole number or a text."""

    value: int | str


@dataclass(frozen=True)
class Compared:
    """Two values and the sign between them."""

    left: Name | Literal
    sign: str
    right: Name | Literal


@dataclass(frozen=True)
class In:
    """A column that holds one of some literals."""

    name: Name
    values: tuple[int | str, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a guard."""

    guard: Guard


@dataclass(frozen=True)
class Every:
    """Every part holds."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True)
class Some:
    """Some part holds."""

    parts: tuple[Guard, ...]


Guard = Compared | In | Not | Every | Some


def read(text: str) -> Guard:
    """Read a guard. Raises GuardError with the word at which reading stopped."""
    reader = _Reader(list(_tokens(text)), text)
    guard = reader.guard()
    if reader.rest:
        raise GuardError(
            f"“{text}”读到“{reader.rest[0]}”就读不下去了", "可用 && || ! in 和六种比较，不能用运算"
        )
    return guard


def columns(guard: Guard) -> frozenset[str]:
    """Return the columns that a guard reads."""
    return frozenset(_names(guard)) - {DAY}


def condition(guard: Guard, facts: Table, *, day: date) -> BooleanValue:
    """Write a guard as a condition on a fact table, as of a day."""
    match guard:
        case Compared(Literal() as left, sign, right):
            return condition(Compared(right, OTHER_SIDE[sign], left), facts, day=day)
        case Compared(left, sign, right):
            return _COMPARE[sign](_left(left, right, facts, day), _value(right, facts, day))
        case In(Name(name), values):
            return facts[name].isin(values)
        case Not(inner):
            return ~condition(inner, facts, day=day)
        case Every(parts):
            return _folded(parts, facts, day, lambda a, b: a & b)
        case Some(parts):
            return _folded(parts, facts, day, lambda a, b: a | b)


def _folded(parts: tuple[Guard, ...], facts: Table, day: date, join: Callable[[Any, Any], Any]) -> Any:
    first, *others = (condition(part, facts, day=day) for part in parts)
    for other in others:
        first = join(first, other)
    return first


_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _left(left: Name | Literal, right: Name | Literal, facts: Table, day: date) -> Any:
    if left == Name(DAY) and (isinstance(right, Literal) or right == left):
        # Without a column on either side Python would compare, and `~True` is -2.
        import ibis

        return ibis.literal(day.isoformat())
    return _value(left, facts, day)


def _value(value: Name | Literal, facts: Table, day: date) -> Any:
    if isinstance(value, Literal):
        return value.value
    return day.isoformat() if value.name == DAY else facts[value.name]


def _names(guard: Guard) -> Iterator[str]:
    match guard:
        case Compared(left, _, right):
            yield from (side.name for side in (left, right) if isinstance(side, Name))
        case In(name, _):
            yield name.name
        case Not(inner):
            yield from _names(inner)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _names(part)


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if not found:
            raise GuardError(f"“{text}”在“{text[place:].strip()[:8]}”处读不懂", "可用 && || ! in 和六种比较")
        yield found.group().strip()
        place = found.end()


class _Reader:
    """Reads tokens from the left; each method reads one line of the grammar."""

    def __init__(self, tokens: list[str], text: str) -> None:
        self.rest = tokens
        self.text = text

    def guard(self) -> Guard:
        parts = self._listed("||", self._both)
        return parts[0] if len(parts) == 1 else Some(parts)

    def _both(self) -> Guard:
        parts = self._listed("&&", self._one)
        return parts[0] if len(parts) == 1 else Every(parts)

    def _listed(self, sign: str, read_one: Callable[[], Guard]) -> tuple[Guard, ...]:
        parts = [read_one()]
        while self.rest[:1] == [sign]:
            self._take()
            parts.append(read_one())
        return tuple(parts)

    def _one(self) -> Guard:
        if self.rest[:1] == ["!"]:
            self._take()
            return Not(self._one())
        if self.rest[:1] == ["("]:
            self._take()
            inner = self.guard()
            self._take(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Guard:
        left = self._operand()
        sign = self._take()
        if sign == "in" and isinstance(left, Name):
            return In(left, self._values())
        if sign not in SIGNS:
            raise GuardError(f"“{self.text}”里“{sign}”不是比较", "单独一个名称请写成 名称 == 1")
        right = self._operand()
        if not (isinstance(left, Name) or isinstance(right, Name)):
            raise GuardError(f"“{self.text}”比较的两边都是定值")
        return Compared(left, sign, right)

    def _values(self) -> tuple[int | str, ...]:
        self._take("[")
        values = [self._literal()]
        while self.rest[:1] == [","]:
            self._take()
            values.append(self._literal())
        self._take("]")
        return tuple(values)

    def _literal(self) -> int | str:
        operand = self._operand()
        if isinstance(operand, Name):
            raise GuardError(f"“{self.text}”的 in 后面只能列出定值")
        return operand.value

    def _operand(self) -> Name | Literal:
        token = self._take()
        if token == "-":  # noqa: S105
            return Literal(-int(self._take()))
        if token.isdecimal():
            return Literal(int(token))
        if token[0] in "'\"":
            return Literal(token[1:-1])
        if token.isidentifier() and token not in ("in", "true", "false", "null"):
            return Name(token)
        raise GuardError(f"“{self.text}”在“{token}”处读不懂", "比较的两边是名称、整数或带引号的文字")

    def _take(self, wanted: str = "") -> str:
        if not self.rest:
            raise GuardError(f"“{self.text}”没有写完")
        token = self.rest.pop(0)
        if wanted and token != wanted:
            raise GuardError(f"“{self.text}”在“{token}”处应为“{wanted}”")
        return token
