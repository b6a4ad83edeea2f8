"""What the clock calls, given a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from zugong.accounts.telling import readers
from zugong.cases import actions, aside, deadlines, erasing, learning, powers
from zugong.cases.models import Case, CaseQuerySet, Step
from zugong.cases.rules import Move, State
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.once import once
from zugong.core.outbox.actions import Letter, send_all
from zugong.core.sentences import Sentence
from zugong.core.workdays import day_of, end_of
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind, Clock, Stage
from zugong.packs.selectors import Selector
from zugong.registry import effects
from zugong.registry.actions import policy_of, policy_on
from zugong.registry.models import Edition
from zugong.registry.selecting import Ids


@transaction.atomic
def come_about(day: date) -> int:
    """Let come about what earlier deeds left for this day: cases that open, standings that begin. Returns how many."""
    return effects.come_about(day, effects.VERBS | actions.VERBS)


@transaction.atomic
def remind(day: date) -> int:
    """Tell whoever holds a stage that its deadline is near, and whom the pack names that it has passed, level by level.

    The same of the deadline of the whole, until the case has ended once. Each is told once; the owner stays who it is.
    """
    cases = Case.objects.open().exclude(state=State.PAUSED)
    cases = cases.filter(_worth_a_letter(cases, day) | _worth_a_letter_as_a_whole(cases, day))
    asked = _Readers(day)
    with once():  # letters change nothing that says who reads
        return send_all(
            letter
            for case in cases.select_related("edition", "about", "parent")
            .defer("edition__texts")
            .order_by("pk")
            for letter in _letters(case, asked)
        )


def _worth_a_letter(cases: CaseQuerySet, day: date) -> Q:
    """Keep what has passed where somebody is told of it, and what is as near as its stage's reminder looks ahead."""
    found = Q(pk=None)
    editions = Edition.objects.defer("texts").in_bulk()
    for edition, kind, name in cases.values_list("edition", "kind", "stage").distinct():
        policy = policy_of(editions[edition])
        limit = policy.case(kind).stage(name).clock
        here = Q(edition=edition, kind=kind, stage=name)
        if limit and _tells(limit):
            found |= here & Q(due_on__lt=day, is_term=False)
        if limit and (last := _near(limit, policy, day)):
            found |= here & Q(due_on__gte=day, due_on__lt=last)
    return found


def _worth_a_letter_as_a_whole(cases: CaseQuerySet, day: date) -> Q:
    """Keep the same of the deadlines of whole cases."""
    found = Q(pk=None)
    editions = Edition.objects.defer("texts").in_bulk()
    timed = cases.filter(ended_at=None, whole_due_at__isnull=False)
    for edition, kind in timed.values_list("edition", "kind").distinct():
        policy = policy_of(editions[edition])
        limit = policy.case(kind).clock
        if limit and (_tells(limit) or limit.remind.on(day) is not None):
            last = _near(limit, policy, day) or day
            here = Q(edition=edition, kind=kind, ended_at=None)
            found |= here & Q(whole_due_at__lt=end_of(last))
    return found


def _tells(limit: Clock) -> bool:
    """Say whether somebody is told that a deadline has passed."""
    return limit.overdue is not None or bool(limit.escalate)


def _near(limit: Clock, policy: Policy, day: date) -> date | None:
    """Return the day before which a deadline is near; None where nobody is reminded.

    A day off after the last working day counts no further day, so the look goes up to the next one.
    """
    ahead = limit.remind.on(day)
    return None if ahead is None else policy.workdays.after(day, ahead + 1).day


