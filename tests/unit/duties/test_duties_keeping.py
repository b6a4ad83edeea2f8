"""`keep` of figures: what a duty asked is erased when the time is over, by a rule that stays readable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.core.journal.models import Entry
from zugong.duties import actions, jobs
from zugong.duties.models import Answer, Occurrence

pytestmark = pytest.mark.django_db
PACK = """
duty: income
label: 收入年报
source: paper
who: organisation.village
every: year
asks: [income, members]
---
fields:
  income: {label: 村集体收入, kind: money, keep: {days: 30, after: settled}}
  members: {label: 党员数, kind: number, unit: 人}
"""


def test_a_figure_that_is_kept_for_a_time_goes_and_the_other_stays() -> None:
    little = county()
    in_force(everything=PACK)
    jobs.open_due(DAY)
    owed = Occurrence.objects.filter(duty="income", who=little.villages[0]).get()
    secretary = little.user(Role.VILLAGE_SECRETARY, little.villages[0])
    for name, value in (("income", 12_345), ("members", 31)):
        actions.answer(owed, name, value=value, as_of=DAY, source="年报", by=secretary, today=DAY)
    over = DAY + timedelta(days=30)
    assert jobs.erase(over) == 0  # what is not settled is not over
    Occurrence.objects.filter(pk=owed.pk).update(outcome="kept", settled_on=DAY)
    assert jobs.erase(over - timedelta(days=1)) == 0
    assert jobs.erase(over) == 1
    assert jobs.erase(over) == 0
    kept = dict(Answer.objects.values_list("field", "value"))
    assert kept == {"income": {"erased": "村集体收入“期满”满30天"}, "members": 31}
    line = Entry.objects.get(deed="keep.erase")
    assert (line.on, line.detail["answers"]) == ("duty income", 1)
    assert "12345" not in str(line.detail)
