"""A hand-over opens wherever an appointment ends, falls away with the ending, and says who cannot see what they take over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import sheets
from cast import LONG_AGO, Cast, cast
from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.cases import actions as cases
from zugong.cases import powers
from zugong.cases.models import Case
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.duties import handing
from zugong.imports import actions as imports
from zugong.imports.models import Import
from zugong.registry import actions as registry
from zugong.registry.answering import answering
from zugong.registry.models import Appointment, Edition, Subject

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)


@pytest.fixture
def made() -> Cast:
    return cast()


def held(made: Cast, name: str = "li") -> Appointment:
    one: Appointment = Appointment.objects.on(DAY).filter(acts_for=False).get(person=made.people[name])
    return one


def seat(made: Cast) -> Subject:
    return Appointment.objects.known().filter(person=made.people["li"]).latest("pk").post


def sheet(made: Cast, *, until: date | None = None, **more: object) -> Import:
    """Import the end of the secretary's appointment."""
    row = {
        "人员": "李禾",
        "职务": "白石村党支部 branch-secretary",
        "起始日期": LONG_AGO,
        "终止日期": until,
    } | more
    return sent(made, [row])


def sent(made: Cast, rows: list[dict[str, object]]) -> Import:
    return imports.confirm(made.users["chen"], read(made, rows).pk, day=DAY)


def read(made: Cast, rows: list[dict[str, object]]) -> Import:
    for row in rows:
        row["职务"] = str(row["职务"]).split()[-1]
    chen = made.users["chen"]
    content = sheets.filled(imports.template(chen, "appointment", day=DAY), rows)
    return imports.upload(chen, "appointment", file="表.xlsx", content=content, day=DAY)


def handed() -> list[Case]:
    return list(Case.objects.filter(kind="hand-over").order_by("pk"))


def appoint(made: Cast, name: str, day: date = DAY, **more: str) -> Appointment:
    return registry.appoint(made.people[name], post=seat(made), since=day, by="t", **more)


def release(made: Cast, name: str = "li", on: date = DAY) -> None:
    registry.release(held(made, name), on=on, by="t")
    handing.follow(DAY)


# --- However it ends ---------------------------------------------------------------------


def test_an_end_that_a_sheet_brings_opens_the_hand_over_as_one_by_hand_does(made: Cast) -> None:
    one = sheet(made, until=DAY)
    (case,) = handed()
    assert (case.about, case.holder, case.opened_on) == (seat(made), made.people["li"], DAY)
    assert case.lists.exists()
    assert Entry.objects.filter(deed="registry.release", by=str(made.users["chen"])).count() == 1
    assert one.changed == 1


def test_an_end_still_to_come_opens_it_on_its_day(made: Cast) -> None:
    sheet(made, until=DAY + timedelta(days=5))
    assert handed() == []
    handing.follow(DAY + timedelta(days=5))
    assert [case.opened_on for case in handed()] == [DAY + timedelta(days=5)]


def test_an_end_that_is_brought_forward_opens_one_hand_over_and_not_two(made: Cast) -> None:
    sheet(made, until=DAY + timedelta(days=5))
    registry.release(held(made), on=DAY, by="t")
    handing.follow(DAY + timedelta(days=9))
    assert [case.opened_on for case in handed()] == [DAY]


def test_what_a_sheet_tells_of_the_past_ends_nothing(made: Cast) -> None:
    past = {"人员": "王舒", "职务": "first-secretary", "起始日期": "2018-01-01", "终止日期": "2019-01-01"}
    sent(made, [past])
    handing.follow(DAY)
    assert handed() == []


def test_undone_the_hand_over_falls_away_and_comes_again_with_the_next_end(made: Cast) -> None:
    one = sheet(made, until=DAY)
    (case,) = handed()
    imports.undo(made.users["chen"], one.pk, reason="日期填错", day=DAY)
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert case.steps.last().note == "日期填错"
    assert held(made).valid.upper is None
    release(made)
    assert [one.state for one in handed()] == ["withdrawn", "waiting"]


def test_undone_before_its_day_it_never_opens(made: Cast) -> None:
    one = sheet(made, until=DAY + timedelta(days=5))
    imports.undo(made.users["chen"], one.pk, reason="日期填错", day=DAY)
    handing.follow(DAY + timedelta(days=9))
    assert handed() == []


def test_a_hand_over_on_which_somebody_has_worked_keeps_the_import(made: Cast) -> None:
    one = sheet(made, until=DAY)
    (case,) = handed()
    cases.submit(case, by=made.users["li"], day=DAY, answers={"handed-over": "都在村部"})
    with pytest.raises(Refused, match=case.number):
        imports.undo(made.users["chen"], one.pk, reason="日期填错", day=DAY)


SHARED = """
appointment: jointly
label: 共同担任
source: qm-2026-2
clause: 第二条
exclusive: false
effects:
  on released: [{open: hand-over}]
"""


@pytest.fixture
def shared(made: Cast) -> None:
    """A way of holding a post together with others."""
    old = registry.edition_on(DAY)
    texts = Edition.objects.get(pk=old.pk).texts
    own = texts["qingmu"] | {"shared.yaml": SHARED}
    registry.put_in_force(texts | {"qingmu": own}, "qingmu", since=LONG_AGO, by="甲", agreed_by="乙")


