"""Leave an effect; collect those that are due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from zugong.core.pending.models import Pending


def leave(
    *, key: str, verb: str, name: str, subject: int | None, due_on: date, cause: str, **words: Any
) -> None:
    """Leave an effect for an engine above, or for a later day. The same key leaves nothing a second time."""
    row = Pending(key=key, verb=verb, name=name, subject=subject, due_on=due_on, cause=cause, words=words)
    Pending.objects.bulk_create([row], ignore_conflicts=True)


def forget(causes: Iterable[str]) -> None:
    """Take back what some deeds left: what had not come about never does, and the deeds may leave it anew."""
    Pending.objects.filter(cause__in=list(causes)).delete()


def came_about(causes: Iterable[str]) -> list[Pending]:
    """Return what some deeds left and somebody above has done."""
    return list(Pending.objects.filter(cause__in=list(causes)).exclude(collected_on=None).order_by("pk"))


def collect(verb: str, day: date) -> Iterator[Pending]:
    """Yield each due effect of a verb once; whoever takes it does the deed in the same transaction."""
    waiting = Pending.objects.select_for_update(skip_locked=True).filter(
        verb=verb, collected_on=None, due_on__lte=day
    )
    for row in waiting.order_by("due_on", "id"):
        if Pending.objects.filter(pk=row.pk, collected_on=None).update(collected_on=day):
            yield row
