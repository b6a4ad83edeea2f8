"""How somebody proves who they are: a code once, a password the county's profile allows, a phone's digits each once."""

from datetime import date, datetime, timedelta

import pyotp
import pytest
from django.test import override_settings

from zugong.accounts import actions
from zugong.accounts.models import SecondFactor, SignInCode, User
from zugong.accounts.rules import classes, has_aged
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, tzinfo=clock.SHANGHAI)
GOOD = "Qing-mu 2026 miao"


@pytest.fixture
def chen(db: None) -> User:
    return actions.make_user("Chen", called="陈岚", day=DAY, by="测试")


def set_password(user: User, password: str, at: datetime = AT) -> None:
    actions.set_password(user, password, at=at, by=user)


# --- Accounts ------------------------------------------------------------------


def test_a_user_name_is_small_letters_and_belongs_to_one(chen: User) -> None:
    assert chen.username == "chen"
    with pytest.raises(Refused, match="已经有人用了"):
        actions.make_user("CHEN", called="另一个", day=DAY, by="测试")


@pytest.mark.parametrize("name", ["", "a", "a b", "a/b", "a" * 61, "<b>"])
def test_a_user_name_that_cannot_be_typed_is_refused(db: None, name: str) -> None:
    with pytest.raises(Refused, match="用户名"):
        actions.make_user(name, called="甲", day=DAY, by="测试")


def test_nobody_signs_in_to_a_new_account_without_a_code(chen: User) -> None:
    assert not chen.has_usable_password()


# --- One-time codes ----------------------------------------------------------------


def test_a_code_opens_once(chen: User) -> None:
    code = actions.give_code(chen, at=AT, by="系统管理员")
    assert actions.use_code(chen, code, at=AT + timedelta(hours=23))
    assert not actions.use_code(chen, code, at=AT + timedelta(hours=23))


def test_a_code_is_dead_after_a_day(chen: User) -> None:
    code = actions.give_code(chen, at=AT, by="系统管理员")
    assert not actions.use_code(chen, code, at=AT + timedelta(hours=24))


def test_a_new_code_ends_the_one_before(chen: User) -> None:
    first, second = (actions.give_code(chen, at=AT, by="系统管理员") for _ in range(2))
    assert not actions.use_code(chen, first, at=AT)
    assert actions.use_code(chen, second, at=AT)


def test_a_code_may_be_typed_in_small_letters_and_without_dashes(chen: User) -> None:
    code = actions.give_code(chen, at=AT, by="系统管理员")
    assert actions.use_code(chen, code.replace("-", " ").lower(), at=AT)


def test_a_code_is_kept_nowhere_in_the_clear(chen: User) -> None:
    code = actions.give_code(chen, at=AT, by="系统管理员")
    assert code not in SignInCode.objects.get().digest
    assert not any(code in str(entry.detail) for entry in Entry.objects.all())


def test_whoever_comes_by_a_code_sets_a_new_password(chen: User) -> None:
    set_password(chen, GOOD)
    actions.use_code(chen, actions.give_code(chen, at=AT, by="系统管理员"), at=AT)
    assert not chen.has_usable_password()
    assert has_aged(chen.password_set_at, AT, 0)


def test_a_code_opens_no_other_account(chen: User) -> None:
    wang = actions.make_user("wang", called="王舒", day=DAY, by="测试")
    assert not actions.use_code(wang, actions.give_code(chen, at=AT, by="系统管理员"), at=AT)


def test_a_demos_people_have_neither_code_nor_password(db: None) -> None:
    one = actions.make_user("demo", called="演示", day=DAY, by="测试", demo=True)
    with pytest.raises(Refused, match="演示"):
        actions.give_code(one, at=AT, by="系统管理员")
    with pytest.raises(Refused, match="演示"):
        set_password(one, GOOD)


# --- Passwords, as the profile says -----------------------------------------------------

DENGBAO = {"PASSWORD_MIN_CLASSES": 3, "PASSWORD_HISTORY": 5}
ASVS = {"PASSWORD_MIN_CLASSES": 0, "PASSWORD_HISTORY": 0}


