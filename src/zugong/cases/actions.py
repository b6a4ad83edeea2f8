"""What can be done to a case. Each deed is one transaction, one step and one line in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from random import Random
from secrets import token_hex
from typing import Any, TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from zugong.accounts.models import User
from zugong.accounts.telling import tell
from zugong.activities.models import Activity, AgendaItem
from zugong.cases import aside, deadlines, powers
from zugong.cases.models import Answer, Case, Drawn, Proof, Step
from zugong.cases.needs import (
    Given,
    Lack,
    answers_apart,
    answers_of,
    forget,
    lacking,
    missing,
    remember,
    standing_answers,
    unanswered,
)
from zugong.cases.rules import Move, Place, State, after, extended, resumed
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.files.models import File
from zugong.core.sentences import Label, Sentence
from zugong.core.workdays import Due, end_of, moment
from zugong.ledgers.actions import VERBS as LEDGER_VERBS
from zugong.packs.answers import lack
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import END, MERGED, WHOLE, CaseKind, Children, Stage
from zugong.packs.schema.common import Effect
from zugong.registry import effects
from zugong.registry.actions import edition_on, policy_of, tie
from zugong.registry.choosing import stray
from zugong.registry.happening import Happening, key_of
from zugong.registry.models import Edition, Link, Subject
from zugong.registry.rules import NOUNS
from zugong.registry.selecting import Asked, Ids
from zugong.rules.guards import holds

PASSING = (Move.SUBMIT, Move.AGREE)
ASKER = "asker"  # in whose name somebody outside acts, who has no account
_ONE_OPENER = 7_391_004  # advisory lock
_NEXT = """INSERT INTO cases_series AS series (prefix, last) VALUES (%s, 1)
    ON CONFLICT (prefix) DO UPDATE SET last = series.last + 1 RETURNING last"""


# --- Opening --------------------------------------------------------------------


class Opening(TypedDict, total=False):
    """What an opening may say besides.

    `barred` are users who may decide on none of its outcomes, because it questions their work. `answers` are to what
    the kind `asks` and `may_ask`. `party` is ASKER where somebody outside opens it, whom `by` cannot name.
    """

    cause: str
    parent: Case | None
    holder: Subject | None
    label: str
    edition: Edition | None
    barred: Iterable[str]
    answers: Mapping[str, Any] | None
    party: str


@transaction.atomic
def open(
    kind: str,
    *,
    about: Subject,
    day: date,
    by: User | None,
    key: str | None = None,
    **besides: Unpack[Opening],
) -> Case:
    """Open a case of a kind about a subject. The same key opens nothing a second time and returns the first.

    Raises Refused where the kind does not allow the subject, one is open about it already, what it asks is not
    answered, or this person may not open one by hand.
    """
    _one_opener()
    if key and (first := Case.objects.filter(key=key).first()):
        return first
    return open_first(kind, about=about, day=day, by=by, key=key, **besides)


def open_first(
    kind: str,
    *,
    about: Subject,
    day: date,
    by: User | None,
    key: str | None,
    cause: str = "",
    parent: Case | None = None,
    holder: Subject | None = None,
    label: str = "",
    edition: Edition | None = None,
    barred: Iterable[str] = (),
    answers: Mapping[str, Any] | None = None,
    party: str = "",
) -> Case:
    """Open a case under a key that opened none: the caller's transaction keeps others from the key. Else as `open`."""
    edition = edition or (parent.edition if parent else edition_on(day))
    policy = policy_of(edition)
    entry = policy.case(kind)
    _may_be_about(Asked(policy, day), entry, about)
    if parent is None and by is not None:
        if not powers.may_open(by, entry, policy, about, day):
            raise Refused("“{entry}”不由您立项", entry=entry)
        parent = _parent(kind, about)
    _once(entry, about, day)
    said, who = dict(answers or {}), _who(by, party)
    seen = powers.asked_of(policy, frozenset({about.pk}), frozenset({holder.pk} if holder else ()), day)
    _fit(seen, entry.at_opening, said, who, {})
    _refuse_lacks(unanswered(policy, entry.asks, said))
    stage, at = entry.stages[0], moment(day, clock.now())
    case = Case(
        kind=kind,
        label=label,
        edition=edition,
        about=about,
        parent=parent,
        holder=holder,
        opened_on=day,
        opened_at=at,
        opened_by=who,
        cause=cause,
        key=key,
        barred=sorted(set(barred)),
        stage=stage.name,
        state=State.WAITING,
        entered_on=day,
        entered_at=at,
    )
    remember(case, said)
    if powers.goes_beyond(stage.name, entry, case, said, day):
        stage = entry.stage(powers.beyond(entry))
        case.stage = stage.name
    _keep_whole_due(case, deadlines.of_whole(case).due())
    _set_clock(case, stage)
    case.number = _number(entry, day)
    case.save(force_insert=True)
    if entry.at_opening:
        _ask(case, said, by=by, party=party)
    _go_on(case, entry, stage, day, by)
    journal.write("case.open", by=who, on=case, kind=kind, about=str(about), cause=cause)
    _happen("opened", case, entry, day=day, by=by)
    forget(case)
    return case


