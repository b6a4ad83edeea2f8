"""The hot issues of a week, each with its requests."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import Truncator
from django.views.decorators.http import require_GET

from zugong.accounts.rules import May
from zugong.cases import powers
from zugong.cases.hot import hot, week_of
from zugong.core import clock
from zugong.registry.models import names_on
from zugong.web.asking import asker, on

LINES = 60  # characters of what was asked


@require_GET
def issues(request: HttpRequest) -> HttpResponse:
    """Show what several asked in the week of a day, among the requests the asker sees."""
    user, today, day = asker(request), clock.today(), on(request)
    if not user.may(May.SEE, today) and not powers.visible(user, today).exists():
        raise PermissionDenied
    first, last = week_of(day)
    found = hot(user, day, today)
    names = names_on(today, {case.about_id for issue in found for case in issue.cases})
    rows = [
        {
            "matter": Truncator(issue.matter).chars(LINES),
            "count": len(issue.cases),
            "callers": issue.callers,
            "open": sum(case.is_open() for case in issue.cases),
            "cases": [(case, names.get(case.about_id, "")) for case in issue.cases],
        }
        for issue in found
    ]
    return TemplateResponse(
        request,
        "cases/hot.html",
        {
            "rows": rows,
            "first": first,
            "last": last,
            "before_text": str(first - timedelta(days=7)),
            "after_text": str(last + timedelta(days=1)) if last < today else "",
        },
    )
