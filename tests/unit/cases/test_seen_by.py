"""`seen_by`: who may see the cases, activities and rolls of an entry, besides those who act and those above them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from little_county import county, in_force
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities import powers as activity_powers
from zugong.activities.rules import Report
from zugong.cases import actions, powers
from zugong.cases.models import Case
from zugong.registry import powers as registry
from zugong.registry.actions import policy_on

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
PACK = {
    "roles": """
roles:
  office: {label: 办公室, is: organisation.office}
  village: {label: 村, is: about}
""",
    "case": """
case: plain
label: 平常事项
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
stages: [{name: look, label: 看, body: office}]
---
case: closed
label: 不公开的事项
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
seen_by: [organisation.township except above.township of about]
stages: [{name: look, label: 看, body: office}]
---
case: personal
label: 关于人的事项
source: paper
about: person
opened_from: [person]
opened_by: office
seen_by: [about]
stages: [{name: look, label: 看, body: office}]
""",
    "activity": """
activity: talk
label: 谈话
source: paper
run_by: organisation
at: organisation.village
seen_by: [organisation.township]
""",
    "roll": """
roll: open
label: 公开的名册
source: paper
of: organisation.village
---
roll: narrow
label: 不公开的名册
source: paper
of: organisation.village
person_sees: false
seen_by: [organisation.office]
""",
}


@pytest.fixture
def place():
    in_force(**PACK)
    found = county()
    found.users = {
        "village": found.user(Role.VILLAGE_SECRETARY, found.villages[0]),
        "town": found.user(Role.TOWNSHIP_CLERK, found.townships[0]),
        "other": found.user(Role.TOWNSHIP_CLERK, found.townships[1]),
        "office": found.user(Role.DESK, found.office),
        "county": found.user(Role.DESK, found.root),
    }
    return found


def who_sees(place, case):
    return {
        name for name, user in place.users.items() if powers.visible(user, DAY).filter(pk=case.pk).exists()
    }


def opened(place, kind, about=None):
    return actions.open(kind, about=about or place.villages[0], day=DAY, by=place.users["office"])


def test_without_it_whoever_sees_the_subject_sees_the_case(place):
    assert who_sees(place, opened(place, "plain")) >= {"village", "town", "county"}


def test_with_it_only_who_acts_who_is_above_them_and_who_is_named(place):
    assert who_sees(place, opened(place, "closed")) == {"office", "county", "other"}


def test_whoever_may_not_see_it_gets_the_answer_of_one_that_is_not_there(place):
    case = opened(place, "closed")
    with pytest.raises(Case.DoesNotExist):
        powers.case(place.users["town"], case.pk, DAY)


def test_the_person_it_is_about_sees_it_where_they_are_named(place):
    person = place.person("甲", "county-leader")
    place.users["self"] = place.user(Role.CADRE, None, person)
    assert who_sees(place, opened(place, "personal", about=person)) == {"office", "county", "self"}


def test_an_activity_is_for_who_ran_it_and_who_is_named(place):
    talk = activities.hold(
        policy_on(DAY), "talk", day=DAY, run_by=place.office, at=place.villages[0], by=place.users["office"],
        today=DAY, report=Report(),
    )  # fmt: skip
    seen = {
        name
        for name, user in place.users.items()
        if activity_powers.visible(user, DAY).filter(pk=talk.pk).exists()
    }
    assert seen == {"office", "county", "town", "other"}, "the village where it was held is neither"


def test_a_roll_is_for_who_is_named(place):
    policy = policy_on(DAY)
    assert set(registry.rolls(place.users["office"], policy, DAY)) == {"open", "narrow"}
    assert set(registry.rolls(place.users["county"], policy, DAY)) == {"open"}
    assert set(registry.rolls(place.users["office"], policy, DAY, own=True)) == {"open"}


def test_what_is_kept_from_some_costs_no_question_for_each_case(place):
    persons = [place.person(name, "county-leader") for name in ("甲", "乙", "丙")]

    def asked():
        with CaptureQueriesContext(connection) as found:
            list(powers.visible(place.users["county"], DAY))
        return len(found)

    opened(place, "personal", about=persons[0])
    asked()  # whose grants are read once
    before = asked()
    for person in persons[1:]:
        opened(place, "personal", about=person)
    assert asked() == before