def _ask(case: Case, answers: Mapping[str, Any], *, by: User | None, party: str) -> None:
    """Write what was asked at the opening as the first step of the case's history."""
    step = Step.objects.create(
        case=case,
        round=case.round,
        move=Move.ASK,
        stage=case.stage,
        to_stage=case.stage,
        to_state=case.state,
        party=party,
        by=by,
        day=case.opened_on,
        at=case.opened_at,
        edition=case.edition,
    )
    _answer(case, step, answers, {})


def _may_be_about(asked: Asked, entry: CaseKind, about: Subject) -> None:
    if about.pk not in asked.find(entry.about):
        raise Refused("“{entry}”不能以“{about}”为对象", entry=entry, about=about.name_on(asked.day))


def _once(entry: CaseKind, about: Subject, day: date) -> None:
    """Refuse a second open case of the kind about the same subject, where the kind says so."""
    if entry.once != "open":
        return
    _one_opener()
    if Case.objects.open().filter(kind=entry.name, about=about).exists():
        raise Refused("“{about}”已有一件在办的“{entry}”", about=about.name_on(day), entry=entry)


def _parent(kind: str, about: Subject) -> Case | None:
    """Return the case about the same subject whose stage waits for cases of this kind."""
    for case in Case.objects.open().filter(about=about).order_by("pk"):
        children = powers.kind_of(case).stage(case.stage).children
        if children and children.case == kind:
            return case
    return None


