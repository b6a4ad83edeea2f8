"""Deadlines to the second: hours, a table that says how long, a clock over the whole, and who is told later."""

from datetime import date, datetime, timedelta

import pytest

from little_county import county, in_force
from zugong.accounts.rules import Role
from zugong.cases import actions
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.clock import SHANGHAI

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
clock: {working_days: 10, pausable: true, extended_by: office, overdue: organisation.office}
stages:
  - {name: sort, label: 分办, body: office, needs: [level], clock: {hours: 24, overdue: organisation.office}}
  - {name: handle, label: 办理, role: village, needs: [result], clock: {by: how-long, pausable: true, extended_by: office, overdue: organisation.office}, return: {to: sort}}
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
