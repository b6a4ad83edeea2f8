"""Work belongs to posts: it stays where it is, by the same clock, and somebody answers for it each day."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.cases import actions, awaiting, powers
from zugong.cases.rules import Move
from zugong.core.errors import Refused
from zugong.registry import actions as registry
from zugong.registry import deputies
from zugong.registry.answering import answering
from zugong.registry.models import Appointment, Subject

pytestmark = pytest.mark.django_db
PACK = {
    "roles": """
roles:
  office: {label: 办公室, is: organisation.office}
  head: {label: 乡镇长, is: holder of post.township-head of above.township of about}
  leader: {label: 县领导, is: holder of post.county-leader}
""",
    "fields": "fields:\n  result: {label: 结果, kind: text}\n",
    "ways": """
appointment: deputy
label: 代理
source: paper
acts_for: true
---
appointment: jointly
label: 共同担任
source: paper
exclusive: false
""",
    "case": """
case: plan
label: 整顿
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 整
stages:
  - {name: work, label: 整顿, role: head, children: {case: job, template: [{label: 甲事}]}, clock: {days: 40, remind: 3}}
  - {name: check, label: 核对, body: leader, not_by: [work], two_people: true, outcomes: {good: end}, words: {good: 合格}}
---
case: job
label: 任务
source: paper
about: organisation.village
opened_from: [case]
once: ""
number: 任
stages:
  - {name: do, label: 办理, role: head, needs: [result], clock: {days: 20, remind: 3}}
""",
}


def _placed():
    in_force(**PACK)
    made = county()
    made.people = {
        "head": made.person("甲", "township-head", made.townships[0]),
        "next": made.person("乙"),
        "neighbour": made.person("丙", "township-head", made.townships[1]),
    }
    where = {
        "head": 0,
        "next": 0,
        "neighbour": 1,
    }  # they see their township; what they do they do through the post
    made.users = {
        name: made.user(Role.LEADER, made.townships[where[name]], one) for name, one in made.people.items()
    }
    made.users["office"] = made.user(Role.DESK, made.office)
    made.users["root"] = made.user(Role.DESK, made.root)
    made.post = Subject.objects.get(pk=Appointment.objects.on(DAY).get(person=made.people["head"]).post_id)
    made.case = actions.open("plan", about=made.villages[0], day=DAY, by=made.users["office"])
    made.task = made.case.children.get()
    actions.give(made.task, to=made.post, by=made.users["head"], day=DAY)
    return made


@pytest.fixture
def place(db):
    return _placed()


def _release(place, on):
    registry.release(Appointment.objects.on(on).get(post=place.post, acts_for=False), on=on, by="t")


def _depute(place, *, day=DAY, days=10, by="head", to="neighbour"):
    return deputies.depute(
        place.post, to=place.people[to], kind="deputy", since=day, until=day + timedelta(days=days),
        reason="住院", by=place.users[by], day=day,
    )  # fmt: skip


def _waits(user, day):
    return {one.case.pk for one in awaiting.awaiting(user, day)}


def test_a_task_of_a_post_goes_on_with_the_successor_by_the_same_clock(place):
    due, later = place.task.due_on, DAY + timedelta(days=5)
    assert _waits(place.users["head"], DAY) == {place.task.pk, place.case.pk}
    _release(place, later)
    registry.appoint(place.people["next"], post=place.post, since=later, by="t")
    assert _waits(place.users["head"], later) == set()
    assert _waits(place.users["next"], later) == {place.task.pk, place.case.pk}
    place.task.refresh_from_db()
    assert place.task.due_on == due
    with pytest.raises(Refused, match="办理"):
        actions.submit(place.task, by=place.users["head"], day=later, answers={"result": "做了"})
    step = actions.submit(place.task, by=place.users["next"], day=later, answers={"result": "做了"})
    assert step.instead_of is None


def test_while_nobody_is_in_the_post_the_body_above_has_it_on_its_desk_and_may_give_it_away(place):
    _release(place, DAY)
    assert powers.awaited(place.task, DAY) == frozenset()
    assert powers.answerable(place.task, DAY) == {place.root.pk}
    assert powers.answerable(place.case, DAY) == {place.root.pk}
    assert powers.empty_posts(place.task, DAY) == {place.post.pk}
    taken = {one.case.pk for one in awaiting.taken_in(place.users["root"], DAY)}
    assert taken == {place.task.pk, place.case.pk}
    assert awaiting.taken_in(place.users["office"], DAY) == []
    with pytest.raises(Refused, match="办理"):
        actions.submit(place.task, by=place.users["root"], day=DAY, answers={"result": "代办"})
    actions.give(place.task, to=place.people["next"], by=place.users["root"], day=DAY)
    assert powers.answerable(place.task, DAY) == {place.people["next"].pk}


def test_a_deputys_step_says_for_whom_and_the_holder_takes_none_meanwhile(place):
    _depute(place)
    assert _waits(place.users["head"], DAY) == set()
    with pytest.raises(Refused, match="办理"):
        actions.accept(place.task, by=place.users["head"], day=DAY)
    step = actions.accept(place.task, by=place.users["neighbour"], day=DAY)
    assert step.instead_of_id == place.people["head"].pk


def test_a_deputy_of_an_empty_post_acts_for_the_post(place):
    _release(place, DAY)
    _depute(place, by="root")
    step = actions.submit(place.task, by=place.users["neighbour"], day=DAY, answers={"result": "做了"})
    assert step.instead_of_id == place.post.pk


def test_what_somebody_does_in_their_own_right_is_done_for_nobody(place):
    other = actions.open("plan", about=_village_of(place, 1), day=DAY, by=place.users["office"])
    _depute(place)
    assert actions.accept(other, by=place.users["neighbour"], day=DAY).instead_of is None


def _village_of(place, number):
    return registry.add(
        "organisation", klass="village", name="邻村", parent=place.townships[number], since=DAY, by="t"
    )


def test_a_deputy_ends_by_themselves(place):
    _depute(place, days=3)
    after = DAY + timedelta(days=3)
    assert _waits(place.users["neighbour"], after) == set()
    assert _waits(place.users["head"], after) == {place.task.pk, place.case.pk}
    with pytest.raises(Refused, match="办理"):
        actions.accept(place.task, by=place.users["neighbour"], day=after)


def test_a_deputy_and_whom_they_act_for_are_one_person(place):
    """The leader proposes; the leader's deputy is no second person, and who did the work does not check it as a deputy."""
    leader = place.person("丁", "county-leader", place.office)
    place.users["leader"] = place.user(Role.LEADER, place.root, leader)
    seat = Subject.objects.get(pk=Appointment.objects.on(DAY).get(person=leader).post_id)
    actions.submit(place.task, by=place.users["head"], day=DAY, answers={"result": "做了"})
    actions.submit(place.case, by=place.users["head"], day=DAY)
    actions.submit(place.case, by=place.users["leader"], day=DAY, outcome="good")
    later = DAY + timedelta(days=1)
    deputies.depute(
        seat, to=place.people["neighbour"], kind="deputy", since=DAY, until=later, reason="出差",
        by=place.users["leader"], day=DAY,
    )  # fmt: skip
    assert Move.AGREE not in powers.moves(place.users["neighbour"], place.case, DAY)
    with pytest.raises(Refused, match="代理人和被代理的人算同一人"):
        actions.agree(place.case, by=place.users["neighbour"], day=DAY)
    deputies.depute(
        seat, to=place.people["head"], kind="deputy", since=later, until=later + timedelta(days=5),
        reason="出差", by=place.users["leader"], day=later,
    )  # fmt: skip
    place.case.refresh_from_db()
    assert powers.decides_own(
        place.users["head"], powers.kind_of(place.case).stage("check"), place.case, later
    )


