"""Enter marks, compute, decide, publish. Each deed is one transaction and one line in the journal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Min, QuerySet

from zugong.accounts.models import User
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.files.models import File
from zugong.core.install.models import DayRun
from zugong.core.once import asked_once
from zugong.core.period import Period, period
from zugong.core.sentences import Sentence
from zugong.packs.policy import Policy
from zugong.packs.schema.measures import Measure
from zugong.packs.schema.scorecards import RatedMethod, Scorecard
from zugong.registry.actions import edition_on, policy_of
from zugong.registry.models import Edition, Particulars, Subject
from zugong.registry.selecting import Asked, Ids, standing_on
from zugong.scorecards import engine, following, gathering, hearing, powers
from zugong.scorecards.engine.outcome import State
from zugong.scorecards.models import GivenUp, Mark, Moved, Result, Run, RunState
from zugong.scorecards.rules import NOT_RATED

# --- Marks that people give ---------------------------------------------------------


def mark(
    card: str,
    *,
    unit: Subject,
    indicator: str,
    stage: str,
    rater: Subject,
    marks: int,
    by: User,
    day: date,
    note: str = "",
    evidence: File | None = None,
) -> Mark:
    """Enter one rater's marks (thousandths) for an indicator of one unit; see `fill`."""
    (row,) = fill(
        card,
        indicator=indicator,
        stage=stage,
        rater=rater,
        marks={unit.pk: marks},
        by=by,
        day=day,
        note=note,
        evidence=evidence,
    )
    return row


@transaction.atomic
def fill(
    card: str,
    *,
    indicator: str,
    stage: str,
    rater: Subject,
    marks: Mapping[int, int],
    by: User,
    day: date,
    note: str = "",
    evidence: File | None = None,
) -> list[Mark]:
    """Enter one rater's marks for an indicator: unit → thousandths. A later entry supersedes, the earlier stays.

    Raises Refused where the card has no such part, the rater may not rate one of the units, or marks do not fit.
    """
    policy = policy_of(edition_for(card, day))
    entry = policy.scorecard(card)
    powers.may_rate_for(by, rater, day)
    full = full_marks(entry, indicator, stage, day)
    if any(not 0 <= given <= full for given in marks.values()):
        raise Refused("打分要在 0 到 {full} 分之间", full=f"{full / 1000:g}", field="marks")
    if not set(marks) <= to_rate(policy, entry, stage, rater, day):
        raise Refused("这一环节不由这个组织给这些村打分")
    same = {
        "card": card,
        "period": period_of(entry, day).name,
        "indicator": indicator,
        "stage": stage,
        "rater": rater,
    }
    Mark.objects.filter(**same, unit__in=marks, superseded=False).update(superseded=True)
    now = clock.now()
    rows = Mark.objects.bulk_create(
        Mark(**same, unit_id=unit, marks=given, note=note, evidence=evidence, by=str(by), entered_at=now)
        for unit, given in marks.items()
    )
    journal.write(
        "scorecard.mark", by=by, on=rater, card=card, indicator=indicator, stage=stage, units=len(rows)
    )
    return rows


def full_marks(entry: Scorecard, indicator: str, stage: str, day: date) -> int:
    """Return the full marks of an indicator that a stage of raters gives marks for, in thousandths. Raises Refused."""
    for one in entry.indicators:
        if one.id == indicator and isinstance(one.by, RatedMethod) and stage in one.by.raters:
            full = one.full.on(day)
            if full is None:
                raise Refused("“{one}”的满分还没有规定，规则不完整", one=one)
            return full
    raise Refused("评分表没有由这一环节打分的“{indicator}”", indicator=indicator, field="indicator")


def to_rate(policy: Policy, entry: Scorecard, stage: str, rater: Subject, day: date) -> Ids:
    """Return the units that a rater gives marks to at a stage.

    Self-rating is by the one above the unit; mutual rating by its peers, never by the one above it.
    """
    roles = [one.role for one in entry.raters if one.stage == stage]
    everyone = Asked(policy, day).find(entry.about)
    children = Particulars.objects.on(day).filter(parent=rater, subject__in=everyone)
    own = frozenset(children.values_list("subject_id", flat=True))
    units = {"self": own, "mutual": everyone - own, "decide": everyone}[stage]
    allowed = roles and rater.pk in Asked(policy, day, {"about": units}).role(roles[0])
    return units if allowed else frozenset()


def period_of(entry: Scorecard, day: date) -> Period:
    """Return the period of a card that a day lies in."""
    for unit in ("year", "half_year", "quarter", "month"):
        if n := getattr(entry.every, unit):
            return period(unit, day, n)
    raise Refused("“{entry}”没有规定多久评一次", entry=entry)


