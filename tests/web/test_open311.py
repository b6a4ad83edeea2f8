"""What a client of Open311 GeoReport v2 may rely on, written from the specification and not from the server.

https://wiki.open311.org/GeoReport_v2 and https://wiki.open311.org/Service_Discovery. Where this product says less than the
specification allows (no coordinates, no caller) a test says what comes back instead. `georeport` is the client and the county.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

import georeport
from cast import Cast
from georeport import (
    ADDRESS_ID,
    BASE,
    BY_PHONE_ONLY,
    COMPLAINT,
    LAMP,
    NAMES,
    ROAD,
    ROOT,
    TOWNSHIP_ID,
    TYPES,
    VILLAGE,
    WELL,
    Geo,
)
from zugong.cases.models import Case
from zugong.core import clock

pytestmark = pytest.mark.django_db

DATATYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
SERVICE = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
ATTRIBUTE = {"variable", "code", "datatype", "required", "datatype_description", "order", "description"}
ALWAYS = {
    "service_request_id", "status", "service_name", "service_code", "description", "requested_datetime",
    "updated_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
}  # fmt: skip
AT_TIMES = {"status_notes", "agency_responsible", "service_notice", "expected_datetime"}
# Another system's caller. No word of it stands in any pack, so finding one of them anywhere is finding the caller.
CALLER = {
    "email": "qinghe.lu@example.org",
    "device_id": "device-7f3a9c51",
    "account_id": "account-20881",
    "first_name": "清禾",
    "last_name": "陆",
    "phone": "13900004417",
}
SHOWN = {
    name: value for name, value in CALLER.items() if name != "last_name"
}  # 陆 alone is in too many words


@pytest.fixture(scope="module")
def _made_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """One county for the file; each test takes back what it did in it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield georeport.county()
        transaction.set_rollback(True)


@pytest.fixture
def county(_made_once: Cast, db: None) -> Cast:
    return _made_once


@pytest.fixture(params=["xml", "json"])
def geo(request: pytest.FixtureRequest, county: Cast) -> Geo:
    """A client of either format, with a key."""
    return Geo(request.param, georeport.key())


@pytest.fixture
def records(county: Cast) -> Callable[[], int]:
    """How many requests the county has kept."""
    return Case.objects.count


def around(moment: datetime, **apart: float) -> dict[str, str]:
    """A span of dates around a moment."""
    width = timedelta(**apart)
    return {"start_date": georeport.w3(moment - width), "end_date": georeport.w3(moment + width)}


def at(geo: Geo, day: date, hour: int = 9, minute: int = 0, **given: str) -> str:
    """Ask on another day."""
    with clock.standing(day, hour, minute):
        return geo.ask(LAMP, **given)


# --- Formats --------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource", ["services", "services/{code}", "requests", "requests/{id}", "requests/0000", "services/none"]
)
def test_every_answer_names_its_type_and_is_utf_8(geo: Geo, resource: str) -> None:
    made = geo.ask(ROAD, **part(geo))
    answer = geo.get(resource.format(code=geo.code_of(ROAD), id=made))
    kind, _, charset = answer.raw.headers["Content-Type"].lower().partition(";")
    assert kind.strip() == TYPES[geo.form]
    assert charset.strip() == "charset=utf-8"
    assert answer.text


@pytest.mark.parametrize("resource", ["services", "requests", "requests/0000"])
def test_xml_begins_with_its_declaration_and_its_encoding(county: Cast, resource: str) -> None:
    declaration = Geo("xml").get(resource).text.split("?>")[0].lower().replace("'", '"')
    assert declaration.startswith("<?xml ")
    assert 'version="1.0"' in declaration
    assert 'encoding="utf-8"' in declaration


def test_xml_has_the_elements_of_the_specification_in_their_places_and_no_others(county: Cast) -> None:
    geo = Geo("xml", georeport.key())
    posted = geo.post(geo.asking(ROAD, **part(geo)))
    pages = {
        "services": geo.get("services"),
        "service_definition": geo.get(f"services/{geo.code_of(ROAD)}"),
        "service_requests": geo.get("requests"),
        "errors": geo.get("requests/0000"),
    }
    allowed = {
        "": set(pages),
        "services": {"service"},
        "service": SERVICE,
        "service_definition": {"service_code", "attributes"},
        "attributes": {"attribute"},
        "attribute": ATTRIBUTE | {"values"},
        "values": {"value"},
        "value": {"key", "name"},
        "service_requests": {"request"},
        "request": ALWAYS | AT_TIMES,
        "errors": {"error"},
        "error": {"code", "description"},
    }
    for root, page in pages.items():
        found = georeport.tags(page.raw.content)
        assert found[0] == ("", root)
        assert [pair for pair in found if pair[1] not in allowed.get(pair[0], set())] == []
    assert {name for where, name in georeport.tags(posted.raw.content) if where == "request"} <= {
        "service_request_id", "token", "service_notice", "account_id",
    }  # fmt: skip


