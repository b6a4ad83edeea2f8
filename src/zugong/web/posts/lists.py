"""What lies with a post, as pages and papers show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

Row = dict[str, Any]
SECTIONS: dict[str, Callable[[], str]] = {
    "tasks": lambda: _("任务"),
    "cases": lambda: _("在办事项"),
    "duties": lambda: _("本期义务"),
    "ties": lambda: _("联系的村和单位"),
    "things": lambda: _("材料和物品"),
}


def line_of(item: Row, seen: set[int], duties_seen: set[int]) -> Row:
    """Return one thing of a list: what it is called, by when, and its page where the asker may open it."""
    href = ""
    if item["what"] in ("tasks", "cases") and item["number"] in seen:
        href = reverse("case", args=[item["number"]])
    elif item["what"] == "duties" and item["number"] in duties_seen:
        href = reverse("duty", args=[item["number"]])
    return {
        "label": item["label"],
        "href": href,
        "due": date.fromisoformat(item["due"]) if item["due"] else None,
    }
