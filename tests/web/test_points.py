"""Spending points and disputing an entry, as who keeps the book at the counter and who holds the card meet it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from cast import Cast, cast
from little_county import LONG_AGO
from zugong.accounts.models import User
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.ledgers import actions
from zugong.ledgers.actions import balance
from zugong.ledgers.models import Posting
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
CARDS, COUNTER, OWN = (
    "points-card",
    reverse("ledger-redemption", args=["points-card"]),
    reverse("ledgers-own"),
)


@pytest.fixture
def county() -> Iterator[Cast]:
    with clock.standing(DAY):
        made = cast()
        for short, called, code in (("ai", "艾青", "P001"), ("bo", "柏舟", "P002")):
            member(made, short, called, code)
        yield made


def member(made: Cast, short: str, called: str, code: str) -> None:
    """Somebody of the branch of 白石村 with a card and an account of their own."""
    one = registry.add("person", klass="member", name=called, code=code, since=LONG_AGO, by="t")
    registry.join(one, organisation=made.villages["白石村"], since=LONG_AGO, by="t")
    user = User.objects.create_user(
        short, called=called, made_on=LONG_AGO, person=one, password_set_at=clock.instant()
    )
    made.people[short], made.users[short] = one, user


def pay(county: Cast, who: str, amount: int, paper: str) -> Posting:
    paid = actions.pay(
        county.policy,
        CARDS,
        to=county.people[who],
        day=DAY,
        deed=paper,
        by=county.users["chen"],
        amount=amount,
    )
    assert paid
    return paid


def text(response: Any) -> str:
    return str(response.content.decode())


def form(county: Cast) -> dict[str, str]:
    """The hidden part of a form that was drawn just now."""
    return {"key": re.findall(r'name="key" value="(\w+)"', text(county.client("chen").get(COUNTER)))[0]}


def redeem(county: Cast, **sent: str) -> str:
    given = form(county) | {"card": "P001", "benefit": "repair", "wanted": ""} | sent
    return text(county.client("chen").post(COUNTER, given, follow=True))


def test_points_are_spent_as_far_as_they_go_and_the_counter_reads_what_to_hand_out(county: Cast) -> None:
    pay(county, "ai", 450, "文件一")
    assert "每满200分兑20元" in text(county.client("chen").get(COUNTER))
    assert "已兑换“家庭维修券”：用400分，兑40元" in redeem(county)
    assert balance(CARDS, county.people["ai"]) == 50
    assert "余额50分，不够200分" in redeem(county)
    assert balance(CARDS, county.people["ai"]) == 50


def test_as_many_as_are_wanted_are_given_and_nonsense_is_refused_with_what_was_typed(county: Cast) -> None:
    pay(county, "ai", 650, "文件一")
    for wanted in ("0", "-1", "一半", "1.5"):
        page = redeem(county, wanted=wanted)
        assert f'value="{wanted}"' in page, wanted
        assert balance(CARDS, county.people["ai"]) == 650, wanted
    assert "用200分，兑20元" in redeem(county, wanted="1")
    assert balance(CARDS, county.people["ai"]) == 450
    assert "不够" in redeem(county, wanted="3")
    assert balance(CARDS, county.people["ai"]) == 450


def test_a_form_that_is_sent_twice_gives_out_once(county: Cast) -> None:
    pay(county, "ai", 650, "文件一")
    sent = form(county) | {"card": "P001", "benefit": "repair", "wanted": "1"}
    for _turn in range(2):
        page = text(county.client("chen").post(COUNTER, sent, follow=True))
        assert "用200分，兑20元" in page
    assert balance(CARDS, county.people["ai"]) == 450
    assert Posting.objects.filter(benefit="repair").count() == 1
    redeem(county, wanted="1")  # another form is another coupon
    assert balance(CARDS, county.people["ai"]) == 250


def test_whose_card_it_is_must_be_plain(county: Cast) -> None:
    pay(county, "ai", 200, "文件一")
    pay(county, "bo", 200, "文件二")
    for typed in ("P009", "艾", "沈遥"):
        assert "没有对上一个账户" in redeem(county, card=typed), typed
    member(county, "ci", "艾青", "P003")
    pay(county, "ci", 200, "文件三")
    assert "没有对上一个账户" in redeem(county, card="艾青")
    assert "已兑换" in redeem(county, card="P003")
    assert [balance(CARDS, county.people[who]) for who in ("ai", "bo", "ci")] == [200, 200, 0]


def test_only_who_gives_out_has_the_counter(county: Cast) -> None:
    pay(county, "ai", 200, "文件一")
    for who in ("wang", "li", "ai", "shen"):
        assert county.client(who).get(COUNTER).status_code == 404, who
        assert county.client(who).post(COUNTER, {"card": "P001", "benefit": "repair"}).status_code == 404, who
    assert balance(CARDS, county.people["ai"]) == 200


def test_what_was_given_out_wrongly_is_taken_back_and_both_stay_on_the_book(county: Cast) -> None:
    pay(county, "ai", 200, "文件一")
    redeem(county)
    posting = Posting.objects.get(benefit="repair")
    chen = county.client("chen")
    chen.post(reverse("ledger-reversal", args=[CARDS, posting.pk]), {"reason": "发错了人"})
    assert balance(CARDS, county.people["ai"]) == 200
    assert "已冲销" in text(chen.get(reverse("ledger", args=[CARDS])))
    assert "已冲销" in text(county.client("ai").get(OWN))
    assert Entry.objects.filter(deed="ledger.reverse").count() == 1
    assert "已兑换" in redeem(county)


def test_the_holder_sees_every_entry_of_their_own_and_nobody_elses(county: Cast) -> None:
    pay(county, "ai", 200, "文件一")
    pay(county, "bo", 45, "文件二")
    redeem(county)
    page = text(county.client("ai").get(OWN))
    assert "文件一" in page
    assert "-200分" in page or "−200分" in page
    assert "文件二" not in page
    assert "45分" not in page
    assert "还没有记账" in text(county.client("wang").get(OWN))


def test_an_entry_is_disputed_once_in_words_and_its_holder_reads_what_became_of_it(county: Cast) -> None:
    entry, ai = pay(county, "ai", 5, "文件一"), county.client("ai")
    there = reverse("ledger-dispute", args=[entry.pk])
    assert there in text(ai.get(OWN))
    form = text(ai.get(there))
    assert "2026年3月2日" in form
    assert "文件一" in form
    ai.post(there, {"reason": "  "})
    assert not Case.objects.filter(kind="points-dispute").exists()
    assert "异议已提出" in text(ai.post(there, {"reason": "那天我参加了两次"}, follow=True))
    page = text(ai.get(OWN))
    assert there not in page
    assert "异议正在核对" in page
    ai.post(there, {"reason": "再提一次"})
    case = Case.objects.get(kind="points-dispute")
    assert "那天我参加了两次" in case.label
    cases.submit(
        case, by=county.users["chen"], day=DAY, outcome="upheld", answers={"checked": "查签到表，确为两次"}
    )
    assert "异议成立，更正" in text(ai.get(OWN))
    assert Message.objects.filter(to="ai").exists()


def test_nobody_disputes_an_entry_of_another(county: Cast) -> None:
    entry = pay(county, "ai", 5, "文件一")
    there = reverse("ledger-dispute", args=[entry.pk])
    for who in ("bo", "wang", "chen"):
        assert county.client(who).get(there).status_code == 404, who
        assert county.client(who).post(there, {"reason": "不对"}).status_code == 404, who
    assert not Case.objects.filter(kind="points-dispute").exists()
