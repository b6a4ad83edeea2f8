"""What people see of requests: the orders of a liaison officer by the clock, the desk of a township, the leader's overview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.urls import reverse

from cast import Cast, cast, person
from zugong.accounts.rules import Role
from zugong.bulletins import composing
from zugong.bulletins.models import Bulletin
from zugong.cases import actions, intake
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.period import period
from zugong.registry import actions as registry
from zugong.registry.models import Subject

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
FRIDAY, NEXT_TUESDAY = date(2026, 3, 6), date(2026, 3, 10)


@pytest.fixture
def county() -> Iterator[Cast]:
    with clock.standing(MONDAY):
        made = cast()
        for short, name, klass in (("roads", "县交通运输局", "department"), ("line", "便民热线", "hotline")):
            body = registry.add(
                "organisation", klass=klass, name=name, parent=made.county, since=date(2020, 1, 1), by="t"
            )
            person(made, short, f"{name}经办", "staff", body, [(Role.LIAISON, body)])
        yield made


def body(name: str) -> Subject:
    return Subject.objects.get(particulars__name=name)


def ask(
    county: Cast, words: str = "村口路面塌了一块", *, village: str = "白石村", day: date = MONDAY
) -> Case:
    """A request from the public page, as a receipt holds it."""
    with clock.standing(day):
        receipt, _code = intake.receive(
            "request",
            about=county.villages[village],
            answers={"matter": words},
            channel="public",
            day=day,
            at=clock.now(),
            by=None,
            key=f"{words} {day}",
        )
    return receipt.case


def dispatch(county: Cast, case: Case, *, day: date = MONDAY, called: tuple[str, ...] = ()) -> Case:
    """Sorted by the township to the roads department, alone or with others called."""
    answers = {"request-class": "roads", "request-level": "ordinary", "owner": body("县交通运输局").pk}
    if called:
        answers["called"] = [body(name).pk for name in called]
    outcome = "whistle" if called else "dispatch"
    with clock.standing(day):
        actions.submit(case, by=county.users["wang"], day=day, outcome=outcome, answers=answers)
    return case


def orders(county: Cast, who: str, day: date, **query: str) -> dict[str, list[str]]:
    """Group → what was asked, as the page of orders shows it."""
    with clock.standing(day):
        page = county.client(who).get(reverse("requests-mine"), query)
    return {group["title"]: [row["matter"] for row in group["rows"]] for group in page.context["groups"]}


def test_orders_stand_by_the_clock(county: Cast) -> None:
    dispatch(county, ask(county, "甲"), day=MONDAY)
    dispatch(county, ask(county, "乙", day=TUESDAY), day=TUESDAY)
    assert orders(county, "roads", TUESDAY) == {"以后到期或未设期限": ["甲", "乙"]}
    assert orders(county, "roads", date(2026, 3, 9)) == {"今天到期": ["甲"], "本周到期": ["乙"]}
    assert orders(county, "roads", NEXT_TUESDAY) == {"已逾期": ["甲"], "今天到期": ["乙"]}
    assert orders(county, "zhao", TUESDAY) == {}


def test_one_tap_accepts_and_comes_back_to_the_list(county: Cast) -> None:
    case = dispatch(county, ask(county))
    client = county.client("roads")
    receive = reverse("case-receipt", args=[case.pk])
    assert receive in client.get(reverse("requests-mine")).content.decode()
    there = client.post(f"{receive}?back=mine")
    assert there.url == reverse("requests-mine")
    case.refresh_from_db()
    assert case.state == "underway"
    assert receive not in client.get(reverse("requests-mine")).content.decode()


def test_a_called_unit_arrives_with_one_tap_and_refuses_on_a_form_that_asks_why(county: Cast) -> None:
    dispatch(county, ask(county), called=("县农业农村局",))
    person(county, "xu", "许棠", "staff", county.bureau, [(Role.LIAISON, county.bureau)])
    client = county.client("xu")
    (row,) = client.get(reverse("requests-mine")).context["groups"][0]["rows"]
    arrive, refuse = row["buttons"]
    assert (row["matter"], arrive["label"], arrive["outcome"]) == ("村口路面塌了一块", "已报到", "arrived")
    assert refuse["outcome"] == ""
    assert client.get(refuse["href"]).context["form"]["outcome"].value() == "not-ours"
    assert "县农业农村局" in [one["holder"] for one in mine(county, "wang")["called"]]
    client.post(arrive["href"], {"outcome": "arrived", "rests_on": row["rests_on"]})
    assert Case.objects.get(kind="report-task").stage == "act"
    assert mine(county, "wang")["called"] == []


def mine(county: Cast, who: str) -> dict[str, list[dict[str, object]]]:
    return county.client(who).get(reverse("requests-mine")).context


def test_what_is_counted_is_never_one_tap(county: Cast) -> None:
    case = dispatch(county, ask(county))
    done = {"handling": "填好了", "response": "已填好"}
    actions.submit(case, by=county.users["roads"], day=MONDAY, outcome="solved", answers=done)
    (row,) = county.client("wang").get(reverse("requests-mine")).context["groups"][0]["rows"]
    assert [one["outcome"] for one in row["buttons"]] == ["", "", ""]


def test_a_township_sorts_and_calls_back_and_sees_what_lies_with_others(county: Cast) -> None:
    dispatch(county, ask(county, "甲"))
    ask(county, "乙")
    page = mine(county, "wang")
    assert [row["matter"] for row in page["elsewhere"]] == ["甲"]
    assert page["elsewhere"][0]["holder"] == "县交通运输局"
    assert orders(county, "wang", MONDAY) == {"本周到期": ["乙"]}


def test_steps_that_wait_can_be_looked_at_one_by_one(county: Cast) -> None:
    case = dispatch(county, ask(county, "甲"))
    done = {"handling": "填好了", "response": "已填好"}
    actions.submit(case, by=county.users["roads"], day=MONDAY, outcome="solved", answers=done)
    ask(county, "乙")
    tabs = {tab["label"]: tab["count"] for tab in mine(county, "wang")["tabs"]}
    assert tabs == {"全部": 2, "回访评价": 1, "分办": 1}
    assert orders(county, "wang", MONDAY, stage="call-back") == {"本周到期": ["甲"]}


def test_the_hotline_follows_what_it_took_in_wherever_it_is(county: Cast) -> None:
    dispatch(county, ask(county, "甲"))
    assert [row["matter"] for row in mine(county, "line")["elsewhere"]] == ["甲"]


def test_a_grid_worker_finds_on_the_desk_and_in_the_menu_where_to_enter_a_request(county: Cast) -> None:
    person(county, "gao", "高荷", "grid-worker", county.villages["白石村"], [(Role.CADRE, None)])
    there, menu = reverse("request-on-foot"), f'href="{reverse("requests")}"'
    page = county.client("gao").get(reverse("desk")).content.decode()
    assert there in page
    assert menu in page.split("</nav>", 1)[0]
    other = county.client("cai").get(reverse("desk")).content.decode()
    assert there not in other
    assert menu not in other.split("</nav>", 1)[0]


def test_how_we_are_doing_leads_to_what_is_hot(county: Cast) -> None:
    page = county.client("shen").get(reverse("requests-overview")).content.decode()
    assert f'href="{reverse("requests-hot")}"' in page


def test_who_sees_nothing_of_requests_has_no_such_page(county: Cast) -> None:
    ask(county)
    assert county.client("cai").get(reverse("requests-mine")).status_code == 403


# --- How are we doing ------------------------------------------------------------------


def lived(county: Cast, words: str, *, outcome: str = "solved", said: str = "", day: date = MONDAY) -> Case:
    """A request that was dispatched, handled with an outcome, and perhaps rated."""
    case = dispatch(county, ask(county, words, day=day), day=day)
    done = {"handling": "办了", "response": "已答复"}
    with clock.standing(day):
        actions.submit(case, by=county.users["roads"], day=day, outcome=outcome, answers=done)
        if said:
            note = {"call-note": "还不行"} if said == "dissatisfied" else {}
            actions.submit(case, by=county.users["wang"], day=day, outcome=said, answers=note)
    return case


@pytest.fixture
def month(county: Cast) -> Cast:
    lived(county, "一", said="satisfied")
    lived(county, "二", said="unreachable")
    lived(county, "三", outcome="explained")
    lived(county, "四", said="satisfied", day=TUESDAY)
    dispatch(county, ask(county, "五"))
    ask(county, "六", village="云坪村")
    first, second = ask(county, "七"), ask(county, "七也", village="白石村")
    actions.merge(second, first, by=county.users["wang"], day=MONDAY, reason="同一件")
    return county


def overview(county: Cast, who: str = "shen", **query: str):
    with clock.standing(FRIDAY):
        return county.client(who).get(reverse("requests-overview"), {"on": "2026-03-06"} | query)


def test_the_leader_sees_each_rate_with_its_counts_and_what_is_counted_apart(month: Cast) -> None:
    whole = overview(month).context["whole"]
    assert whole["many"] == 8
    assert [(one["done"], one["of"]) for one in whole["rates"]] == [(4, 7), (3, 4), (2, 2)]
    assert [one["count"] for one in whole["apart"]] == [1, 1, 0]


def test_too_few_are_counted_and_not_made_a_rate(month: Cast) -> None:
    whole = overview(month).context["whole"]
    assert [one["share"] for one in whole["rates"]] == [None, None, None]  # the pack asks for ten
    assert "件数太少，不算率" in overview(month).content.decode()


@pytest.mark.parametrize("by", ["class", "township", "community", "department", "week", "channel"])
def test_every_figure_leads_to_exactly_its_requests(month: Cast, by: str) -> None:
    page, client = overview(month, by=by), month.client("shen")
    lines = page.context["lines"]
    assert sum(line["many"] for line in lines) == 8
    with clock.standing(FRIDAY):
        for line in [*lines, page.context["whole"]]:
            links = [(line["all"], line["many"])]
            links += [(one["there"], one["done"]) for one in line["rates"]]
            links += [(one["from"], one["of"]) for one in line["rates"]]
            links += [(one["there"], one["count"]) for one in line["apart"]]
            for there, count in links:
                assert client.get(there).context["page"].paginator.count == count, there


def test_a_township_is_compared_by_its_villages(month: Cast) -> None:
    lines = {line["name"]: line for line in overview(month, by="township").context["lines"]}
    with clock.standing(FRIDAY):
        page = month.client("shen").get(f"{reverse('requests-overview')}{lines['禾汀镇党委']['into']}")
    assert {line["name"]: line["many"] for line in page.context["lines"]} == {"白石村党支部": 7}


def test_an_earlier_day_shows_what_was_known_then(month: Cast) -> None:
    assert overview(month, on="2026-03-02").context["whole"]["many"] == 7


def test_the_overview_names_no_person(month: Cast) -> None:
    page = overview(month, by="department").content.decode().split("<main", 1)[1]
    assert not [user.called for user in month.users.values() if user.called in page]


def test_a_township_counts_its_own_requests_only(month: Cast) -> None:
    assert overview(month, "zhao").context["whole"]["many"] == 1


def test_the_same_table_goes_out_as_a_workbook(month: Cast) -> None:
    page = overview(month, **{"as": "xlsx"})
    assert page["Content-Type"].endswith("spreadsheetml.sheet")


def test_each_week_stands_in_the_picture(month: Cast) -> None:
    assert "每周提出的诉求" in overview(month).content.decode()


def test_who_may_see_nothing_has_no_overview(county: Cast) -> None:
    assert county.client("cai").get(reverse("requests-overview")).status_code == 403


# --- The bulletin of the month ----------------------------------------------------------


def test_the_bulletin_counts_by_class_and_unit_and_names_nobody(month: Cast) -> None:
    entry = month.policy.bulletin("requests-monthly")
    by_class, by_unit, by_township = composing.compose(month.policy, entry, period("month", MONDAY), FRIDAY)[
        "sections"
    ]
    assert [row[1:] for row in by_class["rows"]] == [[5, 4, 3, 2, 1], [2, 0, 0, 0, 0]]
    assert [row[:2] for row in by_unit["rows"]] == [
        ["县交通运输局", 5],
        [{"zh": "暂无承办单位", "en": "No owner yet"}, 2],
    ]
    assert {row[0]: row[1] for row in by_township["rows"]} == {"禾汀镇党委": 6, "麓山乡党委": 1}
    assert "已答复 4/7 [件数少，不算率]" in by_class["sentence"]["zh"]
    said = str([by_class, by_unit, by_township])
    assert not [user.called for user in month.users.values() if user.called in said]


@pytest.mark.parametrize(("kind", "begins"), [("docx", b"PK"), ("pdf", b"%PDF"), ("xlsx", b"PK")])
def test_the_bulletin_prints(month: Cast, kind: str, begins: bytes) -> None:
    with clock.standing(FRIDAY):
        client = month.client("chen")
        client.post(reverse("bulletins"), {"kind": "requests-monthly", "within": "2026-03"})
        answer = client.get(reverse("bulletin-paper", args=[Bulletin.objects.get().pk, kind]))
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
