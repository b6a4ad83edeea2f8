"""换版: a running case goes on under another edition of the pack, asked for by one person and agreed to by another.

Nothing that was done is done again: steps and answers stay under the edition under which they were taken, the stage and
the state stay, and the deadline is what the new rules make of the day on which the stage was entered. A case goes
together with the open cases that belong to it, and comes back in no other way than by another move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from zugong.accounts import actions as accounts
from zugong.accounts.models import Proposal, User
from zugong.accounts.powers import may_agree_to_move, over_county
from zugong.accounts.rules import MOVE_CASES, May
from zugong.accounts.telling import tell
from zugong.cases import actions, deadlines, powers
from zugong.cases.models import Case, Step
from zugong.cases.needs import Given, Lack, answers_of, lacking, standing_answers
from zugong.cases.rules import Move, after
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.sentences import Label, Sentence
from zugong.core.workdays import Due
from zugong.packs import answers
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind, Stage
from zugong.packs.schema.common import Labelled
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition

CALENDAR_ENDS = frozenset({"opened", "closed", "done", "withdrawn"})


@dataclass(frozen=True)
class Outlook:
    """What a move would change, before anybody agrees. Where there are `refusals`, it cannot be, and nothing else is said."""

    case: Case
    to: Edition
    refusals: list[Refused]
    before: Due | None = None
    after: Due | None = None
    added: list[Stage] = field(default_factory=list)  # stages that the kind has not now
    dropped: list[Stage] = field(default_factory=list)
    doers_before: list[Labelled] = field(default_factory=list)
    doers_after: list[Labelled] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)  # what the stage would lack and does not lack now
    tasks: list[Labelled] = field(default_factory=list)  # that would be opened
    children: list[Outlook] = field(default_factory=list)

    @property
    def all_refusals(self) -> list[Refused]:
        """Why it cannot be moved, or one of those that go with it."""
        return [*self.refusals, *(one for child in self.children for one in child.all_refusals)]

    @property
    def moves_deadline(self) -> bool:
        """Whether the deadline would be another day."""
        return self.before != self.after


def label(edition: Edition) -> Label:
    """Name an edition as people do: the pack, its version, and since when; a version may be corrected without a new name."""
    info, since = policy_of(edition).info, edition.in_force.lower
    return Label(
        f"{info.label} {info.version}" + (f"（{since}起）" if since else ""),
        f"{info.english or info.label} {info.version}" + (f" (from {since})" if since else ""),
    )


def targets(day: date) -> list[Edition]:
    """Return the editions that are or were in force by a day, the latest first."""
    return list(Edition.objects.exclude(in_force__startswith__gt=day).defer("texts").order_by("-put_at"))


# --- What the move of a case and that of a period of a scorecard have in common ---------


def check_asks(by: User, reason: str, day: date) -> None:
    """Raise Refused unless somebody may ask for a move, and says why."""
    if not over_county(by, May.MOVE, day):
        raise Refused("换版由组织部门的经办人提请")
    if not reason.strip():
        raise Refused("请写明理由", field="reason")


def check_agrees(by: User, proposal: Proposal, day: date) -> None:
    """Raise Refused unless somebody may be the second person of a move."""
    if not may_agree_to_move(by, proposal, day):
        raise Refused("换版须由提请人以外、有审批权的人同意")


def told(proposal: Proposal, old: Edition, to: Edition, *, agreed_by: User) -> dict[str, str]:
    """Return what the journal says of a move: both editions to the letter, who agreed and why it was asked."""
    return {
        "agreed_by": str(agreed_by),
        "edition": f"{old} {old.digest[:12]}",
        "to": f"{to} {to.digest[:12]}",
        "reason": proposal.detail["reason"],
    }


# --- What would change ------------------------------------------------------------------


def look(case: Case, to: Edition, day: date) -> Outlook:
    """Say what moving a case to an edition would change, its open children too."""
    if refusals := list(_refusals(case, to, day)):
        return Outlook(case, to, refusals)
    old, new = powers.kind_of(case), policy_of(to).case(case.kind)
    here, there = old.stage(case.stage), new.stage(case.stage)
    moved = copy(case)
    moved.edition = to
    return Outlook(
        case,
        to,
        [],
        before=deadlines.standing(case),
        after=deadlines.under(case, policy_of(to)),
        added=_apart(new, old),
        dropped=_apart(old, new),
        doers_before=_doers(powers.policy_for(case), here),
        doers_after=_doers(policy_of(to), there),
        lacks=_new_lacks(_lacks(case, here, day), _lacks(moved, there, day)),
        tasks=_new_tasks(case, there),
        children=[look(child, to, day) for child in _goes_along(case)],
    )


def _goes_along(case: Case) -> Iterable[Case]:
    return case.children.open().select_related("edition", "about").order_by("pk")


def _apart(one: CaseKind, other: CaseKind) -> list[Stage]:
    names = {stage.name for stage in other.stages}
    return [stage for stage in one.stages if stage.name not in names]


def _doers(policy: Policy, stage: Stage) -> list[Labelled]:
    return [policy.roles[role] for role in stage.doers]


def _lacks(case: Case, stage: Stage, day: date) -> list[Lack]:
    turn = next(iter(powers.next_parties(stage, case)), "")
    return lacking(Given(case, stage, day, standing_answers(case, stage), party=turn))


def _new_lacks(before: list[Lack], after: list[Lack]) -> list[Lack]:
    known = {(lack.word, lack.field) for lack in before}
    return [lack for lack in after if (lack.word, lack.field) not in known]


def _new_tasks(case: Case, stage: Stage) -> list[Labelled]:
    """Return the deliverables of the stage that nobody was given yet."""
    if stage.children is None:
        return []
    known = set(case.children.filter(kind=stage.children.case).values_list("label", flat=True))
    return [one for one in stage.children.template if one.label not in known]


# --- Why it cannot be -------------------------------------------------------------------


def _refusals(case: Case, to: Edition, day: date) -> Iterator[Refused]:
    if not case.is_open():
        yield Refused("{number}已经结束，不换版", number=case.number)
    elif to.pk == case.edition_id:
        yield Refused("{number}已经按{edition}办理", number=case.number, edition=label(to))
    elif to.in_force.lower and to.in_force.lower > day:
        yield Refused("{edition}从{since}起才生效", edition=label(to), since=to.in_force.lower)
    elif powers.open_proposal(case):
        yield Refused("{number}有一项提出等第二人复核，复核以后再换版", number=case.number)
    else:
        yield from _of_the_kind(case, policy_of(to), label(to))


def _of_the_kind(case: Case, policy: Policy, to: Label) -> Iterator[Refused]:
    """Refuse where the other edition has not what the case stands on: its kind, its stage, who acts, what was answered."""
    old, new = powers.kind_of(case), policy.entries.get(("case", case.kind))
    if not isinstance(new, CaseKind) or not new.enabled:
        yield Refused("{edition}没有“{kind}”这种事项（{number}）", edition=to, kind=old, number=case.number)
        return
    stage = old.stage(case.stage)
    if case.stage not in {each.name for each in new.stages}:
        yield Refused(
            "{edition}的“{kind}”没有“{stage}”这一步，{number}正在这一步",
            edition=to, kind=old, stage=stage, number=case.number,
        )  # fmt: skip
        return
    roles = powers.policy_for(case).roles
    for role in stage.doers:
        if role not in policy.roles:
            yield Refused(
                "{edition}没有“{role}”这个角色，{number}的“{stage}”由它办理",
                edition=to, role=roles[role], stage=stage, number=case.number,
            )  # fmt: skip
    yield from _of_the_parties(case, new.stage(case.stage), roles, to)
    yield from _of_the_answers(case, policy, new, to)


def _of_the_parties(case: Case, stage: Stage, roles: Any, to: Label) -> Iterator[Refused]:
    """Who has signed in this stage must be one of its parties still, and somebody must be left to sign."""
    signed = powers.signatures(case)
    strangers = [role for role in signed if stage.parties is None or role not in stage.parties.names]
    if strangers:
        yield Refused(
            "{who}已在“{stage}”会签，{edition}的这一步不由其会签（{number}）",
            who=[roles[role] for role in strangers], stage=stage, edition=to, number=case.number,
        )  # fmt: skip
    elif signed and not powers.next_parties(stage, case):
        yield Refused(
            "{edition}的“{stage}”各方都已会签，没有人可以报送（{number}）",
            stage=stage, edition=to, number=case.number,
        )  # fmt: skip


def _of_the_answers(case: Case, policy: Policy, new: CaseKind, to: Label) -> Iterator[Refused]:
    """What was answered must be readable as an answer to the same question, and be erased when it was promised to be.

    A question that is asked no more is no reason: its answer stays, and is read under the edition in which it was given.
    """
    asked = powers.policy_for(case).fields
    for name, value in answers_of(case).items():
        old, spec = asked.get(name), policy.fields.get(name)
        if old is None or spec is None:
            continue
        if (old.kind, old.many) != (spec.kind, spec.many):
            yield Refused(
                "“{question}”已经填报，{edition}改了它的类型（{number}）",
                question=old, edition=to, number=case.number,
            )  # fmt: skip
        elif wrong := answers.lack(policy, {name: value}, [name]):
            yield Refused(
                "已填报的内容不合{edition}：{wrong}（{number}）",
                wrong=wrong[0],
                edition=to,
                number=case.number,
            )
        if old.keep and old.keep.after not in CALENDAR_ENDS | set(new.outcomes()):
            yield Refused(
                "“{question}”按规定到期删除，{edition}没有起算的那个结果（{number}）",
                question=old, edition=to, number=case.number,
            )  # fmt: skip


# --- The deed ---------------------------------------------------------------------------


@transaction.atomic
def propose(
    cases: Sequence[Case], *, to: Edition, reason: str, by: User, day: date, at: datetime
) -> Proposal:
    """Ask that some cases go on under another edition. Raises Refused for each that cannot, naming it."""
    check_asks(by, reason, day)
    if not cases:
        raise Refused("请选择要换版的事项", field="cases")
    _refuse_apart(cases)
    _refuse(look(case, to, day) for case in cases)
    kinds = list({case.kind: powers.kind_of(case) for case in cases}.values())
    numbers = [case.number for case in cases]
    asked = Sentence("{kinds} {count} 件改按{edition}办理", kinds=kinds, count=len(cases), edition=label(to))
    if len(cases) == 1:
        asked = Sentence("{number}改按{edition}办理", number=numbers[0], edition=label(to))
    return accounts.propose(
        MOVE_CASES, asked, by=by, at=at,
        cases=[case.pk for case in cases], edition=to.pk, reason=reason.strip(), numbers=numbers,
    )  # fmt: skip


@transaction.atomic
def agree(proposal: Proposal, *, by: User, day: date, at: datetime) -> None:
    """Agree, and so move the cases. Raises Refused where one of them has come to be such that it cannot be moved."""
    check_agrees(by, proposal, day)
    seen = set(powers.visible(by, day).filter(pk__in=proposal.detail["cases"]).values_list("pk", flat=True))
    if seen != set(proposal.detail["cases"]):
        raise Refused("其中有您不能看的事项，请由能看到它们的人同意")
    accounts.agree(proposal, by=by, at=at, deeds={MOVE_CASES: _moved_on(day)})


def _moved_on(day: date) -> Callable[[Proposal, User], None]:
    def move(proposal: Proposal, by: User) -> None:
        to = Edition.objects.defer("texts").get(pk=proposal.detail["edition"])
        cases = list(of(proposal).select_for_update(of=("self",)))
        _refuse(look(case, to, day) for case in cases)
        for case in cases:
            _move(case, to, proposal, by=by, day=day)

    return move


def of(proposal: Proposal) -> Any:
    """Return the cases that a proposal is about."""
    return (
        Case.objects.filter(pk__in=proposal.detail["cases"]).select_related("edition", "about").order_by("pk")
    )


def _refuse(outlooks: Iterable[Outlook]) -> None:
    if found := [refused for outlook in outlooks for refused in outlook.all_refusals]:
        raise Refused.all_of(found)


def _refuse_apart(cases: Iterable[Case]) -> None:
    """What belongs to another case goes with it."""
    for case in cases:
        if case.parent and case.parent.is_open():
            raise Refused("{number}属于{parent}，随它一起换版", number=case.number, parent=case.parent.number)


def _move(case: Case, to: Edition, proposal: Proposal, *, by: User, day: date) -> None:
    """Write the step, stand under the other edition, and let its children go along."""
    place, before, old = after(case.place, Move.MOVE, powers.kind_of(case)), case.due_on, case.edition
    found = deadlines.under(case, policy_of(to))
    step = Step.objects.create(
        case=case,
        round=case.round,
        move=Move.MOVE,
        stage=case.stage,
        to_stage=place.stage,
        to_state=place.state,
        by=by,
        day=day,
        at=clock.now(),
        note=proposal.detail["reason"],
        edition=old,
        to_edition=to,
        proposal=proposal,
    )
    case.edition = to
    case.is_term = bool(policy_of(to).case(case.kind).stage(case.stage).after_clock)
    case.save(update_fields=["edition", "is_term"])
    actions.set_due(case, found)
    if case.ended_at is None:
        actions.set_whole_due(case, deadlines.whole_under(case, policy_of(to)))
    journal.write(
        "case.move",
        by=proposal.asked_by,
        on=case,
        due_before=str(before),
        due_after=str(case.due_on),
        **told(proposal, old, to, agreed_by=by),
    )
    for child in _goes_along(case):
        _move(child, to, proposal, by=by, day=day)
    _open_tasks(case, day=day, by=by)
    _tell(case, step, day)


def _open_tasks(case: Case, *, day: date, by: User) -> None:
    stage = powers.kind_of(case).stage(case.stage)
    for deliverable in _new_tasks(case, stage):
        assert stage.children is not None
        actions.open(
            stage.children.case,
            about=case.about,
            day=day,
            by=by,
            cause=str(case),
            key=f"{case} {stage.name} {deliverable.label}"[:200],
            parent=case,
            label=deliverable.label,
        )


def _tell(case: Case, step: Step, day: date) -> None:
    kind = powers.kind_of(case)
    tell(
        powers.awaited(case, day),
        day=day,
        key=f"{case} moved {step.pk}",
        sentence=Sentence(
            "“{kind}”改按{edition}办理，期限以页面为准", kind=kind, edition=label(case.edition)
        ),
        about=case.about_id,
        until=case.due_on,
        link=f"/cases/{case.pk}",
    )
