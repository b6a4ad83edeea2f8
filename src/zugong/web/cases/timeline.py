"""What happened to a case, newest first: its steps in words, its evidence, its supporters and their visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zugong.accounts.models import User
from zugong.activities import powers as activity_powers
from zugong.activities.models import Activity, Presence
from zugong.cases import moving, powers
from zugong.cases.actions import ASKER
from zugong.cases.intake import CHANNELS
from zugong.cases.models import Case, Proof, Step
from zugong.cases.rules import Move
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import Stage
from zugong.registry.actions import policy_of
from zugong.registry.models import Appointment, Edition, Link, last_names, names_on
from zugong.registry.rules import POST
from zugong.scorecards.models import Run
from zugong.web.asking import said, said_period
from zugong.web.cases.forms import outcomes
from zugong.web.cases.showing import MOVE_WORDS
from zugong.web.posts.naming import post_words
from zugong.web.templatetags.zugong import day as long_day

Row = dict[str, Any]


def timeline(case: Case, steps: list[Step], policy: Policy, user: User, today: date) -> list[Row]:
    """Return what happened to the case, newest first: its steps, its evidence, its supporters and their visits."""
    moved = any(step.to_edition_id for step in steps)
    events = [(step.at, _step(step, under=moved)) for step in steps if step.move != Move.ASK]
    events += [(proof.at, _proof(proof, policy, case)) for proof in _proofs(case)]
    events += _supporters(case, policy, user, today)
    events.sort(key=lambda event: event[0], reverse=True)
    opened = {
        "day": case.opened_on,
        "text": _("立项 %(number)s") % {"number": case.number},
        **_cause(case.cause),
    }
    return [*(event for _at, event in events), opened]


def laid(case: Case, policy: Policy) -> list[Row]:
    """Return the evidence that was laid with a case, newest first."""
    return [_proof(proof, policy, case) for proof in reversed(_proofs(case))]


def _proofs(case: Case) -> list[Proof]:
    return list(case.proofs.select_related("activity", "file", "laid_by").order_by("at", "pk"))


def _supporters(case: Case, policy: Policy, user: User, today: date) -> Iterator[tuple[datetime, Row]]:
    """Yield who was tied to the subject since the case was opened, and what they then came for, as far as nobody laid it."""
    kinds = [need.link for stage in powers.kind_of(case).stages for need in stage.needs if need.link]
    last = case.closed_on or date.max
    ties = [
        tie
        for tie in Link.objects.known().filter(kind__in=kinds, far=case.about_id)
        if (tie.valid.lower or date.min) <= last and (tie.valid.upper or date.max) > case.opened_on
    ]
    if not ties:
        return
    names = names_on(today, [tie.near_id for tie in ties])
    # A tie that ended was written down again: it was named when it was first written.
    versions = Link.objects.filter(kind__in=kinds, far=case.about_id).order_by("-pk")
    first = {(row.kind, row.role, row.near_id, row.valid.lower): row.recorded.lower for row in versions}
    for tie in ties:
        since, until = tie.valid.lower, tie.valid.upper
        role = policy.link(tie.kind).kinds.get(tie.role)
        if role is None:
            continue
        words = {"role": said(role), "name": names.get(tie.near_id, "")}
        if since and since >= case.opened_on:
            row = {"day": since, "text": _("确定%(role)s：%(name)s") % words, "by": tie.source}
            yield first[tie.kind, tie.role, tie.near_id, since], row
        if until and until <= min(today, last):
            yield tie.recorded.lower, {"day": until, "text": _("解除%(role)s：%(name)s") % words}
    visits = activity_powers.visible(user, today).held().filter(at=case.about_id)
    visits = visits.filter(day__range=(case.opened_on, last)).exclude(proofs__case=case)
    came: dict[Activity, list[str]] = defaultdict(list)
    for one in Presence.objects.filter(person__in=names, activity__in=visits).select_related("activity"):
        came[one.activity].append(names[one.person_id])
    for visit, people in came.items():
        row = {
            "day": visit.day,
            "text": f"{said(policy.activity(visit.kind))} {visit.topic}".strip(),
            "by": _("、").join(people),
            "href": reverse("activity", args=[visit.pk]),
        }
        yield visit.entered_at, row


def _cause(cause: str) -> Row:
    """Say what set a case off, and where to read it; people's words are as they wrote them."""
    match cause.split():
        case ["run", card, period, number, *_key]:
            run = Run.objects.filter(card=card, period=period, number=number).defer("minutes").first()
            label = said(policy_of(run.edition).scorecard(card)) if run else card
            href = reverse("rating", args=[run.pk]) if run else ""
            return {
                "by": _("%(period)s%(card)s公布") % {"period": said_period(period), "card": label},
                "href": href,
            }
        case ["case", number, *_round]:
            before = Case.objects.filter(number=number).first()
            kind = said(powers.kind_of(before)) if before else _("事项")
            return {"by": _("由“%(kind)s”%(number)s引出") % {"kind": kind, "number": number}}
        case ["appointment", number, "released"]:
            people = Appointment.objects.filter(pk=number).values_list("person_id", flat=True)
            return {"by": _("%(name)s离任") % {"name": "".join(last_names(people).values())}}
        case ["request", channel] if channel in CHANNELS:
            return {"by": said(CHANNELS[channel])}
    return {"by": cause}