def test_json_is_the_xml_without_the_name_of_its_root(county: Cast) -> None:
    xml, json_ = Geo("xml", georeport.key()), Geo("json")
    made = xml.ask(ROAD, **part(xml))
    code = xml.code_of(ROAD)
    for resource in ("services", f"services/{code}", "requests", f"requests/{made}"):
        assert filled(json_.get(resource).content) == filled(xml.get(resource).content), resource


def filled(value: Any) -> Any:
    """Leave out what is empty: an element that is not there and an empty one say the same."""
    if isinstance(value, list):
        return [filled(each) for each in value]
    if isinstance(value, dict):
        return {name: filled(each) for name, each in value.items() if each not in ("", [])}
    return value


@pytest.mark.parametrize("resource", ["services", "requests", "requests/{id}"])
def test_json_has_a_list_where_xml_has_a_container_even_around_one(county: Cast, resource: str) -> None:
    geo = Geo("json", georeport.key())
    made = geo.ask(LAMP)
    content = json.loads(geo.get(resource.format(id=made)).raw.content)
    assert isinstance(content, list)
    assert all(isinstance(each, dict) for each in content)


def test_json_has_lists_in_a_definition_and_around_one_error(county: Cast) -> None:
    geo = Geo("json")
    definition = json.loads(geo.get(f"services/{geo.code_of(ROAD)}").raw.content)
    assert isinstance(definition, dict)
    assert isinstance(definition["attributes"], list)
    assert any(isinstance(attribute.get("values"), list) for attribute in definition["attributes"])
    assert isinstance(json.loads(geo.get("services/none").raw.content), list)


def test_json_says_true_null_and_one_not_their_words(county: Cast) -> None:
    geo = Geo("json", georeport.key())
    services = json.loads(geo.get("services").raw.content)
    assert {type(service["metadata"]) for service in services} == {bool}
    attributes = json.loads(geo.get(f"services/{geo.code_of(ROAD)}").raw.content)["attributes"]
    assert {type(attribute[name]) for attribute in attributes for name in ("variable", "required")} == {bool}
    assert {type(attribute["order"]) for attribute in attributes} == {int}
    geo.ask(LAMP)
    (request,) = json.loads(geo.get("requests").raw.content)
    assert request["lat"] is None
    assert request["media_url"] is None


def test_nothing_found_is_an_empty_list(geo: Geo) -> None:
    answer = geo.get("requests")
    assert answer.status == 200
    assert answer.content == []


def test_the_address_says_the_format_whatever_the_accept_header_says(geo: Geo) -> None:
    other = TYPES["json" if geo.form == "xml" else "xml"]
    response = geo.browser.get(f"{BASE}services.{geo.form}", headers={"Accept": other})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(TYPES[geo.form])


@pytest.mark.parametrize("resource", ["services", "requests", "services.yaml", "requests.html"])
def test_an_address_without_a_known_format_is_not_found(county: Cast, resource: str) -> None:
    assert Geo("xml").fetch(BASE + resource).status in (404, 406)


@pytest.mark.parametrize("resource", ["nothing", "services/a/b", "requests/1/2"])
def test_a_resource_that_the_specification_does_not_know_is_not_found(geo: Geo, resource: str) -> None:
    assert geo.get(resource).status == 404


