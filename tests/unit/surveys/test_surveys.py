"""Sheets: counted by grade, never joined to who answered, never shown of too few."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from little_county import DAY, County, county, in_force, policy
from zugong.accounts.rules import Role
from zugong.core.errors import PackErrors, Refused
from zugong.core.journal.models import Entry
from zugong.registry import actions as registry
from zugong.registry.models import Edition, Subject
from zugong.surveys import actions as surveys
from zugong.surveys import facts, powers
from zugong.surveys.models import Named, Slip, Survey, Tally, Urn
from zugong.surveys.rules import Result, result

SCALE = ("好", "较好", "一般", "较差")
PACK = """
survey: rating
label: 年终评议
about: organisation.township
voters:
  villages: {label: 各村, who: organisation.village}
  offices: {label: 各部门, who: organisation.office or organisation.township}
ask: [{id: overall, label: 总体, scale: [好, 较好, 一般, 较差]}]
minimum: {values: {2025-01-01: {value: 3, source: paper, clause: 第九条}}}
---
survey: signed
label: 署名评议
about: organisation.township
voters: {villages: {who: organisation.village}}
ask: [{id: overall, label: 总体, scale: [好, 差]}, {id: work, label: 作风, scale: [好, 差]}]
secret: named
"""


@pytest.fixture
def little(db):
    return county()


@pytest.fixture
def edition(little: County) -> Edition:
    return in_force(surveys=PACK)


@pytest.fixture
def desk(little: County):
    return little.user(Role.DESK, little.root)


def more_villages(little: County, n: int) -> list[Subject]:
    return little.villages + [
        registry.add(
            "organisation", klass="village", name=f"村{i}", parent=little.townships[1], since=None, by="t"
        )
        for i in range(n)
    ]


def sheet(edition: Edition, little: County, desk, name: str = "rating") -> Survey:
    return surveys.open_sheet(edition, name, about=little.townships[0], round="2025年度", day=DAY, by=desk)


def cast(little: County, survey: Survey, voter: Subject, *grades: str) -> None:
    slip = Slip.objects.get(survey=survey, voter=voter)
    user = little.user(Role.VILLAGE_SECRETARY, voter)
    ids = ("overall", "work")[: len(grades)]
    surveys.cast(slip, grades=dict(zip(ids, grades, strict=True)), by=user, day=DAY)


def ballots(survey: Survey, desk) -> dict[tuple[str, str], int]:
    """Close a sheet and return what was chosen: class and grade → how many."""
    surveys.close(survey, by=desk, day=DAY)
    rows = Tally.objects.filter(survey=survey, ballots__gt=0)
    return {(row.klass, row.grade): row.ballots for row in rows}


def test_ten_ratings_come_out_as_counts_per_grade_and_no_mean(little: County, edition, desk):
    villages = more_villages(little, 7)
    survey = sheet(edition, little, desk)
    for village, grade in zip(villages, ["好"] * 5 + ["较好"] * 3 + ["一般", "较差"], strict=True):
        cast(little, survey, village, grade)
    (overall,) = surveys.count(surveys.close(survey, by=desk, day=DAY))
    assert overall.counts == {"好": 5, "较好": 3, "一般": 1, "较差": 1}
    assert (overall.ballots, overall.shares, overall.chosen) == (10, None, "好")
    assert overall.said() == "好5、较好3、一般1、较差1"
    assert overall.at_least("较好") == 8
    assert [row["ballots"] for row in facts.tallies(DAY, DAY).to_pylist()] == [5, 3, 1, 1]


def test_a_fifth_grade_is_refused_and_the_slip_stays_unused(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    with pytest.raises(Refused, match="只有好、较好、一般、较差几档"), transaction.atomic():
        cast(little, survey, little.villages[0], "很差")
    assert not Slip.objects.filter(survey=survey, used=True).exists()
    assert not ballots(survey, desk)


def test_every_question_is_answered(little: County, edition, desk):
    survey = sheet(edition, little, desk, "signed")
    with pytest.raises(Refused, match="“作风”还没有选"):
        cast(little, survey, little.villages[0], "好")


def test_too_few_ballots_are_not_shown(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    for village in little.villages[:2]:
        cast(little, survey, village, "好")
    (overall,) = surveys.count(surveys.close(survey, by=desk, day=DAY))
    assert (overall.too_few, overall.said(), overall.chosen) == (True, "样本太少，不显示", "")
    assert facts.tallies(DAY, DAY).num_rows == 0


def test_nothing_is_shown_before_it_is_over(little: County, edition, desk):
    with pytest.raises(Refused, match="还没有结束"):
        surveys.count(sheet(edition, little, desk))


def test_the_list_is_frozen_and_whom_it_is_about_is_not_on_it(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    late = more_villages(little, 1)[-1]
    voters = dict(survey.slips.values_list("voter_id", "klass"))
    assert voters == {
        **{village.pk: "villages" for village in little.villages},
        little.office.pk: "offices",
        little.townships[1].pk: "offices",
    }
    assert late.pk not in voters


def test_a_slip_is_used_once_and_by_its_owner(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    slip = Slip.objects.get(survey=survey, voter=little.villages[0])
    owner = little.user(Role.VILLAGE_SECRETARY, little.villages[0])
    stranger = little.user(Role.VILLAGE_SECRETARY, little.villages[1])
    with pytest.raises(Refused, match="不是您的"):
        surveys.cast(slip, grades={"overall": "好"}, by=stranger, day=DAY)
    assert list(powers.to_answer(owner, DAY)) == [slip]
    surveys.cast(slip, grades={"overall": "好"}, by=owner, day=DAY)
    assert not powers.to_answer(owner, DAY).exists()
    with pytest.raises(Refused, match="已经填过"):
        surveys.cast(slip, grades={"overall": "较差"}, by=owner, day=DAY)
    assert ballots(survey, desk) == {("villages", "好"): 1}


def test_nobody_answers_a_closed_sheet(little: County, edition, desk):
    survey = surveys.close(sheet(edition, little, desk), by=desk, day=DAY)
    with pytest.raises(Refused, match="已经结束"):
        cast(little, survey, little.villages[0], "好")
    with pytest.raises(Refused, match="已经结束"):
        surveys.close(survey, by=desk, day=DAY)


def test_a_sheet_is_opened_once_in_a_round_by_who_runs_ratings(little: County, edition, desk):
    clerk = little.user(Role.TOWNSHIP_CLERK, little.townships[0])
    with pytest.raises(Refused, match="不能组织"):
        sheet(edition, little, clerk)
    sheet(edition, little, desk)
    with pytest.raises(Refused, match="已经开过"):
        sheet(edition, little, desk)
    with pytest.raises(Refused, match="不测评"):
        surveys.open_sheet(edition, "rating", about=little.villages[0], round="2025年度", day=DAY, by=desk)


def test_a_sheet_is_seen_where_its_subject_is(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    assert set(powers.visible(little.user(Role.TOWNSHIP_CLERK, little.townships[0]), DAY)) == {survey}
    assert not powers.visible(little.user(Role.TOWNSHIP_CLERK, little.townships[1]), DAY).exists()


# --- Nothing joins them ----------------------------------------------------------------


def test_no_table_joins_a_voter_to_a_secret_grade(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    for village, grade in zip(little.villages, ("好", "较好", "较差"), strict=True):
        cast(little, survey, village, grade)
    assert not Named.objects.exists()
    columns = {field.name for field in Tally._meta.get_fields()}
    assert columns == {"id", "survey", "klass", "question", "grade", "ballots"}
    said = Entry.objects.filter(deed="survey.cast")
    assert {(entry.on, str(entry.detail)) for entry in said} == {(f"survey {survey.pk}", "{}")}


def test_what_an_urn_holds_is_sealed_and_as_long_after_a_vote_as_before(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    urn = Urn.objects.get(survey=survey, klass="villages")
    cast(little, survey, little.villages[0], "较差")
    after = Urn.objects.get(pk=urn.pk)
    assert after.sealed != urn.sealed
    assert len(after.sealed) == len(urn.sealed)
    assert not Tally.objects.exists()
    surveys.close(survey, by=desk, day=DAY)
    assert not Urn.objects.exists()


def test_a_used_slip_can_neither_be_deleted_nor_moved(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    cast(little, survey, little.villages[0], "好")
    for change in (
        lambda: Slip.objects.filter(survey=survey).delete(),
        lambda: Slip.objects.filter(survey=survey).update(voter=little.office),
    ):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            change()


def test_a_signed_sheet_says_who_to_those_who_run_it_only(little: County, edition, desk):
    survey = sheet(edition, little, desk, "signed")
    cast(little, survey, little.villages[0], "好", "差")
    clerk = little.user(Role.TOWNSHIP_CLERK, little.townships[0])
    assert [(one.question, one.grade) for one in powers.named_answers(desk, survey, DAY).order_by("id")] == [
        ("overall", "好"),
        ("work", "差"),
    ]
    assert not powers.named_answers(clerk, survey, DAY).exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_use_one_slip_at_once_one_is_counted():
    little = county()
    survey = sheet(in_force(surveys=PACK), little, little.user(Role.DESK, little.root))
    slip = Slip.objects.get(survey=survey, voter=little.villages[0])
    owner = little.user(Role.VILLAGE_SECRETARY, little.villages[0])
    grades = [random.choice(SCALE) for _ in range(8)]

    def work(grade: str) -> None:
        try:
            surveys.cast(slip, grades={"overall": grade}, by=owner, day=DAY)
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(grade,)) for grade in grades]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(ballots(survey, little.user(Role.DESK, little.root)).values()) == 1
    assert Entry.objects.filter(deed="survey.cast").count() == 1


# --- Counting -----------------------------------------------------------------------------

votes = st.dictionaries(
    st.sampled_from(("a", "b", "c")), st.dictionaries(st.sampled_from(SCALE), st.integers(0, 9))
)


@given(votes=votes, minimum=st.none() | st.integers(0, 12))
def test_what_is_counted_is_what_was_cast_and_small_groups_do_not_show(votes, minimum):
    found = result("q", SCALE, votes, minimum=minimum, weights=None)
    cast_ = sum(sum(counts.values()) for counts in votes.values())
    assert found.ballots == cast_
    assert found.too_few == (cast_ == 0 or cast_ < (minimum or 0))
    assert sum(found.counts.values()) in (0, cast_)
    assert all(sum(counts.values()) >= (minimum or 0) for counts in found.by_class.values())
    assert found.shares is None


def test_weights_weigh_shares_and_not_heads():
    votes = {"members": {"好": 1, "较差": 1}, "residents": {"好": 30}}
    found = result("q", SCALE, votes, minimum=None, weights={"members": 50, "residents": 50})
    assert found.shares == {"好": 750, "较好": 0, "一般": 0, "较差": 250}


def test_a_class_that_is_too_small_is_neither_shown_nor_weighed():
    votes = {"members": {"差": 1}, "residents": {"好": 30}}
    found = result("q", ("好", "差"), votes, minimum=3, weights={"members": 50, "residents": 50})
    assert (found.counts, found.by_class, found.shares) == ({"好": 30, "差": 1}, {}, None)


def test_a_tie_chooses_nothing():
    assert Result("q", ("好", "差"), 4, {"好": 2, "差": 2}).chosen == ""


def test_a_grade_outside_the_scale_is_not_counted():
    with pytest.raises(ValueError, match="not on the scale"):
        result("q", SCALE, {"a": {"很好": 1}}, minimum=None, weights=None)


def test_a_pack_cannot_ask_the_same_question_twice():
    with pytest.raises(PackErrors, match="同一个 id"):
        policy(surveys=PACK.replace("id: work", "id: overall"))


def test_the_database_knows_one_slip_for_a_voter(little: County, edition, desk):
    survey = sheet(edition, little, desk)
    with pytest.raises(IntegrityError, match="a_voter_has_one_slip"), transaction.atomic():
        Slip.objects.create(survey=survey, voter=little.villages[0], klass="villages")
