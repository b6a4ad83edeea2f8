"""What can be done about activities. Each deed is one transaction and one line in the journal.

`today` is the day on which the deed is done; `day` the one on which the activity is, or was, held.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from functools import cache, partial
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ProtectedError, QuerySet

from zugong.accounts.models import User
from zugong.activities import powers
from zugong.activities.models import Activity, AgendaItem, Correction, Evidence, Presence
from zugong.activities.rules import LABELS, STATES, Item, Move, Report, State, lacks, moves
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.files import actions as files
from zugong.core.journal.actions import write_all
from zugong.core.sentences import Sentence
from zugong.ledgers import actions as ledgers
from zugong.packs import answers
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind
from zugong.registry import effects
from zugong.registry.choosing import stray
from zugong.registry.happening import Happening
from zugong.registry.models import Particulars, Subject
from zugong.registry.selecting import Asked

BATCH = 2000  # rows a statement


class EnteredAlready(Refused):
    """The same activity is there already. It may be entered once more by who says that it is another."""

    activity: Activity


@transaction.atomic
def plan(
    policy: Policy,
    name: str,
    *,
    day: date,
    run_by: Subject,
    by: User,
    today: date,
    at: Subject | None = None,
    topic: str = "",
    agenda: tuple[str, ...] = (),
    key: str = "",
    again: bool = True,
) -> Activity:
    """Plan an activity for a day that is not past. The same key plans it once, however often a form is sent.

    Raises EnteredAlready where the same is there, unless it is to be entered `again`.
    """
    if day < today:
        raise Refused("计划的日期已经过去，已开展的请直接登记", field="day")
    report = Report(topic=topic, agenda=tuple(Item(matter) for matter in agenda))
    return _enter(policy, name, State.PLANNED, day, run_by, at, report, key, by, again)


@transaction.atomic
def hold(
    policy: Policy,
    name: str,
    *,
    day: date,
    run_by: Subject,
    by: User,
    today: date,
    at: Subject | None = None,
    report: Report | None = None,
    key: str = "",
    again: bool = True,
) -> Activity:
    """Enter an activity that was held on a day which is not in the future, with all that is said about it.

    The same key enters it once. Raises Refused where the pack, the asker's scope or the report forbids it, and
    EnteredAlready where the same is there, unless it is to be entered `again`.
    """
    _not_ahead(day, today)
    activity = _enter(policy, name, State.HELD, day, run_by, at, report or Report(), key, by, again)
    _held(policy, activity, by)
    return activity


class Holdings:
    """Many activities of one kind, entered as held: each is asked what `hold` asks, then all are written at once."""

    def __init__(self, policy: Policy, name: str, *, subjects: Iterable[int], by: User, today: date) -> None:
        self.policy, self.kind, self.by, self.today = policy, policy.activity(name), by, today
        self.entering = Entering(policy, self.kind, by, subjects)
        self.given: list[tuple[Activity, Report]] = []

    def add(self, *, day: date, run_by: Subject, at: Subject | None, report: Report) -> None:
        """Take one more. Raises Refused as `hold` does; nothing has been written then."""
        _not_ahead(day, self.today)
        self.entering.check(run_by, at, day)
        _check(self.policy, self.kind, report, day)
        activity = Activity(
            kind=self.kind.name,
            state=State.HELD,
            day=day,
            run_by=run_by,
            at=at,
            entered_by=str(self.by),
            entered_at=clock.now(),
        )
        _say(activity, report)
        self.given.append((activity, report))

    @transaction.atomic
    def hold(self) -> list[Activity]:
        """Write them all, with a line of the journal for each and what follows from each."""
        _check_present(person for _, report in self.given for person in report.present)
        rows = Activity.objects.bulk_create([activity for activity, _ in self.given], batch_size=BATCH)
        Presence.objects.bulk_create(
            [
                Presence(activity=activity, person_id=person)
                for activity, report in self.given
                for person in sorted(set(report.present))
            ],
            batch_size=BATCH,
        )
        for activity, report in self.given:
            _write_agenda(activity, report)
        write_all("activity.hold", ((f"activity {one.pk}", _told(one)) for one in rows), by=self.by)
        if self.kind.effects:
            for activity in rows:
                _held(self.policy, activity, self.by)
        return rows


@transaction.atomic
def cancel_all(policy: Policy, activities: Iterable[Activity], *, reason: str, by: User, today: date) -> None:
    """Call many off at once, as `cancel` calls off one. Raises Refused where one of them may not be."""
    _said(reason)
    wanted = {one.pk for one in activities}
    rows = list(
        Activity.objects.select_for_update(of=("self",)).filter(pk__in=wanted).select_related("run_by", "at")
    )
    mine = powers.mine(by, today)
    for one in rows:
        _follows(one, Move.CANCEL)
        if not powers.speaks(mine, policy.activity(one.kind), one.run_by, one.at):
            raise Refused("您不代表{run_by}，不能办理它的活动", run_by=one.run_by.name_on(today))
    Activity.objects.filter(pk__in=[one.pk for one in rows]).update(
        state=State.CANCELLED, cancelled_for=reason.strip()
    )
    told = ((f"activity {one.pk}", {"kind": one.kind, "reason": reason.strip()}) for one in rows)
    write_all("activity.cancel", told, by=by)


@transaction.atomic
def hold_planned(
    policy: Policy, activity: Activity, *, report: Report, by: User, today: date, day: date | None = None
) -> Activity:
    """Say that a planned activity was held, on the day planned or on another. Its agenda stands unless given again."""
    locked, kind = _may(policy, activity, Move.HOLD, by, today)
    locked.day = day or locked.day
    _not_ahead(locked.day, today)
    if not report.agenda:
        report = replace(report, agenda=report_of(locked).agenda)
    _check(policy, kind, report, locked.day, locked.fields)
    _check_present(report.present)
    _write(locked, replace(report, topic=report.topic or locked.topic))
    locked.state = State.HELD
    locked.save()
    journal.write("activity.hold", by=by, on=f"activity {locked.pk}", kind=kind.name, day=str(locked.day))
    _held(policy, locked, by)
    return locked


@transaction.atomic
def cancel(policy: Policy, activity: Activity, *, reason: str, by: User, today: date) -> Activity:
    """Call off what was planned, or take back what was entered by mistake, unless a second person confirmed it."""
    locked, kind = _may(policy, activity, Move.CANCEL, by, today)
    _said(reason)
    locked.state, locked.cancelled_for = State.CANCELLED, reason.strip()
    locked.save(update_fields=["state", "cancelled_for"])
    journal.write("activity.cancel", by=by, on=f"activity {locked.pk}", kind=kind.name, reason=reason.strip())
    return locked


@transaction.atomic
def confirm(policy: Policy, activity: Activity, *, by: User, today: date) -> Activity:
    """Confirm, as a second person, that it was held as entered."""
    locked = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    _follows(locked, Move.CONFIRM)
    if str(by) == locked.entered_by:
        raise Refused("登记的人不能确认自己登记的活动，请由另一人确认")
    if not powers.may_confirm(by, locked, today):
        raise Refused("只有开展单位、活动所在单位和它们的上级可以确认")
    locked.confirmed_by = str(by)
    locked.save(update_fields=["confirmed_by"])
    journal.write(
        "activity.confirm", by=by, on=f"activity {locked.pk}", kind=policy.activity(locked.kind).name
    )
    return locked


@transaction.atomic
def correct(
    policy: Policy,
    activity: Activity,
    *,
    reason: str,
    by: User,
    today: date,
    day: date | None = None,
    report: Report | None = None,
) -> Activity:
    """Put right what was entered wrongly: its day, its report, or both. What it said before is kept.

    A confirmation is undone, for it concerned what was said before. What followed for those who were present follows
    for those who are added, once; what was paid to those who are taken out is reversed by who keeps the ledger.
    """
    locked, kind = _may(policy, activity, Move.CORRECT, by, today)
    _said(reason)
    was = _kept(locked)
    if report is not None:
        _check(policy, kind, report, day or locked.day, locked.fields)
        _check_present(report.present)
        _write(locked, report)
    if day is not None:
        if locked.state == State.HELD:
            _not_ahead(day, today)
        locked.day = day
    if _kept(locked) == was:
        raise Refused("没有改动，不用更正")
    locked.confirmed_by, locked.entered_by, locked.entered_at = "", str(by), clock.now()
    locked.save()
    Correction.objects.create(activity=locked, was=was, reason=reason.strip(), by=str(by), at=clock.now())
    journal.write(
        "activity.correct", by=by, on=f"activity {locked.pk}", kind=kind.name, reason=reason.strip()
    )
    if locked.state == State.HELD:
        _held(policy, locked, by)
    return locked


@transaction.atomic
def minute(policy: Policy, activity: Activity, *, minutes: str, by: User, today: date) -> Activity:
    """Add the minutes of a meeting that was held; minutes that stand are only corrected."""
    locked, kind = _may(policy, activity, Move.ATTACH, by, today)
    if locked.minutes:
        raise Refused("已有会议记录，修改请走更正", field="minutes")
    if not minutes.strip():
        raise Refused("会议记录不能为空", field="minutes")
    _check(policy, kind, replace(report_of(locked), minutes=minutes), locked.day, locked.fields)
    locked.minutes = minutes.strip()
    locked.save(update_fields=["minutes"])
    journal.write("activity.minute", by=by, on=f"activity {locked.pk}", kind=kind.name)
    return locked


@transaction.atomic
def attach(
    policy: Policy, activity: Activity, *, name: str, content: bytes, by: User, today: date
) -> Evidence:
    """Lay a file with an activity as evidence; the same content lies there once."""
    locked, kind = _may(policy, activity, Move.ATTACH, by, today)
    file = files.keep(name=name, content=content, by=by)
    if same := locked.evidence.filter(file__digest=file.digest).first():
        raise Refused("同样的内容已经上传过：“{name}”", name=same.file.name, field="file")
    evidence = Evidence.objects.create(activity=locked, file=file)
    journal.write("activity.attach", by=by, on=f"activity {locked.pk}", kind=kind.name, file=file.name)
    return evidence


def report_of(activity: Activity) -> Report:
    """Return what is said about an activity, as a form shows it."""
    return Report(
        topic=activity.topic,
        minutes=activity.minutes,
        fields=activity.fields,
        present=tuple(activity.present.order_by("person").values_list("person_id", flat=True)),
        should_attend=activity.should_attend,
        attended=activity.attended,
        agenda=tuple(
            Item(item.matter, item.decision, item.in_favour, item.against, item.abstained)
            for item in activity.agenda.order_by("place")
        ),
    )


# --- What each of them does ---------------------------------------------------------


def _enter(
    policy: Policy,
    name: str,
    state: State,
    day: date,
    run_by: Subject,
    at: Subject | None,
    report: Report,
    key: str,
    by: User,
    again: bool,
) -> Activity:
    kind = policy.activity(name)
    asked = Entering(policy, kind, by)
    asked.check(run_by, at, day)
    _check(policy, kind, report, day)
    _check_present(report.present)
    # A key is one person's: nobody is shown another's activity for having guessed theirs.
    form = f"{by.username} {key} "
    whole_key = f"{form}{_digest(state, day, run_by, at, report)}" if key else None
    if not again and not (whole_key and Activity.objects.filter(key=whole_key).exists()):
        if key:
            _check_unsent(kind, Activity.objects.filter(key__startswith=form))
        _check_new(kind, day, run_by, at, report.topic)
    activity = Activity(
        key=whole_key,
        kind=kind.name,
        state=state,
        day=day,
        run_by=run_by,
        at=at,
        entered_by=str(by),
        entered_at=clock.now(),
    )
    try:
        with transaction.atomic():
            activity.save(force_insert=True)
    except IntegrityError:
        same = Activity.objects.filter(key=whole_key).first() if whole_key else None
        if same is None:
            raise
        return same
    _write(activity, report)
    activity.save()
    journal.write(
        f"activity.{'plan' if state == State.PLANNED else 'hold'}",
        by=by,
        on=f"activity {activity.pk}",
        **_told(activity),
    )
    return activity


def _told(activity: Activity) -> dict[str, str]:
    """Return what the journal says of an activity that was entered."""
    return {
        "kind": activity.kind,
        "day": str(activity.day),
        "run_by": str(activity.run_by),
        "at": str(activity.at or ""),
    }


def _digest(state: State, day: date, run_by: Subject, at: Subject | None, report: Report) -> str:
    """Return what tells one filled form from another."""
    said = repr((state, day, run_by.pk, at and at.pk, report))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _check_unsent(kind: ActivityKind, sent: QuerySet[Activity]) -> None:
    """A form that was sent, changed and sent again is neither the same nor surely another."""
    if there := sent.exclude(state=State.CANCELLED).order_by("pk").last():
        _already(
            Sentence(
                "这张表刚才已经登记过一次“{kind}”（{run_by}，{day}），内容与现在的不同。"
                "要改的，请到那一次里更正；确是另外一次的，请勾选“仍要另记一次”再提交",
                kind=kind,
                run_by=there.run_by.name_on(there.day),
                day=there.day,
            ),
            there,
        )


def _check_new(kind: ActivityKind, day: date, run_by: Subject, at: Subject | None, topic: str) -> None:
    same = Activity.objects.filter(kind=kind.name, day=day, run_by=run_by, at=at, topic=topic.strip())
    if there := same.exclude(state=State.CANCELLED).order_by("pk").last():
        _already(
            Sentence(
                "同样的“{kind}”已经登记过一次（{run_by}，{day}）。确是另外一次的，请勾选“仍要另记一次”再提交",
                kind=kind,
                run_by=run_by.name_on(day),
                day=day,
            ),
            there,
        )


def _already(sentence: Sentence, there: Activity) -> NoReturn:
    refused = EnteredAlready.because(sentence, field="another")
    refused.activity = there
    raise refused


class Entering:
    """Who may enter an activity of a kind, for whom and where. What a day or a subject says is looked up once."""

    def __init__(self, policy: Policy, kind: ActivityKind, by: User, known: Iterable[int] = ()) -> None:
        self.kind, self.by, self.clause = kind, by, str(policy.cite(kind) or "")
        self.runs = cache(partial(powers.runs, policy, kind))
        self.places = cache(partial(powers.places, policy, kind))
        self.mine = cache(partial(powers.mine, by))
        self.spans: dict[int, list[DateRange]] = defaultdict(list)
        for subject, valid in (
            Particulars.objects.known().filter(subject__in=known).values_list("subject_id", "valid")
        ):
            self.spans[subject].append(valid)

    def check(self, run_by: Subject, at: Subject | None, day: date) -> None:
        """Raise Refused where the pack or the asker's scope forbids it."""
        runs, places, kind = self.runs(day), self.places(day), self.kind
        for subject in (run_by, at):
            if subject and not self._there(subject, day):
                raise Refused(
                    "{day}还没有（或已经没有）{name}", day=day, name=subject.name_on(day), field="day"
                )
        if runs is not None and run_by.pk not in runs:
            raise Refused(
                "{run_by}不开展“{kind}”",
                run_by=run_by.name_on(day),
                kind=kind,
                clause=self.clause,
                field="run_by",
            )
        if places is not None and (at is None or at.pk not in places):
            raise Refused("请选择“{kind}”是在哪里开展的", kind=kind, clause=self.clause, field="at")
        if places is None and at is not None:
            raise Refused("“{kind}”不登记地点", kind=kind, field="at")
        if not powers.speaks(self.mine(day), kind, run_by, at):
            raise Refused("您不代表{run_by}，不能登记它的活动", run_by=run_by.name_on(day), field="run_by")

    def _there(self, subject: Subject, day: date) -> bool:
        if subject.pk not in self.spans:
            return subject.on(day) is not None
        return any(day in span for span in self.spans[subject.pk])


