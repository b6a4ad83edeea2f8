"""What the clock calls, given a day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from zugong.core import journal
from zugong.packs import keeping
from zugong.surveys.actions import kind_of
from zugong.surveys.models import Named, Survey


@transaction.atomic
def erase(day: date) -> int:
    """Erase who answered what on named sheets, once the time the pack sets is over; what was counted stays. Returns how many."""
    lost = 0
    kept = Named.objects.exclude(grade=keeping.ERASED)
    closed = Survey.objects.filter(closed_on__isnull=False, pk__in=kept.values("slip__survey"))
    for survey in closed.select_related("edition").defer("edition__texts"):
        kind = kind_of(survey)
        over = keeping.ends_on(kind.keep, survey.closed_on) if kind.keep else None
        if kind.keep and over and over <= day:
            answers = kept.filter(slip__survey=survey).update(grade=keeping.ERASED)
            rule = keeping.rule(kind.keep, kind.label, kind.keep.after)
            journal.write(
                "keep.erase",
                by=journal.SYSTEM,
                on=f"survey {survey.pk}",
                kind=kind.name,
                rule=rule,
                answers=answers,
            )
            lost += answers
    return lost
