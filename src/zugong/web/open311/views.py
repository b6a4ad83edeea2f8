"""The resources of the interface. Each answers in the format that its address says, errors too, and asks nobody to sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.web.asking import ruled
from zugong.web.open311 import requests as brought
from zugong.web.open311 import services as offered
from zugong.web.open311.taking import take_in
from zugong.web.open311.writing import TYPES, Wrong, answer

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-22T00:00:00+08:00"  # when the interface last became another one
DESCRIPTION = Path(__file__).with_name("openapi.json")
Content = tuple[str, Any]  # the root's name, and what is in it


def resource(*methods: str) -> Callable[[Callable[..., Content]], Callable[..., HttpResponse]]:
    """Make a view of what returns a content: another jurisdiction and whatever is wrong are answered alike."""

    def around(tell: Callable[..., Content]) -> Callable[..., HttpResponse]:
        @login_not_required
        @require_http_methods(methods)
        @never_cache
        @csrf_exempt  # no cookie counts here: a key does
        @sensitive_post_parameters()
        @wraps(tell)
        def view(request: HttpRequest, form: str, **which: str) -> HttpResponse:
            try:
                with transaction.atomic():
                    root, content = _told(tell, request, which)
            except Wrong as wrong:
                return answer("errors", wrong.content, form, wrong.status)
            made = request.method == "POST"
            return answer(root, content, form, HTTPStatus.CREATED if made else HTTPStatus.OK)

        return view

    return around


def _told(tell: Callable[..., Content], request: HttpRequest, which: dict[str, str]) -> Content:
    policy = ruled(clock.today())
    asked = request.POST.get("jurisdiction_id") or request.GET.get("jurisdiction_id")
    if asked and asked != (policy.info.place if policy else ""):
        raise Wrong(HTTPStatus.NOT_FOUND, _("jurisdiction_id 不是本辖区；这里只有一个辖区，可以不写"))
    return tell(request, policy, **which)


@resource("GET", "HEAD")
def discovery(request: HttpRequest, policy: Policy | None) -> Content:
    """Tell where the interface is and what it speaks (https://wiki.open311.org/Service_Discovery)."""
    there = f"{settings.SITE_URL.rstrip('/')}{reverse('open311-services', args=['xml']).rpartition('/')[0]}"
    endpoint = {
        "specification": SPECIFICATION,
        "url": there,
        "changeset": CHANGED,
        "type": "test" if settings.DEMO else "production",
        "formats": list(TYPES.values()),
    }
    told = {
        "changeset": CHANGED,
        "contact": _("系统管理员"),
        "key_service": _("密钥由系统管理员按系统发放"),
        "endpoints": [endpoint],
    }
    return "discovery", told


@resource("GET", "HEAD")
def services(request: HttpRequest, policy: Policy | None) -> Content:
    """Tell what can be asked."""
    return "services", [offered.service(policy, kind) for kind in offered.services(policy) if policy]


@resource("GET", "HEAD")
def service(request: HttpRequest, policy: Policy | None, code: str) -> Content:
    """Tell what a service asks."""
    kind = offered.of_code(policy, code)
    if kind is None or policy is None:
        raise Wrong(HTTPStatus.NOT_FOUND, _("没有 service_code 为这个代码的事项"))
    return "service_definition", offered.definition(policy, kind)


@resource("GET", "HEAD", "POST")
def requests(request: HttpRequest, policy: Policy | None) -> Content:
    """Take in a request, or tell of those that a query finds."""
    now = clock.now()
    if request.method != "POST":
        return "service_requests", brought.told(brought.found(request.GET, now), clock.today())
    receipt, code = take_in(request, policy, clock.today(), now)
    notice = _("受理号 %(number)s，查询码 %(code)s：可以在 %(there)s 查进度、评价") % {
        "number": receipt.number,
        "code": code,
        "there": f"{settings.SITE_URL.rstrip('/')}{reverse('ask-follow')}",
    }
    told = {"service_request_id": receipt.number, "service_notice": notice, "account_id": None}
    return "service_requests", [told]


@resource("GET", "HEAD")
def one(request: HttpRequest, policy: Policy | None, number: str) -> Content:
    """Tell of one request."""
    return "service_requests", brought.told([brought.of_number(number)], clock.today())


@resource("GET", "HEAD")
def token(request: HttpRequest, policy: Policy | None, token: str) -> Content:
    """Tell the number behind a token: every request has its number at once, so none is given out."""
    raise Wrong(HTTPStatus.NOT_FOUND, _("没有这个 token：诉求提交时就有编号"))


@login_not_required
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """Describe the interface to programs."""
    return HttpResponse(DESCRIPTION.read_bytes(), content_type="application/json; charset=utf-8")
