"""Marks that townships give: what is still to be rated, and one indicator on one sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.files.actions import keep
from zugong.packs.policy import Policy
from zugong.packs.schema.scorecards import Indicator, RatedMethod, Scorecard
from zugong.registry.actions import policy_of
from zugong.registry.models import Particulars, Subject, names_on
from zugong.scorecards import actions, powers
from zugong.scorecards.methods import marks as in_marks
from zugong.scorecards.models import Mark
from zugong.web.asking import found, need, ruled, said, said_period


def stage_word(stage: str) -> str:
    """Return what a stage of raters is called."""
    return {"self": _("自评"), "mutual": _("互评"), "decide": _("审定评分")}[stage]


@require_GET
def marks(request: HttpRequest) -> HttpResponse:
    """What the asker's organisations have to rate in this period, and how far they have come."""
    user, today = need(request, May.RATE), clock.today()
    raters = list(Subject.objects.filter(pk__in=powers.raters(user, today)))
    names = names_on(today, [rater.pk for rater in raters])
    cards = actions.cards_on(today) if ruled(today) else []
    sheets = [
        {**sheet, "rater": names.get(rater.pk, "")}
        for policy, card in cards
        for rater in raters
        for sheet in _sheets(policy, card, rater, today)
    ]
    return TemplateResponse(
        request,
        "scorecards/marks.html",
        {"crumbs": [(_("评星定级"), reverse("ratings")), (_("打分"), "")], "sheets": sheets},
    )


def _sheets(policy: Policy, card: Scorecard, rater: Subject, day: date) -> list[dict[str, Any]]:
    given = {
        (row["indicator"], row["stage"]): row["units"]
        for row in Mark.objects.filter(
            card=card.name, period=actions.period_of(card, day).name, rater=rater, superseded=False
        )
        .values("indicator", "stage")
        .annotate(units=Count("unit"))
    }
    rated = [
        (each, stage)
        for each in card.indicators
        if isinstance(each.by, RatedMethod)
        for stage in each.by.raters
    ]
    wanted = {
        stage: len(actions.to_rate(policy, card, stage, rater, day))
        for stage in {stage for _each, stage in rated}
    }
    return [
        {
            "indicator": said(each),
            "stage": stage_word(stage),
            "card": said(card),
            "period": actions.period_of(card, day).name,
            "done": given.get((each.id, stage), 0),
            "of": wanted[stage],
            "href": reverse("marks-sheet", args=[rater.pk, card.name, each.id, stage]),
        }
        for each, stage in rated
        if wanted[stage]
    ]


