"""The county of the demo is nobody's: its names are on no real list."""

import csv
import gzip
import os
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from zugong.demo import names

INVENTED = {names.COUNTY, *(name for name, *_ in names.TOWNSHIPS), names.RENAMED[1], names.MERGED[1]}


@pytest.fixture(scope="module")
def real():
    folder = Path(os.environ.get("ZUGONG_DATA", "")) / "divisions"
    if not os.environ.get("ZUGONG_DATA") or not folder.is_dir():
        pytest.skip("no divisions under ZUGONG_DATA")
    with open(folder / "areas.csv", encoding="utf-8") as areas:
        found = [row["name"] for row in csv.DictReader(areas)]
    with gzip.open(folder / "streets.csv.gz", "rt", encoding="utf-8") as streets:
        found += [row["name"] for row in csv.DictReader(streets)]
    return found


def test_no_county_or_township_of_the_demo_is_a_real_one(real):
    assert INVENTED.isdisjoint(real)


def test_no_real_place_begins_with_an_invented_name(real):
    stems = tuple(name.removesuffix("街道")[:2] for name in INVENTED)
    assert not [name for name in real if name.startswith(stems)]


def test_village_names_differ_and_no_person_is_named_twice():
    villages = names.village_names(Random(1), 268)
    people = [name for name, _ in islice(names.person_names(Random(1)), 9_000)]
    assert (len(set(villages)), len(set(people))) == (268, 9_000)
