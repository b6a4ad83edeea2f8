"""等次名额 quotas, printed totals and grades that were decided"""

import pytest

from zugong.scorecards.rules import (
    NOT_RATED,
    Quota,
    check_totals,
    decide,
    guard_facts,
    part,
    printed,
    share_text,
)

STARS = ("5", "4", "3", "2", "1")


def panshi() -> dict[str, str | None]:
    """The printed year of 磐石: counts only, units without names."""
    grades = ["5"] * 22 + ["4"] * 25 + ["3"] * 92 + ["2"] * 102 + ["1"] * 25 + [None] * 2
    return {f"village-{number:03d}": grade for number, grade in enumerate(grades)}


@pytest.mark.parametrize(
    ("base", "share", "floor", "half_up", "ceiling"),
    [
        (268, 100, 26, 27, 27),
        (210, 100, 21, 21, 21),
        (205, 100, 20, 21, 21),
        (204, 100, 20, 20, 21),
        (7, 333, 2, 2, 3),
        (0, 100, 0, 0, 0),
    ],
)
def test_a_fraction_of_a_village_goes_where_the_rounding_says(base, share, floor, half_up, ceiling):
    assert [part(base, share, rounding) for rounding in ("floor", "half_up", "ceiling")] == [
        floor,
        half_up,
        ceiling,
    ]


def test_shulan_passes_at_least_and_fails_exactly_by_one():
    weak = {f"v{number}": "weak" if number < 22 else "sound" for number in range(210)}
    year = decide(weak, scale=("sound", "weak"))
    at_least = year.judge(Quota("weak", 100, bound="at_least"))
    exactly = year.judge(Quota("weak", 100, bound="exactly"))
    assert (at_least.base, at_least.wanted, at_least.found, at_least.passes) == (210, 21, 22, True)
    assert (exactly.passes, exactly.difference) == (False, 1)
    assert exactly.sentence == (
        "210 × 10% → 21（舍去小数），要求正好 21，实有 22（多 1）：不符合",
        "210 × 10% → 21 (rounded down); exactly 21 wanted, 22 found (1 more): fails",
    )


def test_panshi_comes_out_as_twenty_seven_candidates():
    year = decide(panshi(), scale=STARS)
    candidates = year.candidates(grades=("1", NOT_RATED))
    assert year.counts == {"5": 22, "4": 25, "3": 92, "2": 102, "1": 25, NOT_RATED: 2}
    assert (year.total, year.rated, len(candidates)) == (268, 266, 27)
    assert share_text(len(candidates), year.total) == "10.07%"


@pytest.mark.parametrize(("rounding", "passes"), [("ceiling", True), ("half_up", True), ("floor", False)])
def test_twenty_seven_of_panshi_is_a_tenth_only_when_rounded_up(rounding, passes):
    verdict = Quota("1", 100, bound="exactly", rounding=rounding).judge(27, rated=266, everyone=268)
    assert verdict.passes is passes
    assert verdict.quota.rounding == rounding  # kept with the result


def test_a_quota_of_the_rated_leaves_out_the_others():
    assert Quota("5", 500, of="rated").judge(133, rated=266, everyone=268).wanted == 133
    assert Quota("5", 500, of="all").judge(133, rated=266, everyone=268).wanted == 134


def test_with_one_village_missing_the_printed_total_fails():
    printed = {"5": 22, "total": 268}
    grades = panshi()
    assert all(check.passes for check in check_totals(printed, decide(grades, scale=STARS).counts))
    grades.popitem()
    by_grade, total = check_totals(printed, decide(grades, scale=STARS).counts)
    assert by_grade.passes
    assert not total.passes
    assert total.sentence == ("公布 268，实有 267：不符，少 1", "268 printed, 267 found: differ by -1")


def test_a_grade_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="六星"):
        decide({"Heting": "六星"}, scale=STARS)


def test_grades_compare_by_place_and_not_by_alphabet():
    risen = guard_facts("good", ("good", "average", "poor"), before="average")
    assert (risen["place"], risen["rose"], risen["fell"]) == (1, True, False)
    assert guard_facts("10", ("10", "9"), before="9")["rose"]


def test_who_was_not_rated_has_neither_risen_nor_fallen():
    now = guard_facts("5", STARS, before=NOT_RATED)
    assert (now["not_rated"], now["rose"], now["fell"]) == (False, False, False)
    assert guard_facts(None, STARS, before="5")["not_rated"]


def test_chengkou_prints_no_class_c_and_so_no_share_can_be_computed():
    classes = printed({"A": 141, "B": 345, "items": 91}, ("A", "B", "C"))
    assert (classes.sum, classes.lacking, classes.shares) == (486, ("C",), None)
    assert classes.sentence({"A": "A类", "B": "B类", "C": "C类"}, {"C": "class C"}) == (
        "A类 141 + B类 345 = 486；未印出C类，占比无法计算",
        "A 141 + B 345 = 486; class C not printed, shares not computable",
    )


def test_with_a_printed_total_or_every_grade_the_shares_follow():
    assert printed({"A": 141, "all": 600}, ("A", "B")).shares == {"A": "23.5%"}
    assert printed({"A": 1, "B": 3}, ("A", "B")).shares == {"A": "25%", "B": "75%"}
    assert printed({"A": 1, "B": 3}, ("A", "B"), not_rated=True).shares is None
