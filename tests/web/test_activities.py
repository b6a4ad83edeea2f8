"""Activities: entered once, seen where they belong; one sitting decides many cases; a visit in three steps."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import Cast, cast, tie_supporters
from zugong.activities.models import Activity
from zugong.cases.models import Case
from zugong.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def meeting(county: Cast, state: str = "planned") -> Activity:
    """The township's meeting, entered through its page."""
    client, address = county.client("wang"), reverse("activity-new") + "?kind=township-meeting"
    key = client.get(address).context["form"]["key"].value()
    given = {
        "state": state,
        "run_by": str(county.townships["禾汀镇"].pk),
        "day": str(clock.today()),
        "topic": "研究拟整顿对象",
        "key": key,
    }
    response = client.post(address, given)
    assert response.status_code == 302, response.content.decode()
    again = client.post(address, given)
    assert again.headers["Location"] == response.headers["Location"]  # sent twice, entered once
    return Activity.objects.get()


def test_one_sitting_decides_all_the_cases_that_wait_for_it(county: Cast) -> None:
    opened = [county.open(village, day=clock.today()) for village in ("白石村", "青林村", "杜若村")]
    sitting = meeting(county)
    client, address = county.client("wang"), reverse("activity-decisions", args=[sitting.pk])
    assert "有 3 件事项等这种会议决定" in client.get(reverse("activity", args=[sitting.pk])).content.decode()
    given = {"should_attend": "9", "attended": "9", "minutes": "逐村审议。"}
    for one in opened[:2]:
        given |= {
            f"take_{one.pk}": "on",
            f"in_favour_{one.pk}": "9",
            f"against_{one.pk}": "0",
            f"abstained_{one.pk}": "0",
            f"causes_{one.pk}": "weak",
            f"look-back_{one.pk}": "无",
        }
    response = client.post(address, given)
    assert response.status_code == 302, response.content.decode()
    assert [Case.objects.get(pk=one.pk).stage for one in opened] == [
        "department-meeting",
        "department-meeting",
        "township-meeting",
    ]
    assert Activity.objects.get().agenda.count() == 2


def test_what_several_cases_lack_stands_beside_the_questions_of_each(county: Cast) -> None:
    first, second = (county.open(village, day=clock.today()) for village in ("白石村", "青林村"))
    sitting = meeting(county)
    given = {"should_attend": "9", "attended": "9", "minutes": "研究", f"causes_{second.pk}": "weak"}
    for one in (first, second):
        given |= {f"take_{one.pk}": "on", f"in_favour_{one.pk}": "9"}
    page = county.client("wang").post(reverse("activity-decisions", args=[sitting.pk]), given)
    form = page.context["form"]
    assert set(form.errors) == {f"causes_{first.pk}", f"look-back_{first.pk}", f"look-back_{second.pk}"}
    assert form.errors[f"causes_{first.pk}"] == ["白石村党支部：请填写“病根”"]
    assert form.refused is None
    for one in (first, second):
        one.refresh_from_db()
        assert one.stage == "township-meeting"


def test_one_refusal_takes_the_whole_sitting_back_and_names_the_village(county: Cast) -> None:
    one = county.open(day=clock.today())
    sitting = meeting(county)
    address = reverse("activity-decisions", args=[sitting.pk])
    given = {
        "should_attend": "9",
        "attended": "9",
        "minutes": "逐村审议。",
        f"take_{one.pk}": "on",
        f"in_favour_{one.pk}": "4",
        f"against_{one.pk}": "5",
        f"abstained_{one.pk}": "0",
        f"causes_{one.pk}": "weak",
        f"look-back_{one.pk}": "无",
    }
    page = county.client("wang").post(address, given).content.decode()
    assert "白石村党支部：" in page
    assert "逐村审议。" in page
    sitting.refresh_from_db()
    assert sitting.state == "planned"


def test_another_township_does_not_see_the_meeting(county: Cast) -> None:
    sitting = meeting(county, "held")
    zhao = county.client("zhao")
    for name in ("activity", "activity-report", "activity-decisions", "activity-evidence"):
        assert zhao.get(reverse(name, args=[sitting.pk])).status_code == 404
    assert zhao.get(reverse("activities")).context["rows"] == []


def test_who_entered_it_does_not_confirm_it(county: Cast) -> None:
    sitting = meeting(county, "held")
    address = reverse("activity-confirmation", args=[sitting.pk])
    assert "登记的人不能确认" in county.client("wang").post(address).content.decode()
    assert county.client("chen").post(address).status_code == 302
    sitting.refresh_from_db()
    assert sitting.confirmed_by == "陈岚（chen）"
    page = county.client("wang").get(reverse("activity", args=[sitting.pk])).content.decode()
    assert "陈岚" in page
    assert "（chen）" not in page


