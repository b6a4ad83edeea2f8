"""What if: other weights, cut-offs and quotas on the same frozen facts. Nothing is kept, so nobody else sees it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.core import clock
from zugong.core.errors import Refused
from zugong.scorecards import engine, powers
from zugong.scorecards.engine.plan import Indicator, Plan
from zugong.scorecards.engine.trying import DRAWS, Change
from zugong.scorecards.methods import Said
from zugong.scorecards.methods import marks as marks_said
from zugong.scorecards.rules import BOUNDS, NOT_RATED, Quota, share_text
from zugong.web.asking import asker, found, paged, said_period
from zugong.web.plain import PlainForm
from zugong.web.scorecards.showing import Card, in_words

HIGHEST = 10_000  # marks; more than any card has


class TrialForm(PlainForm):
    """One number for each weight, cut-off and quota of a card, as it stands unless another is given."""

    def __init__(self, asked: Mapping[str, str], *, plan: Plan, card: Card) -> None:
        stands = {name: str(value) for name, value in _standing(plan).items()}
        super().__init__(stands | {name: value for name, value in asked.items() if value.strip()})
        for each in plan.indicators:
            if each.method:
                self.fields[f"weight-{each.id}"] = _number(
                    in_words(Said(each.label, each.english or each.label))
                )
        for grade, _marks in plan.thresholds:
            self.fields[f"cut-{grade}"] = _number(card.word(grade))
        for quota in plan.quotas:
            label = f"{card.word(quota.grade)} {in_words(BOUNDS[quota.bound])}"
            self.fields[f"share-{quota.grade}"] = _number(label, highest=100)

    def numbers(self, kind: str, times: int) -> dict[str, int]:
        """Return the answers of one kind, each times so many: marks as thousandths, per cent as per mille."""
        return {
            name.removeprefix(f"{kind}-"): int(value * times)
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{kind}-") and value is not None
        }

    def groups(self) -> list[dict[str, Any]]:
        """Return the fields under their headings."""
        headings = {
            "weight": _("权重（满分，分）"),
            "cut": _("等次线（分）"),
            "share": _("名额（%）"),
        }
        return [
            {"label": label, "fields": fields}
            for kind, label in headings.items()
            if (fields := [self[name] for name in self.fields if name.startswith(f"{kind}-")])
        ]


def _number(label: str, highest: int = HIGHEST) -> forms.DecimalField:
    places = 1 if highest == 100 else 3
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=highest, decimal_places=places
    )


def _standing(plan: Plan) -> dict[str, Decimal]:
    """Return the numbers of a card as people write them."""
    found = {f"weight-{each.id}": Decimal(each.full) / 1000 for each in plan.indicators if each.method}
    found |= {f"cut-{grade}": Decimal(marks) / 1000 for grade, marks in plan.thresholds}
    return found | {f"share-{each.grade}": Decimal(each.share) / 10 for each in plan.quotas}


@require_GET
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who would move if weights, cut-offs or quotas were others; with `firm`, how firmly each grade stands."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_run, user, today)
    card = Card.of(run)
    plan = engine.open_run(card.folder).plan
    asked = {name: str(value) for name, value in request.GET.items() if "-" in name}
    form = TrialForm(asked, plan=plan, card=card)
    trial, refused = None, None
    if asked and form.is_valid():
        after = engine.reweighted(
            plan, form.numbers("weight", 1000), form.numbers("cut", 1000), form.numbers("share", 10)
        )
        try:
            trial = engine.attempt(card.folder, after)
        except Refused as why:
            refused = why
    firm = _firm(card, run.pk) if "firm" in request.GET else []
    names = dict(run.results.values_list("key", "name")) if trial or firm else {}
    page = paged(request, list(trial.moves) if trial else firm)
    return TemplateResponse(
        request,
        "scorecards/what_if.html",
        {
            "crumbs": [
                (_("评星定级"), reverse("ratings")),
                (said_period(run.period), reverse("rating", args=[run.pk])),
                (_("试算"), ""),
            ],
            "run": run,
            "card": card,
            "form": form,
            "has_errors": bool(asked) and bool(form.errors),
            "refused": refused,
            "trial": trial,
            "changes": [_change(card, each) for each in trial.changes] if trial else [],
            "counts": _counts(card, trial) if trial else [],
            "page": page,
            "moves": [_move(card, names, each) for each in page] if trial else [],
            "asks_firm": "firm" in request.GET,
            "firm": [{**row, "name": names.get(row["unit"], row["unit"])} for row in page]
            if not trial
            else [],
            "draws": DRAWS,
        },
    )


def _counts(card: Card, trial: engine.Trial) -> list[dict[str, Any]]:
    """Count each grade before and after."""
    before = engine.Outcome.read(card.folder).grades
    return [
        {
            "label": card.word(grade),
            "before": before.get(grade, 0),
            "after": trial.outcome.grades.get(grade, 0),
            "more": trial.outcome.grades.get(grade, 0) - before.get(grade, 0),
        }
        for grade in (*trial.plan.scale, NOT_RATED)
    ]


def _move(card: Card, names: Mapping[str, str], move: engine.Move) -> dict[str, Any]:
    def grade(row: Mapping[str, Any]) -> str:
        return card.word(row["grade"]) if row["grade"] else _("未定")

    return {
        "name": names.get(move.unit, move.unit),
        "href": reverse("rating-unit", args=[card.run.pk, move.unit]),
        "before": move.before,
        "after": move.after,
        "grade_before": grade(move.before),
        "grade_after": grade(move.after),
        "tag": card.tag(move.after["grade"] or ""),
        "alone": [_change(card, each)["label"] for each in move.alone],
    }


def _change(card: Card, change: Change) -> dict[str, str]:
    kinds = {
        "indicator": _("权重"),
        "threshold": _("等次线"),
        "quota": _("名额"),
        "measure": _("指标口径"),
        "eligible": _("参评条件"),
        "veto": _("一票否决"),
        "cap": _("负面清单"),
        "out-of": _("折算总分"),
        "tie": _("同分规则"),
        "scale": _("等次"),
        "not-rated": _("不予评定"),
    }
    label = in_words(Said(change.label, change.english))
    if change.kind in ("threshold", "quota"):
        label = card.word(change.id.split()[0])
    return {
        "label": f"{kinds[change.kind]} {label}".strip(),
        "before": _value(change.before),
        "after": _value(change.after),
    }


def _value(part: Any) -> str:
    match part:
        case None:
            return "—"
        case Indicator():
            return marks_said(part.full)
        case Quota():
            return f"{in_words(BOUNDS[part.bound])} {share_text(part.share, 1000)}"
        case (str(), int(marks)):
            return marks_said(marks)
        case int(marks):
            return marks_said(marks)
        case str():
            return part or "—"
    return _("见制度包")


def _firm(card: Card, seed: int) -> list[dict[str, Any]]:
    """Return every ranked unit, the least firm first; the run's number is the seed, so anybody draws the same."""
    found = engine.firmness(card.folder, seed=seed)
    rows = [{"unit": unit, "firm": each, "kept": share_text(each.kept, 1000)} for unit, each in found.items()]
    return sorted(rows, key=lambda row: (row["firm"].kept, row["firm"].median, row["unit"]))