def _one_opener() -> None:
    """Let nobody else open a case under a key, or one that is open once, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_OPENER])


def _number(entry: CaseKind, day: date) -> str:
    """Number cases with the same prefix within a year: 整〔2026〕3号."""
    prefix = f"{(entry.number or entry.label)[:24]}〔{day.year}〕"
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [prefix])
        return f"{prefix}{cursor.fetchone()[0]}号"


# --- Moves ----------------------------------------------------------------------


@transaction.atomic
def accept(case: Case, *, by: User, day: date) -> Step:
    """签收: say that the matter has arrived."""
    _refresh(case)
    return _take(Move.ACCEPT, case, by=by, day=day)


@transaction.atomic
def submit(
    case: Case,
    *,
    by: User,
    day: date,
    outcome: str = "",
    answers: Mapping[str, Any] | None = None,
    item: AgendaItem | None = None,
    note: str = "",
) -> Step:
    """Pass the stage on: sign where parties remain, propose where two people are needed, else submit.

    Raises Refused naming everything the stage still lacks.
    """
    _refresh(case)
    entry = powers.kind_of(case)
    stage = entry.stage(case.stage)
    role = _role(case, by, day)
    _not_by(stage, case, by, day)
    if powers.open_proposal(case):
        raise Refused("已有人提出，等待第二人同意或不同意")
    _fit_case(case, entry, answers or {}, str(by), day)
    given = standing_answers(case, stage) | dict(answers or {})
    _refuse_lacks(lacking(Given(case, stage, day, given, item, note, role, outcome)))
    move = powers.submitting(stage, [role], case)
    after(
        case.place, Move.SUBMIT, entry, outcome
    )  # the outcome must be one of the stage's, before anybody signs
    _when_the_clock_has_run(stage, case, outcome, day)
    _with_the_others(stage, case, outcome)
    _not_past(entry, answers or {}, day)
    _in_order(case, entry, given)
    return _take(
        move, case, by=by, day=day, outcome=outcome, note=note, party=role, item=item, answers=answers
    )


@transaction.atomic
def submit_as_asker(
    case: Case, *, day: date, outcome: str = "", answers: Mapping[str, Any] | None = None
) -> Step:
    """Pass on a stage that whoever asked may pass, in their own name: a rating, say.

    Whoever calls this has seen the receipt's code. Raises Refused at every other stage.
    """
    _refresh(case)
    entry = powers.kind_of(case)
    stage = entry.stage(case.stage)
    if not stage.asker or (outcome in stage.outcomes and outcome not in entry.for_asker(stage)):
        raise Refused("“{stage}”这一步不由提出诉求的人办理", stage=stage)
    _fit_case(case, entry, answers or {}, ASKER, day)
    given = standing_answers(case, stage) | dict(answers or {})
    _refuse_lacks(lacking(Given(case, stage, day, given, party=ASKER, outcome=outcome)))
    _when_the_clock_has_run(stage, case, outcome, day)
    return _take(Move.SUBMIT, case, by=None, day=day, outcome=outcome, party=ASKER, answers=answers)


@transaction.atomic
def agree(case: Case, *, by: User, day: date, note: str = "") -> Step:
    """同意: a second person agrees, and only now does the stage pass. Raises Refused where it has come to lack something."""
    _refresh(case)
    proposal = _proposal(case, by, day)
    stage = powers.kind_of(case).stage(case.stage)
    _not_by(stage, case, by, day)
    known = answers_of(case)
    given = Given(case, stage, day, known, proposal.item, proposal.note, outcome=proposal.outcome)
    _refuse_lacks(lacking(given))
    return _take(Move.AGREE, case, by=by, day=day, outcome=proposal.outcome, note=note, answers_to=proposal)


@transaction.atomic
def decline(case: Case, *, by: User, day: date, reason: str) -> Step:
    """不同意: the proposal falls; the stage stays open."""
    _refresh(case)
    return _take(Move.DECLINE, case, by=by, day=day, note=_said(reason), answers_to=_proposal(case, by, day))


@transaction.atomic
def send_back(
    case: Case, *, by: User, day: date, reason: str, answers: Mapping[str, Any] | None = None
) -> Step:
    """退回: to the stage this one returns to, with a reason and what else the stage asks of it."""
    _refresh(case)
    entry = powers.kind_of(case)
    stage = entry.stage(case.stage)
    note = _said(reason)
    _role(case, by, day)
    if stage.return_:
        _fit_case(case, entry, answers or {}, str(by), day)
        given = answers_of(case) | {"reason": note} | dict(answers or {})
        _refuse_lacks(missing(stage.return_.needs, Given(case, stage, day, given, None, note)))
    return _take(Move.RETURN, case, by=by, day=day, note=note, answers=answers)


@transaction.atomic
def extend(case: Case, *, by: User, day: date, until: date, reason: str) -> Step:
    """延期: a later deadline, with a reason, by whom the pack names and never by whoever is bound by it."""
    _refresh(case)
    if case.due_on is None:
        raise Refused("这一步没有期限，不需要延期")
    if case.due_at is None or end_of(until) <= case.due_at:
        raise Refused("新的期限要晚于现在的 {due}", due=case.due_on, field="until")
    role = _extending(case, by, day)
    step = _take(Move.EXTEND, case, by=by, day=day, note=_said(reason), until=until, party=role)
    workdays = powers.policy_for(case).workdays
    set_due(case, Due(until, not workdays.knows(until)))
    whole = powers.kind_of(case).clock
    if (found := deadlines.of_the_whole(case)) and whole and role == whole.extended_by and not case.ended_at:
        set_whole_due(case, extended(found, until, workdays))
    return step


def _extending(case: Case, by: User, day: date) -> str:
    if role := powers.extending(by, case, day):
        return role
    limit = powers.kind_of(case).stage(case.stage).clock
    if limit is None or not limit.extended_by:
        raise Refused("文件没有规定这一步的延期由谁批准，不能延期")
    who = powers.policy_for(case).roles[limit.extended_by]
    raise Refused("延期由{who}批准，承办人不能给自己延期", who=who)


@transaction.atomic
def pause(case: Case, *, by: User, day: date, until: date, reason: str) -> Step:
    """中止: the clock stands still, with a reason and a last day, where the pack lets it be paused."""
    _refresh(case)
    limit = powers.kind_of(case).stage(case.stage).clock
    if limit is None or not limit.pausable:
        raise Refused("这一步没有规定可以中止")
    if until <= day:
        raise Refused("中止要写明以后的截止日", field="until")
    return _take(Move.PAUSE, case, by=by, day=day, note=_said(reason), until=until)


@transaction.atomic
def resume(case: Case, *, by: User | None, day: date) -> Step:
    """恢复: the clock runs on, later by the days it stood still: working days where it counts those.

    The whole's clock runs on later, too, where it is pausable and the case has not ended yet.
    """
    _refresh(case)
    paused = case.steps.filter(move=Move.PAUSE).last()
    step = _take(Move.RESUME, case, by=by, day=day)
    if paused:
        stood = (paused.moment, step.moment)
        workdays = powers.policy_for(case).workdays
        if found := deadlines.standing(case):
            unit = deadlines.of_stage(case).unit
            set_due(case, resumed(found, stood, unit=unit, workdays=workdays))
        whole = deadlines.of_whole(case)
        if (found := deadlines.of_the_whole(case)) and whole.pausable and not case.ended_at:
            set_whole_due(case, resumed(found, stood, unit=whole.unit, workdays=workdays))
    return step


@transaction.atomic
def withdraw(case: Case, *, by: User | None, day: date, reason: str) -> Step:
    """撤回: the matter is taken back by whoever brought it in, and what belongs to it with it.

    `by` is None where what followed from a deed falls away with it.
    """
    _refresh(case)
    if case.opened_by != _who(by):
        raise Refused("只有提出的人可以撤回")
    step = _take(Move.WITHDRAW, case, by=by, day=day, note=_said(reason))
    _withdraw_children(case, day)
    return step


def _withdraw_children(case: Case, day: date) -> None:
    for child in case.children.open().order_by("pk"):
        _refresh(child)
        _take(Move.WITHDRAW, child, by=None, day=day, note=f"随 {case.number} 撤回")
        _withdraw_children(child, day)


@transaction.atomic
def reopen(case: Case, *, by: User, day: date, reason: str) -> Step:
    """重办: a closed matter goes on at the stage its last one returns to, a withdrawn one where it stood."""
    _one_opener()
    _refresh(case)
    if case.is_open():
        raise Refused("这件事项还在办理，不需要重办")
    if case.merged_into:
        raise Refused(
            "{number}已并入{main}，请在那一件里办理", number=case.number, main=case.merged_into.number
        )
    if not powers.may_reopen(by, case, day):
        raise Refused("重办由办结这件事项的人决定，撤回的由提出的人决定")
    if case.parent and not case.parent.is_open():
        raise Refused("它所属的事项已经结束，不能单独重办")
    _once(powers.kind_of(case), case.about, day)
    return _take(Move.REOPEN, case, by=by, day=day, note=_said(reason))


@transaction.atomic
def merge(case: Case, into: Case, *, by: User, day: date, reason: str) -> Step:
    """并案: the case goes on in another of its kind, and what belongs to it is withdrawn. Who acts on both decides.

    A merged case is not reopened: whoever asked is answered with the other.
    """
    _refresh(case)
    _refresh(into)
    if case.pk == into.pk:
        raise Refused("{number}不能并入自己", number=case.number, field="into")
    if case.kind != into.kind:
        raise Refused("只能并入同一种事项", field="into")
    if not into.is_open():
        raise Refused("{number}已经结束，不能并入", number=into.number, field="into")
    _role(into, by, day)
    step = _take(Move.MERGE, case, by=by, day=day, outcome=MERGED, note=_said(reason))
    case.merged_into, case.outcome = into, MERGED
    case.save(update_fields=["merged_into", "outcome"])
    _withdraw_children(case, day)
    journal.write("case.merge-into", by=by, on=into, merged=case.number)
    return step


@transaction.atomic
def lay(
    case: Case, *, by: User, day: date, activity: Activity | None = None, file: File | None = None
) -> Proof:
    """Lay an activity or a file with a case as evidence. A file must be one that the same person took in."""
    _refresh(case)
    if not case.is_open():
        raise Refused("这件事项已经结束，不能再加证据")
    role = _role(case, by, day)
    if (activity is None) == (file is None):
        raise Refused("请选择一次活动，或上传一个文件")
    if activity and activity.at_id not in (None, case.about_id):
        raise Refused("这次活动不是在这个对象那里开展的，不能作为它的证据")
    if file and file.by != str(by):
        raise Refused("只能用自己上传的文件作证据")
    proof = Proof.objects.create(
        case=case,
        round=case.round,
        kind=activity.kind if activity else "file",
        activity=activity,
        file=file,
        laid_by=by,
        party=role,
        day=day,
        at=clock.now(),
    )
    journal.write("case.lay", by=by, on=case, proof=proof.pk, kind=proof.kind)
    return proof


@transaction.atomic
def support(case: Case, policy: Policy, kind: str, role: str, *, near: Subject, by: User, day: date) -> Link:
    """包保: tie a supporter to whom a case is about, and tell them."""
    link = tie(policy, kind, role, near=near, far=case.about, since=day, by=by, source=case.number)
    tell(
        frozenset({near.pk}),
        day=day,
        key=f"{case} supporter {link.pk}",
        sentence=Sentence("您已确定为“{role}”", role=policy.link(kind).kinds[role]),
        about=case.about_id,
        link=f"/cases/{case.pk}",
    )
    return link


@transaction.atomic
def draw(case: Case, items: list[dict[str, Any]], *, day: date) -> Drawn | None:
    """Keep what the system found to lie with a post, where it is not what was found before. It is added, never changed."""
    _refresh(case)
    last = case.lists.last()
    if last and last.items == items:
        return None
    drawn = Drawn.objects.create(case=case, round=case.round, day=day, at=clock.now(), items=items)
    journal.write("case.draw", by=journal.SYSTEM, on=case, items=len(items))
    return drawn


@transaction.atomic
def give(case: Case, *, to: Subject, by: User, day: date, due_on: date | None = None) -> Case:
    """Give a deliverable to a person or organisation, with its own deadline where one is agreed."""
    _refresh(case)
    parent = case.parent
    if parent is None or not powers.may_give(by, case, day):
        raise Refused("任务由上一级事项的承办人分派")
    if not case.is_open():
        raise Refused("这项任务已经结束，不能再分派")
    if due_on and due_on < day:
        raise Refused("期限不能早于今天", field="due_on")
    case.holder, case.due_agreed = to, case.due_agreed or bool(due_on)
    case.save(update_fields=["holder", "due_agreed"])
    if due_on:
        set_due(case, Due(due_on, not powers.policy_for(case).workdays.knows(due_on)))
    journal.write("case.give", by=by, on=case, to=str(to), due_on=str(case.due_on))
    _tell_next(case, powers.kind_of(case), day)
    return case


# --- How a move is taken ----------------------------------------------------------


def _take(
    move: Move,
    case: Case,
    *,
    by: User | None,
    day: date,
    outcome: str = "",
    note: str = "",
    party: str = "",
    item: AgendaItem | None = None,
    until: date | None = None,
    answers_to: Step | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Step:
    """Look the move up, write the step and its answers, stand where it leads, and let follow what the pack says follows.

    The deed has locked the case.
    """
    entry = powers.kind_of(case)
    if day < (earliest := _last_day(case)):
        raise Refused("日期不能早于上一步的 {earliest}", earliest=earliest, field="day")
    if by is not None:
        party = party or _party(move, case, by, day)
    before = case.place
    known = answers_of(case)
    said = known | dict(answers or {})
    place = _skipping(after(before, move, entry, outcome), case, entry, said, day)
    place = _passing_up(place, case, entry, said, day)
    step = Step.objects.create(
        case=case,
        round=case.round,
        move=move,
        stage=before.stage,
        to_stage=place.stage,
        to_state=place.state,
        party=party,
        outcome=outcome,
        by=by,
        instead_of=powers.instead_of(by, case, party, day) if by and party else None,
        answers_to=answers_to,
        day=day,
        at=clock.now(),
        note=note,
        activity=item.activity if item else None,
        item=item,
        until=until,
        **_deadline(move, case, entry.stage(before.stage), outcome),
        edition=case.edition,
    )
    _answer(case, step, answers or {}, known)
    _stand(case, before, place, entry, step)
    if not case.is_open():
        _tell_how_it_ended(case, entry, step)
    journal.write(f"case.{move}", by=_who(by, party), on=case, stage=before.stage, outcome=outcome)
    for event in _events(step):
        _happen(event, case, entry, day=day, by=by)
    forget(case)
    return step


def _last_day(case: Case) -> date:
    days = Step.objects.filter(case=case).order_by("-pk").values_list("day", flat=True)
    return next(iter(days[:1]), case.entered_on)


def _events(step: Step) -> Iterator[str]:
    """Yield what happened, in the words that effects hang on."""
    if step.move == Move.WITHDRAW:
        yield "withdrawn"
    if step.move == Move.MERGE:
        yield MERGED
    if passed(step):
        done = "done" if step.to_state == State.CLOSED else ""
        yield from filter(None, dict.fromkeys((step.stage, step.outcome, done)))


def passed(step: Step) -> bool:
    """Say whether a step passed its stage on."""
    return step.move in PASSING


def _skipping(place: Place, case: Case, entry: CaseKind, known: Mapping[str, Any], day: date) -> Place:
    """Step over stages whose `when` does not hold on what has been answered, and those on which no lot falls."""
    before = case.stage
    while place.stage != before and place.state == State.WAITING:
        stage = entry.stage(place.stage)
        fits = not stage.when or holds(stage.when, known) is not False
        if fits and _is_sampled(stage, case, day):
            break
        following = entry.after(stage)
        place = Place(stage.name, State.CLOSED) if following == END else Place(following, State.WAITING)
    return place


def _passing_up(place: Place, case: Case, entry: CaseKind, known: Mapping[str, Any], day: date) -> Place:
    """Go on where a case is passed to the level above outside, once nobody in the county may act on it."""
    entered = place.state == State.WAITING and place.stage != case.stage
    if entered and powers.goes_beyond(place.stage, entry, case, known, day):
        return Place(powers.beyond(entry), State.WAITING)
    return place


def _is_sampled(stage: Stage, case: Case, day: date) -> bool:
    """Draw the lot of a stage that only a share of the cases passes; without a share all do."""
    share = stage.sample.on(day)
    if share is None:
        return True
    seed = token_hex(8)
    drawn = is_drawn(seed, share)
    journal.write(
        "case.draw-lot", by=journal.SYSTEM, on=case, stage=stage.name, seed=seed, share=share, drawn=drawn
    )
    return drawn


def is_drawn(seed: str, share: int) -> bool:
    """Say whether a lot falls, of so many thousandths. Who knows the seed can draw it again."""
    return Random(seed).randrange(WHOLE) < share  # noqa: S311 - a lot that anybody can draw again


def _stand(case: Case, before: Place, place: Place, entry: CaseKind, step: Step) -> None:
    case.stage, case.state = place.stage, place.state
    case.paused_on = step.day if place.state == State.PAUSED else None
    case.closed_on = step.day if place.state in (State.CLOSED, State.WITHDRAWN) else None
    if place.state == State.CLOSED and case.ended_at is None:
        case.ended_at = step.moment
    if passed(step):
        case.outcome = step.outcome or case.outcome
        case.in_time = _in_time(case, step)
        _pass_to_whom_it_gives(case, entry.stage(before.stage), step)
    entered = place.stage != before.stage or step.move in (Move.RETURN, Move.REOPEN)
    if entered and case.is_open():
        case.round += 1
        case.entered_on, case.entered_at, case.due_agreed = step.day, step.moment, False
        _begin(case, entry, entry.stage(place.stage), step.day, step.by)
    else:
        case.save()


def _pass_to_whom_it_gives(case: Case, stage: Stage, step: Step) -> None:
    """Let whom the stage's answer names hold the case from now on; an outcome that names nobody leaves it to nobody."""
    if stage.gives is None:
        return
    named = answers_of(case).get(stage.gives) if stage.gives in stage.asks_for(step.outcome) else None
    case.holder_id = next(iter(_listed(named)), None)


