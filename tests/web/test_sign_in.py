"""Signing in: by password or code, twice proved where it matters, not for ever; in a demo by one click."""

from datetime import date, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client, override_settings
from django.urls import reverse

from zugong.accounts import actions, first_day
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.registry import actions as registry
from zugong.registry.models import Subject

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
TWO = {"by": "甲", "agreed_by": "乙"}
GOOD = "Miao-lin 2026"
OPEN = "account"  # a page everybody has
INSIDE = "jobs"  # a page of the system administrator's


@pytest.fixture
def county() -> Subject:
    return registry.add("organisation", klass="county", name="青穆县委", since=DAY, by="测试")


def user(name: str, role: Role | None = None, where: Subject | None = None, **more: Any) -> User:
    made = actions.make_user(name, called=name, day=DAY, by="测试", **more)
    if not made.is_demo:
        actions.set_password(made, GOOD, at=clock.instant(), by="测试")
    if role:
        actions.grant(made, role, organisation=where, since=DAY, **TWO)
    return made


def sign_in(client: Client, name: str, password: str = GOOD, **more: str) -> Any:
    return client.post(reverse("sign-in"), {"username": name, "password": password, **more})


def text(response: Any) -> str:
    return str(response.content.decode())


# --- Password and code --------------------------------------------------------------


def test_every_page_asks_for_a_sign_in_and_comes_back_to_itself(client: Client) -> None:
    response = client.get(reverse(INSIDE))
    assert response.status_code == 302
    assert response["Location"] == "/signin?next=/jobs"


def test_name_and_password_open_the_page_that_was_asked_for(client: Client) -> None:
    user("clerk")
    response = sign_in(client, " CLERK ", next="/account")
    assert response["Location"] == "/account"
    assert client.get(reverse(OPEN)).status_code == 200
    assert Entry.objects.filter(deed="account.sign-in", detail__address="127.0.0.1").exists()


@pytest.mark.parametrize("there", ["https://example.com/", "//example.com", "javascript:alert(1)", "/signin"])
def test_no_address_leads_out_of_the_house_after_signing_in(client: Client, there: str) -> None:
    user("clerk")
    assert sign_in(client, "clerk", next=there)["Location"] == "/"


def test_when_somebody_signed_in_is_noted_on_the_countys_clock(client: Client) -> None:
    made = user("clerk")
    with clock.standing(date(2031, 5, 6), 8):
        sign_in(client, "clerk")
    made.refresh_from_db()
    assert clock.instant().year != 2031
    assert made.last_login == datetime(2031, 5, 6, 8, tzinfo=clock.SHANGHAI)


def test_a_wrong_password_and_a_wrong_name_read_the_same(client: Client) -> None:
    user("clerk")
    wrong_password, wrong_name = sign_in(client, "clerk", "no"), sign_in(client, "nobody", "no")
    for response in (wrong_password, wrong_name):
        assert "用户名或密码不对" in text(response)
    assert Entry.objects.filter(deed="account.sign-in-failed").count() == 2
    assert not Entry.objects.filter(by__contains="nobody").exists()


def test_a_closed_account_is_out_at_once(client: Client) -> None:
    clerk = user("clerk")
    sign_in(client, "clerk")
    actions.disable(clerk, day=DAY, by="系统管理员", reason="调离")
    assert client.get(reverse(OPEN)).status_code == 302
    assert "用户名或密码不对" in text(sign_in(client, "clerk"))


def test_a_code_leads_to_a_new_password_before_anything_else(client: Client) -> None:
    newcomer = actions.make_user("new", called="新人", day=DAY, by="测试")
    code = actions.give_code(newcomer, at=clock.instant(), by="系统管理员")
    sign_in(client, "new", code)
    assert client.get(reverse(INSIDE))["Location"].startswith("/account/password?")
    refused = client.post(reverse("password"), {"password": "short", "again": "short"})
    assert refused.status_code == 200
    done = client.post(reverse("password"), {"password": GOOD, "again": GOOD, "next": "/account"})
    assert done["Location"] == "/account"
    assert client.get(reverse(INSIDE)).status_code == 403  # signed in still, and with nothing granted
    assert "用户名或密码不对" in text(sign_in(Client(), "new", code))


