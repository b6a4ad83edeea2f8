"""What the clock calls, given a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from zugong.accounts.telling import readers
from zugong.cases import actions, erasing, powers
from zugong.cases.models import Case, CaseQuerySet, Step
from zugong.cases.rules import Move, State
from zugong.core.outbox.actions import Letter, send_all
from zugong.core.sentences import Sentence
from zugong.registry import effects
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition
from zugong.registry.selecting import Ids


@transaction.atomic
def come_about(day: date) -> int:
    """Let come about what earlier deeds left for this day: cases that open, standings that begin. Returns how many."""
    return effects.come_about(day, effects.VERBS | actions.VERBS)


@transaction.atomic
def remind(day: date) -> int:
    """Tell whoever holds a stage that its deadline is near, and whom the pack names that it has passed."""
    cases = Case.objects.open().exclude(state=State.PAUSED)
    cases = cases.filter(_worth_a_letter(cases, day))
    asked = _Readers(day)
    return send_all(
        letter
        for case in cases.select_related("edition", "about", "parent").defer("edition__texts").order_by("pk")
        for letter in _letters(case, asked)
    )


def _worth_a_letter(cases: CaseQuerySet, day: date) -> Q:
    """Keep what has passed where somebody is told of it, and what is as near as its stage's reminder looks ahead.

    A day off after the last working day counts no further day, so the look goes up to the next one.
    """
    found = Q(pk=None)
    editions = Edition.objects.defer("texts").in_bulk()
    for edition, kind, name in cases.values_list("edition", "kind", "stage").distinct():
        policy = policy_of(editions[edition])
        limit = policy.case(kind).stage(name).clock
        here = Q(edition=edition, kind=kind, stage=name)
        if limit and limit.overdue is not None:
            found |= here & Q(due_on__lt=day, is_term=False)
        ahead = limit.remind.on(day) if limit else None
        if ahead is not None:
            found |= here & Q(due_on__gte=day, due_on__lt=policy.workdays.after(day, ahead + 1).day)
    return found


class _Readers:
    """Who reads a message, looked up once for each body and subject however many cases they have."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._found: dict[tuple[object, ...], list[str]] = {}

    def of(self, case: Case, whom: str, find: Callable[[], Ids]) -> list[str]:
        """Return the user names of those whom `find` finds; `whom` names the question among those about a subject."""
        key = (case.edition_id, case.kind, case.stage, whom, case.about_id, case.holder_id)
        if key not in self._found:
            self._found[key] = [user.username for user in readers(find(), self.day)]
        return self._found[key]


def _letters(case: Case, asked: _Readers) -> Iterator[Letter]:
    kind = powers.kind_of(case)
    stage = kind.stage(case.stage)
    limit = stage.clock
    if limit is None or case.due_on is None:
        return
    day = asked.day
    if case.due_on < day:
        if limit.overdue is not None and not case.is_term:
            whom = limit.overdue
            names = asked.of(case, "overdue", lambda: powers.asked(case, day).find(whom))
            yield from _to(
                names, case, "overdue", Sentence("已过期限：{kind}（{stage}）", kind=kind, stage=stage)
            )
        return
    ahead = limit.remind.on(day)
    left = powers.policy_for(case).workdays.between(day, case.due_on)
    if ahead is not None and left <= ahead:
        turn = ",".join(powers.next_parties(stage, case))
        names = asked.of(case, turn, lambda: powers.answerable(case, day))
        yield from _to(names, case, "remind", Sentence("快到期限：{kind}（{stage}）", kind=kind, stage=stage))


def _to(names: list[str], case: Case, what: str, sentence: Sentence) -> Iterator[Letter]:
    for name in names:
        key = f"{case} round {case.round} {what} {case.due_on} {name}"
        yield Letter(key[:200], name, sentence, case.about_id, case.due_on, f"/cases/{case.pk}")


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
