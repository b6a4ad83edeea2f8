"""What runs under a former edition is named with links, and moved by two people who see first what would change."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

from cast import Cast, cast
from counties import rated_county
from zugong.accounts.models import Proposal
from zugong.cases import actions
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry.models import Edition
from zugong.scorecards import actions as ratings

pytestmark = pytest.mark.django_db
DAY = date(2025, 11, 20)
FILE = "cases/rectification.yaml"


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made(db) -> Cast:
    return cast()


def another(before: str, after: str) -> Edition:
    old = registry.edition_on(DAY)
    assert before in old.texts["qingmu"][FILE]
    own = old.texts["qingmu"] | {FILE: old.texts["qingmu"][FILE].replace(before, after, 1)}
    return registry.put_in_force(old.texts | {"qingmu": own}, "qingmu", since=DAY, by="甲", agreed_by="乙")


def text(answer) -> str:
    return answer.content.decode()


def proposed(client: Client, edition: Edition, *cases: int) -> Proposal:
    answer = client.post(f"/packs/{edition.pk}/move", {"case": cases, "reason": "新办法已印发"})
    assert answer.status_code == 302, text(answer)
    return Proposal.objects.get(pk=int(answer["Location"].rsplit("/", 1)[1]))


def test_from_the_edition_s_page_to_the_moved_case_by_two_people(made: Cast) -> None:
    cases = [made.open(village, day=DAY) for village in ("白石村", "青林村")]
    old = cases[0].edition
    new = another("label: 乡镇初定", "label: 乡镇复定")
    chen, han = made.client("chen"), made.client("han")
    page = text(chen.get(f"/packs/{new.pk}/running"))
    there = f"/packs/{new.pk}/move?kind=rectification&amp;from={old.pk}"
    assert there in page
    listed = text(chen.get(f"/cases?kind=rectification&edition={old.pk}"))
    assert "白石村党支部" in listed
    assert "白石村党支部" not in text(chen.get(f"/cases?kind=rectification&edition={new.pk}"))
    page = text(chen.get(there.replace("&amp;", "&")))
    assert "白石村党支部" in page
    assert "青林村党支部" in page
    assert "乡镇复定" in page  # what the two editions say differently
    proposal = proposed(chen, new, *(case.pk for case in cases))
    assert "换版 1 项" in text(han.get("/"))
    assert "换版 1 项" not in text(chen.get("/"))
    page = text(han.get(f"/moves/{proposal.pk}"))
    assert "新办法已印发" in page
    assert "同意换版" in page
    assert "同意换版" not in text(chen.get(f"/moves/{proposal.pk}"))
    assert "提请人以外" in text(chen.post(f"/moves/{proposal.pk}/answer", {"deed": "agree"}, follow=True))
    han.post(f"/moves/{proposal.pk}/answer", {"deed": "agree"})
    cases[0].refresh_from_db()
    assert cases[0].edition == new
    page = text(chen.get(f"/cases/{cases[0].pk}"))
    assert "陈岚提请，韩澈同意" in page
    assert "新办法已印发" in page
    assert "没有按其他版办理的" in text(chen.get(f"/packs/{new.pk}/running"))


def test_a_case_that_was_moved_shows_what_it_passed_before_as_it_was(made: Cast) -> None:
    case = made.open("白石村", day=DAY)
    actions.accept(case, by=made.users["wang"], day=DAY)
    new = another("label: 乡镇初定", "label: 乡镇复定")
    proposal = proposed(made.client("chen"), new, case.pk)
    made.client("han").post(f"/moves/{proposal.pk}/answer", {"deed": "agree"})
    page = text(made.client("chen").get(f"/cases/{case.pk}"))
    assert "乡镇初定 · 签收" in page
    assert "乡镇复定 · 签收" not in page
    assert "按青穆县（虚构） 2026.3（2020-01-01起）" in page


def test_before_it_is_asked_for_the_page_says_why_a_case_cannot_be_moved(made: Cast) -> None:
    case = made.open("白石村", day=DAY)
    new = another("case: rectification\n", "case: rectification\nenabled: false\n")
    chen = made.client("chen")
    assert f"/packs/{new.pk}/move?case={case.pk}" in text(chen.get(f"/cases/{case.pk}/edition"))
    page = text(chen.get(f"/packs/{new.pk}/move?case={case.pk}"))
    assert "没有“" in page
    assert "提请换版" not in page
    answer = chen.post(f"/packs/{new.pk}/move", {"case": case.pk, "reason": "换"})
    assert answer.status_code == 200
    assert not Proposal.objects.exists()


def test_who_may_not_ask_is_offered_nothing_and_refused(made: Cast) -> None:
    case = made.open("白石村", day=DAY)
    new = another("label: 乡镇初定", "label: 乡镇复定")
    for name in ("wang", "li", "shen", "han"):
        client = made.client(name)
        assert "/move?" not in text(client.get(f"/cases/{case.pk}/edition"))
        assert "/move?" not in text(client.get(f"/packs/{new.pk}/running"))
        assert client.post(f"/packs/{new.pk}/move", {"case": case.pk, "reason": "换"}).status_code == 403
    assert not Proposal.objects.exists()


def test_an_edition_that_is_not_in_force_yet_is_not_offered(made: Cast) -> None:
    case = made.open("白石村", day=DAY)
    old = registry.edition_on(DAY)
    later = registry.put_in_force(old.texts, "qingmu", since=DAY + timedelta(days=9), by="甲", agreed_by="乙")
    assert f"/packs/{later.pk}/move" not in text(made.client("chen").get(f"/cases/{case.pk}/edition"))


def test_a_period_of_a_rating_is_moved_from_its_page_by_two_people(settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    made = rated_county()
    run = ratings.compute("village-stars", day=DAY, by=made.users["chen"])
    old = run.edition
    file = "scorecards/village-stars.yaml"
    own = old.texts["qingmu"] | {file: old.texts["qingmu"][file].replace("label: ", "label: 新", 1)}
    new = registry.put_in_force(old.texts | {"qingmu": own}, "qingmu", since=DAY, by="甲", agreed_by="乙")
    chen, han = made.client("chen"), made.client("han")
    there = f"/ratings/{run.pk}/edition?to={new.pk}"
    assert f"/ratings/{run.pk}/edition" in text(chen.get(f"/ratings/{run.pk}"))
    assert f"/ratings/{run.pk}/edition" not in text(han.get(f"/ratings/{run.pk}"))
    assert there in text(chen.get(f"/packs/{new.pk}/running"))
    assert "新村党组织评星定级" in text(chen.get(there))
    assert chen.post(there, {"reason": ""}).status_code == 200
    answer = chen.post(there, {"reason": "新办法"})
    assert answer.status_code == 302
    assert "改按" in text(han.get("/moves"))
    assert "同意换版" in text(han.get(answer["Location"]))
    han.post(f"{answer['Location']}/answer", {"deed": "agree"})
    assert "已换版" in text(han.get(answer["Location"]))
    assert ratings.compute("village-stars", day=DAY, by=made.users["chen"]).edition == new
    assert there not in text(chen.get(f"/packs/{new.pk}/running"))
