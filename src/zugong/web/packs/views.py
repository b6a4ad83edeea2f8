"""Which rules are in force since when, what each entry says, and which paper says so. Everybody signed in may read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.core import clock
from zugong.core.errors import PackErrors
from zugong.packs import diff
from zugong.packs.dated import Dated
from zugong.packs.policy import PackInfo, Policy
from zugong.packs.schema import CaseKind, Entry, Scorecard
from zugong.packs.schema.common import Labelled
from zugong.packs.schema.scorecards import Indicator
from zugong.packs.show import Said, show
from zugong.packs.walking import walk
from zugong.packs.wording import WORDS
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition
from zugong.web.asking import asker, on, paged, said
from zugong.web.plain import a_day, by_name


@require_GET
def packs(request: HttpRequest) -> HttpResponse:
    """The editions in force through time, the latest first."""
    asker(request)
    today = clock.today()
    page = paged(request, Edition.objects.defer("texts").order_by("-in_force"))
    return TemplateResponse(
        request,
        "packs/packs.html",
        {
            "page": page,
            "rows": [
                {
                    "edition": edition,
                    "info": _info(edition),
                    "label": edition_label(edition),
                    "put_by": by_name(edition.put_by),
                    "agreed_by": by_name(edition.agreed_by),
                    "now": today in edition.in_force,
                    "ahead": edition.in_force.lower > today,
                }
                for edition in page
            ],
        },
    )


@require_GET
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: its entries by kind."""
    edition, policy = _edition(request, pk)
    words = request.GET.get("q", "").strip()
    return TemplateResponse(
        request,
        "packs/pack.html",
        {
            "crumbs": [(_("制度包"), reverse("packs")), (edition_label(edition), "")],
            "edition": edition,
            "label": edition_label(edition),
            "info": policy.info,
            "keeper": policy.info.keeper,
            "kinds": list(_kinds(policy, words)),
            "asked": words,
            "tabs": edition_tabs(edition, "pack"),
            "now": clock.today() in edition.in_force,
        },
    )


def _kinds(policy: Policy, words: str) -> Iterator[dict[str, Any]]:
    for kind, label in kind_words().items():
        entries = [
            {
                "kind": kind,
                "name": name,
                "label": said(entry),
                "paper": str(policy.cite(entry) or ""),
                "marks": _marks(policy, entry),
                "asleep": not entry.enabled,
                "from": policy.where[kind, name].pack,
            }
            for (of, name), entry in sorted(policy.entries.items())
            if of == kind
            and (not words or words in entry.label or words.lower() in f"{name} {entry.english}".lower())
        ]
        if entries:
            yield {"kind": kind, "label": label, "entries": entries}


def kind_words() -> dict[str, str]:
    """Return what each kind of entry is called, in the order in which a reader wants them."""
    return {
        "scorecard": _("评分表"),
        "measure": _("量数"),
        "case": _("事项"),
        "duty": _("义务"),
        "link": _("联系"),
        "activity": _("活动"),
        "bulletin": _("通报"),
        "survey": _("测评"),
        "ledger": _("台账"),
        "rules": _("决策表"),
        "roll": _("名册"),
        "appointment": _("任职方式"),
        "classes": _("类别表"),
    }


def _marks(policy: Policy, entry: Entry) -> list[str]:
    """Say what a reader must know before relying on an entry: invented, not checked, without a number."""
    cited = policy.cite(entry)
    marks = []
    if cited is None:
        marks.append(_("未注明依据"))
    elif cited.fictional:
        marks.append(_("虚构"))
    elif not cited.number:
        marks.append(_("无文号"))
    if not entry.verified and not (cited and cited.fictional):
        marks.append(_("原文待核对"))
    return marks


# One entry


@dataclass
class Line:
    """One line of an entry with those under it."""

    label: str
    text: str
    paper: str
    unset: bool
    below: list[Line]


