"""Duties: opened once for each period, counted by what was held, kept, missed or excused."""

from __future__ import annotations

import itertools
import random
import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from little_county import LONG_AGO, County, county, in_force
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities.rules import Item, Report
from zugong.cases import actions as cases
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.core.pending.models import Pending
from zugong.duties import actions as duties
from zugong.duties import facts, jobs, powers
from zugong.duties.models import Fulfilment, Occurrence, Opening
from zugong.registry import actions as registry
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition, Standing, Subject

FEBRUARY, MARCH, APRIL = date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)
TENTH, END = date(2025, 3, 10), date(2025, 3, 31)
PACK = """
activity: village-visit
label: 到村指导
at: organisation.village
---
activity: class
label: 党课
run_by: organisation.village
present: counted
---
link: supporter
label: 包联
kinds:
  leader:
    label: 包保领导
    from: person.county-leader
    to: organisation.village
    each_from: {values: {unknown: {value: "1.."}}}
    each_to: {values: {unknown: {value: "1"}}}
---
roll: behind
label: 落后名单
of: person
---
roll: weak
label: 软弱涣散名单
of: organisation.village
---
case: rectification
label: 整顿
about: organisation.village
opened_from: [person]
stages:
  - {name: plan, label: 方案, role: township}
  - {name: work, label: 整改, role: township}
---
duty: leader-visit
label: 领导到村
source: paper
clause: 第七条
who: link.supporter.leader
every: month
at_least: {values: {2020-01-01: {value: 1, per: person}}}
done_by: {activity: village-visit, at_far_end: true}
remind: [{before: {values: {2020-01-01: {value: 5}}}}]
effects:
  on missed: [{enter: behind}, {put: monthly}]
---
duty: head-visit
label: 乡镇领导到村
who: person.township-head
every: month
at_least: {values: {2020-01-01: {value: 4, per: person}}}
done_by: {activity: village-visit}
---
duty: each-village
label: 逐村走访
who: link.supporter.leader
while: organisation.village on weak
every: quarter
at_least: {values: {2020-01-01: {value: 2, per: village}}}
done_by: {activity: village-visit}
---
duty: while-in-work
label: 整改期间走访
who: link.supporter.leader
while: case.rectification at work
every: month
at_least: {values: {2020-01-01: {value: 1, per: link}}}
done_by: {activity: village-visit}
---
duty: class
label: 每月党课
who: organisation.village
every: {month: 1, day: 27}
at_least: {values: {2025-03-01: {value: 1}}}
done_by: {activity: class}
---
activity: dispatch
label: 调度会
run_by: organisation.office
---
duty: dispatch
label: 季度调度
who: organisation.office
with: link.supporter.leader
every: quarter
at_least: {values: {2020-01-01: {value: 1}}}
done_by: {activity: dispatch, over: case.rectification at work}
---
duty: income
label: 收入年报
who: organisation.village
every: year
asks: [income, members]
"""
NAMES = """
fields:
  income: {label: 村集体收入, kind: money}
  members: {label: 党员数, kind: number, unit: 人}
---
roles:
  township: {label: 乡镇, is: above.township of about}
"""


class Cast:
    """The county with two leaders, who support villages, and two township heads."""

    def __init__(self, **more: str) -> None:
        self.county: County = county()
        self.edition: Edition = in_force(everything=PACK, names2=NAMES, **more)
        self.policy = policy_of(self.edition)
        self.a, self.b = (self.county.person(name, "county-leader") for name in ("甲", "乙"))
        self.c, self.d = (
            self.county.person(name, "township-head", self.county.townships[n])
            for n, name in enumerate(("丙", "丁"))
        )
        self.secretaries = {
            village.pk: self.county.user(Role.VILLAGE_SECRETARY, village) for village in self.villages
        }

    @property
    def villages(self) -> list[Subject]:
        return self.county.villages

    def tie(self, leader: Subject, village: Subject, since: date = LONG_AGO) -> None:
        registry.tie(self.policy, "supporter", "leader", near=leader, far=village, since=since, by="t")

    def visit(self, village: Subject, *who: Subject, day: date = TENTH):
        return activities.hold(
            self.policy,
            "village-visit",
            day=day,
            run_by=village,
            at=village,
            report=Report(present=tuple(person.pk for person in who)),
            by=self.secretaries[village.pk],
            today=day,
        )


@pytest.fixture
def cast(db):
    return Cast()


