"""The one place that reads the clock. A demo has its own day, which only its button moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.apps import apps
from django.conf import settings

from zugong.core.workdays import SHANGHAI as SHANGHAI

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)
_held: ContextVar[date | None] = ContextVar("held", default=None)


def now() -> datetime:
    """Give the instant, in Shanghai; in a demo, the time of day is real and the day is the demo's."""
    if standing_at := _standing.get():
        return standing_at
    real = datetime.now(SHANGHAI)
    day = settings.DEMO and (_held.get() or _demo_day())
    return datetime.combine(day, real.timetz()) if day else real


def instant() -> datetime:
    """Give the real instant, in a demo too: time-outs and one-time codes do not follow the demo's day. No page shows it."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """Give the day in Shanghai, or the demo's own."""
    if _standing.get():
        return now().date()
    return _held.get() or now().date()


@contextmanager
def holding(day: date) -> Iterator[None]:
    """Keep to one day while a page is drawn or a day's jobs run, whatever midnight does meanwhile; the time goes on."""
    token = _held.set(day)
    try:
        yield
    finally:
        _held.reset(token)


@contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """Let the clock stand at an instant while a past is written down to the second."""
    token = _standing.set(instant.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _standing.reset(token)


@contextmanager
def standing(day: date, hour: int = 9, minute: int = 0) -> Iterator[None]:
    """Let the clock stand while a past is written down: by the demo, a scenario, a test; never by a page."""
    with standing_at(datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)):
        yield


def _demo_day() -> date | None:
    day: date | None = (
        apps.get_model("install", "Installation").objects.values_list("demo_day", flat=True).first()
    )
    return day
