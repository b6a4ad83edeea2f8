"""A client of Open311 GeoReport v2 and a county to ask: both formats become one shape, so one test holds for both.

A container of equal children is a list, any other element a dictionary, a leaf its text; JSON says the same without its
root's name (the Spark convention). What is empty, null or not there at all reads as ''.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

from django.http import HttpResponse
from django.test import Client
from django.utils.module_loading import import_string

from cast import BY, LONG_AGO, Cast, cast
from zugong.cases import actions as cases
from zugong.cases.models import Case, Receipt
from zugong.core import clock
from zugong.packs import loader
from zugong.registry import actions as registry

ROOT = "/open311/"
BASE = f"{ROOT}v2/"
TYPES = {"xml": "text/xml", "json": "application/json"}
LISTS = {"services", "attributes", "values", "service_requests", "errors", "endpoints", "formats"}
# W3C's note on dates and times: a day, a time of day, a zone.
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


# --- The client -----------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the content in its one shape, and the response as it was."""

    status: int
    content: Any
    raw: HttpResponse

    @property
    def text(self) -> str:
        return self.raw.content.decode("utf-8")

    @property
    def one(self) -> dict[str, Any]:
        """The only element of a list; reads '' where a field is not there."""
        (only,) = self.content
        return Fields(only)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of the body, each with what the specification asks of it."""
        assert isinstance(self.content, list), self.text
        assert self.content, "an error without a body"
        for error in self.content:
            assert set(error) == {"code", "description"}, error
            assert error["code"], error
            assert error["description"], error
        return self.content

    @property
    def complaint(self) -> str:
        return " ".join(error["description"] for error in self.errors)


class Fields(dict[str, Any]):
    """Fields by name; one that is not returned reads as one that is empty."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass
class Geo:
    """Somebody else's program, which has read the specification and nothing else."""

    form: str
    key: str = ""
    base: str = BASE
    browser: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def get(self, resource: str, **query: str) -> Answer:
        """GET a resource in this client's format. No key: reading needs none."""
        return self.fetch(f"{self.base}{resource}.{self.form}", **query)

    def fetch(self, address: str, **query: str) -> Answer:
        asked = f"?{urlencode(query)}" if query else ""
        return self._read(self.browser.get(address + asked))

    def post(self, given: Mapping[str, Any] | Iterable[tuple[str, str]], **headers: str) -> Answer:
        """POST a request as a form, in the order given."""
        pairs = list(given.items()) if isinstance(given, Mapping) else list(given)
        body = urlencode([(self._bracketed(name), value) for name, value in pairs], safe="[]")
        response = self.browser.post(
            f"{self.base}requests.{self.form}",
            body,
            content_type="application/x-www-form-urlencoded; charset=utf-8",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        return self._read(response)

    def ask(self, service: str, **given: str) -> str:
        """Ask for a service and return the id of the request, by a token where one is returned."""
        return self.id_of(self.post(self.asking(service, **given)))

    def asking(self, service: str, **given: str) -> dict[str, str]:
        """What a complete request says, with some of it replaced."""
        return {
            "api_key": self.key,
            "service_code": self.code_of(service),
            "address_string": "青穆县穆溪街道苇塘路12号",
            "description": "楼下路灯三天没有亮",
        } | given

    def id_of(self, answer: Answer) -> str:
        assert answer.status in (200, 201), answer.text
        made = answer.one
        if made["token"]:
            made = self.get(f"tokens/{quote(made['token'], safe='')}").one
        assert made["service_request_id"], made
        return str(made["service_request_id"])

    def service(self, name: str) -> dict[str, Any]:
        """The service that people read under this name."""
        (found,) = [each for each in self.get("services").content if each["service_name"] == name]
        return Fields(found)

    def code_of(self, name: str) -> str:
        return str(self.service(name)["service_code"])

    def attributes(self, name: str) -> list[dict[str, Any]]:
        return self.get(f"services/{self.code_of(name)}").content["attributes"]

    def attribute(self, service: str, datatype: str) -> dict[str, Any]:
        """The only attribute of a datatype."""
        (found,) = [each for each in self.attributes(service) if each["datatype"] == datatype]
        return Fields(found)

    def listed(self, **query: str) -> list[str]:
        """The ids of the requests that a query finds, in their order."""
        answer = self.get("requests", **query)
        assert answer.status == 200, answer.text
        return [str(each["service_request_id"]) for each in answer.content]

    def _bracketed(self, name: str) -> str:
        return quote(name, safe="[]")

    def _read(self, response: HttpResponse) -> Answer:
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/xml"):
            return Answer(response.status_code, of_xml(response.content), response)
        if kind.startswith("application/json"):
            return Answer(response.status_code, of_json(json.loads(response.content)), response)
        return Answer(response.status_code, None, response)


def of_xml(content: bytes) -> Any:
    return _element(ElementTree.fromstring(content))


def _element(element: ElementTree.Element) -> Any:
    if element.tag in LISTS:
        return [_element(child) for child in element]
    if len(element):
        assert len({child.tag for child in element}) == len(element), f"{element.tag}: a field twice"
        return {child.tag: _element(child) for child in element}
    return (element.text or "").strip()


def of_json(value: Any) -> Any:
    if isinstance(value, list):
        return [of_json(each) for each in value]
    if isinstance(value, dict):
        return {name: of_json(each) for name, each in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()


def tags(content: bytes) -> list[tuple[str, str]]:
    """Every element of an XML answer: (what it stands in, its name)."""
    root = ElementTree.fromstring(content)
    return [("", root.tag), *((parent.tag, child.tag) for parent in root.iter() for child in parent)]


def instant(said: str) -> datetime:
    """Read a date and time, which must be written as the specification asks."""
    assert INSTANT.fullmatch(said), said
    return datetime.fromisoformat(said)


def w3(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def path_of(url: str) -> str:
    parts = urlsplit(url)
    assert parts.scheme in ("http", "https"), url
    assert parts.netloc, url
    return parts.path


# --- The county -----------------------------------------------------------------

LAMP, ROAD, WELL, COMPLAINT, BY_PHONE_ONLY = "路灯不亮", "道路破损", "水井维修", "反映干部作风", "上门代办"
NAMES = {
    LAMP: "lamp-out",
    ROAD: "road-broken",
    WELL: "well-dry",
    COMPLAINT: "official-complaint",
    BY_PHONE_ONLY: "home-visit",
}

PACK = """
pack: asked-from-outside
label: 青穆县的诉求（虚构）
english: Requests of Qingmu county (invented)
version: "2026.1"
extends: [qingmu]
keeper: 测试
place: "990101"
fictional: true
"""

FIELDS = """
fields:
  said: {label: 反映的事情, english: What is asked, kind: text}
  spot: {label: 地点, english: Where, kind: text}
  reach: {label: 联系方式, english: Contact, kind: text, keep: {days: 30, after: done}}
  whom: {label: 反映的是谁, english: Who it is about, kind: person}
  answered-how: {label: 办理情况, english: What was done, kind: text}
  road-part: {label: 哪一部分, english: Which part, kind: choice, options: [{id: lane, label: 车行道}, {id: pavement, label: 人行道}]}
  road-dangers: {label: 有什么危险, english: Dangers, kind: choice, many: true, options: [{id: pit, label: 深坑}, {id: slope, label: 塌陷}, {id: water, label: 积水}]}
  road-depth: {label: 多深, english: Depth, kind: number, unit: 厘米}
  road-since: {label: 什么时候发现的, english: Found on, kind: day}
  road-more: {label: 其他情况, english: Anything else, kind: text, hint: 可以分几行写}
"""

KIND = """
case: {name}
label: {label}
english: {english}
source: qm-2026-1
about: {about}
opened_from: [person]
number: {number}
once: ""
asks: [{asks}]
may_ask: [{may_ask}]
clock: {{working_days: {{values: {{2026-01-05: {{value: 5, clause: 第五条}}}}}}}}
intake: {{channels: [{channels}], matter: said, spot: spot, contact: reach{more}, counts: {{answered: [solved, unsolved], solved: [solved], unsolved: [unsolved]}}}}
stages:
  - name: handle
    label: 办理
    english: Handle
    body: organisation-department
    needs: [answered-how]
    outcomes: {{solved: end, unsolved: end}}
    words: {{solved: 已经解决, unsolved: 暂时不能解决}}
    english_words: {{solved: Solved, unsolved: Not solved}}
"""


def kind(
    name: str, english: str, number: str, asks: str, may_ask: str, channels: str = "public, api", **words: str
) -> str:
    """A kind of request, as a county writes one."""
    said = {"more": "", "about": "organisation"} | words
    return KIND.format(
        name=NAMES[name], label=name, english=english, number=number,
        asks=asks, may_ask=may_ask, channels=channels, **said,
    )  # fmt: skip


FILES = {
    "pack.yaml": PACK,
    "names/fields.yaml": FIELDS,
    "cases/requests.yaml": "---".join(
        [
            kind(LAMP, "Street lamp out", "灯", "", "said, spot, reach"),
            kind(
                ROAD, "Broken road", "路", "said, road-part",
                "road-dangers, road-depth, road-since, road-more, spot, reach",
            ),
            kind(WELL, "Dry well", "井", "", "said, spot, reach", about="organisation.village"),
            kind(
                COMPLAINT, "Complaint about an official", "纪", "said", "whom, spot, reach", more=", against: whom"
            ),
            kind(BY_PHONE_ONLY, "Visit at home", "访", "said", "spot, reach", "hotline"),
        ]
    ),
}  # fmt: skip


# A village and its township with the county's own numbers, which are what `address_id` says.
VILLAGE, ADDRESS_ID, TOWNSHIP_ID = "柳溪村", "990101900201", "990101900000"


# --- What the server's writer finishes --------------------------------------------


def county() -> Cast:
    """The cast, whose county takes requests from outside."""
    made = cast()
    packs = {**loader.library(Path(os.environ["ZUGONG_PACKS"])), "asked-from-outside": FILES}
    edition = registry.put_in_force(
        packs, "asked-from-outside", since=LONG_AGO, by=BY, agreed_by="安全管理员"
    )
    made.policy = registry.policy_of(edition)
    town = registry.add(
        "organisation", klass="township-committee", name="柳溪镇党委", code=TOWNSHIP_ID,
        parent=made.county, since=LONG_AGO, by=BY,
    )  # fmt: skip
    made.villages[VILLAGE] = registry.add(
        "organisation", klass="village", name=f"{VILLAGE}党支部", code=ADDRESS_ID,
        parent=town, since=LONG_AGO, by=BY,
    )  # fmt: skip
    return made


def key(label: str = "某市民热线平台") -> str:
    """A key for somebody else's system, as the system administrator makes one."""
    return str(import_string("zugong.accounts.keys.make")(label, by=BY))


def revoke(label: str) -> None:
    """Take the key of a system back."""
    import_string("zugong.accounts.keys.revoke")(label, by=BY)


def taken_in(made: Cast, kind: str, said: str) -> Receipt:
    """A request that came in at the public page, whatever the interface offers."""
    receive = import_string("zugong.cases.intake.receive")
    receipt, _code = receive(
        kind, about=made.villages["白石村"], answers={"said": said}, channel="public",
        day=clock.today(), at=clock.now(), by=None, key="",
    )  # fmt: skip
    return receipt


def newest() -> Case:
    """The record of what was asked last."""
    case = Case.objects.order_by("pk").last()
    assert case
    return case


def close(made: Cast, case: Case) -> None:
    """The office answers, and the case ends."""
    answers = {"answered-how": "更换了灯头"}
    cases.submit(case, by=made.users["chen"], day=clock.today(), outcome="solved", answers=answers)


def answered(case: Case) -> dict[str, Any]:
    """What the record keeps of what was asked: field of the pack → value."""
    return {answer.field: answer.value for answer in case.answers.order_by("version")}


def crowd(n: int) -> None:
    """So many requests more like the newest, each a minute older than the one before."""
    first = newest()
    receipt = first.receipt
    copies = [copied(first, pk=None, number=f"{first.number}-{i}", key=None) for i in range(n)]
    Case.objects.bulk_create(copies)
    Receipt.objects.bulk_create(
        copied(
            receipt, pk=None, case=case, number=f"{10**11 + i}", code="",
            at=receipt.at - timedelta(minutes=i + 1),
        )
        for i, case in enumerate(copies)
    )  # fmt: skip


def copied(row: Any, **changes: Any) -> Any:
    values = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields}
    made = type(row)(**values)
    for name, value in changes.items():
        setattr(made, name, value)
    return made
