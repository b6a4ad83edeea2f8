"""The two switches everybody has, signed in or not, each kept in a cookie of this browser; and what nobody can read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from zugong.web.context import LARGE_TYPE_COOKIE
from zugong.web.plain import is_ours

A_YEAR = 365 * 24 * 60 * 60


@login_not_required
@require_POST
def type_size(request: HttpRequest) -> HttpResponse:
    """Turn 大字版 on (``large=1``) or off."""
    return _remember(request, LARGE_TYPE_COOKIE, "1" if request.POST.get("large") == "1" else "0")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Read the pages in Chinese or English (``language=zh-hans`` or ``en``); any other word changes nothing."""
    code = request.POST.get("language", "")
    if not check_for_language(code):
        return HttpResponseRedirect(_back(request))
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent cannot be read: said in a sentence, within the frame of every page."""
    return TemplateResponse(request, "400.html", status=400)


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        cookie, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def _back(request: HttpRequest) -> str:
    there = request.POST.get("next", "")
    return there if is_ours(request, there) else "/"
