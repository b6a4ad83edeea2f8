"""Grants and points: paid once, never more than there is, and added up to nothing."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from little_county import DAY, County, county, policy
from zugong.accounts.rules import Role
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.ledgers import actions as ledgers
from zugong.ledgers import facts, powers
from zugong.ledgers.models import Account, Posting
from zugong.registry.effects import run
from zugong.registry.happening import Happening

PACK = """
ledger: grant
label: 以奖代补
source: paper
clause: 第十条
unit: fen
account: organisation.village
pool: true
once_per: [about, year]
tariff: {unit: fen, values: {2024-01-01: {value: 500000, clause: 第十一条}}}
kept_by: organisation.office
---
ledger: silent
label: 没有标准的台账
unit: fen
account: organisation.village
kept_by: organisation.office
---
ledger: reward
label: 升档奖励
source: paper
unit: fen
account: organisation.village
pool: true
case_by_case: true
once_per: [about, year]
kept_by: organisation.office
---
ledger: points
label: 积分
unit: points
account: organisation.village
effects: {}
---
roll: weak
label: 软弱涣散名单
of: organisation.village
effects:
  on listed: [{post: points, amount: 3}]
  on blamed: [{post: points, amount: -2}]
  on granted: [{post: grant}]
"""


@pytest.fixture
def little(db):
    return county()


@pytest.fixture
def pack():
    return policy(ledgers=PACK)


@pytest.fixture
def clerk(little: County):
    return little.user(Role.DESK, little.office)


def fill(pack, clerk, amount: int, deed: str = "青财〔2025〕1号"):
    return ledgers.fill(pack, "grant", amount=amount, day=DAY, deed=deed, by=clerk)


def pay(pack, clerk, village, deed: str = "拨付", day: date = DAY):
    return ledgers.pay(pack, "grant", to=village, day=day, deed=deed, by=clerk)


def total(ledger: str) -> int:
    return Account.objects.filter(ledger=ledger).aggregate(sum=Sum("balance"))["sum"] or 0


def test_twenty_seven_villages_receive_135_000_yuan(little: County, pack, clerk):
    from zugong.registry import actions as registry

    villages = little.villages + [
        registry.add(
            "organisation", klass="village", name=f"村{n}", parent=little.townships[1], since=None, by="t"
        )
        for n in range(24)
    ]
    fill(pack, clerk, 13_500_000)
    for village in villages:
        pay(pack, clerk, village)
    assert sum(ledgers.balance("grant", village) for village in villages) == 13_500_000
    assert ledgers.balance("grant") == 0
    assert total("grant") == 0


def test_a_payment_cites_the_line_that_set_the_amount(little: County, pack, clerk):
    fill(pack, clerk, 500_000)
    assert pay(pack, clerk, little.villages[0]).clause == "青组发〔2025〕1号 第十一条"


def test_nobody_is_paid_by_hand_by_who_does_not_keep_the_ledger(little: County, pack, clerk):
    fill(pack, clerk, 500_000)
    village_clerk = little.user(Role.VILLAGE_SECRETARY, little.villages[0])
    with pytest.raises(Refused, match="指定的单位登记"):
        pay(pack, village_clerk, little.villages[0])
    with pytest.raises(Refused, match="指定的单位登记"):
        ledgers.pay(pack, "points", to=little.villages[0], day=DAY, deed="x", by=clerk)


def test_an_account_outside_the_ledger_is_refused(little: County, pack, clerk):
    fill(pack, clerk, 500_000)
    with pytest.raises(Refused, match="不在“以奖代补”的范围内"):
        pay(pack, clerk, little.townships[0])


def test_a_tariff_that_is_not_set_pays_nothing_and_says_so(little: County, pack, clerk):
    assert ledgers.pay(pack, "silent", to=little.villages[0], day=DAY, deed="x", by=clerk) is None
    assert pay(pack, clerk, little.villages[0], day=date(2023, 12, 31)) is None
    assert [entry.detail["said"] for entry in Entry.objects.filter(deed="ledger.unset")] == ["未设标准"] * 2
    assert not Posting.objects.exists()


def test_another_year_is_another_payment(little: County, pack, clerk):
    fill(pack, clerk, 1_000_000)
    pay(pack, clerk, little.villages[0])
    pay(pack, clerk, little.villages[0], day=date(2026, 1, 5))
    assert ledgers.balance("grant", little.villages[0]) == 1_000_000


def test_what_was_reversed_may_be_paid_again(little: County, pack, clerk):
    fill(pack, clerk, 500_000)
    first = pay(pack, clerk, little.villages[0])
    ledgers.reverse(pack, first, day=DAY, reason="付错村", by=clerk)
    assert ledgers.balance("grant") == 500_000
    second = pay(pack, clerk, little.villages[0])
    assert (first.turn, second.turn) == (1, 2)
    assert ledgers.balance("grant", little.villages[0]) == 500_000
    assert facts.postings(DAY, DAY).column("amount").to_pylist() == [500_000, -500_000, 500_000]


@pytest.mark.django_db(transaction=True)
def test_a_posting_is_reversed_once_and_a_reversal_never():
    little, pack = county(), policy(ledgers=PACK)
    clerk = little.user(Role.DESK, little.office)
    fill(pack, clerk, 500_000)
    first = pay(pack, clerk, little.villages[0])
    back = ledgers.reverse(pack, first, day=DAY, reason="付错村", by=clerk)
    for wrong in (first, back):
        with pytest.raises(Refused):
            ledgers.reverse(pack, wrong, day=DAY, reason="再来", by=clerk)


def test_a_village_sees_its_own_account_and_not_its_neighbours(little: County, pack, clerk):
    fill(pack, clerk, 1_000_000)
    for village in little.villages[:2]:
        pay(pack, clerk, village)
    secretary = little.user(Role.VILLAGE_SECRETARY, little.villages[0])
    seen = powers.visible(secretary, DAY).exclude(holder=None)
    assert [account.holder_id for account in seen] == [little.villages[0].pk]
    assert powers.visible_postings(secretary, DAY).count() == 1
    township = little.user(Role.TOWNSHIP_CLERK, little.townships[0])
    assert powers.visible_postings(township, DAY).count() == 2
    stranger = little.user(Role.TOWNSHIP_CLERK, little.townships[1])
    assert powers.visible_postings(stranger, DAY).count() == 0


# --- By effects ---------------------------------------------------------------------


def happen(pack, little: County, event: str, cause: str):
    happening = Happening(pack, event, little.villages[0], DAY, cause, "t")
    run(pack.roll("weak"), happening, ledgers.VERBS)


def reward(pack, clerk, village, amount: int, deed: str = "奖励方案"):
    return ledgers.pay(pack, "reward", to=village, day=DAY, deed=deed, by=clerk, amount=amount)


def test_where_no_tariff_is_set_an_amount_is_decided_payment_by_payment(little: County, pack, clerk):
    ledgers.fill(pack, "reward", amount=1_000, day=DAY, deed="拨款", by=clerk)
    village = little.villages[0]
    assert ledgers.pay(pack, "reward", to=village, day=DAY, deed="没有金额", by=clerk) is None
    with pytest.raises(Refused, match="依据哪份文件"):
        reward(pack, clerk, village, 600, deed=" ")
    with pytest.raises(Refused, match="大于零"):
        reward(pack, clerk, village, -600)
    reward(pack, clerk, village, 600)
    assert (ledgers.balance("reward", village), ledgers.balance("reward")) == (600, 400)


def test_an_amount_that_the_pack_sets_is_not_set_again_by_hand(little: County, pack, clerk):
    fill(pack, clerk, 500_000)
    with pytest.raises(Refused, match="不能另填"):
        ledgers.pay(pack, "grant", to=little.villages[0], day=DAY, deed="加码", by=clerk, amount=1)


def test_an_effect_posts_once_for_its_deed(little: County, pack):
    for cause in ("case 1", "case 1", "case 2"):
        happen(pack, little, "listed", cause)
    happen(pack, little, "blamed", "case 3")
    assert ledgers.balance("points", little.villages[0]) == 4


def test_an_effect_flags_a_second_grant_by_another_deed(little: County, pack, clerk):
    fill(pack, clerk, 1_000_000)
    happen(pack, little, "granted", "case 1")
    happen(pack, little, "granted", "case 2")
    assert ledgers.balance("grant", little.villages[0]) == 500_000
    assert Entry.objects.get(deed="ledger.second-payment").detail["paid_by"] == "case 1"


# --- Refused, and remembered -----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_second_grant_is_refused_and_the_attempt_stays_in_the_journal():
    little, pack = county(), policy(ledgers=PACK)
    clerk = little.user(Role.DESK, little.office)
    fill(pack, clerk, 1_000_000)
    pay(pack, clerk, little.villages[0], "第一次")
    with pytest.raises(Refused, match="已于2025年3月10日按“第一次”记过"), transaction.atomic():
        pay(pack, clerk, little.villages[0], "第二次")
    entry = Entry.objects.get(deed="ledger.second-payment")
    assert (entry.by, entry.detail["cause"]) == (str(clerk), "第二次")
    assert ledgers.balance("grant", little.villages[0]) == 500_000


@pytest.mark.django_db(transaction=True)
def test_an_overdraft_is_refused_and_the_attempt_stays_in_the_journal():
    little, pack = county(), policy(ledgers=PACK)
    clerk = little.user(Role.DESK, little.office)
    fill(pack, clerk, 499_999)
    with pytest.raises(Refused, match=r"余额4999\.99元，不够5000元") as refused, transaction.atomic():
        pay(pack, clerk, little.villages[0])
    assert refused.value.clause == "青组发〔2025〕1号 第十一条"
    assert Entry.objects.filter(deed="ledger.overdraft").count() == 1
    assert not Entry.objects.filter(deed="ledger.post", detail__cause="拨付").exists()


# --- Whatever is posted, by however many at once --------------------------------------


@pytest.mark.django_db(transaction=True)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 60)), min_size=8, max_size=24
    )
)
def test_a_ledger_always_adds_up_to_nothing_and_nobody_falls_below_it(moves):
    if not Account.objects.filter(ledger="points").exists():
        test_a_ledger_always_adds_up_to_nothing_and_nobody_falls_below_it.little = county()
    little = test_a_ledger_always_adds_up_to_nothing_and_nobody_falls_below_it.little
    pack = policy(ledgers=PACK)
    ledger = pack.ledger("points")
    accounts = [ledgers.outside("points")]
    accounts += [ledgers.account(pack, ledger, village, DAY) for village in little.villages]
    start = Posting.objects.count()
    done = [0] * 4

    def work(worker: int) -> None:
        try:
            for number, (source, target, amount) in enumerate(moves[worker::4]):
                if source == target:
                    continue
                try:
                    ledgers.post(
                        ledger,
                        f"{start} {worker} {number}",
                        source=accounts[source],
                        target=accounts[target],
                        amount=amount,
                        day=DAY,
                        deed="练习",
                        by="t",
                    )
                    done[worker] += 1
                except Refused:
                    pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert total("points") == 0
    assert not Account.objects.filter(outside=False, balance__lt=0).exists()
    assert Posting.objects.count() == start + sum(done)
    for account in Account.objects.filter(ledger="points"):
        into = account.into.aggregate(sum=Sum("amount"))["sum"] or 0
        out = account.out.aggregate(sum=Sum("amount"))["sum"] or 0
        assert account.balance == into - out


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_pay_the_same_at_once_one_pays():
    little, pack = county(), policy(ledgers=PACK)
    clerk = little.user(Role.DESK, little.office)
    fill(pack, clerk, 5_000_000)
    paid: list[int] = []
    refused: list[str] = []

    def work() -> None:
        try:
            paid.append(pay(pack, clerk, little.villages[0]).amount)
        except Refused as no:
            refused.append(no.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (paid, len(refused)) == ([500_000], 9)
    assert Entry.objects.filter(deed="ledger.second-payment").count() == 9
