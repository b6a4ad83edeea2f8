"""Requests about the same matter are proposed for merging; nobody is shown what they may not see."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from little_county import county, in_force
from little_requests import PACK
from zugong.accounts.rules import Role
from zugong.cases import actions, intake, likeness
from zugong.cases.hot import hot
from zugong.cases.models import Receipt

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
AT = datetime(2025, 3, 10, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DARK = "柳树街三号楼前的路灯已经三天不亮，晚上老人出门看不清路，请尽快派人来修"
AGAIN = "柳树街3号楼前的路灯已经五天不亮了，晚上老人出门看不清路，请尽快派人修一修"
OTHER = "村小学门口每天放学堵车，孩子过马路很危险，希望安排人疏导交通"
COUNTED = PACK["case"].replace("look_back: 30", "look_back: 30, alike: 600", 1)


@pytest.fixture
def place():
    in_force(**PACK | {"case": COUNTED})
    found = county()
    found.town = found.user(Role.TOWNSHIP_CLERK, found.townships[0])
    found.village = found.user(Role.VILLAGE_SECRETARY, found.villages[0])
    found.head = found.user(Role.HEAD, found.root)
    return found


def taken(place, matter, *, at=0, day=DAY):
    receipt, _code = intake.receive(
        "request", about=place.villages[at], answers={"matter": matter}, channel="public",
        day=day, at=AT, by=None, key=f"{matter}{at}{day}".ljust(32, "k"),
    )  # fmt: skip
    return receipt.case


def found(case, by, day=DAY):
    return [one.case for one in likeness.alike(case, by, day)]


def test_hot_issues_are_found_where_the_pack_says_how_near_they_lie(place):
    first, again, other = taken(place, DARK), taken(place, AGAIN), taken(place, OTHER)
    assert hot(place.head, DAY, DAY) == [], "an empty place shows none"
    case = COUNTED.replace("alike: 600", "alike: 600, near: 280", 1)
    in_force(DAY, **PACK | {"case": case})
    later = [taken(place, f"{matter}！", day=DAY) for matter in (DARK, AGAIN, OTHER)]
    (issue,) = hot(place.head, DAY, DAY)
    assert set(issue.cases) == {*later[:2]}
    assert not {first, again, other} & set(issue.cases), "they go on under rules that say nothing of it"


def test_the_same_matter_told_again_is_found_and_another_is_not(place):
    first, again, other = taken(place, DARK), taken(place, AGAIN), taken(place, OTHER)
    (near,) = likeness.alike(again, place.head, DAY)
    assert near.case == first
    assert 600 <= near.share < 1000
    assert near.matter == DARK
    assert found(other, place.head) == []


def test_a_receipt_keeps_the_signature_and_no_word(place):
    words = Receipt.objects.get(case=taken(place, DARK)).words
    assert len(words) == 32
    assert all(isinstance(word, int) for word in words)


def test_who_may_not_see_the_other_is_not_told_of_it(place):
    taken(place, DARK, at=-1)
    mine = taken(place, AGAIN)
    assert found(mine, place.head)
    assert found(mine, place.village) == []


def test_what_ended_or_is_older_than_the_pack_looks_back_is_not_found(place):
    old = taken(place, DARK, day=DAY - timedelta(days=31))
    mine = taken(place, AGAIN)
    assert found(mine, place.head) == []
    near = taken(place, DARK + "急", day=DAY)
    assert found(mine, place.head) == [near]
    actions.merge(near, mine, by=place.town, day=DAY, reason="同一盏灯")
    assert found(mine, place.head) == []
    assert old.is_open()


def test_without_the_packs_figure_nothing_is_proposed(place):
    in_force(**PACK)
    first = taken(place, DARK)
    assert found(taken(place, AGAIN), place.head) == []
    assert first.is_open()
