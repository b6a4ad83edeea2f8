"""What counts in no rate has a reason and two people; the overview says on time; what routing proposed and people chose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from cast import Cast, cast
from zugong.cases import actions, excluding, facts, intake
from zugong.cases.learning import SWITCHED_OFF, SWITCHED_ON
from zugong.cases.models import Case, Proposed, RoutingModel
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.core.workdays import end_of

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
AGAIN, ELSEWHERE = "同一件事重复登记", "不属于本县"


@pytest.fixture
def county() -> Iterator[Cast]:
    with clock.standing(MONDAY):
        yield cast()


def ask(county: Cast, words: str, village: str = "白石村") -> Case:
    receipt, _code = intake.receive(
        "request",
        about=county.villages[village],
        answers={"matter": words},
        channel="public",
        day=MONDAY,
        at=clock.now(),
        by=None,
        key=words,
    )
    return receipt.case


def text(response: Any) -> str:
    return str(response.content.decode())


def leave_out(county: Cast, case: Case, who: str, **sent: str) -> Any:
    return county.client(who).post(reverse("request-exclusion", args=[case.pk]), sent)


def test_a_request_is_left_out_by_two_people_on_two_pages(county: Cast) -> None:
    case = ask(county, "路面塌了")
    there = reverse("request-exclusion", args=[case.pk])
    assert there in text(county.client("wang").get(reverse("case", args=[case.pk])))
    leave_out(county, case, "wang", reason=" ")
    assert excluding.asked(case) is None
    leave_out(county, case, "wang", reason=AGAIN)
    assert "不计入的诉求 1 件" in text(county.client("han").get(reverse("desk")))
    page = text(county.client("han").get(reverse("requests-exclusions")))
    assert AGAIN in page
    assert there in page
    assert leave_out(county, case, "chen", deed="agree").status_code == 403
    leave_out(county, case, "han", deed="agree")
    (row,) = facts.requests(MONDAY, MONDAY, MONDAY).to_pylist()
    assert row["excluded"]
    assert there not in text(county.client("wang").get(reverse("case", args=[case.pk])))


def test_who_asked_takes_it_back_and_who_says_no_leaves_it_counted(county: Cast) -> None:
    first, second = ask(county, "甲"), ask(county, "乙")
    for case in (first, second):
        leave_out(county, case, "wang", reason=ELSEWHERE)
    leave_out(county, first, "wang", deed="decline")
    leave_out(county, second, "han", deed="decline")
    assert not any(row["excluded"] for row in facts.requests(MONDAY, MONDAY, MONDAY).to_pylist())
    page = text(county.client("chen").get(reverse("requests-exclusions")))
    assert "已撤回，仍计入" in page
    assert "不同意，仍计入" in page


def test_the_list_counts_by_reason_and_shows_only_what_its_reader_sees(county: Cast) -> None:
    for words, reason in (("甲", AGAIN), ("乙", AGAIN), ("丙", ELSEWHERE)):
        leave_out(county, ask(county, words), "wang", reason=reason)
    context = county.client("chen").get(reverse("requests-exclusions")).context
    assert [(row["reason"], row["many"], row["open"]) for row in context["reasons"]] == [
        (AGAIN, 2, 2),
        (ELSEWHERE, 1, 1),
    ]
    narrowed = county.client("chen").get(reverse("requests-exclusions"), {"reason": ELSEWHERE}).context
    assert [row["matter"] for row in narrowed["rows"]] == ["丙"]
    assert county.client("zhao").get(reverse("requests-exclusions")).context["rows"] == []


def test_the_overview_says_how_many_were_done_in_time_and_opens_to_them(county: Cast) -> None:
    case, other = ask(county, "甲"), ask(county, "乙")
    leader = county.client("shen")
    assert (
        len(leader.get(reverse("requests-overview")).context["whole"]["rates"]) == 3
    )  # no clock over the whole
    Case.objects.filter(pk=case.pk).update(whole_due_at=end_of(MONDAY))
    with clock.standing(TUESDAY):
        on_time = leader.get(reverse("requests-overview")).context["whole"]["rates"][3]
        assert (on_time["label"], on_time["done"], on_time["of"]) == ("按期率", 0, 1)
        behind = text(leader.get(on_time["from"]))
    assert case.number in behind
    assert other.number not in behind


def test_routing_shows_its_versions_who_switched_them_and_what_people_chose(county: Cast) -> None:
    model = RoutingModel.objects.create(
        kind="request", field="request-class", version=1, trained_on=MONDAY, trained_by="system", rows=400,
        scores={"measured": 80, "macro_f1": 905, "accuracy": 913, "accuracy_at_80": 968}, content=b"1",
    )  # fmt: skip
    there = reverse("routing-switch", args=[model.pk])
    assert county.client("wang").post(there, {"state": "on"}).status_code == 403
    county.client("chen").post(there, {"state": "on"})
    model.refresh_from_db()
    assert model.active
    case = ask(county, "路面塌了")
    answers = {"request-class": "roads", "request-level": "ordinary", "owner": county.villages["白石村"].pk}
    with clock.standing(MONDAY):
        step = actions.submit(case, by=county.users["wang"], day=MONDAY, outcome="dispatch", answers=answers)
    Proposed.objects.create(step=step, model=model, labels=[["roads", 930]], chosen="roads")
    page = text(county.client("chen").get(reverse("requests-routing")))
    for words in (
        "400 件已办结的诉求",
        "判对 91.3%",
        "96.8%",
        "90.5%",
        "选了第一个的 1 次",
        case.number,
        "93%",
        "和第一个相同",
    ):
        assert words in page, words
    county.client("chen").post(there, {"state": "off"})
    assert [one.deed for one in Entry.objects.filter(deed__startswith="routing.")] == [
        SWITCHED_ON,
        SWITCHED_OFF,
    ]
    assert "停用" in text(county.client("chen").get(reverse("requests-routing")))
    assert case.number not in text(county.client("zhao").get(reverse("requests-routing")))
