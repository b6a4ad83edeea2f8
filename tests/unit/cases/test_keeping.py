"""`keep`: what is kept for a time only is erased, by a rule that stays readable, and nothing else may be."""

from datetime import date, timedelta

import pytest
from django.db import Error, transaction

from little_county import county, in_force
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities import jobs as activity_jobs
from zugong.activities.models import Activity, Presence
from zugong.activities.rules import Report
from zugong.cases import actions, jobs
from zugong.cases.needs import answers_of
from zugong.core.files.actions import keep
from zugong.core.files.models import File
from zugong.core.journal.models import Entry
from zugong.registry.actions import policy_on

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
RULE = "核查“不成立”满6个月"
PACK = {
    "roles": "roles: {office: {label: 办公室, is: organisation.office}}\n",
    "fields": """
fields:
  ground: {label: 事由, kind: text}
  paper: {label: 材料, kind: file}
  contact: {label: 联系电话, kind: text, keep: {days: 30, after: closed}}
""",
    "case": """
case: check
label: 核查
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
keep: {months: 6, after: not-established}
stages:
  - {name: look, label: 核查, body: office, needs: [ground, paper, contact], outcomes: {upheld: end, not-established: end}, words: {upheld: 成立, not-established: 不成立}}
""",
    "activity": """
activity: talk
label: 谈话
source: paper
run_by: organisation.office
fields: [ground]
minutes: true
keep: {years: 1, after: held}
""",
}


@pytest.fixture
def place():
    in_force(**PACK)
    found = county()
    found.users["office"] = found.user(Role.DESK, found.office)
    return found


def checked(place, outcome):
    by = place.users["office"]
    file = keep(name="a.pdf", content=b"%PDF-1.4 secret", by=by)
    case = actions.open("check", about=place.villages[0], day=DAY, by=by)
    answers = {"ground": "举报内容", "paper": file.pk, "contact": "13900000000"}
    actions.submit(case, day=DAY, by=by, outcome=outcome, answers=answers, note="说明了情况")
    case.refresh_from_db()
    return case, file


def test_a_field_goes_before_the_record_and_the_record_by_its_own_rule(place):
    case, file = checked(place, "not-established")
    assert jobs.erase(DAY + timedelta(29)) == 0
    assert jobs.erase(DAY + timedelta(30)) == 1
    assert set(answers_of(case)) == {"ground", "paper"}
    assert jobs.erase(date(2025, 9, 9)) == 0
    assert jobs.erase(date(2025, 9, 10)) == 1
    assert jobs.erase(date(2025, 9, 11)) == 0, "once"
    assert answers_of(case) == {}
    assert case.answers.get(field="ground").value == {"erased": RULE}
    assert case.steps.get(outcome="not-established").note == f"已按规定删除（{RULE}）"
    gone = File.objects.get(pk=file.pk)
    assert (gone.is_erased, bytes(gone.content)) == (True, b"")
    assert RULE in gone.name


def test_a_rule_for_one_end_leaves_the_others_alone(place):
    case, _file = checked(place, "upheld")
    jobs.erase(date(2030, 1, 1))
    assert set(answers_of(case)) == {"ground", "paper"}


def test_the_journal_says_how_much_by_which_rule_and_never_what(place):
    checked(place, "not-established")
    jobs.erase(date(2025, 9, 10))
    lines = [entry.detail for entry in Entry.objects.filter(deed="keep.erase")]
    assert any(line["rule"] == RULE and line["files"] == 1 and line["notes"] == 1 for line in lines)
    assert not any("举报内容" in str(line) or "13900000000" in str(line) for line in lines)


def test_an_answer_can_be_changed_into_nothing_but_that_mark(place):
    case, _file = checked(place, "upheld")
    with pytest.raises(Error, match="only grows"), transaction.atomic():
        case.answers.filter(field="ground").update(value="改过的")
    with pytest.raises(Error, match="only grows"), transaction.atomic():
        case.steps.update(note="改过的")


def test_a_talk_loses_what_was_said_and_who_was_there_and_stays_counted(place):
    policy, by = policy_on(DAY), place.users["office"]
    person = place.person("甲")
    report = Report(topic="谈心", minutes="内容", fields={"ground": "原因"}, present=(person.pk,))
    activities.hold(policy, "talk", day=DAY, run_by=place.office, by=by, today=DAY, report=report)
    assert activity_jobs.erase(date(2026, 3, 9)) == 0
    assert activity_jobs.erase(date(2026, 3, 10)) == 1
    talk = Activity.objects.get()
    assert (talk.topic, talk.minutes, talk.fields) == ("", "", {"ground": {"erased": talk.erased}})
    assert talk.state == "held"
    assert not Presence.objects.exists()
