"""The states of an activity, and what is wrong with a report of one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from zugong.core.sentences import Sentence


class State(StrEnum):
    """Planned and held are two states of one thing."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can be done to an activity."""

    HOLD = "hold"
    CANCEL = "cancel"
    CONFIRM = "confirm"
    CORRECT = "correct"
    ATTACH = "attach"


STATES = {
    State.PLANNED: Sentence("计划"),
    State.HELD: Sentence("已开展"),
    State.CANCELLED: Sentence("已取消"),
}
LABELS = {
    Move.HOLD: Sentence("登记开展"),
    Move.CANCEL: Sentence("取消"),
    Move.CONFIRM: Sentence("确认"),
    Move.CORRECT: Sentence("更正"),
    Move.ATTACH: Sentence("上传佐证"),
}

# Every move that there is; whatever is not here is refused. What was cancelled stays so.
MOVES: Mapping[tuple[State, Move], State] = {
    (State.PLANNED, Move.HOLD): State.HELD,
    (State.PLANNED, Move.CANCEL): State.CANCELLED,
    (State.PLANNED, Move.CORRECT): State.PLANNED,
    (State.PLANNED, Move.ATTACH): State.PLANNED,
    (State.HELD, Move.CANCEL): State.CANCELLED,  # entered by mistake; not once a second person confirmed it
    (State.HELD, Move.CONFIRM): State.HELD,
    (State.HELD, Move.CORRECT): State.HELD,
    (State.HELD, Move.ATTACH): State.HELD,
}


def moves(state: State, *, confirmed: bool) -> list[Move]:
    """Return what can be done to an activity, in the order of the table."""
    found = [move for (at, move) in MOVES if at == state]
    return [move for move in found if not (confirmed and move in (Move.CANCEL, Move.CONFIRM))]


@dataclass(frozen=True)
class Item:
    """One matter of an agenda, and how it was voted where it was."""

    matter: str
    decision: str = ""
    in_favour: int | None = None
    against: int | None = None
    abstained: int | None = None

    @property
    def voted(self) -> int | None:
        """How many voted, or None where nobody was asked to."""
        counts = [self.in_favour, self.against, self.abstained]
        return None if counts == [None] * 3 else sum(count or 0 for count in counts)


@dataclass(frozen=True)
class Report:
    """What is said about an activity that was held. Persons are numbers of rows of the registry."""

    topic: str = ""
    minutes: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    present: tuple[int, ...] = ()
    should_attend: int | None = None
    attended: int | None = None
    agenda: tuple[Item, ...] = ()

    @property
    def headcount(self) -> int | None:
        """How many were there: as counted, or else as many as are named."""
        return self.attended if self.attended is not None else len(set(self.present)) or None


class KindLike(Protocol):
    """What a report is held against: `packs.schema.activities.ActivityKind`."""

    def said(self, language: str) -> str: ...  # noqa: D102
    @property
    def present(self) -> str: ...  # noqa: D102
    @property
    def minutes(self) -> bool: ...  # noqa: D102
    @property
    def votes(self) -> bool: ...  # noqa: D102


def lacks(kind: KindLike, report: Report) -> Iterator[tuple[Sentence, str]]:
    """Yield what is wrong with a report: a sentence, and the field it belongs to."""
    if kind.present == "counted" and report.present:
        yield Sentence("“{kind}”只计人数，不登记姓名", kind=kind), "present"
    if report.minutes and not kind.minutes:
        yield Sentence("“{kind}”不作会议记录", kind=kind), "minutes"
    for name in ("should_attend", "attended"):
        if (getattr(report, name) or 0) < 0:
            yield Sentence("人数不能小于零"), name
    attended, should = report.headcount, report.should_attend
    named = len(set(report.present))
    if attended is not None and attended < named:
        yield (
            Sentence("写明到会{attended}人，却列了{named}个姓名", attended=attended, named=named),
            "attended",
        )
    if attended is not None and should is not None and attended > should:
        yield Sentence("到会{attended}人，多于应到{should}人", attended=attended, should=should), "attended"
    for item in report.agenda:
        yield from _item_lacks(kind, item, attended)


def _item_lacks(kind: KindLike, item: Item, attended: int | None) -> Iterator[tuple[Sentence, str]]:
    if not item.matter.strip():
        yield Sentence("议题不能为空"), "agenda"
    if item.voted is None:
        return
    if not kind.votes:
        yield Sentence("“{kind}”不表决", kind=kind), "agenda"
    if min(item.in_favour or 0, item.against or 0, item.abstained or 0) < 0:
        yield Sentence("票数不能小于零"), "agenda"
    if attended is None:
        yield Sentence("表决前先写明到会人数"), "attended"
    elif item.voted > attended:
        yield (
            Sentence(
                "“{matter}”共{voted}票，多于到会{attended}人",
                matter=item.matter,
                voted=item.voted,
                attended=attended,
            ),
            "agenda",
        )
