"""Divisions become places, once."""

import re
from datetime import date

import pytest

from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.imports.divisions import actions
from zugong.imports.divisions.reading import read
from zugong.registry.models import Particulars, Subject
from zugong.registry.selecting import below

pytestmark = pytest.mark.django_db
DAY, LATER = date(2025, 12, 8), date(2026, 12, 8)
THIRTEEN = [
    *("500229", "500236", "500233", "371329", "220284", "220281", "220221", "220283", "220282"),
    *("220204", "220202", "220203", "220211"),
]


def load(folder, *counties, day=DAY):
    return actions.load(read(folder, counties), day=day, by="测试")


def test_places_are_added_under_their_parents_and_nothing_but_places(nation):
    assert load(nation()).added == 13
    assert set(Subject.objects.values_list("noun", flat=True)) == {"place"}
    town = Subject.objects.get(code="990121100")
    names = Particulars.objects.on(DAY).filter(parent=town).order_by("subject__code")
    assert [row.name for row in names] == ["白石村村民委员会", "青林村委会"]


def test_a_name_in_two_townships_is_two_places(nation):
    load(nation(villages=[*nation.lines["villages"], '990121100202,"白石村",990121100,99,9901,990121']))
    assert Particulars.objects.on(DAY).filter(name="白石村").values("subject").distinct().count() == 2


def test_an_import_is_one_line_in_the_journal(nation):
    load(nation())
    entry = Entry.objects.get()
    assert (entry.deed, entry.by, entry.detail["added"]) == ("divisions.import", "测试", 13)


def test_importing_again_adds_nothing(nation):
    load(nation())
    again = load(nation(), day=LATER)
    assert (again.added, again.changed, again.same) == (0, 0, 13)
    assert Particulars.objects.count() == 13


def test_a_changed_name_holds_from_the_day_of_the_import_and_the_old_one_before(nation):
    load(nation())
    renamed = [line.replace("禾汀镇", "禾汀新镇") for line in nation.lines["streets"]]
    assert load(nation(streets=renamed), day=LATER).changed == 1
    town = Subject.objects.get(code="990121100")
    assert (town.name_on(DAY), town.name_on(LATER)) == ("禾汀镇", "禾汀新镇")


def test_a_place_that_the_files_no_longer_name_is_counted_and_left(nation):
    load(nation())
    report = load(nation(villages=nation.lines["villages"][:-2]), "990121", day=LATER)
    assert report.absent == 1
    assert Subject.objects.get(code="990121400498").on(LATER) is not None


def test_a_refused_file_leaves_nothing_half_written(nation):
    with pytest.raises(Refused):
        load(nation(villages=[*nation.lines["villages"], "990121100299,,990121100,99,9901,990121"]))
    assert not Subject.objects.exists()


def printed(folder):
    """Read the printed table: code → township-level total, 街 镇 乡 其他, 村, 社, total."""
    table = {}
    for line in (folder / "target_counts.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 5 and re.fullmatch(r"\d{6}", cells[0]):
            whole, *kinds = map(int, re.findall(r"\d+", cells[2])[:5])
            village, community, total = (int(re.match(r"\d+", cell)[0]) for cell in cells[3:6])
            table[cells[0]] = (whole, kinds, village, community, total)
    return table


def test_the_thirteen_counties_load_and_agree_with_the_printed_counts(national):
    report = load(national, *THIRTEEN)
    counted = {
        county.code: (
            county.township_total,
            list(county.townships.values()),
            county.villages["村"],
            county.villages["社"],
            county.village_total,
        )
        for county in report.counties
    }
    assert counted == printed(national)
    assert sum(county.township_total for county in report.counties) == 241
    assert sum(county.village_total for county in report.counties) == 2_931
    for county in report.counties:
        root = frozenset({Subject.objects.get(code=county.code).pk})
        placed = len(below(root, DAY)) - 1
        assert placed == county.township_total + county.village_total


def test_virtual_entries_and_functional_zones_are_classes_of_their_own(national):
    load(national, "220202", "220204", "220211")
    classes = dict(Particulars.objects.on(DAY).values_list("subject__code", "klass"))
    assert (classes["220202401498"], classes["220204400598"]) == ("virtual", "virtual")
    assert (classes["220211071"], classes["220202401"], classes["220202001"]) == ("zone", "zone", "township")
