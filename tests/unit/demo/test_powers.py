"""Who may see and find what in the registry, tried on 青穆县."""

import pytest

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.demo import DAY
from zugong.registry import powers
from zugong.registry.models import Particulars

pytestmark = pytest.mark.usefixtures("qingmu")


def user(name):
    return User.objects.get(username=name)


def named(name, noun):
    return Particulars.objects.on(DAY).get(name=name, subject__noun=noun).subject_id


def test_the_words_for_seeing_are_those_of_accounts():
    assert (powers.SEE, powers.SEE_PERSONS) == (May.SEE, May.SEE_PERSONS)


def test_a_clerk_sees_her_town_and_its_units_and_nothing_of_another():
    seen = set(powers.organisations(user("wangshu"), DAY).values_list("name", flat=True))
    assert {"禾汀镇党委", "白石村党支部", "白石村村民委员会", "禾汀镇人民政府"} <= seen
    assert not [name for name in seen if "麓山" in name]


@pytest.mark.parametrize("nobody", ["yeting", "lujin", "xitong", "anquan", "shenji"])
def test_who_has_no_part_in_heting_is_told_that_nothing_is_there(nobody):
    with pytest.raises(Refused, match="没有这个组织"):
        powers.organisation(user(nobody), named("白石村党支部", "organisation"), DAY)


def test_the_desk_sees_the_whole_county_units_too():
    assert powers.organisation(user("chenlan"), named("青穆县农业农村局", "organisation"), DAY)


def test_a_cadre_reads_their_own_file_and_no_other():
    me = user("lujin")
    assert powers.person(me, me.person_id, DAY).name == "陆槿"
    with pytest.raises(Refused, match="没有这个人"):
        powers.person(me, named("李禾", "person"), DAY)


def test_a_clerk_may_not_open_files_of_persons():
    with pytest.raises(Refused):
        powers.person(user("wangshu"), named("李禾", "person"), DAY)


def test_every_reading_of_a_file_is_journaled():
    person = powers.person(user("chenlan"), named("李禾", "person"), DAY)
    entry = Entry.objects.latest("id")
    assert (entry.deed, entry.on, entry.detail) == ("person.read", str(person.subject), {"own": False})


@pytest.mark.parametrize("words", ["李禾", "lh", "lihe", "li he", "LiHe"])
def test_a_person_is_found_by_name_initials_and_pinyin(words):
    assert "李禾" in [hit.name for hit in powers.search(user("chenlan"), words, DAY)]


@pytest.mark.parametrize("words", ["白石", "石村党", "白", "bsc", "baishicun"])
def test_an_organisation_is_found_by_part_of_its_name(words):
    assert "白石村党支部" in [hit.name for hit in powers.search(user("wangshu"), words, DAY)]


def test_a_search_finds_nothing_that_the_asker_may_not_see():
    assert powers.search(user("yeting"), "白石村党支部", DAY) == []
    assert powers.search(user("wangshu"), "李禾", DAY) == []


@pytest.mark.parametrize("words", ["", "  ", "%", "_", "\\", "'", "😀"])
def test_odd_words_find_nothing_and_break_nothing(words):
    assert powers.search(user("chenlan"), words, DAY) == []