class _Readers:
    """Who reads a message, looked up once for each body and subject however many cases they have."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._found: dict[tuple[object, ...], list[str]] = {}

    def of(self, case: Case, whom: str, find: Callable[[], Ids]) -> list[str]:
        """Return the user names of those whom `find` finds; `whom` names the question among those about a subject."""
        out = aside.kept_out(powers.kind_of(case), case, self.day)
        key = (case.edition_id, case.kind, case.stage, whom, case.about_id, case.holder_id, out)
        if key not in self._found:
            told = [user for user in readers(find() - out, self.day) if user.person_id not in out]
            self._found[key] = [user.username for user in told]
        return self._found[key]


def _letters(case: Case, asked: _Readers) -> Iterator[Letter]:
    kind = powers.kind_of(case)
    stage = kind.stage(case.stage)
    if stage.clock and case.due_on:
        here = _Watch(case, stage.clock, case.due_on, f"round {case.round}", kind, stage)
        yield from here.letters(asked)
    if kind.clock and case.whole_due_at and case.ended_at is None:
        yield from _Watch(case, kind.clock, day_of(case.whole_due_at), "whole", kind, stage).letters(asked)


@dataclass(frozen=True)
class _Watch:
    """A deadline that is watched: of the stage (`what` is its round), or of the whole."""

    case: Case
    limit: Clock
    due_on: date
    what: str
    kind: CaseKind
    stage: Stage

    def letters(self, asked: _Readers) -> Iterator[Letter]:
        """Yield who is told what on a day."""
        if self.due_on >= asked.day:
            yield from self._near(asked)
        elif self.what == "whole" or not self.case.is_term:
            yield from self._passed(asked)

    def _near(self, asked: _Readers) -> Iterator[Letter]:
        ahead = self.limit.remind.on(asked.day)
        left = powers.policy_for(self.case).workdays.between(asked.day, self.due_on)
        if ahead is None or left > ahead:
            return
        turn = ",".join(powers.next_parties(self.stage, self.case))
        names = asked.of(self.case, turn, lambda: powers.answerable(self.case, asked.day))
        yield from self._to(
            names, "remind", Sentence("快到期限：{kind}（{stage}）", kind=self.kind, stage=self.stage)
        )

    def _passed(self, asked: _Readers) -> Iterator[Letter]:
        if whom := self.limit.overdue:
            names = asked.of(self.case, f"{self.what} overdue", lambda: self._find(whom, asked.day))
            yield from self._to(
                names, "overdue", Sentence("已过期限：{kind}（{stage}）", kind=self.kind, stage=self.stage)
            )
        for level, reached in enumerate(deadlines.levels(self.case, self.limit, self.due_on, asked.day), 1):
            names = asked.of(
                self.case, f"{self.what} level {level}", partial(self._find, reached.tell, asked.day)
            )
            sentence = Sentence(
                "已过期限 {days} 个工作日仍未办：{kind}（{stage}）",
                days=reached.after.on(asked.day), kind=self.kind, stage=self.stage,
            )  # fmt: skip
            yield from self._to(names, f"level {level}", sentence)

    def _find(self, whom: Selector, day: date) -> Ids:
        return powers.asked(self.case, day).find(whom)

    def _to(self, names: list[str], what: str, sentence: Sentence) -> Iterator[Letter]:
        for name in names:
            key = f"{self.case} {self.what} {what} {self.due_on} {name}"
            yield Letter(key[:200], name, sentence, self.case.about_id, self.due_on, f"/cases/{self.case.pk}")


@transaction.atomic
def resume_due(day: date) -> int:
    """Let run on the clocks whose pause has reached its last day."""
    last = Step.objects.filter(case=OuterRef("pk"), move=Move.PAUSE).order_by("-id").values("until")[:1]
    paused = Case.objects.filter(state=State.PAUSED).annotate(until=Subquery(last))
    due = list(paused.filter(until__lt=day).order_by("pk"))
    for case in due:
        actions.resume(case, by=None, day=day)
    return len(due)


@transaction.atomic
def erase(day: date) -> int:
    """Erase what the pack keeps for a time only, once the time is over. Returns how many cases lost something."""
    return erasing.erase(day)


def train(day: date) -> int:
    """On the first day of a month train routing anew where enough requests were closed. Returns how many versions there are more."""
    return sum(_is_trained(kind, day) for kind in _learning(day)) if day.day == 1 else 0


def _learning(day: date) -> list[CaseKind]:
    try:
        return learning.learning(policy_on(day))
    except Refused:  # no edition is in force
        return []


def _is_trained(kind: CaseKind, day: date) -> bool:
    try:
        learning.train(kind, day=day, by=journal.SYSTEM)
    except Refused:  # too few yet
        return False
    return True