@override_settings(**DENGBAO)
@pytest.mark.parametrize(
    "password", ["Ab1-short", "onlysmallletters", "smalland12345", "Password1", "My-chen-2026"]
)
def test_the_dengbao_profile_refuses(chen: User, password: str) -> None:
    with pytest.raises(Refused):
        set_password(chen, password)


@override_settings(**DENGBAO)
def test_the_dengbao_profile_refuses_the_last_five_and_allows_the_sixth(chen: User) -> None:
    passwords = [f"Miao-lin {number}x" for number in range(6)]
    for number, password in enumerate(passwords):
        set_password(chen, password, AT + timedelta(days=number))
    for password in passwords[1:]:
        with pytest.raises(Refused, match="最近 5 次"):
            set_password(chen, password, AT + timedelta(days=9))
    set_password(chen, passwords[0], AT + timedelta(days=9))


@override_settings(**ASVS)
def test_the_asvs_profile_wants_length_and_no_composition_and_remembers_nothing(chen: User) -> None:
    set_password(chen, "four plain words here")
    set_password(chen, "four plain words here")


def test_the_two_profiles_differ_where_the_two_papers_do() -> None:
    from zugong.config import settings as county

    assert county.PASSWORD_PROFILE == "dengbao"
    assert (county.PASSWORD_MIN_LENGTH, county.PASSWORD_MIN_CLASSES) == (10, 3)
    assert (county.PASSWORD_MAX_AGE_DAYS, county.PASSWORD_HISTORY) == (90, 5)


@pytest.mark.parametrize(
    ("password", "count"), [("", 0), ("abc", 1), ("aB", 2), ("aB1", 3), ("aB1 ", 4), ("密码", 1)]
)
def test_classes_of_characters(password: str, count: int) -> None:
    assert classes(password) == count


def test_a_password_ages_after_ninety_days_under_dengbao_and_never_under_asvs() -> None:
    assert not has_aged(AT, AT + timedelta(days=90), 90)
    assert has_aged(AT, AT + timedelta(days=90, seconds=1), 90)
    assert not has_aged(AT, AT + timedelta(days=9000), 0)
    assert has_aged(None, AT, 0)


# --- The second factor ----------------------------------------------------------------


@pytest.fixture
def phone(chen: User) -> pyotp.TOTP:
    totp = pyotp.TOTP(actions.begin_second_factor(chen))
    actions.confirm_second_factor(chen, totp.at(AT), at=AT)
    return totp


