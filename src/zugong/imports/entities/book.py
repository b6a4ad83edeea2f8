"""A book: one kind of record that goes out to a sheet and comes in from one. Books are data and four verbs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Q

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.imports.rules import Column, Kind, Raw
from zugong.packs.policy import Policy
from zugong.packs.schema.names import Classes, FieldSpec
from zugong.registry import powers as registry
from zugong.registry.models import Appointment, Membership, Particulars
from zugong.registry.rules import NOUNS, ORGANISATION, PERSON, PLACE
from zugong.registry.selecting import Ids, below

Made = dict[str, Any]  # what undoing needs, as JSON keeps it
_NAMED = re.compile(r"^(?P<name>.*)〔(?P<code>[^〔〕]+)〕$", re.DOTALL)
SAID_AT_ONCE = 5


class Change(StrEnum):
    """What a row would do."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    WRONG = "wrong"


@dataclass(eq=False)
class Line:
    """One row: what was typed, what it says, what is wrong with it, what it would do."""

    number: int
    typed: Mapping[str, Raw]
    given: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)  # column → sentence; "" for the row
    change: Change = Change.ADD
    said: str = ""  # what changes, in words
    does: Any = None  # whatever the book needs to do it

    def fault(self, column: str, sentence: str) -> None:
        """Say what is wrong with a cell; what was said first stands."""
        self.wrong.setdefault(column, sentence)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.wrong


@dataclass
class Asking:
    """Who asks, on which day, under which policy."""

    user: User
    day: date
    policy: Policy

    @cached_property
    def keeps_county(self) -> bool:
        """Whether they keep the registry of the whole county."""
        return over_county(self.user, May.KEEP, self.day)

    @cached_property
    def kept(self) -> Ids:
        """The organisations whose registry they keep."""
        return registry.within(self.user, May.KEEP, self.day)

    @cached_property
    def seen(self) -> Ids:
        """The organisations they see."""
        return below(frozenset(self.user.roots(May.SEE, self.day)), self.day)

    def keeping(self, noun: str) -> Ids | None:
        """Return the subjects of a noun that they keep the registry of; None: all of them."""
        if self.keeps_county or noun == PLACE:
            return None
        if noun == ORGANISATION:
            return self.kept
        if noun == PERSON:
            return self._people(self.kept)
        owned = Particulars.objects.on(self.day).filter(parent__in=self.kept, subject__noun=noun)
        return frozenset(owned.values_list("subject_id", flat=True))

    def seeing(self, noun: str) -> Ids | None:
        """Return the subjects of a noun that they may name in what they report."""
        return self._people(self.seen) if noun == PERSON else self.seen if noun == ORGANISATION else None

    def _people(self, organisations: Ids) -> Ids:
        posts = Particulars.objects.on(self.day).filter(parent__in=organisations).values("subject")
        members = Membership.objects.on(self.day).filter(organisation__in=organisations)
        holders = Appointment.objects.on(self.day).filter(post__in=posts)
        own = {self.user.person_id} if self.user.person_id else set()
        return frozenset(
            {*members.values_list("person_id", flat=True), *holders.values_list("person_id", flat=True), *own}
        )


class Book(ABC):
    """What can be exported, compared with what stands, entered and taken back. Names and columns are data."""

    name: str
    label: str
    english: str
    group: str
    columns: tuple[Column, ...]
    needs: May  # without which nobody need ask
    policy: Policy | None = None  # where it is another's than the policy in force

    @abstractmethod
    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield what the asker may see: column → value, refs as words."""

    @abstractmethod
    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Say of each line what it would change, or what is wrong with it. Nothing is written."""

    @abstractmethod
    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Do what the lines say. Returns what undoing needs."""

    @abstractmethod
    def left(self, made: Made) -> list[str]:
        """Say what has come to depend on what was made: while there is anything, it cannot be undone."""

    @abstractmethod
    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Undo what was made, whole."""

    def open_to(self, asking: Asking) -> bool:
        """Say whether the asker may import here at all; each row is asked again."""
        return asking.user.may(self.needs, asking.day)

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """Return what makes two rows of a sheet the same; None where nothing does."""
        return None

    def column(self, name: str) -> Column:
        """Return a column."""
        return next(column for column in self.columns if column.name == name)

    def said(self, language: str) -> str:
        """Return the label in a language."""
        return self.english if language.startswith("en") and self.english else self.label


