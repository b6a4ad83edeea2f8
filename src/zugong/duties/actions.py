"""What can be done about what is owed. Each deed is one transaction and one line in the journal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from zugong.accounts.models import User
from zugong.accounts.telling import tell
from zugong.activities.models import Activity
from zugong.cases.actions import VERBS as CASE_VERBS
from zugong.cases.facts import numbers_at, subjects_at
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.journal.actions import write_all
from zugong.core.sentences import Sentence
from zugong.duties import powers
from zugong.duties.models import Answer, Fulfilment, Occurrence, Opening, Withdrawal
from zugong.duties.rules import OUTCOMES, Outcome, Turn, outcome
from zugong.packs import answers
from zugong.packs.policy import Policy
from zugong.packs.schema import Duty
from zugong.packs.schema.common import Effect
from zugong.packs.schema.names import FieldSpec
from zugong.packs.selectors import Named
from zugong.registry.actions import policy_of, spans
from zugong.registry.choosing import stray
from zugong.registry.effects import Verb, run
from zugong.registry.happening import Happening
from zugong.registry.models import Appointment, Edition, Link, Subject, at_work
from zugong.registry.rules import POST
from zugong.registry.selecting import Asked, Ids

Exact = Literal["exact", "at-least", "about"]
PER_END = ("village", "link")
BATCH = 2000  # rows a statement

# --- By people ----------------------------------------------------------------------


@transaction.atomic
def answer(
    occurrence: Occurrence,
    field: str,
    *,
    value: Any,
    as_of: date,
    source: str,
    by: User,
    today: date,
    exact: Exact = "exact",
) -> Answer:
    """Answer a figure that a duty asks: as of which day, from which source, exact or about. A later one is a new version.

    It counts when a second person has checked it. Raises Refused for who does not speak for those who owe it, and for
    a value that does not fit the question.
    """
    figures = Figures([occurrence.pk], by=by, today=today)
    figures.add(occurrence.pk, field, value=value, as_of=as_of, source=source, exact=exact)
    (given,) = figures.give()
    return given


class Figures:
    """Many figures, each asked what `answer` asks, then all written at once.

    What they answer is locked when it is made: make it inside the transaction.
    """

    def __init__(self, occurrences: Collection[int], *, by: User, today: date) -> None:
        self.by, self.today = by, today
        locked = Occurrence.objects.select_for_update(of=("self",)).filter(pk__in=occurrences)
        self.owed = {one.pk: one for one in locked.select_related("who").with_edition().order_by("pk")}
        self.own = powers.own(by, today)
        earlier = Answer.objects.filter(occurrence__in=self.owed).values_list("occurrence_id", "field")
        self.versions = Counter(earlier)
        self.given: list[Answer] = []

    def add(self, occurrence: int, field: str, *, value: Any, as_of: date, source: str, exact: Exact) -> None:
        """Take one more. Raises Refused as `answer` does; nothing has been written then."""
        one = self.owed[occurrence]
        policy = policy_of(one.edition)
        duty = policy.duty(one.duty)
        if one.who_id not in self.own:
            raise Refused("“{duty}”由{who}填报", duty=duty, who=one.who.name_on(self.today))
        if wrong := answers.lack(policy, {field: value}, duty.asks):
            raise Refused.because(wrong[0], field=field)
        if wrong := stray({field: value}, Asked(policy, self.today)):
            raise Refused.because(wrong[0], field=field)
        if as_of > self.today:
            raise Refused("数据的日期还没有到", field="as_of")
        if not source.strip():
            raise Refused("请写明数据的来源", field="source")
        self.versions[occurrence, field] += 1
        self.given.append(
            Answer(
                occurrence=one,
                field=field,
                version=self.versions[occurrence, field],
                value=value,
                unit=unit_of(policy.fields[field]),
                exact=exact,
                as_of=as_of,
                source=source.strip(),
                by=str(self.by),
                at=clock.now(),
            )
        )

    @transaction.atomic
    def give(self) -> list[Answer]:
        """Write them all, with a line of the journal for each."""
        rows = Answer.objects.bulk_create(self.given, batch_size=BATCH)
        _count_answers(self.owed.values())
        told = ((f"duty {one.occurrence_id}", {"field": one.field, "version": one.version}) for one in rows)
        write_all("duty.answer", told, by=self.by)
        return rows


@transaction.atomic
def withdraw_all(given: Iterable[int], *, reason: str, by: User, today: date) -> None:
    """Withdraw figures that were given by mistake, unless a second person checked one; those before stand again."""
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    rows = Answer.objects.standing().filter(pk__in=given).order_by("pk")
    owed = Occurrence.objects.select_for_update(of=("self",)).filter(answers__in=rows).order_by("pk")
    locked = {one.pk: one for one in owed.select_related("who").with_edition()}
    own, found = powers.own(by, today), list(rows)
    for one in found:
        owing = locked[one.occurrence_id]
        if owing.who_id not in own:
            duty = policy_of(owing.edition).duty(owing.duty)
            raise Refused("“{duty}”由{who}填报", duty=duty, who=owing.who.name_on(today))
        if one.checked_by:
            raise Refused("这个数已由{by}核对", by=one.checked_by)
    said = {"reason": reason.strip()[:200], "by": str(by), "at": clock.now()}
    Withdrawal.objects.bulk_create([Withdrawal(answer=one, **said) for one in found], batch_size=BATCH)
    _count_answers(locked.values())
    told = (
        (
            f"duty {one.occurrence_id}",
            {"field": one.field, "version": one.version, "reason": reason.strip()},
        )
        for one in found
    )
    write_all("duty.withdraw", told, by=by)


@transaction.atomic
def check(given: Answer, *, by: User, today: date) -> Answer:
    """Confirm, as a second person, that a figure is what its source says. Only the newest version can be checked."""
    locked, _duty = _locked(given.occurrence)
    given.refresh_from_db()
    if given.checked_by:
        raise Refused("这个数已由{by}核对", by=given.checked_by)
    if Withdrawal.objects.filter(answer=given).exists():
        raise Refused("这个数已经撤回，不用核对")
    if given.by == str(by):
        raise Refused("填报的人不能核对自己填的数，请由另一人核对")
    if not powers.may_check(by, locked, today):
        raise Refused("只有填报单位和它的上级可以核对")
    if locked.answers.standing().filter(field=given.field, version__gt=given.version).exists():
        raise Refused("这个数已有更新的填报，请核对最新的")
    given.checked_by, given.checked_on = str(by), today
    given.save(update_fields=["checked_by", "checked_on"])
    _count_answers([locked])
    journal.write("duty.check", by=by, on=f"duty {locked.pk}", field=given.field, version=given.version)
    return given


@transaction.atomic
def excuse(occurrence: Occurrence, *, reason: str, by: User, today: date) -> Occurrence:
    """Excuse somebody from an occurrence: leave, exemption. What was found missed for want of the paper is put right."""
    locked, duty = _locked(occurrence)
    if not reason.strip():
        raise Refused("请写明免除的理由", field="reason")
    if not powers.may_excuse(by, locked, today):
        raise Refused("只有上级单位负责审批的人可以免除，且不能免除自己的")
    if locked.outcome in (Outcome.KEPT, Outcome.EXCUSED) or locked.excused:
        raise Refused(
            "这一次{outcome}，不用免除",
            outcome=OUTCOMES[Outcome(locked.outcome or Outcome.EXCUSED)],
        )
    locked.excused, locked.excused_by = reason.strip(), str(by)
    if locked.outcome == Outcome.MISSED:
        locked.outcome, locked.settled_on = Outcome.EXCUSED, today
    locked.save(update_fields=["excused", "excused_by", "outcome", "settled_on"])
    journal.write("duty.excuse", by=by, on=f"duty {locked.pk}", duty=duty.name, reason=reason.strip())
    return locked


@transaction.atomic
def recount(occurrence: Occurrence, *, reason: str, by: User, today: date) -> Occurrence:
    """Count a settled occurrence again, for what was done in its days and entered or put right later.

    Whoever decides on leave decides on this. The journal keeps what it was before.
    """
    locked, duty = _locked(occurrence)
    if not locked.outcome:
        raise Refused("这一次还没有到期，到期前每天自动计数")
    if not reason.strip():
        raise Refused("请写明重新计数的理由", field="reason")
    if not powers.may_excuse(by, locked, today):
        raise Refused("只有上级单位负责审批的人可以重新计数，且不能重计自己的")
    before = (locked.outcome, locked.done)
    count([locked])
    found = outcome(needed=locked.needed, done=locked.done, excused=bool(locked.excused))
    if found != locked.outcome:
        locked.outcome, locked.settled_on = found, today
        locked.save(update_fields=["outcome", "settled_on"])
    journal.write(
        "duty.recount",
        by=by,
        on=f"duty {locked.pk}",
        duty=duty.name,
        reason=reason.strip(),
        before=list(before),
        after=[locked.outcome, locked.done],
    )
    return locked


# --- By the day ---------------------------------------------------------------------


@transaction.atomic
def open_turn(edition: Edition, name: str, turn: Turn, *, day: date) -> int:
    """Freeze who owes a duty in a period, as of its first day. Returns how many owe it; 0 where it was opened before.

    Where the pack has set no number, nothing is owed; an answer that is asked is owed once for each question.
    """
    policy = policy_of(edition)
    duty = policy.duty(name)
    opening, is_new = Opening.objects.get_or_create(
        duty=name,
        first=turn.period.first,
        defaults={"period": str(turn.period), "edition": edition, "opened_on": day},
    )
    if not is_new:
        return 0
    line = duty.at_least.line(turn.period.first)
    needed = len(duty.asks) or (line.value if line else 0)
    owed = _owed(policy, duty, line.per if line else "", turn.period.first) if needed > 0 else []
    Occurrence.objects.bulk_create(
        [
            Occurrence(
                duty=name,
                edition=edition,
                who_id=who,
                towards_id=towards,
                ends=ends,
                first=turn.first,
                last=turn.last,
                period=str(turn.period),
                needed=needed,
            )
            for who, towards, ends in owed
        ]
    )
    opening.owed = len(owed)
    opening.save(update_fields=["owed"])
    journal.write("duty.open", by=journal.SYSTEM, on=f"duty {name}", period=str(turn.period), owed=len(owed))
    return len(owed)


def count(occurrences: Iterable[Occurrence]) -> None:
    """Bring the count of occurrences up to date with what was held in their days.

    Those that ask for figures are counted by the deeds that answer and check.
    """
    groups: defaultdict[tuple[str, int, date, date], list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        groups[occurrence.duty, occurrence.edition_id, occurrence.first, occurrence.last].append(occurrence)
    for (name, _, first, last), group in groups.items():
        policy = policy_of(group[0].edition)
        duty = policy.duty(name)
        if duty.done_by:
            _count_activities(group, duty.done_by.activity, first, last, _Complete(policy, duty))


@transaction.atomic
def count_after(activity: Activity) -> None:
    """Count what is still open and an activity fulfils, or fulfilled before it was put right or called off."""
    day, people = activity.day, {activity.run_by_id, *activity.present.values_list("person_id", flat=True)}
    at = Appointment.objects.on(day)
    posts = set(at.filter(person__in=people).values_list("post_id", flat=True))
    instead = at.filter(person__in=people, acts_for=True).values("post")
    away = set(at.filter(post__in=instead, acts_for=False).values_list("person_id", flat=True))
    theirs = Q(who__in=people | posts | away, first__lte=day, last__gte=day)
    concerned = Occurrence.objects.open().filter(theirs | Q(fulfilments__activity=activity)).distinct()
    count(
        one
        for one in concerned.with_edition()
        if _done_by(policy_of(one.edition).duty(one.duty), activity.kind)
    )


def _done_by(duty: Duty, kind: str) -> bool:
    return duty.done_by is not None and duty.done_by.activity == kind


@transaction.atomic
def settle(occurrences: Iterable[Occurrence], *, day: date) -> int:
    """Find occurrences kept, missed or excused once their days are over. Returns how many; none is settled twice.

    What follows from a missed one is run in the same transaction; what refuses is journaled and changes nothing else.
    """
    over = Occurrence.objects.open().over(day).filter(pk__in=[one.pk for one in occurrences])
    locked = list(
        over.select_for_update(of=("self",))
        .select_related("who")
        .with_edition()
        .order_by("duty", "period", "pk")
    )
    count(locked)
    found: defaultdict[Outcome, list[Occurrence]] = defaultdict(list)
    for one in locked:
        found[outcome(needed=one.needed, done=one.done, excused=bool(one.excused))].append(one)
    for became, those in found.items():
        Occurrence.objects.filter(pk__in=[one.pk for one in those]).update(outcome=became, settled_on=day)
    for (name, period), group in groupby(locked, key=attrgetter("duty", "period")):
        owed = len(list(group))
        journal.write("duty.settle", by=journal.SYSTEM, on=f"duty {name}", period=period, owed=owed)
    for one in found[Outcome.MISSED]:
        journal.write("duty.missed", by=journal.SYSTEM, on=f"duty {one.pk}", duty=one.duty, short=one.short)
        _missed(one, policy_of(one.edition).duty(one.duty), day)
    return len(locked)


# --- Who owes it ----------------------------------------------------------------------


def _owed(policy: Policy, duty: Duty, per: str, day: date) -> list[tuple[int, int | None, list[int]]]:
    """Return who owes it, towards whom, and at which far ends it counts, in an order that does not change."""
    asked = Asked(policy, day, lent={"case": _case})
    who = asked.find(duty.who)
    among = asked.find(duty.while_) if duty.while_ else None
    if duty.link is None:
        owing = who if among is None else who & among
        return [(one, None, []) for one in sorted(_posts_of(asked, duty, owing))]
    ends = _ends(duty.link, who, among, day)
    if per in PER_END:
        return [(one, end, [end]) for one in sorted(ends) for end in ends[one]]
    counts_there = duty.done_by is not None and duty.done_by.at_far_end
    return [(one, None, ends[one] if counts_there else []) for one in sorted(ends)]


def _ends(link: tuple[str, str], who: Ids, among: Ids | None, day: date) -> Mapping[int, list[int]]:
    """Return near end → its far ends on a day; only those far ends for which the duty holds, where it says."""
    kind, role = link
    rows = Link.objects.on(day).filter(kind=kind, role=role, near__in=who)
    if among is not None:
        rows = rows.filter(far__in=among)
    ends: defaultdict[int, list[int]] = defaultdict(list)
    for near, far in rows.order_by("near", "far").values_list("near_id", "far_id"):
        ends[near].append(far)
    return ends


def _case(asked: Asked, named: Named) -> Ids:
    """`case.rectification at work`: what the running cases at that stage are about."""
    return subjects_at(named.names[0], named.at, asked.day)


def _posts_of(asked: Asked, duty: Duty, owing: Ids) -> Ids:
    """Return who owes a duty, with posts in place of those who owe it as their holders.

    It is the post that owes: it passes to the successor as it stands, and while nobody is there the post still owes it.
    """
    posts = asked.posts(duty.who.term)
    if not posts:
        return owing
    held = dict(at_work(asked.day).filter(post__in=posts).values_list("post_id", "person_id"))
    owed = {post for post in posts if (held[post] in owing if post in held else duty.while_ is None)}
    return frozenset(owed) | (owing - frozenset(held.values()))


# --- What counts --------------------------------------------------------------------


class _Complete:
    """Whether an activity has everybody and every case that a duty asks for; each day's are looked up once."""

    def __init__(self, policy: Policy, duty: Duty) -> None:
        self.policy, self.duty = policy, duty
        self.over = duty.done_by.over.term if duty.done_by and duty.done_by.over else None
        self._persons: dict[date, Ids] = {}
        self._cases: dict[date, frozenset[str]] = {}

    def __call__(self, activity: Activity) -> bool:
        present = {one.person_id for one in activity.present.all()}
        matters = {item.matter for item in activity.agenda.all()}
        return self._who(activity.day) <= present and self._which(activity.day) <= matters

    def _who(self, day: date) -> Ids:
        if self.duty.with_ is None:
            return frozenset()
        if day not in self._persons:
            self._persons[day] = Asked(self.policy, day, lent={"case": _case}).find(self.duty.with_)
        return self._persons[day]

    def _which(self, day: date) -> frozenset[str]:
        if not isinstance(self.over, Named):
            return frozenset()
        if day not in self._cases:
            self._cases[day] = numbers_at(self.over.names[0], self.over.at, day)
        return self._cases[day]


