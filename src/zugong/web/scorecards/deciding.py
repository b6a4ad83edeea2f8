"""From a computation to a published result: check it again, put it forward, let a second person publish it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zugong.core import clock
from zugong.core.errors import Refused
from zugong.packs.policy import Policy
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry.actions import policy_of
from zugong.scorecards import actions, engine, following, gathering, hearing, powers
from zugong.scorecards.models import Run
from zugong.web.asking import DeedForm, asker, found, said
from zugong.web.scorecards import frozen as frozen_facts
from zugong.web.scorecards import showing
from zugong.web.scorecards.forms import DecisionForm, GradesForm
from zugong.web.scorecards.showing import Card
from zugong.web.templatetags.zugong import day as long_day


@require_POST
def recomputation(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute a run again from its frozen facts, and show whether it comes to the same."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    refused, digest = None, ""
    with tempfile.TemporaryDirectory() as place:
        try:
            digest = actions.recompute(run, Path(place) / "run")
        except Refused as why:
            refused = why
    frozen = engine.open_run(found(actions.folder_of, run))
    return TemplateResponse(
        request,
        "scorecards/recomputation.html",
        {
            "crumbs": showing.crumbs(run, (_("再算一次核对"), "")),
            "run": run,
            "digest": digest,
            "same": digest == run.digest,
            "refused": refused,
            "facts": [
                {
                    "name": name,
                    "word": frozen_facts.table_word(name),
                    "rows": kept["rows"],
                    "digest": kept["digest"],
                }
                for name, kept in sorted(frozen.facts.items())
            ],
        },
    )


def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a run forward with the minutes of the meeting; a second person publishes it."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_run, user, today)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.does(
        lambda answers: actions.decide(run, by=user, day=today, minutes=answers["minutes"])
    ):
        messages.success(request, _("已报审，等另一人同意后公布。"))
        return HttpResponseRedirect(reverse("rating", args=[run.pk]))
    return TemplateResponse(
        request,
        "scorecards/decision.html",
        {
            "crumbs": showing.crumbs(run, (_("报审"), "")),
            "run": run,
            "card": Card.of(run),
            "form": form,
            "has_errors": bool(form.errors or form.refused),
            "counts": _counted(run),
        },
    )


def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """What will follow if this is published, said before it is; POST publishes."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    found(powers.may_approve, user, today)
    form = DeedForm(request.POST if request.method == "POST" else None)
    follows = [
        {
            "what": showing.effect_said(each.effect, Card.of(run)),
            "count": len(each.units),
            "due_on": each.due_on,
        }
        for each in following.consequences(run, today)
    ]
    if request.method == "POST" and form.does(lambda _given: actions.publish(run, by=user, day=today)):
        messages.success(request, _published(follows))
        return HttpResponseRedirect(reverse("rating", args=[run.pk]))
    return TemplateResponse(
        request,
        "scorecards/publication.html",
        {
            "crumbs": showing.crumbs(run, (_("公布"), "")),
            "run": run,
            "card": Card.of(run),
            "refused": form.refused,
            "unadjusted": [
                {
                    "name": case.about.name_on(today),
                    "number": case.number,
                    "href": reverse("case", args=[case.pk]),
                }
                for case in hearing.unadjusted(run).select_related("about")
            ],
            "counts": _counted(run),
            "follows": follows,
            "back": reverse("rating", args=[run.pk]),
        },
    )


def _published(follows: list[dict[str, Any]]) -> str:
    """Say that a run is published, and what follows when."""
    lines = [
        _("%(what)s：%(count)d 个，%(day)s") % {**one, "day": long_day(one["due_on"])} for one in follows
    ]
    return _("已公布。%(follows)s") % {"follows": _("；").join(lines)}


def _counted(run: Run) -> list[dict[str, Any]]:
    """Say how many units have each grade."""
    card = Card.of(run)
    counts = showing.counts(run.results.all())
    return [{"label": card.word(grade), "value": counts.get(grade, 0)} for grade in card.grades]


# Grades decided without a score


def grades(request: HttpRequest, card: str) -> HttpResponse:
    """Enter a year's grades as a meeting decided them; they are shown as decided, not computed."""
    user, today = asker(request), clock.today()
    found(powers.may_run, user, today)
    policy = policy_of(found(actions.edition_for, card, today))
    entry = found(policy.scorecard, card)
    form = GradesForm(request.POST or None, cards=[entry], initial={"card": card})
    if request.method == "POST" and form.does(
        lambda answers: actions.decide_without_score(
            card,
            day=today,
            grades=_read(answers["grades"], entry, policy),
            minutes=answers["minutes"],
            by=user,
        )
    ):
        messages.success(request, _("已保存。"))
        return HttpResponseRedirect(reverse("rating", args=[form.run.pk]))
    return TemplateResponse(
        request,
        "scorecards/grades.html",
        {
            "crumbs": [(_("评星定级"), reverse("ratings")), (_("录入审定等次"), "")],
            "form": form,
            "label": said(entry),
            "words": "、".join(actions.words_of(entry).values()),
            "has_errors": bool(form.errors or form.refused),
        },
    )


def _read(text: str, entry: Scorecard, policy: Policy) -> dict[int, str]:
    """Read lines of a unit and a grade. Raises Refused with every line that cannot be read."""
    units = gathering.units(entry, policy, clock.today())
    known = {word: row["pk"] for row in units for word in (row["unit"], row["name"])}
    grades = {word: grade for grade, said in actions.words_of(entry).items() for word in (grade, said)}
    read: dict[int, str] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            unit, grade = _pair(line, known, grades)
            if unit is None or grade is None or unit in read:
                wrong.append(f"{number}（{line.strip()}）")
            else:
                read[unit] = grade
    if wrong:
        lines = wrong[:8]
        raise Refused("这些行读不懂，或同一单位写了两次：{lines}", lines=lines, field="grades")
    if not read:
        raise Refused("请至少写一行", field="grades")
    return read


def _pair(line: str, known: Mapping[str, int], grades: Mapping[str, str]) -> tuple[int | None, str | None]:
    unit, _gap, grade = re.sub(r"[,，\t]+", " ", line.strip()).rpartition(" ")
    return known.get(unit.strip()), grades.get(grade.strip())
