"""A city's requests lived through again: the verdict of each case's own clock is the city's, to the second."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bench.requests311 import AS_OF, FILE, Request, compared, read, replay, sample

from zugong.cases.models import Case

pytestmark = [pytest.mark.soak, pytest.mark.django_db]
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    folder = Path(os.environ.get("ZUGONG_DATA", "/nowhere"))
    if not (folder / FILE).exists():
        pytest.skip("ZUGONG_DATA: no requests311")
    return read(folder)


def test_the_verdict_of_every_flagged_request_is_the_citys(requests, whole):
    lived = requests if whole else sample(requests, 1000)
    cases = replay(lived)
    found = compared(lived, cases)
    assert found.differing == []
    assert found.agreed == found.flagged == len(lived) - len(found.unflagged)
    if whole:
        assert (found.flagged, len(found.unflagged)) == (58_093, 158)
    _one_second_decides(lived, cases)


def _one_second_decides(lived: list[Request], cases: dict[str, int]) -> None:
    """The deadline of one that was closed in time, moved to the second before it was closed, makes it late; and back."""
    one = next(one for one in lived if one.late is False and one.target and one.closed)
    case = Case.objects.get(pk=cases[one.number])
    assert (case.ended_at, case.whole_due_at) == (one.closed, one.target)
    Case.objects.filter(pk=case.pk).update(whole_due_at=case.ended_at)
    assert compared(lived, cases).differing == []
    Case.objects.filter(pk=case.pk).update(whole_due_at=case.ended_at - SECOND)
    assert compared(lived, cases).differing == [one.number]
    Case.objects.filter(pk=case.pk).update(whole_due_at=one.target)


def test_a_second_of_the_promise_is_a_second_of_the_case(requests):
    """The same request, promised a second before it was closed, is late: the clock reads the promise to the second."""
    one = next(one for one in requests if one.late is False and one.target and one.closed)
    on_the_dot = replace(one, target=one.closed)
    too_late = replace(one, number="late", target=one.closed - SECOND)
    cases = replay([on_the_dot, too_late])
    kept = Case.objects.in_bulk(cases.values())
    assert kept[cases[one.number]].on_time(AS_OF) is True
    assert kept[cases["late"]].on_time(AS_OF) is False