class _Doers:
    """Whose activities count for an occurrence, and on which days: of a post, whoever acted for it that day.

    Where the pack passes a duty to the deputy during leave, what the deputy of somebody's posts does counts for them.
    """

    def __init__(self, group: list[Occurrence], duty: Duty, first: date, last: date) -> None:
        who = {one.who_id for one in group}
        self.posts = frozenset(Subject.objects.filter(pk__in=who, noun=POST).values_list("pk", flat=True))
        self.days: defaultdict[int, list[tuple[int, DateRange, bool]]] = defaultdict(list)
        rows = Appointment.objects.during(first, last)
        for row in rows.filter(post__in=self.posts):
            self.days[row.post_id].append((row.person_id, row.valid, row.acts_for))
        if duty.away and duty.away.then == "deputy":
            held = rows.filter(person__in=who, acts_for=False).values_list("post_id", "person_id")
            owners = dict(held)
            for row in rows.filter(post__in=owners, acts_for=True):
                self.days[owners[row.post_id]].append((row.person_id, row.valid, True))

    def of(self, occurrence: Occurrence) -> set[int]:
        """Return everybody whose activities may count."""
        own = set() if occurrence.who_id in self.posts else {occurrence.who_id}
        return own | {person for person, _days, _deputy in self.days[occurrence.who_id]}

    def on(self, occurrence: Occurrence, doer: int, day: date) -> bool:
        """Say whether what somebody did on a day counts: as the deputy of that day, or where there was none as the holder."""
        there = [
            (person, deputy) for person, days, deputy in self.days[occurrence.who_id] if spans(days, day)
        ]
        deputies = {person for person, deputy in there if deputy}
        if occurrence.who_id not in self.posts:
            return doer == occurrence.who_id or doer in deputies
        return doer in (deputies or {person for person, _deputy in there})


