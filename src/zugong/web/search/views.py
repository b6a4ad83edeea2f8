"""One box for people, organisations and cases: what the asker may see, by name, pinyin or number."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.cases import powers as cases
from zugong.cases.models import CaseQuerySet
from zugong.core import clock
from zugong.registry import powers
from zugong.registry.models import names_on, parents_on
from zugong.registry.powers import Hit
from zugong.registry.rules import ORGANISATION, PERSON
from zugong.web.asking import asker, ruled, said
from zugong.web.people.views import posts_of

SHOWN = 8

Group = dict[str, Any]


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What was found: the list alone for the palette, else a page around the same list."""
    user, day, words = asker(request), clock.today(), request.GET.get("q", "").strip()
    groups = [group for group in _groups(user, words, day) if group["hits"]] if words else []
    template = "components/found.html" if getattr(request, "htmx", False) else "search/search.html"
    return TemplateResponse(request, template, {"groups": groups, "words": words})


def _groups(user: User, words: str, day: date) -> list[Group]:
    hits = powers.search(user, words, day)
    return [
        {"label": _("人"), "hits": _people([hit for hit in hits if hit.noun == PERSON][:SHOWN], day)},
        {
            "label": _("组织"),
            "hits": _organisations([hit for hit in hits if hit.noun == ORGANISATION][:SHOWN], day),
        },
        {"label": _("事项"), "hits": _cases(user, words, day)},
    ]


def _people(hits: list[Hit], day: date) -> list[Group]:
    posts = posts_of([hit.subject for hit in hits], ruled(day), day)
    return [
        {
            "label": hit.name,
            "note": _("、").join(posts[hit.subject]),
            "href": reverse("person", args=[hit.subject]),
        }
        for hit in hits
    ]


def _organisations(hits: list[Hit], day: date) -> list[Group]:
    parents = parents_on(day, [hit.subject for hit in hits])
    names = names_on(day, parents.values())
    return [
        {
            "label": hit.name,
            "note": names.get(parents.get(hit.subject) or 0, ""),
            "href": reverse("organisation", args=[hit.subject]),
        }
        for hit in hits
    ]


def _by_receipt(seen: CaseQuerySet, words: str) -> CaseQuerySet:
    """Find a request by its receipt's number or the hotline's own."""
    return seen.filter(receipt__number="".join(words.split())) | seen.filter(receipt__outside_number=words)


def _cases(user: User, words: str, day: date) -> list[Group]:
    """Find cases by number, or by the name of what they are about; open ones first."""
    named = powers.matching(powers.organisations(user, day), words).values_list("subject_id", flat=True)[:50]
    seen = cases.visible(user, day).filter(parent=None)
    rows = (
        seen.filter(number__contains=words) | _by_receipt(seen, words) | seen.filter(about__in=list(named))
    ).order_by("closed_on", "-pk")
    found = list(rows.select_related("edition").defer("edition__texts")[:SHOWN])
    names = names_on(day, (row.about_id for row in found))
    return [
        {
            "label": f"{names.get(row.about_id, '')} · {said(cases.kind_of(row))}",
            "note": f"{said(cases.kind_of(row).stage(row.stage))} {row.number}",
            "href": reverse("case", args=[row.pk]),
        }
        for row in found
    ]