def later(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_the_key_stays_the_same_until_it_is_bound_and_is_shown_no_more_after(chen: User) -> None:
    secret = actions.begin_second_factor(chen)
    assert actions.begin_second_factor(chen) == secret
    actions.confirm_second_factor(chen, pyotp.TOTP(secret).at(AT), at=AT)
    with pytest.raises(Refused, match="已经绑定"):
        actions.begin_second_factor(chen)


def test_the_key_is_encrypted_in_the_database(chen: User) -> None:
    secret = actions.begin_second_factor(chen)
    assert secret not in SecondFactor.objects.get().secret


def test_a_phones_code_is_accepted_once(chen: User, phone: pyotp.TOTP) -> None:
    code = phone.at(later(60))
    actions.pass_second_factor(chen, code, at=later(60))
    with pytest.raises(Refused):
        actions.pass_second_factor(chen, code, at=later(61))


def test_the_code_that_bound_the_phone_does_not_pass_again(chen: User, phone: pyotp.TOTP) -> None:
    with pytest.raises(Refused):
        actions.pass_second_factor(chen, phone.at(AT), at=later(5))


@pytest.mark.parametrize(("off", "passes"), [(-30, True), (0, True), (30, True), (60, False), (-90, False)])
def test_a_phones_watch_may_be_half_a_minute_off(
    chen: User, phone: pyotp.TOTP, off: int, passes: bool
) -> None:
    code = phone.at(later(300 + off))
    if passes:
        actions.pass_second_factor(chen, code, at=later(300))
    else:
        with pytest.raises(Refused):
            actions.pass_second_factor(chen, code, at=later(300))


def test_five_wrong_codes_rest_the_account_even_for_the_right_one(chen: User, phone: pyotp.TOTP) -> None:
    for _ in range(5):
        with pytest.raises(Refused, match="不对"):
            actions.pass_second_factor(chen, "000000", at=later(60))
    with pytest.raises(Refused, match="20 分钟"):
        actions.pass_second_factor(chen, phone.at(later(90)), at=later(90))
    rested = 60 + 20 * 60
    actions.pass_second_factor(chen, phone.at(later(rested)), at=later(rested))


def test_a_recovery_code_passes_once(chen: User) -> None:
    totp = pyotp.TOTP(actions.begin_second_factor(chen))
    codes = actions.confirm_second_factor(chen, totp.at(AT), at=AT)
    assert len(set(codes)) == 8
    actions.pass_second_factor(chen, codes[3], at=later(60))
    with pytest.raises(Refused):
        actions.pass_second_factor(chen, codes[3], at=later(61))
    actions.pass_second_factor(chen, codes[4], at=later(62))


def test_on_another_machine_a_phones_code_is_answered_by_what_to_do_and_a_recovery_code_passes(
    chen: User, settings
) -> None:
    totp = pyotp.TOTP(actions.begin_second_factor(chen))
    codes = actions.confirm_second_factor(chen, totp.at(AT), at=AT)
    assert actions.strangers_to_this_machine() == []
    settings.SECRET_KEY = "another machine's"
    assert actions.strangers_to_this_machine() == [chen]
    with pytest.raises(Refused, match=r"恢复码，或请安全管理员.*再绑定一次"):
        actions.pass_second_factor(chen, totp.at(later(60)), at=later(60))
    actions.pass_second_factor(chen, codes[0], at=later(61))


def test_whoever_keeps_the_machine_may_forget_only_a_phone_that_it_cannot_read(
    chen: User, phone: pyotp.TOTP, settings
) -> None:
    with pytest.raises(Refused, match="读得出"):
        actions.rebind_after_restore(chen, by="看管机器的人")
    settings.SECRET_KEY = "another machine's"
    actions.rebind_after_restore(chen, by="看管机器的人")
    anew = pyotp.TOTP(actions.begin_second_factor(chen))
    actions.confirm_second_factor(chen, anew.at(AT), at=AT)
    assert actions.strangers_to_this_machine() == []


def test_a_phone_not_yet_bound_is_given_a_key_of_this_machine(chen: User, settings) -> None:
    secret = actions.begin_second_factor(chen)
    settings.SECRET_KEY = "another machine's"
    assert actions.begin_second_factor(chen) != secret


def test_a_lost_phone_is_forgotten_by_two_people(chen: User, phone: pyotp.TOTP) -> None:
    with pytest.raises(Refused, match="两人"):
        actions.reset_second_factor(chen, by="甲", agreed_by="甲")
    actions.reset_second_factor(chen, by="甲", agreed_by="乙")
    assert not actions.has_second_factor(chen)


# --- Dormant accounts -------------------------------------------------------------------


def test_an_account_nobody_uses_for_ninety_days_is_closed(chen: User) -> None:
    assert actions.disable_dormant(DAY + timedelta(90), by="系统") == 0
    assert actions.disable_dormant(DAY + timedelta(91), by="系统") == 1
    assert not User.objects.get(pk=chen.pk).is_active


def test_an_account_in_use_or_opened_again_stays_open(chen: User) -> None:
    User.objects.filter(pk=chen.pk).update(last_login=AT + timedelta(60))
    assert actions.disable_dormant(DAY + timedelta(90), by="系统") == 0
    actions.disable(chen, day=DAY, by="系统", reason="试")
    actions.enable(chen, day=DAY + timedelta(200), by="系统")
    assert actions.disable_dormant(DAY + timedelta(201), by="系统") == 0


def test_a_demos_people_are_never_dormant(db: None) -> None:
    actions.make_user("demo", called="演示", day=DAY, by="测试", demo=True)
    assert actions.disable_dormant(DAY + timedelta(900), by="系统") == 0