def _deadline(move: Move, case: Case, stage: Stage, outcome: str) -> dict[str, Any]:
    """Return the deadline by which a move passes its stage; a term that must have run first is none."""
    if move in PASSING and outcome not in stage.after_clock:
        return {"due_on": case.due_on, "due_at": case.due_at}
    return {}


def _in_time(case: Case, step: Step) -> bool | None:
    """Say whether every stage so far that had a deadline was passed by it; None where none had one."""
    return case.in_time if step.due_on is None else case.in_time is not False and not step.is_late()


def _begin(case: Case, entry: CaseKind, stage: Stage, day: date, by: User | None) -> None:
    """Enter a stage: set its clock, open its deliverables, tell whoever acts next."""
    _set_clock(case, stage)
    case.save()
    _go_on(case, entry, stage, day, by)


def _set_clock(case: Case, stage: Stage) -> None:
    case.is_term = bool(stage.after_clock)
    _keep_due(case, deadlines.of_stage(case).due())


def _go_on(case: Case, entry: CaseKind, stage: Stage, day: date, by: User | None) -> None:
    if stage.children:
        _open_children(case, stage, stage.children, day, by)
    _tell_next(case, entry, day)
    _tell_who_keeps_track(case, entry, day)


def _open_children(case: Case, stage: Stage, children: Children, day: date, by: User | None) -> None:
    """Open the stage's deliverables, and one task for each whom a field names, who holds it: once in each round."""
    for place, deliverable in enumerate(children.template, start=1):
        key = f"{case} {stage.name} {place}"
        _open_child(children.case, case, key, deliverable.label, None, day, by)
    named = _listed(answers_of(case).get(children.for_ or ""))
    for unit in Subject.objects.filter(pk__in=named).order_by("pk"):
        key = f"{case} {stage.name} round {case.round} for {unit.pk}"
        _open_child(children.case, case, key, unit.name_on(day), unit, day, by)


