"""What follows from a grade: said before it comes about, and done when the grade is published or adjusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zugong.accounts.models import User
from zugong.cases.actions import VERBS
from zugong.packs.schema.common import Effect
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry import effects
from zugong.registry.actions import policy_of
from zugong.registry.happening import Happening, due_on
from zugong.rules import guards
from zugong.scorecards.models import Adjustment, Result, Run, RunState
from zugong.scorecards.rules import guard_facts

PUBLISHED = "on published"


@dataclass(frozen=True)
class Consequence:
    """What publishing does: an effect of the card, the units it reaches, the day on which it comes about."""

    effect: Effect
    units: tuple[int, ...]
    due_on: date


def consequences(run: Run, day: date) -> list[Consequence]:
    """Return what follows from a run that is published on a day, before it is."""
    entry = policy_of(run.edition).scorecard(run.card)
    before = _grades_before(run)
    grades = list(run.results.order_by("id").values_list("unit_id", "effective"))

    def reached(effect: Effect) -> tuple[int, ...]:
        return tuple(unit for unit, grade in grades if _holds(effect, entry, grade, before.get(unit)))

    return [
        Consequence(effect, reached(effect), due_on(effect, day))
        for effect in entry.effects.get(PUBLISHED, [])
    ]


def follow(run: Run, by: User, day: date) -> None:
    """Do what the pack says follows from the published grade of each unit."""
    entry = policy_of(run.edition).scorecard(run.card)
    before = _grades_before(run)
    for result in run.results.select_related("unit").order_by("id"):
        cause = cause_of(run, result.key)
        _do(result, entry, result.effective, before.get(result.unit_id), cause, by, day)


def follow_adjusted(adjustment: Adjustment, by: User, day: date) -> None:
    """Correct the rolls by a grade adjusted after publication, and do what no earlier grade of the run has set off.

    What an earlier grade set off stays as it is: people see it and decide.
    """
    result, run = adjustment.result, adjustment.result.run
    entry = policy_of(run.edition).scorecard(run.card)
    before = _grades_before(run).get(result.unit_id)
    earlier = published_grades(result)[:-1]
    new = [
        effect
        for effect in entry.effects.get(PUBLISHED, [])
        if effect.enter or not any(_holds(effect, entry, grade, before) for grade in earlier)
    ]
    only = entry.model_copy(update={"effects": {PUBLISHED: new}})
    _do(result, only, adjustment.after, before, f"{run} {result.key} adjusted {adjustment.pk}", by, day)


def published_grades(result: Result) -> list[str]:
    """Return the grades that a unit has had since its run was published, oldest first; none before."""
    run = result.run
    if run.state != RunState.PUBLISHED:
        return []
    agreed = list(result.adjustments.filter(agreed=True).order_by("pk"))
    later = [one for one in agreed if one.after_publication]
    first = later[0].before if later else result.effective
    return [first, *(one.after for one in later)]


def set_off(result: Result) -> list[Consequence]:
    """Return what earlier published grades of a unit set off and its grade of now would not: left to people."""
    *earlier, now = published_grades(result) or [""]
    run = result.run
    entry = policy_of(run.edition).scorecard(run.card)
    before = _grades_before(run).get(result.unit_id)
    return [
        Consequence(effect, (result.unit_id,), due_on(effect, run.published_on or run.day))
        for effect in entry.effects.get(PUBLISHED, [])
        if any(_holds(effect, entry, grade, before) for grade in earlier)
        and not _holds(effect, entry, now, before)
    ]


def cause_of(run: Run, key: str) -> str:
    """Return the deed that whatever follows from a unit's published grade names as its cause."""
    return f"{run} {key} published"


def _do(
    result: Result, entry: Scorecard, grade: str, before: str | None, cause: str, by: User, day: date
) -> None:
    happening = Happening(
        policy=policy_of(result.run.edition),
        event="published",
        subject=result.unit,
        day=day,
        cause=cause,
        by=str(by),
        facts=guard_facts(grade or None, entry.grades.scale, before=before),
    )
    effects.run(entry, happening, VERBS)


def _holds(effect: Effect, entry: Scorecard, grade: str, before: str | None) -> bool:
    facts = guard_facts(grade or None, entry.grades.scale, before=before)
    return not effect.when or bool(guards.holds(effect.when, facts))


def _grades_before(run: Run) -> dict[int, str]:
    earlier = (
        Run.objects.filter(card=run.card, state=RunState.PUBLISHED, last__lt=run.first)
        .order_by("-last")
        .first()
    )
    return dict(earlier.results.values_list("unit_id", "effective")) if earlier else {}
