"""Freeze, score, grade: the whole way on a small card."""

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from small_card import CARD, CASES, UNITS, decisions, tables
from zugong.core.errors import Refused
from zugong.scorecards import engine

TENTH = {"grade": "5", "share": 500, "bound": "exactly", "rounding": "floor", "of": "all"}


def scored(rows, folder):
    return {
        unit: (row["total"], row["grade"], row["rank"], row["state"]) for unit, row in rows(folder).items()
    }


def test_marks_add_up_and_give_a_grade(freeze, rows):
    folder = freeze()
    outcome = engine.score(folder)
    assert scored(rows, folder) == {
        "Heting": (100_000, "5", 1, "rated"),
        "Baishi": (60_000, "4", 2, "rated"),
        "Lishan": (40_000, "3", 3, "rated"),
    }
    assert outcome.grades == {"5": 1, "4": 1, "3": 1, "not-rated": 0}
    assert outcome.complete


def test_nothing_due_leaves_the_total_unknown_and_not_low(freeze, rows):
    folder = freeze(tables(units=[*UNITS, "Nanpo"]))
    outcome = engine.score(folder)
    nanpo = rows(folder)["Nanpo"]
    assert (nanpo["total"], nanpo["known"], nanpo["grade"], nanpo["rank"]) == (None, 40_000, None, None)
    assert nanpo["state"] == "incomplete"
    assert not outcome.complete


def test_where_the_card_says_out_of_the_rest_is_brought_to_that_total(freeze, rows):
    folder = freeze(tables(units=[*UNITS, "Nanpo"]), out_of=100_000)
    engine.score(folder)
    nanpo = rows(folder)["Nanpo"]
    assert (nanpo["total"], nanpo["full"], nanpo["grade"], nanpo["rank"]) == (100_000, 40_000, "5", 1)


def test_an_empty_value_makes_the_rules_incomplete_and_not_zero(freeze, rows):
    first, second = CARD["indicators"]
    folder = freeze(indicators=[first, {**second, "full": {"values": {}}}])
    engine.score(folder)
    assert scored(rows, folder)["Heting"] == (None, None, None, "incomplete")
    part = engine.explain(folder, "Heting").parts[1]
    assert part.sentence == ("规则不完整：满分", "rule set incomplete: full marks")


def test_an_item_that_the_source_counts_and_does_not_list_leaves_every_total_unknown(freeze, rows):
    folder = freeze(slots=91)
    assert not engine.score(folder).complete
    assert scored(rows, folder)["Heting"] == (None, None, None, "incomplete")
    said = engine.explain(folder, "Heting").sentence
    assert said.zh == "已知 100 分；总分未定，因为缺：未列出的 89 项"
    assert said.en == "100 marks known; the total is not, for want of: 89 items that are not listed"


def test_an_indicator_applies_to_its_classes_only(freeze, rows):
    first, second = CARD["indicators"]
    units = pa.table({"unit": UNITS, "klass": ["village", "village", "street"], "model": [1, 0, 0]})
    model = {
        "id": "model", "layer": "model", "full": 5_000,
        "by": {"method": "checklist", "figure": "finished", "items": 4},
    }  # fmt: skip
    folder = freeze(
        {**tables(), "units": units},
        indicators=[first, {**second, "layer": "class", "classes": ["village"]}, model],
    )
    engine.score(folder)
    assert {unit: (row["known"], row["full"]) for unit, row in rows(folder).items()} == {
        "Heting": (105_000, 105_000),
        "Baishi": (60_000, 100_000),
        "Lishan": (0, 60_000),
    }


def test_ranks_run_inside_groups_and_ties_share_a_rank(freeze, rows):
    cases = [(unit, "closed", 1) for unit in "abcd"] + [("d", "open", 1), ("c", "open", 99), ("e", "open", 1)]
    units = pa.table({"unit": list("abcde"), "group": ["x", "x", "x", "x", "y"]})
    folder = freeze({**tables(cases), "units": units})
    engine.score(folder)
    assert {unit: row["rank"] for unit, row in rows(folder).items()} == {
        "a": 1,
        "b": 1,
        "d": 3,
        "c": 4,
        "e": 1,
    }


def test_a_veto_takes_rank_and_grade_and_passes_the_place_on(freeze, rows):
    veto = {
        "id": "late-case",
        "label": "严重逾期",
        "clause": "第九条",
        "figure": "late",
        "grade": "not-rated",
    }
    cases = [("Heting", "closed", 99), ("Baishi", "closed", 1), ("Lishan", "open", 1)]
    folder = freeze(tables(cases), vetoes=[veto])
    engine.score(folder)
    assert scored(rows, folder) == {
        "Heting": (90_000, "not-rated", None, "vetoed"),
        "Baishi": (100_000, "5", 1, "rated"),
        "Lishan": (40_000, "3", 2, "rated"),
    }
    assert engine.explain(folder, "Heting").reasons[0].clause == "第九条"


