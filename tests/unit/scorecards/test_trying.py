"""What if: other weights and cut-offs on the same frozen facts, and how firmly a grade stands."""

import hashlib

import pytest

from small_card import CARD, DAY, card, measures, tables
from zugong.core.errors import Refused
from zugong.scorecards import engine
from zugong.scorecards.engine import trying

QUOTA = {"grade": "5", "share": 334, "bound": "exactly", "rounding": "floor", "of": "all"}


@pytest.fixture
def run(freeze):
    folder = freeze()
    engine.score(folder)
    return folder


def plan_of(folder):
    return engine.open_run(folder).plan


def moves(trial):
    return {move.unit: (move.before["grade"], move.after["grade"]) for move in trial.moves}


def test_the_same_card_moves_nobody(run):
    trial = engine.attempt(run, plan_of(run))
    assert (trial.changes, trial.moves, trial.ranks_moved) == ((), (), 0)


def test_a_lower_cut_off_moves_who_stood_between(run):
    trial = engine.attempt(run, engine.reweighted(plan_of(run), {}, {"4": 40_000}, {}))
    assert moves(trial) == {"Lishan": ("3", "4")}
    assert [(each.kind, each.id) for each in trial.moves[0].alone] == [("threshold", "4")]


def test_each_move_names_the_changes_that_would_do_it_alone(run):
    after = engine.reweighted(plan_of(run), {"lateness": 30_000}, {"5": 95_000, "4": 65_000}, {})
    trial = engine.attempt(run, after)
    # 白石 has 30 + 30: the weight takes it from 60 to 52.5, the cut-off rises over it; either would do.
    by = {move.unit: [(each.kind, each.id) for each in move.alone] for move in trial.moves}
    assert by["Baishi"] == [("indicator", "lateness"), ("threshold", "4")]
    assert by["Heting"] == []  # 90 marks reach 90, and 100 reach 95: only both together move it
    assert trial.outcome.grades["5"] == 0


def test_a_weight_scales_the_marks_and_leaves_the_facts(run):
    before = hashlib.sha256((run / "results.parquet").read_bytes()).hexdigest()
    trial = engine.attempt(run, engine.reweighted(plan_of(run), {"on-time": 30_000}, {}, {}))
    assert {move.unit: move.after["total"] for move in trial.moves} == {"Heting": 70_000, "Baishi": 45_000}
    assert hashlib.sha256((run / "results.parquet").read_bytes()).hexdigest() == before
    assert not list(run.glob("*trial*"))


def test_a_draft_of_the_card_is_tried_as_it_is_written(run):
    first, second = CARD["indicators"]
    draft = card(indicators=[first, {**second, "label": "迟", "by": {**second["by"], "each": 25_000}}])
    trial = engine.attempt(run, engine.plan(draft, measures(), day=DAY))
    assert [(each.kind, each.id) for each in trial.changes] == [("indicator", "lateness")]
    assert moves(trial) == {"Baishi": ("4", "3")}


def test_other_words_for_the_same_rule_are_no_change(run):
    first, second = CARD["indicators"]
    draft = card(indicators=[{**first, "label": "按时办结"}, {**second, "clause": "第九条"}])
    assert engine.attempt(run, engine.plan(draft, measures(), day=DAY)).changes == ()


def test_a_draft_that_asks_for_facts_nobody_froze_is_refused(run):
    unknown = {"name": "visits", "facts": "activities.held", "label": "走访", "count": {"rows": True}}
    first, second = CARD["indicators"]
    draft = card(indicators=[first, {**second, "by": {**second["by"], "figure": "visits"}}])
    with pytest.raises(Refused, match=r"缺少事实表“activities\.held”"):
        engine.attempt(run, engine.plan(draft, measures([unknown]), day=DAY))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"grades": {"quotas": [QUOTA]}},
        {"out_of": 100_000},
        {"grades": {"thresholds": {}, "quotas": [QUOTA]}},
    ],
)
def test_draws_that_move_nothing_keep_every_rank_and_grade(freeze, rows, monkeypatch, changed):
    monkeypatch.setattr(trying, "NARROWEST", 1_000_000)
    monkeypatch.setattr(trying, "WIDEST", 1_000_000)
    cases = [(f"v{n}", "closed" if n % 3 else "open", n * 3) for n in range(12)]
    folder = freeze(tables(cases, [f"v{n}" for n in range(12)]), **changed)
    engine.score(folder)
    found = engine.firmness(folder, seed=1, draws=3)
    for unit, row in rows(folder).items():
        assert found[unit] == engine.Firmness(row["rank"], row["rank"], row["rank"], 1000)


def test_the_same_seed_draws_the_same_and_a_close_call_shows(run):
    once = engine.firmness(run, seed=7, draws=200)
    assert once == engine.firmness(run, seed=7, draws=200)
    assert once["Heting"] == engine.Firmness(1, 1, 1, 1000)  # full marks stay full marks
    assert 0 < once["Baishi"].kept < 1000  # it has exactly the marks of its cut-off