def test_a_password_that_has_aged_is_changed_before_anything_else(client: Client) -> None:
    clerk = user("clerk")
    User.objects.filter(pk=clerk.pk).update(password_set_at=clock.instant() - timedelta(days=91))
    sign_in(client, "clerk")
    assert client.get(reverse(INSIDE))["Location"].startswith("/account/password?")


def test_changing_a_password_asks_for_the_old_one_and_ends_other_sessions(client: Client) -> None:
    user("clerk")
    elsewhere = Client()
    sign_in(client, "clerk")
    sign_in(elsewhere, "clerk")
    new = {"password": "Bai-shi 2027", "again": "Bai-shi 2027"}
    assert "现在的密码不对" in text(client.post(reverse("password"), {"old": "no", **new}))
    assert client.post(reverse("password"), {"old": GOOD, **new}).status_code == 302
    assert client.get(reverse(OPEN)).status_code == 200
    assert elsewhere.get(reverse(OPEN)).status_code == 302


# --- Lock-out -----------------------------------------------------------------------


def test_five_failures_rest_the_account_even_for_the_right_password(client: Client) -> None:
    user("clerk")
    for _ in range(4):
        assert sign_in(client, "clerk", "no").status_code == 200
    fifth = sign_in(client, "clerk", "no")
    assert fifth.status_code == 429
    assert "请 20 分钟后再试" in text(fifth)
    assert sign_in(client, "clerk").status_code == 429
    assert client.get(reverse(OPEN)).status_code == 302


def test_a_rest_is_for_one_account_from_one_address(client: Client) -> None:
    user("clerk")
    user("other")
    for _ in range(5):
        sign_in(client, "clerk", "no")
    assert sign_in(client, "other").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), "clerk").status_code == 302


@override_settings(ADDRESS_FAILURE_LIMIT=6)
def test_one_address_that_tries_many_accounts_rests_too(client: Client) -> None:
    user("clerk")
    for number in range(6):
        sign_in(client, f"guess{number}", "no")
    assert sign_in(client, "clerk").status_code == 429


# --- The second factor -----------------------------------------------------------------


def bound(of: User) -> pyotp.TOTP:
    totp = pyotp.TOTP(actions.begin_second_factor(of))
    actions.confirm_second_factor(of, totp.at(clock.instant() - timedelta(seconds=30)), at=clock.instant())
    return totp


def test_an_administrator_binds_a_phone_before_any_page_but_their_account(client: Client) -> None:
    system = user("system", Role.SYSTEM_ADMINISTRATOR)
    sign_in(client, "system")
    assert client.get(reverse(OPEN)).status_code == 200
    assert client.get(reverse(INSIDE))["Location"].startswith("/account/second-factor/new?")
    page = client.get(reverse("second-factor-new"))
    assert client.get(reverse("second-factor-qr")).content.startswith(b"<?xml")
    secret = page.context["secret"].replace(" ", "")
    shown = client.post(reverse("second-factor-new"), {"code": pyotp.TOTP(secret).at(clock.instant())})
    assert len(shown.context["codes"]) == 8
    assert client.get(reverse(INSIDE)).status_code == 200
    assert client.get(reverse("second-factor-qr")).status_code == 404
    assert actions.has_second_factor(system)


def test_a_bound_phone_is_asked_at_every_sign_in(client: Client) -> None:
    totp = bound(user("system", Role.SYSTEM_ADMINISTRATOR))
    sign_in(client, "system")
    assert client.get(reverse(INSIDE))["Location"].startswith("/account/second-factor?")
    assert "验证码不对" in text(client.post(reverse("second-factor"), {"code": "000000"}))
    passed = client.post(reverse("second-factor"), {"code": totp.at(clock.instant()), "next": "/jobs"})
    assert passed["Location"] == "/jobs"
    assert client.get(reverse(INSIDE)).status_code == 200
    again = Client()
    sign_in(again, "system")
    assert again.get(reverse(INSIDE))["Location"].startswith("/account/second-factor?")