def _count_activities(
    group: list[Occurrence], kind: str, first: date, last: date, complete: _Complete
) -> None:
    """An activity counts for whoever ran it and whoever is named as present, at the far end where that is asked."""
    held = (
        Activity.objects.held().between(first, last).filter(kind=kind).prefetch_related("present", "agenda")
    )
    by_doer: defaultdict[int, list[Activity]] = defaultdict(list)
    for activity in filter(complete, held.order_by("day", "pk")):
        for doer in {activity.run_by_id, *(one.person_id for one in activity.present.all())}:
            by_doer[doer].append(activity)
    standing_in = _Doers(group, policy_of(group[0].edition).duty(group[0].duty), first, last)
    before: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for one in Fulfilment.objects.filter(occurrence__in=group):
        before[one.occurrence_id][one.activity_id] = one.pk
    new: list[Fulfilment] = []
    gone: list[int] = []
    for occurrence in group:
        found = {
            activity.pk
            for doer in standing_in.of(occurrence)
            for activity in by_doer[doer]
            if (not occurrence.ends or activity.at_id in occurrence.ends)
            and standing_in.on(occurrence, doer, activity.day)
        }
        new += [
            Fulfilment(occurrence=occurrence, activity_id=activity)
            for activity in sorted(found - before[occurrence.pk].keys())
        ]
        gone += [pk for activity, pk in before[occurrence.pk].items() if activity not in found]
        _set_done(occurrence, len(found))
    Fulfilment.objects.filter(pk__in=gone).delete()
    Fulfilment.objects.bulk_create(new, batch_size=2000, ignore_conflicts=True)