def left_over(entry: Scorecard, day: date) -> Iterator[Period]:
    """Yield the periods of a card that are over, not decided and not given up, the last first, back to one that is decided.

    Only those that ended while this installation ran its days, under a pack that had the card.
    """
    begun, span = _first_day(), _before(entry, period_of(entry, day))
    if begun is None or span.last < begun:
        return
    decided = set(
        Run.objects.filter(card=entry.name)
        .exclude(state__in=[RunState.SCORED, RunState.GIVEN_UP])
        .values_list("period", flat=True)
    )
    while begun <= span.last and span.name not in decided and _had(entry.name, span.last):
        if not is_given_up(entry.name, span.name):
            yield span
        span = _before(entry, span)


def is_given_up(card: str, period: str) -> bool:
    """Say whether a period was given up and nothing was computed since."""
    given = GivenUp.objects.filter(card=card, period=period)
    return given.exists() and not begun(card).filter(period=period).exists()


def begun(card: str) -> QuerySet[Run]:
    """Return the computations of a card that were not given up."""
    return Run.objects.filter(card=card).exclude(state=RunState.GIVEN_UP)


@asked_once
def _first_day() -> date | None:
    """Return the first day that this installation ran."""
    first: date | None = DayRun.objects.aggregate(first=Min("day"))["first"]
    return first


def _before(entry: Scorecard, span: Period) -> Period:
    return period_of(entry, span.first - timedelta(days=1))


def _had(card: str, day: date) -> bool:
    try:
        return bool(policy_of(edition_on(day)).scorecard(card))
    except Refused:
        return False


def words_of(card: Scorecard) -> dict[str, str]:
    """Return the grades that can be decided for a unit of a card, the best first, each with its word."""
    scale = [*card.grades.scale, *([NOT_RATED] if card.grades.not_rated else [])]
    return {grade: card.grades.words.get(grade, grade) for grade in scale}


def edition_for(card: str, day: date) -> Edition:
    """Return the edition under which the period of a card that a day lies in is computed.

    That of its first computation, however often it is computed again, until the period is moved; before the first
    one, and after it was given up, the edition in force on the day.
    """
    running = begun(card).filter(first__lte=day, last__gte=day)
    first = running.select_related("edition").defer("edition__texts").order_by("pk").first()
    return edition_of(card, first.period, first.edition) if first else edition_on(day)


def edition_of(card: str, period: str, first: Edition) -> Edition:
    """Return the edition under which a period stands that was first computed under one: where it was last moved to."""
    given_up = GivenUp.objects.filter(card=card, period=period).aggregate(last=Max("at"))["last"]
    moves = Moved.objects.filter(card=card, period=period, **({"at__gt": given_up} if given_up else {}))
    moved = moves.select_related("to_edition").defer("to_edition__texts").last()
    return moved.to_edition if moved else first


def cards_on(day: date) -> list[tuple[Policy, Scorecard]]:
    """Return the cards that can be rated or computed on a day: those in force, each as its period has it.

    With them those of a period that runs under an earlier edition, though the one in force has them no more.
    """
    running = Run.objects.filter(first__lte=day, last__gte=day).exclude(state=RunState.GIVEN_UP)
    ended = running.filter(state=RunState.PUBLISHED).values("card")
    kept = running.exclude(card__in=ended).order_by("card").values_list("card", flat=True).distinct()
    names = [one.name for one in policy_of(edition_on(day)).all("scorecard", Scorecard)]
    policies = [(policy_of(edition_for(name, day)), name) for name in dict.fromkeys([*names, *kept])]
    return [(policy, policy.scorecard(name)) for policy, name in policies]


# --- Runs -----------------------------------------------------------------------------


def compute(card: str, *, day: date, by: User, as_of: date | None = None) -> Run:
    """Freeze the facts as of a day and compute: a numbered run that anybody can compute again.

    As of an earlier day, it is the period of that day that is computed: of one that is over, its last.

    Raises Refused where a fact table or a rule is missing, or a run of the period has been published.
    """
    powers.may_run(by, day)
    return _run(card, day=as_of or day, by=by, grades=None, minutes="")


def decide_without_score(card: str, *, day: date, grades: Mapping[int, str], minutes: str, by: User) -> Run:
    """Take grades that were decided without a score: unit → grade. They are shown as decided, not computed."""
    powers.may_run(by, day)
    if not minutes.strip():
        raise Refused("审定要写明哪次会议、怎样决定", field="minutes")
    return _run(card, day=day, by=by, grades=grades, minutes=minutes.strip())


def _run(card: str, *, day: date, by: User, grades: Mapping[int, str] | None, minutes: str) -> Run:
    edition = edition_for(card, day)
    policy = policy_of(edition)
    entry = policy.scorecard(card)
    span = period_of(entry, day)
    with _next(entry, span, policy.info.pack) as (number, folder):
        units = gathering.units(entry, policy, day)
        _freeze_and_score(folder, policy, entry, span, day, units, grades, str(by), minutes)
        return _keep(folder, edition, entry, span, number, day, units, by, grades is None, minutes)


