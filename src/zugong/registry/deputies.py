"""代理: somebody acts for a post from day to day, by a deed of its holder or of the body above, until a last day.

A deputy names no deputy, and who is acted for acts for nobody: there is one chain, of one link.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from zugong.core import journal
from zugong.core.errors import Refused
from zugong.packs.policy import Policy
from zugong.packs.schema import AppointmentKind
from zugong.registry import actions
from zugong.registry.answering import receiving
from zugong.registry.models import Appointment, Subject, at_work
from zugong.registry.powers import ACT, Asker


def ways(policy: Policy) -> list[AppointmentKind]:
    """Return the kinds of appointment by which somebody acts for a post."""
    return [kind for kind in policy.all("appointment", AppointmentKind) if kind.acts_for]


def may_depute(asker: Asker, post: int, day: date) -> bool:
    """Say whether somebody may name a deputy for a post, or end one: who holds it in their own right, or the body above."""
    own = asker.person_id and at_work(day).filter(post=post, person=asker.person_id).exists()
    return bool(own) or receiving(frozenset({post}), day).get(post) in asker.roots(ACT, day)


@transaction.atomic
def depute(
    post: Subject, *, to: Subject, kind: str, since: date, until: date, reason: str, by: Asker, day: date
) -> Appointment:
    """Name a deputy for a post from a day until the day before `until`; their power ends by itself.

    Raises Refused for anybody but the post's holder and the body above, and where the pack allows it not.
    """
    _must_may(by, post, day)
    if since < day:
        raise Refused("代理不能从过去的日子开始", field="since")
    if kind not in {way.name for way in ways(actions.policy_on(since))}:
        raise Refused("制度包没有规定这种代理", field="kind")
    return actions.appoint(to, post=post, since=since, until=until, kind=kind, source=reason, by=by)


@transaction.atomic
def end(deputy: Appointment, *, on: date, reason: str, by: Asker, day: date) -> None:
    """End a deputy's time before its last day, with a reason."""
    _must_may(by, deputy.post, day)
    if not deputy.acts_for:
        raise Refused("这个人担任这个职务，不是代理")
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    if on < day:
        raise Refused("不能从过去的日子起结束代理", field="on")
    actions.release(deputy, on=on, by=by)
    journal.write("registry.end-deputy", by=by, on=deputy.post, reason=reason.strip())


def _must_may(by: Asker, post: Subject, day: date) -> None:
    if not may_depute(by, post.pk, day):
        raise Refused("代理由担任这个职务的人或者上一级组织指定，代理人不能再指定别人")