def _check(
    policy: Policy, kind: ActivityKind, report: Report, day: date, known: Mapping[str, Any] | None = None
) -> None:
    for sentence, field in lacks(kind, report):
        raise Refused.because(sentence, field=field)
    wrong = answers.lack(policy, report.fields, kind.fields) or stray(
        report.fields, Asked(policy, day), known
    )
    if wrong:
        raise Refused.because(wrong[0], field=wrong[1])


def _check_present(present: Iterable[int]) -> None:
    present = set(present)
    if present and Subject.objects.filter(noun="person", pk__in=present).count() != len(present):
        raise Refused("到会名单里有不在册的人", field="present")


def _say(activity: Activity, report: Report) -> None:
    activity.topic, activity.minutes = report.topic.strip(), report.minutes.strip()
    activity.fields = dict(report.fields)
    activity.should_attend, activity.attended = report.should_attend, report.headcount


def _write(activity: Activity, report: Report) -> None:
    _say(activity, report)
    activity.present.exclude(person__in=report.present).delete()
    Presence.objects.bulk_create(
        [Presence(activity=activity, person_id=person) for person in sorted(set(report.present))],
        ignore_conflicts=True,
    )
    _write_agenda(activity, report)
    try:
        activity.agenda.filter(place__gt=len(report.agenda)).delete()
    except ProtectedError as error:
        raise Refused("已有事项在这项议题上作出决定，不能把它删去", field="agenda") from error


