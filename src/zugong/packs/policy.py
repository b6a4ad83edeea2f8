"""One county's policy: its own entries over those it extends, asked by kind and name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import Field

from zugong.core.errors import Refused
from zugong.core.workdays import Workdays
from zugong.packs import trace
from zugong.packs.dated import Dated, Line, Strict
from zugong.packs.places import Places
from zugong.packs.schema import (
    ActivityKind,
    AppointmentKind,
    Bulletin,
    CaseKind,
    Classes,
    Duty,
    Entry,
    Ledger,
    LinkKind,
    Measure,
    Roll,
    Scorecard,
    Survey,
    Table,
)
from zugong.packs.schema.calendar import CalendarYear
from zugong.packs.schema.names import FieldSpec, Role, Source

E = TypeVar("E", bound=Entry)


class PackInfo(Strict):
    """pack.yaml: whose pack it is."""

    pack: str = Field(description="the pack's name, the same as its folder")
    label: str = Field(description="in Chinese")
    english: str = Field(default="", description="in English")
    version: str = Field(description="as the keeper numbers it: 2025.1")
    extends: list[str] = Field(default_factory=list, description="packs beneath this one, the nearest first")
    keeper: str = Field(default="", description="who keeps the pack")
    place: str = Field(default="", description="the county's division code; 99… is invented")
    fictional: bool = Field(default=False, description="虚构: an invented county")
    bilingual: bool = Field(default=False, description="every label also stands in English; checked")
    burden: Dated[int] = Field(default_factory=Dated[int], description="minutes per village per month; a cap")

    def said(self, language: str) -> str:
        """Return what the pack is called in a language; in Chinese where it has no other name."""
        return self.english or self.label if language.startswith("en") else self.label


@dataclass(frozen=True)
class Where:
    """Where an entry stands: which pack, file and line."""

    pack: str
    file: str
    line: int


@dataclass(frozen=True)
class Citation:
    """What a figure on a page can show: the paper, its number, the clause, and whether anybody checked it."""

    title: str
    number: str
    clause: str
    verified: bool
    fictional: bool

    def __str__(self) -> str:
        """As the office writes it: 青组发〔2025〕3号 第十五条."""
        return " ".join(part for part in (self.number or f"《{self.title}》", self.clause) if part)


@dataclass(frozen=True)
class Policy:
    """What one county has ruled. Asking for an entry by name notes that it was interpreted."""

    info: PackInfo
    entries: Mapping[tuple[str, str], Entry]
    where: Mapping[tuple[str, str], Where]
    sources: Mapping[str, Source]
    fields: Mapping[str, FieldSpec]
    roles: Mapping[str, Role]
    workdays: Workdays
    digest: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    packs: Mapping[str, PackInfo] = field(default_factory=dict, repr=False)  # this pack and those it extends
    years: Mapping[int, CalendarYear] = field(default_factory=dict, repr=False)
    seconds: Mapping[str, Dated[int]] = field(default_factory=dict, repr=False)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)  # word → pack that says it
    places: Places = field(default_factory=Places, repr=False)

    def entry(self, kind: str, name: str, cls: type[E]) -> E:
        """Return an entry that an engine is about to interpret. Raises Refused where the pack has none, or it sleeps."""
        entry = self.entries.get((kind, name))
        if not isinstance(entry, cls) or not entry.enabled:
            raise Refused("本县制度包里没有启用“{kind}: {name}”，请联系保管制度包的人", kind=kind, name=name)
        trace.note(kind, name)
        return entry

    def all(self, kind: str, cls: type[E]) -> list[E]:
        """List the entries of a kind that are awake, in the order of their names, without interpreting them."""
        return [
            entry
            for (of, _), entry in sorted(self.entries.items())
            if of == kind and isinstance(entry, cls) and entry.enabled
        ]

    def classes(self, name: str) -> Classes:
        """Return a list of classes."""
        return self.entry("classes", name, Classes)

    def link(self, name: str) -> LinkKind:
        """Return a kind of link."""
        return self.entry("link", name, LinkKind)

    def roll(self, name: str) -> Roll:
        """Return a roll."""
        return self.entry("roll", name, Roll)

    def appointment(self, name: str) -> AppointmentKind:
        """Return a kind of appointment."""
        return self.entry("appointment", name, AppointmentKind)

    def activity(self, name: str) -> ActivityKind:
        """Return a kind of activity."""
        return self.entry("activity", name, ActivityKind)

    def measure(self, name: str) -> Measure:
        """Return a measure."""
        return self.entry("measure", name, Measure)

    def table(self, name: str) -> Table:
        """Return a decision table."""
        return self.entry("rules", name, Table)

    def ledger(self, name: str) -> Ledger:
        """Return a ledger."""
        return self.entry("ledger", name, Ledger)

    def survey(self, name: str) -> Survey:
        """Return a survey."""
        return self.entry("survey", name, Survey)

    def case(self, name: str) -> CaseKind:
        """Return a kind of case."""
        return self.entry("case", name, CaseKind)

    def duty(self, name: str) -> Duty:
        """Return a duty."""
        return self.entry("duty", name, Duty)

    def scorecard(self, name: str) -> Scorecard:
        """Return a scorecard."""
        return self.entry("scorecard", name, Scorecard)

    def bulletin(self, name: str) -> Bulletin:
        """Return a bulletin."""
        return self.entry("bulletin", name, Bulletin)

    def within(self, noun: str, klass: str) -> frozenset[str]:
        """Return a class of a noun and every class under it, in any list: a street committee is a township."""
        found, grown = frozenset[str](), frozenset({klass})
        under = [
            (item.id, item.under)
            for entry in self.all("classes", Classes)
            if entry.of == noun
            for item in entry.items
        ]
        while found != grown:
            found = grown
            grown = found | {id for id, above in under if above in found}
        return found

    def cite(self, entry: Entry, line: Line[Any] | None = None, *, clause: str = "") -> Citation | None:
        """Say which paper stands behind an entry or one of its lines; None where nobody said."""
        key = (line.source if line else "") or entry.source
        source = self.sources.get(key)
        if source is None:
            return None
        said = clause or (line.clause if line else "") or entry.clause
        checked = line.verified if line and line.verified is not None else entry.verified
        return Citation(source.label, source.number, said, checked, source.fictional)
