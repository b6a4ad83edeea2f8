"""A month of a county: twenty thousand requests through the real engines, beside an oracle that counts again by hand."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from bench import month

from ground import APP, OWNER, clone
from month_oracle import Followed, Oracle, rows
from zugong.accounts.models import User
from zugong.cases import facts, powers
from zugong.cases.models import Case
from zugong.cases.rates import Rates, rates
from zugong.core.database import roles
from zugong.core.database.entering import entered
from zugong.core.journal import actions as journal
from zugong.core.journal.verify import verify

pytestmark = pytest.mark.soak
MINIMUM = 10  # requests, under which the pack shows no rate
WHOLE, SAMPLE = 20_000, 1_000


@dataclass
class Lived:
    """The month, the oracle that followed it, and how many requests it had."""

    month: month.Month
    oracle: Oracle
    requests: int


@pytest.fixture(scope="module")
def lived(template: str, whole: bool, django_db_blocker) -> Iterator[Lived]:
    requests = WHOLE if whole else SAMPLE
    with clone(template, "month") as name, django_db_blocker.unblock(), entered(APP.to(name)):
        there = month.Month(month.county(), requests, month.Luck(9))
        oracle = Oracle()

        def morning(day):
            if (day - month.FIRST).days % 5 == 1:  # autovacuum does so in a county, and is off in the tests
                with roles.connect(OWNER.to(name)) as owner:
                    owner.execute("ANALYZE")
            oracle.morning(day)

        start, busy = time.perf_counter(), time.process_time()
        there.live(morning)
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        oracle.hear()
        print(
            f"month: {requests:,} requests in {seconds:.0f} s ({busy:.0f} s of them Python's), "
            f"{requests / seconds:.1f} a second; the jobs of {oracle.looked['mornings']} days "
            f"{there.jobs_seconds:.0f} s, the oracle {oracle.seconds:.0f} s"
        )
        print(dict(there.met), dict(oracle.looked))
        yield Lived(there, oracle, requests)


def test_everything_that_can_happen_to_a_request_happened(lived):
    for deed in (
        *(f"asked by {channel}" for channel in month.CHANNELS),
        *("the same key", "the same number", "withdrawn", "merged", "left out", "complaint", "founded"),
        *(
            "dispatch",
            "whistle",
            "no-owner",
            "found",
            "not-ours",
            "stands",
            "elsewhere",
            "released",
            "arrived",
        ),
        *("paused", "resumed", "resumed by the calendar", "extended", "solved", "explained"),
        *("satisfied", "dissatisfied", "unreachable", "rated satisfied", "rated dissatisfied"),
        *("confirmed", "doubtful", "reopened", "fill relief-fund", "pay relief-fund", "reverse relief-fund"),
        *("pay basics-grant", "redeem study"),
    ):
        assert lived.month.met[deed], deed
    assert lived.oracle.looked["mornings"] == (month.END - month.FIRST).days + 1
    for forbidden in (
        "a number taken in twice",
        "extended by its holder",
        "complaint decided by whom it is against",
        "agreed by who asked",
    ):
        assert not lived.month.met[forbidden], forbidden


def test_no_request_is_ever_without_an_owner_or_a_reason(lived):
    assert lived.oracle.faults["owner"] == []


def test_every_request_goes_where_the_rules_say(lived):
    assert lived.oracle.faults["path"] == []


def test_no_clock_is_wrong(lived):
    assert lived.oracle.faults["due"] == lived.oracle.faults["whole"] == lived.oracle.faults["in time"] == []


def test_everybody_is_told_once_of_what_is_near_or_late_and_of_nothing_else(lived):
    assert lived.oracle.looked["letters"]
    assert lived.oracle.faults["told"] == []


def test_no_contact_outlives_its_request(lived):
    assert lived.oracle.faults["contact"] == []


def test_each_form_became_one_request(lived):
    kept = rows("SELECT r.number, c.kind FROM cases_receipt r JOIN cases_case c ON c.id = r.case_id")
    requests = [one["number"] for one in kept if one["kind"] == "request"]
    assert sorted(requests) == sorted(lived.month.receipts.values())
    # Each neighbour's, which is merged, comes on top.
    assert len(kept) == lived.requests + lived.month.met["merged"]


def test_numbers_run_on(lived):
    numbers = [one["number"] for one in rows("SELECT number FROM cases_case ORDER BY id")]
    for prefix in ("诉", "报", "反"):
        own = [number for number in numbers if number.startswith(prefix)]
        assert own == [f"{prefix}〔2026〕{place}号" for place in range(1, len(own) + 1)]


def test_a_lot_falls_on_the_share_that_the_pack_says(lived):
    drawn, lots = lived.oracle.looked["lots drawn"], lived.oracle.looked["lots"]
    assert abs(drawn / lots - 0.2) < 4 * (0.2 * 0.8 / lots) ** 0.5


def test_rates_are_what_counting_by_hand_says(lived):
    table = facts.requests(month.FIRST, month.LAST, month.END).to_pylist()
    cases = {case.pk: case for case in lived.oracle.cases.values()}
    assert {row["case"] for row in table} == {pk for pk, case in cases.items() if case.parent is None}
    townships = sorted({row["township"] for row in table})
    for some in [table, *([row for row in table if row["township"] == one] for one in townships)]:
        by_hand = lived.oracle.rates(_of(some, cases), month.END)
        assert _counts(rates(facts.asked(some), MINIMUM)) == by_hand


def _of(table: list[dict], cases: dict[int, Followed]) -> list[Followed]:
    return [cases[row["case"]] for row in table]


def _counts(found: Rates) -> dict[str, object]:
    pairs = {
        name: (rate.done, rate.of)
        for name in ("response", "solution", "satisfaction", "on_time")
        for rate in (getattr(found, name),)
    }
    return pairs | {name: getattr(found, name) for name in ("unreachable", "merged", "excluded")}


def test_every_ledger_balances(lived):
    assert lived.oracle.faults["ledger"] == []


def test_departments_earned_what_their_work_was_worth_and_lost_what_was_a_month_old(lived):
    lived.oracle.points()
    assert lived.oracle.looked["points"]
    assert lived.oracle.looked["lapsed"]
    assert lived.oracle.faults["points"] == []


def test_nobody_was_paid_twice_or_by_one_person_alone(lived):
    twice = rows(
        "SELECT t.holder_id, date_trunc('month', p.day) AS month, count(*) FROM ledgers_posting p"
        " JOIN ledgers_account t ON t.id = p.target_id WHERE p.ledger = 'basics-grant' AND t.holder_id IS NOT NULL"
        " GROUP BY 1, 2 HAVING count(*) > 1"
    )
    alone = rows(
        "SELECT * FROM ledgers_motion WHERE agreed AND (answered_by_id IS NULL OR answered_by_id = proposed_by_id)"
    )
    assert (twice, alone) == ([], [])


def test_who_is_complained_of_sees_nothing_of_it_and_is_told_nothing(lived):
    complaints = [case for case in lived.oracle.cases.values() if case.kind == "complaint"]
    assert complaints
    for one in complaints:
        user = User.objects.filter(person=int(one.answers["complained-of"])).first()
        if user:
            assert not powers.visible(user, month.END).filter(pk=one.pk).exists()
            assert not rows(
                'SELECT 1 FROM outbox_message WHERE "to" = %s AND link = %s',
                user.username,
                f"/cases/{one.pk}",
            )


def test_the_journal_holds_and_tells_of_every_step(lived):
    journal.seal()
    found = verify()
    assert (found.broken, found.unsealed) == ("", 0)
    told = rows("SELECT deed, count(*) AS times FROM journal_entry GROUP BY deed")
    times = {one["deed"]: one["times"] for one in told}
    steps = rows("SELECT move, count(*) AS times FROM cases_step WHERE move <> 'ask' GROUP BY move")
    assert {one["move"]: one["times"] for one in steps} == {
        one["move"]: times[f"case.{one['move']}"] for one in steps
    }
    assert times["request.receive"] == len(lived.month.receipts) + lived.month.met["complaint"]
    assert times["case.open"] == Case.objects.count()
