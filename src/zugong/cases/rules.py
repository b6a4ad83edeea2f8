"""The moves any stage can take: one table. Which stages a case passes is the pack's to say. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from zugong.core.errors import Refused
from zugong.core.sentences import Sentence
from zugong.core.workdays import Due, Workdays, day_of, end_of
from zugong.packs.schema.cases import END, CaseKind, Clock


class State(StrEnum):
    """How a case stands at its stage."""

    WAITING = "waiting"  # 待签收
    UNDERWAY = "underway"  # 办理中
    PAUSED = "paused"  # 中止
    CLOSED = "closed"  # 办结
    WITHDRAWN = "withdrawn"  # 撤回


class Move(StrEnum):
    """What can be done to a case."""

    ACCEPT = "accept"  # 签收
    SIGN = "sign"  # 会签: one of several parties
    PROPOSE = "propose"  # 提出: a second person must agree
    AGREE = "agree"  # 同意
    DECLINE = "decline"  # 不同意
    SUBMIT = "submit"  # 报送
    RETURN = "return"  # 退回
    EXTEND = "extend"  # 延期
    PAUSE = "pause"  # 中止
    RESUME = "resume"  # 恢复
    WITHDRAW = "withdraw"  # 撤回
    REOPEN = "reopen"  # 重办
    ASK = "ask"  # 提出诉求、立项: what was said when it was opened
    MERGE = "merge"  # 并案: it goes on in another
    MOVE = "move"  # 换版: on under another edition of the pack


class At(StrEnum):
    """Where a move leads."""

    SAME = "same"
    NEXT = "next"  # as the outcome says, or the next of the list
    EARLIER = "earlier"  # where the stage returns to


MOVES: dict[tuple[State, Move], tuple[State, At]] = {
    (State.WAITING, Move.ACCEPT): (State.UNDERWAY, At.SAME),
    (State.WAITING, Move.SUBMIT): (State.WAITING, At.NEXT),  # who submits has accepted
    (State.UNDERWAY, Move.SUBMIT): (State.WAITING, At.NEXT),
    (State.WAITING, Move.SIGN): (State.UNDERWAY, At.SAME),
    (State.UNDERWAY, Move.SIGN): (State.UNDERWAY, At.SAME),
    (State.WAITING, Move.PROPOSE): (State.UNDERWAY, At.SAME),
    (State.UNDERWAY, Move.PROPOSE): (State.UNDERWAY, At.SAME),
    (State.UNDERWAY, Move.AGREE): (State.WAITING, At.NEXT),
    (State.UNDERWAY, Move.DECLINE): (State.UNDERWAY, At.SAME),
    (State.WAITING, Move.RETURN): (State.WAITING, At.EARLIER),
    (State.UNDERWAY, Move.RETURN): (State.WAITING, At.EARLIER),
    (State.WAITING, Move.EXTEND): (State.WAITING, At.SAME),
    (State.UNDERWAY, Move.EXTEND): (State.UNDERWAY, At.SAME),
    (State.UNDERWAY, Move.PAUSE): (State.PAUSED, At.SAME),
    (State.PAUSED, Move.RESUME): (State.UNDERWAY, At.SAME),
    (State.WAITING, Move.WITHDRAW): (State.WITHDRAWN, At.SAME),
    (State.UNDERWAY, Move.WITHDRAW): (State.WITHDRAWN, At.SAME),
    (State.PAUSED, Move.WITHDRAW): (State.WITHDRAWN, At.SAME),
    (State.WAITING, Move.ASK): (State.WAITING, At.SAME),
    (State.WAITING, Move.MERGE): (State.CLOSED, At.SAME),
    (State.UNDERWAY, Move.MERGE): (State.CLOSED, At.SAME),
    (State.PAUSED, Move.MERGE): (State.CLOSED, At.SAME),
    (State.WAITING, Move.MOVE): (State.WAITING, At.SAME),
    (State.UNDERWAY, Move.MOVE): (State.UNDERWAY, At.SAME),
    (State.PAUSED, Move.MOVE): (State.PAUSED, At.SAME),
    (State.CLOSED, Move.REOPEN): (State.WAITING, At.EARLIER),
    (State.WITHDRAWN, Move.REOPEN): (State.WAITING, At.SAME),
}

STATES = {
    State.WAITING: Sentence("待签收"),
    State.UNDERWAY: Sentence("办理中"),
    State.PAUSED: Sentence("已中止"),
    State.CLOSED: Sentence("办结"),
    State.WITHDRAWN: Sentence("已撤回"),
}
LABELS = {
    Move.ACCEPT: Sentence("签收"),
    Move.SIGN: Sentence("会签"),
    Move.PROPOSE: Sentence("提出"),
    Move.AGREE: Sentence("同意"),
    Move.DECLINE: Sentence("不同意"),
    Move.SUBMIT: Sentence("报送"),
    Move.RETURN: Sentence("退回"),
    Move.EXTEND: Sentence("延期"),
    Move.PAUSE: Sentence("中止"),
    Move.RESUME: Sentence("恢复"),
    Move.WITHDRAW: Sentence("撤回"),
    Move.REOPEN: Sentence("重办"),
    Move.ASK: Sentence("提出"),
    Move.MERGE: Sentence("并案"),
    Move.MOVE: Sentence("换版"),
}


@dataclass(frozen=True)
class Place:
    """Where a case stands: a stage of its kind, and a state."""

    stage: str
    state: State


def after(place: Place, move: Move, kind: CaseKind, outcome: str = "") -> Place:
    """Return where a move leads. Raises Refused where the table, or the stage, does not know it."""
    try:
        state, at = MOVES[place.state, move]
    except KeyError:
        raise Refused("{state}的事项不能{move}", state=STATES[place.state], move=LABELS[move]) from None
    if at is At.SAME:
        return Place(place.stage, state)
    if at is At.EARLIER:
        return Place(_earlier(place.stage, kind), state)
    stage = _next(place.stage, kind, outcome)
    return Place(place.stage, State.CLOSED) if stage == END else Place(stage, state)


def _earlier(stage: str, kind: CaseKind) -> str:
    back = kind.stage(stage).return_
    if back is None:
        raise Refused("“{stage}”这一步没有规定可以退回到哪里", stage=kind.stage(stage))
    return back.to


def _next(name: str, kind: CaseKind, outcome: str) -> str:
    stage = kind.stage(name)
    if stage.outcomes and outcome not in stage.outcomes:
        choices = [stage.choice(word) for word in stage.outcomes]
        raise Refused("请说明“{stage}”的结果：{choices}", stage=stage, choices=choices, field="outcome")
    if outcome and outcome not in stage.outcomes:
        raise Refused("“{stage}”没有“{outcome}”这个结果", stage=stage, outcome=outcome, field="outcome")
    return kind.after(stage, outcome)


class Unit(StrEnum):
    """What a time is counted in."""

    HOURS = "hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True)
class Span:
    """So many hours, working days, days or months."""

    unit: Unit
    n: int

    def after(self, began: date, at: datetime, workdays: Workdays) -> Due:
        """Return the deadline of what began on a day, at an instant; hours run through nights and days off."""
        match self.unit:
            case Unit.HOURS:
                end = at + timedelta(hours=self.n)
                return Due(day_of(end), at=end)
            case Unit.WORKING_DAYS:
                return workdays.after(began, self.n)
            case Unit.DAYS:
                return workdays.days_after(began, self.n)
            case Unit.MONTHS:
                return workdays.months_after(began, self.n)


def counted(clock: Clock, began: date) -> Span | None:
    """Return what a clock counts for what began on a day; None where it counts nothing."""
    for unit in Unit:
        if n := getattr(clock, unit).on(began):
            return Span(unit, n)
    return None


def due(
    clock: Clock | None,
    *,
    began: date,
    workdays: Workdays,
    at: datetime | None = None,
    decided: date | datetime | None = None,
    span: Span | None = None,
) -> Due | None:
    """Return the deadline of what began on a day; None where nothing is set: an empty clock sets no deadline.

    What somebody decided on, a day or an instant, goes before what the clock's table says (`span`), and that before
    what is counted; a day that had passed when it began is no deadline. `at` is the instant it began, for hours.
    """
    if clock is None:
        return None
    if decided and (day := Due.of(decided).day) >= began:
        return Due.of(decided, not workdays.knows(day))
    if span := span or counted(clock, began):
        return span.after(began, at or end_of(began), workdays)
    return _until(clock.until, began, workdays) if clock.until else None


@dataclass(frozen=True)
class Bend:
    """What moved a deadline after its stage began: a later day that was allowed, or a time for which the clock stood still."""

    until: date | None = None  # 延期
    stood: tuple[datetime, datetime] | None = None  # 中止: from, to


def bent(found: Due | None, *, bends: Iterable[Bend], unit: Unit | None, workdays: Workdays) -> Due | None:
    """Return a deadline after what moved it since, oldest first. An extension never makes it earlier."""
    for bend in bends:
        if found and bend.until:
            found = extended(found, bend.until, workdays)
        if found and bend.stood:
            found = resumed(found, bend.stood, unit=unit, workdays=workdays)
    return found


def extended(found: Due, until: date, workdays: Workdays) -> Due:
    """Return the end of a later day that was allowed; an extension never makes a deadline earlier."""
    return Due(until, not workdays.knows(until)) if end_of(until) > found.instant else found


def resumed(found: Due, stood: tuple[datetime, datetime], *, unit: Unit | None, workdays: Workdays) -> Due:
    """Return a deadline later by the time for which the clock stood still: working days where it counts those.

    An instant moves by as many seconds; it stays an instant.
    """
    first, last = stood
    if found.at:
        later = found.at + (last - first)
        return Due(day_of(later), at=later)
    if unit == Unit.WORKING_DAYS:
        return workdays.after(found.day, workdays.between(day_of(first), day_of(last)))
    return workdays.days_after(found.day, (day_of(last) - day_of(first)).days)


def _until(until: str, began: date, workdays: Workdays) -> Due:
    """A day of the year: one that has passed means next year's."""
    month, day = (12, 31) if until == "year-end" else map(int, until.split("-"))
    last = _clamped(began.year, month, day)
    if last < began:
        last = _clamped(began.year + 1, month, day)
    return Due(last, not workdays.knows(last))


def _clamped(year: int, month: int, day: int) -> date:
    """Return a day of a year; 29 February is the 28th where there is none."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