def _open_child(
    kind: str, case: Case, key: str, label: str, holder: Subject | None, day: date, by: User | None
) -> None:
    open(
        kind,
        about=case.about,
        day=day,
        by=by,
        cause=str(case),
        key=key,
        parent=case,
        label=label,
        holder=holder,
    )


def _not_past(entry: CaseKind, answers: Mapping[str, Any], day: date) -> None:
    """Refuse a deadline that has passed before it is set."""
    asked = {stage.clock.asked for stage in entry.stages if stage.clock and stage.clock.asked}
    for field in asked & answers.keys():
        if answers[field] and Due.of(deadlines.read(answers[field])).day < day:
            raise Refused("期限不能早于今天", field=field)


def _in_order(case: Case, entry: CaseKind, given: Mapping[str, Any]) -> None:
    """Refuse a last day before the first, where both are asked for a standing that is to follow: a leave, say."""
    fields = powers.policy_for(case).fields
    for effect in chain.from_iterable(entry.effects.values()):
        since, through = given.get(effect.since), given.get(effect.through)
        if since and through and str(through) < str(since):
            raise Refused(
                "“{through}”不能早于“{since}”",
                through=fields[effect.through],
                since=fields[effect.since],
                field=effect.through,
            )


def _tell_next(case: Case, entry: CaseKind, day: date) -> None:
    stage = entry.stage(case.stage)
    tell(
        powers.answerable(case, day),
        day=day,
        key=f"{case} round {case.round}",
        sentence=Sentence("您有一件待办：{kind}（{stage}）", kind=entry, stage=stage),
        about=case.about_id,
        until=case.due_on,
        link=f"/cases/{case.pk}",
    )


