"""Whoever has no account sends anything into the public form: a receipt or a sentence, and no file that is no picture."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from little_county import County, county, in_force
from little_requests import PACK
from zugong.cases.models import Case
from zugong.core.files.models import File

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xdb\x00\x04\x01\x02\xff\xda\x00\x02pixels\xff\xd9"
SCRIPT = b"<script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


def packed(name: str, content: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return whole.getvalue()


def gps() -> bytes:
    entry = b"\x25\x88\x04\x00\x01\x00\x00\x00\x40\x00\x00\x00"  # where the place is noted
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + entry + bytes(4) + b"29 deg 12 min N"
    return JPEG[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + JPEG[2:]


REFUSED = {
    "a bomb": ("a.xlsx", packed("xl/workbook.xml", b"0" * 50_000_000), "只收照片"),
    "a bomb that is called a picture": ("a.jpg", packed("a.jpg", b"0" * 50_000_000), "只收照片"),
    "a drawing with a script": ("a.svg", SVG, "只收照片"),
    "a drawing that is called a picture": ("a.png", SVG, "只收照片"),
    "a page that is called a picture": ("a.jpg", b"<!doctype html>" + SCRIPT, "只收照片"),
    "a program": ("a.jpg.exe", JPEG, "只收照片"),
    "forty megabytes": ("a.jpg", JPEG[:-2] + bytes(40 * 1024 * 1024) + JPEG[-2:], "不能超过 10 MB"),
    "half a picture": ("a.jpg", JPEG[:-2], "照片不完整"),
    "the beginning of a picture": ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00", "照片不完整"),
    "nothing": ("a.jpg", b"", "空"),
}


@pytest.fixture
def place() -> County:
    in_force(**PACK)
    return county()


def send(place: County, **given: Any) -> Any:
    at = reverse("ask-what", args=["request", place.villages[0].pk])
    return Client(raise_request_exception=False).post(at, {"key": "k" * 32, "matter": "路灯不亮"} | given)


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_no_picture_is_refused_in_a_sentence(
    place: County, name: str, content: bytes, sentence: str
) -> None:
    refused = send(place, photo=SimpleUploadedFile(name, content, "image/jpeg"))
    assert refused.status_code == 200
    assert sentence in refused.content.decode()
    assert not Case.objects.exists()
    assert not File.objects.exists()


@pytest.mark.parametrize("behind", [packed("a.txt", b"x"), SCRIPT, b"%PDF-1.7"], ids=["zip", "script", "pdf"])
def test_a_picture_that_is_also_something_else_is_kept_as_the_picture_alone(
    place: County, behind: bytes
) -> None:
    send(place, photo=SimpleUploadedFile("a.jpg", JPEG + behind, "image/jpeg"))
    assert bytes(File.objects.get().content) == JPEG


def test_where_a_picture_was_taken_is_gone(place: County) -> None:
    send(place, photo=SimpleUploadedFile("a.jpg", gps(), "image/jpeg"))
    assert bytes(File.objects.get().content) == JPEG


ANYTHING = some.one_of(
    some.text(max_size=200),
    some.sampled_from(
        ["甲" * 60_000, "\x00", "\u202e", "'; DROP TABLE cases_case; --", "{{ 7 }}", "%s%n", "=1+1"]
    ),
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    given=some.fixed_dictionaries(
        {}, optional=dict.fromkeys(["key", "matter", "contact", "photo", "who"], ANYTHING)
    )
)
def test_whatever_is_written_into_the_form_is_a_receipt_or_a_sentence(
    place: County, given: dict[str, str]
) -> None:
    before = Case.objects.count()
    answer = send(place, **given)
    page = answer.content.decode()
    assert answer.status_code in (200, 400, 429)
    taken = Case.objects.count() - before
    assert ("请记下这两行" in page) or (taken == 0 and len(page) > 500)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(number=ANYTHING, code=ANYTHING, outcome=ANYTHING)
def test_no_number_and_code_that_somebody_makes_up_leads_anywhere(
    place: County, number: str, code: str, outcome: str
) -> None:
    for way in ("ask-follow", "ask-rating"):
        answer = Client(raise_request_exception=False).post(
            reverse(way), {"number": number, "code": code, "outcome": outcome}
        )
        assert answer.status_code in (200, 400)
        assert "查询" in answer.content.decode() or answer.status_code == 400
