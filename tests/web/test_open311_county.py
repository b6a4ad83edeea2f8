"""What the county relies on where other systems bring requests in: the right place, the key's name, one count, no caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

import georeport
from cast import Cast
from georeport import LAMP, NAMES, ROAD, Geo
from zugong.accounts.models import Key
from zugong.cases import intake
from zugong.cases.models import Case, Receipt
from zugong.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _made_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield georeport.county()
        transaction.set_rollback(True)


@pytest.fixture
def county(_made_once: Cast, db: None) -> Cast:
    return _made_once


@pytest.fixture
def geo(county: Cast) -> Geo:
    return Geo("json", georeport.key())


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("禾汀镇白石村三组", "白石村"),
        ("青穆县穆溪街道柳浦村12号", "柳浦村"),
        ("麓山乡集镇路口", "麓山乡"),
        ("某处路口", "青穆县委"),
        ("白石村和杜若村交界", "青穆县委"),
    ],
)
def test_a_request_is_about_the_lowest_place_that_the_address_names(
    geo: Geo, county: Cast, address: str, place: str
) -> None:
    geo.ask(LAMP, address_string=address)
    assert Case.objects.get().about.name_on(clock.today()).startswith(place)


def test_of_two_places_of_a_name_the_address_says_which(geo: Geo, county: Cast) -> None:
    there = county.townships["麓山乡"]
    twin = georeport.registry.add(
        "organisation",
        klass="village",
        name="白石村党支部",
        parent=there,
        since=georeport.LONG_AGO,
        by="测试",
    )
    geo.ask(LAMP, address_string="麓山乡白石村")
    assert Case.objects.get().about == twin


def test_the_receipt_says_which_system_brought_it_and_the_key_when_it_was_used(
    geo: Geo, county: Cast
) -> None:
    geo.ask(LAMP)
    receipt = Receipt.objects.get()
    assert receipt.channel == "api"
    assert receipt.through is not None
    assert receipt.through.label == "某市民热线平台"
    assert receipt.through.used_on == clock.today()
    assert receipt.taken_by is None


def test_the_code_in_the_notice_leads_whoever_asked_to_the_receipt(geo: Geo) -> None:
    notice = geo.post(geo.asking(LAMP)).one["service_notice"]
    receipt = Receipt.objects.get()
    code = notice.partition("查询码 ")[2].partition("：")[0]
    assert intake.found_by(receipt.number, code) == receipt


def test_of_a_caller_no_more_is_kept_than_is_needed_to_call_back(geo: Geo) -> None:
    caller = {
        "first_name": "清禾",
        "last_name": "陆",
        "phone": "13900004417",
        "email": "lu@example.org",
        "device_id": "d-1",
    }
    geo.ask(LAMP, **caller)
    kept = georeport.answered(georeport.newest())
    assert kept["reach"] == "陆清禾 13900004417"
    assert Receipt.objects.get().caller == intake.mark("13900004417")


@pytest.mark.parametrize("channel", ["public", "hotline"])
def test_what_came_in_elsewhere_is_not_told_here(geo: Geo, county: Cast, channel: str) -> None:
    geo.ask(LAMP)
    Receipt.objects.update(channel=channel)
    assert geo.listed() == []
    assert geo.get(f"requests/{Receipt.objects.get().number}").status == 404


def test_who_it_waits_for_is_named_as_the_pack_calls_them_and_who_holds_it_by_name(
    geo: Geo, county: Cast
) -> None:
    made = geo.ask(LAMP)
    role = county.policy.roles["organisation-department"].label
    assert geo.get(f"requests/{made}").one["agency_responsible"] == role
    Case.objects.update(holder=county.bureau)
    assert geo.get(f"requests/{made}").one["agency_responsible"] == "县农业农村局"
    Case.objects.update(holder=county.people["wang"])
    assert geo.get(f"requests/{made}").one["agency_responsible"] == role


def test_the_stage_and_then_the_outcome_say_where_it_stands(geo: Geo, county: Cast) -> None:
    made = geo.ask(LAMP)
    assert geo.get(f"requests/{made}").one["status_notes"] == "办理"
    georeport.close(county, georeport.newest())
    assert geo.get(f"requests/{made}").one["status_notes"] == "已经解决"


def test_a_thousand_requests_are_as_many_questions_as_one(
    geo: Geo, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    geo.ask(LAMP)
    georeport.crowd(999)
    with django_assert_max_num_queries(12):
        assert len(geo.listed()) == 1000


@override_settings(PUBLIC_ASKS_IN_ALL=1)
def test_a_system_that_brings_too_many_is_told_so_and_another_is_not(geo: Geo) -> None:
    geo.ask(LAMP)
    held = geo.post(geo.asking(LAMP))
    assert held.status == 429
    assert Case.objects.count() == 1
    other = Geo("json", georeport.key("另一平台"))
    assert other.ask(LAMP)


def test_an_attribute_that_nobody_asks_is_refused_and_named(geo: Geo) -> None:
    refused = geo.post(geo.asking(LAMP, **{"attribute[colour]": "red"}))
    assert refused.status == 400
    assert "colour" in refused.complaint


def test_a_second_key_of_the_same_text_is_another_request_and_the_same_one_is_not(geo: Geo) -> None:
    asking = geo.asking(LAMP)
    first, again = (geo.post(asking, Idempotency_Key="k" * 300).one for _ in range(2))
    assert first["service_notice"] == again["service_notice"]
    assert Key.objects.count() == 1


def test_an_outside_key_leads_nobody_to_the_receipt_of_another(geo: Geo) -> None:
    made = geo.id_of(geo.post(geo.asking(LAMP), Idempotency_Key="000417"))
    key = Key.objects.get()
    for guessed in (f"open311 {key.pk} 000417", f"open311 {geo.key} 000417", "000417"):
        assert intake.received(guessed) is None
    assert geo.listed() == [made]


def test_a_zone_that_no_place_has_breaks_no_answer(geo: Geo) -> None:
    assert geo.listed(end_date="2000-01-01T00:00:00-19:07") == []


def test_english_is_answered_in_english(geo: Geo) -> None:
    answer = geo.browser.get("/open311/v2/services.json", headers={"Accept-Language": "en"})
    assert "Street lamp out" in answer.content.decode()


def test_what_is_refused_around_the_interface_is_said_in_its_formats(county: Cast) -> None:
    for form in ("xml", "json"):
        geo = Geo(form)
        for answer in (
            geo.fetch(f"/open311/v2/nothing.{form}"),
            geo._read(geo.browser.put(f"/open311/v2/requests.{form}")),
        ):
            assert answer.status in (404, 405)
            assert answer.errors
            assert "没有这个地址" in answer.complaint or "不接受" in answer.complaint


def test_before_rules_are_in_force_there_is_no_service(county: Cast) -> None:
    with clock.standing(date(2019, 12, 31)):
        assert Geo("json").get("services").content == []
        assert Geo("xml").get(f"services/{NAMES[ROAD]}").status == 404