@require_GET
def entry(request: HttpRequest, pk: int, kind: str, name: str) -> HttpResponse:
    """One entry: drawn where a drawing says more, then every word of it with its paper."""
    edition, policy = _edition(request, pk)
    if (kind, name) not in policy.entries:
        raise Http404
    one, day = policy.entries[kind, name], on(request)
    language = get_language() or ""
    cited = policy.cite(one)
    return TemplateResponse(
        request,
        "packs/entry.html",
        {
            "crumbs": [
                (_("制度包"), reverse("packs")),
                (edition_label(edition), reverse("pack", args=[edition.pk])),
                (said(one), ""),
            ],
            "edition": edition,
            "label": said(one),
            "kind": kind_words().get(kind, kind),
            "name": name,
            "note": one.note,
            "paper": str(cited or ""),
            "paper_href": f"{reverse('pack-sources', args=[edition.pk])}#{one.source}" if cited else "",
            "marks": _marks(policy, one),
            "lines": nested(show(policy, (kind, name), language=language)[1:]),
            "stages": _stages(policy, one, day) if isinstance(one, CaseKind) else [],
            "indicators": _indicators(policy, one, day) if isinstance(one, Scorecard) else [],
            "grades": _grades(one, day) if isinstance(one, Scorecard) else [],
            "day": day,
        },
    )


def nested(lines: Sequence[Said]) -> list[Line]:
    """Return lines as a tree by their depth."""
    unset = {"未设", "not set"}
    root: list[Line] = []
    path: list[tuple[int, list[Line]]] = [(-1, root)]
    for line in lines:
        while path[-1][0] >= line.depth:
            path.pop()
        made = Line(line.label, line.text, line.paper, line.text in unset, [])
        path[-1][1].append(made)
        path.append((line.depth, made.below))
    return root


def _stages(policy: Policy, kind: CaseKind, day: date) -> list[dict[str, Any]]:
    """Return the line of a case kind: who acts at each stage, and how long it may take."""
    return [
        {
            "label": said(stage),
            "who": "、".join(
                said(policy.roles[role]) if role in policy.roles else role for role in stage.doers
            ),
            "clock": _clock(stage.clock, day) if stage.clock else "",
            "outcomes": _outcomes(stage),
        }
        for stage in kind.stages
    ]


def _outcomes(stage: Any) -> list[str]:
    words = stage.english_words if (get_language() or "").startswith("en") else stage.words
    return [words.get(outcome) or stage.words.get(outcome, outcome) for outcome in stage.outcomes]


def _clock(limit: Any, day: date) -> str:
    if (n := limit.working_days.on(day)) is not None:
        return ngettext("%(n)s 个工作日", "%(n)s 个工作日", n) % {"n": n}
    if (n := limit.days.on(day)) is not None:
        return ngettext("%(n)s 日", "%(n)s 日", n) % {"n": n}
    if (n := limit.months.on(day)) is not None:
        return ngettext("%(n)s 个月", "%(n)s 个月", n) % {"n": n}
    return _("年底前") if limit.until == "year-end" else str(limit.until) or _("未设期限")


def _indicators(policy: Policy, card: Scorecard, day: date) -> list[dict[str, Any]]:
    """Return the indicators of a card as they hold on a day: full marks, how marks follow, which paper."""
    return [
        {
            "label": said(each),
            "full": each.full.on(day),
            "method": _method(policy, each),
            "paper": str(policy.cite(card, each.full.line(day), clause="") or ""),
        }
        for each in card.indicators
    ]


def _method(policy: Policy, each: Indicator) -> str:
    words = {
        "ratio": _("完成率"),
        "banded": _("分档"),
        "deduction": _("扣分"),
        "bonus": _("加分"),
        "checklist": _("清单"),
        "rated": _("评分"),
    }
    figures = [
        getattr(each.by, name) for name in ("done", "due", "figure", "proof") if hasattr(each.by, name)
    ]
    read = [said(policy.entries["measure", name]) for name in figures if ("measure", name) in policy.entries]
    return f"{words[each.by.method]}{'（' + '、'.join(read) + '）' if read else ''}"


def _grades(card: Scorecard, day: date) -> list[dict[str, Any]]:
    """Return the scale with the marks from which each grade is given; None where nothing is set."""
    grades, least = card.grades, card.grades.thresholds.on(day) or {}
    words = grades.english_words if (get_language() or "").startswith("en") else grades.words
    return [
        {"label": words.get(grade) or grades.words.get(grade, grade), "least": least.get(grade)}
        for grade in grades.scale
    ]


# Sources and changes