def _tell_who_keeps_track(case: Case, entry: CaseKind, day: date) -> None:
    """Tell whoever keeps track where it has come, unless it is their own turn."""
    if not entry.tracked_by:
        return
    stage = entry.stage(case.stage)
    tell(
        _who_keeps_track(case, entry, day) - powers.answerable(case, day),
        day=day,
        key=f"{case} round {case.round} tracked",
        sentence=Sentence("您跟踪的“{kind}”到了“{stage}”", kind=entry, stage=stage),
        about=case.about_id,
        link=f"/cases/{case.pk}",
    )


def _tell_how_it_ended(case: Case, entry: CaseKind, step: Step) -> None:
    """Tell whoever keeps track that it came to its end, each time it does, unless it was they who ended it."""
    if entry.tracked_by:
        tell(
            _who_keeps_track(case, entry, step.day),
            day=step.day,
            key=f"{case} round {case.round} tracked end",
            sentence=_ending(entry, step),
            about=case.about_id,
            link=f"/cases/{case.pk}",
            but=step.by,
        )


def _ending(entry: CaseKind, step: Step) -> Sentence:
    match step.move:
        case Move.WITHDRAW:
            return Sentence("您跟踪的“{kind}”已撤回", kind=entry)
        case Move.MERGE:
            return Sentence("您跟踪的“{kind}”已并入另一件办理", kind=entry)
    stage = entry.stage(step.stage)
    if step.outcome in stage.outcomes:
        return Sentence("您跟踪的“{kind}”已办结：{outcome}", kind=entry, outcome=stage.choice(step.outcome))
    return Sentence("您跟踪的“{kind}”已办结", kind=entry)


