"""Deadlines to the second: hours, a table that says how long, a clock over the whole, and who is told later."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from little_county import county, in_force, policy
from zugong.accounts.rules import Role
from zugong.cases import actions, deadlines, jobs
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.clock import SHANGHAI
from zugong.core.outbox.models import Message
from zugong.packs.checks import check

DAY = date(2026, 11, 2)  # a Monday
SECOND = timedelta(seconds=1)
PACK = {
    "roles": """
roles:
  office: {label: 办公室, is: organisation.office}
  village: {label: 村, is: about}
""",
    "fields": """
fields:
  level: {label: 级别, kind: choice, options: [{id: urgent, label: 紧急}, {id: plain, label: 一般}, {id: odd, label: 其他}]}
  asked-for: {label: 要求时刻, kind: moment}
  result: {label: 结果, kind: text}
""",
    "rules": """
rules: how-long
label: 办理时限
source: paper
answer: [timed, untimed]
facts:
  level: {type: text, field: level}
situations:
  slots: 3
  items:
    - {id: urgent, label: 紧急, when: "level == 'urgent'", then: {hours: 2}}
    - {id: plain, label: 一般, when: "level == 'plain'", then: {working_days: 3}}
""",
    "case": """
case: request
label: 诉求
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 诉
once: ""
clock: {working_days: 10, pausable: true, extended_by: office, overdue: organisation.office, escalate: [{after: 1, tell: organisation.county}]}
stages:
  - {name: sort, label: 分办, body: office, needs: [level], clock: {hours: 24, overdue: organisation.office}}
  - {name: handle, label: 办理, role: village, needs: [result], clock: {by: how-long, pausable: true, extended_by: office, overdue: organisation.office, escalate: [{after: 2, tell: organisation.township}, {after: 4, tell: organisation.county}]}, return: {to: sort}}
---
case: order
label: 交办
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 交
once: ""
stages:
  - {name: plan, label: 安排, body: office, needs: [asked-for]}
  - {name: do, label: 办理, role: village, needs: [result], clock: {asked: asked-for, pausable: true, overdue: organisation.office}}
""",
}


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.fixture
def place(db):
    in_force(**PACK)
    found = county()
    found.users = {
        "village": found.user(Role.VILLAGE_SECRETARY, found.villages[0]),
        "office": found.user(Role.DESK, found.office),
        "town": found.user(Role.TOWNSHIP_CLERK, found.townships[0]),
        "county": found.user(Role.TOWNSHIP_CLERK, found.root),
    }
    return found


MORNING = at(2, 9)


def opened(place, when: datetime = MORNING, kind: str = "request") -> Case:
    with clock.standing_at(when):
        return actions.open(kind, about=place.villages[0], day=when.date(), by=place.users["office"])


def passed(place, case: Case, who: str, when: datetime, **answers):
    with clock.standing_at(when):
        return actions.submit(case, by=place.users[who], day=when.date(), answers=answers)


def test_hours_run_from_the_instant_through_the_night(place):
    case = opened(place, at(2, 17, 30))
    assert case.due_at == at(3, 17, 30)
    assert (case.due_on, case.due_provisional) == (date(2026, 11, 3), False)


def test_a_day_ends_with_its_last_second(place):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level="plain")
    assert case.due_at == at(5, 23, 59, 59)
    assert case.due_on == date(2026, 11, 5)


@pytest.mark.parametrize(("late", "seconds"), [(False, 0), (True, 1)])
def test_one_second_makes_a_step_late(place, late, seconds):
    case = opened(place)
    step = passed(place, case, "office", at(3, 9) + seconds * SECOND, level="plain")
    assert step.is_late() is late
    assert case.in_time is not late


def test_a_deadline_of_today_is_overdue_from_its_instant_on(place):
    case = opened(place)
    assert not Case.objects.overdue(at(3, 9)).exists()
    assert Case.objects.overdue(at(3, 9) + SECOND).get() == case
    assert case.is_overdue(at(3, 9) + SECOND)
    assert not case.is_overdue(at(3, 9))
    assert not Case.objects.overdue(date(2026, 11, 3)).exists()
    assert Case.objects.overdue(date(2026, 11, 4)).get() == case


@pytest.mark.parametrize(
    ("level", "due"), [("urgent", at(2, 12)), ("plain", at(5, 23, 59, 59)), ("odd", None)]
)
def test_a_table_says_how_long_and_where_it_is_incomplete_no_deadline_is_set(place, level, due):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level=level)
    assert case.due_at == due


def test_somebody_decides_on_an_instant(place):
    case = opened(place, kind="order")
    passed(place, case, "office", at(2, 10), **{"asked-for": "2026-11-04T15:30:00+08:00"})
    assert (case.due_at, case.due_on) == (at(4, 15, 30), date(2026, 11, 4))


def test_a_pause_moves_an_instant_by_as_many_seconds_and_a_day_by_days(place):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level="urgent")
    village = place.users["village"]
    with clock.standing_at(at(2, 11)):
        actions.accept(case, by=village, day=DAY)
        actions.pause(case, by=village, day=DAY, until=date(2026, 11, 6), reason="等材料")
    with clock.standing_at(at(4, 11, 0, 7)):
        actions.resume(case, by=village, day=date(2026, 11, 4))
    assert case.due_at == at(4, 12, 0, 7)
    assert case.whole_due_at == at(18, 23, 59, 59)  # ten working days, and the two on which it stood still


def test_an_extension_of_a_stage_moves_the_whole_only_where_it_goes_beyond_it(place):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level="plain")
    office = place.users["office"]
    assert case.whole_due_at == at(16, 23, 59, 59)
    with clock.standing_at(at(3, 9)):
        actions.extend(case, by=office, day=date(2026, 11, 3), until=date(2026, 11, 12), reason="材料多")
        assert case.whole_due_at == at(16, 23, 59, 59)
        actions.extend(case, by=office, day=date(2026, 11, 3), until=date(2026, 11, 20), reason="还要核实")
    assert (case.due_at, case.whole_due_at) == (at(20, 23, 59, 59), at(20, 23, 59, 59))


def test_the_whole_is_on_time_by_its_first_end(place):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level="plain")
    assert case.on_time(at(16, 23, 59, 59)) is None
    assert case.on_time(at(17, 0)) is False
    assert Case.objects.overdue_as_a_whole(at(17, 0)).get() == case
    passed(place, case, "village", at(16, 23, 59, 59), result="已修好")
    assert case.on_time(at(30, 0)) is True
    with clock.standing_at(at(25, 9)):
        actions.reopen(case, by=place.users["village"], day=date(2026, 11, 25), reason="又坏了")
    assert case.on_time(at(30, 0)) is True
    assert not Case.objects.overdue_as_a_whole(at(30, 0)).exists()


def test_a_step_written_down_on_another_day_counts_at_the_end_of_its_own(place):
    case = opened(place, at(2, 9))
    with clock.standing_at(at(20, 9)):
        step = actions.submit(
            case, by=place.users["office"], day=date(2026, 11, 2), answers={"level": "plain"}
        )
    assert step.moment == at(2, 23, 59, 59)
    assert not step.is_late()
    assert case.entered_at == at(2, 23, 59, 59)


def told_on(place, day: date) -> list[str]:
    """Whom the day's reminders told anew, by the names of this test."""
    before = set(Message.objects.values_list("pk", flat=True))
    jobs.remind(day)
    names = {user.username: name for name, user in place.users.items()}
    return sorted(names[one.to] for one in Message.objects.exclude(pk__in=before))


