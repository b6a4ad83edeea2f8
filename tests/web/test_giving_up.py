"""A period is given up from its page by two people; it leaves the desks and says why it was given up."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from counties import rated_county
from zugong.core import clock
from zugong.scorecards import actions
from zugong.scorecards.models import Run

pytestmark = pytest.mark.django_db


def test_a_period_is_given_up_from_its_page_by_two_people(settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    made, today = rated_county(), clock.today()
    run = actions.compute("village-stars", day=today, by=made.users["chen"])
    chen, han = made.client("chen"), made.client("han")
    there, page = (
        reverse("rating-giving-up", args=["village-stars", today.isoformat()]),
        reverse("rating", args=[run.pk]),
    )
    assert there in chen.get(page).content.decode()
    assert there not in han.get(page).content.decode()
    assert chen.post(there, {"reason": "误启动"}).status_code == 302
    assert "误启动" in chen.get(there).content.decode()
    assert there in han.get(reverse("desk")).content.decode()
    assert "同意放弃" in han.get(there).content.decode()
    assert "同意放弃" not in chen.get(there).content.decode()
    chen.post(f"{there}/answer", {"deed": "agree"})
    assert Run.objects.get().state == "scored"
    han.post(f"{there}/answer", {"deed": "agree"})
    assert Run.objects.get().state == "given-up"
    text = chen.get(page).content.decode()
    assert "已放弃" in text
    assert "误启动" in text
    assert there not in text
    assert there not in han.get(reverse("desk")).content.decode()
    assert chen.get(reverse("rating-giving-up", args=["village-stars", "zzz"])).status_code == 404
