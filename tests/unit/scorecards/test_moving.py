"""A period keeps the edition under which it was first computed, until two people move it to another."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from cast import Cast
from counties import rated_county
from zugong.core.errors import Refused
from zugong.registry import actions as registry
from zugong.registry.models import Edition
from zugong.scorecards import actions
from zugong.scorecards.models import Run

pytestmark = pytest.mark.django_db
CARD, DAY = "village-stars", date(2025, 11, 20)
LATER = DAY + timedelta(days=7)
FILE = "scorecards/village-stars.yaml"


@pytest.fixture
def made(settings, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path
    return rated_county()


def another(before: str, after: str, *, since: date = LATER, file: str = FILE) -> Edition:
    """The edition in force with one text changed, in force from a day."""
    old = registry.edition_on(DAY)
    assert before in old.texts["qingmu"][file]
    own = old.texts["qingmu"] | {file: old.texts["qingmu"][file].replace(before, after)}
    return registry.put_in_force(old.texts | {"qingmu": own}, "qingmu", since=since, by="甲", agreed_by="乙")


def compute(made: Cast, day: date) -> Run:
    return actions.compute(CARD, day=day, by=made.users["chen"])


def test_a_period_computed_again_keeps_the_edition_of_its_first_run(made: Cast) -> None:
    first = compute(made, DAY)
    another("label: ", "label: 新")
    assert compute(made, LATER).edition == first.edition


def test_a_period_not_computed_yet_takes_the_edition_of_the_day(made: Cast) -> None:
    new = another("label: ", "label: 新")
    assert compute(made, LATER).edition == new


def test_the_next_period_takes_the_edition_in_force_then(made: Cast) -> None:
    compute(made, DAY)
    new = another("label: ", "label: 新")
    assert actions.edition_for(CARD, DAY + timedelta(days=365)) == new


def test_a_card_that_the_edition_in_force_has_no_more_runs_on_to_the_end_of_its_period(made: Cast) -> None:
    first = compute(made, DAY)
    another("scorecard: village-stars\n", "scorecard: village-stars\nenabled: false\n")
    assert compute(made, LATER).edition == first.edition
    assert [card.name for _policy, card in actions.cards_on(LATER)] == [CARD]
    with pytest.raises(Refused, match="没有启用"):
        compute(made, DAY + timedelta(days=365))