def _who_keeps_track(case: Case, entry: CaseKind, day: date) -> Ids:
    return powers.asked(case, day).role(entry.tracked_by) - aside.kept_out(entry, case, day)


def set_due(case: Case, found: Due | None) -> None:
    """Keep the deadline of the stage: the instant, and the day that people read."""
    _keep_due(case, found)
    case.save(update_fields=["due_on", "due_at", "due_provisional"])


def _keep_due(case: Case, found: Due | None) -> None:
    case.due_on, case.due_at = (found.day, found.instant) if found else (None, None)
    case.due_provisional = bool(found and found.provisional)


def set_whole_due(case: Case, found: Due | None) -> None:
    """Keep the deadline of the whole; None where its kind has no clock over the whole."""
    _keep_whole_due(case, found)
    case.save(update_fields=["whole_due_at", "whole_due_provisional"])


def _keep_whole_due(case: Case, found: Due | None) -> None:
    case.whole_due_at = found.instant if found else None
    case.whole_due_provisional = bool(found and found.provisional)


def _happen(event: str, case: Case, entry: CaseKind, *, day: date, by: User | None) -> None:
    happening = Happening(
        policy=powers.policy_for(case),
        event=event,
        subject=case.about,
        day=day,
        cause=f"{case} round {case.round} {event}",
        by=_who(by),
        facts=answers_of(case) | {"outcome": case.outcome},
        words=powers.asked(case, day).words,
        link=f"/cases/{case.pk}",
    )
    effects.run(entry, happening, VERBS)


def _open_next(effect: Effect, happening: Happening) -> None:
    open(
        effect.open or "",
        about=happening.subject,
        day=happening.day,
        by=None,
        cause=happening.cause,
        key=key_of(effect, happening),
        holder=Subject.objects.get(pk=happening.holder) if happening.holder else None,
    )


def _tell(effect: Effect, happening: Happening) -> None:
    assert effect.tell is not None
    readers = Asked(happening.policy, happening.day, happening.words).find(effect.tell)
    tell(
        readers,
        day=happening.day,
        key=f"{happening.cause} tell",
        sentence=_news(happening),
        about=happening.subject.pk,
        link=happening.link,
    )


def _news(happening: Happening) -> Sentence:
    kind, event = happening.entry, happening.event
    if not isinstance(kind, CaseKind):  # left for a later day, when only its effect is known
        return Sentence("有一件事项有新的进展，请查看")
    return Sentence(
        "{kind}：{event}", kind=kind, event=Label(kind.event_said(event), kind.event_said(event, "en"))
    )


VERBS: dict[str, effects.Verb] = LEDGER_VERBS | {"open": _open_next, "tell": _tell}


# --- Small questions --------------------------------------------------------------


def _refresh(case: Case) -> None:
    """Lock a case until the transaction ends, and read it as it stands now; its edition and subject are what they were."""
    unchanging = {name: case._state.fields_cache.get(name) for name in ("edition", "about", "holder")}
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",)))
    for name, known in unchanging.items():
        if known and known.pk == getattr(case, f"{name}_id"):
            setattr(case, name, known)
    remember(case)


def _party(move: Move, case: Case, by: User, day: date) -> str:
    if move in (Move.WITHDRAW, Move.REOPEN):
        return ""
    return _role(case, by, day)


