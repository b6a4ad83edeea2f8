"""Ratings: what each of the cast sees and may do, from the sheet of marks to the published result."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cast import Cast
from counties import rated_county
from zugong.accounts.models import Draft
from zugong.core import clock
from zugong.duties import jobs
from zugong.duties.models import Answer, Occurrence
from zugong.packs.loader import library, load
from zugong.scorecards import actions
from zugong.scorecards.engine import Outcome
from zugong.scorecards.models import Mark, Run, RunState
from zugong.web.scorecards import views
from zugong.web.scorecards.showing import Card

pytestmark = pytest.mark.django_db
CARD, DAY = "village-stars", date(2025, 11, 20)


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made(settings, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path
    return rated_county()


def decided(made: Cast) -> Run:
    """A year as a meeting decided it: one with one star, one not rated, the others with three."""
    grades = {
        village.pk: {"白石村": "1", "云坪村": "not-rated", "青林村": "5"}.get(name, "3")
        for name, village in made.villages.items()
    }
    return actions.decide_without_score(
        CARD, day=DAY, grades=grades, minutes="部务会〔2025〕9号", by=made.users["chen"]
    )


def published(made: Cast) -> Run:
    run = decided(made)
    actions.decide(run, by=made.users["chen"], day=DAY, minutes="部务会〔2025〕9号")
    actions.publish(run, by=made.users["han"], day=DAY)
    return run


def text(answer) -> str:
    return answer.content.decode()


# Computing


def test_the_desk_computes_from_the_page_and_lands_on_the_run(made: Cast) -> None:
    answer = made.client("chen").post("/ratings", {"card": CARD}, follow=True)
    run = Run.objects.get()
    assert answer.redirect_chain == [(f"/ratings/{run.pk}", 302)]
    assert run.digest[:12] in text(answer)
    assert "缺项，总分未定" in text(answer)


def test_a_township_clerk_has_no_button_and_is_refused_without_it(made: Cast) -> None:
    page = made.client("wang").get("/ratings")
    assert "按今天的事实计算" not in text(page)
    assert made.client("wang").post("/ratings", {"card": CARD}).status_code == 404
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["wang", "li", "zhao", "cai"])
def test_what_is_not_published_is_not_there_for_others(made: Cast, name: str) -> None:
    run = decided(made)
    assert made.client(name).get(f"/ratings/{run.pk}").status_code == 404


def test_a_village_sees_its_own_row_and_no_other(made: Cast) -> None:
    run = published(made)
    page = text(made.client("li").get(f"/ratings/{run.pk}"))
    assert "白石村党支部" in page
    assert "青林村党支部" not in page
    other = run.results.get(name="青林村党支部").key.replace("#", "%23")
    assert made.client("li").get(f"/ratings/{run.pk}/units/{other}").status_code == 404


# The run page


def test_the_run_says_which_facts_which_day_which_rules(made: Cast) -> None:
    page = text(made.client("chen").get(f"/ratings/{decided(made).pk}"))
    head = page[: page.index('class="numbers"')]
    for words in ("审定（第 1 次）", "2025年11月20日", "制度包 青穆县", "审定，非计算"):
        assert words in head


def test_numbers_lead_to_the_rows_they_count(made: Cast) -> None:
    run = decided(made)
    client = made.client("chen")
    page = text(client.get(f"/ratings/{run.pk}"))
    assert "一星与不予评定" in page
    assert "1 + 1" in page
    rows = client.get(f"/ratings/{run.pk}?grade=5").context["rows"]
    assert [row["result"].name for row in rows] == ["青林村党支部"]


def differing(page) -> list[str]:
    return [one["label"] for one in page.context["numbers"] if one["label"].startswith("与")]


def test_a_first_computation_is_compared_with_none_and_then_with_the_year_before(made: Cast) -> None:
    last, chen = published(made), made.client("chen")
    assert differing(chen.get(f"/ratings/{last.pk}")) == []
    with clock.standing(DAY.replace(year=2026)):
        run = actions.decide_without_score(
            CARD,
            day=DAY.replace(year=2026),
            grades={village.pk: "3" for village in made.villages.values()},
            minutes="部务会〔2026〕1号",
            by=made.users["chen"],
        )
        page = chen.get(f"/ratings/{run.pk}?changed=1")
        assert differing(page) == ["与2025年度不同"]
        assert {row["result"].name: (row["grade"], row["then"]) for row in page.context["rows"]} == {
            "白石村党支部": ("三星", "一星"),
            "云坪村党支部": ("三星", "不予评定"),
            "青林村党支部": ("三星", "五星"),
        }
        assert "2025年度：一星" in text(page)


def test_an_unpublished_computation_is_compared_with_only_for_whom_it_is_shown(made: Cast) -> None:
    decided(made)
    run = published(made)
    assert differing(made.client("chen").get(f"/ratings/{run.pk}")) == ["与上次审定不同"]
    assert differing(made.client("wang").get(f"/ratings/{run.pk}")) == []


def test_changed_against_the_run_before(made: Cast) -> None:
    decided(made)
    actions.decide_without_score(
        CARD,
        day=DAY,
        grades={village.pk: "3" for village in made.villages.values()},
        minutes="部务会〔2025〕10号",
        by=made.users["chen"],
    )
    client = made.client("chen")
    second = Run.objects.get(number=2)
    names = {row["result"].name for row in client.get(f"/ratings/{second.pk}?changed=1").context["rows"]}
    assert names == {"白石村党支部", "云坪村党支部", "青林村党支部"}


def test_a_computation_beside_the_published_one_is_neither_moved_nor_given_up(made: Cast) -> None:
    first = decided(made)
    there = f"/ratings/{first.pk}"
    assert f"{there}/edition" in text(made.client("chen").get(there))
    published(made)
    page = text(made.client("chen").get(there))
    assert f"{there}/edition" not in page
    assert "放弃本期" not in page


def test_every_village_is_one_square_by_township(made: Cast) -> None:
    groups = made.client("chen").get(f"/ratings/{decided(made).pk}").context["groups"]
    assert [len(group["squares"]) for group in groups] == [3, 3, 3]
    assert {square["grade"] for group in groups for square in group["squares"]} == {"5", "3", "1", "none"}


@pytest.mark.parametrize("sort", ["rank", "-total", "key", "grade", "nonsense"])
def test_columns_sort_and_nonsense_does_not_break(made: Cast, sort: str) -> None:
    rows = made.client("chen").get(f"/ratings/{decided(made).pk}?sort={sort}").context["rows"]
    if sort == "grade":
        assert rows[0]["result"].grade == "5"
    assert len(rows) == len(made.villages)


def test_a_page_of_results_asks_as_often_for_nine_villages_as_for_two(made: Cast) -> None:
    run, client = decided(made), made.client("chen")
    client.get(f"/ratings/{run.pk}")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/ratings/{run.pk}")
        return len(queries)

    nine = asked()
    run.results.exclude(name__in=["白石村党支部", "青林村党支部"]).delete()
    assert asked() == nine
    assert nine <= 40  # the frame's own counts among them


def test_the_list_asks_as_often_for_two_runs_as_for_one(made: Cast) -> None:
    client = made.client("chen")
    decided(made)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/ratings")
        return len(queries)

    asked()
    one = asked()
    decided(made)
    assert asked() == one


# Why


def test_a_rank_opens_in_place_and_is_a_page_of_its_own(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    key = run.results.get(name="白石村党支部").key.replace("#", "%23")
    client = made.client("chen")
    inside = text(client.get(f"/ratings/{run.pk}/units/{key}", headers={"HX-Request": "true"}))
    assert "<html" not in inside
    assert "组织生活规范" in inside
    assert "满分依据：" in inside
    assert "青组发〔2025〕1号 第一条" in inside
    figure = text(client.get(f"/ratings/{run.pk}/units/{key}/figures/life-held"))
    assert "计数依据：" in figure
    page = text(client.get(f"/ratings/{run.pk}/units/{key}"))
    assert inside.strip() in page


def test_a_figure_opens_to_the_rows_that_were_counted_and_names_no_person(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    client = made.client("chen")
    key = run.results.get(name="青林村党支部").key.replace("#", "%23")
    page = client.get(f"/ratings/{run.pk}/units/{key}/figures/secretaries")
    assert "branch-secretary" not in text(page)
    assert "党组织书记" in text(page)
    assert not {"年龄", "age", "sex"} & set(page.context["columns"])
    assert client.get(f"/ratings/{run.pk}/units/{key}/figures/nonsense").status_code == 404


def test_a_figure_says_its_facts_in_words_and_who_entered_and_checked_them(made: Cast) -> None:
    jobs.open_due(DAY)
    owed = Occurrence.objects.get(duty="village-income", who__particulars__name="青林村党支部")
    Answer.objects.create(
        occurrence=owed, field="income", version=1, value=2_100_000, unit="fen", exact="exact", as_of=DAY,
        source="年报", by="李禾", at=clock.now(), checked_by="王舒", checked_on=DAY,
    )  # fmt: skip
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    key = run.results.get(name="青林村党支部").key.replace("#", "%23")
    page = made.client("chen").get(f"/ratings/{run.pk}/units/{key}/figures/income-yuan")
    for words in ("村集体收入年报", "村集体经营性收入", "21000元", "准确数", "李禾，王舒核对", "合计 21000"):
        assert words in text(page)
    for code in ("village-income", "as_of", "fen<", "2100000"):
        assert code not in text(page).split("<main")[1]


def test_the_explanation_is_said_in_english_too(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    client = made.client("chen")
    client.cookies["language"] = "en"
    with translation.override("zh-hans"):
        page = text(client.get(f"/ratings/{run.pk}"))
    assert "incomplete, total not known" in page


def test_who_rated_what_is_visible(made: Cast) -> None:
    mark_own(made, "15.5")
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    key = run.results.get(name="白石村党支部").key.replace("#", "%23")
    assert "禾汀镇党委 15.500" in text(made.client("chen").get(f"/ratings/{run.pk}/units/{key}"))


# Deciding and publishing


def test_computing_again_says_that_it_is_the_same(made: Cast) -> None:
    run = decided(made)
    page = text(made.client("chen").post(f"/ratings/{run.pk}/recomputation"))
    assert "逐行一样" in page
    assert "审定的等次" in page
    assert page.count(run.digest) == 2


def test_the_desk_puts_forward_and_the_head_publishes(made: Cast) -> None:
    run = decided(made)
    made.client("chen").post(f"/ratings/{run.pk}/decision", {"minutes": "部务会 12月3日"})
    head = made.client("han")
    before = text(head.get(f"/ratings/{run.pk}/publication"))
    assert "进入名册“村党组织星级”" in before
    assert "开立“软弱涣散村党组织整顿转化”" in before or "开立“" in before
    assert "2026年1月1日" in before
    head.post(f"/ratings/{run.pk}/publication")
    run.refresh_from_db()
    assert (run.state, run.agreed_by) == (RunState.PUBLISHED, str(made.users["han"]))


@pytest.mark.parametrize(
    ("language", "whole", "first"),
    [
        ("zh-hans", "A类 141 + B类 345 = 486；未印出C类，占比无法计算", "A类 公布 141，实有 1：不符，少 140"),
        (
            "en",
            "class A 141 + class B 345 = 486; class C not printed, shares not computable",
            "class A 141 printed, 1 found: differ by -140",
        ),
    ],
)
def test_what_a_source_prints_stands_beside_what_was_counted(made: Cast, language, whole, first) -> None:
    chengkou = load(library(Path(os.environ["ZUGONG_PACKS"])), "chengkou")
    run = decided(made)
    card = Card(run, chengkou, chengkou.scorecard("abc"))
    outcome = replace(Outcome.read(actions.folder_of(run)), grades={"A": 1, "B": 345, "C": 2})
    with translation.override(language):
        assert views._printed(card, outcome)[:2] == [whole, first]


def test_what_was_typed_stays_when_the_deed_is_refused(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    answer = made.client("chen").post(f"/ratings/{run.pk}/decision", {"minutes": "部务会 12月3日"})
    assert "还有缺项" in text(answer)
    assert "部务会 12月3日" in text(answer)


@pytest.mark.parametrize(
    ("name", "there"), [("wang", "decision"), ("han", "decision"), ("chen", "publication")]
)
def test_nobody_gets_to_a_page_they_have_no_use_for(made: Cast, name: str, there: str) -> None:
    run = decided(made)
    actions.decide(run, by=made.users["chen"], day=DAY, minutes="部务会")
    assert made.client(name).get(f"/ratings/{run.pk}/{there}").status_code == 404
    assert made.client(name).post(f"/ratings/{run.pk}/{there}").status_code == 404


def test_candidates_are_listed_with_their_cases_once_these_are_open(made: Cast) -> None:
    from zugong.cases import jobs

    run = published(made)
    client = made.client("chen")
    before = client.get(f"/ratings/{run.pk}/candidates")
    assert [row["result"].name for row in before.context["rows"]] == ["白石村党支部", "云坪村党支部"]
    assert "尚未立项" in text(before)
    jobs.come_about(date(2026, 1, 1))
    after = client.get(f"/ratings/{run.pk}/candidates")
    assert all(row["case"] for row in after.context["rows"])


def test_decided_grades_are_pasted_and_every_wrong_line_is_named(made: Cast) -> None:
    client = made.client("chen")
    there = f"/ratings/decided/{CARD}"
    lines = [f"{name}党支部\t三星" for name in made.villages]
    wrong = client.post(
        there,
        {"card": CARD, "grades": "\n".join([*lines, "无名村 三星", "白石村党支部 一星"]), "minutes": "纪要"},
    )
    assert "10（无名村 三星）" in text(wrong)
    assert "11（白石村党支部 一星）" in text(wrong)
    assert not Run.objects.exists()
    client.post(there, {"card": CARD, "grades": "\n".join(lines), "minutes": "纪要"})
    assert set(Run.objects.get().results.values_list("grade", flat=True)) == {"3"}


# Marks


def own_sheet(made: Cast) -> str:
    return f"/ratings/marks/{made.townships['禾汀镇'].pk}/{CARD}/team/self"


def mark_own(made: Cast, typed: str) -> None:
    made.client("wang").post(own_sheet(made), {f"m{made.villages['白石村'].pk}": typed})


def test_a_clerk_sees_what_is_left_to_rate(made: Cast) -> None:
    mark_own(made, "15.5")
    sheets = made.client("wang").get("/ratings/marks").context["sheets"]
    assert [(one["indicator"], one["stage"], one["done"], one["of"]) for one in sheets] == [
        ("班子运行", "自评", 1, 3),
        ("班子运行", "互评", 0, 6),
        ("服务群众", "自评", 0, 3),
        ("服务群众", "互评", 0, 6),
    ]


def test_marks_are_typed_as_people_type_them(made: Cast) -> None:
    mark_own(made, "15.5")
    assert Mark.objects.get().marks == 15_500
    page = text(made.client("wang").get(own_sheet(made)))
    assert 'value="15.5"' in page
    assert "还差 2 个" in page


@pytest.mark.parametrize("typed", ["20.5", "-1", "十五", "1.0005", "nan"])
def test_what_was_right_is_saved_and_what_was_wrong_is_kept(made: Cast, typed: str) -> None:
    right, wrong = made.villages["白石村"].pk, made.villages["青林村"].pk
    answer = made.client("wang").post(own_sheet(made), {f"m{right}": "15", f"m{wrong}": typed})
    assert answer.status_code == 200
    assert Mark.objects.get().unit_id == right
    assert f'value="{typed}" aria-invalid="true"' in text(answer)
    assert "其余 1 个已保存" in text(answer)


def test_marks_cannot_be_emptied_and_nothing_new_writes_nothing(made: Cast) -> None:
    mark_own(made, "15")
    mark_own(made, "15.0")
    assert Mark.objects.count() == 1
    mark_own(made, "")
    assert Mark.objects.get().marks == 15_000


@pytest.mark.parametrize("name", ["zhao", "li", "chen", "cai"])
def test_nobody_opens_the_sheet_of_another_township(made: Cast, name: str) -> None:
    assert made.client(name).get(own_sheet(made)).status_code in (403, 404)


# What if


def computed(made: Cast) -> Run:
    return actions.compute(CARD, day=DAY, by=made.users["chen"])


def test_other_weights_are_tried_without_a_trace(made: Cast) -> None:
    run = computed(made)
    first = made.client("chen").get(f"/ratings/{run.pk}/what-if")
    weight = next(name for name in first.context["form"].fields if name.startswith("weight-"))
    page = made.client("chen").get(f"/ratings/{run.pk}/what-if", {weight: "7.5"})
    assert "→ 7.5" in text(page)
    assert Run.objects.get().digest == run.digest
    assert [each.id for each in page.context["trial"].changes] == [weight.removeprefix("weight-")]


@pytest.mark.parametrize("number", ["-1", "99999999", "x", "1e9", "NaN", "1.23456"])
def test_a_number_that_is_none_is_told_at_its_question(made: Cast, number: str) -> None:
    run = computed(made)
    first = made.client("chen").get(f"/ratings/{run.pk}/what-if")
    weight = next(name for name in first.context["form"].fields if name.startswith("weight-"))
    page = made.client("chen").get(f"/ratings/{run.pk}/what-if", {weight: number})
    assert "有问题需要处理" in text(page)
    assert page.context["trial"] is None


def test_how_firm_a_grade_is_can_be_drawn_again(made: Cast) -> None:
    run = computed(made)
    once, again = (made.client("chen").get(f"/ratings/{run.pk}/what-if", {"firm": "1"}) for _ in range(2))
    assert once.context["firm"] == again.context["firm"]


@pytest.mark.parametrize("name", ["wang", "han", "li"])
def test_only_who_computes_tries(made: Cast, name: str) -> None:
    run = computed(made)
    assert made.client(name).get(f"/ratings/{run.pk}/what-if").status_code == 404


def test_other_numbers_become_a_draft_that_only_its_author_tries(made: Cast) -> None:
    run, chen = computed(made), made.client("chen")
    first = chen.get(f"/ratings/{run.pk}/what-if")
    assert "按您的草稿试算" not in text(first)
    numbers = "weight-collective-income=7.5&cut-4=82"
    assert "把这组数存为草稿" in text(chen.get(f"/ratings/{run.pk}/what-if?{numbers}"))
    page = text(chen.post(f"/ratings/{run.pk}/what-if/draft", {"numbers": numbers}, follow=True))
    assert "source: 还空着" in page
    draft = Draft.objects.get()
    card = draft.texts["scorecards/village-stars.yaml"]
    assert f"{DAY}: {{value: 7500, source: ''}}" in card
    assert f'{DAY}: {{value: {{"5": 90000, "4": 82000, "3": 75000' in card
    assert len(card.splitlines()) == len(
        draft.base.texts["qingmu"]["scorecards/village-stars.yaml"].splitlines()
    )
    tried = chen.get(f"/ratings/{run.pk}/what-if", {"draft": draft.pk})
    assert {each.id for each in tried.context["trial"].changes} == {"collective-income", "4"}
    assert "按您的草稿" in text(tried)
    for name in sorted(made.users.keys() - {"chen"}):
        assert made.client(name).get(f"/ratings/{run.pk}/what-if", {"draft": draft.pk}).status_code == 404
        answer = made.client(name).post(
            f"/ratings/{run.pk}/what-if/draft", {"numbers": f"{numbers}&draft={draft.pk}"}
        )
        assert answer.status_code == 404
    assert Run.objects.get().digest == run.digest


def test_a_run_whose_facts_were_lost_is_a_page_that_is_not_there(made: Cast) -> None:
    run = computed(made)
    shutil.rmtree(actions.folder_of(run))
    assert made.client("chen").get(f"/ratings/{run.pk}").status_code == 404
    assert made.client("chen").get("/ratings").status_code == 200
