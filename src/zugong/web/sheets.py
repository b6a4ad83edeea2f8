"""How a page hands out a workbook, and where its list goes out as one."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from zugong.accounts.models import User
from zugong.core.errors import Refused
from zugong.imports import powers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str) -> HttpResponse:
    """Answer with a workbook under a name."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def export_of(user: User, name: str, day: date) -> str:
    """Return where a list goes out in the layout of its template; nothing for who may not take it out."""
    try:
        powers.open_book(powers.asking(user, day), name)
    except Refused:
        return ""
    return reverse("sheet-export", args=[name])
