"""评分 rated"""

from zugong.scorecards.methods.rated import Rated

TEAM = Rated(of="team", raters=(("self", 20), ("mutual", 30), ("decide", 50)), full=10_000)


def test_the_marks_of_all_raters_are_weighted(score):
    assert score(
        TEAM,
        """
        unit   | team:self | team:mutual | team:decide
        Heting |     10000 |        8000 |        7000
        Baishi |      9001 |        9000 |        9000
        """,
    ) == {"Heting": 7_900, "Baishi": 9_000}


def test_as_long_as_one_rater_is_silent_there_are_no_marks(score):
    assert score(
        TEAM,
        """
        unit   | team:self | team:mutual | team:decide
        Heting |     10000 |           ? |        7000
        Baishi |         0 |           0 |           0
        """,
    ) == {"Heting": None, "Baishi": 0}


def test_the_arithmetic_is_said():
    said = TEAM.sentence((10_000, 8_000, 7_000), (), 7_900)
    assert said.zh == "自评 10 × 20% + 互评 8 × 30% + 审定 7 × 50% = 7.9 分"
    assert said.en == "self 10 × 20% + mutual 8 × 30% + decided 7 × 50% = 7.9 marks"
