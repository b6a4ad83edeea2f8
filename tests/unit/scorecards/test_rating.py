"""Enter marks, compute, decide, publish: on a small county, with its facts, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from counties import granted, rated_county
from zugong.accounts.rules import Role
from zugong.cases.models import Case
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.pending.models import Pending
from zugong.registry import actions as registry
from zugong.registry.models import Appointment, Standing
from zugong.scorecards import actions, engine, following, powers
from zugong.scorecards.models import Mark, Run, RunState

pytestmark = pytest.mark.django_db
CARD, DAY = "village-stars", date(2025, 11, 20)


@pytest.fixture
def made(settings, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path
    return rated_county()


def graded(made: Cast, **grades: str) -> dict[int, str]:
    """Every village has three stars, but for those named."""
    return {village.pk: grades.get(name, "3") for name, village in made.villages.items()}


def decided(made: Cast, **grades: str) -> Run:
    """A year's grades as a meeting decided them, put forward by Chen."""
    run = actions.decide_without_score(
        CARD, day=DAY, grades=graded(made, **grades), minutes="部务会〔2025〕9号", by=made.users["chen"]
    )
    actions.decide(run, by=made.users["chen"], day=DAY, minutes="部务会〔2025〕9号")
    return run


# Marks


def fill(
    made: Cast, villages: dict[str, int], *, by: str = "wang", stage: str = "self", rater: str = "禾汀镇"
) -> None:
    actions.fill(
        CARD,
        indicator="team",
        stage=stage,
        rater=made.townships[rater],
        marks={made.villages[name].pk: marks for name, marks in villages.items()},
        by=made.users[by],
        day=DAY,
    )


def test_a_township_rates_its_own_villages_and_a_later_mark_supersedes(made: Cast) -> None:
    fill(made, {"白石村": 15_000, "青林村": 18_500})
    fill(made, {"白石村": 16_000})
    standing = Mark.objects.filter(superseded=False).values_list("unit", "marks")
    assert set(standing) == {(made.villages["白石村"].pk, 16_000), (made.villages["青林村"].pk, 18_500)}
    assert Mark.objects.count() == 3


