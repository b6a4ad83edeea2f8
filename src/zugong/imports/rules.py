"""Columns of a sheet, and what a cell says: typed words become values, or a sentence why they do not. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

UNKNOWN = "不详"  # 起始日期不详: no day is invented
YES, NO = "是", "否"
BETWEEN = "；"  # between several in one cell
EXACT = 10**15  # Excel keeps fifteen digits of a number; of a longer one the last are lost
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)
_EPOCH = date(1899, 12, 30)  # day 0 of Excel's calendar, as it counts after February 1900
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?( 00:00:00)?$")
_PACKED_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_FORMULA_LIKE = re.compile(r"^'(?=\s*[=+\-@＝＋－＠\t\r\n])")  # the apostrophe that export put there


class Kind(StrEnum):
    """What a cell of a column says."""

    TEXT = "text"
    CODE = "code"
    DAY = "day"
    WHOLE = "whole"
    MONEY = "money"  # yuan in the cell, fen in the value
    SHARE = "share"  # percent in the cell, thousandths in the value
    MARKS = "marks"  # marks in the cell, thousandths in the value
    TICK = "tick"
    CHOICE = "choice"
    REF = "ref"  # a record of the registry, by code or by a name that only one has


@dataclass(frozen=True)
class Column:
    """One column: its header, what stands in it, and how to fill it in."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    options: Mapping[str, str] = field(default_factory=dict)  # value → the words in the cell
    nouns: tuple[str, ...] = ()  # for REF: what it may be
    many: bool = False  # several in one cell
    or_unknown: bool = False  # a day may be 不详
    longest: int = 200
    hint: str = ""
    example: str = ""

    @property
    def header(self) -> str:
        """The words at its head; what must be filled in carries a star."""
        return f"{self.label}*" if self.required else self.label


@dataclass(frozen=True)
class Broken:
    """A cell that cannot be read at all: a formula, an error."""

    typed: str
    sentence: str


Raw = str | int | float | bool | date | Broken | None


