"""扣分 deduction"""

from zugong.scorecards.methods import Said
from zugong.scorecards.methods.deduction import Deduction

LATE = Deduction(figure="late", each=1_500, full=5_000)
LABEL = (Said("逾期", "late"),)


def test_each_case_takes_marks_away_and_never_more_than_all(score):
    assert score(
        LATE,
        """
        unit   | late
        Heting |    0
        Baishi |    2
        Lishan |    9
        """,
    ) == {"Heting": 5_000, "Baishi": 2_000, "Lishan": 0}


def test_an_unknown_count_is_not_taken_for_none(score):
    assert score(LATE, "unit | late\nHeting | ?\nBaishi | 1") == {"Heting": None, "Baishi": 3_500}


def test_the_arithmetic_is_said():
    assert LATE.sentence((2,), LABEL, 2_000).zh == "逾期 2：5 − 2 × 1.5 = 2 分"
    assert LATE.sentence((9,), LABEL, 0).en == "late 9: 5 − 9 × 1.5 = 0 marks, never below nothing"
