"""Who may see what is owed, answer, check and excuse."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.duties.models import Answer, Occurrence, OccurrenceQuerySet
from zugong.registry.answering import answering
from zugong.registry.models import Appointment, Particulars, Subject, at_work
from zugong.registry.powers import mine as everybody_i_am
from zugong.registry.selecting import Ids, below


def visible(asker: User, day: date) -> OccurrenceQuerySet:
    """Return what the asker's part of the county owes or is owed, what its people owe, and what they owe themselves."""
    part = _part(asker, May.SEE, day)
    seen = Q(who__in=part | people_of(part, day)) | Q(towards__in=part) | Q(who__in=own(asker, day))
    return Occurrence.objects.filter(seen)


def occurrence(asker: User, pk: int, day: date) -> Occurrence:
    """Return an occurrence that the asker may see. Raises Occurrence.DoesNotExist as for one that is not there."""
    return visible(asker, day).select_related("who", "towards", "edition").get(pk=pk)


def mine(asker: User, day: date) -> OccurrenceQuerySet:
    """Return what is still owed by the asker, or by those they act for: what a desk shows."""
    return Occurrence.objects.open().short().filter(who__in=own(asker, day), first__lte=day)


def own(asker: User, day: date) -> Ids:
    """Return whose duties the asker answers: organisations they act for, posts, and their own."""
    return everybody_i_am(asker, day)


def may_answer(asker: User, occurrence: Occurrence, day: date) -> bool:
    """Say whether the asker speaks for who owes it."""
    return occurrence.who_id in own(asker, day)


def may_check(asker: User, occurrence: Occurrence, day: date) -> bool:
    """Say whether the asker may hold a figure against its source: of the same organisation, or of those above it."""
    return bool((_part(asker, May.ACT, day) | own(asker, day)) & homes(occurrence.who, day))


def to_check(asker: User, day: date) -> OccurrenceQuerySet:
    """Return what waits for the asker as second person: answered by another, in their organisation or one right below it."""
    roots, things = asker.roots(May.ACT, day), Particulars.objects.on(day)
    near = things.filter(Q(subject__in=roots) | Q(parent__in=roots), subject__noun="organisation").values(
        "subject"
    )
    posts = things.filter(subject__noun="post", parent__in=near).values("subject")
    holders = Appointment.objects.on(day).filter(post__in=posts).values("person")
    theirs = Q(who__in=near) | Q(who__in=posts) | Q(who__in=holders)
    newer = Answer.objects.filter(
        occurrence=OuterRef("occurrence"), field=OuterRef("field"), version__gt=OuterRef("version")
    )
    waiting = Answer.objects.filter(~Exists(newer), checked_by="").exclude(by=str(asker))
    return Occurrence.objects.filter(theirs, pk__in=waiting.values("occurrence"))


def may_excuse(asker: User, occurrence: Occurrence, day: date) -> bool:
    """Say whether the asker decides on leave: they approve for those who owe it, and do not owe it themselves."""
    return not may_answer(asker, occurrence, day) and bool(
        _part(asker, May.APPROVE, day) & homes(occurrence.who, day)
    )


def homes(subject: Subject, day: date) -> Ids:
    """Return an organisation itself; of a post, its organisation; for a person, those of the posts they hold."""
    if subject.noun == "organisation":
        return frozenset({subject.pk})
    posts = [subject.pk] if subject.noun == "post" else at_work(day).filter(person=subject).values("post")
    owners = Particulars.objects.on(day).filter(subject__in=posts, parent__isnull=False)
    return frozenset(owners.values_list("parent_id", flat=True))


def people_of(organisations: Ids, day: date) -> Ids:
    """Return the persons who hold posts of some organisations on a day."""
    posts = Particulars.objects.on(day).filter(subject__noun="post", parent__in=organisations)
    holders = Appointment.objects.on(day).filter(post__in=posts.values("subject"))
    return frozenset(holders.values_list("person_id", flat=True))


def owing(occurrence: Occurrence, day: date) -> Ids:
    """Return who answers for it today: who owes it; of a post, who acts for it, or the body that takes its work in."""
    post = occurrence.who_id
    return frozenset({answering(frozenset({post}), day)[post] if occurrence.who.noun == "post" else post})


def _part(asker: User, may: May, day: date) -> Ids:
    return below(frozenset(asker.roots(may, day)), day)
