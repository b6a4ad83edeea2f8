"""Count, and say whether it was too often."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from zugong.core.pacing.models import Tally

KEPT = timedelta(hours=2)  # nothing asks for an hour that is over

COUNT = """
INSERT INTO pacing_tally (what, mark, hour, times) VALUES (%s, %s, %s, 1)
ON CONFLICT (what, mark, hour) DO UPDATE SET times = pacing_tally.times + 1 RETURNING times
"""


def count(what: str, *, address: str, at: datetime, most: int, most_of_all: int = 0) -> bool:
    """Count one more from an address in the hour of an instant; say whether address and all together keep within.

    `most` is how often one address may in an hour, `most_of_all` how often all together; 0: as often as they like.
    It is counted in a statement of its own, so that many at once are all counted.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    own = _add(what, _mark(what, address, hour), hour)
    everybody = _add(what, "", hour)
    if everybody == 1:
        Tally.objects.filter(hour__lt=hour - KEPT).delete()
    return not (0 < most < own or 0 < most_of_all < everybody)


def within(what: str, *, address: str, at: datetime, most: int) -> bool:
    """Say whether one more from an address would keep within, without counting it."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    there = Tally.objects.filter(what=what, mark=_mark(what, address, hour), hour=hour)
    return not most or not there.filter(times__gte=most).exists()


def _add(what: str, mark: str, hour: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [what, mark, hour])
        times: int = cursor.fetchone()[0]
        return times


def _mark(what: str, address: str, hour: datetime) -> str:
    """Return the digest of an address: the hour is in it, so that one hour's cannot be told from another's."""
    return salted_hmac("zugong.core.pacing", f"{what} {hour:%F %H} {address}", algorithm="sha256").hexdigest()
