"""What can be done to a case."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from little_county import DAY
from zugong.activities.models import Activity
from zugong.cases import actions, jobs, powers
from zugong.cases.facts import progress, stages_on, subjects_at
from zugong.cases.models import Case, Step
from zugong.cases.rules import Move, State
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.core.pending.models import Pending
from zugong.registry.models import Standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(place):
    return actions.open("loop", about=place.villages[0], day=DAY, by=place.users["office"])


def agreed_plan(case, place):
    for who in ("village", "town", "office"):
        actions.submit(
            case, by=place.users[who], day=DAY, answers={"plan": "一版"} if who == "village" else {}
        )


def done(case, place, day=DAY):
    agreed_plan(case, place)
    actions.submit(case, by=place.users["village"], day=day, answers={"result": "好了"})


def test_cases_of_a_year_are_numbered_without_gaps(place):
    numbers = [actions.open("loop", about=village, day=DAY, by=None).number for village in place.villages]
    assert numbers == ["闭〔2025〕1号", "闭〔2025〕2号", "闭〔2025〕3号"]


def test_a_second_open_case_about_the_same_subject_is_refused(case, place):
    with pytest.raises(Refused, match="已有一件在办"):
        actions.open("loop", about=place.villages[0], day=DAY, by=None)


def test_the_same_key_opens_nothing_a_second_time(place):
    first = actions.open("loop", about=place.villages[0], day=DAY, by=None, key="k")
    assert actions.open("loop", about=place.villages[0], day=DAY, by=None, key="k") == first


def test_a_case_about_something_else_is_refused(place):
    with pytest.raises(Refused, match="不能以"):
        actions.open("loop", about=place.office, day=DAY, by=None)


def test_whoever_acts_next_is_told_once(case, place):
    assert Message.objects.filter(to=place.users["village"].username).count() == 1


def test_parties_sign_in_their_order(case, place):
    with pytest.raises(Refused, match="由村办理"):
        actions.submit(case, by=place.users["town"], day=DAY, answers={"plan": "一版"})
    agreed_plan(case, place)
    assert case.place.stage == "do"
    assert [step.move for step in case.steps.all()] == [Move.SIGN, Move.SIGN, Move.SUBMIT]


def test_a_refused_deed_leaves_no_trace(case, place):
    before = Entry.objects.count()
    with pytest.raises(Refused, match="请填写“方案”"):
        actions.submit(case, by=place.users["village"], day=DAY)
    assert (Step.objects.count(), Entry.objects.count()) == (0, before)


def test_nobody_of_another_township_may_act_or_see(case, place):
    stranger = place.users["stranger"]
    assert not powers.visible(stranger, DAY).exists()
    with pytest.raises(Refused):
        actions.accept(case, by=stranger, day=DAY)


def test_each_of_several_parties_answers_and_shows_for_itself(place):
    case = actions.open("hearing", about=place.villages[0], day=DAY, by=place.users["office"])
    lay(case, place, "village")
    actions.submit(case, by=place.users["village"], day=DAY, answers={"opinion": "同意"})
    with pytest.raises(Refused, match="请填写“意见”；须有 走访"):
        actions.submit(case, by=place.users["town"], day=DAY)
    lay(case, place, "town")
    actions.submit(case, by=place.users["town"], day=DAY, answers={"opinion": "同意"})
    assert list(case.answers.values_list("step__party", "value")) == [("village", "同意"), ("town", "同意")]
    assert not case.is_open()


def lay(case, place, who):
    visit = Activity.objects.create(
        kind="visit",
        state="held",
        day=DAY,
        run_by=place.villages[0],
        at=place.villages[0],
        entered_by=who,
        entered_at=clock.now(),
    )
    actions.lay(case, by=place.users[who], day=DAY, activity=visit)


def test_parties_in_order_hand_on_one_paper(case, place):
    actions.submit(case, by=place.users["village"], day=DAY, answers={"plan": "一版"})
    actions.submit(case, by=place.users["town"], day=DAY)
    assert list(case.answers.values_list("version", "value")) == [(1, "一版")]


def test_a_case_knows_whether_each_of_its_stages_was_passed_in_time(case, place):
    late = case.due_on + timedelta(days=1)
    for who in ("village", "town", "office"):
        actions.submit(case, by=place.users[who], day=late, answers={"plan": "一版"})
    assert case.in_time is False
    actions.submit(case, by=place.users["village"], day=late, answers={"result": "好了"})
    actions.submit(case, by=place.users["office"], day=late, outcome="good")
    actions.agree(case, by=place.users["head"], day=late)
    case.refresh_from_db()
    assert (case.is_open(), case.in_time) == (False, False)  # the last stage was in time, the first was not


def test_a_step_knows_whether_it_passed_its_stage_late(case, place):
    agreed_plan(case, place)
    actions.submit(
        case, by=place.users["village"], day=case.due_on + timedelta(days=1), answers={"result": "好"}
    )
    assert [step.is_late() for step in case.steps.all()] == [False, False, False, True]


def test_a_case_whose_every_deadline_was_kept_was_in_time(case, place):
    assert case.in_time is None
    agreed_plan(case, place)
    assert case.in_time is True


def test_a_term_is_over_when_it_has_run_and_a_relapse_waits_for_nothing(place):
    office, (first, second, *_) = place.users["office"], place.villages
    watched = actions.open("trial", about=first, day=DAY, by=office)
    over = watched.due_on
    with pytest.raises(Refused, match="才期满，在这之前不能办“跟踪期满”") as refused:
        actions.submit(watched, by=office, day=over - timedelta(days=1), outcome="lapsed")
    assert refused.value.field == "outcome"
    later = over + timedelta(days=3)
    assert not watched.is_overdue(later)
    assert not Case.objects.overdue(later).exists()
    actions.submit(watched, by=office, day=later, outcome="lapsed")
    assert (watched.state, watched.in_time) == (State.CLOSED, None)
    weak = actions.open("trial", about=second, day=DAY, by=office)
    actions.submit(weak, by=office, day=DAY, outcome="relapse")
    assert weak.stage == "again"


def test_an_answer_that_changes_is_a_new_version_and_the_first_stays_readable(case, place):
    actions.submit(case, by=place.users["village"], day=DAY, answers={"plan": "一版"})
    actions.submit(case, by=place.users["town"], day=DAY, answers={"plan": "二版"})
    assert list(case.answers.values_list("version", "value")) == [(1, "一版"), (2, "二版")]


def test_two_people_are_needed_and_the_first_cannot_be_the_second(case, place):
    done(case, place)
    office, head = place.users["office"], place.users["head"]
    actions.submit(case, by=office, day=DAY, outcome="good")
    assert case.is_open()
    with pytest.raises(Refused, match="两人"):
        actions.agree(case, by=office, day=DAY)
    actions.agree(case, by=head, day=DAY)
    assert (case.state, case.outcome, case.closed_on) == (State.CLOSED, "good", DAY)


def test_what_was_declined_falls_and_may_be_proposed_again(case, place):
    done(case, place)
    actions.submit(case, by=place.users["office"], day=DAY, outcome="bad")
    actions.decline(case, by=place.users["head"], day=DAY, reason="再看看")
    assert powers.open_proposal(case) is None
    actions.submit(case, by=place.users["head"], day=DAY, outcome="good")
    actions.agree(case, by=place.users["office"], day=DAY)
    assert case.outcome == "good"


def test_effects_follow_only_when_the_second_person_agreed(case, place):
    done(case, place)
    actions.submit(case, by=place.users["office"], day=DAY, outcome="good")
    assert not Standing.objects.exists()
    actions.agree(case, by=place.users["head"], day=DAY)
    assert Standing.objects.on(DAY).filter(roll="done", subject=case.about).exists()
    assert Pending.objects.filter(verb="put", name="monthly").count() == 1


def test_sending_back_begins_the_stage_anew_with_a_reason(case, place):
    done(case, place)
    with pytest.raises(Refused, match="理由"):
        actions.send_back(case, by=place.users["office"], day=DAY, reason=" ")
    before = case.round
    actions.send_back(case, by=place.users["office"], day=DAY + timedelta(days=3), reason="没写清")
    assert (case.stage, case.round, case.entered_on) == ("do", before + 1, DAY + timedelta(days=3))


def test_a_paused_clock_runs_on_later_by_the_working_days_it_stood(case, place):
    agreed_plan(case, place)
    village = place.users["village"]
    actions.accept(case, by=village, day=DAY)
    assert case.due_on == date(2025, 3, 20)  # a Thursday
    actions.pause(case, by=village, day=DAY, until=DAY + timedelta(days=4), reason="等材料")
    assert not case.is_overdue(DAY + timedelta(days=400))
    actions.resume(case, by=village, day=DAY + timedelta(days=2))
    assert case.due_on == date(2025, 3, 24)  # Friday and Monday are worked


def test_a_pause_ends_by_itself_after_its_last_day(case, place):
    agreed_plan(case, place)
    village = place.users["village"]
    actions.accept(case, by=village, day=DAY)
    actions.pause(case, by=village, day=DAY, until=DAY + timedelta(days=4), reason="等材料")
    assert [jobs.resume_due(DAY + timedelta(days=n)) for n in (4, 5, 6)] == [0, 1, 0]


def test_an_extension_is_later_than_the_deadline_and_is_kept(case, place):
    with pytest.raises(Refused, match="晚于"):
        actions.extend(case, by=place.users["office"], day=DAY, until=DAY, reason="忙")
    actions.extend(case, by=place.users["office"], day=DAY, until=date(2025, 6, 1), reason="等方案")
    case.refresh_from_db()
    assert case.due_on == date(2025, 6, 1)


def test_whoever_is_bound_by_a_deadline_does_not_extend_it(case, place):
    with pytest.raises(Refused, match="承办人不能给自己延期"):
        actions.extend(case, by=place.users["village"], day=DAY, until=date(2025, 6, 1), reason="忙")
    assert Move.EXTEND not in powers.moves(place.users["village"], case, DAY)
    assert powers.moves(place.users["office"], case, DAY) == [Move.EXTEND]


def test_where_no_paper_says_who_extends_nobody_does(case, place):
    agreed_plan(case, place)
    with pytest.raises(Refused, match="文件没有规定"):
        actions.extend(case, by=place.users["office"], day=DAY, until=date(2025, 6, 1), reason="忙")


def test_reminders_come_once_before_the_deadline_and_once_after_it(case, place):
    days = [DAY + timedelta(days=n) for n in range(12)]
    assert (
        sum(jobs.remind(day) for day in days) == 1 + 2
    )  # the village before; both people of the office after
    assert sum(jobs.remind(day) for day in days) == 0


def test_a_reminder_looks_as_far_ahead_as_the_pack_says_and_a_passed_deadline_is_never_too_old(place):
    case = actions.open("hearing", about=place.villages[0], day=DAY, by=place.users["office"])
    workdays = powers.policy_for(case).workdays
    days = [DAY + timedelta(days=n) for n in range(200)]
    first = next(day for day in days if workdays.between(day, case.due_on) == 150)
    assert jobs.remind(first - timedelta(days=1)) == 0
    assert jobs.remind(first) == 2  # the village and its township
    assert jobs.remind(case.due_on + timedelta(days=400)) == 2  # both people of the office


def test_a_case_left_for_next_year_opens_on_its_first_day_and_once(case, place):
    done(case, place)
    actions.submit(case, by=place.users["office"], day=DAY, outcome="bad")
    actions.agree(case, by=place.users["head"], day=DAY)
    Case.objects.filter(pk=case.pk).update(state=State.WITHDRAWN, closed_on=DAY)
    assert jobs.come_about(date(2025, 12, 31)) == 0
    assert [jobs.come_about(date(2026, 1, n)) for n in (1, 2)] == [1, 0]
    assert Case.objects.filter(opened_on=date(2026, 1, 1)).count() == 1


def test_only_who_brought_it_in_takes_it_back_and_it_can_go_on(case, place):
    with pytest.raises(Refused, match="只有提出的人"):
        actions.withdraw(case, by=place.users["village"], day=DAY, reason="不办了")
    actions.withdraw(case, by=place.users["office"], day=DAY, reason="不办了")
    assert not case.is_open()
    actions.reopen(case, by=place.users["office"], day=DAY, reason="要办")
    assert (case.stage, case.state, case.closed_on) == ("plan", State.WAITING, None)


def test_where_cases_stood_on_a_day_is_read_from_their_steps(case, place):
    later = DAY + timedelta(days=5)
    agreed_plan(case, place)
    actions.submit(case, by=place.users["village"], day=later, answers={"result": "好了"})
    assert stages_on("loop", DAY) == {case.pk: "do"}
    assert progress("loop", later) == {"check": 1}
    assert subjects_at("loop", "check", later) == {case.about_id}
    assert stages_on("loop", DAY - timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("change", "why"), [({"note": "改"}, "only grows"), ({"outcome": "good"}, "permission denied")]
)
def test_a_step_cannot_be_edited_by_the_application(case, place, change, why):
    actions.accept(case, by=place.users["village"], day=DAY)
    with pytest.raises(DatabaseError, match=why), transaction.atomic():
        Step.objects.update(**change)
