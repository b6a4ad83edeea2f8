"""代理: somebody acts for a post until a day, in one chain of one link."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.core.errors import Refused
from zugong.registry import actions, deputies
from zugong.registry.answering import answering, vacant_under
from zugong.registry.models import Appointment, Subject
from zugong.registry.powers import mine, organisations
from zugong.registry.selecting import Asked, acting_for, holders_of

pytestmark = pytest.mark.django_db
WAYS = """
appointment: deputy
label: 代理
source: paper
clause: 第一条
acts_for: true
term: {months: 6}
---
appointment: secondment
label: 挂职
source: paper
clause: 第二条
keeps: home-post
detached: true
"""
LAST = DAY + timedelta(days=30)


@pytest.fixture
def place(db):
    in_force(ways=WAYS)
    made = county()
    made.people = {
        "head": made.person("甲", "township-head", made.townships[0]),
        "other": made.person("乙", "township-head", made.townships[1]),
    }
    made.posts = {name: _post(person) for name, person in made.people.items()}
    made.users = {
        "head": made.user(Role.CADRE, None, made.people["head"]),
        "other": made.user(Role.CADRE, None, made.people["other"]),
        "above": made.user(Role.DESK, made.root),
        "beside": made.user(Role.TOWNSHIP_CLERK, made.townships[0]),
    }
    return made


def _post(person):
    return Subject.objects.get(pk=Appointment.objects.on(DAY).get(person=person).post_id)


def _depute(place, by="head", to="other", post="head", **more):
    given = {"since": DAY, "until": LAST, "reason": "住院", "day": DAY} | more
    return deputies.depute(place.posts[post], to=place.people[to], kind="deputy", by=place.users[by], **given)


def test_a_deputy_answers_until_the_last_day_and_then_no_more(place):
    _depute(place)
    post = frozenset({place.posts["head"].pk})
    for day, who in ((DAY, "other"), (LAST - timedelta(days=1), "other"), (LAST, "head")):
        assert answering(post, day) == {place.posts["head"].pk: place.people[who].pk}
        assert acting_for(post, day) == {place.people[who].pk}
    assert holders_of(post, DAY) == {place.people["head"].pk}


def test_who_is_acted_for_does_not_speak_for_the_post_meanwhile(place):
    _depute(place)
    assert place.posts["head"].pk in mine(place.users["other"], DAY)
    assert place.posts["head"].pk not in mine(place.users["head"], DAY)
    assert place.posts["head"].pk in mine(place.users["head"], LAST)


def test_a_deputy_sees_what_the_post_sees_and_only_as_long(place):
    _depute(place)
    seen = set(organisations(place.users["other"], DAY).values_list("subject_id", flat=True))
    assert seen == {place.townships[0].pk, *(one.pk for one in place.villages)}
    assert not organisations(place.users["other"], LAST).exists()


def test_a_rule_finds_the_deputy_only_where_somebody_must_act(place):
    _depute(place)
    policy, words = actions.policy_on(DAY), {"about": frozenset({place.townships[0].pk})}
    who = "holder of post.township-head of about"
    assert Asked(policy, DAY, words, acting=True).find(who) == {place.people["other"].pk}
    assert Asked(policy, DAY, words).find(who) == {place.people["head"].pk}


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("请写明理由", {"reason": " "}),
        ("最长 6 个月", {"until": date(2025, 12, 1)}),
        ("过去的日子", {"since": DAY - timedelta(days=1)}),
        ("由担任这个职务的人或者上一级组织指定", {"by": "other"}),
        ("由担任这个职务的人或者上一级组织指定", {"by": "beside"}),
        ("已有人代理，或由本人担任", {"to": "head"}),
    ],
)
def test_a_deputy_is_named_by_the_holder_or_the_body_above_with_reason_and_end(place, said, more):
    with pytest.raises(Refused, match=said):
        _depute(place, **more)
    assert not Appointment.objects.filter(acts_for=True).exists()


def test_the_body_above_names_one_too_and_nobody_names_a_second(place):
    _depute(place, by="above")
    with pytest.raises(Refused, match="已有人代理"):
        _depute(place, by="above", to="other")


def test_there_is_one_chain_of_one_link(place):
    third = place.person("丙", "county-leader", place.office)
    place.people["third"] = third
    _depute(place)
    with pytest.raises(Refused, match="代理人不能再指定别人"):
        _depute(place, by="other", to="third")
    with pytest.raises(Refused, match="正代理别的职务"):
        _depute(place, by="above", post="other", to="third")
    place.posts["third"] = _post(third)
    with pytest.raises(Refused, match="自己的职务这段时间由别人代理"):
        _depute(place, by="above", post="third", to="head")


def test_a_deputy_without_end_is_refused_by_the_database_itself(place):
    row = _depute(place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(
            person=place.people["other"], post=place.posts["other"], kind="deputy", exclusive=False,
            acts_for=True, valid=(DAY, None), recorded=row.recorded, source="x", by="t",
        )  # fmt: skip


def test_a_deputys_time_is_ended_before_its_day_with_a_reason(place):
    row = _depute(place)
    with pytest.raises(Refused, match="请写明理由"):
        deputies.end(row, on=DAY + timedelta(days=3), reason="", by=place.users["head"], day=DAY)
    with pytest.raises(Refused, match="上一级组织指定"):
        deputies.end(row, on=DAY + timedelta(days=3), reason="回来了", by=place.users["other"], day=DAY)
    deputies.end(row, on=DAY + timedelta(days=3), reason="回来了", by=place.users["head"], day=DAY)
    post = frozenset({place.posts["head"].pk})
    assert acting_for(post, DAY + timedelta(days=2)) == {place.people["other"].pk}
    assert acting_for(post, DAY + timedelta(days=3)) == {place.people["head"].pk}


def test_while_nobody_is_in_a_post_the_body_above_its_organisation_answers(place):
    actions.release(Appointment.objects.on(DAY).get(person=place.people["head"]), on=DAY, by="t")
    post = place.posts["head"].pk
    assert answering(frozenset({post}), DAY) == {post: place.root.pk}
    assert vacant_under(frozenset({place.root.pk}), DAY) == {post}
    assert vacant_under(frozenset({place.townships[0].pk}), DAY) == frozenset()


def test_a_home_post_that_rests_is_answered_for_by_the_body_above(place):
    seat = actions.add("post", klass="county-leader", name="挂", parent=place.office, since=DAY, by="t")
    actions.appoint(place.people["head"], post=seat, since=DAY, by="t", kind="secondment")
    post = place.posts["head"].pk
    assert answering(frozenset({post}), DAY) == {post: place.root.pk}