def test_a_cap_lowers_the_grade_and_keeps_the_rank(freeze, rows):
    hit = {"id": "badly-late", "label": "进度严重滞后", "figure": "late", "caps": "4"}
    cases = [("Heting", "closed", 99), ("Baishi", "closed", 1), ("Lishan", "open", 1)]
    folder = freeze(tables(cases), negative_list={"slots": 2, "items": [hit]})
    engine.score(folder)
    assert scored(rows, folder)["Heting"] == (90_000, "4", 2, "rated")
    assert rows(folder)["Heting"]["reasons"] == "cap:badly-late"


def test_a_decision_cannot_go_beyond_a_cap(freeze):
    hit = {"id": "badly-late", "label": "进度严重滞后", "clause": "第十条", "figure": "late", "caps": "4"}
    cases = [("Heting", "closed", 99)]
    folder = freeze(
        tables(cases, units=["Heting"], decisions=decisions({"Heting": "5"})), negative_list={"items": [hit]}
    )
    with pytest.raises(Refused, match="进度严重滞后") as refused:
        engine.score(folder)
    assert refused.value.clause == "第十条"
    assert not (folder / "results.parquet").exists()


def test_who_is_not_eligible_is_not_rated(freeze, rows):
    condition = {"id": "has-cases", "label": "有交办件", "figure": "assigned"}
    folder = freeze(tables(units=[*UNITS, "Nanpo"]), eligible=[condition])
    engine.score(folder)
    nanpo = rows(folder)["Nanpo"]
    assert (nanpo["grade"], nanpo["state"], nanpo["reasons"]) == (
        "not-rated",
        "not-eligible",
        "eligible:has-cases",
    )


def test_a_quota_moves_the_bound_and_says_so(freeze, rows):
    folder = freeze(
        tables(
            [(u, "closed", 1) for u in "abcd"] + [("b", "open", 1), ("c", "open", 20)], units=list("abcd")
        ),
        grades={"quotas": [TENTH]},
    )
    outcome = engine.score(folder)
    # a and d tie at the top, both fit into the two places
    assert {unit: row["grade"] for unit, row in rows(folder).items()} == {
        "a": "5",
        "d": "5",
        "b": "4",
        "c": "4",
    }
    (verdict,) = outcome.verdicts
    assert (verdict.wanted, verdict.found, verdict.passes, verdict.quota.rounding) == (2, 2, True, "floor")
    assert engine.Outcome.read(folder) == outcome


def test_a_tie_across_the_cut_off_is_shown_and_left_to_a_person(freeze, rows):
    facts = tables(
        [(u, "closed", 1) for u in "abc"] + [("b", "open", 1), ("c", "open", 1)], units=list("abc")
    )
    quota = {"quotas": [{**TENTH, "share": 700}]}
    folder = freeze(facts, grades=quota)
    outcome = engine.score(folder)
    assert {unit: row["grade"] for unit, row in rows(folder).items()} == {"a": "5", "b": None, "c": None}
    (tie,) = outcome.ties
    assert (tie.total, tie.units) == (70_000, ("b", "c"))
    assert (outcome.verdicts[0].found, outcome.verdicts[0].difference, outcome.complete) == (1, -1, False)

    settled = freeze({**facts, "decisions": decisions({"b": "5", "c": "4"})}, grades=quota)
    after = engine.score(settled)
    found = rows(settled)
    assert {unit: (row["grade"], row["decided"]) for unit, row in found.items()} == {
        "a": ("5", 0), "b": ("5", 1), "c": ("4", 1),
    }  # fmt: skip
    assert after.verdicts[0].passes
    assert after.complete
    assert not after.ties


def test_a_tie_is_settled_by_the_indicator_that_the_card_names(freeze, rows):
    cases = [("a", "closed", 1), ("b", "closed", 1), ("b", "closed", 20)]  # b loses marks for lateness
    first, second = CARD["indicators"]
    prize = {"id": "prize", "full": 10_000, "by": {"method": "checklist", "figure": "late", "items": 1}}
    quota = {"quotas": [TENTH], "tie_indicator": "lateness"}
    folder = freeze(tables(cases, units=["a", "b"]), indicators=[first, second, prize], grades=quota)
    outcome = engine.score(folder)
    assert {unit: (row["grade"], row["rank"]) for unit, row in rows(folder).items()} == {
        "a": ("5", 1), "b": ("4", 1),
    }  # fmt: skip
    assert not outcome.ties


