"""What residents asked of 青穆县 in the sixty days before the demo's first day."""

from collections import Counter

import pytest

from zugong.accounts.models import User
from zugong.cases import awaiting
from zugong.cases.models import Case, Receipt, Step
from zugong.demo import DAY

pytestmark = pytest.mark.usefixtures("qingmu")


def test_some_150_were_asked_by_every_way():
    ways = Counter(Receipt.objects.values_list("channel", flat=True))
    assert 140 <= ways.total() <= 160
    assert set(ways) == {"public", "grid", "hotline"}


def test_every_kind_of_life_is_among_them():
    requests = Case.objects.filter(kind="request")
    outcomes = Counter(Step.objects.filter(case__kind="request").values_list("outcome", flat=True))
    assert {"dispatch", "whistle", "no-owner", "not-ours", "stands", "solved", "explained"} < set(outcomes)
    assert {"satisfied", "dissatisfied", "unreachable"} < set(outcomes)
    assert requests.filter(outcome="merged").count() >= 3
    assert requests.overdue(DAY).count() >= 3
    assert set(requests.open().values_list("stage", flat=True)) >= {
        "sort",
        "handle",
        "attend",
        "call-back",
        "find-owner",
    }


def test_nothing_was_done_on_the_demos_own_day():
    assert not Step.objects.filter(case__kind__in=["request", "report-task"], day__gte=DAY).exists()


@pytest.mark.parametrize("who", ["wangshu", "xutang"])
def test_the_people_of_the_demo_meet_them_at_their_desks(who):
    kinds = {one.case.kind for one in awaiting.awaiting(User.objects.get(username=who), DAY)}
    assert "request" in kinds
