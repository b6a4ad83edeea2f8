"""`keep` of bulletins: what an issued one said is erased when the time is over; that it was issued stays."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pytest

from counties import signing_county
from zugong.bulletins import actions, jobs, printing
from zugong.bulletins.models import Bulletin, BulletinState
from zugong.core.journal.models import Entry
from zugong.packs.schema.common import Keep

pytestmark = pytest.mark.django_db
DAY, OVER = date(2025, 12, 3), date(2026, 12, 3)


def test_what_an_issued_bulletin_said_goes_on_the_day_and_a_draft_stays() -> None:
    made = signing_county()
    chen = made.users["chen"]
    kept, draft = (
        actions.compose("monthly", within=day, day=DAY, by=chen)
        for day in (date(2025, 11, 1), date(2025, 10, 1))
    )
    actions.submit(kept, remark="抓紧整改。", day=DAY, by=chen)
    for name in ("han", "sun"):
        actions.approve(kept, day=DAY, by=made.users[name])
    actions.issue(kept, number="青组通〔2025〕3号", day=DAY, by=chen)
    entry = made.policy.bulletin("monthly").model_copy(update={"keep": Keep(years=1, after="issued")})
    with patch.object(type(made.policy), "bulletin", lambda _self, _name: entry):
        assert jobs.erase(OVER.replace(day=2)) == 0
        assert jobs.erase(OVER) == 1
        assert jobs.erase(OVER) == 0
    kept.refresh_from_db()
    assert (kept.remark, kept.number, kept.state) == ("", "青组通〔2025〕3号", BulletinState.ISSUED)
    assert "抓紧整改" not in str(kept.facts)
    assert "满1年" in str(printing.paper(kept))
    assert "sections" in Bulletin.objects.get(pk=draft.pk).facts
    assert "erased" not in Bulletin.objects.get(pk=draft.pk).facts
    assert Entry.objects.get(deed="keep.erase").on == "bulletin monthly 2025年11月"
