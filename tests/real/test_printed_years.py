"""The printed years of 磐石 and 舒兰, beside the real trees of both. No mark is ever attached to a real place."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from zugong.accounts.models import User
from zugong.imports.divisions import actions as divisions_in
from zugong.imports.divisions.reading import read
from zugong.packs.loader import library
from zugong.registry.models import Particulars
from zugong.scenarios.format import Scenario
from zugong.scenarios.world import build
from zugong.scorecards import actions, engine
from zugong.scorecards.models import Result

pytestmark = pytest.mark.django_db
PACKS = Path(__file__).resolve().parent.parent.parent / "packs"
DAY = date(2019, 3, 1)
PANSHI = "220284"
SHULAN = "220283"


def villages_of(folder: Path, county: str) -> int:
    """Load a real county's tree into the registry and count its villages, communities left out."""
    report = divisions_in.load(read(folder, [county]), day=DAY, by="t")
    assert Particulars.objects.on(DAY).filter(subject__code=county).exists()
    return report.counties[0].villages["村"]


def world_of(pack: str, villages: int):
    """So many unnamed organisations, a desk, and nothing real."""
    scenario = Scenario.model_validate(
        {
            "scenario": pack,
            "day": DAY,
            "given": {
                "since": date(2018, 1, 1),
                "organisations": [
                    {"id": "county", "class": "county-committee"},
                    {"id": "dept", "class": "organisation-department"},
                    *({"id": f"v{n}", "class": "village", "under": "county"} for n in range(villages)),
                ],
                "users": [{"id": "chen", "roles": {"desk": "dept"}}],
            },
        }
    )
    return build(scenario, library(PACKS), pack)


def decided(pack: str, card: str, grades: dict[str, int]):
    world = world_of(pack, sum(grades.values()))
    units = sorted(world.find("organisation.village"))
    words = [grade for grade, count in grades.items() for _ in range(count)]
    return actions.decide_without_score(
        card,
        day=DAY,
        grades=dict(zip(units, words, strict=True)),
        minutes="照公布的数目",
        by=User.objects.get(username="chen"),
    )


def test_the_printed_year_of_panshi_stands_over_its_real_tree(divisions):
    grades = {"5": 22, "4": 25, "3": 92, "2": 102, "1": 25, "not-rated": 2}
    run = decided("panshi", "village-stars", grades)
    counts = Counter(run.results.values_list("grade", flat=True))
    assert counts == grades
    assert counts["1"] + counts["not-rated"] == 27
    assert villages_of(divisions, PANSHI) == sum(grades.values()) == 268
    assert not run.computed


def test_the_printed_year_of_shulan_differs_by_one_from_its_tree_of_2023_and_says_so(divisions):
    run = decided("shulan", "inverse-ranking", {"weak": 22, "kept": 188})
    (verdict,) = engine.Outcome.read(actions.folder_of(run)).verdicts
    assert (verdict.base, verdict.wanted, verdict.found, verdict.passes) == (210, 21, 22, True)
    assert "进一" in verdict.sentence.zh
    assert villages_of(divisions, SHULAN) - verdict.base == 1


def test_no_mark_is_attached_to_a_real_place(divisions):
    decided("panshi", "village-stars", {"5": 1, "1": 1})
    divisions_in.load(read(divisions, [PANSHI]), day=DAY, by="t")
    assert not Result.objects.filter(unit__noun="place").exists()
    assert not Result.objects.filter(unit__code__startswith=PANSHI[:2]).exists()