@require_GET
def sources(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers behind the values of an edition."""
    edition, policy = _edition(request, pk)
    used: dict[str, int] = {}
    for one in policy.entries.values():
        used[one.source] = used.get(one.source, 0) + 1
    return TemplateResponse(
        request,
        "packs/sources.html",
        {
            "crumbs": _crumbs(edition, _("依据")),
            "edition": edition,
            "label": edition_label(edition),
            "tabs": edition_tabs(edition, "pack-sources"),
            "rows": [
                {
                    "key": key,
                    "source": source,
                    "label": source.english if _english() and source.english else source.label,
                    "used": used.get(key, 0),
                }
                for key, source in policy.sources.items()
            ],
        },
    )


@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What is otherwise on a later day, or in this edition against another."""
    edition, policy = _edition(request, pk)
    others = list(Edition.objects.exclude(pk=pk).defer("texts").order_by("-in_force"))
    before, after = _day(request, "before"), _day(request, "after")
    other = next((one for one in others if str(one.pk) == request.GET.get("other", "")), None)
    found: list[diff.Change] = []
    if other:
        found = diff.between_packs(policy_of(other), policy)
    elif before and after:
        found = diff.between_days(policy, *sorted([before, after]))
    return TemplateResponse(
        request,
        "packs/changes.html",
        {
            "crumbs": _crumbs(edition, _("哪天变什么")),
            "edition": edition,
            "label": edition_label(edition),
            "tabs": edition_tabs(edition, "pack-changes"),
            "asked": request.GET,
            "compared": bool(other or (before and after)),
            "others": [(one.pk, edition_label(one)) for one in others],
            "days": sorted(_starts(policy)),
            "rows": [
                {
                    **row,
                    "href": reverse("pack-entry", args=[pk, *row["change"].key])
                    if row["change"].key in policy.entries
                    else "",
                }
                for row in change_rows(found, policy)
            ],
        },
    )


def change_rows(found: Sequence[diff.Change], policy: Policy) -> list[dict[str, Any]]:
    """Return what is otherwise than before, in words: `packs/_changes.html` draws it."""
    words = {"role": _("谁来办"), "field": _("填报项")}
    return [
        {
            "change": change,
            "what": {"added": _("新设"), "removed": _("已取消"), "changed": _("改为")}[change.what],
            "label": said(policy.entries[change.key]) if change.key in policy.entries else change.label,
            "kind": kind_words().get(change.key[0]) or words.get(change.key[0], change.key[0]),
            "where": _where(change, policy),
        }
        for change in found
    ]


def _where(change: diff.Change, policy: Policy) -> str:
    """Say where in an entry something is otherwise, in its own words: 环节 › 办理 › 期限 › 工作日 › 2025-09-01."""
    entry = policy.entries.get(change.key)
    named = {str(path[-1]): said(part) for path, part in walk(entry) if path and isinstance(part, Labelled)}
    steps = [step for step in change.path.split(".") if step not in ("values", "value")]
    words = {} if _english() else WORDS
    return " › ".join(named.get(step) or words.get(step) or step.replace("_", " ") for step in steps)


def _starts(policy: Policy) -> set[date]:
    """Return every day on which some value of the edition begins to hold."""
    return {
        start
        for one in policy.entries.values()
        for _path, part in walk(one)
        if isinstance(part, Dated)
        for start in part.values
        if isinstance(start, date)
    }


def _day(request: HttpRequest, name: str) -> date | None:
    return a_day(request.GET.get(name, ""))


def _edition(request: HttpRequest, pk: int) -> tuple[Edition, Policy]:
    asker(request)
    edition = get_object_or_404(Edition.objects.defer("texts"), pk=pk)
    return edition, policy_of(edition)


def _english() -> bool:
    return (get_language() or "").startswith("en")


def edition_label(edition: Edition) -> str:
    """Return what an edition is called, and which version it is."""
    return f"{pack_label(edition)} {edition.version}"


def pack_label(edition: Edition) -> str:
    """Return what the pack of an edition is called."""
    info = _info(edition)
    return info.said(get_language() or "") if info else edition.pack


def _info(edition: Edition) -> PackInfo | None:
    """What the pack says of itself; nothing where another version of the program kept its texts."""
    try:
        return policy_of(edition).info
    except PackErrors:
        return None


def _crumbs(edition: Edition, here: str) -> list[tuple[str, str]]:
    return [
        (_("制度包"), reverse("packs")),
        (edition_label(edition), reverse("pack", args=[edition.pk])),
        (here, ""),
    ]


def edition_tabs(edition: Edition, here: str) -> list[dict[str, Any]]:
    """Return the pages of an edition, the one that is read marked."""
    names = {
        "pack": _("条目"),
        "pack-sources": _("依据"),
        "pack-changes": _("哪天变什么"),
        "pack-running": _("仍按其他版办理"),
    }
    return [
        {"label": label, "href": reverse(name, args=[edition.pk]), "current": name == here}
        for name, label in names.items()
    ]