def test_a_quota_on_the_last_grade_counts_from_the_bottom(freeze, rows):
    cases = [("a", "closed", 1), ("b", "closed", 1), ("b", "open", 1), ("c", "closed", 20), ("d", "open", 1)]
    last = {"grade": "3", "share": 500, "bound": "at_least", "rounding": "ceiling"}
    folder = freeze(
        tables(cases, units=list("abcd")), grades={"thresholds": {"values": {}}, "quotas": [last, TENTH]}
    )
    outcome = engine.score(folder)
    assert {unit: row["grade"] for unit, row in rows(folder).items()} == {
        "a": "5",
        "b": "3",
        "c": "5",
        "d": "3",
    }
    assert all(verdict.passes for verdict in outcome.verdicts)


def test_grades_can_be_decided_without_a_score(freeze, rows):
    folder = freeze(
        {"units": pa.table({"unit": UNITS}), "decisions": decisions({"Heting": "5", "Baishi": "not-rated"})},
        indicators=[], decided=True,
    )  # fmt: skip
    outcome = engine.score(folder)
    assert scored(rows, folder) == {
        "Heting": (None, "5", None, "decided"),
        "Baishi": (None, "not-rated", None, "decided"),
        "Lishan": (None, None, None, "undecided"),
    }
    assert outcome.states["decided"] == 2
    told = engine.explain(folder, "Heting")
    assert (told.decision.by, told.decision.day, told.decision.minutes) == (
        "部务会",
        "2025-12-31",
        "纪要〔2025〕9号",
    )
    assert told.sentence.zh == "审定，不是计算所得"


def test_the_same_facts_in_another_order_give_the_same_digest(freeze):
    one, other = freeze(), freeze(tables(cases=CASES[::-1], units=UNITS[::-1]))
    engine.score(one)
    engine.score(other)
    assert engine.digest(one) == engine.digest(other)
    again = engine.digest(one)
    engine.score(one)
    assert engine.digest(one) == again


def test_a_corrected_fact_changes_the_digest(freeze):
    one, other = freeze(), freeze(tables(cases=[*CASES[1:], ("Heting", "open", 3)]))
    engine.score(one)
    engine.score(other)
    assert engine.digest(one) != engine.digest(other)


def test_the_digest_is_this_one_on_every_machine(freeze):
    folder = freeze()
    engine.score(folder)
    assert engine.digest(folder) == "cd1b7a7210a561ec3ebf12d970f2a752aff6ac49f28525d99fcf851046ce72f6"


def test_a_run_is_frozen_once(freeze, tmp_path):
    folder = freeze()
    with pytest.raises(Refused, match="不能覆盖"):
        engine.freeze(folder, tables(), plan=engine.open_run(folder).plan, pack_digest="0")


def test_facts_that_were_touched_are_named(freeze):
    import pyarrow.parquet as pq

    folder = freeze()
    run = engine.open_run(folder)
    assert engine.altered(run) == []
    pq.write_table(tables(CASES[1:])["cases.petitions"], run.table("cases.petitions"))
    assert engine.altered(run) == ["cases.petitions"]


def test_the_card_of_a_run_reads_back_as_it_was(freeze):
    run = engine.open_run(freeze(grades={"quotas": [TENTH]}))
    assert engine.Plan.from_json(run.plan.to_json()) == run.plan
    assert run.plan.indicators[0].clause == "第三条"
    assert run.plan.indicators[1].source == "qm-2025-1"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"units": pa.table({"unit": UNITS})}, "缺少事实表“cases.petitions”"),
        (tables() | {"cases.petitions": pa.table({"village": ["Heting"]})}, "缺少“days、state”"),
        (tables(units=["Heting", "Heting"]), "重复"),
        (tables(decisions=decisions({"Nobody": "5"})), "不在被评单位之列"),
        (tables(decisions=decisions({"Heting": "6"})), "没有“6”"),
        (tables(extra=pa.table({"share": [0.5]})), "只能冻结整数、文字和日期"),
    ],
)
def test_what_cannot_be_scored_is_not_frozen(freeze, tmp_path, facts, message):
    with pytest.raises(Refused, match=message):
        freeze(facts)
    assert list(tmp_path.iterdir()) == []


