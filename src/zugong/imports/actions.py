"""Show what a sheet would do, do it, undo it. What is shown writes nothing; each of the others is one transaction.

Nothing is imported while a cell is wrong, unless whoever imports says that the good rows shall go in alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from zugong.accounts.models import User
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.files.rules import plain
from zugong.imports import powers
from zugong.imports.entities.book import Asking, Book, Change, Line
from zugong.imports.models import Import, State
from zugong.imports.rules import Column, Kind, Wrong, shown, typed, value
from zugong.imports.sheets import reading, writing
from zugong.imports.sheets.reading import Sheet, Stamp

# --- Out --------------------------------------------------------------------------------


def template(user: User, name: str, *, day: date) -> bytes:
    """Return an empty workbook to fill in. Raises Refused for what the asker may not import."""
    asked = powers.asking(user, day)
    book = powers.open_book(asked, name)
    return writing.template(book.columns, _stamp(asked, book))


@transaction.atomic
def export(user: User, name: str, *, day: date) -> bytes:
    """Return what the asker may see, in the layout of the template. Journaled: it carries records away."""
    asked = powers.asking(user, day)
    book = powers.open_book(asked, name)
    rows = [
        {column.name: _word(column, row.get(column.name)) for column in book.columns}
        for row in book.rows(asked)
    ]
    journal.write("import.export", by=user, on=book.name, rows=len(rows))
    return writing.export(book.columns, _stamp(asked, book), rows)


def _word(column: Column, kept: Any) -> str:
    """Return a cell's words; refs come as words already."""
    if column.kind == Kind.REF:
        return "；".join(kept) if isinstance(kept, list) else str(kept or "")
    return shown(column, kept)


def _stamp(asked: Asking, book: Book) -> Stamp:
    info = (book.policy or asked.policy).info
    return Stamp(book.name, f"{info.pack} {info.version}")


# --- In: shown first --------------------------------------------------------------------


@transaction.atomic
def upload(user: User, name: str, *, file: str, content: bytes, day: date) -> Import:
    """Read a workbook and keep what it would do, so that a person can look at it. Nothing else is written.

    Raises Refused with one sentence for a file that cannot be read, or is not this table.
    """
    asked = powers.asking(user, day)
    book = powers.open_book(asked, name)
    sheet = reading.read(file, content)
    lines, notes = read(asked, book, sheet)
    if not lines:
        raise Refused("表里没有数据；请从第 4 行起填写（第 2、3 行的说明和示例不会读入）")
    counted = Counter(line.change for line in lines)
    one = Import.objects.create(
        entity=book.name,
        label=book.label,
        name=plain(file)[-200:],
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        day=day,
        plan=_digest(lines),
        lines=_told(book, lines),
        notes=[*sheet.notes, *notes],
        added=counted[Change.ADD],
        changed=counted[Change.CHANGE],
        same=counted[Change.SAME],
        wrong=counted[Change.WRONG],
        user=user,
        uploaded_at=clock.now(),
    )
    journal.write("import.upload", by=user, on=one, entity=one.entity, rows=len(lines))
    return one


def read(asked: Asking, book: Book, sheet: Sheet) -> tuple[list[Line], list[str]]:
    """Return the lines of a sheet, compared with what stands, and what a person should know about the table."""
    notes = _fit(asked, book, sheet)
    place = {label: at for at, label in enumerate(sheet.headers)}
    columns = [(column, place[column.label]) for column in book.columns if column.label in place]
    lines = []
    for row in sheet.rows:
        cells = {column.name: row.cells[at] for column, at in columns}
        if any(typed(cell) for cell in cells.values()):
            lines.append(_line(row.number, columns, cells))
    _once(book, lines)
    book.compare(asked, lines)
    _follow(lines)
    for line in lines:
        if line.wrong:
            line.change = Change.WRONG
    return lines, notes


def _fit(asked: Asking, book: Book, sheet: Sheet) -> list[str]:
    """Refuse a sheet that is another table, or lacks a column that must be there. Return what is passed over."""
    if sheet.stamp and sheet.stamp.entity != book.name:
        raise Refused("这不是“{table}”的表，请在对应的项目下上传，或重新下载模板", table=book)
    lacking = [
        column.label for column in book.columns if column.required and column.label not in sheet.headers
    ]
    if lacking:
        missing = lacking[:6]
        if sheet.stamp and sheet.stamp.version != _stamp(asked, book).version:
            raise Refused(
                "这是按旧版制度（{version}）下发的模板，缺少“{columns}”，请重新下载“{table}”模板填写",
                version=sheet.stamp.version,
                columns=missing,
                table=book,
            )
        raise Refused("缺少“{columns}”，请重新下载“{table}”模板填写", columns=missing, table=book)
    known = {column.label for column in book.columns} | {reading.MARK, reading.FAULTS, ""}
    strange = [label[:20] for label in sheet.headers if label not in known]
    return [f"没有读这几栏：{'、'.join(strange[:10])}。"] if strange else []


def _line(number: int, columns: Sequence[tuple[Column, int]], cells: Mapping[str, Any]) -> Line:
    line = Line(number, cells)
    for column, _ in columns:
        try:
            line.given[column.name] = value(column, cells[column.name])
        except Wrong as wrong:
            line.given[column.name] = None
            line.fault(column.name, wrong.sentence)
    return line


