"""At triage the system proposes, with reasons and a certainty; a click answers the question; a person decides."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.urls import reverse

from little_requests import messages
from other_county import County, client
from zugong.cases import intake, learning
from zugong.cases.models import Case, Proposed, RoutingModel
from zugong.cases.routing.model import train
from zugong.core import clock

pytestmark = pytest.mark.django_db
LEAK = "白石村三号楼门口水管漏水已经三天，水压太低，请尽快派人来修"
LEAK_AGAIN = "白石村3号楼门口的水管漏水已经五天，水压太低，请尽快派人来修一修"
CLASSES = {"供水": "water", "教育": "welfare", "环境": "environment"}


@pytest.fixture
def county():
    county = County("qingmu")
    county.bureau = county.organisation("department", "自来水公司", county.county)
    texts, labels = messages(120)
    trained = train(texts, [CLASSES[label] for label in labels])
    county.model = RoutingModel.objects.create(
        kind="request", field="request-class", version=1, trained_on=clock.today(), trained_by="t",
        rows=120, content=trained.to_bytes(), active=True,
    )  # fmt: skip
    return county


def taken(county, matter: str) -> Case:
    receipt, _code = intake.receive(
        "request", about=county.village, answers={"matter": matter}, channel="public",
        day=clock.today(), at=clock.now(), by=None, key=matter[:32].ljust(32, "k"),
    )  # fmt: skip
    assert isinstance(receipt.at, datetime)
    return receipt.case


def form(user, case: Case, **asked: str) -> str:
    return client(user).get(reverse("case-submission", args=[case.pk]), asked).content.decode()


def dispatch(county, case: Case, sort: str):
    answers = {
        "request-class": sort, "request-level": "ordinary", "owner": str(county.bureau.pk), "outcome": "dispatch",
    }  # fmt: skip
    return client(county.clerk).post(reverse("case-submission", args=[case.pk]), answers)


def test_the_form_proposes_a_class_with_the_words_that_spoke_for_it_and_a_certainty(county):
    page = form(county.clerk, taken(county, LEAK))
    assert "系统建议（由您确认，也可以另选）" in page
    assert 'data-value="water"' in page
    assert "饮水灌溉</a>" in page
    assert "水管漏水" in page.split("依据的字句：", 1)[1][:40]
    assert "selected>饮水灌溉" not in page, "it proposes; it does not choose"


def test_without_script_the_page_asked_again_answers_the_question(county):
    case = taken(county, LEAK)
    page = form(county.clerk, case, **{"request-class": "water"})
    assert 'value="water" selected' in page
    assert " selected>饮水灌溉" not in form(county.clerk, case, **{"request-class": "never"})


@pytest.mark.parametrize(("chosen", "right"), [("water", 1), ("housing", 0)])
def test_what_was_proposed_and_chosen_is_kept(county, chosen, right):
    case = taken(county, LEAK)
    assert dispatch(county, case, chosen).status_code == 302
    kept = Proposed.objects.get()
    assert (kept.step.case, kept.chosen) == (case, chosen)
    assert learning.hits(county.model) == learning.Hits(1, right, right)


def test_switched_off_or_unsure_it_is_silent(county):
    assert "系统建议" not in form(county.clerk, taken(county, "囧囧"))
    case = taken(county, LEAK)
    learning.switch(county.model, on=False, by="t")
    assert "系统建议" not in form(county.clerk, case)
    assert dispatch(county, case, "water").status_code == 302
    assert not Proposed.objects.exists()


def test_a_request_shows_which_other_it_may_be_and_the_way_to_merge(county):
    first, again = taken(county, LEAK), taken(county, LEAK_AGAIN)
    page = client(county.clerk).get(reverse("case", args=[again.pk])).content.decode()
    assert "可能是同一件事" in page
    assert first.number in page
    assert f"/cases/{again.pk}/merger?into={first.pk}" in page
    alone = taken(county, "学校门口放学堵车，孩子过马路危险")
    assert "可能是同一件事" not in client(county.clerk).get(reverse("case", args=[alone.pk])).content.decode()


def test_the_hot_issues_of_a_week_stand_with_their_requests(county):
    cases = [taken(county, LEAK), taken(county, LEAK_AGAIN)]
    alone = taken(county, "学校门口放学堵车，孩子过马路危险")
    page = client(county.clerk).get(reverse("requests-hot")).content.decode()
    assert all(case.number in page for case in cases)
    assert "2 件，在办 2 件" in page
    assert alone.number not in page
    earlier = client(county.clerk).get(reverse("requests-hot"), {"on": "2020-01-08"}).content.decode()
    assert "这一周没有几个人反映同一件事" in earlier
    assert client(county.first).get(reverse("requests-hot")).status_code == 403
