"""What a stage lacks, and at which figure it is said."""

import pytest

from little_county import DAY
from zugong.activities.models import Activity, AgendaItem
from zugong.cases.needs import short_of
from zugong.packs.schema.cases import Voting


@pytest.mark.parametrize(
    ("came", "favour", "field", "says"),
    [
        (5, 5, "attended", "须达 66.7%，至少 6 人"),
        (8, 4, "in_favour", "以 9 人计，须超过 50%，至少 5 人"),
    ],
)
def test_a_vote_that_falls_short_names_the_figure_and_the_share_it_needs(came, favour, field, says):
    voting = Voting.model_validate({"quorum": 667, "majority": 500})
    held = Activity(should_attend=9, attended=came)
    assert (short := short_of(voting, AgendaItem(in_favour=favour), held, DAY))
    assert (short[0], short[1].endswith(says)) == (field, True), short[1]


@pytest.mark.parametrize(("should", "least"), [(9, 6), (10, 7), (15, 10), (3, 2), (1, 1)])
def test_two_thirds_of_a_body_are_two_thirds(should, least):
    voting = Voting.model_validate({"quorum": 667})
    for came in range(should + 1):
        short = short_of(
            voting, AgendaItem(in_favour=came), Activity(should_attend=should, attended=came), DAY
        )
        assert (short is None or short[0] != "attended") == (came >= least)
