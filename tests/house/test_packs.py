"""Packs are in order: sound, explained, cited, and naming only methods that exist."""

import csv
import re
from pathlib import Path

import pytest

from zugong.packs import jsonschema
from zugong.packs.checks import check
from zugong.packs.loader import attempt, library
from zugong.packs.mechanisms import mechanisms
from zugong.packs.schema import KINDS
from zugong.packs.schema.calendar import CalendarYear
from zugong.packs.wording import KINDS as SAID_KINDS
from zugong.packs.wording import WORDS

ROOT = Path(__file__).resolve().parents[2]
PACKS = library(ROOT / "packs")
LISTED = mechanisms(ROOT / "docs" / "mechanisms.csv")
SECTIONS = (*KINDS, *jsonschema.OTHERS)
# Written from what a county printed: no document numbers, no days, nothing checked.
PUBLISHED = sorted(set(PACKS) - {"national", "qingmu"})


def policy(name):
    found, findings = attempt(PACKS, name)
    assert found is not None, "\n".join(map(str, findings))
    return found


@pytest.mark.parametrize("pack", sorted(PACKS))
def test_a_pack_passes_every_check(pack):
    found, findings = attempt(PACKS, pack)
    findings = findings or check(found, mechanisms=LISTED)
    assert not findings, "\n" + "\n".join(map(str, findings))


@pytest.mark.parametrize("pack", ["national", "qingmu"])
def test_english_is_complete_where_it_must_be(pack):
    assert policy(pack).info.bilingual


@pytest.mark.parametrize("pack", PUBLISHED)
def test_a_published_county_claims_nothing_that_an_article_cannot_give(pack):
    ours = policy(pack)
    for key, entry in ours.entries.items():
        if ours.where[key].pack == pack:
            assert not entry.verified, key
    for key, source in ours.sources.items():
        if ours.words["source", key] == pack:
            assert (source.number, source.day, source.fictional) == ("", None, False), key


@pytest.mark.parametrize("pack", PUBLISHED)
def test_a_published_county_dates_no_value(pack):
    texts = "\n".join(text for path, text in PACKS[pack].items() if "values:" in text)
    starts = set(re.findall(r"values: \{([^:{}]+):", texts))
    assert starts <= {"unknown"}


def test_every_word_of_the_schema_has_its_sentence():
    silent = {f"{kind}: {word}" for kind in SECTIONS for word in jsonschema.described(jsonschema.entry(kind))}
    assert not silent


def test_every_word_of_the_schema_can_be_said_in_chinese():
    words = {
        word
        for kind in SECTIONS
        for part in (jsonschema.entry(kind), *jsonschema.entry(kind).get("$defs", {}).values())
        for form in part.get("anyOf", [part])
        for word in form.get("properties", {})
    }
    assert not words - set(WORDS) - set(SAID_KINDS) - set(jsonschema.OTHERS)
    assert set(SAID_KINDS) == set(KINDS)


def test_every_mechanism_has_a_short_label_of_its_own():
    with (ROOT / "docs" / "mechanisms.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["id", "label", "gloss", "group", "shapes"]
    assert len(rows) == len(LISTED) == 482
    assert len({row["label"] for row in rows}) == len(rows)
    assert all(1 < len(row["label"]) <= 14 and row["gloss"] and row["group"] for row in rows)
    assert all(re.fullmatch(r"[A-Z](\+[A-Z])*", row["shapes"]) for row in rows)


def test_every_mechanism_that_a_pack_carries_exists_and_is_computable():
    carried = {id for pack in PACKS for entry in policy(pack).entries.values() for id in entry.mechanisms}
    assert carried
    assert not carried - {id for id, one in LISTED.items() if one.computable}


def test_the_calendar_has_no_hole_and_stops_where_nothing_is_published():
    years = policy("national").years
    assert sorted(years) == list(range(2019, 2027))
    for year in years.values():
        assert isinstance(year, CalendarYear)
        off = [day for days in year.off.values() for day in days]
        assert len(off) == len(set(off))
        assert not set(off) & set(year.worked)
