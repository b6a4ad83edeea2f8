"""The desk: what awaits whom, in which order, with the one button that does it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from cast import Cast, cast
from ground import due
from zugong.cases import actions as cases
from zugong.cases import powers
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.install.models import DayRun, Installation
from zugong.core.outbox.actions import Letter, send
from zugong.core.outbox.models import Message
from zugong.core.sentences import Sentence
from zugong.packs import burden
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def rows(county: Cast, name: str) -> list[str]:
    return [row["label"] for row in county.client(name).get(reverse("desk")).context["rows"]]


def test_a_case_awaits_its_township_and_nobody_else(county: Cast) -> None:
    county.open(day=clock.today())
    assert rows(county, "wang") == ["白石村党支部 · 整顿转化"]
    assert rows(county, "zhao") == []
    assert rows(county, "chen") == []
    assert rows(county, "li") == []


def test_the_nearest_deadline_comes_first_and_has_the_strong_button(county: Cast) -> None:
    today = clock.today()
    county.open("青林村", day=today)
    county.open("白石村", day=today - timedelta(days=14))
    desk = county.client("wang").get(reverse("desk")).context["rows"]
    assert [row["kind"] for row in desk] == ["primary", "secondary"]
    assert desk[0]["label"].startswith("白石村")


def test_cases_that_wait_for_one_sitting_stand_as_one_line(county: Cast) -> None:
    for village in ("白石村", "青林村", "杜若村"):
        county.open(village, day=clock.today())
    client = county.client("wang")
    (row,) = client.get(reverse("desk")).context["rows"]
    assert (row["label"], row["many"], row["deed"]) == ("整顿转化", 3, "开会决定")
    assert client.get(row["does"]).status_code == 200


def test_alike_work_folds_into_one_line_that_says_how_many_are_late_and_new_and_about_whom(
    county: Cast,
) -> None:
    today = clock.today()
    for village, ago in (("白石村", 60), ("青林村", 60), ("杜若村", 0)):
        one, entered = county.open(village, kind="negative-hit", day=today), today - timedelta(days=ago)
        Case.objects.filter(pk=one.pk).update(
            stage="decide", entered_on=entered, **due(entered + timedelta(days=9))
        )
    county.open("云坪村", day=today)
    (line,) = [row for row in county.client("chen").get(reverse("desk")).context["rows"] if row.get("many")]
    assert (line["label"], line["stage"], line["many"], line["late"], line["new"]) == (
        "负面清单情形",
        "认定",
        3,
        2,
        1,
    )
    assert line["sub"] == "白石村党支部、青林村党支部、杜若村党支部"
    assert [row["is_new"] for row in line["rows"]] == [False, False, True]


def test_messages_that_say_the_same_fold_and_name_whom_each_is_about(county: Cast) -> None:
    for village in ("白石村", "青林村", "杜若村"):
        county.open(village, day=clock.today())
    client = county.client("wang")
    (told,) = client.get(reverse("desk")).context["told"]
    assert [row["name"] for row in told["rows"]] == ["杜若村党支部", "青林村党支部", "白石村党支部"]
    assert client.post(reverse("message-read", args=[told["pk"]]), {"alike": "1"}).status_code == 302
    assert client.get(reverse("desk")).context["told"] == []


def test_a_message_is_read_in_its_readers_language_and_counts_the_days_when_it_is_read(county: Cast) -> None:
    day = clock.today()
    one = county.open("白石村", day=day)
    client = county.client("wang")
    client.cookies["language"] = "en"
    (told,) = client.get(reverse("desk")).context["told"]
    assert told["sentence"] == "Your turn: Rectification (Township meeting)"
    due = told["rows"][0]["due"]
    assert (due.day, due.left) == (one.due_on, county.policy.workdays.between(day, one.due_on))


def test_a_message_names_nobody_whom_its_reader_may_not_see(county: Cast) -> None:
    one = county.open(day=clock.today())
    send(
        Letter(
            key="k", to="zhao", sentence=Sentence("您有一件待办"), about=one.about_id, link=f"/cases/{one.pk}"
        )
    )
    assert "白石村" not in county.client("zhao").get(reverse("desk")).content.decode()


def test_what_i_passed_on_stands_under_what_i_wait_for(county: Cast) -> None:
    one = county.open(kind="negative-hit", day=clock.today())
    cases.submit(one, by=county.users["wang"], day=clock.today(), answers={"fact": "值班空岗"})
    page = county.client("wang").get(reverse("desk")).context
    assert page["rows"] == []
    assert [row["label"] for row in page["passed"]] == ["白石村党支部 · 负面清单情形"]
    assert rows(county, "li") == ["白石村党支部 · 负面清单情形"]


def test_where_several_sign_in_turn_i_wait_for_the_next_one(county: Cast) -> None:
    one = county.open(kind="negative-hit", day=clock.today())
    cases.submit(one, by=county.users["wang"], day=clock.today(), answers={"fact": "值班空岗"})
    Case.objects.filter(pk=one.pk).update(kind="rectification", stage="plan")
    (row,) = county.client("wang").get(reverse("desk")).context["passed"]
    assert row["sub"] == "村党员大会"


def test_the_burden_is_what_the_pack_says(county: Cast) -> None:
    page = county.client("chen").get(reverse("desk"))
    minutes = burden.minutes(county.policy, clock.today())
    assert page.context["burden"]["minutes"] == minutes
    table = county.client("chen").get(reverse("burden")).context
    assert minutes * 60 >= sum(row["a_month"] for row in table["asked"]) - len(table["asked"]) > 0


def test_a_message_is_read_once_and_only_by_whom_it_was_sent_to(county: Cast) -> None:
    send(Letter(key="k", to="wang", sentence=Sentence("您有一件待办"), link="/cases/1"))
    there = reverse("message-read", args=[Message.objects.get(key="k").pk])
    assert county.client("zhao").post(there).status_code == 404
    assert "您有一件待办" in county.client("wang").get(reverse("desk")).content.decode()
    assert county.client("wang").post(there).status_code == 302
    assert "您有一件待办" not in county.client("wang").get(reverse("desk")).content.decode()


def test_the_swap_of_a_read_message_equals_the_reload(county: Cast) -> None:
    for key in ("k", "l"):
        send(Letter(key=key, to="wang", sentence=Sentence("待办 {key}", key=key)))
    there = reverse("message-read", args=[Message.objects.get(key="k").pk])
    client = county.client("wang")
    swapped = plain(client.post(there, headers={"HX-Request": "true"}).content.decode())
    fresh = plain(client.get(reverse("desk")).content.decode())
    assert swapped
    assert swapped in fresh


def plain(page: str) -> str:
    """Without the token that is new on every page."""
    import re

    return re.sub(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", page).strip()


def test_the_desk_asks_as_many_questions_for_one_case_as_for_nine(
    county: Cast, django_assert_max_num_queries
) -> None:
    for village in county.villages:
        one = county.open(village, kind="negative-hit", day=clock.today())
        name = "wang" if one.about in [county.villages[v] for v in ("白石村", "青林村", "杜若村")] else ""
        if name:
            cases.submit(one, by=county.users[name], day=clock.today(), answers={"fact": "空岗"})
    chen = county.client("chen")
    chen.get(reverse("desk"))
    with django_assert_max_num_queries(46):
        chen.get(reverse("desk"))


def test_an_empty_county_says_how_to_begin(county: Cast) -> None:
    from zugong.registry.models import Edition

    Edition.objects.all().delete()
    page = county.client("chen").get(reverse("desk")).content.decode()
    assert "本县还没有生效的制度包" in page


def test_a_real_county_has_no_button_for_the_day(county: Cast) -> None:
    assert not settings.DEMO
    assert county.client("chen").post(reverse("demo-day"), {"move": "day"}).status_code == 404


@override_settings(DEMO=True)
def test_a_move_that_no_button_has_is_refused_and_moves_nothing(county: Cast) -> None:
    begun = county_day()
    answer = county.client("chen").post(reverse("demo-day"), {"move": "zzz"}, follow=True)
    assert "日期没有变" in answer.content.decode()
    assert [one.level_tag for one in answer.context["messages"]] == ["error"]
    assert clock.today() == begun


@override_settings(DEMO=True)
def test_the_demo_moves_to_the_next_deadline_and_back_to_where_one_was(county: Cast) -> None:
    begun = county_day()
    one = county.open(day=begun)
    response = county.client("chen").post(reverse("demo-day"), {"move": "deadline", "next": "/cases"})
    assert response.headers["Location"] == "/cases"
    assert clock.today() == one.due_on


@override_settings(DEMO=True)
def test_the_demo_stops_at_a_deadline_that_a_days_jobs_set_on_the_way(county: Cast, monkeypatch) -> None:
    begun = county_day()
    far = county.open(day=begun)
    Case.objects.filter(pk=far.pk).update(**due(begun + timedelta(days=90)))

    def opens(day) -> None:
        if day == begun + timedelta(days=2):
            near = county.open("青林村", day=day)
            Case.objects.filter(pk=near.pk).update(**due(day + timedelta(days=3)))

    monkeypatch.setattr("zugong.core.install.days._daily", lambda: [("opens", opens)])
    county.client("chen").post(reverse("demo-day"), {"move": "deadline"})
    assert clock.today() == begun + timedelta(days=5)


@override_settings(DEMO=True)
def test_the_demo_goes_a_month_for_a_deadline_and_says_where_it_stopped(county: Cast, monkeypatch) -> None:
    begun = county_day()
    monkeypatch.setattr("zugong.core.install.days._daily", list)
    answer = county.client("chen").post(reverse("demo-day"), {"move": "deadline"}, follow=True)
    assert clock.today() == begun + timedelta(days=31)
    assert [str(one) for one in answer.context["messages"]] == ["走了 31 天没有遇到期限，停在2026年4月2日。"]


@override_settings(DEMO=True)
def test_a_press_while_the_day_is_moving_is_told_so_and_moves_nothing(county: Cast) -> None:
    begun = county_day()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('zugong.demo'))")
        answer = county.client("chen").post(reverse("demo-day"), {"move": "day"}, follow=True)
    other.close()
    assert [str(one) for one in answer.context["messages"]] == ["日期正在走，请等它走完再按。"]
    assert clock.today() == begun


def county_day():
    Installation.objects.create(pk=1, kind="demo", version="0", demo_day=date(2026, 3, 2))
    return date(2026, 3, 2)


def test_what_the_committee_decides_is_told_to_the_villages_own_township_alone(county: Cast) -> None:
    one = county.open(day=clock.today())
    effects = county.policy.case(one.kind).effects["on standing-committee"]
    (told,) = (effect.tell for effect in effects if effect.tell)
    assert powers.asked(one, clock.today()).find(told) == {county.townships["禾汀镇"].pk}


def test_a_reminder_says_what_is_true_today_and_is_gone_when_its_stage_is(county: Cast) -> None:
    today = clock.today()
    one = county.open(kind="negative-hit", day=today)
    stage = county.policy.case(one.kind).stage(one.stage)
    Case.objects.filter(pk=one.pk).update(**due(today - timedelta(days=1)))
    one.refresh_from_db()
    words = {"kind": county.policy.case(one.kind), "stage": stage}
    key = f"{one} round {one.round} remind {one.due_on} wang"
    send(Letter(key, "wang", Sentence("快到期限：{kind}（{stage}）", **words), one.about_id, one.due_on))
    told = [row["sentence"] for row in county.client("wang").get(reverse("desk")).context["told"]]
    assert "已过期限：负面清单情形（提出事实）" in told
    assert not any(sentence.startswith("快到期限") for sentence in told)
    cases.submit(one, by=county.users["wang"], day=today, answers={"fact": "值班空岗"})
    assert county.client("wang").get(reverse("desk")).context["told"] == []


def test_who_was_sent_to_a_village_finds_its_cases_in_the_menu(county: Cast) -> None:
    there, cai = f'href="{reverse("cases")}"', county.client("cai")
    assert there not in cai.get(reverse("desk")).content.decode().split("</nav>", 1)[0]
    one = county.open(day=clock.today())
    far, near = one.about, county.people["cai"]
    registry.enter("trained", near, since=clock.today(), by="t")
    registry.tie(
        county.policy, "supporter", "first-secretary", near=near, far=far, since=clock.today(), by="t"
    )
    assert there in cai.get(reverse("desk")).content.decode().split("</nav>", 1)[0]


def test_the_menu_counts_what_the_desk_lists_ratings_too(county: Cast, monkeypatch) -> None:
    monkeypatch.setattr("zugong.web.desk.views.SOON_OVER", 366)
    one = county.open(kind="negative-hit", day=clock.today())
    Case.objects.filter(pk=one.pk).update(stage="decide")
    page = county.client("chen").get(reverse("desk"))
    listed = sum(row.get("many", 1) for row in page.context["rows"])
    (entry,) = (one for part in page.context["menu"]() for one in part.entries if one.href == reverse("desk"))
    assert (entry.count or 0) == listed > 1


def test_a_rating_that_was_not_computed_stays_until_it_is(county: Cast) -> None:
    def waits() -> list[tuple[str, str]]:
        desk = county.client("chen").get(reverse("desk")).context["rows"]
        return [(row["label"], row["stage"]) for row in desk if "先进村党组织评选" in row["label"]]

    with clock.standing(date(2026, 3, 21)):
        assert waits() == []
        DayRun.objects.create(day=date(2025, 12, 8), job="any")
        assert waits() == [("2025年度 先进村党组织评选", "待计算")]
        rows = county.client("chen").get(reverse("desk")).context["rows"]
        (there,) = (row["does"] for row in rows if "先进村党组织评选" in row["label"])
        chosen = '<option value="yearly-advanced 2025-12-31" selected>'
        assert chosen in county.client("chen").get(there).content.decode()
        there = county.client("chen").post(reverse("ratings"), {"card": "yearly-advanced 2025-12-31"})
        assert there.status_code == 302, there.content.decode()
        assert waits() == [("2025年度 先进村党组织评选", "已计算，待报审")]