def _write_agenda(activity: Activity, report: Report) -> None:
    """A matter keeps its row, and so whatever points at it, for as long as it keeps its place."""
    for place, item in enumerate(report.agenda, start=1):
        AgendaItem.objects.update_or_create(activity=activity, place=place, defaults=asdict(item))


def _may(
    policy: Policy, activity: Activity, move: Move, by: User, today: date
) -> tuple[Activity, ActivityKind]:
    """Lock an activity for a move. Raises Refused where the table or the asker's scope forbids it."""
    locked = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    kind = policy.activity(locked.kind)
    _follows(locked, move)
    if not powers.may_enter(by, policy, kind, locked.run_by, locked.at, today):
        raise Refused("您不代表{run_by}，不能办理它的活动", run_by=locked.run_by.name_on(today))
    return locked, kind


def _follows(activity: Activity, move: Move) -> None:
    state = State(activity.state)
    if move not in moves(state, confirmed=bool(activity.confirmed_by)):
        if activity.confirmed_by:
            raise Refused("这次活动已由{by}确认，不能{move}", by=activity.confirmed_by, move=LABELS[move])
        raise Refused("这次活动是“{state}”，不能{move}", state=STATES[state], move=LABELS[move])


def _held(policy: Policy, activity: Activity, by: User) -> None:
    """Run what follows once for an activity: again, after a correction, it adds only what is new."""
    present = activity.present.values_list("person_id", flat=True)
    happening = Happening(
        policy,
        "held",
        activity.at or activity.run_by,
        activity.day,
        f"activity {activity.pk} held",
        by,
        facts=activity.fields,
        words={"present": frozenset(present), "run_by": frozenset({activity.run_by_id})},
    )
    effects.run(policy.activity(activity.kind), happening, ledgers.VERBS)


def _kept(activity: Activity) -> Mapping[str, Any]:
    """Return what a correction keeps: the day and the whole report, as plain data."""
    report = asdict(report_of(activity)) | {"fields": dict(activity.fields)}
    return {
        "day": str(activity.day),
        **report,
        "present": list(report["present"]),
        "agenda": [dict(item) for item in report["agenda"]],
        "confirmed_by": activity.confirmed_by,
        "entered_by": activity.entered_by,
    }


def _not_ahead(day: date, today: date) -> None:
    if day > today:
        raise Refused("活动的日期还没有到，请先报计划", field="day")


def _said(reason: str) -> None:
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
