"""Who may open and close sheets, who may answer, and who may read what came of it."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.registry.models import Subject
from zugong.registry.selecting import Ids, below
from zugong.surveys.models import Named, Slip, Survey, SurveyQuerySet


def visible(asker: User, day: date) -> SurveyQuerySet:
    """Return the sheets about the asker's part of the county; about persons, only for who may open their files."""
    part = below(frozenset(asker.roots(May.SEE, day)), day)
    seen = Q(about__in=part)
    if asker.may(May.SEE_PERSONS, day):
        seen |= Q(about__noun="person", opened_by=str(asker))
    return Survey.objects.filter(seen)


def survey(asker: User, pk: int, day: date) -> Survey:
    """Return a sheet that the asker may see. Raises Survey.DoesNotExist as for one that is not there."""
    return visible(asker, day).select_related("about", "edition").get(pk=pk)


def to_answer(asker: User, day: date) -> QuerySet[Slip]:
    """Return the unused slips of open sheets that are the asker's own, or those of whom they act for."""
    mine = asker.acts_for(day) | ({asker.person_id} if asker.person_id else set())
    return Slip.objects.filter(
        voter__in=mine, used=False, survey__closed_on=None, survey__opened_on__lte=day
    ).select_related("survey", "survey__about")


def named_answers(asker: User, survey: Survey, day: date) -> QuerySet[Named]:
    """Return who answered what on a sheet that is not secret, to whoever runs ratings of its subject."""
    if not _runs(asker, survey.about, day):
        return Named.objects.none()
    return Named.objects.filter(slip__survey=survey).select_related("slip")


def check_runs(asker: User, about: Subject, day: date) -> None:
    """Raise Refused unless the asker may open and close sheets about a subject."""
    if not _runs(asker, about, day):
        raise Refused("您不能组织对{about}的测评", about=about.name_on(day))


def _runs(asker: User, about: Subject, day: date) -> bool:
    roots: Ids = frozenset(asker.roots(May.RUN, day))
    if about.noun == "person":
        return bool(roots) and asker.may(May.SEE_PERSONS, day)
    return about.pk in below(roots, day)
