"""A page that only reads asks each question once; whatever writes asks anew each time."""

import pytest

from zugong.core.once import asked_once, once

asked: list[tuple[int, int]] = []


@asked_once
def total(one: int, other: int = 0) -> int:
    asked.append((one, other))
    if one < 0:
        raise ZeroDivisionError
    return one + other


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def test_within_a_page_each_question_is_asked_once():
    with once():
        assert [total(1), total(1), total(2), total(1, other=3), total(1, other=3)] == [1, 1, 2, 4, 4]
    assert asked == [(1, 0), (2, 0), (1, 3)]


def test_the_next_page_and_what_writes_ask_anew():
    for _page in range(2):
        with once():
            total(1)
    total(1)
    total(1)
    assert len(asked) == 4


def test_a_question_that_has_no_answer_is_asked_again():
    with once():
        for _time in range(2):
            with pytest.raises(ZeroDivisionError):
                total(-1)
    assert len(asked) == 2