# --- Whatever becomes of the people --------------------------------------------------------


class Answerable(RuleBasedStateMachine):
    """People come, go, share, rest and act for each other, tasks are given about: each has who answers for it, every day."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.place, self.day = _placed(), DAY
        self.due = date(2025, 3, 31)  # twenty days on is a Sunday

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule()
    def a_day_passes(self):
        self.day += timedelta(days=1)

    @rule(
        who=st.sampled_from(["head", "next", "neighbour"]),
        kind=st.sampled_from(["substantive", "substantive", "jointly"]),
        days=st.none() | st.integers(1, 4),
    )
    def somebody_is_appointed(self, who, kind, days):
        until = self.day + timedelta(days=days) if days else None
        self._try(
            lambda: registry.appoint(
                self.place.people[who], post=self.place.post, since=self.day, until=until, kind=kind, by="t"
            )
        )

    @rule(deputy=st.booleans(), last=st.booleans(), days=st.integers(0, 2))
    def somebody_goes(self, deputy, last, days):
        rows = Appointment.objects.on(self.day).filter(post=self.place.post, acts_for=deputy).order_by("pk")
        if row := rows.last() if last else rows.first():
            self._try(lambda: registry.release(row, on=self.day + timedelta(days=days), by="t"))

    @rule(to=st.sampled_from(["head", "next", "neighbour"]), days=st.integers(1, 4))
    def a_deputy_is_named(self, to, days):
        self._by_whoever_may(lambda by: _depute(self.place, day=self.day, days=days, by=by, to=to))

    @rule(to=st.sampled_from(["post", "next", "village"]))
    def the_task_is_given(self, to):
        whom = {"post": self.place.post, "next": self.place.people["next"], "village": self.place.villages[0]}
        self._by_whoever_may(
            lambda by: actions.give(self.place.task, to=whom[to], by=self.place.users[by], day=self.day)
        )

    @rule()
    def the_task_is_accepted(self):
        self._by_whoever_may(
            lambda by: actions.accept(self.place.task, by=self.place.users[by], day=self.day)
        )

    @invariant()
    def each_open_task_has_one_who_answers_or_those_who_share_its_post(self):
        self.place.task.refresh_from_db()
        answers = powers.answerable(self.place.task, self.day)
        assert len(answers) == 1 or answers == self._sharing()
        if self.place.task.holder == self.place.post:
            assert answering(frozenset({self.place.post.pk}), self.day)[self.place.post.pk] in answers
        able = {
            name for name, user in self.place.users.items() if powers.acting(user, self.place.task, self.day)
        }
        assert {self.place.users[name].person_id for name in able} == answers & {
            person.pk for person in self.place.people.values()
        }
        desks = {
            name for name, user in self.place.users.items() if self.place.task.pk in _waits(user, self.day)
        }
        assert desks == able

    @invariant()
    def its_clock_stands(self):
        assert self.place.task.due_on == self.due

    def _sharing(self):
        """Whoever holds the post while nobody stands in for them."""
        rows = Appointment.objects.on(self.day).filter(post=self.place.post)
        return set() if rows.filter(acts_for=True) else set(rows.values_list("person_id", flat=True))

    def _by_whoever_may(self, deed):
        any(self._try(lambda by=by: deed(by)) for by in ("head", "next", "neighbour", "root"))

    def _try(self, deed):
        try:
            with transaction.atomic():
                deed()
        except Refused:
            return False
        return True


@pytest.mark.soak
def test_at_every_moment_each_open_task_has_exactly_one_who_answers_for_it(db, whole):
    run_state_machine_as_test(
        Answerable,
        settings=settings(
            max_examples=100 if whole else 8,
            stateful_step_count=50 if whole else 15,
            suppress_health_check=list(HealthCheck),
        ),
    )
