"""A role is given by two people, over a part of the county, from a day until a day; three administrators stay three."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from zugong.accounts import actions, powers
from zugong.accounts.models import Grant, Proposal, User
from zugong.accounts.rules import May, Role
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.sentences import Sentence
from zugong.registry import actions as registry
from zugong.registry.models import Subject

DAY = date(2026, 3, 2)
TWO = {"by": "安全管理员甲", "agreed_by": "系统管理员乙"}


def user(username: str, person: Subject | None = None) -> User:
    return actions.make_user(username, called=username, day=DAY, by="测试", person=person)


def administrator(username: str, role: Role) -> User:
    made = user(username)
    actions.grant(made, role, since=DAY, **TWO)
    return made


@pytest.fixture
def county(db: None) -> Subject:
    return registry.add("organisation", klass="county", name="青穆县委", since=DAY, by="测试")


def at(hour: int = 9) -> datetime:
    return datetime(2026, 3, 2, hour, tzinfo=clock.SHANGHAI)


def test_a_grant_holds_from_its_first_day_until_its_last(county: Subject) -> None:
    chen = user("chen")
    actions.grant(chen, Role.DESK, organisation=county, since=DAY, until=date(2026, 6, 1), **TWO)
    assert User.objects.get(pk=chen.pk).roots(May.SEE, DAY) == [county.pk]
    assert User.objects.get(pk=chen.pk).roots(May.SEE, date(2026, 5, 31)) == [county.pk]
    assert User.objects.get(pk=chen.pk).roots(May.SEE, date(2026, 6, 1)) == []
    assert User.objects.get(pk=chen.pk).roots(May.SEE, DAY - timedelta(1)) == []


def test_nobody_gives_a_role_alone(county: Subject) -> None:
    with pytest.raises(Refused, match="两人办理"):
        actions.grant(user("chen"), Role.DESK, organisation=county, since=DAY, by="甲", agreed_by="甲")


def test_the_database_itself_refuses_a_grant_of_one_person(county: Subject) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            user=user("chen"), role=Role.DESK, organisation=county, held=DateRange(DAY, None), given_by="甲", agreed_by="甲"
        )  # fmt: skip


@pytest.mark.parametrize(
    "first", [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR]
)
@pytest.mark.parametrize(
    "second", [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR]
)
def test_nobody_is_two_of_the_three_administrators(db: None, first: Role, second: Role) -> None:
    if first == second:
        return
    one = administrator("one", first)
    with pytest.raises(Refused, match="三员"):
        actions.grant(one, second, since=DAY, **TWO)


def test_an_administrator_holds_nothing_else_whichever_came_first(county: Subject) -> None:
    audit, chen = administrator("audit", Role.AUDIT_ADMINISTRATOR), user("chen")
    actions.grant(chen, Role.DESK, organisation=county, since=DAY, **TWO)
    with pytest.raises(Refused, match="三员"):
        actions.grant(audit, Role.DESK, organisation=county, since=DAY, **TWO)
    with pytest.raises(Refused, match="三员"):
        actions.grant(chen, Role.SYSTEM_ADMINISTRATOR, since=DAY, **TWO)


def test_two_accounts_of_one_person_are_one_person(county: Subject) -> None:
    person = registry.add("person", klass="cadre", name="陈岚", since=DAY, by="测试")
    actions.grant(user("chen", person), Role.SYSTEM_ADMINISTRATOR, since=DAY, **TWO)
    with pytest.raises(Refused, match="三员"):
        actions.grant(user("chen2", person), Role.AUDIT_ADMINISTRATOR, since=DAY, **TWO)


def test_the_parts_may_follow_one_another_but_not_overlap(db: None) -> None:
    chen = user("chen")
    actions.grant(chen, Role.SYSTEM_ADMINISTRATOR, since=DAY, until=date(2026, 6, 1), **TWO)
    with pytest.raises(Refused, match="三员"):
        actions.grant(chen, Role.AUDIT_ADMINISTRATOR, since=date(2026, 5, 31), **TWO)
    actions.grant(chen, Role.AUDIT_ADMINISTRATOR, since=date(2026, 6, 1), **TWO)


def test_the_same_role_in_two_places_is_two_grants_and_twice_in_one_place_is_refused(county: Subject) -> None:
    other = registry.add("organisation", klass="department", name="县农业农村局", since=DAY, by="测试")
    chen = user("chen")
    actions.grant(chen, Role.LIAISON, organisation=county, since=DAY, **TWO)
    actions.grant(chen, Role.LIAISON, organisation=other, since=DAY, **TWO)
    with pytest.raises(Refused, match="已经有这项授权"):
        actions.grant(chen, Role.LIAISON, organisation=county, since=DAY, **TWO)


def test_an_administrators_role_is_not_given_twice(db: None) -> None:
    with pytest.raises(Refused, match="已经有这项授权"):
        actions.grant(
            administrator("audit", Role.AUDIT_ADMINISTRATOR), Role.AUDIT_ADMINISTRATOR, since=DAY, **TWO
        )


def test_what_is_taken_back_is_gone_at_once(county: Subject) -> None:
    chen = user("chen")
    given = actions.grant(chen, Role.DESK, organisation=county, since=DAY, **TWO)
    assert chen.may(May.SEE, DAY + timedelta(1))
    actions.revoke(given, day=DAY + timedelta(1), by="安全管理员甲")
    assert not User.objects.get(pk=chen.pk).may(May.SEE, DAY + timedelta(1))
    assert User.objects.get(pk=chen.pk).may(May.SEE, DAY)


def test_the_last_administrator_of_a_kind_is_neither_stripped_nor_closed(db: None) -> None:
    only = administrator("audit", Role.AUDIT_ADMINISTRATOR)
    given = only.grants.get()
    with pytest.raises(Refused, match="最后一名"):
        actions.revoke(given, day=DAY, by="安全管理员甲")
    with pytest.raises(Refused, match="最后一名"):
        actions.disable(only, day=DAY, by="系统管理员乙", reason="调离")
    administrator("audit2", Role.AUDIT_ADMINISTRATOR)
    actions.disable(only, day=DAY, by="系统管理员乙", reason="调离")


def test_every_deed_leaves_one_line_with_both_names(county: Subject) -> None:
    chen = user("chen")
    actions.grant(chen, Role.DESK, organisation=county, since=DAY, **TWO)
    line = Entry.objects.get(deed="account.grant")
    assert (line.by, line.on, line.detail["agreed_by"]) == ("安全管理员甲", str(chen), "系统管理员乙")


# --- Proposals -------------------------------------------------------------------


@pytest.fixture
def three(db: None) -> dict[str, User]:
    return {
        "system": administrator("system", Role.SYSTEM_ADMINISTRATOR),
        "security": administrator("security", Role.SECURITY_ADMINISTRATOR),
        "audit": administrator("audit", Role.AUDIT_ADMINISTRATOR),
    }


def asked(by: User, of: User, where: Subject | None, role: Role = Role.DESK) -> Proposal:
    return actions.propose(
        actions.GRANT, Sentence("授权"), by=by, at=at(), user=of.pk, role=role.value,
        organisation=where.pk if where else None, since=str(DAY), until="",
    )  # fmt: skip


def test_what_is_asked_happens_when_another_agrees(three: dict[str, User], county: Subject) -> None:
    chen = user("chen")
    proposal = asked(three["security"], chen, county)
    assert not chen.grants.exists()
    actions.agree(proposal, by=three["system"], at=at(10))
    given = chen.grants.get()
    assert (given.given_by, given.agreed_by) == (str(three["security"]), str(three["system"]))


def test_who_asked_cannot_agree_and_nothing_is_agreed_twice(three: dict[str, User], county: Subject) -> None:
    proposal = asked(three["security"], user("chen"), county)
    with pytest.raises(Refused, match="两人办理"):
        actions.agree(proposal, by=three["security"], at=at())
    actions.agree(proposal, by=three["system"], at=at())
    with pytest.raises(Refused, match="已经有了结果"):
        actions.agree(proposal, by=three["system"], at=at())


def test_what_may_not_be_done_stays_open_when_agreed_to(three: dict[str, User]) -> None:
    chen = user("chen")
    proposal = asked(three["security"], chen, None, Role.SYSTEM_ADMINISTRATOR)
    actions.grant(chen, Role.AUDIT_ADMINISTRATOR, since=DAY, **TWO)
    with pytest.raises(Refused, match="三员"):
        actions.agree(proposal, by=three["system"], at=at())
    assert Proposal.objects.get(pk=proposal.pk).outcome == Proposal.Outcome.OPEN


def test_only_a_system_administrator_who_does_not_gain_may_answer(
    three: dict[str, User], county: Subject
) -> None:
    proposal = asked(three["security"], user("chen"), county)
    asked(three["security"], three["system"], None, Role.SYSTEM_ADMINISTRATOR)
    assert list(powers.answerable(three["system"], DAY)) == [proposal]
    assert not powers.answerable(three["security"], DAY).exists()
    assert not powers.answerable(three["audit"], DAY).exists()


def test_taking_back_and_saying_no_do_nothing(three: dict[str, User], county: Subject) -> None:
    chen = user("chen")
    one, other = asked(three["security"], chen, county), asked(three["security"], chen, county)
    actions.decline(one, by=three["security"], at=at())
    actions.decline(other, by=three["system"], at=at())
    assert list(Proposal.objects.order_by("id").values_list("outcome", flat=True)) == [
        "withdrawn",
        "declined",
    ]
    assert not chen.grants.exists()


# --- Who reads accounts ------------------------------------------------------------


def test_accounts_are_read_by_who_makes_them_who_grants_and_by_oneself(three: dict[str, User]) -> None:
    chen = user("chen")
    assert chen in powers.users(three["system"], DAY)
    assert chen in powers.users(three["security"], DAY)
    assert list(powers.users(three["audit"], DAY)) == [three["audit"]]
    assert list(powers.users(chen, DAY)) == [chen]


# --- At the same time ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_do_not_make_one_person_two_administrators() -> None:
    chen = user("chen")
    start, done = threading.Barrier(2), []

    def give(role: Role) -> None:
        start.wait()
        try:
            actions.grant(User.objects.get(pk=chen.pk), role, since=DAY, **TWO)
            done.append(role)
        except Refused:
            pass
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=give, args=[role])
        for role in (Role.SYSTEM_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert Grant.objects.filter(user=chen).count() == 1


def test_what_nobody_could_agree_to_is_refused_when_it_is_asked(
    county: Subject, three: dict[str, User]
) -> None:
    with pytest.raises(Refused, match="互不兼任"):
        asked(three["security"], three["security"], county)
    assert not Proposal.objects.exists()


def test_full_width_letters_are_the_same_letters(db: None) -> None:
    user("admin")
    with pytest.raises(Refused, match="已经有人用了"):
        user("ＡＤｍｉｎ")
