"""The jobs of a day: each once, in order, whole or not at all; missed days are caught up."""

from datetime import date

import pytest

from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.install import days
from zugong.core.install.models import DayRun, Installation
from zugong.core.outbox import actions as outbox
from zugong.core.outbox.models import Message
from zugong.core.sentences import Sentence

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))

ran: list[tuple[str, date]] = []


def early(day):
    ran.append(("early", day))


def late(day):
    ran.append(("late", day))
    outbox.send(outbox.Letter(key=f"late {day}", to="x", sentence=Sentence("提醒")))


def failing(day):
    late(day)
    raise ZeroDivisionError


JOBS = [("early", early), ("late", late)]
FAILING = [("early", early), ("late", failing), ("last", early)]


@pytest.fixture(autouse=True)
def jobs(settings):
    ran.clear()
    settings.DAILY = f"{__name__}.JOBS"


def test_a_first_start_runs_today_alone():
    assert days.catch_up(TUESDAY) == [TUESDAY]
    assert ran == [("early", TUESDAY), ("late", TUESDAY)]


def test_missed_days_are_run_once_and_in_order():
    days.catch_up(MONDAY)
    assert days.catch_up(WEDNESDAY) == [TUESDAY, WEDNESDAY]
    assert ran == [(name, day) for day in (MONDAY, TUESDAY, WEDNESDAY) for name in ("early", "late")]
    assert days.catch_up(WEDNESDAY) == []
    assert len(ran) == 6


def test_a_job_that_fails_leaves_nothing_and_stops_the_day(settings):
    settings.DAILY = f"{__name__}.FAILING"
    with pytest.raises(ZeroDivisionError):
        days.run_day(MONDAY)
    assert list(DayRun.objects.values_list("job", flat=True)) == ["early"]
    assert not Message.objects.exists()


def test_the_day_goes_on_from_the_job_that_failed(settings):
    settings.DAILY = f"{__name__}.FAILING"
    with pytest.raises(ZeroDivisionError):
        days.run_day(MONDAY)
    settings.DAILY = f"{__name__}.JOBS"
    ran.clear()
    assert days.catch_up(TUESDAY) == [MONDAY, TUESDAY]
    assert ran == [("late", MONDAY), ("early", TUESDAY), ("late", TUESDAY)]
    assert Message.objects.count() == 2


def demo(day):
    return Installation.objects.create(pk=1, kind="demo", version="x", demo_day=day, seed=1)


def test_the_demos_day_moves_through_every_day_and_runs_its_jobs():
    demo(MONDAY)
    assert days.move_demo_to(WEDNESDAY) == [MONDAY, TUESDAY, WEDNESDAY]
    assert [day for name, day in ran if name == "late"] == [MONDAY, TUESDAY, WEDNESDAY]
    assert Installation.objects.get().demo_day == WEDNESDAY


def test_when_a_job_ended_is_told_on_the_demos_own_day(settings):
    settings.DEMO = True
    demo(MONDAY)
    days.move_demo_to(WEDNESDAY)
    ended = [run.finished_at.astimezone(clock.SHANGHAI).date() for run in DayRun.objects.order_by("id")]
    assert ended == [day for day in (MONDAY, TUESDAY, WEDNESDAY) for _job in JOBS]


def test_the_demos_day_does_not_go_back():
    demo(WEDNESDAY)
    with pytest.raises(Refused, match="只能向前"):
        days.move_demo_to(MONDAY)


def test_a_real_county_has_no_day_of_its_own():
    Installation.objects.create(pk=1, kind="county", version="x")
    with pytest.raises(Refused, match="只有演示"):
        days.move_demo_to(WEDNESDAY)


def test_the_real_schedule_names_each_job_once():
    from zugong.config.schedule import DAILY

    names = [name for name, _ in DAILY]
    assert len(names) == len(set(names))
    assert names
