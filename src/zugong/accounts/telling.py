"""Who reads a message: the users of some persons, and those who act for some organisations."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from zugong.accounts.models import Grant, User
from zugong.accounts.powers import grants_of
from zugong.accounts.rules import ALLOWS, May
from zugong.core.once import asked_once
from zugong.core.outbox.actions import Letter, send_all
from zugong.core.sentences import Sentence
from zugong.registry.selecting import Ids

KEEPING = [role.value for role, allowed in ALLOWS.items() if May.SECURITY in allowed]
ACTING = [role.value for role, allowed in ALLOWS.items() if May.ACT in allowed]


@asked_once
def readers(subjects: Ids, day: date) -> list[User]:
    """Return the active users who are these persons or act for these organisations on a day."""
    acting = Grant.objects.on(day).filter(role__in=ACTING, organisation__in=subjects).values("user")
    return list(User.objects.filter(Q(person__in=subjects) | Q(pk__in=acting), is_active=True).order_by("pk"))


def tell(
    subjects: Ids,
    *,
    day: date,
    key: str,
    sentence: Sentence,
    about: int | None = None,
    until: date | None = None,
    link: str = "",
    but: User | None = None,
) -> int:
    """Leave a message for each reader, once for a key; for none who did it themselves. Returns how many are new.

    The sentence carries no personal data: whom it is `about` is a number, named to those who may see them.
    """
    return send_all(
        Letter(f"{key} {user.username}"[:200], user.username, sentence, about, until, link)
        for user in readers(subjects, day)
        if user != but
    )


def tell_of_grants(person: int, post: int, *, left_on: date, day: date) -> int:
    """Tell who gives and takes grants that somebody left a post and may still do what they could. Returns new messages.

    Nothing is taken back by itself: the person may have another post that needs it.
    """
    users = User.objects.filter(grants__in=grants_of(frozenset({person}), day)).distinct()
    keepers = User.objects.filter(grants__in=Grant.objects.on(day).filter(role__in=KEEPING), is_active=True)
    sentence = Sentence("有人已离任，授权还没有收回，请核定是否收回")
    return send_all(
        Letter(
            f"released {person} {post} {left_on} {user.pk} {keeper.username}"[:200],
            keeper.username,
            sentence,
            about=person,
            link=f"/users/{user.pk}",
        )
        for user in users
        for keeper in keepers.distinct()
    )