def _role(case: Case, by: User, day: date) -> str:
    """Return the role in whose name somebody acts now. Raises Refused where they have none."""
    roles = powers.acting(by, case, day)
    if not roles:
        stage = powers.kind_of(case).stage(case.stage)
        roles_of = powers.policy_for(case).roles
        labels = [roles_of[role] for role in powers.next_parties(stage, case)]
        raise Refused("“{stage}”这一步由{who}办理", stage=stage, who=labels or Sentence("尚未确定的承办人"))
    return roles[0]


def _not_by(stage: Stage, case: Case, by: User, day: date) -> None:
    """Nobody decides on their own work."""
    if powers.decides_own(by, stage, case, day):
        if str(by) in case.barred:
            raise Refused("这件事项涉及您办过的事，“{stage}”请由其他人办理", stage=stage, clause=stage.clause)
        raise Refused("报送的人不能办理“{stage}”，请由其他人办理", stage=stage, clause=stage.clause)


def _when_the_clock_has_run(stage: Stage, case: Case, outcome: str, day: date) -> None:
    """Refuse an outcome before its day, where it ends a term that must have run: a follow-up, say."""
    if outcome in stage.after_clock and case.due_on and day < case.due_on:
        raise Refused(
            "“{stage}”到{due}才期满，在这之前不能办“{outcome}”",
            stage=stage,
            due=case.due_on,
            outcome=stage.choice(outcome),
            clause=stage.clause,
            field="outcome",
        )


def _with_the_others(stage: Stage, case: Case, outcome: str) -> None:
    """Refuse a party another outcome than those before it gave: they settle it among themselves, or send it back."""
    if not (stage.parties and stage.outcomes):
        return
    if other := case.steps.filter(round=case.round, move=Move.SIGN).exclude(outcome=outcome).first():
        words = [stage.choice(word) for word in (other.outcome, outcome)]
        raise Refused("各方意见不一致（{words}），请商定后再办", words=words, field="outcome")


def _proposal(case: Case, by: User, day: date) -> Step:
    proposal = powers.open_proposal(case)
    if proposal is None:
        raise Refused("没有等待第二人办理的意见")
    if proposal.by_id == by.pk:
        raise Refused("须两人办理：提出的人和同意的人不能是同一人")
    if powers.proposed_by(proposal, by, day):
        raise Refused("须两人办理：代理人和被代理的人算同一人")
    return proposal


def _fit_case(case: Case, entry: CaseKind, answers: Mapping[str, Any], who: str, day: date) -> None:
    _fit(powers.asked(case, day), entry.every_field, answers, who, answers_of(case))


def _fit(
    seen: Asked, asked: list[str], answers: Mapping[str, Any], who: str, known: Mapping[str, Any]
) -> None:
    """Refuse an answer to what is not asked, of another kind than asked, naming what is not there or not offered.

    A file is there for whoever took it in, and for everybody once it has been an answer of this case.
    """
    if wrong := lack(seen.policy, answers, asked):
        raise Refused.because(wrong[0], field=wrong[1])
    for name, value in answers.items():
        spec, named = seen.policy.fields[name], _listed(value)
        there = _there(spec.kind, who, _listed(known.get(name)))
        if there is not None and there.filter(pk__in=named).count() != len(set(named)):
            raise Refused("“{spec}”所选的不存在", spec=spec, field=name)
    if wrong := stray(answers, seen, known):
        raise Refused.because(wrong[0], field=wrong[1])


def _there(kind: str, who: str, known: list[Any]) -> QuerySet[Any] | None:
    """Return what an answer of a kind may name; None where it names no row."""
    if kind == "file":
        return File.objects.filter(Q(by=who) | Q(pk__in=known))
    return Subject.objects.filter(noun=kind) if kind in NOUNS else None


def _refuse_lacks(lacks: Iterable[Lack]) -> None:
    lacks = list(lacks)
    if lacks:
        raise Refused.all_of([Refused.because(lack.sentence, field=lack.field) for lack in lacks])


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused("请写明理由", field="note")
    return reason.strip()


def _answer(case: Case, step: Step, answers: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Keep what was answered as new versions; one that did not change makes none, unless each party answers for itself."""
    stage = powers.kind_of(case).stage(step.stage)
    own = {need.field for need in stage.needs} if answers_apart(stage) else set()
    new = {field: value for field, value in answers.items() if known.get(field) != value or field in own}
    if not new:
        return
    Answer.objects.bulk_create(
        Answer(case=case, step=step, field=field, version=case.versions.get(field, 0) + 1, value=value)
        for field, value in new.items()
    )
    case.answered = {**known, **new}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _who(by: User | None, party: str = "") -> str:
    return str(by) if by else ASKER if party == ASKER else journal.SYSTEM
