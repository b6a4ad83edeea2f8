"""A selector read backwards finds the very subjects about which, read forwards, it means one of mine."""

from __future__ import annotations

from datetime import date

import pytest

from cast import Cast, cast, tie_supporters
from zugong.core.errors import Refused
from zugong.registry.models import Subject
from zugong.registry.reversing import Reversed
from zugong.registry.selecting import Asked

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 2)


@pytest.fixture
def county() -> Cast:
    made = cast()
    made.open("白石村", day=DAY)
    tie_supporters(made, "白石村", since=DAY)
    return made


def forwards(county: Cast, role: str, about: int) -> frozenset[int]:
    try:
        return Asked(county.policy, DAY, {"about": frozenset({about})}).role(role)
    except Refused:
        return frozenset()


def test_every_role_of_the_pack_reads_the_same_backwards_as_forwards(county: Cast) -> None:
    villages = [one.pk for one in county.villages.values()]
    told = {
        (role, about): forwards(county, role, about) for role in county.policy.roles for about in villages
    }
    everybody = set().union(*told.values())
    assert len(everybody) > len(villages)
    turned = Reversed(Asked(county.policy, DAY))
    for role in county.policy.roles:
        for one in everybody:
            back = turned.role(role, frozenset({one}))
            found = set(villages) if back is None else set(villages) & back
            assert found == {about for about in villages if one in told[role, about]}, (role, one)


def test_nobody_is_never_anybodys(county: Cast) -> None:
    stranger = county.people["cai"].pk
    turned = Reversed(Asked(county.policy, DAY))
    assert turned.role("village-secretary", frozenset()) == frozenset()
    assert turned.role("posted-secretary", frozenset({stranger})) == frozenset()
    assert turned.role("no-such-role", frozenset({stranger})) == frozenset()


def test_a_role_that_does_not_speak_of_the_case_is_mine_about_anything(county: Cast) -> None:
    turned = Reversed(Asked(county.policy, DAY))
    assert turned.role("organisation-department", frozenset({county.office.pk})) is None
    other = Subject.objects.get(pk=county.bureau.pk)
    assert turned.role("organisation-department", frozenset({other.pk})) == frozenset()
