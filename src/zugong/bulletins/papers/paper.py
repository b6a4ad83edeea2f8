"""What an official paper says, apart from how it is printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from zugong.bulletins.papers.chartspec import ChartSpec
from zugong.bulletins.papers.values import Value, say, width
from zugong.core.errors import Refused

STANDARD = "GB/T 9704—2012"


@dataclass(frozen=True, slots=True)
class Heading:
    """层次标题, level 1 to 4. Its number (一、（一）1.（1）) is given when the paper is laid out."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values under column labels. Each row has one value a column; labels differ."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    caption: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.columns or len(set(self.columns)) < len(self.columns):
            raise ValueError(f"a table needs columns, each with its own label: {self.columns}")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.caption!r} does not fit its columns")


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart in the paper, with its caption."""

    chart: ChartSpec
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A few named figures at a glance: at least one (label, value) pair; labels differ."""

    pairs: tuple[tuple[str, Value], ...]

    def __post_init__(self) -> None:
        if not self.pairs or len({label for label, _ in self.pairs}) < len(self.pairs):
            raise ValueError(f"figures need labels, each different: {self.pairs}")


Block: TypeAlias = Heading | Paragraph | Table | Figure | Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """公文: everything it says, nothing about how it is printed.

    `number` (发文字号) is issued by the documents office and typed in; empty until then.
    `head` (发文机关标志) is the organ's red head; empty prints none. A red head never implies a number.
    `note` says where the figures come from: run, facts, day, version of the rules.
    """

    title: str
    issuer: str
    day: date
    blocks: tuple[Block, ...]
    number: str = ""
    head: str = ""
    addressees: tuple[str, ...] = ()  # 主送
    attachments: tuple[str, ...] = ()  # names only
    copies: tuple[str, ...] = ()  # 抄送
    office: str = ""  # 印发机关
    printed: date | None = None  # 印发日期
    sealed: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.number:
            check_number(self.number)
        deepest = 0
        for heading in (block for block in self.blocks if isinstance(block, Heading)):
            if not 1 <= heading.level <= min(deepest + 1, 4):
                raise ValueError(
                    f"heading {heading.text!r} of level {heading.level} stands under level {deepest}"
                )
            deepest = heading.level


def check_number(number: str) -> None:
    """Refuse a 发文字号 that is not written as the standard wants, such as 青组通〔2026〕3号."""
    if not re.fullmatch(r"[^\s第〔〕\[\]()（）]+〔\d{4}〕[1-9]\d*号", number):
        raise Refused(
            "发文字号由机关代字、六角括号年份和序号组成，不加“第”，不编虚位，如：青组通〔2026〕3号。",
            clause=f"{STANDARD} 7.2.5",
            field="number",
        )


def laid_out(paper: Paper) -> Iterator[Block]:
    """Yield the blocks with headings, tables and figures numbered as the standard numbers them."""
    counts, tables, figures = [0, 0, 0, 0], 0, 0
    for block in paper.blocks:
        match block:
            case Heading(level, text):
                counts[level - 1] += 1
                counts[level:] = [0] * (4 - level)
                yield Heading(level, ordinal(level, counts[level - 1]) + say(text))
            case Table(caption=caption):
                tables += 1
                yield replace(block, caption=f"表{tables}　{say(caption)}".strip())
            case Figure(caption=caption):
                figures += 1
                yield replace(block, caption=f"图{figures}　{say(caption)}".strip())
            case _:
                yield block


def ordinal(level: int, count: int) -> str:
    """Return the number before a heading: 一、 then （一） then 1. then （1）."""
    return (f"{_chinese(count)}、", f"（{_chinese(count)}）", f"{count}.", f"（{count}）")[level - 1]


def proportions(table: Table) -> tuple[int, ...]:
    """Return how wide each column should be, in half-width columns, from what it holds."""
    columns = [[label, *(say(row[place]) for row in table.rows)] for place, label in enumerate(table.columns)]
    return tuple(min(max(4, *(width(text) for text in column)) + 2, 40) for column in columns)


def signature(paper: Paper) -> tuple[int, int]:
    """Return how far the issuer and the date stand from the right edge, in half characters.

    With a seal the date stands four characters in and the issuer centred above it; without, the issuer stands two
    in and the date begins two characters after the issuer's first (GB/T 9704—2012 7.3.5).
    """
    issuer, day = width(say(paper.issuer)), width(say(paper.day))
    if paper.sealed:
        return max(0, 8 + (day - issuer) // 2), 8
    return (4, issuer - day) if issuer - day >= 4 else (max(4, 8 + day - issuer), 4)


def _chinese(count: int) -> str:
    digits = "零一二三四五六七八九"
    if count < 10:
        return digits[count]
    if count >= 100:
        return str(count)
    tens, units = divmod(count, 10)
    return (digits[tens] if tens > 1 else "") + "十" + (digits[units] if units else "")
