"""Who measures seconds has the machine to itself; the others run beside each other."""

import fcntl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ground import in_the_room

A_MOMENT, LONG = 0.2, 30


class Guest:
    """One that comes into the room, stays until it is asked to leave, and is gone."""

    def __init__(self, house: Path, *, alone: bool) -> None:
        self.house, self.alone = house, alone
        self.inside, self.asked = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._stay)
        self.thread.start()

    def _stay(self) -> None:
        with in_the_room(alone=self.alone, house=self.house):
            self.inside.set()
            self.asked.wait(LONG)

    def leave(self) -> None:
        self.asked.set()
        self.thread.join(LONG)


@pytest.fixture
def comes(tmp_path: Path) -> Iterator[Callable[[bool], Guest]]:
    guests: list[Guest] = []

    def come(alone: bool) -> Guest:
        guests.append(Guest(tmp_path, alone=alone))
        return guests[-1]

    yield come
    for guest in guests:
        guest.leave()


def held(door: Path) -> bool:
    with open(door, "a") as tried:
        try:
            fcntl.flock(tried, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_two_that_measure_nothing_run_beside_each_other(comes: Callable[[bool], Guest]) -> None:
    assert comes(False).inside.wait(LONG)
    assert comes(False).inside.wait(LONG)


def test_who_is_to_be_alone_waits_for_the_room_and_is_let_in_before_who_comes_later(
    comes: Callable[[bool], Guest], tmp_path: Path
) -> None:
    first = comes(False)
    assert first.inside.wait(LONG)
    lonely = comes(True)
    while not held(tmp_path / "door.lock"):
        assert not lonely.inside.wait(A_MOMENT)
    later = comes(False)
    assert not later.inside.wait(A_MOMENT)
    first.leave()
    assert lonely.inside.wait(LONG)
    assert not later.inside.wait(A_MOMENT)
    lonely.leave()
    assert later.inside.wait(LONG)
