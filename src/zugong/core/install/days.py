"""Running the jobs of a day, and of every day that was missed: each once, in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.module_loading import import_string

from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.install.models import DayRun, Installation

Job = tuple[str, Callable[[date], object]]


def run_day(day: date) -> list[str]:
    """Run the jobs of `day` that have not run yet, each in its own transaction; give their names.

    A job that fails takes back what it did and stops the day; running the day again goes on from there.
    """
    with clock.holding(day):
        return [name for name, job in _daily() if _run_once(day, name, job)]


def catch_up(until: date) -> list[date]:
    """Run every day from the last one begun to `until`; give those on which anything was done."""
    return [day for day in _days_due(until) if run_day(day)]


def move_demo_to(day: date) -> list[date]:
    """Move the demo's own day forward to `day`, running the jobs of each day passed."""
    return move_demo(day, lambda _one: False)


def move_demo(until: date, reached: Callable[[date], bool]) -> list[date]:
    """Move the demo's own day forward, to `until` at most, and stop after the jobs of the first day that is `reached`.

    One move at a time: raises Refused while another one runs.
    """
    with _alone("zugong.demo"):
        installation = Installation.objects.filter(kind=Installation.Kind.DEMO).first()
        if not installation or not installation.demo_day:
            raise Refused("只有演示可以调整日期。")
        if until < installation.demo_day:
            raise Refused("演示的日期只能向前。")
        passed = []
        for one in _days(installation.demo_day, until):
            Installation.objects.filter(pk=installation.pk).update(demo_day=one)
            run_day(one)
            passed.append(one)
            if reached(one):
                break
        return passed


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Keep others out until it is done, whoever they are; refuse who comes meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        if not cursor.fetchone()[0]:
            raise Refused("日期正在走，请等它走完再按。")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def _run_once(day: date, name: str, job: Callable[[date], object]) -> bool:
    with transaction.atomic():
        _one_at_a_time()
        _, is_new = DayRun.objects.get_or_create(day=day, job=name)
        if is_new:
            job(day)
    return is_new


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zugong.days'))")


def _days_due(until: date) -> Iterator[date]:
    last = DayRun.objects.aggregate(last=Max("day"))["last"]
    return _days(last or until, until)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _daily() -> Sequence[Job]:
    jobs: Sequence[Job] = import_string(settings.DAILY)
    return jobs