def of(duty: str, who: Subject | None = None, first: date = MARCH) -> Occurrence:
    found = Occurrence.objects.filter(duty=duty, first=first)
    return (found.filter(who=who) if who else found).get()


def test_visits_of_a_month_leave_b_short_by_one_and_d_short_by_one(cast: Cast):
    upper, middle, lower = cast.villages
    cast.tie(cast.a, upper)
    cast.tie(cast.b, middle)
    jobs.run(MARCH)
    cast.visit(upper, cast.a, cast.c)
    for day in (3, 17, 24):
        cast.visit(lower, cast.c, cast.d, day=date(2025, 3, day))
    jobs.run(APRIL)
    found = {
        occurrence.who_id: (occurrence.done, occurrence.short, occurrence.outcome)
        for occurrence in Occurrence.objects.filter(duty__in=("leader-visit", "head-visit"), first=MARCH)
    }
    assert found == {
        cast.a.pk: (1, 0, "kept"),
        cast.b.pk: (0, 1, "missed"),
        cast.c.pk: (4, 0, "kept"),
        cast.d.pk: (3, 1, "missed"),
    }


def test_what_is_missed_has_its_effects_once(cast: Cast):
    cast.tie(cast.b, cast.villages[1])
    for day in (MARCH, APRIL, APRIL, APRIL + timedelta(days=1)):
        jobs.run(day)
    assert [one.subject_id for one in Standing.objects.on(APRIL).filter(roll="behind")] == [cast.b.pk]
    assert Pending.objects.filter(verb="put", name="monthly").count() == 1
    assert Entry.objects.filter(deed="duty.missed", detail__duty="leader-visit").count() == 1


def test_a_visit_elsewhere_or_by_another_or_outside_the_days_does_not_count(cast: Cast):
    upper, middle, _ = cast.villages
    cast.tie(cast.a, upper)
    jobs.run(MARCH)
    cast.visit(middle, cast.a)
    cast.visit(upper, cast.b)
    cast.visit(upper, cast.a, day=date(2025, 2, 28))
    jobs.count(END)
    assert of("leader-visit", cast.a).done == 0