# --- Records of the registry, named in cells -------------------------------------------


@dataclass(frozen=True)
class Record:
    """A record as cells name it."""

    id: int
    name: str
    code: str
    above: tuple[str, str] = ("", "")  # name and code of what it stands under

    def __str__(self) -> str:
        """Its name for people, and for certainty its code, or whose it is: 白石村党支部〔990101100200-D〕, 书记〔白石村党支部〕."""
        beside = self.code or self.above[1] or self.above[0]
        return f"{self.name}〔{beside}〕" if beside else self.name


def records(rows: Any) -> list[Record]:
    """Return rows of particulars as records, in two queries."""
    found = list(rows.values_list("subject_id", "name", "subject__code", "parent_id", "valid"))
    parents = {parent for *_, parent, _ in found if parent}
    above = {
        id: (name, code)
        for id, name, code in Particulars.objects.known()
        .filter(subject__in=parents, valid__upper_inf=True)
        .values_list("subject_id", "name", "subject__code")
    }
    return [Record(id, name, code, above.get(parent, ("", ""))) for id, name, code, parent, _ in found]


def names_of(subjects: Iterable[int | None], day: date) -> dict[int | None, str]:
    """Return how cells name many subjects, in two queries."""
    rows = Particulars.objects.on(day).filter(subject__in={one for one in subjects if one})
    return {None: "", **{record.id: str(record) for record in records(rows)}}


def point(asking: Asking, lines: Sequence[Line], column: Column, among: Mapping[str, Ids | None]) -> None:
    """Turn the names and codes in a column into numbers of subjects, in one query; say where one means none or many.

    `among` are the subjects of each noun that may be named; None: all of them.
    """
    texts = {text for line in lines for text in _texts(line.given.get(column.name))}
    found = find(asking.day, column.nouns, texts, among)
    for line in lines:
        given = line.given.get(column.name)
        if given is None:
            continue
        ids = [found[text] for text in _texts(given)]
        if sentence := next((one for one in ids if isinstance(one, str)), ""):
            line.fault(column.name, sentence)
        else:
            line.given[column.name] = ids if column.many else ids[0]


def find(
    day: date, nouns: Collection[str], texts: Collection[str], among: Mapping[str, Ids | None]
) -> dict[str, int | str]:
    """Return for each text the subject it names by code or by a name that only one has, or a sentence why none."""
    asked = {text: parted(text) for text in texts}
    words = {word for pair in asked.values() for word in pair if word}
    rows = Particulars.objects.on(day).filter(subject__noun__in=nouns)
    rows = rows.filter(Q(name__in=words) | Q(subject__code__in=words))
    allowed = frozenset[int]().union(*(ids for ids in among.values() if ids is not None))
    bounded = [noun for noun in nouns if among.get(noun) is not None]
    free = [noun for noun in nouns if noun not in bounded]
    found = records(
        rows.filter(Q(subject__noun__in=free) | Q(subject__noun__in=bounded, subject__in=allowed))
    )
    by_name: dict[str, list[Record]] = {}
    by_code: dict[str, list[Record]] = {}
    for record in found:
        by_name.setdefault(record.name, []).append(record)
        if record.code:
            by_code.setdefault(record.code, []).append(record)
    what = "、".join(NOUNS[noun] for noun in nouns)
    return {text: _chosen(*pair, by_name, by_code, what) for text, pair in asked.items()}


def parted(text: str) -> tuple[str, str]:
    """Return the name and what stands in brackets beside it; a name or a code alone is all name."""
    parts = _NAMED.match(text)
    return (parts["name"].strip(), parts["code"].strip()) if parts else (text, "")


