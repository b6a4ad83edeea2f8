"""Who may see activities, and in whose name somebody enters one."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import rules
from zugong.activities.models import Activity, ActivityQuerySet
from zugong.activities.rules import Move
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition, Subject
from zugong.registry.powers import is_among, ties
from zugong.registry.selecting import Asked, Ids, below


def visible(asker: User, day: date) -> ActivityQuerySet:
    """Return the activities run by or held at the asker's part of the county or where ties lead them, and their own.

    Of a kind that says `seen_by`: those run by the asker or below them, their own, and all for those it names.
    """
    part = below(frozenset(asker.roots(May.SEE, day)), day)
    led = ties(asker, May.SEE, day).values("far")
    acts = Q(run_by__in=part)
    if asker.person_id:
        acts |= Q(run_by=asker.person_id) | Q(present__person=asker.person_id)
    seen = acts | Q(at__in=part) | Q(at__in=led) | Q(run_by__in=led)
    if edition := Edition.objects.filter(in_force__contains=day).defer("texts").first():
        policy = policy_of(edition)
        for kind in policy.all("activity", ActivityKind):
            if kind.seen_by and is_among(asker, kind.seen_by, Asked(policy, day)):
                seen |= Q(kind=kind.name)
            elif kind.seen_by:
                seen &= ~Q(kind=kind.name) | acts
    return Activity.objects.filter(pk__in=Activity.objects.filter(seen).values("pk"))


def activity(asker: User, pk: int, day: date) -> Activity:
    """Return an activity that the asker may see. Raises Activity.DoesNotExist as for one that is not there."""
    return visible(asker, day).select_related("run_by", "at").get(pk=pk)


def names_visible(asker: User, activity: Activity, day: date) -> bool:
    """Say whether the asker may read who was present: those who enter it, and those who may open persons' files."""
    part = below(frozenset(asker.roots(May.SEE_PERSONS, day)), day)
    return enters(asker, activity.run_by, activity.at, day) or activity.run_by_id in part


def runs(policy: Policy, kind: ActivityKind, day: date) -> Ids | None:
    """Return who may run activities of a kind on a day; None where the pack leaves it to a stage or a duty."""
    return Asked(policy, day).find(kind.run_by) if kind.run_by else None


def places(policy: Policy, kind: ActivityKind, day: date) -> Ids | None:
    """Return where activities of a kind are held; None where they are held at nothing that has a name."""
    return Asked(policy, day).find(kind.at) if kind.at else None


def may_run(asker: User, policy: Policy, kind: ActivityKind, day: date) -> Ids:
    """Return in whose names the asker can enter an activity of a kind: what a form offers."""
    own = mine(asker, day)
    allowed = runs(policy, kind, day)
    return own if allowed is None else own & allowed


def enters(asker: User, run_by: Subject, at: Subject | None, day: date) -> bool:
    """Say whether the asker speaks for who runs an activity, or for the place where it is held."""
    return _among(mine(asker, day), run_by, at)


def may_enter(
    asker: User, policy: Policy, kind: ActivityKind, run_by: Subject, at: Subject | None, day: date
) -> bool:
    """Say whether the asker may enter, cancel and correct it.

    Where the pack says who runs the kind, only they do. Else the place may too: a village enters who visited it.
    """
    return speaks(mine(asker, day), kind, run_by, at)


def speaks(own: Ids, kind: ActivityKind, run_by: Subject, at: Subject | None) -> bool:
    """Say whether one of those in whose names somebody acts enters it: see `may_enter`."""
    return _among(own, run_by, None if kind.run_by else at)


def may_confirm(asker: User, activity: Activity, day: date) -> bool:
    """Say whether the asker may be the second person: not who entered it; of the same, or of those above it."""
    if str(asker) == activity.entered_by:
        return False
    part = below(frozenset(asker.roots(May.ACT, day)) | mine(asker, day), day)
    return bool(part & {activity.run_by_id, activity.at_id})


def moves(asker: User, activity: Activity, policy: Policy, day: date) -> list[Move]:
    """Return the moves that the table allows and the asker may make, in the order of the buttons."""
    kind = policy.activity(activity.kind)
    enters = may_enter(asker, policy, kind, activity.run_by, activity.at, day)
    found = rules.moves(rules.State(activity.state), confirmed=bool(activity.confirmed_by))
    return [move for move in found if (may_confirm(asker, activity, day) if move == Move.CONFIRM else enters)]


def mine(asker: User, day: date) -> Ids:
    """Return in whose names the asker acts on a day: organisations, and their own."""
    own = {asker.person_id} if asker.person_id else set()
    return frozenset(asker.acts_for(day) | own)


def _among(own: Ids, run_by: Subject, at: Subject | None) -> bool:
    return run_by.pk in own or (at is not None and at.pk in own)
