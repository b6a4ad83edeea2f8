"""The first organisation of a real county is entered at the machine; without it nobody could be given a role."""

from datetime import date
from pathlib import Path

from ground import County
from zugong.packs.loader import library
from zugong.registry import actions
from zugong.registry.models import Particulars

NAME = "中共青穆县委员会"


def ruled(county: County) -> None:
    with county.database():
        packs = library(Path(__file__).parents[3] / "packs")
        actions.put_in_force(packs, "qingmu", since=date(2020, 1, 1), by="甲", agreed_by="乙")


def test_before_a_pack_is_in_force_no_organisation_has_a_class(county: County) -> None:
    answer = county.zugong("first-organisation", NAME, "--class", "county-committee")
    assert answer.returncode == 1
    assert "制度包" in answer.stderr


def test_the_first_organisation_is_entered_and_no_second(county: County) -> None:
    ruled(county)
    strange = county.zugong("first-organisation", NAME, "--class", "no-such")
    assert "制度包没有“no-such”这一类组织" in strange.stderr
    first = county.zugong("first-organisation", NAME, "--class", "county-committee", "--code", "990101-D")
    assert f"已登记 {NAME}(县（市、区）委)。" in first.stdout
    assert first.returncode == 0, first.stderr
    with county.database():
        assert [row.name for row in Particulars.objects.filter(subject__noun="organisation")] == [NAME]
    second = county.zugong("first-organisation", "又一个", "--class", "county-committee")
    assert second.returncode == 1
    assert "已经有组织了" in second.stderr
