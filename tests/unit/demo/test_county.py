"""青穆县 as it stands on the demo's first day."""

from collections import Counter
from datetime import date

import pytest

from zugong.accounts.models import User
from zugong.core import clock
from zugong.demo import DAY, names, people
from zugong.packs.schema import AppointmentKind, Classes
from zugong.registry import actions, facts
from zugong.registry.models import Appointment, Membership, Particulars, Subject
from zugong.registry.selecting import below

pytestmark = pytest.mark.usefixtures("qingmu")


def of_class(noun, klass, day=DAY):
    return Particulars.objects.on(day).filter(subject__noun=noun, klass=klass)


@pytest.mark.parametrize(
    ("noun", "klass", "count"),
    [
        ("place", "township", 16),
        ("place", "village", 268),
        ("organisation", "township", 16),
        ("organisation", "village", 268),
        ("organisation", "village-council", 268),
        ("organisation", "department", 60),
        ("person", "county-leader", 30),
        ("person", "village-cadre", 268),
    ],
)
def test_there_are_as_many_of_each_as_the_county_has(noun, klass, count):
    assert of_class(noun, klass).count() == count


def test_900_cadres_hold_posts_and_9000_members_belong_to_branches():
    cadres = (
        Appointment.objects.on(DAY)
        .exclude(kind="secondment")
        .exclude(post__particulars__klass__in=["branch-secretary", "grid-worker"])
    )
    assert cadres.values("person").distinct().count() == 900
    assert Membership.objects.on(DAY).count() == 9_000


def test_every_word_the_county_uses_is_listed_in_its_pack():
    policy = actions.policy_on(DAY)
    for noun in ("person", "organisation", "place", "post", "thing"):
        used = set(Particulars.objects.filter(subject__noun=noun).values_list("klass", flat=True))
        assert used <= {
            item.id for entry in policy.all("classes", Classes) if entry.of == noun for item in entry.items
        }
    kinds = set(Appointment.objects.exclude(kind="substantive").values_list("kind", flat=True))
    assert kinds <= {entry.name for entry in policy.all("appointment", AppointmentKind)}


def test_every_code_is_invented():
    codes = Subject.objects.exclude(code="").values_list("code", flat=True)
    assert all(code.startswith("99") for code in codes)


def test_every_village_hangs_on_its_township_in_all_three_trees():
    for noun, root, klass in (
        ("place", "990101", "village"),
        ("organisation", "990101-000-D", "village"),
        ("organisation", "990101-000-Z", "village-council"),
    ):
        roots = frozenset({Subject.objects.get(noun=noun, code=root).pk})
        assert len(below(roots, DAY, frozenset({klass}))) == 268


def test_party_organisations_are_tied_to_their_places_and_units():
    links = Counter((row["role"], row["near_class"]) for row in facts.TABLES["registry.links"].rows(DAY))
    assert (links["place", "village"], links["unit", "village"], links["unit", "leading-party-group"]) == (
        268,
        268,
        60,
    )


def test_two_years_ago_a_township_had_another_name_and_one_more_stood():
    before = date(2023, 12, 31)
    new, old = names.RENAMED
    assert of_class("place", "township", before).count() == 17
    assert of_class("place", "township", before).filter(name=old).exists()
    assert of_class("place", "township").filter(name=new).exists()
    assert not of_class("place", "township").filter(name=names.MERGED[1]).exists()


def test_what_was_entered_wrongly_is_still_known_as_it_was_known_then():
    village = Subject.objects.get(noun="place", code="990101100201")
    known = date(2023, 2, 12)
    with clock.standing(known):
        moment = clock.now()
    assert village.name_on(DAY) == "青林村"
    assert village.on(DAY, known=moment).name == "清林村"


def test_posts_have_changed_hands_and_the_past_can_be_read():
    deputies = Subject.objects.filter(noun="post", particulars__klass="department-deputy")
    then, today = (
        dict(Appointment.objects.on(day).filter(post__in=deputies).values_list("post", "person"))
        for day in (date(2023, 6, 4), date(2023, 6, 5))
    )
    assert sum(then[post] != today[post] for post in then) == 18


def test_the_people_of_the_demo_have_accounts_without_passwords():
    users = {user.username: user for user in User.objects.filter(is_demo=True)}
    assert set(users) == {person.username for person in people()}
    assert not any(user.has_usable_password() for user in users.values())
    assert all(person.zh and person.en for person in people())


def test_no_link_of_support_is_short_or_too_many():
    policy = actions.policy_on(DAY)
    assert facts.link_gaps(policy, "supporter", DAY) == []
