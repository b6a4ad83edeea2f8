"""How often something is done within an hour, without keeping who did it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from zugong.core.pacing.actions import count, within
from zugong.core.pacing.models import Tally

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 10, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def once_more(address="10.0.0.1", at=AT, **limits):
    return count("ask", address=address, at=at, **{"most": 2, "most_of_all": 4} | limits)


def test_one_address_is_held_back_after_so_many_and_free_again_in_the_next_hour():
    assert [once_more() for _ in range(3)] == [True, True, False]
    assert once_more(address="10.0.0.2")
    assert once_more(at=AT + timedelta(hours=1))
    assert not within("ask", address="10.0.0.1", at=AT, most=2)
    assert within("ask", address="10.0.0.3", at=AT, most=2)


def test_all_together_are_held_back_too():
    assert [once_more(address=str(n)) for n in range(5)] == [True, True, True, True, False]
    assert once_more(address="6", most_of_all=0), "no limit"


def test_no_address_is_kept_and_what_is_over_is_forgotten():
    once_more()
    kept = Tally.objects.exclude(mark="").get()
    once_more(at=AT + timedelta(hours=1))
    later = Tally.objects.exclude(mark="").latest("hour")
    assert "10.0.0.1" not in kept.mark
    assert kept.mark != later.mark, "nobody is followed from hour to hour"
    once_more(at=AT + timedelta(hours=4))
    assert Tally.objects.filter(hour__lt=AT + timedelta(hours=1)).count() == 0
