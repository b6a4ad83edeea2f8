"""Two ratings and twenty-seven villages, as they stand on the demo's first day."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from zugong.accounts.jobs import disable_dormant
from zugong.accounts.models import User
from zugong.bulletins.powers import acts_as
from zugong.cases.models import Case
from zugong.core.journal.models import Entry
from zugong.demo import DAY
from zugong.demo.rating import COUNTS
from zugong.registry.actions import policy_on
from zugong.registry.models import Link, Standing, Subject
from zugong.scorecards import actions as scorecards
from zugong.scorecards.models import Run

pytestmark = pytest.mark.usefixtures("qingmu")


def test_the_grades_of_2024_were_decided_and_published():
    run = Run.objects.get(period="2024年度")
    assert (run.state, run.computed) == ("published", False)
    assert Counter(run.results.values_list("grade", flat=True)) == COUNTS


def test_27_villages_are_rectified_and_each_stands_where_the_story_left_it():
    cases = Case.objects.filter(kind="rectification")
    assert Counter(cases.values_list("stage", flat=True)) == {
        "follow-up": 9,
        "strike-off": 2,
        "acceptance": 14,
        "extend-or-roll-over": 1,
        "work": 1,
    }


def test_one_case_is_overdue_by_one_working_day():
    (case,) = Case.objects.filter(kind="rectification").overdue(DAY)
    assert case.about.name_on(DAY) == "禾堰村党支部"
    assert case.due_on.isoformat() == "2025-12-05"


def test_five_of_six_tasks_of_the_late_village_are_done():
    case = Case.objects.get(kind="rectification", stage="work")
    assert Counter(case.children.values_list("state", flat=True)) == {"closed": 5, "waiting": 1}


def test_23_leaders_50_departments_and_27_first_secretaries_support_27_villages():
    links = Link.objects.on(DAY).filter(kind="supporter")
    near = {
        role: links.filter(role=role).values("near").distinct().count()
        for role in ("leader", "department", "first-secretary")
    }
    assert near == {"leader": 23, "department": 50, "first-secretary": 27}
    assert links.values("far").distinct().count() == 27


def test_baishi_is_on_no_list_and_nobody_supports_it_yet():
    baishi = Subject.objects.get(particulars__name="白石村党支部")
    assert not Case.objects.filter(kind="rectification", about=baishi).exists()
    assert not Link.objects.on(DAY).filter(kind="supporter", far=baishi).exists()


def test_who_waits_to_be_posted_is_trained_and_supports_nobody():
    zhou = User.objects.get(username="zhouyan").person
    assert Standing.objects.on(DAY).filter(roll="trained", subject=zhou).exists()
    assert not Link.objects.on(DAY).filter(near=zhou).exists()


def test_two_different_people_can_approve_the_bulletin():
    policy = policy_on(DAY)
    (roles,) = policy.bulletin("monthly").approve.values()
    approvers = {
        role: {
            user.username for user in User.objects.filter(is_demo=True) if acts_as(user, role, policy, DAY)
        }
        for role in roles
    }
    assert "guheng" in approvers["organisation-department"]
    assert approvers["standing-committee"] == {"wenxi"}


def test_nobody_but_the_demos_people_can_act_any_more():
    assert not User.objects.filter(is_demo=False, is_active=True).exists()
    with transaction.atomic():
        assert disable_dormant(DAY + timedelta(days=400)) == 0
        transaction.set_rollback(True)


def test_struck_off_villages_have_left_the_roll():
    weak = Standing.objects.on(DAY).filter(roll="weak").count()
    assert (weak, Standing.objects.on(DAY).filter(roll="struck-off").count()) == (18, 9)


def test_computing_2025_gives_exactly_the_counts_that_were_meant():
    with transaction.atomic():
        run = scorecards.compute("village-stars", day=DAY, by=User.objects.get(username="chenlan"))
        grades = Counter(run.results.values_list("grade", flat=True))
        baishi = run.results.get(name="白石村党支部")
        duruo = run.results.get(name="杜若村党支部")
        qinglin = run.results.get(name="青林村党支部")
        transaction.set_rollback(True)
    assert grades == COUNTS
    assert (baishi.total, baishi.grade) == (52_300, "1")  # a candidate, whom the story follows
    assert (duruo.total, duruo.grade) == (86_600, "3")  # capped: nobody was on duty
    assert (qinglin.total, qinglin.grade) == (91_250, "5")


def test_the_journal_tells_the_year_of_the_cases_in_the_order_of_its_days():
    told = Entry.objects.filter(
        deed__startswith="case.", on__in=[str(case) for case in Case.objects.filter(kind="rectification")]
    )
    days = list(told.order_by("id").values_list("at", flat=True))
    assert len(days) > 300
    assert days == sorted(days)