@dataclass
class Sheet:
    """One indicator at one stage, for all the units that one rater rates; with what was typed and what was wrong."""

    card: Scorecard
    indicator: Indicator
    stage: str
    rater: Subject
    full: int
    units: list[Particulars]
    saved: dict[int, int]
    typed: dict[int, str]
    wrong: dict[int, str]

    def read(self, answers: Mapping[str, str]) -> dict[int, int]:
        """Return the marks that were typed and are not yet saved; what cannot be read goes to `wrong`."""
        found: dict[int, int] = {}
        for unit in self.units:
            text = answers.get(f"m{unit.subject_id}", "").strip()
            self.typed[unit.subject_id] = text
            saved = self.saved.get(unit.subject_id)
            if not text and saved is not None:
                self.wrong[unit.subject_id] = _("已打的分可以改，不能清空")
            elif text and (given := self._marks(text)) is None:
                self.wrong[unit.subject_id] = _("填 0 到 %(full)s 之间的数，最多三位小数") % {
                    "full": in_marks(self.full)
                }
            elif text and given != saved:
                found[unit.subject_id] = given or 0
        return found

    def _marks(self, text: str) -> int | None:
        """Read marks as people type them; None for what is no mark of this indicator."""
        try:
            thousandths = Decimal(text.replace("。", ".").replace("．", ".")) * 1000
        except InvalidOperation:
            return None
        whole = int(thousandths) if thousandths.is_finite() else -1
        return whole if whole == thousandths and 0 <= whole <= self.full else None

    @property
    def missing(self) -> int:
        """How many units have no marks yet."""
        return sum(unit.subject_id not in self.saved for unit in self.units)

    def groups(self, names: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return the units by township, each with its box."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for unit in self.units:
            pk = unit.subject_id
            saved = in_marks(self.saved[pk]) if pk in self.saved else ""
            groups.setdefault(names.get(unit.parent_id or 0, ""), []).append(
                {
                    "pk": pk,
                    "name": unit.name,
                    "value": self.typed.get(pk, saved),
                    "saved": saved,
                    "wrong": self.wrong.get(pk, ""),
                }
            )
        return [
            {"label": label, "rows": rows, "missing": sum(not row["saved"] for row in rows)}
            for label, rows in groups.items()
        ]


def sheet(request: HttpRequest, rater: int, card: str, indicator: str, stage: str) -> HttpResponse:
    """One indicator × the units of a rater, filled by keyboard; what was right is saved, what was wrong is kept."""
    user, today = need(request, May.RATE), clock.today()
    one = _sheet(user, rater, card, indicator, stage, today)
    refused, kept = None, 0
    if request.method == "POST":
        given = one.read(request.POST)
        try:
            kept = _save(one, given, user, today, request)
        except Refused as why:
            refused = why
        if not one.wrong and refused is None:
            done = ngettext("已保存 %(n)d 个村的分。", "已保存 %(n)d 个村的分。", kept) % {"n": kept}
            messages.success(request, done)
            return HttpResponseRedirect(request.path)
    names = names_on(today, {unit.parent_id for unit in one.units if unit.parent_id})
    return TemplateResponse(
        request,
        "scorecards/sheet.html",
        {
            "crumbs": [
                (_("评星定级"), reverse("ratings")),
                (_("打分"), reverse("marks")),
                (f"{said(one.indicator)} · {stage_word(stage)}", ""),
            ],
            "sheet": one,
            "label": said(one.indicator),
            "stage": stage_word(stage),
            "full": in_marks(one.full),
            "rater": one.rater.name_on(today),
            "period": said_period(actions.period_of(one.card, today).name),
            "groups": one.groups(names),
            "done": len(one.units) - one.missing,
            "of": len(one.units),
            "kept": kept,
            "note": request.POST.get("note", ""),
            "refused": refused,
            "has_errors": bool(one.wrong or refused),
            "draft": f"marks-{rater}-{card}-{indicator}-{stage}",
        },
    )


def _sheet(user: User, rater: int, card: str, indicator: str, stage: str, day: date) -> Sheet:
    """Return a sheet that the asker may fill; any other is a page that is not there."""
    if rater not in powers.raters(user, day):
        raise Http404
    policy = policy_of(found(actions.edition_for, card, day))
    entry = found(policy.scorecard, card)
    full = found(actions.full_marks, entry, indicator, stage, day)
    who = Subject.objects.get(pk=rater)
    wanted = actions.to_rate(policy, entry, stage, who, day)
    if not wanted:
        raise Http404
    units = Particulars.objects.on(day).filter(subject__in=wanted).order_by("parent_id", "subject_id")
    saved = Mark.objects.filter(
        card=card,
        period=actions.period_of(entry, day).name,
        indicator=indicator,
        stage=stage,
        rater=rater,
        superseded=False,
    )
    part = next(each for each in entry.indicators if each.id == indicator)
    marks_given = dict(saved.values_list("unit_id", "marks"))
    return Sheet(entry, part, stage, who, full, list(units), marks_given, {}, {})


def _save(one: Sheet, given: dict[int, int], user: User, day: date, request: HttpRequest) -> int:
    """Save marks, with the note and the file that were given as their evidence."""
    if not given:
        return 0
    paper = request.FILES.get("evidence")
    actions.fill(
        one.card.name,
        indicator=one.indicator.id,
        stage=one.stage,
        rater=one.rater,
        marks=given,
        by=user,
        day=day,
        note=request.POST.get("note", "").strip()[:500],
        evidence=keep(name=paper.name or "", content=paper.read(), by=user) if paper else None,
    )
    one.saved.update(given)
    return len(given)
