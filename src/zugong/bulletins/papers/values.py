"""What a figure is and how the office writes it. Decided here once, for pages, Word, PDF, Excel and charts."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Marks:
    """得分, in thousandths of a mark: `Marks(91250)` is written 91.250."""

    thousandths: int


@dataclass(frozen=True, slots=True)
class Money:
    """金额, in fen: `Money(123456)` is written 1234.56元, whole yuan without decimals."""

    fen: int


@dataclass(frozen=True, slots=True)
class Share:
    """占比, a count within a count: `Share(22, 268)` is written 8.2%."""

    part: int
    whole: int

    @property
    def per_mille(self) -> int | None:
        """Tenths of a percent, halves rounded up; None when there is nothing to be a share of."""
        return (2000 * self.part + self.whole) // (2 * self.whole) if self.whole else None


Value: TypeAlias = int | str | date | Marks | Money | Share | None

NOTHING = "—"


def say(value: Value) -> str:
    """Return the value as the office writes it, on one line."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "是" if value else "否"
        case int():
            return str(value)
        case str():
            return _one_line(value)
        case Marks(thousandths):
            return _decimal(thousandths, 3)
        case Money(fen):
            return (str(fen // 100) if fen % 100 == 0 else _decimal(fen, 2)) + "元"
        case Share():
            return NOTHING if value.per_mille is None else _decimal(value.per_mille, 1) + "%"
        case date():
            return f"{value.year}年{value.month}月{value.day}日"


def number(value: Value) -> int | float | None:
    """Return the value as a number to draw or to put in a spreadsheet; None when it is not a number.

    The only place where a float appears, and nothing is computed from it afterwards.
    """
    match value:
        case bool():
            return None
        case int():
            return value
        case Marks(thousandths):
            return thousandths / 1000
        case Money(fen):
            return fen / 100
        case Share() if value.per_mille is not None:
            return value.per_mille / 1000
        case _:
            return None


def width(text: str) -> int:
    """Return how many half-width columns the text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _decimal(scaled: int, places: int) -> str:
    sign, digits = "-" if scaled < 0 else "", str(abs(scaled)).zfill(places + 1)
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _one_line(text: str) -> str:
    # Control, surrogate and invisible format characters (bidi overrides among them) cannot be printed and can
    # make a line read as something else. Rare and private-use characters stay: somebody's name may need them.
    text = " ".join(text.split())
    return "".join(
        c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs") and c not in "\ufffe\uffff"
    )