def test_a_county_of_marks_takes_no_more_questions_than_one(made: Cast) -> None:
    def asked(villages: dict[str, int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            fill(made, villages, stage="mutual")
        return len(queries)

    others = dict.fromkeys(("云坪村", "石渡村", "松坪村", "苇塘村", "柳浦村", "桥西村"), 9_000)
    fill(made, {"云坪村": 1_000}, stage="mutual")
    assert asked(others) == asked({"云坪村": 2_000})


@pytest.mark.parametrize(
    ("villages", "options", "sentence"),
    [
        ({"云坪村": 9_000}, {}, "不由这个组织给这些村打分"),
        ({"白石村": 9_000}, {"stage": "mutual"}, "不由这个组织给这些村打分"),
        ({"白石村": 20_001}, {}, "0 到 20 分之间"),
        ({"白石村": -1}, {}, "0 到 20 分之间"),
        ({"云坪村": 9_000}, {"rater": "麓山乡"}, "您不能以“麓山乡党委”的名义打分"),
        ({"白石村": 9_000}, {"by": "zhao"}, "您不能以“禾汀镇党委”的名义打分"),
        ({"白石村": 9_000}, {"by": "li"}, "您不能以“禾汀镇党委”的名义打分"),
    ],
)
def test_nobody_rates_what_is_not_theirs_to_rate(
    made: Cast, villages: dict[str, int], options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        fill(made, villages, **options)
    assert not Mark.objects.exists()


def test_an_indicator_that_is_counted_is_not_rated(made: Cast) -> None:
    with pytest.raises(Refused, match="没有由这一环节打分"):
        actions.mark(
            CARD,
            unit=made.villages["白石村"],
            indicator="collective-income",
            stage="self",
            rater=made.townships["禾汀镇"],
            marks=1,
            by=made.users["wang"],
            day=DAY,
        )


# Runs


def test_a_run_is_computed_from_frozen_facts_and_says_what_is_missing(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    assert (run.number, run.period, run.computed, run.state) == (1, "2025年度", True, RunState.SCORED)
    assert run.digest == engine.digest(actions.folder_of(run))
    assert run.results.count() == len(made.villages)
    assert set(run.results.values_list("state", flat=True)) == {"incomplete"}


def test_a_village_without_a_secretary_is_not_rated_and_may_not_be_given_a_grade(made: Cast) -> None:
    seat = Appointment.objects.get(person=made.people["li"])
    registry.release(seat, on=DAY, by="t")
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    assert run.results.get(name="白石村党支部").state == "not-eligible"
    with pytest.raises(Refused, match="“白石村党支部”不能评为“5”：书记在岗"):
        decided(made, 白石村="5")


def test_a_second_computation_has_the_next_number_and_the_first_stays(made: Cast) -> None:
    first, second = (actions.compute(CARD, day=DAY, by=made.users["chen"]) for _ in range(2))
    assert (first.number, second.number) == (1, 2)
    assert actions.folder_of(first).exists()
    assert first.digest == second.digest


def test_what_a_crash_left_behind_does_not_stop_the_next_computation(made: Cast) -> None:
    left = actions.folder_of(actions.compute(CARD, day=DAY, by=made.users["chen"]))
    Run.objects.all().delete()
    assert left.exists()
    assert actions.compute(CARD, day=DAY, by=made.users["chen"]).number == 1


@pytest.mark.parametrize("name", ["wang", "li", "han", "cai"])
def test_only_the_desk_of_the_county_computes(made: Cast, name: str) -> None:
    with pytest.raises(Refused, match="经办人"):
        actions.compute(CARD, day=DAY, by=made.users[name])


def test_computing_again_gives_the_same_and_altered_facts_are_named(made: Cast, tmp_path: Path) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    assert actions.recompute(run, tmp_path / "again") == run.digest
    kept = actions.folder_of(run) / "facts" / "units.parquet"
    table = pq.read_table(kept)
    pq.write_table(table.slice(1), kept)
    with pytest.raises(Refused, match="units"):
        actions.recompute(run, tmp_path / "third")


def test_a_unit_that_is_gone_takes_its_marks_out_of_the_count(made: Cast) -> None:
    fill(made, {"青林村": 15_000})
    registry.close(made.villages["青林村"], until=date(2025, 11, 1), by="t")
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    assert "青林村党支部" not in run.results.values_list("name", flat=True)


# Decisions


def test_decided_grades_are_shown_as_decided_with_their_minutes(made: Cast) -> None:
    run = decided(made, 白石村="1")
    assert not run.computed
    why = engine.explain(actions.folder_of(run), run.results.get(name="白石村党支部").key)
    assert (why.state, why.grade) == ("decided", "1")
    assert why.decision is not None
    assert why.decision.minutes == "部务会〔2025〕9号"


def test_an_incomplete_run_is_not_put_forward(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    with pytest.raises(Refused, match="还有缺项"):
        actions.decide(run, by=made.users["chen"], day=DAY, minutes="部务会")


def test_a_decision_needs_its_minutes(made: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.decide_without_score(CARD, day=DAY, grades=graded(made), minutes=" ", by=made.users["chen"])
    assert refused.value.field == "minutes"


def test_a_second_person_publishes_and_what_follows_follows(made: Cast) -> None:
    run = decided(made, 白石村="1", 青林村="not-rated", 杜若村="5")
    actions.publish(run, by=made.users["han"], day=DAY)
    run.refresh_from_db()
    assert (run.state, run.published_on) == (RunState.PUBLISHED, DAY)
    stars = dict(Standing.objects.on(DAY).filter(roll="stars").values_list("subject", "value"))
    assert stars == graded(made, 白石村="1", 青林村="not-rated", 杜若村="5")
    # Cases open when the next year begins, one for each candidate.
    pending = Pending.objects.filter(verb="open")
    assert {row.subject for row in pending} == {made.villages["白石村"].pk, made.villages["青林村"].pk}
    assert {row.due_on for row in pending} == {date(2026, 1, 1)}
    assert not Case.objects.exists()


def test_whoever_put_it_forward_does_not_publish_it(made: Cast) -> None:
    run = decided(made)
    with pytest.raises(Refused, match="有审批权"):
        actions.publish(run, by=made.users["chen"], day=DAY)


def test_a_township_secretary_does_not_publish_the_countys_rating(made: Cast) -> None:
    run = decided(made)
    secretary = granted("secretary", "魏澄", Role.TOWNSHIP_SECRETARY, made.townships["禾汀镇"])
    with pytest.raises(Refused, match="有审批权"):
        actions.publish(run, by=secretary, day=DAY)
    assert not powers.runs(secretary, DAY).exists()


def test_what_is_published_is_not_computed_again(made: Cast) -> None:
    actions.publish(decided(made), by=made.users["han"], day=DAY)
    with pytest.raises(Refused, match="已经公布"):
        actions.compute(CARD, day=DAY, by=made.users["chen"])


def test_each_deed_is_in_the_journal(made: Cast) -> None:
    actions.publish(decided(made), by=made.users["han"], day=DAY)
    deeds = Entry.objects.filter(deed__startswith="scorecard.").order_by("id").values_list("deed", flat=True)
    assert list(deeds) == ["scorecard.compute", "scorecard.decide", "scorecard.publish"]


def test_a_village_sees_its_own_result_once_it_is_published(made: Cast) -> None:
    run, li = decided(made), made.users["li"]
    assert not powers.runs(li, DAY).exists()
    actions.publish(run, by=made.users["han"], day=DAY)
    assert [one.name for one in powers.results(li, run, DAY)] == ["白石村党支部"]


def test_what_will_follow_is_said_before_it_does(made: Cast) -> None:
    run = decided(made, 白石村="1", 青林村="not-rated")
    roll, opening = following.consequences(run, DAY)
    assert (roll.effect.enter, len(roll.units), roll.due_on) == ("stars", len(made.villages), DAY)
    assert opening.effect.open == "rectification"
    assert set(opening.units) == {made.villages["白石村"].pk, made.villages["青林村"].pk}
    assert opening.due_on == date(2026, 1, 1)
    assert not Standing.objects.filter(roll="stars").exists()


def test_a_figure_opens_to_the_rows_that_were_counted(made: Cast) -> None:
    run = actions.compute(CARD, day=DAY, by=made.users["chen"])
    folder, key = actions.folder_of(run), run.results.get(name="白石村党支部").key
    counted = engine.counted(folder, key, "secretaries")
    assert (counted.number, [row["post_class"] for row in counted.rows]) == (1, ["branch-secretary"])
    with pytest.raises(Refused, match="没有用到"):
        engine.counted(folder, key, "nonsense")


def test_an_approver_is_told_what_waits(made: Cast) -> None:
    decided(made)
    assert powers.awaiting(made.users["han"], DAY).count() == 1
    assert powers.awaiting(made.users["chen"], DAY).count() == 0
