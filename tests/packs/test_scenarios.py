"""Every scenario of every pack holds on a real database."""

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


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(("scenario", "document", "pack"), FOUND, ids=[one[0].scenario for one in FOUND])
def test_scenario(scenario, document, pack):
    report = running.run(scenario, document, pack, TEXTS)
    assert [str(failure) for failure in report.failures] == []


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
    reports = [running.run(*one, TEXTS) for one in FOUND if one[0].golden in wanted]
    found = coverage(reports, ROOT / "docs" / "mechanisms.csv")
    assert found["refused"].keys() >= {"JL-JH-40"} <= found["succeeds"].keys()
    assert found["succeeds"].keys() >= {"JL-SL-01"}
    assert "JL-PS-01" in found["not_computable"]
    assert "CK-04" in found["missing"]
    assert len(found["covered"]) + len(found["missing"]) + len(found["not_computable"]) == 482


def test_the_golden_scenarios_of_this_release_are_all_here():
    golden = {one[0].golden for one in FOUND}
    assert golden >= {"GS-01", "GS-02", "GS-03", "GS-04", "GS-05", "GS-08", "GS-13"}