@contextmanager
def _next(entry: Scorecard, span: Period, pack: str) -> Iterator[tuple[int, Path]]:
    """Give number and folder of a period's next run: one is computed at a time, and what failed leaves nothing behind."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"run {entry.name} {span.name}"]
            )
            if not cursor.fetchone()[0]:
                raise Refused("有人正在计算“{entry}”，请等算完再看", entry=entry)
        number = _next_number(entry.name, span)
        folder = Path(settings.HOME) / "runs" / str(span.first.year) / f"{pack}-{entry.name}-{number}"
        shutil.rmtree(folder, ignore_errors=True)  # a run that a crash left behind before it was written down
        try:
            yield number, folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _next_number(card: str, span: Period) -> int:
    runs = Run.objects.filter(card=card, period=span.name)
    if runs.filter(state=RunState.PUBLISHED).exists():
        raise Refused("{period}的评定已经公布，不能再算；更正请另行办理", period=span.name)
    return runs.count() + 1


def _freeze_and_score(
    folder: Path,
    policy: Policy,
    entry: Scorecard,
    span: Period,
    day: date,
    units: list[dict[str, Any]],
    grades: Mapping[int, str] | None,
    by: str,
    minutes: str,
) -> None:
    measures = {measure.name: measure for measure in policy.all("measure", Measure)}
    plan = engine.plan(entry, measures, day=day)
    for measure in plan.measures:
        policy.measure(measure.name)
    known = {row["pk"]: row["unit"] for row in units}
    tables = gathering.tables([measure.facts for measure in plan.measures], span.first, min(span.last, day))
    tables["units"] = gathering.units_table(units, standing_on(entry.models, day))
    tables["ratings"] = gathering.ratings(entry.name, span.name, known, day)
    if grades is not None:
        decided = {known[pk]: grade for pk, grade in grades.items()}
        tables["decisions"] = gathering.decisions_table(decided, by=by, day=day, minutes=minutes)
    _score(folder, tables, plan, policy.digest, units)


def _score(
    folder: Path, tables: Mapping[str, Any], plan: engine.Plan, digest: str, units: list[dict[str, Any]]
) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        engine.freeze(folder, tables, plan=plan, pack_digest=digest)
        engine.score(folder)
    except Refused as refused:
        raise _with_names(refused, units) from refused


def _with_names(refused: Refused, units: list[dict[str, Any]]) -> Refused:
    """Frozen facts carry codes; people read names."""
    names = {row["unit"]: row["name"] for row in units}
    words = {
        word: names.get(said, said) if word == "unit" else said
        for word, said in refused.sentence.words.items()
    }
    return Refused.because(
        Sentence(refused.sentence.template, **words), clause=refused.clause, field=refused.field
    )


@transaction.atomic
def _keep(
    folder: Path,
    edition: Edition,
    entry: Scorecard,
    span: Period,
    number: int,
    day: date,
    units: list[dict[str, Any]],
    by: User,
    computed: bool,
    minutes: str,
) -> Run:
    """Write a run and its results down beside its folder."""
    import pyarrow.parquet as pq

    try:
        run = Run.objects.create(
            card=entry.name,
            edition=edition,
            period=span.name,
            first=span.first,
            last=span.last,
            number=number,
            day=day,
            folder=str(folder.relative_to(settings.HOME)),
            digest=engine.digest(folder),
            computed=computed,
            minutes=minutes,
            by=str(by),
            run_at=clock.now(),
        )
    except IntegrityError as error:
        raise Refused("刚有人算了同一次评定，请刷新后再看") from error
    of = {row["unit"]: row for row in units}
    Result.objects.bulk_create(
        Result(
            run=run,
            unit_id=of[row["unit"]]["pk"],
            key=row["unit"],
            name=of[row["unit"]]["name"],
            group=row["group"],
            township_id=of[row["unit"]]["township"],
            total=row["total"],
            grade=row["grade"] or "",
            effective=row["grade"] or "",
            rank=row["rank"],
            state=row["state"],
            reasons=(row["reasons"] or "").split(),
        )
        for row in pq.read_table(folder / "results.parquet").to_pylist()
    )
    journal.write("scorecard.compute", by=by, on=run, day=str(day), digest=run.digest, computed=computed)
    return run


def settle(run: Run, *, grades: Mapping[int, str], reason: str, minutes: str, by: User, day: date) -> Run:
    """Settle the ties of a run at its cut-offs, unit → grade: the same frozen facts computed once more with the decision.

    Raises Refused where one of the tied has no grade yet, another than the tied is given one, or it is not said why.
    """
    powers.may_run(by, day)
    tied = dict(run.results.filter(state=State.TIED).values_list("unit_id", "key"))
    if run.state != RunState.SCORED or not tied:
        raise Refused("这次计算没有等待裁定的同分")
    _refuse_left_behind(run)
    if set(grades) != set(tied):
        raise Refused("同分的单位要逐个写明等次，也只能写它们的", field="grades")
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    if not minutes.strip():
        raise Refused("审定要写明哪次会议、怎样决定", field="minutes")
    said = f"{minutes.strip()}；{reason.strip()}"
    decided = {tied[unit]: grade for unit, grade in grades.items()}
    rows = gathering.decisions_table(decided, by=str(by), day=day, minutes=said)
    return _again(run, {"decisions": rows}, by=by, day=day)


def _again(run: Run, more: Mapping[str, Any], *, by: User, day: date) -> Run:
    """Compute a run's frozen facts, and some more, as the next run of its period."""
    policy = policy_of(run.edition)
    entry, frozen = policy.scorecard(run.card), engine.open_run(folder_of(run))
    span = period_of(entry, run.day)
    units = [
        {"pk": one.unit_id, "unit": one.key, "name": one.name, "township": one.township_id}
        for one in run.results.all()
    ]
    with _next(entry, span, policy.info.pack) as (number, folder):
        tables = engine.frozen(frozen)
        if "decisions" in tables:  # what was settled or decided before stays so
            more = {"decisions": gathering.together(tables["decisions"], more["decisions"])}
        _score(folder, {**tables, **more}, frozen.plan, frozen.pack_digest, units)
        return _keep(folder, run.edition, entry, span, number, run.day, units, by, run.computed, run.minutes)


