"""What the clock does with accounts."""

from datetime import date, timedelta

from zugong.accounts import actions
from zugong.accounts.powers import grants_of
from zugong.accounts.telling import tell, tell_of_grants
from zugong.core import journal
from zugong.core.sentences import Sentence
from zugong.packs.schema import AppointmentKind
from zugong.registry.actions import policy_on
from zugong.registry.models import Appointment, Edition, Particulars


def disable_dormant(day: date) -> int:
    """Close the accounts nobody has used for ninety days."""
    return actions.disable_dormant(day, by=journal.SYSTEM)


def tell_of_released(day: date) -> int:
    """Tell who takes grants back of those who left a post in the last week and still hold some. Returns messages."""
    week = (day - timedelta(days=7), day)
    left = Appointment.objects.known().filter(acts_for=False, valid__endswith__range=week)
    holding = grants_of(frozenset(left.values_list("person_id", flat=True)), day).values("user__person")
    here = Appointment.objects.on(day)
    return sum(
        tell_of_grants(one.person_id, one.post_id, left_on=one.valid.upper, day=day)
        for one in left.filter(person__in=holding).order_by("pk")
        if not here.filter(person=one.person_id, post=one.post_id).exists()  # appointed to it again
    )


def warn_of_terms(day: date) -> int:
    """Tell person and organisation, so many days before, that an appointment's proposed end comes near. Returns messages."""
    if not Edition.objects.filter(in_force__contains=day).exists():
        return 0
    told = 0
    for kind in policy_on(day).all("appointment", AppointmentKind):
        if (before := kind.term.warn.on(day)) is None:
            continue
        ending = Appointment.objects.on(day).filter(
            kind=kind.name, due_on__range=(day, day + timedelta(days=before))
        )
        for one in ending:
            owners = Particulars.objects.on(day).filter(subject=one.post_id, parent__isnull=False)
            told += tell(
                frozenset({one.person_id, *owners.values_list("parent_id", flat=True)}),
                day=day,
                key=f"term {one.person_id} {one.post_id} {one.due_on}",
                sentence=Sentence("有一项任职（{kind}）即将到期，请商定去留", kind=kind),
                about=one.person_id,
                until=one.due_on,
                link="/",
            )
    return told