def test_nobody_signs_in_and_nothing_is_left_in_the_client(geo: Geo) -> None:
    made = geo.post(geo.asking(LAMP))
    read = geo.get("requests")
    assert (made.status // 100, read.status) == (2, 200)
    assert not made.raw.cookies
    assert not read.raw.cookies


def test_a_service_list_is_only_read(geo: Geo) -> None:
    for method in (geo.browser.post, geo.browser.put, geo.browser.delete):
        assert 400 <= method(f"{BASE}services.{geo.form}").status_code < 500


# --- Jurisdiction ---------------------------------------------------------------


@pytest.mark.parametrize("resource", ["services", "services/{code}", "requests", "requests/{id}"])
def test_the_one_jurisdiction_need_not_be_named(geo: Geo, resource: str) -> None:
    made = geo.ask(ROAD, **part(geo))
    where = resource.format(code=geo.code_of(ROAD), id=made)
    assert geo.get(where).status == 200
    assert geo.get(where, jurisdiction_id="").content == geo.get(where).content


@pytest.mark.parametrize("resource", ["services", "services/{code}", "requests", "requests/{id}", "tokens/1"])
def test_another_jurisdiction_is_not_found_and_the_answer_says_so(geo: Geo, resource: str) -> None:
    made = geo.ask(ROAD, **part(geo))
    where = resource.format(code=geo.code_of(ROAD), id=made)
    refused = geo.get(where, jurisdiction_id="elsewhere.example")
    assert refused.status == 404
    assert "jurisdiction_id" in refused.complaint


def test_nothing_is_asked_of_another_jurisdiction(geo: Geo, records: Callable[[], int]) -> None:
    refused = geo.post(geo.asking(LAMP, jurisdiction_id="elsewhere.example"))
    assert refused.status == 404
    assert "jurisdiction_id" in refused.complaint
    assert records() == 0


# --- Services -------------------------------------------------------------------


def test_a_service_says_all_that_the_specification_asks(geo: Geo) -> None:
    services = geo.get("services").content
    assert services
    for service in services:
        assert set(service) == SERVICE
        assert all(service[name] for name in ("service_code", "service_name", "description"))
        assert service["metadata"] in ("true", "false")
        assert service["type"] in ("realtime", "batch", "blackbox")


def test_codes_are_unique_and_fit_into_an_address(geo: Geo) -> None:
    codes = [service["service_code"] for service in geo.get("services").content]
    assert len(set(codes)) == len(codes)
    assert not any(mark in code for code in codes for mark in "/?#,& ")


def test_keywords_are_parted_by_commas(geo: Geo) -> None:
    said = [service["keywords"] for service in geo.get("services").content]
    words = [word for keywords in said for word in keywords.split(",")]
    assert not any(mark in word for word in words for mark in ";；、，\n")


def test_metadata_is_true_just_where_a_definition_asks_something(geo: Geo) -> None:
    for service in geo.get("services").content:
        definition = geo.get(f"services/{service['service_code']}")
        asks = definition.status == 200 and bool(definition.content["attributes"])
        assert (service["metadata"] == "true") == asks, service
    assert geo.service(LAMP)["metadata"] == "false"
    assert geo.service(ROAD)["metadata"] == "true"


def test_reading_services_needs_no_key_and_a_wrong_one_does_not_matter(geo: Geo) -> None:
    assert geo.get("services").content == geo.get("services", api_key="wrong").content


def test_what_is_not_taken_by_this_way_is_no_service(geo: Geo) -> None:
    names = {service["service_name"] for service in geo.get("services").content}
    assert {LAMP, ROAD} <= names
    assert names.isdisjoint({BY_PHONE_ONLY, COMPLAINT})


# --- Definitions ----------------------------------------------------------------


def test_a_definition_says_whose_it_is(geo: Geo) -> None:
    code = geo.code_of(ROAD)
    answer = geo.get(f"services/{code}")
    assert answer.status == 200
    assert answer.content["service_code"] == code


def test_an_attribute_says_all_that_the_specification_asks(geo: Geo) -> None:
    for attribute in geo.attributes(ROAD):
        assert set(attribute) - {"values"} == ATTRIBUTE
        assert attribute["code"]
        assert attribute["description"]
        assert attribute["variable"] in ("true", "false")
        assert attribute["required"] in ("true", "false")
        assert attribute["datatype"] in DATATYPES


def test_codes_and_orders_of_attributes_are_unique(geo: Geo) -> None:
    attributes = geo.attributes(ROAD)
    orders = [int(attribute["order"]) for attribute in attributes]
    assert min(orders) >= 1
    assert len(set(orders)) == len(orders)
    assert len({attribute["code"] for attribute in attributes}) == len(attributes)


@pytest.mark.parametrize("datatype", ["number", "datetime", "singlevaluelist", "multivaluelist"])
def test_what_the_county_asks_has_the_datatype_that_says_how(geo: Geo, datatype: str) -> None:
    assert geo.attribute(ROAD, datatype)["variable"] == "true"


def test_a_question_of_several_lines_is_a_text(geo: Geo) -> None:
    assert "其他情况" in geo.attribute(ROAD, "text")["description"]


def test_required_is_what_the_county_requires(geo: Geo) -> None:
    required = [each["datatype"] for each in geo.attributes(ROAD) if each["required"] == "true"]
    assert required == ["singlevaluelist"]


def test_lists_and_only_lists_name_their_values(geo: Geo) -> None:
    for attribute in geo.attributes(ROAD):
        values = attribute.get("values") or []
        assert bool(values) == (attribute["datatype"] in ("singlevaluelist", "multivaluelist"))
        assert all(set(value) == {"key", "name"} and all(value.values()) for value in values)
        assert len({value["key"] for value in values}) == len(values)
    names = [value["name"] for value in geo.attribute(ROAD, "multivaluelist")["values"]]
    assert names == ["深坑", "塌陷", "积水"]


def test_what_has_its_own_parameter_is_no_attribute(geo: Geo) -> None:
    asked = " ".join(attribute["description"] for attribute in geo.attributes(ROAD))
    assert not any(word in asked for word in ("反映的事情", "地点", "联系方式"))


def test_the_definition_of_no_service_is_not_found_and_the_answer_says_so(geo: Geo) -> None:
    refused = geo.get("services/none")
    assert refused.status == 404
    assert "service_code" in refused.complaint


# --- The key --------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_nothing_is_asked_without_a_key(geo: Geo, records: Callable[[], int], key: str | None) -> None:
    given = geo.asking(LAMP)
    del given["api_key"]
    refused = geo.post(given if key is None else {**given, "api_key": key})
    assert refused.status == 403
    assert "api_key" in refused.complaint
    assert records() == 0


def test_a_key_that_was_taken_back_is_none(geo: Geo, records: Callable[[], int]) -> None:
    lost = georeport.key("另一平台")
    georeport.revoke("另一平台")
    assert geo.post(geo.asking(LAMP, api_key=lost)).status == 403
    assert records() == 0
    assert geo.post(geo.asking(LAMP)).status // 100 == 2


# --- Asking ---------------------------------------------------------------------


def part(geo: Geo) -> dict[str, str]:
    """The one thing that a request about a road must say beside its words."""
    attribute = geo.attribute(ROAD, "singlevaluelist")
    return {f"attribute[{attribute['code']}]": attribute["values"][0]["key"]}


def key_of(geo: Geo, datatype: str, name: str) -> str:
    """What stands for a value of a list that people read under this name."""
    (found,) = [value["key"] for value in geo.attribute(ROAD, datatype)["values"] if value["name"] == name]
    return str(found)


def test_the_answer_has_what_the_type_of_the_service_promises(geo: Geo) -> None:
    promised = {"realtime": ["service_request_id"], "batch": ["token"], "blackbox": []}
    answer = geo.post(geo.asking(LAMP))
    assert answer.status in (200, 201)
    assert [name for name in ("service_request_id", "token") if answer.one[name]] == promised[
        geo.service(LAMP)["type"]
    ]


def test_what_was_asked_is_found_by_its_id(geo: Geo) -> None:
    made = geo.ask(LAMP, description="三号楼下的路灯不亮")
    answer = geo.get(f"requests/{made}")
    assert answer.status == 200
    assert answer.one["service_request_id"] == made
    assert answer.one["description"] == "三号楼下的路灯不亮"
    assert answer.one["service_code"] == geo.code_of(LAMP)


def test_both_formats_are_answered_with_the_same_kind_of_id(county: Cast) -> None:
    key = georeport.key()
    xml, json_ = Geo("xml", key), Geo("json", key)
    made = [xml.ask(LAMP), json_.ask(LAMP)]
    assert sorted(made) == sorted(json_.listed()) == sorted(xml.listed())


def test_the_order_of_what_is_given_does_not_matter(geo: Geo) -> None:
    given = [*geo.asking(ROAD, **part(geo)).items()]
    first, second = geo.id_of(geo.post(given)), geo.id_of(geo.post(given[::-1]))
    timed = {"service_request_id", "requested_datetime", "updated_datetime", "expected_datetime"}
    said = [
        {name: value for name, value in geo.get(f"requests/{made}").one.items() if name not in timed}
        for made in (first, second)
    ]
    assert first != second
    assert said[0] == said[1]


def test_only_service_place_and_key_must_be_given(geo: Geo) -> None:
    given = geo.asking(LAMP)
    del given["description"]
    assert geo.get(f"requests/{geo.id_of(geo.post(given))}").one["description"] == ""


def test_a_county_that_requires_words_says_so(geo: Geo, records: Callable[[], int]) -> None:
    refused = geo.post(geo.asking(ROAD, description="", **part(geo)))
    assert refused.status == 400
    assert "description" in refused.complaint
    assert records() == 0


def test_what_is_optional_and_empty_was_not_given(geo: Geo) -> None:
    nothing = dict.fromkeys([*CALLER, "lat", "long", "address_id", "media_url", "jurisdiction_id"], "")
    assert geo.ask(LAMP, **nothing)


@pytest.mark.parametrize("missing", [None, ""])
def test_a_request_without_a_service_is_refused(
    geo: Geo, records: Callable[[], int], missing: str | None
) -> None:
    given = geo.asking(LAMP, service_code="")
    if missing is None:
        del given["service_code"]
    refused = geo.post(given)
    assert refused.status == 400
    assert "service_code" in refused.complaint
    assert records() == 0


@pytest.mark.parametrize("code", ["none", NAMES[BY_PHONE_ONLY], NAMES[COMPLAINT], "rectification"])
def test_a_request_for_what_is_no_service_is_not_found(
    geo: Geo, records: Callable[[], int], code: str
) -> None:
    refused = geo.post(geo.asking(LAMP, service_code=code))
    assert refused.status == 404
    assert "service_code" in refused.complaint
    assert records() == 0


@pytest.mark.parametrize(
    "place",
    [
        {"address_string": "青穆县穆溪街道柳浦路3号"},
        {"address_id": ADDRESS_ID},
        {"lat": "30.123456", "long": "104.654321"},
        {"lat": "-0.5", "long": "0"},
    ],
    ids=lambda place: "+".join(place),
)
def test_one_way_to_say_where_is_enough(geo: Geo, place: dict[str, str]) -> None:
    assert geo.ask(LAMP, **{"address_string": ""} | place)


@pytest.mark.parametrize(
    "place",
    [{}, {"lat": "30.1"}, {"long": "104.6"}, {"lat": "north", "long": "east"}, {"lat": "91", "long": "181"}],
    ids=str,
)
def test_a_request_without_a_whole_place_is_refused(
    geo: Geo, records: Callable[[], int], place: dict[str, str]
) -> None:
    refused = geo.post(geo.asking(LAMP, **{"address_string": ""} | place))
    assert refused.status == 400
    assert refused.errors
    assert records() == 0


def test_an_address_id_that_the_county_does_not_know_is_refused(geo: Geo, records: Callable[[], int]) -> None:
    refused = geo.post(geo.asking(LAMP, address_string="", address_id="000000000000"))
    assert refused.status == 400
    assert "address_id" in refused.complaint
    assert records() == 0


def test_what_a_village_handles_goes_to_the_village_that_is_named(geo: Geo, county: Cast) -> None:
    assert geo.get(f"requests/{geo.ask(WELL, address_id=ADDRESS_ID)}").one["address_id"] == ADDRESS_ID
    assert georeport.newest().about == county.villages[VILLAGE]


@pytest.mark.parametrize("place", [{"address_string": "一处空地"}, {"lat": "30.1", "long": "104.6"}], ids=str)
def test_what_a_village_handles_is_guessed_for_no_village(
    geo: Geo, records: Callable[[], int], place: dict[str, str]
) -> None:
    refused = geo.post(geo.asking(WELL, **{"address_string": ""} | place))
    assert refused.status == 400
    assert "address_id" in refused.complaint
    assert records() == 0


def test_what_a_village_handles_is_given_to_nothing_else(geo: Geo, records: Callable[[], int]) -> None:
    refused = geo.post(geo.asking(WELL, address_id=TOWNSHIP_ID))
    assert refused.status == 400
    assert "address_id" in refused.complaint
    assert records() == 0


def test_an_address_comes_back_and_its_id_with_it(geo: Geo) -> None:
    made = geo.ask(LAMP, address_id=ADDRESS_ID, address_string="柳溪村文化广场东侧")
    request = geo.get(f"requests/{made}").one
    assert "柳溪村文化广场东侧" in request["address"]
    assert request["address_id"] == ADDRESS_ID


def test_coordinates_are_taken_and_not_kept(geo: Geo) -> None:
    made = geo.ask(LAMP, lat="30.123456", long="104.654321")
    answer = geo.get(f"requests/{made}")
    assert (answer.one["lat"], answer.one["long"]) == ("", "")
    assert "30.12" not in answer.text
    assert not any("30.12" in str(value) for value in georeport.answered(georeport.newest()).values())


def test_a_picture_is_an_address_of_the_web_or_nothing(geo: Geo) -> None:
    there = "https://pictures.example.org/lamp.jpg"
    made = geo.ask(LAMP, media_url=there)
    assert geo.get(f"requests/{made}").one["media_url"] in ("", there)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "lamp.jpg"])
