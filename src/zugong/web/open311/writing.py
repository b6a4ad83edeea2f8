"""One content in two formats. A list is a container of equal children in XML, whose name follows from its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

ROOT = "/open311/"
TYPES = {"xml": "text/xml", "json": "application/json"}
CHILDREN = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
UNSAYABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


class Wrong(Exception):  # noqa: N818 - an answer, not an error
    """What is asked cannot be answered: the status, and a sentence for each thing that is wrong."""

    def __init__(self, status: HTTPStatus, *sentences: str) -> None:
        super().__init__(*sentences)
        self.status, self.sentences = status, sentences

    @property
    def content(self) -> list[dict[str, str]]:
        """The errors of the body."""
        return [{"code": str(self.status.value), "description": said} for said in self.sentences]


def answer(root: str, content: Any, form: str, status: int = HTTPStatus.OK) -> HttpResponse:
    """Write a content in a format; XML names its root, JSON does not."""
    body = _xml(root, content) if form == "xml" else json.dumps(content, ensure_ascii=False).encode()
    return HttpResponse(body, status=status, content_type=f"{TYPES[form]}; charset=utf-8")


def in_its_format(page: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say in the interface's own formats what is refused around it: no such address, no such method, unreadable."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = page(request)
        if not request.path_info.startswith(ROOT) or response.status_code < HTTPStatus.BAD_REQUEST:
            return response
        if response.get("Content-Type", "").partition(";")[0] in TYPES.values():
            return response
        ending = request.path_info.rpartition(".")[2]
        refused = Wrong(HTTPStatus(response.status_code), _said_of(response.status_code))
        told = answer("errors", refused.content, ending if ending in TYPES else "xml", refused.status)
        if allowed := response.get("Allow"):
            told["Allow"] = allowed
        return told

    return middleware


def _said_of(status: int) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("没有这个地址：地址以 .xml 或 .json 结尾")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _("这个地址不接受这种请求")
        case _ if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _("这个请求读不懂，请检查编码和格式")
    return _("系统出了问题，已经记下，请稍后再试")


def _xml(root: str, content: Any) -> bytes:
    whole: bytes = ElementTree.tostring(_element(root, content), encoding="utf-8", xml_declaration=True)
    return whole


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    match content:
        case dict():
            element.extend(_element(child, value) for child, value in content.items())
        case list():
            element.extend(_element(CHILDREN[name], value) for value in content)
        case bool():
            element.text = "true" if content else "false"
        case None:
            pass
        case _:
            element.text = UNSAYABLE.sub("", str(content))
    return element
