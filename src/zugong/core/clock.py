"""The one place that reads the clock. A demo has its own day, which only its button moves."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Give the instant, in Shanghai; in a demo, the time of day is real and the day is the demo's."""
    instant = datetime.now(SHANGHAI)
    day = _demo_day()
    return datetime.combine(day, instant.timetz()) if day else instant


def instant() -> datetime:
    """Give the real instant, in a demo too: time-outs and one-time codes do not follow the demo's day."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """Give the day in Shanghai, or the demo's own."""
    return now().date()


def _demo_day() -> date | None:
    if not settings.DEMO:
        return None
    from zugong.core.install.models import Installation  # the apps must be ready before models are read

    return Installation.objects.values_list("demo_day", flat=True).first()
