"""挂职、顶岗: what a pack says of a kind of appointment is what holds of it."""

from datetime import date

import pytest

from little_county import county, in_force
from zugong.accounts.jobs import warn_of_terms
from zugong.accounts.rules import Role
from zugong.core.errors import Refused
from zugong.core.outbox.models import Message
from zugong.registry import actions
from zugong.registry.models import Appointment
from zugong.registry.selecting import holders_of

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
END = date(2026, 3, 10)
WAYS = """
appointment: secondment
label: 挂职
source: paper
clause: 第一条
keeps: home-post
detached: true
term: {months: 12, warn: 30}
---
appointment: acting
label: 顶岗
source: paper
clause: 第二条
exclusive: false
"""


@pytest.fixture
def place(db):
    in_force(ways=WAYS)
    return county()


@pytest.fixture
def away(place):
    """A cadre of the office who holds a post there, and one in a township besides."""
    person = place.person("甲", "county-leader", place.office)
    seat = _post(place.townships[0])
    return person, actions.appoint(person, post=seat, since=DAY, by="t", kind="secondment")


def _post(of):
    return actions.add("post", klass="township-head", name="乡镇长", parent=of, since=DAY, by="t")


def test_only_who_has_a_home_post_can_keep_it(place):
    with pytest.raises(Refused, match="没有担任职务"):
        actions.appoint(
            place.person("乙"), post=_post(place.townships[0]), since=DAY, by="t", kind="secondment"
        )


def test_the_home_post_stays_held_until_the_secondment_ends(away):
    person, secondment = away
    home = Appointment.objects.on(DAY).get(person=person, kind="substantive")
    with pytest.raises(Refused, match="保留原职务"):
        actions.release(home, on=END, by="t")
    actions.release(secondment, on=END, by="t")
    actions.release(home, on=END, by="t")
    assert not Appointment.objects.on(END).filter(person=person).exists()


def test_whoever_is_detached_does_not_count_as_holder_of_the_home_post(away):
    person, secondment = away
    home = Appointment.objects.on(DAY).get(person=person, kind="substantive").post_id
    assert holders_of(frozenset({home}), date(2025, 3, 9)) == {person.pk}
    assert holders_of(frozenset({home}), DAY) == set()
    assert holders_of(frozenset({secondment.post_id}), DAY) == {person.pk}


def test_an_acting_post_stands_beside_the_holder(place):
    seat = _post(place.townships[0])
    actions.appoint(place.person("乙"), post=seat, since=DAY, by="t")
    actions.appoint(place.person("丙"), post=seat, since=DAY, by="t", kind="acting")
    assert len(holders_of(frozenset({seat.pk}), DAY)) == 2


def test_a_way_that_no_pack_knows_is_refused(place):
    with pytest.raises(Refused, match="没有启用"):
        actions.appoint(place.person("乙"), post=_post(place.townships[0]), since=DAY, by="t", kind="loan")


def test_a_term_proposes_an_end_and_is_warned_of_once_before_it(place, away):
    person, secondment = away
    place.user(Role.CADRE, None, person)
    assert secondment.due_on == END
    assert warn_of_terms(date(2026, 2, 7)) == 0
    assert warn_of_terms(date(2026, 2, 8)) == 1
    assert warn_of_terms(date(2026, 2, 9)) == 0
    assert "即将到期" in Message.objects.get().sentence
    assert Appointment.objects.on(date(2027, 1, 1)).filter(pk=secondment.pk).exists(), "a person ends it"