def test_a_sheet_ends_no_home_post_that_is_kept_and_knows_what_a_kind_means(made: Cast) -> None:
    post = registry.add("post", klass="staff", name="驻村岗位", parent=made.bureau, since=LONG_AGO, by="t")
    sent(made, [{"人员": "李禾", "职务": "驻村岗位", "任职方式": "驻村任职", "起始日期": "2026-01-01"}])
    row = Appointment.objects.on(DAY).get(post=post)
    assert (row.keeps_home, row.detached) == (True, True)
    end = {"人员": "李禾", "职务": "branch-secretary", "起始日期": LONG_AGO, "终止日期": DAY}
    told = read(made, [end]).lines[0][3]
    assert told == [["终止日期", "这个人在外任职期间保留原职务，请先结束在外的任职"]]


# --- Two at once ----------------------------------------------------------------------------


def test_who_goes_on_in_the_post_hands_nothing_over(made: Cast) -> None:
    """An acting secretary becomes the secretary: one appointment ends and another begins on the same day."""
    release(made)
    appoint(made, "li")
    handing.follow(DAY)
    (case,) = handed()
    assert case.state == "withdrawn"
    assert case.steps.last().note == "本人接着担任这个职务，不用交接"


def test_a_sheet_in_which_one_ends_and_one_begins_opens_one_hand_over_for_the_successor(made: Cast) -> None:
    end = {"人员": "李禾", "职务": "branch-secretary", "起始日期": LONG_AGO, "终止日期": DAY}
    sent(made, [end, {"人员": "王舒", "职务": "branch-secretary", "起始日期": DAY}])
    (case,) = handed()
    assert answering(frozenset({seat(made).pk}), DAY) == {seat(made).pk: made.people["wang"].pk}
    cases.submit(case, by=made.users["li"], day=DAY, answers={"handed-over": "都在村部"})
    assert powers.answerable(case, DAY) == {made.people["wang"].pk}


def test_a_second_successor_is_refused_while_the_post_is_for_one(made: Cast) -> None:
    release(made)
    appoint(made, "wang")
    with pytest.raises(Refused, match="已有人担任"):
        appoint(made, "zhou")


def test_of_two_who_share_the_post_either_receives_and_the_first_speaks_for_both(
    made: Cast, shared: None
) -> None:
    release(made)
    appoint(made, "wang", kind="jointly")
    appoint(made, "cai", kind="jointly")
    (case,) = handed()
    assert answering(frozenset({case.about_id}), DAY) == {case.about_id: made.people["wang"].pk}
    cases.submit(case, by=made.users["li"], day=DAY, answers={"handed-over": "都在村部"})
    assert powers.answerable(case, DAY) == {made.people[name].pk for name in ("wang", "cai")}
    cases.submit(case, by=made.users["cai"], day=DAY, answers={"received": "齐了"})
    with pytest.raises(Refused, match="监交"):
        cases.submit(case, by=made.users["cai"], day=DAY, answers={"received": "再收一次"})


def test_two_who_leave_a_shared_post_on_one_day_hand_over_each_for_themselves(
    made: Cast, shared: None
) -> None:
    release(made)
    for name in ("wang", "cai"):
        appoint(made, name, kind="jointly")
    later = DAY + timedelta(days=1)
    for row in Appointment.objects.on(later).filter(post=seat(made)):
        registry.release(row, on=later, by="t")
    handing.follow(later)
    assert [case.holder for case in handed()] == [made.people[name] for name in ("li", "wang", "cai")]


def test_one_of_two_leaves_and_the_other_receives(made: Cast, shared: None) -> None:
    release(made)
    for name in ("wang", "cai"):
        appoint(made, name, kind="jointly")
    later = DAY + timedelta(days=1)
    registry.release(
        Appointment.objects.on(later).get(person=made.people["wang"], post=seat(made)), on=later, by="t"
    )
    handing.follow(later)
    case = handed()[-1]
    assert case.holder == made.people["wang"]
    cases.submit(case, by=made.users["wang"], day=later, answers={"handed-over": "都在村部"})
    assert powers.answerable(case, later) == {made.people["cai"].pk}


# --- Who takes over and cannot see -------------------------------------------------------------


def administrators(made: Cast) -> None:
    for name, role in (("sys", Role.SYSTEM_ADMINISTRATOR), ("sec", Role.SECURITY_ADMINISTRATOR)):
        made.users[name] = User.objects.create_user(name, called=name, made_on=LONG_AGO)
        give(made, name, role, None)


def give(made: Cast, name: str, role: Role, over: Subject | None) -> None:
    Grant.objects.create(
        user=made.users[name],
        role=role,
        organisation=over,
        held=(LONG_AGO, None),
        given_by="甲",
        agreed_by="乙",
    )


def letters(to: str) -> list[str]:
    return [str(one.sentence) for one in Message.objects.filter(to=to)]


def test_a_successor_without_a_grant_is_told_to_whoever_gives_grants_once(made: Cast) -> None:
    administrators(made)
    release(made)
    appoint(made, "cai")
    handing.follow(DAY)
    handing.follow(DAY)
    assert letters("sec") == [
        "白石村党支部党组织书记的接任人（账号 cai）没有授权，看不到这个组织，请办理授权"
    ]
    assert letters("sys") == []
    give(made, "cai", Role.VILLAGE_SECRETARY, made.villages["白石村"])
    assert handing.unsighted(seat(made).pk, DAY) == []


def test_a_successor_without_an_account_is_told_to_whoever_makes_accounts(made: Cast) -> None:
    administrators(made)
    User.objects.filter(pk=made.users["cai"].pk).update(is_active=False)
    release(made)
    appoint(made, "cai")
    handing.follow(DAY)
    assert letters("sys") == ["白石村党支部党组织书记的接任人没有账号，不能接收，请设立账号"]
    assert letters("sec") == []
