"""A page, and a day's jobs, stand on one day; the demo's own day is asked for once."""

from datetime import date, datetime

import pytest

from zugong.core import clock
from zugong.core.install import days
from zugong.core.install.models import Installation

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    Installation.objects.all().delete()
    Installation.objects.create(pk=1, kind="demo", version="1", demo_day=MONDAY, seed=1)


def test_a_day_that_is_held_is_the_day_though_the_demo_moves_on(demo):
    with clock.holding(clock.today()):
        Installation.objects.update(demo_day=TUESDAY)
        assert (clock.today(), clock.now().date()) == (MONDAY, MONDAY)
    assert clock.today() == TUESDAY


def test_a_county_that_holds_a_day_past_midnight_still_tells_the_true_instant():
    with clock.holding(MONDAY):
        assert clock.today() == MONDAY
        assert clock.now().date() == datetime.now(clock.SHANGHAI).date()


def test_a_page_asks_for_the_demos_day_once(demo, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as asked:
        client.get("/signin")
    assert sum("demo_day" in question["sql"] for question in asked) == 1


def test_the_jobs_of_a_day_stand_on_it(demo, settings):
    settings.DAILY = f"{__name__}.JOBS"
    seen.clear()
    days.move_demo_to(TUESDAY)
    assert seen == [(MONDAY, MONDAY), (TUESDAY, TUESDAY)]


seen: list[tuple[date, date]] = []
JOBS = [("look", lambda day: seen.append((clock.today(), clock.now().date())))]