def _once(book: Book, lines: Sequence[Line]) -> None:
    """Refuse a row that says again what another row of the sheet says."""
    seen: dict[Any, int] = {}
    for line in lines:
        key = book.key(line) if line.good else None
        if key is None:
            continue
        if key in seen:
            line.fault("", f"与第 {seen[key]} 行重复，请删去一行")
        seen.setdefault(key, line.number)


def _follow(lines: Sequence[Line]) -> None:
    """A row that stands under a wrong row of the same sheet is wrong too, however deep."""
    found = True
    while found:
        found = False
        for line in lines:
            for column, given in line.given.items():
                if isinstance(given, Line) and not given.good and line.good:
                    line.fault(column, f"它所属的第 {given.number} 行有误，请先改正那一行")
                    found = True


def _told(book: Book, lines: Sequence[Line]) -> list[Any]:
    labels = {column.name: column.label for column in book.columns}
    return [
        [
            line.number,
            line.change.value,
            " ".join(filter(None, (typed(raw) for raw in list(line.typed.values())[:3])))[:120],
            [[labels.get(name, ""), sentence] for name, sentence in line.wrong.items()] or line.said,
        ]
        for line in lines
    ]


def _digest(lines: Sequence[Line]) -> str:
    words = [[line.number, line.change.value, line.said, sorted(line.wrong.items())] for line in lines]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def errors(user: User, pk: int, *, day: date) -> bytes:
    """Return the uploaded rows as a workbook in which each bad cell is marked and says what to do."""
    one = powers.imported(user, pk, day)
    _must_wait(one)
    asked, book, lines = _again(one, day)
    rows = [
        ({column.name: typed(line.typed.get(column.name)) for column in book.columns}, line.wrong)
        for line in lines
    ]
    return writing.errors(book.columns, _stamp(asked, book), rows)


# --- In: done -----------------------------------------------------------------------------


@transaction.atomic
def confirm(user: User, pk: int, *, day: date, only_good: bool = False) -> Import:
    """Do what was shown: all of it, or nothing. `only_good` leaves the wrong rows out.

    Raises Refused where a cell is wrong and nobody said so, or what would happen is no longer what was shown.
    """
    one = Import.objects.select_for_update(of=("self",)).get(pk=powers.imported(user, pk, day).pk)
    _must_wait(one)
    asked, book, lines = _again(one, day)
    if _digest(lines) != one.plan:
        raise Refused("上传以后，库里的情况有了变化，预览已不准；请重新上传，再看一遍预览")
    if one.wrong and not only_good:
        raise Refused(
            "有 {many} 行有误，什么都没有导入；请改正后重新上传，或选择只导入没有错误的行", many=one.wrong
        )
    acting = [line for line in lines if line.change in (Change.ADD, Change.CHANGE)]
    if not acting:
        raise Refused("没有要新增或变更的行，不用导入")
    one.made = book.enter(asked, acting, source=f"导入 {one.pk}：{one.name}"[:200])
    one.state, one.done_at, one.content = State.DONE, clock.now(), b""
    one.save()
    journal.write(
        "import.confirm",
        by=user,
        on=one,
        entity=one.entity,
        file=one.name,
        digest=one.digest,
        added=one.added,
        changed=one.changed,
        left_out=one.wrong,
    )
    return one


def _again(one: Import, day: date) -> tuple[Asking, Book, list[Line]]:
    asked = powers.asking(one.user, day)
    book = powers.open_book(asked, one.entity)
    lines, _ = read(asked, book, reading.read(one.name, bytes(one.content)))
    return asked, book, lines


def _must_wait(one: Import) -> None:
    if one.state != State.WAITING:
        raise Refused("这次导入已经办过了")


# --- Back ---------------------------------------------------------------------------------


@transaction.atomic
def undo(user: User, pk: int, *, reason: str, day: date) -> Import:
    """Take an import back as a whole. Raises Refused with what depends on it, where anything does."""
    one = Import.objects.select_for_update(of=("self",)).get(pk=powers.imported(user, pk, day).pk)
    if one.state != State.DONE:
        raise Refused("只有已导入的可以撤销")
    if not reason.strip():
        raise Refused("撤销要写明理由", field="reason")
    asked, book = _book_of(one, day)
    if found := book.left(one.made):
        raise Refused("这批记录已经用到了别处，不能整批撤销：{found}；请逐条更正", found=found[:8])
    book.take_back(asked, one.made, reason=reason.strip())
    one.state, one.undone_by, one.undone_at = State.UNDONE, str(user), clock.now()
    one.reason = reason.strip()[:200]
    one.save()
    journal.write("import.undo", by=user, on=one, entity=one.entity, reason=one.reason)
    return one


def _book_of(one: Import, day: date) -> tuple[Asking, Book]:
    asked = powers.asking(one.user, day)
    return asked, powers.open_book(asked, one.entity)


@transaction.atomic
def throw_away(user: User, pk: int, *, day: date) -> None:
    """Throw an upload away that was not confirmed."""
    one = powers.imported(user, pk, day)
    _must_wait(one)
    journal.write("import.throw-away", by=user, on=one, entity=one.entity)
    one.delete()
