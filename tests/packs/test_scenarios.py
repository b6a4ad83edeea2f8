"""Every scenario of every pack holds on a real database."""

import csv
import functools
import random
import re
from pathlib import Path

import pytest

from zugong.packs.loader import library
from zugong.scenarios import running
from zugong.scenarios.coverage import coverage

ROOT = Path(__file__).resolve().parent.parent.parent
PACKS = ROOT / "packs"
FOUND, FINDINGS = running.gather([PACKS], PACKS)
TEXTS = library(PACKS)


def test_every_scenario_can_be_read():
    assert FINDINGS == []


@functools.cache
def report_of(place):
    """Run a scenario once, for every test that asks what became of it."""
    return running.run(*FOUND[place], TEXTS)


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize("place", range(len(FOUND)), ids=[one[0].scenario for one in FOUND])
def test_scenario(place):
    assert [str(failure) for failure in report_of(place).failures] == []


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(
    ("groups", "computable"),
    [("HI", 81), ("LG", 96)],
    ids=["ratings and rectification", "requests and tasks"],
)
def test_every_computable_row_of_a_group_is_covered_succeeding_and_refused(groups, computable):
    found = coverage(map(report_of, range(len(FOUND))), ROOT / "docs" / "mechanisms.csv")
    with (ROOT / "docs" / "mechanisms.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["id"] for row in csv.DictReader(lines) if row["group"] in groups}
    orientation = rows & set(found["not_computable"])
    assert len(rows - orientation) == computable
    assert rows - orientation - found["succeeds"].keys() == set()
    assert rows - orientation - found["refused"].keys() == set()


@pytest.mark.soak
@pytest.mark.django_db
def test_taking_away_the_entries_that_carry_a_method_makes_its_scenario_fail(whole):
    pairs = [(one, id) for one in FOUND for id in one[0].mechanisms]
    for (scenario, document, pack), id in pairs if whole else random.Random(7).sample(pairs, 3):
        report = running.run(scenario, document, pack, without(id))
        assert not report.passed, f"{scenario.scenario} does not need what carries {id}"


def without(id: str) -> dict[str, dict[str, str]]:
    """Every pack, less the entries that carry a method."""
    carries = re.compile(rf"^mechanisms: \[.*\b{id}\b.*\]$", re.MULTILINE)
    return {
        pack: {
            path: "\n---\n".join(part for part in text.split("\n---\n") if not carries.search(part))
            for path, text in files.items()
        }
        for pack, files in TEXTS.items()
    }


@pytest.mark.django_db
def test_naming_a_method_that_no_entry_carries_fails():
    scenario, document, pack = next(one for one in FOUND if one[0].golden == "GS-13")
    named = scenario.model_copy(update={"mechanisms": [*scenario.mechanisms, "JL-PS-30"]})
    report = running.run(named, document, pack, TEXTS)
    assert [failure.sentence for failure in report.failures] == ["写明的 JL-PS-30 没有条目被用到"]


@pytest.mark.django_db
def test_coverage_tells_succeeding_from_refused_and_what_is_missing():
    wanted = {"GS-13", "GS-02"}
    reports = [report_of(place) for place, one in enumerate(FOUND) if one[0].golden in wanted]
    found = coverage(reports, ROOT / "docs" / "mechanisms.csv")
    assert found["refused"].keys() >= {"JL-JH-40"} <= found["succeeds"].keys()
    assert found["succeeds"].keys() >= {"JL-SL-01"}
    assert "JL-PS-01" in found["not_computable"]
    assert "CK-04" in found["missing"]
    assert len(found["covered"]) + len(found["missing"]) + len(found["not_computable"]) == 482


def test_the_golden_scenarios_of_ratings_rectification_and_requests_are_all_here():
    golden = {one[0].golden for one in FOUND}
    rectification = {"GS-03", "GS-04", "GS-05", "GS-08", "GS-10", "GS-11", "GS-13", "GS-17", "GS-36"}
    requests = {"GS-18", "GS-20", "GS-21", "GS-22", "GS-24", "GS-25", "GS-29"}
    assert golden >= {"GS-01", "GS-02", "GS-37"} | rectification | requests