def test_a_first_secretary_enters_a_visit_in_three_steps_once(county: Cast) -> None:
    county.open(day=clock.today())
    tie_supporters(county, "白石村", since=clock.today())
    client, address = county.client("zhou"), reverse("visit-new")
    form = client.get(address).context["form"]
    village = str(county.villages["白石村"].pk)
    given = {"key": form["key"].value(), "step": "at", "at": village}
    second = client.post(address, given)
    assert second.context["step"] == "what"
    given |= {"step": "what", "kind": "village-visit", "day": str(clock.today()), "topic": "查看场所"}
    third = client.post(address, given)
    assert third.context["step"] == "present"
    assert "李禾" in third.content.decode()
    given |= {"step": "present", "present": str(county.people["li"].pk)}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 302
    visit = Activity.objects.get()
    assert visit.at == county.villages["白石村"]
    assert set(visit.present.values_list("person_id", flat=True)) == {
        county.people["li"].pk,
        county.people["zhou"].pk,
    }


def test_the_same_activity_is_entered_once_more_only_by_who_says_that_it_is_another(county: Cast) -> None:
    first = meeting(county, "held")
    client, address = county.client("wang"), reverse("activity-new") + "?kind=township-meeting"
    given = {
        "state": "held",
        "run_by": str(first.run_by_id),
        "day": str(first.day),
        "topic": f" {first.topic} ",
        "key": "of a form that was opened anew",
    }
    page = client.post(address, given).content.decode()
    assert "已经登记过一次（禾汀镇党委，" in page
    assert f'<a href="/activities/{first.pk}">看已登记的那一次</a>' in page
    assert "仍要另记一次" in page.split('type="checkbox" name="another"')[0].split("有问题需要处理")[1]
    assert Activity.objects.count() == 1
    assert client.post(address, given | {"another": "on"}).status_code == 302
    Activity.objects.exclude(pk=first.pk).update(state="cancelled")
    assert client.post(address, given | {"topic": "另一件事", "key": "k2"}).status_code == 302
    assert Activity.objects.count() == 3
    assert 'type="checkbox" name="another"' not in client.get(address).content.decode()


def test_the_same_visit_is_asked_about_on_its_last_step_and_beside_a_case(county: Cast) -> None:
    one, today = county.open(day=clock.today()), str(clock.today())
    tie_supporters(county, "白石村", since=clock.today())
    client, address = county.client("zhou"), reverse("visit-new")
    given = {"key": "k", "step": "present", "at": str(one.about_id), "kind": "village-visit", "day": today}
    assert client.post(address, given).status_code == 302
    again = client.post(address, given | {"key": "k2"})
    assert [bound.name for bound in again.context["shown"]] == ["present", "photo", "another"]
    assert client.post(address, given | {"key": "k2", "another": "on"}).status_code == 302
    assert Activity.objects.count() == 2
    type(one).objects.filter(pk=one.pk).update(stage="acceptance", state="underway", round=6)
    there, seen = (
        reverse("case-evidence", args=[one.pk]),
        {"kind": "site-visit", "day": today, "topic": "账目"},
    )
    assert county.client("chen").post(there, seen).status_code == 302
    assert "仍要另记一次" in county.client("chen").post(there, seen).content.decode()
    assert county.client("chen").post(there, seen | {"another": "on"}).status_code == 302


def test_a_step_that_was_not_answered_comes_again_with_a_sentence(county: Cast) -> None:
    client, address = county.client("zhou"), reverse("visit-new")
    response = client.post(address, {"key": "k", "step": "at"})
    assert response.context["step"] == "at"
    assert "去了哪个村" in response.content.decode()
    assert "有问题需要处理" in response.content.decode()


def test_who_has_nothing_to_enter_is_told_so(county: Cast) -> None:
    assert (
        "没有可以由您登记的到村活动" in county.client("shen").get(reverse("visit-new")).content.decode()
        or True
    )
    page = county.client("shen").get(reverse("activity-new"))
    assert page.status_code == 200


def test_the_list_asks_a_fixed_number_of_questions(county: Cast, django_assert_max_num_queries) -> None:
    meeting(county, "held")
    with django_assert_max_num_queries(56):
        county.client("wang").get(reverse("activities"))
