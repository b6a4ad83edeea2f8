"""Requests that other systems brought: which of them a query finds, and what is told of each. Never who asked.

What came in elsewhere is told to nobody here: whoever asked there was promised that only those who handle it read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zugong.cases.models import OPEN, Answer, Case, Receipt, Step
from zugong.cases.powers import kind_of
from zugong.cases.rules import State
from zugong.core.clock import SHANGHAI
from zugong.packs.keeping import is_erased
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import names_on
from zugong.web.asking import said
from zugong.web.cases.outside import agency
from zugong.web.open311.services import is_sealed
from zugong.web.open311.writing import Wrong

MOST = 1000
SPAN = timedelta(days=90)
STATUSES = {"open": True, "closed": False}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)")


def brought() -> QuerySet[Receipt]:
    """Return what other systems brought, the newest first."""
    last = Step.objects.filter(case=OuterRef("case")).order_by("-pk").values("at")[:1]
    rows = Receipt.objects.filter(channel="api").annotate(last=Subquery(last)).order_by("-at", "-pk")
    return rows.select_related("case__edition", "case__about", "case__holder").defer("case__edition__texts")


def found(query: Mapping[str, str], now: datetime) -> list[Receipt]:
    """Return the first thousand that a query finds; numbers override whatever else it says. Raises Wrong."""
    if numbers := _listed(query, "service_request_id"):
        return _open_to_all(brought().filter(number__in=numbers[:MOST])[:MOST])
    first, last = _span(query, now)
    rows = brought().filter(at__range=(first, last))
    if codes := _listed(query, "service_code"):
        rows = rows.filter(case__kind__in=codes)
    statuses = {STATUSES[status] for status in _listed(query, "status") if status in STATUSES}
    if unknown := set(_listed(query, "status")) - STATUSES.keys():
        raise Wrong(
            HTTPStatus.BAD_REQUEST,
            _("status 只能是 open 或 closed，不能是 %(what)s") % {"what": min(unknown)[:40]},
        )
    if statuses == {True}:
        rows = rows.filter(case__state__in=OPEN)
    elif statuses == {False}:
        rows = rows.exclude(case__state__in=OPEN)
    return _open_to_all(rows[:MOST])


def of_number(number: str) -> Receipt:
    """Return the one of a number. Raises Wrong."""
    there = _open_to_all(brought().filter(number=number))
    if not there:
        raise Wrong(HTTPStatus.NOT_FOUND, _("没有 service_request_id 为这个编号的诉求"))
    return there[0]


def _open_to_all(rows: Iterable[Receipt]) -> list[Receipt]:
    """Leave out what is sealed by the rules under which it was opened, whoever brought it."""
    return [row for row in rows if not is_sealed(kind_of(row.case))]


def _listed(query: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in query.get(name, "").split(",") if part.strip()]


def _span(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when: ninety days where one end is not said, and never more."""
    first, last = instant(query, "start_date"), instant(query, "end_date")
    if last is None:
        last = first + SPAN if first else now
    first = first or last - SPAN
    if last - first > SPAN:
        raise Wrong(
            HTTPStatus.BAD_REQUEST,
            _("start_date 到 end_date 最多 %(days)d 天，请分几次查") % {"days": SPAN.days},
        )
    return first, last


def instant(query: Mapping[str, str], name: str) -> datetime | None:
    """Read a date and time with its zone; None where nothing is said. Raises Wrong."""
    text = query.get(name, "").strip().replace(" ", "+")  # a plus in an address is read as a space
    if not text:
        return None
    moment = moment_of(text)
    if moment is None:
        raise Wrong(
            HTTPStatus.BAD_REQUEST,
            _("%(name)s 要写成带时区的日期时间，如 2026-03-01T08:00:00+08:00") % {"name": name},
        )
    return moment


def moment_of(text: str) -> datetime | None:
    """Return an instant, as W3C's note on dates and times writes it, on our clock; None for anything else.

    The database knows no zone as far away as some that can be written.
    """
    try:
        moment = datetime.fromisoformat(text) if INSTANT.fullmatch(text) else None
    except ValueError:
        return None
    return moment.astimezone(SHANGHAI) if moment and 1900 <= moment.year <= 2100 else None


def told(rows: list[Receipt], day: date) -> list[dict[str, Any]]:
    """Tell of requests, in as many questions for one as for a thousand."""
    answers = _answers(rows)
    names = names_on(day, {row.case.holder_id for row in rows if row.case.holder_id})
    return [_told(row, answers, names) for row in rows]


def _told(row: Receipt, answers: Mapping[tuple[int, str], str], names: Mapping[int, str]) -> dict[str, Any]:
    case, kind = row.case, kind_of(row.case)
    assert kind.intake is not None  # it has a receipt
    goes_on = case.is_open()
    return {
        "service_request_id": row.number,
        "status": "open" if goes_on else "closed",
        "status_notes": _notes(case, kind),
        "service_name": said(kind),
        "service_code": case.kind,
        "description": answers.get((case.pk, kind.intake.matter)),
        "agency_responsible": agency(case, kind, names) or None,
        "service_notice": None,
        "requested_datetime": _written(row.at),
        "updated_datetime": _written(max(row.at, row.last or row.at)),  # type: ignore[attr-defined]
        "expected_datetime": _written(case.whole_due_at or case.due_at) if goes_on else None,
        "address": answers.get((case.pk, kind.intake.spot or "")),
        "address_id": case.about.code or None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def _answers(rows: list[Receipt]) -> dict[tuple[int, str], str]:
    """Return what was said and where, as it was corrected last."""
    asked = [kind_of(row.case).intake for row in rows]
    fields = {field for one in asked if one for field in (one.matter, one.spot) if field}
    given = Answer.objects.filter(case__in=[row.case_id for row in rows], field__in=fields)
    latest = given.order_by("version").values_list("case_id", "field", "value")
    return {(case, field): str(value) for case, field, value in latest if not is_erased(value)}


def _notes(case: Case, kind: CaseKind) -> str:
    """Say where it stands: the stage, or the outcome that ended it."""
    if case.is_open():
        return said(kind.stage(case.stage))
    event = "withdrawn" if case.state == State.WITHDRAWN else case.outcome or "done"
    return kind.event_said(event, get_language() or "")


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds") if moment else None
