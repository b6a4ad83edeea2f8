"""What the clock calls, given a day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from zugong.bulletins.models import Item
from zugong.core.pending.actions import collect


@transaction.atomic
def take_items(day: date) -> int:
    """Collect what lower engines put in bulletins. Returns how many."""
    items = [
        Item(
            kind=row.name, key=row.key, about_id=row.subject, day=row.due_on, cause=row.cause, words=row.words
        )
        for row in collect("put", day)
    ]
    Item.objects.bulk_create(items, ignore_conflicts=True)
    return len(items)
