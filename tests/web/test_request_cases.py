"""Requests at the pages of cases: what is asked at the opening, what one outcome asks, whom it is given to, merging."""

from __future__ import annotations

import pytest
from django.urls import reverse

from other_county import BY, LONG_AGO, County, client, submit
from zugong.accounts.rules import Role
from zugong.cases import actions
from zugong.cases.models import Case
from zugong.core import clock
from zugong.registry import actions as registry

pytestmark = pytest.mark.django_db
MATTER = "村口路灯三天不亮"


@pytest.fixture
def county() -> County:
    county = County("qingmu")
    bureau = county.organisation("department", "供电公司", county.county)
    county.bureau = bureau
    county.qian = county.user("qian", "钱进", [(Role.TOWNSHIP_CLERK, bureau)])
    return county


def request_of(county: County, matter: str = MATTER) -> Case:
    return actions.open(
        "request", about=county.village, day=clock.today(), by=county.clerk, answers={"matter": matter}
    )


def page(user, case: Case, address: str = "case") -> str:
    return client(user).get(reverse(address, args=[case.pk])).content.decode()


def test_a_request_is_taken_in_with_its_receipt_and_not_opened_as_a_matter(county) -> None:
    there, taking = reverse("case-new"), reverse("request-new")
    offered = client(county.clerk).get(there).content.decode()
    assert 'value="request"' not in offered
    assert f'href="{taking}?kind=request"' in offered
    for response in (
        client(county.clerk).get(there, {"kind": "request"}),
        client(county.clerk).post(
            there, {"kind": "request", "about": str(county.village.pk), "cause": "来访"}
        ),
    ):
        assert response.status_code == 302
        assert response["Location"] == f"{taking}?kind=request"
    assert not Case.objects.exists()


def test_who_can_only_take_in_requests_is_led_there(county) -> None:
    grid = registry.add(
        "post", klass="grid-worker", name="网格员", parent=county.village, since=LONG_AGO, by=BY
    )
    registry.appoint(county.first.person, post=grid, since=LONG_AGO, by=BY)
    response = client(county.first).get(reverse("case-new"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("request-new"))


def test_the_opening_asks_what_its_kind_asks() -> None:
    county = County("changyi")
    alliance = county.organisation("street-alliance", "柳河街道党建联盟", county.town)
    secretary = county.user("secretary", "秦屿", [(Role.TOWNSHIP_CLERK, alliance)])
    there = reverse("case-new")
    given = {"kind": "fast-channel", "about": str(alliance.pk), "cause": "来访"}
    first = client(secretary).post(there, given)
    assert first.status_code == 200
    assert "诉求内容" in first.content.decode()
    assert "请填写" not in first.content.decode()
    lacking = client(secretary).post(there, given | {"asked_of": "fast-channel"})
    assert "请填写“诉求内容”" in lacking.content.decode()
    opened = client(secretary).post(there, given | {"asked_of": "fast-channel", "matter": MATTER})
    assert opened.status_code == 302, opened.content.decode()
    assert MATTER in page(secretary, Case.objects.get(kind="fast-channel"))


def test_what_one_outcome_asks_is_said_with_its_name_and_not_asked_for_the_others(county) -> None:
    case = request_of(county)
    form = page(county.clerk, case, "case-submission")
    assert MATTER in form, "who sorts reads what was asked beside the questions"
    assert "报到单位（办“吹哨”时填）" in form
    assert "理由（办“暂无承办单位、拟不再办理”时填）" in form
    submit(
        county.clerk,
        case,
        outcome="dispatch",
        **{"request-class": "power", "request-level": "ordinary", "owner": str(county.bureau.pk)},
    )
    answered = page(county.qian, case)
    assert "供电公司" in answered.partition("<dt>承办单位")[2][:40]
    assert MATTER in page(county.qian, case)
    submit(county.qian, case, outcome="not-ours", reason="不归我们")
    case.refresh_from_db()
    assert case.stage == "arbitrate"


def test_a_request_is_merged_into_another_by_its_number(county) -> None:
    case, main = request_of(county, "路灯又不亮"), request_of(county)
    assert "并案" in page(county.clerk, case)
    there = reverse("case-merger", args=[case.pk])
    assert MATTER in client(county.clerk).get(there).content.decode()
    refused = client(county.clerk).post(there, {"into": str(case.pk), "note": "同一盏"})
    assert refused.status_code == 200
    done = client(county.clerk).post(there, {"into": str(main.pk), "note": "同一盏"})
    assert done.status_code == 302, done.content.decode()
    assert f"并入{main.number}，在那一件里办理" in page(county.clerk, case)
    assert case.number in page(county.clerk, main)
    assert client(county.qian).get(there).status_code == 404
