"""加分 bonus"""

from zugong.scorecards.methods import Said
from zugong.scorecards.methods.bonus import Bonus

AWARDS = Bonus(figure="claimed", proof="proven", each=500, full=2_000)
LABELS = (Said("申报", "claimed"), Said("有证明", "proven"))


def test_only_what_is_proven_adds_and_only_up_to_full(score):
    assert score(
        AWARDS,
        """
        unit   | claimed | proven
        Heting |       3 |      2
        Baishi |       3 |      0
        Lishan |       9 |      9
        Nanpo  |       1 |      4
        """,
    ) == {"Heting": 1_000, "Baishi": 0, "Lishan": 2_000, "Nanpo": 500}


def test_a_bonus_adds_beyond_what_can_be_reached_without_it():
    assert AWARDS.adds


def test_the_arithmetic_is_said():
    assert AWARDS.sentence((3, 2), LABELS, 1_000).zh == "申报 3，有证明 2，有证明的才计：2 × 0.5 → 加 1 分"
    assert AWARDS.sentence((9, 9), LABELS, 2_000).en.endswith("9 × 0.5 → 2 marks added, no more than full")
