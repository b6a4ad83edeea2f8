"""What if: other weights, cut-offs and quotas on the same frozen facts. Nothing is kept but a draft of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts import drafting
from zugong.accounts import powers as powers_of_accounts
from zugong.accounts.models import Draft, User
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.packs.schema.measures import Measure
from zugong.packs.writing import Value
from zugong.registry.actions import edition_on
from zugong.scorecards import engine, powers
from zugong.scorecards.engine.plan import Indicator, Plan
from zugong.scorecards.engine.trying import DRAWS, Change
from zugong.scorecards.methods import Said
from zugong.scorecards.methods import marks as marks_said
from zugong.scorecards.models import Run
from zugong.scorecards.rules import BOUNDS, NOT_RATED, Quota, share_text
from zugong.web import plain
from zugong.web.asking import asker, found, paged, said
from zugong.web.plain import PlainForm
from zugong.web.scorecards.showing import Card, crumbs, in_words

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
    drafted, plan = _drafted(request.GET.get("draft", ""), user, run, plan)
    asked = {name: str(value) for name, value in request.GET.items() if "-" in name}
    form = TrialForm(asked, plan=plan, card=card)
    trial, refused = None, None
    if (asked or drafted) and (not asked or form.is_valid()):
        after = _reweighted(plan, form) if asked else plan
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
            "crumbs": crumbs(run, (_("试算"), "")),
            "run": run,
            "card": card,
            "form": form,
            "drafted": drafted,
            "saved": request.GET.urlencode(),
            "may_save": bool(trial and asked) and powers_of_accounts.may_draft(user, today),
            "drafts": powers_of_accounts.drafts(user, today).filter(author=user).defer("texts"),
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


def _drafted(number: str, user: User, run: Run, plan: Plan) -> tuple[Draft | None, Plan]:
    """Return the asker's draft of a number, with its card as it would hold on the draft's day; else neither."""
    if (pk := plain.number(number)) is None:
        return None, plan
    draft = found(powers_of_accounts.own_draft, user, pk, clock.today())
    policy, findings = drafting.examined(draft)
    if policy is None or ("scorecard", run.card) not in policy.entries:
        first = findings[0] if findings else ""
        raise Http404(_("草稿里读不到这张评分表：%(first)s") % {"first": first})
    measures = {measure.name: measure for measure in policy.all("measure", Measure)}
    return draft, engine.plan(policy.scorecard(run.card), measures, day=max(run.day, draft.since))


def _reweighted(plan: Plan, form: TrialForm) -> Plan:
    return engine.reweighted(
        plan, form.numbers("weight", 1000), form.numbers("cut", 1000), form.numbers("share", 10)
    )


@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save other numbers as a draft of the asker's: new dated lines, whose source is for them to fill."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_run, user, today)
    card = Card.of(run)
    asked = QueryDict(request.POST.get("numbers", ""))
    plan = engine.open_run(card.folder).plan
    old, plan = _drafted(asked.get("draft", ""), user, run, plan)
    form = TrialForm({name: str(value) for name, value in asked.items() if "-" in name}, plan=plan, card=card)
    if not form.is_valid():
        return HttpResponseRedirect(f"{reverse('rating-what-if', args=[pk])}?{asked.urlencode()}")
    try:
        with transaction.atomic():
            draft = old or drafting.begin(by=user, day=today, at=clock.now(), base=edition_on(today))
            lines = _lines_that_differ(plan, _reweighted(plan, form))
            drafting.write_lines(draft, ("scorecard", run.card), lines, by=user, at=clock.now())
    except Refused as refused:
        messages.error(request, said(refused))
        return HttpResponseRedirect(f"{reverse('rating-what-if', args=[pk])}?{asked.urlencode()}")
    messages.success(request, _("已存为草稿；核对会指出还要填的出处。"))
    return HttpResponseRedirect(reverse("draft", args=[draft.pk]))


def _lines_that_differ(plan: Plan, after: Plan) -> dict[tuple[str, ...], Value]:
    """Return path in the card → the number that would be another: full marks, all cut-offs together, shares."""
    lines: dict[tuple[str, ...], Value] = {
        ("indicators", new.id, "full"): new.full
        for old, new in zip(plan.indicators, after.indicators, strict=True)
        if old.full != new.full
    }
    if plan.thresholds != after.thresholds:
        lines["grades", "thresholds"] = dict(after.thresholds)
    return lines | {
        ("grades", "quotas", new.grade, "share"): new.share
        for old, new in zip(plan.quotas, after.quotas, strict=True)
        if old.share != new.share
    }


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