def _count_answers(occurrences: Collection[Occurrence]) -> None:
    """A question is answered while the newest version of its answer is checked."""
    rows = Answer.objects.standing().filter(occurrence__in=occurrences).order_by("version")
    checked = {
        (occurrence, field): bool(checked_by)
        for occurrence, field, checked_by in rows.values_list("occurrence_id", "field", "checked_by")
    }
    changed: defaultdict[int, list[int]] = defaultdict(list)
    for one in occurrences:
        asks = policy_of(one.edition).duty(one.duty).asks
        done = sum(checked.get((one.pk, field), False) for field in asks)
        if done != one.done:
            one.done = done
            changed[done].append(one.pk)
    for done, those in changed.items():
        Occurrence.objects.filter(pk__in=those).update(done=done)


def _set_done(occurrence: Occurrence, done: int) -> None:
    if occurrence.done != done:
        occurrence.done = done
        occurrence.save(update_fields=["done"])


def unit_of(spec: FieldSpec) -> str:
    """Return the unit in which an answer is kept."""
    return {"money": "fen", "share": "thousandths"}.get(spec.kind, spec.unit)


# --- What follows -------------------------------------------------------------------


def _missed(occurrence: Occurrence, duty: Duty, day: date) -> None:
    happening = Happening(
        policy=policy_of(occurrence.edition),
        event="missed",
        subject=occurrence.who,
        day=day,
        cause=f"duty {occurrence.pk} missed",
        by=journal.SYSTEM,
        facts={"needed": occurrence.needed, "done": occurrence.done, "short": occurrence.short},
        words={"self": powers.owing(occurrence, day), "about": frozenset({occurrence.who_id})},
    )
    try:
        with transaction.atomic():
            run(duty, happening, VERBS)
    except Refused as refusal:
        journal.write("duty.effect-refused", by=journal.SYSTEM, on=f"duty {occurrence.pk}", why=str(refusal))


def _tell(effect: Effect, happening: Happening) -> None:
    assert effect.tell is not None
    readers = Asked(happening.policy, happening.day, happening.words, {"case": _case}).find(effect.tell)
    tell(
        readers,
        day=happening.day,
        key=f"{happening.cause} tell",
        sentence=Sentence("“{duty}”到期没有履行", duty=happening.entry),
        about=happening.subject.pk,
        link="/duties",
    )


VERBS: dict[str, Verb] = CASE_VERBS | {"tell": _tell}


def _locked(occurrence: Occurrence) -> tuple[Occurrence, Duty]:
    locked = (
        Occurrence.objects.select_for_update(of=("self",))
        .select_related("who", "edition")
        .get(pk=occurrence.pk)
    )
    return locked, policy_of(locked.edition).duty(locked.duty)