def test_an_address_that_is_none_of_the_web_never_comes_back(geo: Geo, address: str) -> None:
    geo.post(geo.asking(LAMP, media_url=address))
    answer = geo.get("requests")
    assert answer.status == 200
    assert address not in answer.text


def test_a_description_of_4000_characters_is_taken_and_one_more_is_refused(
    geo: Geo, records: Callable[[], int]
) -> None:
    whole = "灯" * 4000
    made = geo.ask(LAMP, description=whole)
    assert geo.get(f"requests/{made}").one["description"] == whole
    refused = geo.post(geo.asking(LAMP, description=f"{whole}灯"))
    assert refused.status == 400
    assert "description" in refused.complaint
    assert records() == 1


@pytest.mark.parametrize(
    "words",
    ["第一行\n第二行", "<b>亮</b> & 'x' \"y\" ]]> <!--", "𠮷祥里的灯 💡", "a+b%20c=d&amp;e;f"],
)
def test_a_description_comes_back_as_it_was_written(geo: Geo, words: str) -> None:
    made = geo.ask(LAMP, description=words)
    assert geo.get(f"requests/{made}").one["description"].replace("\r\n", "\n") == words


@pytest.mark.parametrize("words", ["a\x0bb", "a\x00b", "a\ufffeb", "a\x1bb"])
def test_what_xml_cannot_say_breaks_no_answer(geo: Geo, words: str) -> None:
    assert geo.post(geo.asking(LAMP, description=words)).status < 500
    assert geo.get("requests").status == 200
    assert geo.get("requests").content is not None


