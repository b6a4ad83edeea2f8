"""What somebody outside asks: taken in once, under a receipt whose code only the asker has."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from little_county import county, in_force
from little_requests import PACK, PASSING_UP
from zugong.accounts.rules import Role
from zugong.cases import actions, intake, jobs, powers
from zugong.cases.models import Answer, Case, Receipt
from zugong.cases.needs import answers_of
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
AT = datetime(2025, 3, 10, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE = "139 0000-0000"


@pytest.fixture
def place():
    return there(PACK)


@pytest.fixture
def passing_up():
    return there(PASSING_UP)


@pytest.fixture
def at_once():
    """The same where a contact is kept no longer than it is needed."""
    return there(PACK | {"fields": PACK["fields"].replace("keep: {days: 30,", "keep: {days: 0,")})


def there(pack):
    in_force(**pack)
    found = county()
    found.users = {
        "town": found.user(Role.TOWNSHIP_CLERK, found.townships[0]),
        "office": found.user(Role.DESK, found.office),
        "root": found.user(Role.HEAD, found.root),
    }
    return found


def taken(place, key="k" * 32, kind="request", **more):
    given = {
        "about": place.villages[0],
        "answers": {"matter": "路灯不亮", "contact": PHONE},
        "channel": "public",
        "day": DAY,
        "at": AT,
        "by": None,
    }
    return intake.receive(kind, key=key, **given | more)


def test_a_request_becomes_a_case_with_a_number_and_a_code_that_is_kept_nowhere(place):
    receipt, code = taken(place)
    assert receipt.case.kind == "request"
    assert answers_of(receipt.case)["matter"] == "路灯不亮"
    assert len(receipt.number) == 12
    assert receipt.number.isdecimal()
    assert len(code.replace("-", "")) >= 12, "32 letters each: sixty bits"
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{code}%"])
            assert cursor.fetchone() == (0,), table
    assert Entry.objects.filter(deed="request.receive", on=str(receipt.case)).count() == 1


def test_the_same_key_is_the_same_receipt_and_shows_the_same_code(place):
    first, code = taken(place)
    again, shown = taken(place)
    assert (again.pk, shown) == (first.pk, code)
    other, _ = taken(place, key="other")
    assert other.pk != first.pk
    assert Case.objects.count() == 2
    assert not Case.objects.filter(key__contains="k" * 32).exists(), (
        "whoever reads the table cannot send the form again"
    )


def test_number_and_code_find_a_receipt_however_they_are_typed(place):
    receipt, code = taken(place)
    assert intake.found_by(receipt.number, code) == receipt
    assert (
        intake.found_by(f" {receipt.number[:6]} {receipt.number[6:]} ", code.lower().replace("-", " "))
        == receipt
    )
    assert intake.found_by(receipt.number, code[:-1] + ("A" if code[-1] != "A" else "B")) is None
    assert intake.found_by("000000000000", code) is None
    assert intake.found_by(receipt.number, "") is None


def test_only_what_the_kind_says_comes_in_and_only_by_its_channels(place):
    with pytest.raises(Refused, match="不是群众诉求"):
        taken(place, kind="chore")
    with pytest.raises(Refused, match="不从这里受理"):
        taken(place, channel="meeting", by=place.users["office"])
    with pytest.raises(Refused, match="不由您"):
        taken(place, channel="hotline", by=place.users["town"])
    assert not Receipt.objects.exists()


def test_nobody_takes_in_what_an_account_is_needed_for(place):
    with pytest.raises(Refused, match="登录"):
        taken(place, channel="hotline")


def test_a_hotlines_own_number_is_taken_in_once(place):
    office = place.users["office"]
    first, _ = taken(place, channel="hotline", by=office, outside_number="12345-7")
    with pytest.raises(intake.TakenInAlready) as refused:
        taken(place, key="second", channel="hotline", by=office, outside_number=" 12345-7 ")
    assert refused.value.receipt == first


def test_a_caller_is_known_again_by_a_mark_that_tells_no_number(place):
    first, _ = taken(place)
    second, _ = taken(place, key="second", answers={"matter": "井盖", "contact": "+86 13900000000"})
    assert first.caller == second.caller != ""
    assert "139" not in first.caller or len(first.caller) == 64
    policy = powers.policy_for(first.case)
    assert list(intake.earlier(policy.case("request"), "13900000000", DAY)) == [second, first]
    assert not intake.earlier(policy.case("request"), "13900000000", DAY + timedelta(40)).exists(), (
        "look_back is over"
    )
    assert not intake.earlier(policy.case("request"), "", DAY).exists()


def closed(place, receipt):
    case, town = receipt.case, place.users["town"]
    actions.submit(case, by=town, day=DAY, answers={"inner": "转路灯所"})
    actions.submit(case, by=town, day=DAY, outcome="answered", answers={"reply": "已修"})
    actions.submit_as_asker(case, day=DAY, outcome="satisfied")
    case.refresh_from_db()
    return case


def test_the_mark_goes_with_the_contact_when_its_time_is_over(place):
    receipt, _ = taken(place)
    closed(place, receipt)
    assert jobs.erase(DAY + timedelta(29)) == 0
    receipt.refresh_from_db()
    assert receipt.caller
    assert jobs.erase(DAY + timedelta(30)) == 1
    receipt.refresh_from_db()
    assert receipt.caller, "callers are counted thirty days back"
    assert jobs.erase(DAY + timedelta(31)) == 1
    receipt.refresh_from_db()
    assert receipt.caller == ""


def test_a_contact_that_is_kept_for_no_day_longer_goes_when_the_request_is_closed(at_once):
    receipt, _ = taken(at_once)
    assert jobs.erase(DAY) == 0, "it is still needed to answer"
    closed(at_once, receipt)
    assert jobs.erase(DAY) == 1
    assert "contact" not in answers_of(receipt.case)


def test_the_mark_of_a_caller_stays_for_as_long_as_callers_are_counted(at_once):
    receipt, _ = taken(at_once)
    closed(at_once, receipt)
    jobs.erase(DAY)
    receipt.refresh_from_db()
    kind = powers.kind_of(receipt.case)
    assert list(intake.earlier(kind, PHONE, DAY + timedelta(29))) == [receipt], (
        "within the days it looks back"
    )
    assert jobs.erase(DAY + timedelta(30)) == 0
    assert jobs.erase(DAY + timedelta(31)) == 1
    receipt.refresh_from_db()
    assert receipt.caller == ""
    assert jobs.erase(DAY + timedelta(32)) == 0, "once"


def test_what_went_on_in_another_keeps_its_contact_until_that_one_is_closed(at_once):
    (first, _), (second, _) = taken(at_once), taken(at_once, key="m" * 32)
    actions.merge(second.case, first.case, by=at_once.users["town"], day=DAY, reason="同一盏灯")
    assert jobs.erase(DAY) == 0, "whoever asked is answered with the other"
    closed(at_once, first)
    assert jobs.erase(DAY) == 2


def test_the_contact_is_read_by_who_acts_for_a_reason_that_is_journaled(place):
    receipt, _ = taken(place)
    case = receipt.case
    assert intake.read_contact(case, by=place.users["town"], day=DAY, reason="回访") == PHONE
    line = Entry.objects.get(deed="request.contact")
    assert line.on == str(case)
    assert PHONE not in str(line.detail)
    assert "回访" in str(line.detail)
    with pytest.raises(Refused, match="理由"):
        intake.read_contact(case, by=place.users["town"], day=DAY, reason=" ")
    with pytest.raises(Refused, match="正在办理"):
        intake.read_contact(case, by=place.users["root"], day=DAY, reason="看看")
    assert Entry.objects.filter(deed="request.contact").count() == 1


# --- What is said against an official ------------------------------------------------


def complained(place, person, key="k" * 32):
    answers = {"matter": "吃拿卡要", "contact": PHONE} | ({"who": person.pk} if person else {})
    return taken(place, key, kind="complaint", answers=answers)[0].case


def test_what_is_said_against_somebody_falls_to_the_body_above_and_they_never_see_it(place):
    head = place.person("镇长", "township-head", place.townships[0])
    own = place.user(Role.CADRE, place.townships[0], head)
    case = complained(place, head)
    town, root = place.users["town"], place.users["root"]
    for kept_out in (own, town):
        assert case not in powers.visible(kept_out, DAY)
        assert powers.moves(kept_out, case, DAY) == []
        with pytest.raises(Refused):
            intake.read_contact(case, by=kept_out, day=DAY, reason="想知道")
    assert powers.answerable(case, DAY) == {place.root.pk}
    assert case in powers.visible(root, DAY)
    assert powers.acting(root, case, DAY) == ["town"]
    assert intake.read_contact(case, by=root, day=DAY, reason="核实") == PHONE


def test_who_acts_for_them_is_kept_out_too(place):
    head = place.person("镇长", "township-head", place.townships[0])
    seat = head.appointments.get().post
    deputy = place.person("副书记")
    registry.appoint(
        deputy, post=seat, since=DAY, by="t", kind="deputy", until=DAY + timedelta(30), source="文"
    )
    acting = place.user(Role.HEAD, place.office, deputy)
    case = complained(place, head)
    assert case not in powers.visible(acting, DAY)
    assert not powers.acting(acting, case, DAY)


def test_whoever_is_not_complained_of_acts_as_ever_and_nobody_else_sees_it(place):
    elsewhere = place.person("别的镇长", "township-head", place.townships[1])
    case = complained(place, elsewhere)
    assert powers.acting(place.users["town"], case, DAY) == ["town"]
    stranger = place.user(Role.TOWNSHIP_CLERK, place.townships[1])
    assert case not in powers.visible(stranger, DAY)
    village = place.user(Role.VILLAGE_SECRETARY, place.villages[0])
    assert case not in powers.visible(village, DAY), "it is about their village, and none of their stages"


def test_whom_an_earlier_answer_named_stays_out(place):
    head = place.person("镇长", "township-head", place.townships[0])
    case = complained(place, head)
    step = case.steps.first()
    Answer.objects.create(case=case, step=step, field="who", version=2, value=place.person("另一人").pk)
    assert case not in powers.visible(place.users["town"], DAY)


def test_nobody_is_told_of_what_is_said_against_them(place):
    head = place.person("镇长", "township-head", place.townships[0])
    own = place.user(Role.CADRE, place.townships[0], head)
    complained(place, head)
    told = set(Message.objects.values_list("to", flat=True))
    assert told == {place.users["root"].username}
    assert own.username not in told


def leader(place):
    return place.person("县长", "county-leader", place.root)


def test_what_is_said_against_the_top_begins_where_it_is_passed_up_and_none_below_decides_on_it(passing_up):
    case = complained(passing_up, leader(passing_up))
    assert case.stage == "pass-up"
    assert case.steps.get().to_stage == "pass-up", "the history says so, too"
    town, office, root = (passing_up.users[name] for name in ("town", "office", "root"))
    assert powers.acting(office, case, DAY) == ["office"]
    assert case not in powers.visible(town, DAY), "they answer to the person"
    assert case not in powers.visible(root, DAY)
    assert powers.answerable(case, DAY) == {passing_up.office.pk}
    actions.submit(case, by=office, day=DAY, outcome="passed", answers={"reply": "已转市纪委监委"})
    assert set(intake.facts([case])[case.pk]) == {"answered"}


def test_whom_it_names_later_passes_it_up_then(passing_up):
    case = complained(passing_up, None)
    assert case.stage == "sort"
    answers = {"who": leader(passing_up).pk}
    step = actions.submit(case, by=passing_up.users["town"], day=DAY, answers=answers)
    assert step.to_stage == "pass-up"


def also(place, person, of):
    seat = registry.add("post", klass="county-leader", name="兼职", parent=of, since=DAY, by="t")
    registry.appoint(person, post=seat, since=DAY, by="t", source="文")


def test_where_the_first_that_passes_up_is_complained_of_too_the_next_does_and_else_it_is_not_taken_in(
    passing_up,
):
    head = leader(passing_up)
    also(passing_up, head, passing_up.office)
    case = complained(passing_up, head)
    assert case.stage == "pass-up"
    assert powers.acting(passing_up.users["town"], case, DAY) == ["town"]
    assert case not in powers.visible(passing_up.users["office"], DAY)
    also(passing_up, head, passing_up.townships[0])
    with pytest.raises(Refused, match="上一级"):
        complained(passing_up, head, key="z" * 32)


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_is_one_request_with_one_code(place):
    def once_more(_n):
        try:
            receipt, code = taken(place, key="the same")
            return receipt.number, code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        shown = set(pool.map(once_more, range(8)))
    assert len(shown) == 1
    assert Case.objects.count() == Receipt.objects.count() == 1
    assert Entry.objects.filter(deed="request.receive").count() == 1
    assert Message.objects.values("to", "link").distinct().count() == Message.objects.count()


def test_nobody_is_reminded_of_what_is_said_against_them_because_they_are_reminded_of_another(place):
    head = place.person("镇长", "township-head", place.townships[0])
    other = complained(place, None)
    against = taken(place, key="second", kind="complaint", answers={"matter": "吃拿卡要", "who": head.pk})[
        0
    ].case
    for case in (other, against):
        case.due_on = DAY
        case.save(update_fields=["due_on"])
    jobs.remind(DAY + timedelta(20))
    told = {
        case: set(Message.objects.filter(link=f"/cases/{case.pk}").values_list("to", flat=True))
        for case in (other, against)
    }
    town = place.users["town"].username
    assert town in told[other]
    assert town not in told[against]
    assert place.users["office"].username in told[against], "the others are reminded"


@pytest.mark.django_db(transaction=True)
def test_requests_taken_in_at_once_are_numbered_without_a_gap(place):
    """They wait for nobody who opens another kind of case, and their numbers run on."""

    def sent(n):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return taken(place, key=f"form {n}")[0].case.number
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(4) as pool:
        actions.open("chore", about=place.villages[0], day=DAY, by=place.users["office"])
        numbers = list(pool.map(sent, range(8)))
    assert sorted(numbers) == [f"诉〔2025〕{n}号" for n in range(1, 9)]


@pytest.mark.django_db(transaction=True)
def test_a_kind_that_is_open_once_is_open_once_however_many_ask_at_once(place):
    in_force(**PACK | {"case": PACK["case"].replace('once: ""', "once: open", 1)})

    def sent(n):
        try:
            return taken(place, key=f"form {n}")[0].case.number
        except Refused as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(sent, range(4)))
    assert Case.objects.count() == 1
    assert sum("已有一件在办" in one for one in found) == 3
