"""Kinds of other counties in the browser: about a person, about a post, adverse; no page is written for one kind."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.urls import reverse

from other_county import BY, LONG_AGO, County, client, submit
from zugong.accounts.rules import Role
from zugong.cases.models import Case
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db


def test_a_first_secretary_asks_for_leave_and_three_bodies_file_it() -> None:
    county = County("panshi")
    person = county.first.person
    assert person
    registry.enter("weak-candidates", county.village, since=LONG_AGO, by=BY)
    registry.enter("trained", person, since=LONG_AGO, by=BY)
    registry.tie(county.policy, "supporter", "first-secretary", near=person, far=county.village, since=LONG_AGO, by=BY)  # fmt: skip
    own = reverse("person", args=[person.pk])
    page = client(county.first).get(own).content.decode()
    assert "第一书记请销假" in page
    there = reverse("case-new") + f"?kind=leave&about={person.pk}"
    assert "周砚" in client(county.first).get(there).content.decode()
    response = client(county.first).post(
        there, {"kind": "leave", "about": str(person.pk), "cause": "家中有事"}
    )
    assert response.status_code == 302, response.content.decode()
    one = Case.objects.get(kind="leave")
    assert client(county.clerk).get(reverse("case", args=[one.pk])).status_code == 200
    stranger = county.user("zhao", "赵行", [(Role.TOWNSHIP_CLERK, county.organisation("township-committee", "别镇党委", county.county))])  # fmt: skip
    assert client(stranger).get(reverse("case", args=[one.pk])).status_code == 404
    submit(county.first, one, **{"leave-days": "6月5日至7日", "reason": "家中有事"})
    for user in (county.li, county.clerk, county.chen):
        submit(user, one)
    one.refresh_from_db()
    assert one.stage == "return"
    page = client(county.first).get(own).content.decode()
    assert one.number in page
    assert "销假" in page


def test_screening_is_sealed_on_every_page() -> None:
    county = County("shulan")
    old = county.user("old", "何山", [(Role.CADRE, None)])
    seat = registry.add(
        "post", klass="village-cadre", name="村委员", parent=county.village, since=LONG_AGO, by=BY
    )
    assert old.person
    registry.appoint(old.person, post=seat, since=LONG_AGO, by=BY)
    registry.join(old.person, organisation=county.village, since=LONG_AGO, by=BY)
    there = reverse("case-new") + "?kind=screening"
    response = client(county.chen).post(
        there, {"kind": "screening", "about": str(old.person.pk), "cause": "换届"}
    )
    assert response.status_code == 302, response.content.decode()
    one = Case.objects.get(kind="screening")
    page = client(county.chen).get(reverse("case", args=[one.pk]))
    assert page.status_code == 200
    assert reverse("person", args=[old.person.pk]) in page.content.decode()
    assert client(old).get(reverse("case", args=[one.pk])).status_code == 200
    for user in (county.clerk, county.li):
        assert client(user).get(reverse("case", args=[one.pk])).status_code == 404
        for address in ("cases", "cases-stuck", "cases-progress"):
            assert (
                "何山"
                not in client(user).get(reverse(address) + "?kind=screening&deadline=any").content.decode()
            )
    assert one.number not in client(county.chen).get(reverse("person", args=[old.person.pk])).content.decode()
    assert client(county.chen).get(reverse("cases-progress") + "?kind=screening&as=xlsx").status_code == 404
    assert client(county.chen).get(reverse("cases-stuck-sheet") + "?deadline=any").status_code == 200
    listed = client(county.chen).get(reverse("cases-sheet") + "?kind=screening")
    assert len(list(openpyxl.load_workbook(io.BytesIO(listed.content)).active.values)) == 1  # the heads alone


def test_a_vacant_post_is_filled_by_a_case_about_the_post() -> None:
    county = County("shulan")
    seat = registry.add(
        "post", klass="village-cadre", name="村委员", parent=county.village, since=LONG_AGO, by=BY
    )
    registry.join(county.first.person, organisation=county.village, since=LONG_AGO, by=BY)
    there = reverse("case-new") + "?kind=seat"
    page = client(county.clerk).get(there).content.decode()
    assert "白石村党支部" in page
    assert (
        client(county.clerk).post(there, {"kind": "seat", "about": str(seat.pk), "cause": "空缺"}).status_code
        == 302
    )
    one = Case.objects.get(kind="seat")
    assert "柳河镇党委" in client(county.chen).get(reverse("cases-progress") + "?kind=seat").content.decode()
    page = client(county.clerk).get(reverse("case-submission", args=[one.pk])).content.decode()
    assert "拟任人选" in page
    submit(county.clerk, one, nominee=str(county.first.person_id))
    one.refresh_from_db()
    assert one.stage == "vetting"
    assert client(county.clerk).get(reverse("case", args=[one.pk])).status_code == 200
