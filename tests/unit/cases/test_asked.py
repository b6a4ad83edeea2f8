"""What a stage asks counts at once: for the effects of its own event, and for the deadline that somebody decides on."""

from datetime import date

import pytest

from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.cases import actions
from zugong.core.errors import Refused
from zugong.registry.models import Standing

pytestmark = pytest.mark.django_db

PACK = {
    "roles": "roles:\n  office: {label: 办公室, is: organisation.office}\n  village: {label: 村, is: about}\n",
    "fields": """
fields:
  kind: {label: 类型, kind: choice, options: [{id: weak, label: 软}, {id: poor, label: 穷}]}
  by-when: {label: 哪天以前, kind: day}
""",
    "roll": "roll: listed\nlabel: 名册\nsource: paper\nof: organisation.village\nvalue: [weak, poor]\n",
    "case": """
case: cure
label: 整治
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 治
stages:
  - {name: list, label: 列入, body: office, needs: [kind, by-when]}
  - {name: work, label: 整治, role: village, clock: {days: 10, asked: by-when, overdue: organisation.office}}
  - name: check
    label: 核对
    body: office
    outcomes: {good: end, again: work}
    words: {good: 合格, again: 再办}
effects:
  on list: [{enter: listed, value: kind, when: "kind == 'poor'"}]
""",
}


@pytest.fixture
def place():
    in_force(**PACK)
    found = county()
    found.users = {
        "office": found.user(Role.DESK, found.office),
        "village": found.user(Role.VILLAGE_SECRETARY, found.villages[0]),
    }
    return found


def listed(place, **answers):
    case = actions.open("cure", about=place.villages[0], day=DAY, by=place.users["office"])
    actions.submit(case, by=place.users["office"], day=DAY, answers=answers)
    return case


def test_an_effect_reads_what_its_own_stage_was_answered(place):
    listed(place, kind="poor", **{"by-when": "2025-12-01"})
    assert Standing.objects.get(roll="listed").value == "poor"


def test_an_effect_whose_guard_does_not_hold_on_that_answer_does_nothing(place):
    listed(place, kind="weak", **{"by-when": "2025-12-01"})
    assert not Standing.objects.filter(roll="listed").exists()


def test_the_day_that_was_written_down_is_the_deadline(place):
    case = listed(place, kind="poor", **{"by-when": "2025-12-01"})
    assert case.due_on == date(2025, 12, 1)


def test_a_day_that_has_passed_is_refused_before_it_binds_anybody(place):
    with pytest.raises(Refused, match="不能早于今天"):
        listed(place, kind="poor", **{"by-when": "2020-01-01"})


def test_once_that_day_is_over_the_other_words_hold(place):
    case = listed(place, kind="poor", **{"by-when": "2025-12-01"})
    actions.submit(case, by=place.users["village"], day=date(2025, 12, 3))
    actions.submit(case, by=place.users["office"], day=date(2025, 12, 4), outcome="again")
    case.refresh_from_db()
    assert (case.stage, case.due_on > date(2025, 12, 4)) == ("work", True)