def test_whoever_only_has_the_password_cannot_change_it_or_bind_another_phone(client: Client) -> None:
    system = user("system", Role.SYSTEM_ADMINISTRATOR)
    bound(system)
    sign_in(client, "system")
    new = {"old": GOOD, "password": "Bai-shi 2027", "again": "Bai-shi 2027"}
    assert "请先通过二次验证" in text(client.post(reverse("password"), new))
    assert client.post(reverse("second-factor-new"), {"code": "1"})["Location"] == "/account"
    assert User.objects.get(pk=system.pk).check_password(GOOD)


def test_a_village_secretary_needs_no_second_factor(client: Client, county: Subject) -> None:
    user("li", Role.VILLAGE_SECRETARY, county)
    sign_in(client, "li")
    assert client.get(reverse(INSIDE)).status_code == 403


# --- How long it lasts ------------------------------------------------------------------


def aged(client: Client, **minutes: int) -> None:
    session = client.session
    for name, ago in minutes.items():
        session[name] = int(clock.instant().timestamp()) - ago * 60
    session.save()


def test_twenty_idle_minutes_sign_out_and_say_so(client: Client) -> None:
    user("clerk")
    sign_in(client, "clerk")
    aged(client, seen=19)
    assert client.get(reverse(OPEN)).status_code == 200
    aged(client, seen=21)
    response = client.get(reverse(OPEN))
    assert response["Location"] == "/signin?why=idle&next=%2Faccount"
    assert "您有一阵没有操作" in text(client.get(response["Location"]))
    assert client.get(reverse(OPEN))["Location"].startswith("/signin?next=")


def test_twelve_hours_sign_out_however_busy(client: Client) -> None:
    user("clerk")
    sign_in(client, "clerk")
    aged(client, began=12 * 60 + 1, seen=0)
    assert client.get(reverse(OPEN))["Location"].startswith("/signin?why=long")


def test_after_an_idle_form_the_way_back_is_the_form(client: Client) -> None:
    user("clerk")
    sign_in(client, "clerk")
    aged(client, seen=21)
    response = client.post("/grants/1/revocation", headers={"Referer": "http://testserver/users/3?x=1"})
    assert response["Location"] == "/signin?why=idle&next=%2Fusers%2F3%3Fx%3D1"


