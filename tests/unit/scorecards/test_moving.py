"""A period keeps the edition under which it was first computed, until two people move it to another."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction

import sheets
from cast import Cast
from counties import rated_county
from zugong.accounts.models import Proposal
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.imports import actions as imports
from zugong.registry import actions as registry
from zugong.registry.models import Edition
from zugong.scorecards import actions, moving
from zugong.scorecards.models import Mark, Run

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
    assert CARD in [card.name for _policy, card in actions.cards_on(LATER)]
    with pytest.raises(Refused, match="没有启用"):
        compute(made, DAY + timedelta(days=365))


# --- Moved by two people --------------------------------------------------------------------


def asked(made: Cast, run: Run, to: Edition, *, by: str = "chen") -> Proposal:
    return moving.propose(run, to=to, reason="新办法", by=made.users[by], day=LATER, at=clock.instant())


def agree(made: Cast, proposal: Proposal, *, by: str = "han") -> None:
    moving.agree(proposal, by=made.users[by], day=LATER, at=clock.instant())


def test_a_period_moved_by_two_people_is_computed_under_the_other_edition_and_back(made: Cast) -> None:
    first = compute(made, DAY)
    new = another("label: ", "label: 新")
    with pytest.raises(Refused, match="经办人提请"):
        asked(made, first, new, by="han")
    proposal = asked(made, first, new)
    for who in ("chen", "wang", "li"):
        with pytest.raises(Refused, match="提请人以外"):
            agree(made, proposal, by=who)
    assert compute(made, LATER).edition == first.edition
    agree(made, proposal)
    assert compute(made, LATER).edition == new
    line = Entry.objects.filter(deed="scorecard.move").get()
    assert (line.by, line.detail["agreed_by"]) == (str(made.users["chen"]), str(made.users["han"]))
    agree(made, asked(made, first, first.edition))
    assert compute(made, LATER).edition == first.edition
    assert Run.objects.get(pk=first.pk).digest == first.digest


def test_a_run_from_before_the_move_is_not_put_forward_any_more(made: Cast) -> None:
    first = compute(made, DAY)
    agree(made, asked(made, first, another("label: ", "label: 新")))
    with pytest.raises(Refused, match="再算一次"):
        actions.decide(first, by=made.users["chen"], day=LATER, minutes="部务会")


def test_what_the_other_edition_has_no_place_for_is_refused_by_name(made: Cast) -> None:
    actions.fill(
        CARD, indicator="team", stage="self", rater=made.townships["禾汀镇"],
        marks={made.villages["白石村"].pk: 15_000}, by=made.users["wang"], day=DAY,
    )  # fmt: skip
    run = compute(made, DAY)
    for before, after, sentence in (
        ("scorecard: village-stars\n", "scorecard: village-stars\nenabled: false\n", "没有“村党组织评星定级”这张评分表"),
        ("every: year", "every: half-year", "不按这样的期评定"),
        ("id: team", "id: squad", "“班子运行”已经打分，青穆县（虚构） 2026.3（2025-11-27起）不再这样打分"),
    ):  # fmt: skip
        with pytest.raises(Refused) as why, transaction.atomic():
            asked(made, run, another(before, after))
        assert sentence in str(why.value)
    Run.objects.filter(pk=run.pk).update(state="published")
    with pytest.raises(Refused, match="已经公布"):
        asked(made, run, another("label: ", "label: 新"))


# --- What else goes by the edition of the period --------------------------------------------


def test_grades_decided_without_a_score_go_by_the_edition_of_the_period(made: Cast) -> None:
    first, new = compute(made, DAY), another("label: ", "label: 新")
    decided = actions.decide_without_score(
        CARD,
        day=LATER,
        grades={village.pk: "3" for village in made.villages.values()},
        minutes="部务会",
        by=made.users["chen"],
    )
    assert decided.edition == first.edition != new


def test_the_books_of_marks_and_grades_go_by_the_edition_of_the_period(made: Cast) -> None:
    compute(made, DAY)
    another("label: 班子运行", "label: 队伍建设")
    wang, name = made.users["wang"], f"marks.{CARD}.self"
    headers = list(sheets.read(imports.export(wang, name, day=LATER))[0])
    assert "班子运行" in headers
    assert "队伍建设" not in headers
    template = imports.template(wang, name, day=LATER)
    row = {"打分单位": "禾汀镇党委", "评分对象": "白石村党支部", "班子运行": 15}
    one = imports.upload(wang, name, file="表.xlsx", content=sheets.filled(template, [row]), day=LATER)
    imports.confirm(wang, one.pk, day=LATER)
    assert Mark.objects.get(superseded=False).marks == 15_000


def test_the_books_of_a_card_that_the_edition_in_force_has_no_more_are_there_to_the_end_of_its_period(
    made: Cast,
) -> None:
    compute(made, DAY)
    another("scorecard: village-stars\n", "scorecard: village-stars\nenabled: false\n")
    assert imports.template(made.users["wang"], f"marks.{CARD}.self", day=LATER)
    assert imports.template(made.users["chen"], f"grades.{CARD}", day=LATER)