def _refuse_left_behind(run: Run) -> None:
    """Refuse to go on with a run whose period was moved to another edition after it was computed."""
    if edition_for(run.card, run.day).pk != run.edition_id:
        raise Refused("这一期已经换版，请按现在的制度包再算一次")


def folder_of(run: Run) -> Path:
    """Return where a run's facts and results lie. Raises Refused where they were lost."""
    folder = Path(settings.HOME) / run.folder
    if not folder.exists():
        raise Refused("这一次计算的冻结事实不在了（{folder}），请从备份恢复，或者另算一次", folder=run.folder)
    return folder


@transaction.atomic
def decide(run: Run, *, by: User, day: date, minutes: str) -> None:
    """审定: put a run forward as the year's result, with the minutes of the meeting. A second person publishes it."""
    powers.may_run(by, day)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.state != RunState.SCORED:
        raise Refused("只有已计算、未审定的结果可以报审")
    _refuse_left_behind(run)
    entry = policy_of(run.edition).scorecard(run.card)
    if not engine.Outcome.read(folder_of(run)).complete:
        raise Refused("“{entry}”还有缺项、同分或没有等次的单位，须先补齐事实再算一次", entry=entry)
    if not minutes.strip():
        raise Refused("审定要写明哪次会议、怎样决定", field="minutes")
    run.state, run.minutes = RunState.DECIDED, minutes.strip()
    run.decided_by, run.decided_on = str(by), day
    run.save(update_fields=["state", "minutes", "decided_by", "decided_on"])
    journal.write("scorecard.decide", by=by, on=run, day=str(day))


@transaction.atomic
def publish(run: Run, *, by: User, day: date) -> None:
    """公布: a second person agrees; the grades go on the roll, and what the pack says follows, follows.

    Raises Refused while something is missing that the card asks for before a result is final.
    """
    powers.may_approve(by, day)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    hearing.refuse_unready(locked, day)
    if locked.decided_by == str(by):
        raise Refused("须两人办理：报审的人和同意公布的人不能是同一人")
    if Run.objects.filter(card=run.card, period=run.period, state=RunState.PUBLISHED).exists():
        raise Refused("{period}已有公布的结果", period=run.period)
    run.state, run.agreed_by, run.published_on = RunState.PUBLISHED, str(by), day
    run.save(update_fields=["state", "agreed_by", "published_on"])
    journal.write(
        "scorecard.publish", by=by, on=run, day=str(day), silent=hearing.silent(locked, day).count()
    )
    following.follow(run, by, day)


def recompute(run: Run, folder: Path) -> str:
    """Compute a run again from its frozen facts in another folder. Returns the digest, which must be the same.

    Raises Refused naming the tables whose rows are no longer those that were frozen.
    """
    if changed := engine.altered(engine.open_run(folder_of(run))):
        raise Refused("冻结的事实表已被改动：{changed}", changed=changed)
    shutil.copytree(folder_of(run), folder)
    for name in ("results.parquet", "cells.parquet", "outcome.json"):
        (folder / name).unlink(missing_ok=True)
    engine.score(folder)
    return engine.digest(folder)
