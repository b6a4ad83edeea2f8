"""Load divisions into the tree of places. One transaction, one line in the journal; loading again adds nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import transaction

from zugong.core import journal
from zugong.imports.divisions.reading import Divisions
from zugong.imports.divisions.rules import VIRTUAL, Kind, Place, township_kind, village_kind
from zugong.registry import actions, bulk
from zugong.registry.models import Particulars, Subject
from zugong.registry.rules import PLACE

ASKED_AT_ONCE = 10_000  # codes a query
TOWNSHIP_KINDS = (Kind.STREET, Kind.TOWN, Kind.RURAL, Kind.OTHER)
VILLAGE_KINDS = (Kind.VILLAGE, Kind.COMMUNITY, Kind.OTHER)


class Known(NamedTuple):
    """What the registry says of a place on the day of the import."""

    subject: int
    name: str
    klass: str
    parent: int | None


@dataclass(frozen=True)
class CountyCount:
    """One county as the files name its units. Virtual entries are counted among those whose name they borrow."""

    code: str
    name: str
    townships: dict[str, int]  # 街道 镇 乡 其他
    villages: dict[str, int]  # 村 社 其他
    virtual: int

    @property
    def township_total(self) -> int:
        """Township-level units of every kind."""
        return sum(self.townships.values())

    @property
    def village_total(self) -> int:
        """Village-level units of every kind."""
        return sum(self.villages.values())


@dataclass
class Report:
    """What an import did, and what each county holds according to the files."""

    added: int = 0
    changed: int = 0
    same: int = 0
    absent: int = 0  # in the registry, and no longer in the files; left as they are
    counties: list[CountyCount] = field(default_factory=list)


@transaction.atomic
def load(divisions: Divisions, *, day: date, by: object, source: str = "统计用区划代码") -> Report:
    """Add the places that are new; from `day` on, change those whose name, class or parent is another.

    New places are valid from an unknown day: the files say that they are, not since when. Places that the files no
    longer name are counted and left: closing one is a person's deed.
    """
    report, ids = Report(counties=count(divisions)), dict[str, int]()
    for level in divisions.levels:
        known = _known([place.code for place in level], day)
        ids |= {code: row.subject for code, row in known.items()}
        _add(level, known, ids, report, by, source)
        _change(level, known, ids, report, day, by, source)
    report.absent = _absent(divisions)
    counts = {"added": report.added, "changed": report.changed, "same": report.same, "absent": report.absent}
    journal.write("divisions.import", by=by, on=source, counties=len(report.counties), **counts)
    return report


def count(divisions: Divisions) -> list[CountyCount]:
    """Count each county's units by what their names say."""
    townships: dict[str, Counter[Kind]] = defaultdict(Counter)
    villages: dict[str, Counter[Kind]] = defaultdict(Counter)
    virtual: Counter[str] = Counter()
    for place in divisions.levels[3]:
        townships[place.code[:6]][township_kind(place.name)] += 1
    for place in divisions.levels[4]:
        villages[place.code[:6]][village_kind(place.name)] += 1
        virtual[place.code[:6]] += place.klass == VIRTUAL
    return [
        CountyCount(
            county.code,
            county.name,
            {kind.value: townships[county.code][kind] for kind in TOWNSHIP_KINDS},
            {kind.value: villages[county.code][kind] for kind in VILLAGE_KINDS},
            virtual[county.code],
        )
        for county in divisions.counties
    ]


def _add(
    level: list[Place], known: dict[str, Known], ids: dict[str, int], report: Report, by: object, source: str
) -> None:
    new = [place for place in level if place.code not in known]
    rows = [bulk.New(place.klass, place.name, place.code, ids.get(place.parent)) for place in new]
    added = bulk.add_all(PLACE, rows, by=by, source=source)
    ids |= {place.code: subject for place, subject in zip(new, added, strict=True)}
    report.added += len(new)


def _change(
    level: list[Place],
    known: dict[str, Known],
    ids: dict[str, int],
    report: Report,
    day: date,
    by: object,
    source: str,
) -> None:
    for place in level:
        if not (old := known.get(place.code)):
            continue
        new = Known(old.subject, place.name, place.klass, ids.get(place.parent))
        if new == old:
            report.same += 1
            continue
        report.changed += 1
        subject = Subject.objects.get(pk=old.subject)
        parent = Subject.objects.get(pk=new.parent) if new.parent else None
        actions.change(
            subject, since=day, by=by, klass=new.klass, name=new.name, parent=parent, source=source
        )


def _known(codes: list[str], day: date) -> dict[str, Known]:
    """Return what stands in the registry under these codes on a day."""
    rows = Particulars.objects.on(day).filter(subject__noun=PLACE)
    return {
        code: Known(*row)
        for start in range(0, len(codes), ASKED_AT_ONCE)
        for code, *row in rows.filter(subject__code__in=codes[start : start + ASKED_AT_ONCE]).values_list(
            "subject__code", "subject_id", "name", "klass", "parent_id"
        )
    }


def _absent(divisions: Divisions) -> int:
    """Count the places of the registry, in the counties read, that the files no longer name."""
    counties = {place.code for place in divisions.counties}
    named = {place.code for level in divisions.levels[3:] for place in level}
    codes = Subject.objects.filter(noun=PLACE, code__regex=r"^(\d{9}|\d{12})$").values_list("code", flat=True)
    return sum(
        code[:6] in counties and code not in named for code in codes.iterator(chunk_size=ASKED_AT_ONCE)
    )
