"""The national files, read and checked: CSV in UTF-8, plain or gzipped, one file a level.

Everything wrong is said at once, with file and line. Nothing here knows a database.
"""

from __future__ import annotations

import codecs
import csv
import gzip
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from zugong.core.errors import Refused
from zugong.core.sentences import Sentence
from zugong.imports.divisions.rules import Place, klass_of

SAID_AT_ONCE = 20  # wrong rows that are named; the rest is counted


@dataclass(frozen=True)
class Level:
    """A level of the tree: how long its codes are, which file holds them, which column names the parent."""

    length: int
    file: str
    parent: str


LEVELS = (
    Level(2, "provinces", ""),
    Level(4, "cities", "provinceCode"),
    Level(6, "areas", "cityCode"),
    Level(9, "streets", "areaCode"),
    Level(12, "villages", "streetCode"),
)


@dataclass
class Divisions:
    """The places of the counties asked for and all above them, highest level first."""

    levels: list[list[Place]] = field(default_factory=list)

    @property
    def places(self) -> Iterator[Place]:
        """Every place, each after its parent."""
        return (place for level in self.levels for place in level)

    @property
    def counties(self) -> list[Place]:
        """The counties."""
        return self.levels[2]


def read(folder: Path, counties: Collection[str] = ()) -> Divisions:
    """Read the divisions of some counties (none named: of the whole nation).

    Raises Refused with every wrong row, or where a county is not in the files.
    """
    found, wrong = Divisions(), list[Sentence]()
    parents: dict[str, str] = {"": ""}
    for level in LEVELS:
        places = list(_level(folder, level, counties, parents, wrong))
        found.levels.append(places)
        parents = {place.code: place.name for place in places}
    missing = sorted(set(counties) - {place.code for place in found.counties})
    if missing and not wrong:
        raise Refused("文件里没有代码为 {missing} 的县（市、区）", missing=missing, field="county")
    if wrong:
        raise Refused.because(_said(wrong))
    return found


def _level(
    folder: Path, level: Level, counties: Collection[str], parents: Collection[str], wrong: list[Sentence]
) -> Iterator[Place]:
    """Yield the places of a level; note what is wrong with the others."""
    file = _file(folder, level.file)
    lines = _lines(file, [county[: level.length] for county in counties], wrong)
    header = next(csv.reader([next(lines, (1, ""))[1]]), [])
    wanted = ["code", "name", *([level.parent] if level.parent else [])]
    if lacking := [column for column in wanted if column not in header]:
        wrong.append(Sentence("{file} 第 1 行：缺少“{lacking}”一栏", file=file.name, lacking=lacking))
        return
    columns = [header.index(column) for column in wanted]
    seen: set[str] = set()
    for number, line in lines:
        row = next(csv.reader([line]), [])
        if len(row) <= max(columns):
            wrong.append(
                Sentence(
                    "{file} 第 {number} 行：只有 {found} 栏，应有 {wanted} 栏",
                    file=file.name,
                    number=number,
                    found=len(row),
                    wanted=len(header),
                )
            )
            continue
        code, name, parent, *_ = [row[column].strip() for column in columns] + [""]
        if not _belongs(code, counties):
            continue
        fault = _fault(level, code, name, parent, parents) or (
            Sentence("这个代码已出现过") if code in seen else None
        )
        if fault:
            wrong.append(
                Sentence(
                    "{file} 第 {number} 行（{code} {name}）：{fault}",
                    file=file.name,
                    number=number,
                    code=code or Sentence("无代码"),
                    name=name,
                    fault=fault,
                )
            )
            continue
        seen.add(code)
        yield Place(code, name, parent, klass_of(code, name))


def _fault(level: Level, code: str, name: str, parent: str, parents: Collection[str]) -> Sentence | None:
    if not (code.isascii() and code.isdigit()) or len(code) != level.length:
        return Sentence("代码应是 {length} 位数字", length=level.length)
    if not name:
        return Sentence("没有名称")
    if not code.startswith(parent):
        return Sentence("代码与上级代码 {parent} 不符", parent=parent)
    if parent not in parents:
        return Sentence("找不到上级 {parent}", parent=parent)
    return None


def _belongs(code: str, counties: Collection[str]) -> bool:
    """Say whether a place lies in or above one of the counties."""
    return not counties or any(code.startswith(county) or county.startswith(code) for county in counties)


def _lines(file: Path, counties: Collection[str], wrong: list[Sentence]) -> Iterator[tuple[int, str]]:
    """Yield numbered lines. Where the code comes first, other counties' lines are passed over unread."""
    begins = tuple(start.encode() for county in counties for start in (county, f'"{county}'))
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rb") as raw:
            for number, line in enumerate(raw, 1):
                if number == 1:
                    skips = counties and line.removeprefix(codecs.BOM_UTF8).startswith((b"code", b'"code'))
                elif skips and not line.startswith(begins):
                    continue
                try:
                    text = line.decode("utf-8-sig").rstrip("\r\n")
                except UnicodeDecodeError:
                    wrong.append(
                        Sentence(
                            "{file} 第 {number} 行：不是 UTF-8 编码，请另存为 UTF-8 后再导入",
                            file=file.name,
                            number=number,
                        )
                    )
                    return
                if text:
                    yield number, text
    except (gzip.BadGzipFile, EOFError):
        wrong.append(Sentence("{file}：压缩文件已损坏", file=file.name))


def _file(folder: Path, name: str) -> Path:
    for ending in (".csv", ".csv.gz"):
        if (folder / f"{name}{ending}").is_file():
            return folder / f"{name}{ending}"
    raise Refused("文件夹“{folder}”里没有 {name}.csv 或 {name}.csv.gz", folder=folder, name=name)


def _said(wrong: list[Sentence]) -> Sentence:
    rest = len(wrong) - SAID_AT_ONCE
    lines = wrong[:SAID_AT_ONCE] + ([Sentence("……另有 {rest} 处", rest=rest)] if rest > 0 else [])
    return reduce(
        lambda above, line: Sentence("{above}\n{line}", above=above, line=line),
        lines,
        Sentence("区划文件有误，什么都没有导入："),
    )
