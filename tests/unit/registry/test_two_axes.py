"""What was true on a day, and what we knew of it, held against a plain list of all that was ever said."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from little_county import county, in_force, policy
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.registry import actions
from zugong.registry.models import Appointment, Edition, Link, Particulars, Standing, Subject

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = date(2025, 1, 1)
DAYS = [START + timedelta(days=n) for n in range(12)]
LINK = """
link: support
label: 包保
source: paper
kinds:
  leader: {label: 县领导, from: person, to: organisation.village, each_to: "0..1"}
"""


@dataclass
class Told:
    """A slow memory: for each day a word, and every state of it at the instants at which something was said."""

    words: dict[date, str] = field(default_factory=dict)
    known: dict[datetime, dict[date, str]] = field(default_factory=dict)

    def keep(self, at: datetime) -> None:
        self.known[at] = dict(self.words)


changes = st.tuples(st.just("change"), st.integers(0, 9), st.sampled_from("甲乙丙"))
corrections = st.tuples(st.just("correct"), st.integers(0, 9), st.sampled_from("丁戊"))
closings = st.tuples(st.just("close"), st.integers(1, 9), st.just(""))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(changes, corrections, closings), max_size=6))
def test_every_day_as_known_at_every_instant_is_as_it_was_said(deeds):
    told, at = Told(), datetime(2026, 1, 1, 9, tzinfo=SHANGHAI)
    with clock.standing(at.date(), 9):
        subject = actions.add("organisation", klass="village", name="初", since=START, by="t")
    told.words = dict.fromkeys(DAYS, "初")
    for n, (deed, offset, word) in enumerate(deeds, start=1):
        told.keep(datetime(2026, 1, n, 12, tzinfo=SHANGHAI))
        day = DAYS[offset]
        with clock.standing(date(2026, 1, n + 1), 9):
            row = subject.on(day)
            if row is None:
                with pytest.raises(Refused):
                    actions.change(subject, since=day, name="无", by="t")
                continue
            same = [
                one
                for one in DAYS
                if row.valid.lower <= one and (not row.valid.upper or one < row.valid.upper)
            ]
            if deed == "change":
                actions.change(subject, since=day, name=word, by="t")
                told.words |= {one: word for one in same if one >= day}
            elif deed == "correct":
                actions.correct(row, name=word, by="t", source="核对")
                told.words |= dict.fromkeys(same, word)
            else:
                actions.close(subject, until=day, by="t")
                told.words = {one: said for one, said in told.words.items() if one < day}
    told.keep(datetime(2026, 2, 1, tzinfo=SHANGHAI))
    for instant, words in told.known.items():
        for day in DAYS:
            found = subject.on(day, known=instant)
            assert (found.name if found else None) == words.get(day)


def test_what_is_known_has_neither_hole_nor_overlap_at_the_instant_of_a_change():
    subject = actions.add("organisation", klass="village", name="甲", since=START, by="t")
    actions.change(subject, since=DAYS[5], name="乙", by="t")
    moment = Particulars.objects.known().get(name="乙").recorded.lower
    assert Particulars.objects.on(DAYS[2], moment).count() == 1
    assert Particulars.objects.on(DAYS[2], moment - timedelta(microseconds=1)).get().name == "甲"


def test_a_change_before_one_that_is_entered_already_holds_until_it():
    subject = actions.add("organisation", klass="village", name="甲", since=START, by="t")
    actions.change(subject, since=DAYS[8], name="丙", by="t")
    actions.change(subject, since=DAYS[4], name="乙", by="t")
    assert [subject.name_on(DAYS[n]) for n in (3, 4, 7, 8)] == ["甲", "乙", "乙", "丙"]


def test_nothing_stands_under_itself_or_under_another_noun():
    place = county()
    with pytest.raises(Refused, match="下级"):
        actions.change(place.townships[0], since=START, parent=place.villages[0], by="t")
    with pytest.raises(Refused, match="不能归在"):
        actions.add("place", klass="village", name="地", parent=place.root, since=START, by="t")


def test_what_still_has_something_under_it_is_not_closed():
    place = county()
    with pytest.raises(Refused, match="还有 3 个下级"):
        actions.close(place.townships[0], until=START, by="t")


def test_posts_holders_and_ties_end_with_an_organisation():
    place, ruled = county(), policy(link=LINK)
    village = place.villages[0]
    person, leader = place.person("王", "township-head", village), place.person("李")
    actions.tie(ruled, "support", "leader", near=leader, far=village, since=START, by="t")
    actions.close(village, until=DAYS[3], by="t")
    assert Appointment.objects.on(DAYS[2]).filter(person=person).exists()
    assert not Appointment.objects.on(DAYS[3]).filter(person=person).exists()
    assert [Link.objects.on(day).count() for day in (DAYS[2], DAYS[3])] == [1, 0]


def test_ties_end_in_the_order_they_were_entered_wherever_the_database_keeps_them():
    place, ruled = county(), policy(link=LINK)
    leader = place.person("李")
    for village in place.villages[:3]:
        actions.tie(ruled, "support", "leader", near=leader, far=village, since=START, by="t")
    first = Link.objects.get(far=place.villages[0])
    Link.objects.filter(pk=first.pk).update(recorded=first.recorded)  # it now lies behind the others
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    actions.close(leader, until=DAYS[3], by="t")
    ended = Link.objects.known().filter(valid__endswith=DAYS[3]).order_by("pk")
    assert [row.far for row in ended] == place.villages[:3]


def test_nobody_is_appointed_to_a_post_that_is_gone_or_to_what_is_none():
    place = county()
    person = place.person("王")
    with pytest.raises(Refused, match="职务"):
        actions.appoint(person, post=place.office, since=START, by="t")
    post = actions.add("post", klass="county-leader", name="县长", parent=place.root, since=START, by="t")
    actions.close(post, until=DAYS[3], by="t")
    with pytest.raises(Refused, match="不在册"):
        actions.appoint(person, post=post, since=DAYS[3], by="t")


def test_releasing_after_the_end_does_not_lengthen_an_appointment():
    place = county()
    person = place.person("王")
    post = actions.add("post", klass="county-leader", name="县长", parent=place.root, since=START, by="t")
    row = actions.appoint(person, post=post, since=START, until=DAYS[3], by="t")
    with pytest.raises(Refused, match="已经结束"):
        actions.release(row, on=DAYS[6], by="t")


def test_an_end_before_its_beginning_is_refused_in_a_sentence():
    with pytest.raises(Refused, match="截止日"):
        actions.add("thing", klass="x", name="甲", since=DAYS[3], until=DAYS[3], by="t")


def test_a_code_names_one_subject_and_a_name_is_not_endless():
    actions.add("organisation", klass="village", name="甲", code="c", since=START, by="t")
    with pytest.raises(Refused, match="代码"):
        actions.add("organisation", klass="village", name="乙", code="c", since=START, by="t")
    with pytest.raises(Refused, match="名称"):
        actions.add("organisation", klass="village", name="长" * 201, since=START, by="t")


def test_a_row_that_somebody_has_just_put_right_is_not_put_right_again():
    subject = actions.add("organisation", klass="village", name="甲", since=START, by="t")
    row = subject.on(START)
    actions.correct(row, name="乙", by="t", source="核对")
    with pytest.raises(Refused, match="刚被别人更正过"):
        actions.correct(row, name="丙", by="t", source="核对")


# --- Ties and rolls


def test_an_end_is_what_the_pack_says_and_has_no_more_than_it_says_on_any_day():
    place, ruled = county(), policy(link=LINK)
    village, first, second = place.villages[0], place.person("王"), place.person("李")
    actions.tie(ruled, "support", "leader", near=first, far=village, since=DAYS[5], by="t")
    with pytest.raises(Refused, match="只能有"):
        actions.tie(ruled, "support", "leader", near=second, far=village, since=START, by="t")
    actions.tie(ruled, "support", "leader", near=second, far=village, since=START, until=DAYS[5], by="t")
    with pytest.raises(Refused, match="不能列入"):
        actions.tie(ruled, "support", "leader", near=first, far=place.office, since=START, by="t")


def standings(subject: Subject) -> list[str]:
    return [
        row.value if (row := Standing.objects.on(day).filter(subject=subject).first()) else ""
        for day in DAYS[:8]
    ]


def test_a_shorter_standing_leaves_the_rest_of_the_longer_one():
    village = county().villages[0]
    actions.enter("r", village, since=DAYS[0], value="a", by="t")
    actions.enter("r", village, since=DAYS[2], until=DAYS[4], value="b", by="t")
    assert "".join(standings(village)) == "aabbaaaa"


def test_a_standing_that_ends_when_the_next_begins_leaves_it_alone():
    village = county().villages[0]
    actions.enter("r", village, since=DAYS[4], value="b", by="t")
    actions.enter("r", village, since=DAYS[1], until=DAYS[4], value="a", by="t")
    assert standings(village) == ["", "a", "a", "a", "b", "b", "b", "b"]


def test_the_same_deed_enters_a_line_once():
    village = county().villages[0]
    rows = [actions.enter("r", village, since=START, value="a", by="t", source="deed") for _ in range(2)]
    assert rows[0].pk == rows[1].pk
    assert Standing.objects.count() == 1


# --- Editions


def test_an_edition_put_in_force_from_the_same_day_replaces_and_a_later_one_stands():
    first, later = in_force(DAYS[0]), in_force(DAYS[8])
    again, between = in_force(DAYS[0]), in_force(DAYS[4])
    assert [actions.edition_on(DAYS[n]).pk for n in (0, 4, 8)] == [again.pk, between.pk, later.pk]
    assert Edition.objects.get(pk=first.pk).in_force.isempty