def test_every_figure_opens_to_its_arithmetic(freeze):
    folder = freeze()
    engine.score(folder)
    told = engine.explain(folder, "Baishi")
    first, second = told.parts
    assert first.sentence.zh == "办结 1，交办 2：1 ÷ 2 × 60 = 30 分"
    assert (first.clause, first.source) == ("第三条", "qm-2025-1")
    assert [(fact.name, fact.number, fact.table) for fact in first.facts] == [
        ("finished", 1, "cases.petitions"),
        ("assigned", 2, "cases.petitions"),
    ]
    assert second.clause == "第四条"
    assert told.sentence == ("30 + 30 = 60 分", "30 + 30 = 60 marks")
    with pytest.raises(Refused, match="Nobody"):
        engine.explain(folder, "Nobody")


def test_people_rate_and_are_named(freeze, rows):
    team = {
        "id": "team", "label": "班子", "full": 10_000,
        "by": {"method": "rated", "raters": {"self": 20, "mutual": 30, "decide": 50}},
    }  # fmt: skip
    given = [
        ("self", 9_000, "河亭"),
        ("mutual", 8_000, "白石"),
        ("mutual", 9_001, "栗山"),
        ("decide", 7_000, "组织部"),
    ]
    ratings = pa.table(
        {
            "unit": ["Heting"] * 4 + ["Baishi"],
            "indicator": ["team"] * 5,
            "stage": [stage for stage, _, _ in given] + ["self"],
            "marks": [marks for _, marks, _ in given] + [10_000],
            "by": [by for _, _, by in given] + ["白石"],
        }
    )
    folder = freeze(tables(ratings=ratings), indicators=[team])
    engine.score(folder)
    # 8.5005 for the two others goes up to 8.501
    assert scored(rows, folder)["Heting"][0] == (9_000 * 20 + 8_501 * 30 + 7_000 * 50 + 50) // 100
    assert scored(rows, folder)["Baishi"] == (None, None, None, "incomplete")
    assert [rater.by for rater in engine.explain(folder, "Heting").parts[0].raters] == [
        "组织部",
        "栗山",
        "白石",
        "河亭",
    ]
    assert engine.explain(folder, "Baishi").parts[0].sentence.zh == "缺数据或缺评分：互评、审定"


@pytest.mark.parametrize(
    ("bound", "rounding", "of", "wanted", "passes"),
    [
        ("at_least", "floor", "all", 26, False),
        ("exactly", "floor", "rated", 26, False),
        ("at_most", "ceiling", "all", 27, True),
    ],
)
def test_the_printed_year_of_panshi_goes_in_as_decided_grades(freeze, bound, rounding, of, wanted, passes):
    printed = {"5": 22, "4": 25, "3": 92, "2": 102, "1": 25, "not-rated": 2}
    grades = [grade for grade, villages in printed.items() for _ in range(villages)]
    units = [f"v{number:03d}" for number in range(len(grades))]
    quota = {"grade": "1", "share": 100, "bound": bound, "rounding": rounding, "of": of}
    folder = freeze(
        {"units": pa.table({"unit": units}), "decisions": decisions(dict(zip(units, grades, strict=True)))},
        indicators=[], decided=True,
        grades={"scale": ["5", "4", "3", "2", "1"], "thresholds": {"values": {}}, "quotas": [quota]},
    )  # fmt: skip
    outcome = engine.score(folder)
    assert outcome.grades == printed
    assert (outcome.units, outcome.states["decided"], outcome.complete) == (268, 268, True)
    (verdict,) = outcome.verdicts
    assert (verdict.base, verdict.wanted, verdict.found) == (268 if of == "all" else 266, wanted, 25)
    assert verdict.passes is passes
    assert engine.explain(folder, "v000").total is None  # no invented mark


def test_importing_the_engine_loads_no_engine_of_others():
    lazy = "import sys, zugong.scorecards.engine, zugong.measures; print({'ibis', 'duckdb', 'pyarrow', 'django'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", lazy], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )


def test_a_group_alone_gets_the_rows_that_the_whole_run_gives_it(freeze, tmp_path):
    units = pa.table({"unit": [*UNITS, "Nanpo"], "group": ["东", "东", "西", "西"]})
    folder = freeze({**tables(), "units": units, "decisions": decisions({"Nanpo": "4"})})
    engine.score(folder)
    for group in ("东", "西"):
        engine.rescore(folder, group, tmp_path / group)
    for file in ("results", "cells"):
        whole = pq.read_table(folder / f"{file}.parquet").to_pylist()
        parts = [
            row for group in "东西" for row in pq.read_table(tmp_path / group / f"{file}.parquet").to_pylist()
        ]
        assert sorted(map(str, parts)) == sorted(map(str, whole))
    with pytest.raises(Refused, match="这次评定里没有“北”这一组"):
        engine.rescore(folder, "北", tmp_path / "北")
    assert not (tmp_path / "北").exists()
