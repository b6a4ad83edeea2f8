"""Which cases await somebody now, and which they have passed on and wait for: as many questions for one as for a thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.cases.models import Case, CaseQuerySet, Step
from zugong.cases.powers import NOBODY, kind_of, policy_for, visible
from zugong.cases.powers import taken_in as may_take_in
from zugong.cases.rules import Move, State
from zugong.packs.schema.cases import Stage
from zugong.packs.selectors import Named
from zugong.registry.actions import policy_of
from zugong.registry.answering import chain, vacant_under
from zugong.registry.models import Edition
from zugong.registry.powers import mine
from zugong.registry.reversing import Reversed
from zugong.registry.selecting import Asked, Ids

HOLDER = Named("holder")  # the word of the case itself
PASSED = (Move.SUBMIT, Move.SIGN, Move.PROPOSE, Move.AGREE)


@dataclass(frozen=True)
class Awaited:
    """A case that awaits somebody, the stage at which it stands, and whether only a second person is missing."""

    case: Case
    stage: Stage
    second: bool
    begun: bool = False  # another party has taken the step already


@dataclass(frozen=True)
class Tasks:
    """Open cases below another that wait for the same: the one due first, how many, the roles that act, or whom it was given."""

    first: Case
    many: int
    roles: list[str]
    holder: int | None


def tasks_of(cases: Iterable[Case]) -> dict[int, list[Tasks]]:
    """Return case → the open tasks below it, those that wait for the same role or holder together, the nearest first."""
    rows = Case.objects.open().filter(parent__in=[one.pk for one in cases])
    alike: dict[tuple[int | None, tuple[str, ...], int | None], list[Case]] = defaultdict(list)
    for task in _in_order(rows):
        stage = kind_of(task).stage(task.stage)
        alike[task.parent_id, tuple(stage.doers), task.holder_id if stage.role else None].append(task)
    found: dict[int, list[Tasks]] = defaultdict(list)
    for (parent, roles, holder), tasks in alike.items():
        found[parent or 0].append(Tasks(tasks[0], len(tasks), list(roles), holder))
    return found


def awaiting(asker: User, day: date) -> list[Awaited]:
    """Return the cases whose next step is the asker's, the nearest deadline first."""
    own = mine(asker, day)
    cases = list(_theirs(visible(asker, day), own, day)) if own else []
    steps, one = _steps(cases), chain(asker.person_id, day)
    return [
        awaited
        for case in cases
        if (awaited := _awaited(case, steps[case.pk], asker, own, one, day)) is not None
    ]


def taken_in(asker: User, day: date) -> list[Awaited]:
    """Return the cases whose next step is of a post in which nobody is, and which the asker's body takes in meanwhile."""
    posts = vacant_under(frozenset(asker.roots(May.ACT, day)), day)
    if not posts:
        return []
    cases = _theirs(visible(asker, day), NOBODY, day, posts)
    return [
        Awaited(case, policy_for(case).case(case.kind).stage(case.stage), second=False)
        for case in cases
        if may_take_in(asker, case, day)
    ]


def of_posts(posts: Ids, day: date) -> list[Case]:
    """Return the open cases whose next step is that of the holders of some posts, the nearest deadline first."""
    return list(_theirs(Case.objects.all(), NOBODY, day, posts))


def passed_on(asker: User, day: date, *, but: list[Awaited], most: int) -> list[Case]:
    """Return the open cases that the asker has passed on and now waits for, the nearest deadline first."""
    taken = Step.objects.filter(by=asker, move__in=PASSED).values("case")
    cases = visible(asker, day).open().filter(pk__in=taken).exclude(pk__in=[one.case.pk for one in but])
    return list(_in_order(cases)[:most])


def _theirs(cases: CaseQuerySet, mine: Ids, day: date, posts: Ids = NOBODY) -> CaseQuerySet:
    """Keep the cases at whose stage some role could be one of mine, or found through one of these posts."""
    cases = cases.filter(state__in=[State.WAITING, State.UNDERWAY])
    places = cases.values_list("edition", "kind", "stage").distinct()
    found = Q(pk=None)
    known: dict[tuple[int, str], Ids | None] = {}
    editions = Edition.objects.defer("texts").in_bulk()
    for edition, kind, name in places:
        policy = policy_of(editions[edition])
        stage = policy.case(kind).stage(name)
        turned = Reversed(Asked(policy, day, acting=True), posts)
        here = Q(edition=edition, kind=kind, stage=name)
        given = Q(holder__isnull=False, parent__isnull=False) if stage.role else Q(pk=None)
        found |= here & given & Q(holder__in=mine | posts)
        for role in stage.doers:
            held = turned.held(role, mine)
            found |= here if held is None else here & Q(holder__in=held)
            if (edition, role) not in known:
                known[edition, role] = turned.role(role, mine)
            about = known[edition, role]
            if about is None:
                found |= here & ~given
            elif about:
                found |= here & ~given & Q(about__in=about)
    return _in_order(cases.filter(found))


def _in_order(cases: CaseQuerySet) -> CaseQuerySet:
    return (
        cases.select_related("edition", "about", "parent")
        .defer("edition__texts")
        .order_by("due_on", "due_at", "pk")
    )


def _steps(cases: list[Case]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    for step in (
        Step.objects.filter(case__in=cases, move__in=[*PASSED, Move.DECLINE])
        .select_related("by")
        .order_by("pk")
    ):
        found[step.case_id].append(step)
    return found


def _awaited(case: Case, steps: list[Step], asker: User, mine: Ids, one: Ids, day: date) -> Awaited | None:
    """Say whether a case awaits the asker; `one` are those who count as one person with them."""

    def own(step: Step) -> bool:
        by = step.by.person_id if step.by else None
        return step.by_id == asker.pk or bool(one & {by, step.instead_of_id})

    stage = policy_for(case).case(case.kind).stage(case.stage)
    if any(own(step) and step.stage in stage.not_by for step in steps):
        return None  # nobody decides on their own work
    now = [step for step in steps if step.round == case.round]
    answered = {step.answers_to_id for step in steps}
    proposal = next((step for step in now if step.move == Move.PROPOSE and step.pk not in answered), None)
    if proposal and own(proposal):
        return None
    if stage.parties and not _turn(case, stage, now, mine, day):
        return None
    return Awaited(case, stage, proposal is not None, begun=bool(now))


def _turn(case: Case, stage: Stage, now: list[Step], mine: Ids, day: date) -> bool:
    """Say whether it is the turn of one of mine among the parties."""
    assert stage.parties is not None
    signed = {step.party for step in now}
    left = [name for name in stage.parties.names if name not in signed]
    turned = Reversed(Asked(policy_for(case), day, acting=True))
    for role in left[:1] if stage.parties.rule == "in_order" else left:
        if policy_for(case).roles[role].is_.term == HOLDER and case.holder_id in mine:
            return True
        about = turned.role(role, mine)
        if about is None or case.about_id in (about or NOBODY):
            return True
    return False
