"""分档 banded"""

from zugong.scorecards.methods import Said
from zugong.scorecards.methods.banded import Banded

INCOME = Banded(figure="income", bands=((100, 4_000), (200, 8_000), (500, 12_000)), full=10_000)
LABEL = (Said("集体收入", "collective income"),)


def test_a_figure_gets_the_marks_of_the_band_it_has_reached(score):
    assert score(
        INCOME,
        """
        unit   | income
        Heting |     99
        Baishi |    100
        Lishan |    199
        Nanpo  |    200
        """,
    ) == {"Heting": 0, "Baishi": 4_000, "Lishan": 4_000, "Nanpo": 8_000}


def test_no_band_gives_more_than_full_marks(score):
    assert score(INCOME, "unit | income\nHeting | 900") == {"Heting": 10_000}


def test_an_unknown_figure_falls_into_no_band(score):
    assert score(INCOME, "unit | income\nHeting | ?\nBaishi | 100") == {"Heting": None, "Baishi": 4_000}


def test_the_band_is_said():
    assert INCOME.sentence((250,), LABEL, 8_000).zh == "集体收入 250，落在 200 及以上一档：8 分"
    assert INCOME.sentence((50,), LABEL, 0).en == "collective income 50, below the lowest band 100: 0 marks"
