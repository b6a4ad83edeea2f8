"""清单 checklist"""

from zugong.scorecards.methods import Said
from zugong.scorecards.methods.checklist import Checklist

SIX_ONES = Checklist(figure="fulfilled", items=6, full=10_000)


def test_each_item_fulfilled_brings_its_share(score):
    assert score(
        SIX_ONES,
        """
        unit   | fulfilled
        Heting |         6
        Baishi |         4
        Lishan |         7
        Nanpo  |         ?
        """,
    ) == {"Heting": 10_000, "Baishi": 6_667, "Lishan": 10_000, "Nanpo": None}


def test_the_arithmetic_is_said():
    said = SIX_ONES.sentence((4,), (Said("完成项", "items fulfilled"),), 6_667)
    assert said.zh == "完成项 4，共 6 项：4 ÷ 6 × 10 = 6.667 分"
    assert said.en == "items fulfilled 4 of 6: 4 ÷ 6 × 10 = 6.667 marks"
