"""Rolls and ledgers by hand: who keeps them may, two where the pack says so, and the pool is never overdrawn."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast, cast, person
from zugong.accounts.rules import Role
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.ledgers.actions import balance
from zugong.ledgers.models import Motion, Posting
from zugong.registry import actions as registry
from zugong.registry.models import Standing
from zugong.web.questions import Yuan

pytestmark = pytest.mark.django_db
PAPER = "青组发〔2025〕3号（虚构）"
GRANT, FIVE_THOUSAND = "basics-grant", 500_000


@pytest.fixture
def county() -> Cast:
    return cast()


def stands(county: Cast, roll: str, village: str = "白石村") -> list[str]:
    rows = Standing.objects.on(clock.today()).filter(roll=roll, subject=county.villages[village])
    return list(rows.values_list("value", flat=True))


def enter(client: Client, roll: str, subject: int, **given: str) -> str:
    answer = client.post(
        reverse("roll-entry", args=[roll]), {"subject": subject, "reason": PAPER, **given}, follow=True
    )
    return answer.content.decode()


def answered(client: Client, deed: str) -> str:
    there = reverse("motion-answer", args=[Motion.objects.get(answered_on=None).pk])
    return client.post(there, {"deed": deed}, follow=True).content.decode()


def test_who_keeps_a_roll_enters_and_strikes_and_others_have_no_such_page(county: Cast) -> None:
    village, chen, wang = county.villages["白石村"], county.client("chen"), county.client("wang")
    assert "已办理" in enter(chen, "model-candidates", village.pk)
    assert stands(county, "model-candidates") == [""]
    assert PAPER in wang.get(reverse("roll", args=["model-candidates"])).content.decode()
    striking = reverse("roll-striking", args=["model-candidates", village.pk])
    for there in (reverse("roll-entry", args=["model-candidates"]), striking):
        assert wang.get(there).status_code == wang.post(there).status_code == 404
    chen.post(striking, {"reason": ""})
    assert stands(county, "model-candidates") == [""]  # a reason is needed
    chen.post(striking, {"reason": "验收不合格"})
    assert stands(county, "model-candidates") == []


def test_a_roll_that_follows_from_deeds_is_entered_by_nobody(county: Cast) -> None:
    assert county.client("chen").get(reverse("roll-entry", args=["weak"])).status_code == 404
    page = county.client("chen").get(reverse("roll", args=["weak"])).content.decode()
    assert "不能手工登记" in page


def test_an_honour_stands_when_a_second_person_agrees(county: Cast) -> None:
    chen, han = county.client("chen"), county.client("han")
    assert "等第二人同意" in enter(chen, "honours", county.villages["白石村"].pk, value="provincial")
    assert stands(county, "honours") == []
    assert "不能是同一人" in answered(chen, "agree")
    assert stands(county, "honours") == []
    assert "把白石村党支部列入“村党组织荣誉”（省级）" in han.get(reverse("motions")).content.decode()
    assert "等您同意" in han.get(reverse("desk")).content.decode()
    assert "已同意" in answered(han, "agree")
    late = reverse("motion-answer", args=[Motion.objects.get().pk])
    assert "已经答复过了" in han.post(late, {"deed": "decline"}, follow=True).content.decode()
    assert stands(county, "honours") == ["provincial"]
    assert "省级" in chen.get(reverse("organisation", args=[county.villages["白石村"].pk])).content.decode()


def test_what_was_proposed_is_taken_back_or_declined_and_never_stands_twice(county: Cast) -> None:
    chen, village = county.client("chen"), county.villages["白石村"].pk
    enter(chen, "honours", village, value="county")
    assert "已经提出" in enter(chen, "honours", village, value="county")
    answered(chen, "decline")
    assert stands(county, "honours") == []
    assert Entry.objects.filter(deed="motion.decline").exists()
    assert county.client("wang").get(reverse("motions")).context["rows"] == []


def test_a_value_the_pack_does_not_know_and_a_subject_it_does_not_mean_are_refused(county: Cast) -> None:
    chen = county.client("chen")
    enter(chen, "honours", county.villages["白石村"].pk, value="galactic")
    assert "不能列入" in enter(chen, "model-candidates", county.townships["禾汀镇"].pk)
    assert not Motion.objects.exists()
    assert stands(county, "model-candidates") == []


def test_a_person_is_never_struck_by_hand_but_what_was_wrong_is_put_right_by_two(county: Cast) -> None:
    chen, han, li = county.client("chen"), county.client("han"), county.people["li"]
    enter(chen, "trained", li.pk)
    there = reverse("roll-striking", args=["trained", li.pk])
    assert "更正录错的" in chen.get(there).content.decode()
    chen.post(there, {"reason": "录错了人"})
    on = Standing.objects.on(clock.today()).filter(roll="trained", subject=li)
    assert on.exists()  # until a second person has agreed
    answered(han, "agree")
    assert not on.exists()
    assert Standing.objects.filter(roll="trained", subject=li).exists()  # what we used to know stays


def pay(client: Client, village: int) -> str:
    there = reverse("ledger-payment", args=[GRANT])
    return client.post(there, {"subject": village, "reason": PAPER}, follow=True).content.decode()


def test_a_pool_pays_what_it_has_once_for_a_reason_and_the_attempt_is_journaled(county: Cast) -> None:
    chen, baishi = county.client("chen"), county.villages["白石村"].pk
    assert "余额" in pay(chen, baishi)
    assert Entry.objects.filter(deed="ledger.overdraft").count() == 1
    fill = reverse("ledger-filling", args=[GRANT])
    chen.post(fill, {"amount": "5000", "reason": "拨款单1号"})
    assert balance(GRANT) == FIVE_THOUSAND
    assert "不能重复" in chen.post(fill, {"amount": "5000", "reason": "拨款单1号"}).content.decode()
    assert "已办理" in pay(chen, baishi)
    assert balance(GRANT, county.villages["白石村"]) == FIVE_THOUSAND
    assert "不能重复" in pay(chen, baishi)
    assert Entry.objects.filter(deed="ledger.second-payment").count() == 2
    assert "余额" in pay(chen, county.villages["青林村"].pk)


def test_a_posting_is_reversed_once_with_a_reason_and_both_stay(county: Cast) -> None:
    chen, baishi = county.client("chen"), county.villages["白石村"]
    chen.post(reverse("ledger-filling", args=[GRANT]), {"amount": "5000.00", "reason": "拨款单1号"})
    pay(chen, baishi.pk)
    there = reverse("ledger-reversal", args=[GRANT, Posting.objects.order_by("pk").last().pk])
    chen.post(there, {"reason": "付错了村"})
    assert (balance(GRANT), balance(GRANT, baishi)) == (FIVE_THOUSAND, 0)
    assert chen.get(there).status_code == 404
    assert "已冲销" in chen.get(reverse("ledger", args=[GRANT])).content.decode()


def test_a_township_reads_its_own_part_of_a_ledger_and_pays_nothing(county: Cast) -> None:
    chen, wang, zhao = (county.client(name) for name in ("chen", "wang", "zhao"))
    chen.post(reverse("ledger-filling", args=[GRANT]), {"amount": "5000", "reason": "拨款单1号"})
    pay(chen, county.villages["白石村"].pk)
    there = reverse("ledger", args=[GRANT])
    assert "白石村党支部" in wang.get(there).content.decode()
    assert "白石村" not in zhao.get(there).content.decode()
    assert wang.get(reverse("ledger-payment", args=[GRANT])).status_code == 404


def test_the_second_person_must_keep_the_book_too(county: Cast) -> None:
    enter(county.client("chen"), "honours", county.villages["白石村"].pk, value="county")
    there = reverse("motion-answer", args=[Motion.objects.get().pk])
    assert county.client("wang").post(there, {"deed": "agree"}).status_code == 404
    person(county, "second", "第二位", "staff", county.office, [(Role.DESK, county.office)])
    county.client("second").post(there, {"deed": "agree"})
    assert stands(county, "honours") == ["county"]


def test_a_roll_is_read_as_it_was_on_a_day(county: Cast) -> None:
    village, today = county.villages["白石村"], clock.today()
    registry.enter("model-candidates", village, since=today.replace(year=today.year - 1), until=today, by="t")
    there, chen = reverse("roll", args=["model-candidates"]), county.client("chen")
    assert chen.get(there).context["rows"] == []
    before = chen.get(there, {"on": str(today.replace(year=today.year - 1))})
    assert [row["name"] for row in before.context["rows"]] == ["白石村党支部"]


@pytest.mark.parametrize("typed", ["35000", "35,000", "35，000", " 35 000.00 "])
def test_money_is_read_as_people_type_it(typed: str) -> None:
    assert Yuan().clean(typed) == 3_500_000
