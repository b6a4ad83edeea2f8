"""From a decided grade to a final one, on the pages: announced, heard, objected to, adjusted; a tie settled."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import LONG_AGO, Cast
from counties import give_secretary, granted, rated_county
from zugong.accounts.rules import Role
from zugong.cases.models import Case
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry.models import Standing
from zugong.scorecards import actions, following, hearing
from zugong.scorecards.models import Adjustment, Comment, Mark, Run, RunState

pytestmark = pytest.mark.django_db
CARD, DAY, OVER = "village-stars", date(2026, 11, 23), date(2026, 12, 1)


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made(settings, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path
    return rated_county()


def decided(made: Cast) -> Run:
    grades = {village.pk: "1" if name == "白石村" else "3" for name, village in made.villages.items()}
    run = actions.decide_without_score(
        CARD, day=DAY, grades=grades, minutes="部务会〔2026〕9号", by=made.users["chen"]
    )
    actions.decide(run, by=made.users["chen"], day=DAY, minutes="部务会〔2026〕9号")
    return run


def announced(made: Cast) -> Run:
    run = decided(made)
    hearing.announce(run, by=made.users["han"], day=DAY)
    return run


def text(answer) -> str:
    return answer.content.decode()


def unit_of(run: Run, name: str = "白石村党支部") -> str:
    return f"/ratings/{run.pk}/units/{run.results.get(name=name).key.replace('#', '%23')}"


def test_the_head_announces_before_publishing_and_is_told_until_when(made: Cast) -> None:
    run, head = decided(made), made.client("han")
    (line,) = [row for row in head.get("/").context["rows"] if row["stage"] == "等您同意公示"]
    assert (line["deed"], line["does"]) == ("去公示", f"/ratings/{run.pk}")
    page = text(head.get(f"/ratings/{run.pk}"))
    assert "同意公示" in page
    assert "同意公布</a>" not in page
    assert "先公示" in text(head.post(f"/ratings/{run.pk}/publication"))
    assert "3 个工作日" in text(head.get(f"/ratings/{run.pk}/announcement"))
    page = text(head.post(f"/ratings/{run.pk}/announcement", follow=True))
    assert "公示到 2026年11月30日 为止" in page
    assert "征求 18 份，待反馈 18 份，到期没有反馈 0 份" in page
    run.refresh_from_db()
    assert (run.state, run.notice_until, run.objections_until) == (
        RunState.ANNOUNCED, date(2026, 11, 30), date(2026, 11, 30),
    )  # fmt: skip


def test_a_village_replies_with_a_file_and_nobody_replies_for_it(made: Cast) -> None:
    run = announced(made)
    asked = run.results.get(name="白石村党支部").hearings.get(role="village-branch")
    there = f"/ratings/{run.pk}/hearings/{asked.pk}"
    assert made.client("wang").get(there).status_code == 404
    li = made.client("li")
    assert "反馈意见" in text(li.get(unit_of(run)))
    assert "请填写" in text(li.post(there, {"text": ""}))
    li.post(there, {"text": "漏了一份值班记录", "file": SimpleUploadedFile("记录.pdf", b"%PDF-1.7 x")})
    page = text(made.client("chen").get(unit_of(run)))
    assert "漏了一份值班记录" in page
    one = Comment.objects.get()
    assert li.get(f"{unit_of(run)}/files/{one.file_id}").status_code == 200
    other = unit_of(run, "青林村党支部")
    assert made.client("chen").get(f"{other}/files/{one.file_id}").status_code == 404
    assert hearing.waiting(run, DAY).count() == 17


def test_silence_is_kept_as_silence(made: Cast) -> None:
    run = announced(made)
    with clock.standing(OVER):
        page = text(made.client("chen").get(unit_of(run)))
    assert "到期没有反馈" in page
    assert "没有意见" not in page
    assert (hearing.waiting(run, OVER).count(), hearing.silent(run, OVER).count()) == (0, 18)


def test_an_objection_from_the_page_is_a_case_and_its_raters_decide_nothing_in_it(made: Cast) -> None:
    run = announced(made)
    there = f"{unit_of(run)}/objection"
    assert "提出异议" in text(made.client("li").get(unit_of(run)))
    assert "提出异议" not in text(made.client("chen").get(unit_of(run)))
    assert made.client("chen").post(there).status_code == 404
    answer = made.client("li").post(there)
    case = Case.objects.get(kind="rating-objection")
    assert answer["Location"] == f"/cases/{case.pk}"
    assert case.barred == [str(made.users["chen"])]
    with clock.standing(OVER):
        assert made.client("li").post(there).status_code == 404
        assert "还有 1 件异议没有办结：白石村党支部" in text(made.client("han").get(f"/ratings/{run.pk}"))


def adjusted(made: Cast, run: Run, grade: str) -> None:
    made.client("chen").post(
        f"{unit_of(run)}/adjustment",
        {"grade": grade, "reason": "漏录", "document": "虚构：青组函〔2026〕4号"},
    )
    one = Adjustment.objects.get(agreed=None)
    made.client("han").post(f"/ratings/{run.pk}/adjustments/{one.pk}", {"answer": "agree"})


def test_an_adjustment_takes_two_people_and_shows_everywhere_beside_what_was_computed(made: Cast) -> None:
    run = announced(made)
    adjusted(made, run, "2")
    result = run.results.get(name="白石村党支部")
    assert (result.grade, result.effective) == ("1", "2")
    client = made.client("chen")
    assert "计算时为一星，现为二星 · 漏录" in text(client.get(unit_of(run)))
    rows = client.get(f"/ratings/{run.pk}?grade=2").context["rows"]
    assert [(row["result"].name, row["grade"]) for row in rows] == [("白石村党支部", "二星")]
    assert not client.get(f"/ratings/{run.pk}/candidates").context["rows"]
    assert "逐行一样" in text(client.post(f"/ratings/{run.pk}/recomputation"))


def test_a_declined_adjustment_changes_nothing(made: Cast) -> None:
    run = announced(made)
    made.client("chen").post(
        f"{unit_of(run)}/adjustment", {"grade": "2", "reason": "漏录", "document": "虚构：1号"}
    )
    one = Adjustment.objects.get()
    made.client("chen").post(f"/ratings/{run.pk}/adjustments/{one.pk}", {"answer": "agree"})
    made.client("han").post(f"/ratings/{run.pk}/adjustments/{one.pk}", {"answer": "decline"})
    one.refresh_from_db()
    assert one.agreed is False
    assert run.results.get(name="白石村党支部").effective == "1"


def test_after_publication_the_roll_follows_and_what_the_old_grade_set_off_is_shown(made: Cast) -> None:
    run, village = announced(made), made.villages["白石村"]
    with clock.standing(OVER):
        made.client("han").post(f"/ratings/{run.pk}/publication")
        adjusted(made, run, "2")
        page = text(made.client("chen").get(unit_of(run)))
    stars = Standing.objects.filter(roll="stars", subject=village)
    assert stars.on(OVER).get().value == "2"
    assert "由人处理：开立“整顿转化”" in page
    result = run.results.get(unit=village)
    result.run.refresh_from_db()
    assert following.published_grades(result) == ["1", "2"]


def test_a_grade_fallen_after_publication_sets_off_its_own_consequence_once(made: Cast) -> None:
    from zugong.core.pending.models import Pending

    run = announced(made)
    key = run.results.get(name="青林村党支部").key
    with clock.standing(OVER):
        made.client("han").post(f"/ratings/{run.pk}/publication")
        for grade in ("1", "3", "1"):
            made.client("chen").post(
                f"{unit_of(run, '青林村党支部')}/adjustment",
                {"grade": grade, "reason": "核查", "document": "虚构：2号"},
            )
            one = Adjustment.objects.get(agreed=None)
            made.client("han").post(f"/ratings/{run.pk}/adjustments/{one.pk}", {"answer": "agree"})
    assert Pending.objects.filter(verb="open", cause__startswith=f"{run} {key} ").count() == 1


def test_a_tie_is_settled_from_the_run_page_with_reason_and_minutes(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    client = made.client("chen")
    refused = client.post(f"/ratings/{run.pk}/ties", {"reason": "x", "minutes": "y"})
    assert "没有等待裁定的同分" in text(refused)


def test_the_tied_get_their_grades_from_a_meeting_and_the_same_facts_are_computed_once_more(
    made: Cast,
) -> None:
    made.villages["新村"] = registry.add(
        "organisation",
        klass="village",
        name="新村党支部",
        parent=made.townships["禾汀镇"],
        since=LONG_AGO,
        by="t",
    )
    give_secretary(made, "新村")
    run = actions.compute("yearly-advanced", day=DAY, by=made.users["chen"])
    client, there = made.client("chen"), f"/ratings/{run.pk}/ties"
    assert there in text(client.get(f"/ratings/{run.pk}"))
    grades = {f"u{village.pk}": "ordinary" for village in made.villages.values()}
    grades[f"u{made.villages['新村'].pk}"] = "advanced"
    said = {"reason": "群众评价最好", "minutes": "部务会〔2026〕41号"}
    assert "请填写“理由”" in text(client.post(there, {**grades, **said, "reason": " "}))
    two = {**grades, f"u{made.villages['白石村'].pk}": ""}
    assert "请" in text(client.post(there, {**two, **said}))
    assert not Run.objects.exclude(pk=run.pk).exists()
    client.post(there, {**grades, **said})
    settled = Run.objects.latest("pk")
    won = settled.results.get(unit=made.villages["新村"])
    assert (won.grade, won.state, settled.number) == ("advanced", "decided", run.number + 1)
    assert not settled.results.filter(state="tied").exists()
    page = text(client.get(unit_of(settled, "新村党支部")))
    assert "部务会〔2026〕41号；群众评价最好" in page
    assert "逐行一样" in text(client.post(f"/ratings/{settled.pk}/recomputation"))
    assert made.client("han").post(there, {**grades, **said}).status_code == 404


def test_who_publishes_is_told_of_an_upheld_objection_that_changed_nothing(made: Cast) -> None:
    run = announced(made)
    made.client("li").post(f"{unit_of(run)}/objection")
    Case.objects.filter(kind="rating-objection").update(state="closed", closed_on=DAY, outcome="upheld")
    warning = "这些异议已经成立，等次没有调整"
    with clock.standing(OVER):
        page = text(made.client("han").get(f"/ratings/{run.pk}/publication"))
        assert warning in page
        assert Case.objects.get(kind="rating-objection").number in page
        adjusted(made, run, "2")
        assert warning not in text(made.client("han").get(f"/ratings/{run.pk}/publication"))


def test_marks_are_entered_with_the_file_that_proves_them(made: Cast) -> None:
    there = f"/ratings/marks/{made.townships['禾汀镇'].pk}/{CARD}/team/self"
    village = made.villages["白石村"].pk
    made.client("wang").post(
        there,
        {f"m{village}": "15", "note": "见记录", "evidence": SimpleUploadedFile("记录.pdf", b"%PDF-1.7 y")},
    )
    one = Mark.objects.get(unit=village)
    assert (one.marks, one.note, one.evidence.name) == (15_000, "见记录", "记录.pdf")
    run = announced(made)
    page = text(made.client("li").get(unit_of(run)))
    assert "打分的依据" in page
    assert made.client("li").get(f"{unit_of(run)}/files/{one.evidence_id}").status_code == 200


def test_a_township_that_is_not_above_a_village_neither_sees_nor_objects(made: Cast) -> None:
    run = announced(made)
    other = granted("other", "魏澄", Role.TOWNSHIP_CLERK, made.townships["麓山乡"])
    made.users["other"] = other
    assert made.client("other").get(unit_of(run)).status_code == 404
    assert made.client("other").post(f"{unit_of(run)}/objection").status_code == 404