def _step(step: Step, *, under: bool) -> Row:
    """Say a step; in a case that was moved, with the clause that applied then."""
    if step.to_edition:
        return _move(step, step.to_edition)
    stage = powers.kind_at(step).stage(step.stage)
    who = _("提出诉求的人") if step.party == ASKER else step.by.called if step.by else _("系统")
    if step.instead_of:
        who = _("%(deputy)s代%(holder)s") % {"deputy": who, "holder": _stood_in_for(step)}
    return {
        "day": step.day,
        "text": step_said(step),
        "by": "，".join(
            part
            for part in (who, _vote(step), step.note, _until(step), _under(step, stage) if under else "")
            if part
        ),
        "href": reverse("activity", args=[step.activity_id]) if step.activity_id else "",
        "state": {Move.RETURN: "late", Move.DECLINE: "late", Move.SUBMIT: "act", Move.AGREE: "act"}.get(
            Move(step.move), ""
        ),
    }


def step_said(step: Step) -> str:
    """Say a step in its stage: what was decided there."""
    stage = powers.kind_at(step).stage(step.stage)
    return f"{said(stage)} · {_deed(step, stage)}"


def _deed(step: Step, stage: Stage) -> str:
    """Say what was done: the outcome, of a deed for two also who proposed it and who agreed."""
    move = Move(step.move)
    if outcome := dict(outcomes(stage)).get(step.outcome):
        if move in (Move.PROPOSE, Move.AGREE):
            return _("%(deed)s：%(outcome)s") % {"deed": MOVE_WORDS[move](), "outcome": outcome}
        return outcome
    if stage.parties and move in (Move.SIGN, Move.SUBMIT):
        wrote = stage.parties.rule == "in_order" and step.party == stage.parties.names[0]
        move = Move.SUBMIT if wrote else Move.SIGN
    return _("决定") if stage.at and move == Move.SUBMIT else MOVE_WORDS[move]()


def _move(step: Step, to: Edition) -> Row:
    """Say who asked for a move, who agreed, from which edition to which, and why."""
    asked = step.proposal.asked_by.called if step.proposal else ""
    agreed = step.by.called if step.by else _("系统")
    return {
        "day": step.day,
        "text": _("换版：%(before)s → %(after)s")
        % {"before": said(moving.label(step.edition)), "after": said(moving.label(to))},
        "by": "，".join([_("%(asked)s提请，%(agreed)s同意") % {"asked": asked, "agreed": agreed}, step.note]),
        "href": reverse("move", args=[step.proposal_id]),
        "state": "",
    }


def _under(step: Step, stage: Stage) -> str:
    """Say which edition and which clause applied to a step."""
    policy, kind = policy_of(step.edition), powers.kind_at(step)
    cited = policy.cite(kind, clause=stage.clause or kind.clause)
    return _("按%(edition)s %(clause)s") % {
        "edition": said(moving.label(step.edition)),
        "clause": cited or "",
    }


def _stood_in_for(step: Step) -> str:
    """Name for whom a deputy acted: the person, or the post that was empty."""
    one = step.instead_of
    assert one is not None
    if one.noun != POST:
        return one.name_on(step.day)
    row = one.on(step.day)
    return post_words(policy_of(step.edition)).get(row.klass, row.name) if row else one.name_on(step.day)


def _vote(step: Step) -> str:
    item, activity = step.item, step.activity
    if item is None or activity is None or item.in_favour is None:
        return ""
    return _("应到 %(should)s，实到 %(came)s，赞成 %(favour)s") % {
        "should": activity.should_attend,
        "came": activity.attended,
        "favour": item.in_favour,
    }


def _until(step: Step) -> str:
    return _("至%(day)s") % {"day": long_day(step.until)} if step.until else ""


def _proof(proof: Proof, policy: Policy, case: Case) -> Row:
    by = proof.laid_by.called if proof.laid_by else ""
    if proof.activity:
        label = said(policy.activity(proof.kind))
        topic = proof.activity.topic
        text = _("证据：%(kind)s") % {"kind": label}
        return {
            "day": proof.day,
            "text": f"{text} {topic}".strip(),
            "by": by,
            "href": reverse("activity", args=[proof.activity_id]),
        }
    assert proof.file is not None
    href = reverse("case-file", args=[case.pk, proof.file_id])
    return {"day": proof.day, "text": _("附件：%(name)s") % {"name": proof.file.name}, "by": by, "href": href}