def test_a_visit_taken_back_counts_no_more(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    jobs.run(MARCH)
    visit = cast.visit(cast.villages[0], cast.a)
    jobs.count(TENTH)
    assert of("leader-visit", cast.a).done == 1
    activities.cancel(
        cast.policy, visit, reason="录错", by=cast.secretaries[cast.villages[0].pk], today=TENTH
    )
    jobs.count(TENTH)
    assert of("leader-visit", cast.a).done == 0
    assert not Fulfilment.objects.exists()


def test_one_visit_serves_every_duty_it_fits(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    registry.enter("weak", cast.villages[0], since=LONG_AGO, by="t")
    jobs.run(MARCH)
    cast.visit(cast.villages[0], cast.a)
    jobs.count(TENTH)
    assert of("leader-visit", cast.a).done == 1
    assert of("each-village", cast.a, date(2025, 1, 1)).done == 1


def test_per_village_is_owed_at_each_far_end_for_which_it_holds(cast: Cast):
    upper, middle, _ = cast.villages
    for village in cast.villages:
        cast.tie(cast.a, village)
    for village in (upper, middle):
        registry.enter("weak", village, since=LONG_AGO, by="t")
    jobs.run(MARCH)
    owed = Occurrence.objects.filter(duty="each-village").values_list("towards", "needed", "ends")
    assert {(towards, needed, *ends) for towards, needed, ends in owed} == {
        (upper.pk, 2, upper.pk),
        (middle.pk, 2, middle.pk),
    }
    assert of("leader-visit", cast.a).ends == sorted(village.pk for village in cast.villages)


def test_it_is_owed_while_a_case_stands_at_a_stage(cast: Cast):
    upper, middle, _ = cast.villages
    cast.tie(cast.a, upper)
    cast.tie(cast.a, middle)
    clerk = cast.county.user(Role.TOWNSHIP_CLERK, cast.county.townships[0])
    case = cases.open("rectification", about=upper, day=FEBRUARY, by=None, cause="试")
    cases.open("rectification", about=middle, day=FEBRUARY, by=None, cause="试")
    cases.accept(case, by=clerk, day=FEBRUARY)
    cases.submit(case, by=clerk, day=FEBRUARY)
    jobs.run(MARCH)
    assert of("while-in-work").towards == upper


def test_who_owes_it_is_frozen_on_the_first_day(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    jobs.run(MARCH)
    cast.tie(cast.b, cast.villages[1], since=MARCH)
    jobs.run(TENTH)
    assert of("leader-visit").who == cast.a
    jobs.run(APRIL)
    assert Occurrence.objects.filter(duty="leader-visit", first=APRIL).count() == 2


def test_where_no_number_is_set_nothing_is_owed(cast: Cast):
    jobs.run(FEBRUARY)
    assert not Occurrence.objects.filter(duty="class").exists()
    assert Opening.objects.get(duty="class").owed == 0
    jobs.run(MARCH)
    assert Occurrence.objects.filter(duty="class").count() == 3


def test_a_fixed_day_is_kept_on_that_day_only(cast: Cast):
    jobs.run(MARCH)
    village, other, _ = cast.villages
    for where, day in ((village, 27), (other, 28)):
        activities.hold(
            cast.policy,
            "class",
            day=date(2025, 3, day),
            run_by=where,
            report=Report(attended=20),
            by=cast.secretaries[where.pk],
            today=date(2025, 3, 28),
        )
    jobs.run(APRIL)
    found = {one.who_id: one.outcome for one in Occurrence.objects.filter(duty="class", last__lt=APRIL)}
    assert found == {village.pk: "kept", other.pk: "missed", cast.villages[2].pk: "missed"}


def test_days_that_were_missed_are_caught_up(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    jobs.run(date(2025, 1, 15))
    jobs.run(date(2025, 5, 2))
    assert list(
        Occurrence.objects.filter(duty="leader-visit").order_by("first").values_list("first", "outcome")
    ) == [
        (date(2025, 1, 1), "missed"),
        (FEBRUARY, "missed"),
        (MARCH, "missed"),
        (APRIL, "missed"),
        (date(2025, 5, 1), ""),
    ]


def test_a_duty_begins_with_the_first_period_that_its_paper_sees_begin(db):
    county()
    in_force(since=date(2025, 3, 5), everything=PACK, names2=NAMES)
    jobs.run(TENTH)
    assert not Opening.objects.exists()
    jobs.run(APRIL)
    assert Opening.objects.filter(duty="leader-visit").get().first == APRIL


def test_a_county_without_a_pack_owes_nothing(db):
    jobs.run(MARCH)
    assert not Opening.objects.exists()


@pytest.mark.parametrize("seed", range(3))
def test_jobs_do_the_same_in_any_order_and_however_often(db, seed):
    days = [date(2025, 2, 1) + timedelta(days=n) for n in range(0, 70, 3)]
    cast = Cast()
    cast.tie(cast.a, cast.villages[0])
    cast.tie(cast.b, cast.villages[1])
    for day in (date(2025, 2, 7), TENTH):
        cast.visit(cast.villages[0], cast.a, day=day)
    again = days * 2
    random.Random(seed).shuffle(again)
    for day in [*again, days[-1]]:
        jobs.run(day)
    found = Occurrence.objects.filter(duty="leader-visit", first__lte=MARCH).order_by("first", "who")
    assert [(one.first, one.who_id, one.done, one.outcome) for one in found] == [
        (FEBRUARY, cast.a.pk, 1, "kept"),
        (FEBRUARY, cast.b.pk, 0, "missed"),
        (MARCH, cast.a.pk, 1, "kept"),
        (MARCH, cast.b.pk, 0, "missed"),
    ]
    assert Entry.objects.filter(deed="duty.missed", detail__duty="leader-visit").count() == 2


# --- Reminders, leave, late entries -----------------------------------------------------


def test_who_is_short_is_told_once_before_the_end(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    cast.tie(cast.b, cast.villages[1])
    users = [cast.county.user(Role.LEADER, cast.county.root, leader) for leader in (cast.a, cast.b)]
    jobs.run(MARCH)
    cast.visit(cast.villages[0], cast.a)
    for day in (25, 26, 28):
        jobs.run(date(2025, 3, day))
    assert [message.to for message in Message.objects.all() if "领导到村" in message.sentence] == [
        users[1].username
    ]
    told = Message.objects.get(to=users[1].username)
    assert (told.sentence, str(told.until)) == ("“领导到村”还差 1 次", "2025-03-31")


def test_leave_excuses_and_is_given_by_those_above(cast: Cast):
    cast.tie(cast.b, cast.villages[1])
    jobs.run(MARCH)
    owed = of("leader-visit", cast.b)
    head = cast.county.user(Role.HEAD, cast.county.root)
    clerk = cast.county.user(Role.DESK, cast.county.root)
    himself = cast.county.user(Role.HEAD, cast.county.root, cast.b)
    for nobody in (clerk, himself):
        with pytest.raises(Refused, match="可以免除"):
            duties.excuse(owed, reason="住院", by=nobody, today=TENTH)
    duties.excuse(owed, reason="住院", by=head, today=TENTH)
    jobs.run(APRIL)
    assert of("leader-visit", cast.b).outcome == "excused"
    assert not Standing.objects.filter(roll="behind").exists()
    with pytest.raises(Refused, match="不用免除"):
        duties.excuse(owed, reason="再来", by=head, today=APRIL)


def test_leave_that_comes_late_puts_a_missed_one_right(cast: Cast):
    cast.tie(cast.b, cast.villages[1])
    jobs.run(MARCH)
    jobs.run(APRIL)
    head = cast.county.user(Role.HEAD, cast.county.root)
    assert duties.excuse(of("leader-visit", cast.b), reason="住院", by=head, today=APRIL).outcome == "excused"


def test_what_is_entered_late_is_counted_when_somebody_asks(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    jobs.run(MARCH)
    jobs.run(APRIL)
    cast.visit(cast.villages[0], cast.a)
    jobs.run(APRIL + timedelta(days=1))
    assert of("leader-visit", cast.a).outcome == "missed"
    head = cast.county.user(Role.HEAD, cast.county.root)
    duties.recount(of("leader-visit", cast.a), reason="迟报", by=head, today=APRIL)
    assert of("leader-visit", cast.a).outcome == "kept"
    entry = Entry.objects.get(deed="duty.recount")
    assert (entry.detail["before"], entry.detail["after"]) == (["missed", 0], ["kept", 1])


# --- Figures from outside ---------------------------------------------------------------


def answer(cast: Cast, field: str = "income", value: object = 12_345_678, **more):
    village = cast.villages[0]
    given = {"as_of": TENTH, "source": "乡镇经管站年报", "by": cast.secretaries[village.pk], "today": TENTH}
    return duties.answer(of("income", village, date(2025, 1, 1)), field, value=value, **given | more)


def test_a_figure_counts_when_a_second_person_has_checked_it(cast: Cast):
    jobs.run(MARCH)
    clerk = cast.county.user(Role.TOWNSHIP_CLERK, cast.county.townships[0])
    income = answer(cast, exact="about")
    with pytest.raises(Refused, match="另一人"):
        duties.check(income, by=cast.secretaries[cast.villages[0].pk], today=TENTH)
    with pytest.raises(Refused, match="可以核对"):
        duties.check(income, by=cast.secretaries[cast.villages[1].pk], today=TENTH)
    assert facts.answers(date(2025, 1, 1), date(2025, 12, 31)).num_rows == 0
    duties.check(income, by=clerk, today=TENTH)
    owed = of("income", cast.villages[0], date(2025, 1, 1))
    assert (owed.needed, owed.done) == (2, 1)
    (row,) = facts.answers(date(2025, 1, 1), date(2025, 12, 31)).to_pylist()
    assert (row["field"], row["value"], row["yuan"], row["unit"]) == ("income", 12_345_678, 123_456, "fen")
    assert (row["exact"], row["as_of"], row["source"]) == ("about", TENTH, "乡镇经管站年报")
    assert (row["organisation"], row["township"]) == (cast.villages[0].pk, cast.county.townships[0].pk)


def test_a_new_figure_is_a_version_and_has_to_be_checked_again(cast: Cast):
    jobs.run(MARCH)
    clerk = cast.county.user(Role.TOWNSHIP_CLERK, cast.county.townships[0])
    first = answer(cast)
    duties.check(first, by=clerk, today=TENTH)
    second = answer(cast, value=5)
    assert (second.version, of("income", cast.villages[0], date(2025, 1, 1)).done) == (2, 0)
    assert facts.answers(date(2025, 1, 1), date(2025, 12, 31)).num_rows == 0
    third = answer(cast, value=6)
    with pytest.raises(Refused, match="更新的填报"):
        duties.check(second, by=clerk, today=TENTH)
    duties.check(third, by=clerk, today=TENTH)
    assert [given.value for given in first.occurrence.answers.filter(field="income")] == [12_345_678, 5, 6]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"value": "一百万"}, "要写整数"),
        ({"field": "character"}, "不问"),
        ({"source": " "}, "来源"),
        ({"as_of": APRIL}, "还没有到"),
    ],
)
def test_a_figure_needs_a_number_a_day_and_a_source(cast: Cast, more, sentence):
    jobs.run(MARCH)
    with pytest.raises(Refused, match=sentence):
        answer(cast, **more)


def test_nobody_answers_for_another_village(cast: Cast):
    jobs.run(MARCH)
    with pytest.raises(Refused, match="由上村填报"):
        answer(cast, by=cast.secretaries[cast.villages[1].pk])


# --- Who sees it, and what others read ---------------------------------------------------


def test_everybody_sees_what_their_part_owes_and_is_owed(cast: Cast):
    upper = cast.villages[0]
    cast.tie(cast.a, upper)
    registry.enter("weak", upper, since=LONG_AGO, by="t")
    jobs.run(MARCH)
    village = set(powers.visible(cast.secretaries[upper.pk], TENTH).values_list("duty", flat=True))
    assert village == {"each-village", "class", "income"}
    township = cast.county.user(Role.TOWNSHIP_CLERK, cast.county.townships[0])
    seen = powers.visible(township, TENTH)
    assert set(seen.filter(duty="head-visit").values_list("who", flat=True)) == {cast.c.pk}
    assert seen.filter(duty="class").count() == 3
    other = cast.county.user(Role.TOWNSHIP_CLERK, cast.county.townships[1])
    assert set(powers.visible(other, TENTH).values_list("duty", flat=True)) == {"head-visit"}
    leader = cast.county.user(Role.CADRE, None, cast.a)
    assert set(powers.mine(leader, TENTH).values_list("duty", flat=True)) == {"leader-visit", "each-village"}


def test_facts_say_who_owed_what_and_what_became_of_it(cast: Cast):
    cast.tie(cast.a, cast.villages[0])
    jobs.run(MARCH)
    cast.visit(cast.villages[0], cast.a)
    cast.visit(cast.villages[0], cast.a, day=date(2025, 3, 11))
    jobs.run(APRIL)
    rows = facts.occurrences(MARCH, END).to_pylist()
    (row,) = [row for row in rows if row["duty"] == "leader-visit"]
    assert (row["needed"], row["done"], row["met"], row["short"]) == (1, 2, 1, 0)
    assert (row["kept"], row["missed"], row["excused"], row["settled"]) == (1, 0, 0, 1)
    assert (row["organisation"], row["township"]) == (None, None)
    lessons = [row for row in rows if row["duty"] == "class"]
    assert {row["organisation"] for row in lessons} == {village.pk for village in cast.villages}
    assert {row["township"] for row in lessons} == {cast.county.townships[0].pk}


@pytest.mark.django_db(transaction=True)
def test_four_workers_open_and_settle_a_period_once():
    cast = Cast()
    cast.tie(cast.b, cast.villages[1])
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            for day in (MARCH, APRIL):
                jobs.run(day)
        except BaseException as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert troubles == []
    assert Occurrence.objects.filter(duty="leader-visit", first=MARCH).count() == 1
    assert Entry.objects.filter(deed="duty.missed", detail__duty="leader-visit").count() == 1
    assert all(
        len(list(group)) == 1
        for _, group in itertools.groupby(
            Opening.objects.order_by("duty", "first").values_list("duty", "first")
        )
    )


def test_a_dispatch_counts_only_with_everybody_there_and_every_case_gone_through(cast):
    office = cast.county.office
    desk, clerk = (
        cast.county.user(Role.DESK, office),
        cast.county.user(Role.TOWNSHIP_CLERK, cast.county.townships[0]),
    )
    cast.tie(cast.a, cast.villages[0])
    cast.tie(cast.b, cast.villages[1])
    case = cases.open("rectification", about=cast.villages[0], day=FEBRUARY, by=None)
    cases.submit(case, by=clerk, day=FEBRUARY)
    jobs.run(MARCH)

    def dispatched(day: date, present: list[Subject], agenda: tuple[Item, ...]) -> int:
        report = Report(present=tuple(one.pk for one in present), agenda=agenda)
        activities.hold(cast.policy, "dispatch", day=day, run_by=office, by=desk, today=day, report=report)
        jobs.count(day)
        return Occurrence.objects.get(duty="dispatch").done

    everyone, through = [cast.a, cast.b], (Item(str(case)),)
    assert dispatched(date(2025, 3, 3), [cast.a], through) == 0
    assert dispatched(date(2025, 3, 4), everyone, ()) == 0
    assert dispatched(date(2025, 3, 5), everyone, (Item("别的事"), *through)) == 1