def test_each_level_is_told_once_when_its_working_days_have_passed_and_the_owner_stays(place):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level="plain")  # due on Thursday the fifth
    days = [date(2026, 11, n) for n in (5, 6, 7, 9, 10, 11, 12)]
    assert [told_on(place, day) for day in days] == [[], ["office"], [], ["town"], [], ["county"], []]
    assert [deadlines.escalated(case, day) for day in days] == [0, 0, 0, 1, 1, 2, 2]
    case.refresh_from_db()
    assert (case.stage, case.state) == ("handle", "waiting")


def test_the_deadline_of_the_whole_is_told_of_until_it_has_ended_once(place):
    case = opened(place)
    passed(place, case, "office", at(2, 10), level="odd")  # the stage itself has no deadline
    assert told_on(place, date(2026, 11, 16)) == []
    assert told_on(place, date(2026, 11, 17)) == ["county", "office"]
    other = opened(place, at(2, 11))
    passed(place, other, "office", at(2, 12), level="odd")
    passed(place, other, "village", at(3, 12), result="已办")
    with clock.standing_at(at(4, 9)):
        actions.reopen(other, by=place.users["village"], day=date(2026, 11, 4), reason="又坏了")
    jobs.remind(date(2026, 11, 18))
    assert Message.objects.filter(key__contains=" whole ").count() == 2


@pytest.mark.parametrize(
    ("word", "wrong", "finding"),
    [
        ("case", ("{after: 4, tell: organisation.county}", "{after: 2, tell: organisation.county}"), "E241"),
        ("rules", ("then: {hours: 2}", "then: {hours: 2, days: 1}"), "E242"),
        ("rules", ("then: {hours: 2}", "then: {soon: 2}"), "E242"),
        ("rules", ("then: {hours: 2}", "then: {hours: two}"), "E242"),
        ("case", ("clock: {asked: asked-for,", "clock: {asked: result,"), "E221"),
        ("case", ("clock: {working_days: 10,", "clock: {asked: asked-for,"), "E221"),
        ("case", ("clock: {working_days: 10,", "clock: {working_days: 10, hours: 3,"), "E211"),
    ],
)
def test_a_clock_that_cannot_be_is_found(word, wrong, finding):
    text = PACK[word]
    assert wrong[0] in text
    found = check(policy(**PACK | {word: text.replace(*wrong, 1)}))
    assert f"packs.{finding}" in {one.id for one in found}
    assert f"packs.{finding}" not in {one.id for one in check(policy(**PACK))}


def test_a_day_asks_once_who_is_told_however_many_villages_are_late(place):
    def questions(day: date) -> int:
        with CaptureQueriesContext(connection) as asked:
            jobs.remind(day)
        return len(asked)

    opened(place)
    one = questions(date(2026, 11, 10))
    for village in place.villages[1:]:
        with clock.standing_at(at(3, 9)):
            actions.open("request", about=village, day=date(2026, 11, 3), by=place.users["office"])
    assert questions(date(2026, 11, 11)) == one