class Wrong(ValueError):  # noqa: N818 - a sentence for whoever typed it
    """A cell does not say what its column asks; the sentence tells what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def typed(raw: Raw) -> str:
    """Return a cell as a person would have typed it, without signs that do not print."""
    match raw:
        case None:
            return ""
        case bool():
            return YES if raw else NO
        case float():
            return str(int(raw)) if raw.is_integer() and abs(raw) < EXACT else str(raw)
        case datetime():
            return raw.date().isoformat()
        case date():
            return raw.isoformat()
        case Broken(words, _):
            return words
    text = _FORMULA_LIKE.sub("", str(raw))
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C").strip()


def value(column: Column, raw: Raw) -> Any:
    """Return what a cell says, as the records keep it; None where it is left open. Raises Wrong."""
    if isinstance(raw, Broken):
        raise Wrong(raw.sentence)
    if not (text := typed(raw)):
        if column.required:
            raise Wrong("必填，请填写")
        return None
    if column.many:
        parts = [part.strip() for part in re.split(r"[；;、\n]", text) if part.strip()]
        return list(dict.fromkeys(_one(column, part, part) for part in parts)) or None
    return _one(column, text, raw)


def _one(column: Column, text: str, raw: Raw) -> Any:
    match column.kind:
        case Kind.TEXT | Kind.REF:
            return _text(column, text)
        case Kind.CODE:
            return _code(text, raw)
        case Kind.DAY:
            return _day(column, text, raw)
        case Kind.TICK:
            return _tick(text)
        case Kind.CHOICE:
            return _choice(column, text)
    return _number(column, text, raw)


def _text(column: Column, text: str) -> str:
    if len(text) > column.longest:
        raise Wrong(f"最多 {column.longest} 字，现有 {len(text)} 字，请删短")
    return text


def _code(text: str, raw: Raw) -> str:
    if isinstance(raw, int | float) and abs(raw) >= EXACT:
        raise Wrong("这一格是数字格式，超过 15 位的后几位已经丢失，请把格式改为“文本”后重新填写")
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if not re.fullmatch(r"#\d{1,15}|[\w./-]{1,40}", plain):
        raise Wrong("代码只能用字母、数字、横线和点，最多 40 位")
    return plain


def _day(column: Column, text: str, raw: Raw) -> date | str:
    if isinstance(raw, datetime):
        return _sensible(raw.date())
    if isinstance(raw, date):
        return _sensible(raw)
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").removesuffix("00:00:00")
    if column.or_unknown and plain == UNKNOWN:
        return UNKNOWN
    found = _DAY.match(plain) or _PACKED_DAY.match(plain)
    if found:
        try:
            return _sensible(date(*map(int, found.groups()[:3])))
        except ValueError as error:
            raise Wrong(f"没有“{text}”这一天，请改成真实的日期，如 2025-03-01") from error
    if re.fullmatch(r"\d{5}", plain):  # a day that lost its format
        return _sensible(_EPOCH + timedelta(days=int(plain)))
    also = f"，不清楚的填“{UNKNOWN}”" if column.or_unknown else ""
    raise Wrong(f"日期要写到日，如 2025-03-01{also}")


def _sensible(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise Wrong("日期应在 1900 年到 2099 年之间，请检查")
    return day


def _tick(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).upper()
    if plain in (YES, "√", "✓", "1", "TRUE", "有", "Y"):
        return True
    if plain in (NO, "×", "0", "FALSE", "无", "N"):
        return False
    raise Wrong(f"只能填“{YES}”或“{NO}”")


def _choice(column: Column, text: str) -> str:
    for id, words in column.options.items():
        if text in (words, id):
            return id
    offered = list(column.options.values())
    listed = "、".join(offered[:8]) + ("等" if len(offered) > 8 else "")
    raise Wrong(f"没有“{text[:20]}”这一项，请从下拉列表里选：{listed}")


# Kind → how many of the kept unit make one of the unit in the cell, and what the unit in the cell is.
_SCALES = {
    Kind.WHOLE: (1, "整数"),
    Kind.MONEY: (100, "以元为单位的数，最多两位小数"),
    Kind.SHARE: (10, "百分数，如 85.5%"),
    Kind.MARKS: (1000, "分数，最多三位小数"),
}


def _number(column: Column, text: str, raw: Raw) -> int:
    scale, said = _SCALES[column.kind]
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    plain = plain.removesuffix("元" if column.kind == Kind.MONEY else "分")
    if column.kind == Kind.SHARE:
        plain = plain.removesuffix("%")
    try:
        # Excel computes in binary: 0.1 + 0.2 comes as 0.30000000000000004.
        number = Decimal(repr(round(raw, 9))) if isinstance(raw, float) else Decimal(plain)
    except InvalidOperation as error:
        raise Wrong(f"要填{said}") from error
    if not number.is_finite() or abs(number) >= EXACT:
        raise Wrong(f"要填{said}")
    kept = number * scale
    if kept != kept.to_integral_value():
        raise Wrong(f"要填{said}")
    if kept < 0:
        raise Wrong("不能小于零")
    return int(kept)


def shown(column: Column, kept: Any) -> str:
    """Return a value as its cell shows it: read again, it is the same value."""
    if kept is None or kept == []:
        return ""
    if column.many and isinstance(kept, list | tuple):
        return BETWEEN.join(shown(_single(column), one) for one in kept)
    match column.kind:
        case Kind.DAY:
            return kept.isoformat() if isinstance(kept, date) else str(kept)
        case Kind.TICK:
            return YES if kept else NO
        case Kind.CHOICE:
            return column.options.get(kept, str(kept))
        case Kind.MONEY | Kind.SHARE | Kind.MARKS:
            plain = format(Decimal(kept) / _SCALES[column.kind][0], "f")
            plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
            return f"{plain}%" if column.kind == Kind.SHARE else plain
    return str(kept)


def _single(column: Column) -> Column:
    return Column(column.name, column.label, column.kind, options=column.options)
