"""What is stuck, where, since when and at whom; and the table of progress that opens to its cases."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse

from cast import Cast, cast, tie_supporters
from ground import due
from zugong.cases import actions as cases
from zugong.cases.jobs import remind
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


def late(county: Cast, village: str, days: int) -> Case:
    """A case that stands at its first stage, its deadline so many days past."""
    one = county.open(village, day=clock.today())
    Case.objects.filter(pk=one.pk).update(**due(clock.today() - timedelta(days=days)))
    return one


def page(county: Cast, who: str, query: str = "") -> str:
    response = county.client(who).get(reverse("cases-stuck") + query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_longest_over_its_clock_comes_first_with_who_holds_it_and_what_it_lacks(county: Cast) -> None:
    late(county, "白石村", 30)
    late(county, "云坪村", 60)
    county.open("青林村", day=clock.today())
    text = page(county, "shen")
    assert text.index("云坪村") < text.index("白石村")
    assert "青林村" not in text
    assert "麓山乡党委" in text
    assert "请填写“病根”" in text
    assert "王舒" in text.rsplit("已提醒", 1)[1]


def test_the_leader_reads_one_number_of_what_is_late_on_the_desk_and_on_the_page_it_leads_to(
    county: Cast,
) -> None:
    one = late(county, "白石村", 30)
    Case.objects.filter(pk=late(county, "青林村", 20).pk).update(parent=one)
    desk = county.client("shen").get(reverse("desk")).context["overview"]
    stuck = county.client("shen").get(reverse("cases-stuck")).context["late"]
    assert desk["late"] == stuck == 2


def test_who_was_told_of_it_is_named(county: Cast) -> None:
    late(county, "白石村", 30)
    remind(clock.today())
    assert "陈岚" in page(county, "shen")


def test_who_was_told_of_an_earlier_step_alone_is_not_named_for_this_one(county: Cast) -> None:
    one = late(county, "白石村", 30)
    remind(clock.today())
    Message.objects.filter(to="chen").update(written_at=clock.now() - timedelta(days=2))
    assert "王舒 " in page(county, "shen").split("已提醒", 1)[1]
    assert "陈岚" not in page(county, "shen").split("已提醒", 1)[1]
    assert one.entered_on == clock.today()


def test_the_page_of_what_is_stuck_is_the_one_place_marked_in_the_menu(county: Cast) -> None:
    menu = page(county, "shen").split("</nav>", 1)[0]
    assert menu.count('aria-current="page"') == 1


def test_bodies_are_counted_and_a_township_sees_its_own_alone(county: Cast) -> None:
    late(county, "白石村", 30)
    late(county, "青林村", 20)
    late(county, "云坪村", 60)
    text = page(county, "chen")
    assert "逾期的在哪些单位手上" in text
    assert '禾汀镇党委</th><td class="number">2' in text
    assert "云坪村" not in page(county, "wang")


def test_a_supporter_a_township_and_a_deadline_narrow_it(county: Cast) -> None:
    late(county, "白石村", 30)
    tie_supporters(county, "白石村", since=clock.today())
    late(county, "云坪村", 60)
    assert "云坪村" not in page(county, "chen", f"?supporter={county.people['shen'].pk}")
    assert "白石村党支部" not in page(county, "chen", f"?township={county.townships['麓山乡'].pk}")
    assert "没有卡住的事项" in page(county, "chen", "?deadline=none")


def test_it_goes_out_as_a_workbook_but_nothing_adverse_does(county: Cast) -> None:
    late(county, "白石村", 30)
    response = county.client("chen").get(reverse("cases-stuck-sheet"))
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)
    assert [row[0] for row in rows[1:]] == ["白石村党支部"]
    assert rows[1][9] == "禾汀镇党委"


def test_a_cell_of_the_progress_opens_to_its_cases_and_the_table_goes_out(county: Cast) -> None:
    county.open("白石村", day=clock.today())
    there = reverse("cases-progress")
    text = county.client("chen").get(there).content.decode()
    township = county.townships["禾汀镇"].pk
    assert f"kind=rectification&amp;stage=township-meeting&amp;township={township}" in text
    sheet = openpyxl.load_workbook(io.BytesIO(county.client("chen").get(f"{there}?as=xlsx").content)).active
    assert [row[:2] for row in sheet.values][1:] == [("禾汀镇党委", 1)]


def test_a_cause_narrows_the_list_by_its_newest_answer(county: Cast) -> None:
    from zugong.cases.models import Answer, Step

    one = county.open("白石村", day=clock.today())
    step = Step.objects.create(
        case=one, round=1, move="submit", stage=one.stage, to_stage=one.stage, to_state=one.state,
        day=clock.today(), at=clock.now(), edition=one.edition,
    )  # fmt: skip
    Answer.objects.create(case=one, step=step, field="causes", version=1, value=["weak"])
    Answer.objects.create(case=one, step=step, field="causes", version=2, value=["sick"])
    client = county.client("chen")
    assert (
        "白石村党支部"
        not in client.get(reverse("cases") + "?cause=weak").content.decode().split("</form>", 1)[1]
    )
    assert "白石村党支部" in client.get(reverse("cases") + "?cause=sick").content.decode()


def cases_sheet(county: Cast, who: str, query: str = "") -> list[tuple[object, ...]]:
    response = county.client(who).get(reverse("cases-sheet") + query)
    assert response.status_code == 200
    return list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)


def test_the_list_of_cases_goes_out_as_it_was_asked_for_to_whoever_sees_it(county: Cast) -> None:
    late(county, "白石村", 30)
    county.open("云坪村", day=clock.today())
    assert reverse("cases-sheet") + "?state=late" in (
        county.client("chen").get(reverse("cases") + "?state=late").content.decode()
    )
    heads, *rows = cases_sheet(county, "chen")
    assert heads[:4] == ("编号", "事项", "对象", "所在乡镇")
    assert [row[2:4] for row in rows] == [("白石村党支部", "禾汀镇党委"), ("云坪村党支部", "麓山乡党委")]
    assert [row[2] for row in cases_sheet(county, "chen", "?state=late")[1:]] == ["白石村党支部"]
    assert [row[2] for row in cases_sheet(county, "wang")[1:]] == ["白石村党支部"]
    told = Entry.objects.filter(deed="case.export").order_by("pk").values_list("by", "detail__rows")
    chen, wang = str(county.users["chen"]), str(county.users["wang"])
    assert list(told) == [(chen, 2), (chen, 1), (wang, 1)]


def test_no_cell_of_the_list_of_cases_is_a_formula(county: Cast) -> None:
    odd = registry.add(
        "organisation", klass="village", name='=HYPERLINK("http://a")', parent=county.townships["禾汀镇"],
        since=date(2020, 1, 1), by="t",
    )  # fmt: skip
    cases.open("rectification", about=odd, day=clock.today(), by=None, cause="评星")
    assert cases_sheet(county, "chen")[1][2] == '\'=HYPERLINK("http://a")'


def test_many_cases_go_out_with_the_same_number_of_questions_as_few(
    county: Cast, django_assert_max_num_queries
) -> None:
    for village in county.villages:
        county.open(village, day=clock.today())
    with django_assert_max_num_queries(40):
        assert len(cases_sheet(county, "chen")) == 1 + len(county.villages)
