"""What the clock calls, given a day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from zugong.bulletins import actions
from zugong.bulletins.models import Bulletin, BulletinState
from zugong.core import journal
from zugong.packs import keeping
from zugong.registry.actions import policy_of


def take_items(day: date) -> int:
    """Collect what lower engines put in bulletins. Returns how many."""
    return actions.take_items(day)


@transaction.atomic
def erase(day: date) -> int:
    """Erase what issued bulletins said, once the time the pack sets is over; that they were issued stays. Returns how many."""
    issued = Bulletin.objects.filter(state=BulletinState.ISSUED).exclude(facts__has_key="erased")
    lost = 0
    for one in issued.select_related("edition").defer("edition__texts").order_by("pk"):
        entry = policy_of(one.edition).bulletin(one.kind)
        over = keeping.ends_on(entry.keep, one.issued_on) if entry.keep else None
        if entry.keep and over and over <= day:
            rule = keeping.rule(entry.keep, entry.label, entry.keep.after)
            sentence = {"zh": keeping.note(rule), "en": f"Erased as ruled ({rule})"}
            gone = {"label": entry.label, "english": entry.english, "sentence": sentence}
            one.facts, one.remark = keeping.erased(rule) | {"sections": [gone]}, ""
            one.save(update_fields=["facts", "remark"])
            journal.write("keep.erase", by=journal.SYSTEM, on=one, kind=one.kind, rule=rule, bulletins=1)
            lost += 1
    return lost