def test_a_partial_that_finds_nobody_signed_in_moves_the_whole_page(client: Client) -> None:
    user("clerk")
    sign_in(client, "clerk")
    aged(client, seen=21)
    response = client.get(reverse(OPEN), headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith("/signin?why=idle")


def test_signing_out_is_a_deed_and_says_so(client: Client) -> None:
    user("clerk")
    sign_in(client, "clerk")
    assert client.get(reverse("sign-out")).status_code == 405
    assert "已经退出" in text(client.post(reverse("sign-out"), follow=True))
    assert client.get(reverse(OPEN)).status_code == 302


@override_settings(SINGLE_SESSION=True)
def test_where_a_county_wants_one_session_the_later_one_stays(client: Client) -> None:
    user("clerk")
    later = Client()
    sign_in(client, "clerk")
    sign_in(later, "clerk")
    assert client.get(reverse(OPEN)).status_code == 302
    assert later.get(reverse(OPEN)).status_code == 200


def test_the_session_key_changes_when_somebody_signs_in_and_when_they_prove_it_twice(client: Client) -> None:
    totp = bound(user("system", Role.SYSTEM_ADMINISTRATOR))
    sign_in(client, "system")
    before = client.session.session_key
    client.post(reverse("second-factor"), {"code": totp.at(clock.instant())})
    assert client.session.session_key != before


# --- The demo -----------------------------------------------------------------------------


@override_settings(DEMO=True)
def test_a_demo_lists_its_people_with_what_each_may_do_and_signs_in_by_one_click(
    client: Client, county: Subject
) -> None:
    user("chen", Role.DESK, county, demo=True)
    user("audit", Role.AUDIT_ADMINISTRATOR, demo=True)
    page = text(client.get(reverse("sign-in")))
    assert "办理事项、编发通报" in page
    assert "演示免去密码和二次验证" in page
    assert client.post(reverse("sign-in-demo"), {"user": "audit"})["Location"] == "/"
    assert client.get(reverse("journal")).status_code == 200
    assert "免去二次验证" in text(client.get(reverse(OPEN)))


@override_settings(DEMO=True)
def test_one_click_opens_no_account_that_is_not_a_demos(client: Client) -> None:
    user("clerk")
    assert client.post(reverse("sign-in-demo"), {"user": "clerk"}).status_code == 404


def test_a_demos_people_work_nowhere_else(client: Client, county: Subject) -> None:
    demo = user("chen", Role.DESK, county, demo=True)
    assert client.post(reverse("sign-in-demo"), {"user": "chen"}).status_code == 404
    assert "演示人物" not in text(client.get(reverse("sign-in")))
    User.objects.filter(pk=demo.pk).update(password=user("clerk").password)
    assert "用户名或密码不对" in text(sign_in(client, "chen"))
    with override_settings(DEMO=True):
        client.post(reverse("sign-in-demo"), {"user": "chen"})
        assert client.get(reverse(OPEN)).status_code == 200
    assert client.get(reverse(OPEN)).status_code == 302


# --- The browser is told ----------------------------------------------------------------


def test_what_is_read_signed_in_is_not_kept_by_the_browser(client: Client) -> None:
    user("clerk")
    sign_in(client, "clerk")
    response = client.get(reverse(OPEN))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert client.cookies["sessionid"]["httponly"]


def test_a_form_without_its_token_is_refused() -> None:
    assert Client(enforce_csrf_checks=True).post(reverse("sign-in"), {}).status_code == 403


# --- From the three codes to a county at work ----------------------------------------------


def test_the_first_day_from_three_codes_to_a_desk(county: Subject) -> None:
    """Each administrator lets themselves in; a user is made, asked for, agreed to, and signs in."""
    people = {name: entered(name, code) for name, _, code in first_day.begin(clock.today(), clock.instant())}
    made = people["system"].post(reverse("account-new"), {"called": "陈岚", "username": "chen"})
    code, chen = made.context["code"], User.objects.get(username="chen")
    asked = {"role": Role.DESK, "organisation": "青穆县委", "since": str(clock.today())}
    assert "办全县工作的填“青穆县委”" in text(people["security"].get(reverse("account-of", args=[chen.pk])))
    assert people["system"].post(reverse("grant-ask", args=[chen.pk]), asked).status_code == 403
    assert people["security"].post(reverse("grant-ask", args=[chen.pk]), asked).status_code == 302
    proposal = chen_proposal()
    answer = reverse("proposal-answer", args=[proposal])
    assert waiting(people["system"]) == ["账号和制度包 1 件"]
    assert waiting(people["security"]) == []
    assert f'href="{reverse("account-of", args=[chen.pk])}"' in text(people["system"].get("/proposals"))
    people["security"].post(answer, {"deed": "agree"})
    assert not chen.grants.exists()
    people["system"].post(answer, {"deed": "agree"})
    assert chen.grants.get().role == Role.DESK
    desk = entered("chen", code)
    assert desk.get(reverse(INSIDE)).status_code == 403
    assert "组织部经办人" in text(desk.get(reverse(OPEN)))


def entered(name: str, code: str) -> Client:
    """Come in by a code, set a password, bind a phone."""
    client = Client()
    sign_in(client, name, code)
    client.post(reverse("password"), {"password": GOOD, "again": GOOD})
    secret = client.get(reverse("second-factor-new")).context["secret"].replace(" ", "")
    client.post(reverse("second-factor-new"), {"code": pyotp.TOTP(secret).at(clock.instant())})
    return client


def waiting(client: Client) -> list[str]:
    return [row["label"] for row in client.get(reverse("desk")).context["rows"]]


def chen_proposal() -> int:
    from zugong.accounts.models import Proposal

    return Proposal.objects.get().pk
