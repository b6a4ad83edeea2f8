"""How are we doing: rates with their counts, by class, place, department and week. No name of a person stands here."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.rules import May
from zugong.bulletins.papers import charts, excel
from zugong.bulletins.papers.chartspec import ChartSpec, Kind, Point, describe
from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.registry.models import names_on
from zugong.web.asking import need, ruled
from zugong.web.plain import number
from zugong.web.requests import counting
from zugong.web.requests.counting import Span
from zugong.web.sheets import workbook

Row = dict[str, Any]


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The rates of the requests one may see, in one table by what is asked; every count leads to its requests."""
    user, span = need(request, May.SEE), counting.span_of(request.GET)
    policy = ruled(span.last)
    rows = counting.rows_of(user, span, request.GET)
    by = request.GET.get("by", "")
    by = by if by in counting.BY else "class"
    lines = _lines(rows, by, policy, span, request)
    timed = counting.is_timed(rows)
    whole = counting.cells(counting.rated(rows, policy, span.last), len(rows), timed=timed)
    if request.GET.get("as") == "xlsx":
        return _sheet(lines, by, span, timed=timed)
    township = number(request.GET.get("township"))
    return TemplateResponse(
        request,
        "requests/overview.html",
        {
            "span": span,
            "today": clock.today(),
            "whole": _linked(whole, _query(request, span)),
            "tabs": _tabs(request, by),
            "by": _words()[by],
            "township": names_on(span.last, [township]).get(township, "") if township else "",
            "clear": f"?{urlencode({name: value for name, value in request.GET.items() if name != 'township'})}",
            "lines": lines,
            "chart": _chart(rows, policy, span) if rows else None,
        },
    )


def _words() -> dict[str, str]:
    return {
        "class": _("类别"),
        "township": _("乡镇（街道）"),
        "community": _("村（社区）"),
        "department": _("承办单位"),
        "week": _("周"),
        "channel": _("从哪里来"),
    }


def _tabs(request: HttpRequest, by: str) -> list[Row]:
    kept = {name: value for name, value in request.GET.items() if name not in ("by", "as")}
    return [
        {"label": word, "href": f"?{urlencode(kept | {'by': name})}", "current": name == by, "count": None}
        for name, word in _words().items()
    ]


def _query(request: HttpRequest, span: Span) -> dict[str, str]:
    kept = {"state": "all", "from": span.first.isoformat(), "on": span.last.isoformat()}
    township = number(request.GET.get("township"))
    return kept | ({"township": str(township)} if township else {})


def _lines(rows: list[Row], by: str, policy: Policy | None, span: Span, request: HttpRequest) -> list[Row]:
    """Return one line for each key, with its rates and where each count leads."""
    groups = counting.grouped(rows, by)
    names = counting.named(by, groups, policy, span.last)
    query, timed = _query(request, span), counting.is_timed(rows)
    return [
        {
            "name": names[key],
            "into": _into(request, key) if by == "township" and key else "",
            **_linked(
                counting.cells(counting.rated(some, policy, span.last), len(some), timed=timed),
                query | {"by": by, "key": key},
            ),
        }
        for key, some in groups.items()
    ]


def _into(request: HttpRequest, township: str) -> str:
    """Return where a township's own villages and communities are compared."""
    kept = {name: value for name, value in request.GET.items() if name != "as"}
    return f"?{urlencode(kept | {'by': 'community', 'township': township})}"


def _linked(cells: Row, query: dict[str, str]) -> Row:
    def there(figure: str) -> str:
        return f"{reverse('requests')}?{urlencode(query | {'figure': figure})}"

    return {
        "many": cells["many"],
        "all": there("all"),
        "rates": [
            one | {"there": there(one["figure"]), "from": there(one["whole"])} for one in cells["rates"]
        ],
        "apart": [{"count": count, "there": there(figure)} for count, figure in cells["apart"]],
    }


def _chart(rows: list[Row], policy: Policy | None, span: Span) -> Row:
    """Draw how many were asked in each week, and how many of them are answered."""
    asked, answered = _("提出"), _("已答复")
    weeks = counting.grouped(rows, "week")
    names = counting.named("week", weeks, policy, span.last)
    points = []
    for week, some in weeks.items():
        short = names[week]
        points += [
            Point(short, len(some), asked),
            Point(short, sum(map(counting.FIGURES["answered"], some)), answered),
        ]
    spec = ChartSpec(
        kind=Kind.BARS,
        title=_("每周提出的诉求和其中已答复的"),
        unit=_("件"),
        points=tuple(points),
        english=(get_language() or "").startswith("en"),
    )
    return {"title": spec.title, "svg": charts.svg(spec), "said": describe(spec)}


def _sheet(lines: list[Row], by: str, span: Span, *, timed: bool) -> HttpResponse:
    on_time = (_("按期"), _("已到期或办结"), _("按期率")) if timed else ()
    columns = (
        _words()[by], _("件数"), _("已答复"), _("计入件数"), _("响应率"), _("已解决"), _("已有结论"), _("解决率"),
        _("满意"), _("已评价"), _("满意率"), *on_time, _("联系不上"), _("并入别件"), _("不计入"),
    )  # fmt: skip
    table = [
        (
            line["name"],
            line["many"],
            *(part for one in line["rates"] for part in (one["done"], one["of"], one["share"] or "")),
            *(one["count"] for one in line["apart"]),
        )
        for line in lines
    ]
    name = _("诉求办理情况")
    return workbook(excel.sheet(columns, table, name=name), f"{name}-{_days(span)}.xlsx")


def _days(span: Span) -> str:
    days: tuple[date, date] = (span.first, span.last)
    return "-".join(f"{day:%Y%m%d}" for day in days)