def test_what_is_not_a_form_is_refused(geo: Geo, records: Callable[[], int]) -> None:
    response = geo.browser.post(
        f"{BASE}requests.{geo.form}", json.dumps(geo.asking(LAMP)), content_type="application/json"
    )
    assert 400 <= response.status_code < 500
    assert records() == 0


def test_two_requests_alike_are_two(geo: Geo, records: Callable[[], int]) -> None:
    assert geo.ask(LAMP) != geo.ask(LAMP)
    assert records() == 2


# --- Attributes of a request ------------------------------------------------------


def test_a_required_attribute_must_be_given_and_is_named(geo: Geo, records: Callable[[], int]) -> None:
    refused = geo.post(geo.asking(ROAD))
    assert refused.status == 400
    assert geo.attribute(ROAD, "singlevaluelist")["code"] in refused.complaint
    assert records() == 0


def test_what_several_things_lack_is_said_at_once(geo: Geo) -> None:
    refused = geo.post(geo.asking(ROAD, address_string="", service_code=geo.code_of(ROAD)))
    assert refused.status == 400
    assert len(refused.errors) > 1


def test_attributes_are_kept_as_they_were_given(geo: Geo) -> None:
    codes = {each["datatype"]: each["code"] for each in geo.attributes(ROAD)}
    geo.ask(
        ROAD,
        **{
            f"attribute[{codes['singlevaluelist']}]": key_of(geo, "singlevaluelist", "人行道"),
            f"attribute[{codes['number']}]": "35",
            f"attribute[{codes['datetime']}]": "2026-03-01T08:00:00+08:00",
            f"attribute[{codes['text']}]": "路边\n有积水",
        },
    )
    kept = georeport.answered(georeport.newest())
    assert kept["road-part"] == "pavement"
    assert int(kept["road-depth"]) == 35
    assert kept["road-since"] == "2026-03-01"
    assert kept["road-more"].split() == ["路边", "有积水"]


