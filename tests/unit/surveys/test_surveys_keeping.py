"""`keep` of named sheets: who answered what is erased when the time is over; what was counted stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.core.journal.models import Entry
from zugong.surveys import actions, jobs
from zugong.surveys.models import Named, Slip, Tally

pytestmark = pytest.mark.django_db
PACK = """
survey: signed
label: 署名评议
about: organisation.township
voters: {villages: {who: organisation.village}}
ask: [{id: overall, label: 总体, scale: [好, 差]}]
secret: named
keep: {days: 30, after: closed}
"""


def test_who_answered_what_goes_on_the_day_and_what_was_counted_stays() -> None:
    little = county()
    desk = little.user(Role.DESK, little.root)
    survey = actions.open_sheet(
        in_force(surveys=PACK), "signed", about=little.townships[0], round="2025年度", day=DAY, by=desk
    )
    for village in little.villages:
        owner = little.user(Role.VILLAGE_SECRETARY, village)
        actions.cast(
            Slip.objects.get(survey=survey, voter=village), grades={"overall": "好"}, by=owner, day=DAY
        )
    over = DAY + timedelta(days=30)
    assert jobs.erase(over) == 0  # a sheet that is open is not over
    actions.close(survey, by=desk, day=DAY)
    assert jobs.erase(over - timedelta(days=1)) == 0
    assert set(Named.objects.values_list("grade", flat=True)) == {"好"}
    counted = list(Tally.objects.values_list("grade", "ballots"))
    assert jobs.erase(over) == len(little.villages)
    assert set(Named.objects.values_list("grade", flat=True)) == {"已按规定删除"}
    assert list(Tally.objects.values_list("grade", "ballots")) == counted
    line = Entry.objects.get(deed="keep.erase")
    assert line.detail["answers"] == len(little.villages)
    assert "好" not in str(line.detail)
    assert jobs.erase(over) == 0