def _chosen(
    name: str,
    beside: str,
    by_name: Mapping[str, list[Record]],
    by_code: Mapping[str, list[Record]],
    what: str,
) -> int | str:
    if beside in by_code and by_code[beside][0].name != name:
        return f"代码 {beside} 是“{by_code[beside][0].name}”，与所填的“{name}”不符，请核对"
    hits = by_code.get(beside) or [one for one in by_name.get(name, []) if not beside or beside in one.above]
    hits = hits if beside else by_code.get(name) or hits
    if len(hits) == 1:
        return hits[0].id
    if not hits:
        return f"在您的范围内找不到{what}“{name}{f'〔{beside}〕' if beside else ''}”，请核对，或先登记它"
    listed = "、".join(dict.fromkeys(str(one) for one in hits[:SAID_AT_ONCE]))
    return f"有 {len(hits)} 个都叫“{name}”，请写明是哪一个：{listed}"


def _texts(given: Any) -> list[str]:
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str)]


# --- Fields of the pack ---------------------------------------------------------------

_KINDS = {
    "number": Kind.WHOLE,
    "money": Kind.MONEY,
    "share": Kind.SHARE,
    "day": Kind.DAY,
    "tick": Kind.TICK,
    "choice": Kind.CHOICE,
    "class": Kind.CHOICE,
    "person": Kind.REF,
    "organisation": Kind.REF,
    "thing": Kind.REF,
}
FIELD = "field."


def field_columns(policy: Policy, names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of fields of the pack in force. A file is no cell: it is attached on its own page."""
    specs = [(name, policy.fields[name]) for name in names if name in policy.fields]
    return tuple(_field_column(policy, name, spec) for name, spec in specs if spec.kind != "file")


def _field_column(policy: Policy, name: str, spec: FieldSpec) -> Column:
    unit = {"money": "（元）", "share": "（%）"}.get(spec.kind, f"（{spec.unit}）" if spec.unit else "")
    return Column(
        FIELD + name,
        spec.label + unit,
        _KINDS.get(spec.kind, Kind.TEXT),
        options=_options(policy, spec),
        nouns=(spec.kind,) if spec.kind in NOUNS else (),
        many=spec.many,
        longest=4000,
        hint=spec.hint,
    )


def _options(policy: Policy, spec: FieldSpec) -> dict[str, str]:
    items = spec.options
    if spec.kind == "class":
        listed = [entry for entry in policy.all("classes", Classes) if entry.name == spec.of]
        return {item.id: item.label or item.id for entry in listed for item in entry.items}
    return {item.id: item.label or item.id for item in items}


def answers(line: Line) -> dict[str, Any]:
    """Return the answers to fields of the pack that a line gives, as they are kept."""
    return {
        name.removeprefix(FIELD): given.isoformat() if isinstance(given, date) else given
        for name, given in line.given.items()
        if name.startswith(FIELD) and given is not None
    }


def field_cells(
    kept: Mapping[str, Any], columns: Iterable[Column], names: Mapping[Any, str]
) -> dict[str, Any]:
    """Return the cells of fields of the pack for a row, refs as words."""
    return {
        column.name: _cell(column, kept.get(column.name.removeprefix(FIELD)), names)
        for column in columns
        if column.name.startswith(FIELD)
    }


def _cell(column: Column, kept: Any, names: Mapping[Any, str]) -> Any:
    if column.kind != Kind.REF or kept is None:
        return kept
    return [names.get(one, "") for one in kept] if isinstance(kept, list) else names.get(kept, "")


def refs_in(kept: Iterable[Mapping[str, Any]], columns: Iterable[Column]) -> Iterator[int]:
    """Yield the subjects that answers to fields name."""
    wanted = [column.name.removeprefix(FIELD) for column in columns if column.kind == Kind.REF]
    for answers_ in kept:
        for name in wanted:
            given = answers_.get(name)
            yield from given if isinstance(given, list) else [given] if given else []


def point_fields(asking: Asking, lines: Sequence[Line], columns: Iterable[Column], *, keeping: bool) -> None:
    """Find what the columns of fields name."""
    for column in columns:
        if column.kind == Kind.REF and column.name.startswith(FIELD):
            scope = asking.keeping if keeping else asking.seeing
            point(asking, lines, column, {noun: scope(noun) for noun in column.nouns})
