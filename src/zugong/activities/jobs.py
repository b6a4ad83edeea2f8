"""What the clock calls, given a day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from zugong.activities.models import Activity, AgendaItem, Evidence, Presence
from zugong.core import journal
from zugong.core.files.actions import erase as erase_files
from zugong.packs import keeping
from zugong.packs.schema import ActivityKind
from zugong.registry.actions import policy_on
from zugong.registry.models import Edition


@transaction.atomic
def erase(day: date) -> int:
    """Erase what the pack in force keeps for a time only, once the time is over. Returns how many activities lost something.

    Of the whole record the day, who ran it and how many attended stay: they were counted.
    """
    if not Edition.objects.filter(in_force__contains=day).exists():
        return 0
    policy, lost = policy_on(day), 0
    for kind in policy.all("activity", ActivityKind):
        fields = dict(keeping.of_fields(policy, kind.fields))
        if not fields and not kind.keep:
            continue
        for one in Activity.objects.held().filter(kind=kind.name, erased="").order_by("pk"):
            if kind.keep and (over := keeping.ends_on(kind.keep, one.day)) and over <= day:
                _erase_whole(one, keeping.rule(kind.keep, kind.label, kind.keep.after))
                lost += 1
                continue
            due = {
                name: keeping.rule(keep, policy.fields[name].label, keep.after)
                for name, keep in fields.items()
                if (over := keeping.ends_on(keep, one.day)) and over <= day
            }
            lost += _erase_fields(one, due)
    return lost


def _erase_whole(one: Activity, rule: str) -> None:
    """Erase what was said and who was there, and what earlier versions said."""
    mark = keeping.note(rule)
    one.fields = {name: keeping.erased(rule) for name in one.fields}
    one.topic, one.minutes, one.erased = "", "", rule
    one.save(update_fields=["fields", "topic", "minutes", "erased"])
    persons, _ = Presence.objects.filter(activity=one).delete()
    items = AgendaItem.objects.filter(activity=one).update(matter=keeping.ERASED, decision="")
    corrections = one.corrections.update(was=keeping.erased(rule))
    files = erase_files(Evidence.objects.filter(activity=one).values_list("file_id", flat=True), mark=mark)
    journal.write(
        "keep.erase", by=journal.SYSTEM, on=f"activity {one.pk}", kind=one.kind, rule=rule,
        answers=len(one.fields), persons=persons, items=items, corrections=corrections, files=files,
    )  # fmt: skip


def _erase_fields(one: Activity, due: dict[str, str]) -> bool:
    left = {
        name: rule
        for name, rule in due.items()
        if name in one.fields and not keeping.is_erased(one.fields[name])
    }
    if not left:
        return False
    one.fields = one.fields | {name: keeping.erased(rule) for name, rule in left.items()}
    one.save(update_fields=["fields"])
    for rule in sorted(set(left.values())):
        one.corrections.update(was=keeping.erased(rule))
    journal.write(
        "keep.erase", by=journal.SYSTEM, on=f"activity {one.pk}", kind=one.kind,
        rule="；".join(sorted(set(left.values()))), answers=len(left),
    )  # fmt: skip
    return True
