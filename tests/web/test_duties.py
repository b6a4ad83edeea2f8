"""Duties: what is owed now, a figure answered by one and checked by another, and the burden."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from cast import Cast, cast
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.core.period import period
from zugong.duties.models import Occurrence
from zugong.duties.rules import Outcome
from zugong.registry.actions import edition_on
from zugong.registry.models import Subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def owed(county: Cast, duty: str, who: Subject, unit: str = "month") -> Occurrence:
    today: date = clock.today()
    now = period(unit, today)
    return Occurrence.objects.create(
        duty=duty,
        edition=edition_on(today),
        who=who,
        first=now.first,
        last=now.last,
        period=str(now),
        needed=1,
    )


def test_a_village_sees_what_it_owes_on_its_desk_and_in_the_list(county: Cast) -> None:
    owed(county, "themed-day", county.villages["白石村"])
    li = county.client("li")
    assert [row["label"] for row in li.get(reverse("desk")).context["duties"]] == ["每月主题党日"]
    assert [row["label"] for row in li.get(reverse("duties")).context["rows"]] == ["每月主题党日"]
    assert county.client("zhao").get(reverse("duties")).context["rows"] == []


def test_a_figure_is_answered_by_one_and_checked_by_another(county: Cast) -> None:
    one = owed(county, "village-income", county.villages["白石村"], "year")
    li, wang = county.client("li"), county.client("wang")
    given = {"income": "21000.50", "as_of": str(clock.today()), "source": "乡镇经管站年报"}
    response = li.post(reverse("duty-answer", args=[one.pk]), given)
    assert response.status_code == 302, response.content.decode()
    answer = one.answers.get()
    assert answer.value == 2_100_050
    there = reverse("duty-check", args=[one.pk])
    assert "不能核对自己填的数" in li.post(there, {"answer": answer.pk}).content.decode()
    assert wang.post(there, {"answer": answer.pk}).status_code == 302
    one.refresh_from_db()
    assert one.done == 1


def test_an_activity_counts_as_soon_as_it_is_entered_and_no_longer_once_it_is_called_off(
    county: Cast,
) -> None:
    one = owed(county, "themed-day", county.villages["白石村"])
    li, address = county.client("li"), reverse("activity-new") + "?kind=themed-day"
    form = li.get(address).context["form"]
    given = {
        "state": "held",
        "run_by": str(county.villages["白石村"].pk),
        "day": str(clock.today()),
        "topic": "学习",
        "key": form["key"].value(),
        "should_attend": "9",
        "attended": "9",
    }
    response = li.post(address, given)
    assert response.status_code == 302, response.content.decode()
    assert [row["done"] for row in li.get(reverse("desk")).context["duties"]] == [1]
    held = one.fulfilments.get().activity
    away = li.post(reverse("activity-cancellation", args=[held.pk]), {"reason": "登记有误"})
    assert away.status_code == 302, away.content.decode()
    assert [row["done"] for row in li.get(reverse("desk")).context["duties"]] == [0]


def test_who_owes_an_activity_goes_from_the_duty_to_where_it_is_entered(county: Cast) -> None:
    one = owed(county, "themed-day", county.villages["白石村"])
    address = reverse("duty", args=[one.pk])
    there = f'href="{reverse("activity-new")}?kind=themed-day"'
    assert there in county.client("li").get(address).content.decode()
    assert there not in county.client("chen").get(address).content.decode()
    Occurrence.objects.filter(pk=one.pk).update(first=date(2025, 1, 1), last=date(2025, 1, 31))
    assert there not in county.client("li").get(address).content.decode()


def test_a_figure_waits_on_the_desk_of_the_township_until_it_is_checked(county: Cast) -> None:
    def waits(name: str) -> list[str]:
        rows = county.client(name).get(reverse("desk")).context["rows"]
        return [row["label"] for row in rows if row["deed"] == "去核对"]

    one = owed(county, "village-income", county.villages["白石村"], "year")
    given = {"income": "21000", "as_of": str(clock.today()), "source": "乡镇经管站年报"}
    assert waits("wang") == []
    county.client("li").post(reverse("duty-answer", args=[one.pk]), given)
    county.client("li").post(reverse("duty-answer", args=[one.pk]), given | {"income": "22000"})
    assert [waits(name) for name in ("wang", "zhao", "li", "chen")] == [["填报 1 项"], [], [], []]
    listed = county.client("wang").get(reverse("duties"), {"state": "check"}).context["rows"]
    assert [row["row"].pk for row in listed] == [one.pk]
    newest = one.answers.get(version=2)
    county.client("wang").post(reverse("duty-check", args=[one.pk]), {"answer": newest.pk})
    assert waits("wang") == []
    page = county.client("wang").get(reverse("duties"), {"state": "check"}).content.decode()
    assert "没有等您核对的填报" in page


def test_what_was_held_in_time_and_entered_late_is_counted_again_by_who_decides(county: Cast) -> None:
    one = owed(county, "themed-day", county.villages["白石村"])
    Occurrence.objects.filter(pk=one.pk).update(outcome=Outcome.MISSED, settled_on=clock.today())
    there, han = reverse("duty-recount", args=[one.pk]), county.client("han")
    assert there not in county.client("li").get(reverse("duty", args=[one.pk])).content.decode()
    assert county.client("li").post(there, {"reason": "迟报"}).status_code == 403
    assert there in han.get(reverse("duty", args=[one.pk])).content.decode()
    assert han.post(there, {"reason": ""}).status_code == 200
    assert han.post(there, {"reason": "迟报"}).status_code == 302
    entry = Entry.objects.get(deed="duty.recount")
    assert (entry.detail["before"], entry.detail["reason"]) == (["missed", 0], "迟报")


def test_another_village_township_does_not_see_it(county: Cast) -> None:
    one = owed(county, "themed-day", county.villages["白石村"])
    for name in ("duty", "duty-excuse", "duty-recount"):
        assert county.client("zhao").get(reverse(name, args=[one.pk])).status_code == 404


def test_the_list_asks_a_fixed_number_of_questions(county: Cast, django_assert_max_num_queries) -> None:
    for village in county.villages.values():
        owed(county, "themed-day", village)
    chen = county.client("chen")
    with django_assert_max_num_queries(34):
        chen.get(reverse("duties"))


def test_the_burden_says_what_falls_due_this_month_and_about_how_long_it_takes(county: Cast) -> None:
    page = county.client("li").get(reverse("burden"))
    due = page.context["due"]
    assert due
    assert page.context["due_minutes"] == -(-sum(row["seconds"] for row in due) // 60)
    assert all(page.context["month"].first <= row["by"] <= page.context["month"].last for row in due)
    assert due[0]["duty"] in page.content.decode()


def test_the_burden_names_who_asks_and_their_parts_are_the_whole(county: Cast) -> None:
    context = county.client("li").get(reverse("burden")).context
    assert [row["name"] for row in context["issuers"]] == ["中共青穆县委组织部"]
    assert -(-sum(row["seconds"] for row in context["issuers"]) // 60) == context["minutes"]


def test_a_period_is_read_in_english(county: Cast) -> None:
    owed(county, "themed-day", county.villages["白石村"])
    client = county.client("chen")
    client.cookies["language"] = "en"
    periods = re.findall(r'data-label="Period">([^<]*)<', client.get(reverse("duties")).content.decode())
    assert periods
    assert "年" not in "".join(periods)