def test_a_datetime_is_the_day_on_which_it_was_here(geo: Geo) -> None:
    code = geo.attribute(ROAD, "datetime")["code"]
    geo.ask(ROAD, **part(geo), **{f"attribute[{code}]": "2026-03-01T20:00:00Z"})
    assert georeport.answered(georeport.newest())["road-since"] == "2026-03-02"


@pytest.mark.parametrize("chosen", [["积水"], ["深坑", "积水"], ["塌陷", "深坑", "积水"]])
def test_several_values_are_given_one_by_one(geo: Geo, chosen: list[str]) -> None:
    code = geo.attribute(ROAD, "multivaluelist")["code"]
    given = list(geo.asking(ROAD, **part(geo)).items())
    given += [(f"attribute[{code}][]", key_of(geo, "multivaluelist", name)) for name in chosen]
    geo.id_of(geo.post(given))
    names = {"pit": "深坑", "slope": "塌陷", "water": "积水"}
    assert sorted(names[each] for each in georeport.answered(georeport.newest())["road-dangers"]) == sorted(
        chosen
    )


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        ("number", "deep"),
        ("datetime", "yesterday"),
        ("datetime", "2026-02-30"),
        ("singlevaluelist", "roof"),
        ("multivaluelist", "flood"),
    ],
)
def test_a_value_that_the_datatype_does_not_allow_is_refused_and_named(
    geo: Geo, records: Callable[[], int], datatype: str, value: str
) -> None:
    code = geo.attribute(ROAD, datatype)["code"]
    many = "[]" if datatype == "multivaluelist" else ""
    refused = geo.post(geo.asking(ROAD, **part(geo) | {f"attribute[{code}]{many}": value}))
    assert refused.status == 400
    assert code in refused.complaint
    assert records() == 0


def test_an_optional_attribute_that_is_empty_was_not_given(geo: Geo) -> None:
    empty = {f"attribute[{each['code']}]": "" for each in geo.attributes(ROAD) if each["required"] == "false"}
    geo.ask(ROAD, **empty | part(geo))
    assert set(georeport.answered(georeport.newest())) <= {"said", "spot", "road-part"}


# --- Tokens ---------------------------------------------------------------------


def test_a_token_of_nobody_is_not_found(geo: Geo) -> None:
    refused = geo.get("tokens/0000")
    assert refused.status == 404
    assert "token" in refused.complaint


def test_an_id_is_no_token(geo: Geo) -> None:
    assert geo.get(f"tokens/{geo.ask(LAMP)}").status == 404


# --- One request ------------------------------------------------------------------


def test_a_request_says_all_that_the_specification_asks(geo: Geo) -> None:
    request = geo.get(f"requests/{geo.ask(LAMP)}").one
    assert set(request) - AT_TIMES == ALWAYS
    assert request["service_name"] == LAMP
    assert request["status"] == "open"
    assert request["zipcode"] == ""


def test_the_list_says_of_a_request_what_its_own_page_says(geo: Geo) -> None:
    made = geo.ask(LAMP)
    assert geo.get("requests").content == geo.get(f"requests/{made}").content


def test_dates_name_their_zone_and_follow_each_other(geo: Geo) -> None:
    before = clock.now().replace(microsecond=0)
    request = geo.get(f"requests/{geo.ask(LAMP)}").one
    requested, updated, expected = (
        georeport.instant(request[f"{name}_datetime"]) for name in ("requested", "updated", "expected")
    )
    assert before <= requested <= updated <= clock.now()
    assert requested < expected


