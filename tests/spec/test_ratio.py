"""完成率 ratio"""

from zugong.scorecards.methods import Said
from zugong.scorecards.methods.ratio import Ratio

FINISHED = Ratio(done="finished", due="assigned", full=10_000)
LABELS = (Said("办结", "finished"), Said("交办", "assigned"))


def test_marks_follow_the_share_finished(score):
    assert score(
        FINISHED,
        """
        unit   | assigned | finished
        Heting |       20 |       15
        Baishi |        4 |        6
        Lishan |        0 |        0
        """,
    ) == {"Heting": 7_500, "Baishi": 10_000, "Lishan": None}


def test_halves_of_a_thousandth_go_up_and_less_goes_down(score):
    assert score(
        Ratio(done="finished", due="assigned", full=1_001),
        """
        unit   | assigned | finished
        Heting |        2 |        1
        Baishi |        3 |        1
        """,
    ) == {"Heting": 501, "Baishi": 334}


def test_an_unknown_figure_gives_no_marks_and_not_zero(score):
    assert score(
        FINISHED,
        """
        unit   | assigned | finished
        Heting |        5 |        ?
        Baishi |        ? |        3
        """,
    ) == {"Heting": None, "Baishi": None}


def test_sums_beyond_what_floating_point_can_hold_stay_exact(score):
    huge = 9_007_199_254_740_993  # 2⁵³ + 1: the first whole number that a double cannot hold
    assert score(
        Ratio(done="finished", due="assigned", full=1),
        f"""
        unit   | assigned | finished
        Heting | {huge}   | {(huge - 1) // 2}
        Baishi | {huge}   | {(huge + 1) // 2}
        """,
    ) == {"Heting": 0, "Baishi": 1}


def test_the_arithmetic_is_said():
    assert FINISHED.sentence((15, 20), LABELS, 7_500) == (
        "办结 15，交办 20：15 ÷ 20 × 10 = 7.5 分",
        "finished 15, assigned 20: 15 ÷ 20 × 10 = 7.5 marks",
    )
    assert "超出部分不计" in FINISHED.sentence((6, 4), LABELS, 10_000).zh
