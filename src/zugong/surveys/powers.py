"""Who may open and close sheets, who may answer, and who may read what came of it."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import sealing
from zugong.core.errors import Refused
from zugong.packs.policy import Policy
from zugong.packs.schema import Survey as SurveyKind
from zugong.registry.models import Subject
from zugong.registry.selecting import Asked, Ids, below, of_class
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


def slip_with(code: str) -> Slip:
    """Return the unused slip of an open sheet that has a code. Raises Refused, in the same words, for any other code."""
    rows = Slip.objects.filter(
        code=sealing.digest("slip", code), used=False, survey__closed_on=None
    ).select_related("survey", "survey__about", "survey__edition")
    if (slip := rows.first()) is None:
        raise Refused("没有这个票号，或者这张票已经用过、测评已经结束", field="code")
    return slip


def to_open(asker: User, policy: Policy, kind: SurveyKind, round: str, day: date) -> Ids:
    """Return about whom a round of a kind has no sheet yet, of those whose ratings the asker runs."""
    meant = Asked(policy, day).find(kind.about) & running(asker, day)
    there = Survey.objects.filter(kind=kind.name, round=round, about__in=meant)
    return meant - frozenset(there.values_list("about_id", flat=True))


def named_answers(asker: User, survey: Survey, day: date) -> QuerySet[Named]:
    """Return who answered what on a sheet that is not secret, to whoever runs ratings of its subject."""
    if not _runs(asker, survey.about, day):
        return Named.objects.none()
    return Named.objects.filter(slip__survey=survey).select_related("slip")


def check_runs(asker: User, about: Subject, day: date) -> None:
    """Raise Refused unless the asker may open and close sheets about a subject."""
    if not _runs(asker, about, day):
        raise Refused("您不能组织对{about}的测评", about=about.name_on(day))


def running(asker: User, day: date) -> Ids:
    """Return about whom the asker may open and close sheets; about persons, only who may open their files."""
    roots: Ids = frozenset(asker.roots(May.RUN, day))
    persons = (
        of_class("person", frozenset(), day) if roots and asker.may(May.SEE_PERSONS, day) else frozenset()
    )
    return below(roots, day) | persons


def _runs(asker: User, about: Subject, day: date) -> bool:
    return about.pk in running(asker, day)