def test_closed_is_what_the_county_has_ended_and_since_then(geo: Geo, county: Cast) -> None:
    made = at(geo, date(2026, 3, 2))
    with clock.standing(date(2026, 3, 4), 15, 30):
        georeport.close(county, georeport.newest())
        request = geo.get(f"requests/{made}").one
    assert request["status"] == "closed"
    assert georeport.instant(request["requested_datetime"]) == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert georeport.instant(request["updated_datetime"]) == datetime(2026, 3, 4, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("made", ["0000", "none", "%E7%81%AF", "1%27"])
def test_a_request_that_nobody_made_is_not_found_and_the_answer_says_so(geo: Geo, made: str) -> None:
    refused = geo.get(f"requests/{made}")
    assert refused.status == 404
    assert "service_request_id" in refused.complaint


def test_reading_requests_needs_no_key(geo: Geo) -> None:
    made = geo.ask(LAMP)
    stranger = Geo(geo.form)
    assert stranger.listed() == [made]
    assert stranger.get(f"requests/{made}", api_key="wrong").status == 200


# --- Many requests ----------------------------------------------------------------


def test_the_newest_stands_first(geo: Geo) -> None:
    days = [date(2026, 3, 4), date(2026, 3, 2), date(2026, 3, 3)]
    made = {day: at(geo, day) for day in days}
    with clock.standing(date(2026, 3, 5)):
        assert geo.listed() == [made[day] for day in sorted(days, reverse=True)]


def test_several_ids_find_their_requests_and_nothing_else_counts(geo: Geo) -> None:
    old = at(geo, date(2024, 5, 6))
    one, _two = geo.ask(LAMP), geo.ask(LAMP)
    found = geo.listed(
        service_request_id=f"{one},{old},0000",
        service_code=geo.code_of(ROAD),
        status="closed",
        **around(datetime(2020, 1, 2, tzinfo=UTC), days=1),
    )
    assert sorted(found) == sorted([one, old])
    assert geo.listed(service_request_id=one) == [one]
    assert geo.listed(service_request_id="0000") == []


def test_services_are_chosen_by_their_codes(geo: Geo) -> None:
    lamp, road = geo.ask(LAMP), geo.ask(ROAD, **part(geo))
    codes = [geo.code_of(LAMP), geo.code_of(ROAD)]
    assert geo.listed(service_code=codes[0]) == [lamp]
    assert geo.listed(service_code=codes[1]) == [road]
    assert sorted(geo.listed(service_code=",".join(codes))) == sorted([lamp, road])


def test_open_and_closed_are_chosen_apart_and_together(geo: Geo, county: Cast) -> None:
    closed = geo.ask(LAMP)
    georeport.close(county, georeport.newest())
    going_on = geo.ask(LAMP)
    assert geo.listed(status="open") == [going_on]
    assert geo.listed(status="closed") == [closed]
    assert sorted(geo.listed(status="open,closed")) == sorted(geo.listed()) == sorted([closed, going_on])


def test_a_status_that_is_none_is_refused(geo: Geo) -> None:
    refused = geo.get("requests", status="pending")
    assert refused.status == 400
    assert "status" in refused.complaint


def test_what_is_empty_in_a_query_was_not_said(geo: Geo) -> None:
    made = geo.ask(LAMP)
    empty = dict.fromkeys(["service_request_id", "service_code", "start_date", "end_date", "status"], "")
    assert geo.listed(**empty) == [made]


def test_dates_choose_by_the_instant_whatever_zone_they_name(geo: Geo) -> None:
    morning = at(geo, date(2026, 3, 2), 7, 30)  # 2026-03-01T23:30:00Z
    at(geo, date(2026, 3, 2), 9, 0)
    spans = [
        ("2026-03-02T00:00:00+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-01T16:00:00Z", "2026-03-02T00:00:00Z"),
        ("2026-03-01T11:00:00-05:00", "2026-03-01T19:00:00-05:00"),
    ]
    found = [geo.listed(start_date=start, end_date=end) for start, end in spans]
    assert found == [[morning]] * 3


def test_without_dates_the_last_90_days_are_listed(geo: Geo) -> None:
    today = date(2026, 6, 30)
    made = {days: at(geo, today - timedelta(days=days)) for days in (0, 89, 92)}
    with clock.standing(today, 12):
        assert geo.listed() == [made[0], made[89]]


def test_one_date_alone_reaches_90_days(geo: Geo) -> None:
    today = clock.today()
    made = {days: at(geo, today - timedelta(days=days)) for days in (1, 20, 150, 200)}
    ago = {days: georeport.w3(clock.now() - timedelta(days=days)) for days in (10, 100)}
    assert geo.listed(start_date=ago[10]) == [made[1]]
    assert geo.listed(end_date=ago[100]) == [made[150]]


def test_a_span_of_90_days_is_found_and_a_longer_one_refused(geo: Geo) -> None:
    made = at(geo, date(2025, 6, 2))
    start = datetime(2025, 5, 1, tzinfo=UTC)
    for days, found in ((90, [made]), (92, None)):
        span = {"start_date": georeport.w3(start), "end_date": georeport.w3(start + timedelta(days=days))}
        answer = geo.get("requests", **span)
        assert (answer.status == 200) == bool(found)
        assert found is None or [each["service_request_id"] for each in answer.content] == found
    assert answer.status == 400
    assert answer.errors


@pytest.mark.parametrize("name", ["start_date", "end_date"])
@pytest.mark.parametrize(
    "said", ["yesterday", "2026-03-02", "2026-03-02T00:00:00", "2026-02-30T00:00:00Z", "1767225600"]
)
def test_a_date_that_names_no_instant_is_refused_and_named(geo: Geo, name: str, said: str) -> None:
    refused = geo.get("requests", **{name: said})
    assert refused.status == 400
    assert name in refused.complaint


def test_the_first_1000_come_back(geo: Geo) -> None:
    newest = geo.ask(LAMP)
    georeport.crowd(1005)
    found = geo.listed()
    assert len(found) == len(set(found)) == 1000
    assert found[0] == newest


# --- Who asked --------------------------------------------------------------------


def test_the_county_can_reach_who_asked(geo: Geo) -> None:
    geo.ask(LAMP, **CALLER)
    assert CALLER["phone"] in str(georeport.answered(georeport.newest()))


def test_nothing_of_who_asked_ever_comes_back(geo: Geo, county: Cast) -> None:
    posted = geo.post(geo.asking(LAMP, **CALLER))
    made = geo.id_of(posted)
    going_on = [geo.get("requests"), geo.get(f"requests/{made}"), geo.get("services")]
    georeport.close(county, georeport.newest())
    ended = [geo.get("requests"), geo.get(f"requests/{made}")]
    for answer in [posted, *going_on, *ended]:
        assert answer.status // 100 == 2
        assert {name: value for name, value in SHOWN.items() if value in answer.text} == {}
    assert posted.one["account_id"] == ""


def test_what_a_refused_request_said_of_its_caller_does_not_come_back(geo: Geo) -> None:
    refused = geo.post(geo.asking(LAMP, address_string="", **CALLER))
    assert refused.status == 400
    assert {name: value for name, value in SHOWN.items() if value in refused.text} == {}


def test_nobody_of_the_county_is_named(geo: Geo, county: Cast) -> None:
    made = geo.ask(LAMP, address_id=ADDRESS_ID)
    georeport.close(county, georeport.newest())
    names = {person.name_on(clock.today()) for person in county.people.values()}
    assert {name for name in names if name in geo.get(f"requests/{made}").text} == set()


def test_a_complaint_is_never_listed(geo: Geo, county: Cast) -> None:
    receipt = georeport.taken_in(county, NAMES[COMPLAINT], "某干部收了礼")
    assert geo.listed() == []
    numbers = [receipt.number, receipt.case.number, str(receipt.pk), str(receipt.case_id)]
    assert [geo.get(f"requests/{number}").status for number in numbers] == [404] * 4
    assert geo.listed(service_request_id=",".join(numbers)) == []
    assert geo.listed(service_code=f"{geo.code_of(LAMP)},{NAMES[COMPLAINT]}") == []
    assert geo.get(f"services/{NAMES[COMPLAINT]}").status == 404


def test_a_matter_of_the_county_itself_is_never_listed(geo: Geo, county: Cast) -> None:
    case = county.open(day=clock.today())
    assert geo.listed() == []
    assert geo.get(f"requests/{case.number}").status == 404
    assert geo.get(f"requests/{case.pk}").status == 404


# --- Asked again --------------------------------------------------------------------


def test_a_request_sent_again_with_its_key_is_one(geo: Geo, records: Callable[[], int]) -> None:
    given = geo.asking(LAMP)
    first, again = (geo.post(given, Idempotency_Key="7d1c-1") for _ in range(2))
    assert geo.id_of(first) == geo.id_of(again)
    assert geo.id_of(geo.post(given, Idempotency_Key="7d1c-2")) != geo.id_of(first)
    assert records() == 2


def test_two_systems_may_use_the_same_key_for_two_requests(geo: Geo, records: Callable[[], int]) -> None:
    other = Geo(geo.form, georeport.key("另一平台"))
    made = [each.id_of(each.post(each.asking(LAMP), Idempotency_Key="1")) for each in (geo, other)]
    assert made[0] != made[1]
    assert records() == 2


# --- Errors -----------------------------------------------------------------------


def test_an_error_is_said_in_a_sentence_in_the_format_that_was_asked(geo: Geo) -> None:
    refusals = [geo.get("requests/0000"), geo.get("requests", status="pending"), geo.post({})]
    assert [refused.status for refused in refusals] == [404, 400, 403]
    for refused in refusals:
        assert refused.raw.headers["Content-Type"].startswith(TYPES[geo.form])
        assert all(error["code"].startswith(str(refused.status)) for error in refused.errors)
        assert all(len(error["description"]) > 3 for error in refused.errors)


# --- Discovery --------------------------------------------------------------------


@pytest.fixture
def discovery(geo: Geo) -> georeport.Answer:
    return geo.fetch(f"{ROOT}discovery.{geo.form}")


def test_discovery_says_all_that_its_specification_asks(discovery: georeport.Answer) -> None:
    assert discovery.status == 200
    assert set(discovery.content) == {"changeset", "contact", "key_service", "endpoints"}
    assert all(discovery.content.values())
    for endpoint in discovery.content["endpoints"]:
        assert set(endpoint) == {"specification", "url", "changeset", "type", "formats"}
        assert all(endpoint.values())


def test_discovery_leads_to_an_endpoint_that_answers_in_the_formats_it_names(
    geo: Geo, discovery: georeport.Answer
) -> None:
    (endpoint,) = discovery.content["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["type"] in ("production", "test")
    assert set(endpoint["formats"]) == set(TYPES.values())
    there = georeport.path_of(endpoint["url"]).rstrip("/")
    assert geo.fetch(f"{there}/services.{geo.form}").content == geo.get("services").content


def test_discovery_names_its_type_and_xml_its_root(geo: Geo, discovery: georeport.Answer) -> None:
    assert (
        discovery.raw.headers["Content-Type"].lower().replace(" ", "") == f"{TYPES[geo.form]};charset=utf-8"
    )
    if geo.form == "xml":
        assert discovery.text.lower().startswith("<?xml ")
        assert georeport.tags(discovery.raw.content)[0] == ("", "discovery")
