from datetime import date

import pytest

from zugong.bulletins.papers.values import Marks, Money, Share, number, say


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (268, "268"),
        (Marks(91_250), "91.250"),
        (Marks(-500), "-0.500"),
        (Money(1_234_567), "12345.67元"),
        (Money(300_000), "3000元"),
        (Money(-5), "-0.05元"),
        (Share(22, 268), "8.2%"),
        (Share(1, 2000), "0.1%"),
        (Share(3, 0), "—"),
        (date(2026, 1, 2), "2026年1月2日"),
        (None, "—"),
        (True, "是"),
    ],
)
def test_a_figure_is_written_as_the_office_writes_it(value, said):
    assert say(value) == said


def test_text_is_said_on_one_line_without_invisible_characters():
    assert say("白石\n村\u202e\x07\t支部") == "白石 村 支部"


def test_a_rare_character_of_a_name_stays():
    assert say("㛃䶮𠮷") == "㛃䶮𠮷"


def test_only_figures_are_numbers():
    assert (number(Marks(91_250)), number(Money(150)), number(Share(1, 8)), number(7)) == (
        91.25,
        1.5,
        0.125,
        7,
    )
    assert (number("7"), number(None), number(Share(1, 0)), number(date(2026, 1, 2))) == (
        None,
        None,
        None,
        None,
    )
