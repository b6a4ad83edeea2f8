"""A question for an organisation or a person names who can be chosen; nobody else is taken."""

import pytest

from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.cases import actions, powers
from zugong.core.errors import Refused
from zugong.registry import actions as registry
from zugong.registry.actions import policy_on
from zugong.registry.models import Subject
from zugong.web.questions import question, read

pytestmark = pytest.mark.django_db

PACK = {
    "roles": "roles:\n  office: {label: 办公室, is: organisation.office}\n  village: {label: 村, is: about}\n",
    "fields": """
fields:
  helper: {label: 帮办单位, kind: organisation, among: link.helps.unit of about}
  besides: {label: 还有谁, kind: organisation, many: true, among: organisation.office or about}
""",
    "link": """
link: helps
label: 帮办
source: paper
kinds: {unit: {label: 帮办单位, from: organisation, to: organisation.village}}
""",
    "case": """
case: help
label: 帮办
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
may_ask: [besides]
number: 帮
stages:
  - {name: give, label: 交办, body: office, needs: [helper], gives: helper}
  - {name: check, label: 核对, body: office, needs: [helper]}
""",
}


@pytest.fixture
def place():
    in_force(**PACK)
    found = county()
    found.users = {"office": found.user(Role.DESK, found.office)}
    found.tie = registry.tie(
        policy_on(DAY), "helps", "unit", near=found.villages[1], far=found.villages[0], since=DAY, by="测试"
    )
    return found


def opened(place, **answers):
    return actions.open(
        "help", about=place.villages[0], day=DAY, by=place.users["office"], answers=answers or None
    )


def give(place, case, to: Subject):
    return actions.submit(case, by=place.users["office"], day=DAY, answers={"helper": to.pk})


def test_whom_the_field_offers_is_taken(place):
    case = opened(place)
    give(place, case, place.villages[1])
    assert case.holder == place.villages[1]


def test_whom_it_does_not_offer_is_refused_by_name(place):
    case = opened(place)
    with pytest.raises(Refused, match=f"帮办单位.*{place.office.name_on(DAY)}") as refused:
        give(place, case, place.office)
    assert refused.value.field == "helper"
    assert case.holder is None
    assert not case.answers.exists()


def test_of_several_each_is_looked_at_at_the_opening_too(place):
    with pytest.raises(Refused, match="还有谁"):
        opened(place, besides=[place.office.pk, place.villages[1].pk])
    opened(place, besides=[place.office.pk, place.villages[0].pk])


def test_what_was_answered_while_it_was_offered_may_be_said_again(place):
    case = opened(place)
    give(place, case, place.villages[1])
    registry.untie(place.tie, on=DAY, by="测试")
    give(place, case, place.villages[1])
    assert not case.is_open()


def test_the_question_offers_them_alone_and_the_answer_is_read_by_name(place):
    case = opened(place)
    policy = powers.policy_for(case)
    asked = question(policy, "helper", DAY, required=True, asked=powers.asked(case, DAY))
    assert [value for value, _label in asked.choices] == ["", str(place.villages[1].pk)]
    assert read(policy, "helper", place.villages[1].pk, DAY) == place.villages[1].name_on(DAY)
    assert read(policy, "besides", [place.office.pk], DAY) == place.office.name_on(DAY)
