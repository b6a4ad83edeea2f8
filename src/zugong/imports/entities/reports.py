"""What is reported through the engines above the registry: activities, marks, grades, postings, figures, cases opened.

Each row is one deed of its engine, so that whoever may not do it on a page may not do it by a sheet either.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Exists, ForeignKey, OuterRef, Prefetch, Q

from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.activities import actions as activities
from zugong.activities import powers as activity_powers
from zugong.activities.models import Activity, AgendaItem, Correction, Evidence, Presence
from zugong.activities.rules import Report, State
from zugong.cases import actions as cases
from zugong.cases import powers as case_powers
from zugong.cases.models import Case, CaseQuerySet, Step
from zugong.cases.rules import Move
from zugong.core.errors import Refused
from zugong.duties import actions as duties
from zugong.duties import powers as duty_powers
from zugong.duties.models import Answer, Occurrence, OccurrenceQuerySet
from zugong.imports.entities.book import (
    FIELD,
    Asking,
    Book,
    Change,
    Line,
    Made,
    answers,
    field_cells,
    field_columns,
    names_of,
    point,
    point_fields,
    refs_in,
)
from zugong.imports.entities.ties import nouns_of
from zugong.imports.rules import Column, Kind, shown
from zugong.ledgers import actions as ledgers
from zugong.ledgers import powers as ledger_powers
from zugong.ledgers.models import Posting
from zugong.ledgers.rules import once
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, CaseKind, Duty, Ledger, Scorecard
from zugong.packs.schema.scorecards import RatedMethod
from zugong.registry.models import Subject
from zugong.registry.rules import NOUNS, ORGANISATION, PERSON, POST
from zugong.registry.selecting import Asked, Ids
from zugong.scorecards import actions as scorecards
from zugong.scorecards import powers as scorecard_powers
from zugong.scorecards.models import Mark, Run, RunState

STAGES = {"self": "自评", "mutual": "互评", "decide": "审定"}
EXACT = {"exact": "准确数", "at-least": "不少于", "about": "约数"}
ORGANISATIONS: Mapping[str, Any] = {ORGANISATION: None}


def each(lines: Iterable[Line], deed: Callable[[Line], Any]) -> list[Any]:
    """Do a deed for each line. Raises Refused naming the row whose deed is refused."""
    done = []
    for line in lines:
        try:
            done.append(deed(line))
        except Refused as refused:
            raise Refused(
                "第 {row} 行：{sentence}", row=line.number, sentence=refused.sentence, clause=refused.clause
            ) from refused
    return done


class Held(Book):
    """One kind of activity, as it was held."""

    group = "活动"
    needs = May.ACT

    def __init__(self, policy: Policy, kind: ActivityKind) -> None:
        self.kind, self.name = kind, f"activity.{kind.name}"
        self.label, self.english = kind.label, kind.english
        self.columns = (
            Column("day", "日期", Kind.DAY, required=True, example="2025-03-01"),
            Column("run_by", "由谁开展", Kind.REF, required=True, nouns=(ORGANISATION, PERSON)),
            *([Column("at", "在哪里", Kind.REF, required=True, nouns=(ORGANISATION,))] if kind.at else []),
            Column("topic", "主题"),
            Column("should_attend", "应到人数", Kind.WHOLE),
            Column("attended", "实到人数", Kind.WHOLE),
            *(
                [Column("present", "到会人员", Kind.REF, nouns=(PERSON,), many=True, longest=4000)]
                * (kind.present == "named")
            ),
            *([Column("minutes", "会议记录", longest=20_000)] if kind.minutes else []),
            *field_columns(policy, kind.fields),
        )

    def open_to(self, asking: Asking) -> bool:
        """Those who run the kind; where the pack leaves it open, those who act for anything."""
        return super().open_to(asking) and bool(
            activity_powers.may_run(asking.user, asking.policy, self.kind, asking.day)
        )

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield what the asker may see of the kind."""
        seen = activity_powers.visible(asking.user, asking.day).filter(kind=self.kind.name, state=State.HELD)
        listed = list(seen.order_by("day", "pk").prefetch_related("present"))
        # Who was present is shown to those who enter it, and to those who read persons' files.
        own = asking.user.acts_for(asking.day) | {asking.user.person_id}
        present = {
            one.pk: [row.person_id for row in one.present.all()] if {one.run_by_id, one.at_id} & own else []
            for one in listed
        }
        mentioned: list[int | None] = [id for ids in present.values() for id in ids]
        mentioned += [id for one in listed for id in (one.run_by_id, one.at_id)]
        mentioned += refs_in((one.fields for one in listed), self.columns)
        names = names_of(mentioned, asking.day)
        for one in listed:
            yield {
                "day": one.day,
                "run_by": names.get(one.run_by_id, ""),
                "at": names.get(one.at_id, ""),
                "topic": one.topic,
                "should_attend": one.should_attend,
                "attended": one.attended,
                "present": [names.get(id, "") for id in present[one.pk]],
                "minutes": one.minutes,
                **field_cells(one.fields, self.columns, names),
            }

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """The day, who, where, about what."""
        given = line.given
        return (given.get("day"), given.get("run_by"), given.get("at"), given.get("topic") or "")

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find what stands already, and whoever may not enter it."""
        seeing = {noun: asking.seeing(noun) for noun in (ORGANISATION, PERSON)}
        for column in self.columns:
            if column.kind == Kind.REF and not column.name.startswith(FIELD):
                point(asking, lines, column, seeing)
        point_fields(asking, lines, self.columns, keeping=False)
        own = activity_powers.may_run(asking.user, asking.policy, self.kind, asking.day)
        good = [line for line in lines if line.good]
        days = {line.given["day"] for line in good}
        standing = {
            (one.day, one.run_by_id, one.at_id, one.topic): one
            for one in Activity.objects.filter(kind=self.kind.name, state=State.HELD, day__in=days)
        }
        for line in good:
            if line.given["day"] > asking.day:
                line.fault("day", "日期还没有到，请先在页面上报计划")
            if line.given["run_by"] not in own and (self.kind.run_by or line.given.get("at") not in own):
                line.fault("run_by", "您不代表它，不能登记它的活动")
            found = standing.get(
                (line.given["day"], line.given["run_by"], line.given.get("at"), line.given.get("topic") or "")
            )
            if found is not None:
                self._beside(line, found)

    def _beside(self, line: Line, found: Activity) -> None:
        line.change = Change.SAME
        told = {
            "should_attend": found.should_attend,
            "attended": found.attended,
            "minutes": found.minutes,
            **{FIELD + name: kept for name, kept in found.fields.items()},
        }
        for name, kept in told.items():
            given = line.given.get(name)
            if given is not None and given != kept and not hasattr(given, "isoformat"):
                line.fault(name, "这次活动已登记过，内容不同；请在活动页面上办理更正")

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Enter each as held."""
        subjects = Subject.objects.in_bulk(
            {id for line in lines for id in (line.given["run_by"], line.given.get("at")) if id}
        )

        holdings = activities.Holdings(
            asking.policy, self.kind.name, subjects=subjects, by=asking.user, today=asking.day
        )

        def deed(line: Line) -> None:
            given = line.given
            report = Report(
                topic=given.get("topic") or "",
                minutes=given.get("minutes") or "",
                fields=answers(line),
                present=tuple(given.get("present") or ()),
                should_attend=given.get("should_attend"),
                attended=given.get("attended"),
            )
            at = subjects[given["at"]] if given.get("at") else None
            holdings.add(day=given["day"], run_by=subjects[given["run_by"]], at=at, report=report)

        each(lines, deed)
        return {"added": [one.pk for one in holdings.hold()]}

    def left(self, made: Made) -> list[str]:
        """Say what cites the activities: duties that they fulfil, steps taken at them, a second person's word."""
        rows = Activity.objects.filter(pk__in=made["added"])
        found = [f"{many} 次已由第二人确认"] if (many := rows.exclude(confirmed_by="").count()) else []
        if corrected := Correction.objects.filter(activity__in=rows).count():
            found.append(f"{corrected} 次更正")
        for model in apps.get_models():
            for column in model._meta.concrete_fields:
                cites = isinstance(column, ForeignKey) and column.related_model is Activity
                if not cites or model in (Presence, AgendaItem, Evidence, Correction):
                    continue
                if many := model._default_manager.filter(**{f"{column.name}__in": rows}).count():
                    found.append(f"{many} 条{'周期义务' if model.__name__ == 'Fulfilment' else '办理记录'}")
        return found

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Cancel each of them, with the reason."""
        standing = Activity.objects.filter(pk__in=made["added"], state=State.HELD)
        activities.cancel_all(asking.policy, standing, reason=reason, by=asking.user, today=asking.day)


class Marks(Book):
    """The marks of one stage of a scorecard: a row for each unit, a column for each indicator."""

    group = "评分"
    needs = May.RATE
    policy: Policy
    _PREFIX = "mark."

    def __init__(self, policy: Policy, card: Scorecard, stage: str) -> None:
        self.policy, self.card, self.stage = policy, card, stage
        self.name = f"marks.{card.name}.{stage}"
        self.label = f"{card.label}·{STAGES[stage]}打分"
        self.english = f"{card.english}: marks ({stage})"
        rated = [one for one in card.indicators if isinstance(one.by, RatedMethod) and stage in one.by.raters]
        self.columns = (
            Column("rater", "打分单位", Kind.REF, required=True, nouns=(ORGANISATION,)),
            Column("unit", "评分对象", Kind.REF, required=True, nouns=(ORGANISATION,)),
            *(Column(self._PREFIX + one.id, one.label, Kind.MARKS, hint="最多三位小数") for one in rated),
        )

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield what the asker's organisations have entered this period, and what they have still to enter."""
        raters = scorecard_powers.raters(asking.user, asking.day)
        found = self._standing(asking, raters)
        pairs = sorted(set(found) | self._owed(asking, raters))
        names = names_of([id for pair in pairs for id in pair], asking.day)
        for rater, unit in pairs:
            marks = found.get((rater, unit), {})
            cells = {self._PREFIX + name: mark.marks for name, mark in marks.items()}
            yield {"rater": names.get(rater, ""), "unit": names.get(unit, ""), **cells}

    def _owed(self, asking: Asking, raters: Sequence[int]) -> set[tuple[int, int]]:
        return {
            (rater.pk, unit)
            for rater in Subject.objects.filter(pk__in=raters)
            for unit in scorecards.to_rate(self.policy, self.card, self.stage, rater, asking.day)
        }

    def _standing(self, asking: Asking, raters: Iterable[int]) -> dict[tuple[int, int], dict[str, Mark]]:
        period = scorecards.period_of(self.card, asking.day).name
        rows = Mark.objects.filter(
            card=self.card.name, period=period, stage=self.stage, rater__in=set(raters), superseded=False
        )
        found: dict[tuple[int, int], dict[str, Mark]] = defaultdict(dict)
        for row in rows:
            found[row.rater_id, row.unit_id][row.indicator] = row
        return dict(found)

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """Who rates whom."""
        return (line.given.get("rater"), line.given.get("unit"))

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Hold each mark against who may give it, how many there are, and what was given before."""
        raters = frozenset(scorecard_powers.raters(asking.user, asking.day))
        point(asking, lines, self.column("rater"), {ORGANISATION: raters})
        point(asking, lines, self.column("unit"), ORGANISATIONS)
        good = [line for line in lines if line.good]
        owed = self._owed(asking, sorted({line.given["rater"] for line in good}))
        found = self._standing(asking, raters)
        full = {
            column.name: scorecards.full_marks(
                self.card, column.name.removeprefix(self._PREFIX), self.stage, asking.day
            )
            for column in self.columns[2:]
        }
        for line in good:
            pair = (line.given["rater"], line.given["unit"])
            if pair not in owed:
                line.fault("unit", "这一环节不由这个单位给它打分")
            self._compare(line, found.get(pair, {}), full)

    def _compare(self, line: Line, before: Mapping[str, Mark], full: Mapping[str, int]) -> None:
        line.does, differs = {}, []
        for column in self.columns[2:]:
            given = line.given.get(column.name)
            if given is None:
                continue
            if given > full[column.name]:
                line.fault(column.name, f"满分 {full[column.name] / 1000:g} 分，不能超过")
            old = before.get(column.name.removeprefix(self._PREFIX))
            if old is None or old.marks != given:
                line.does[column.name.removeprefix(self._PREFIX)] = given
                differs.append(
                    f"{column.label} {shown(column, old.marks) if old else '—'} → {shown(column, given)}"
                )
        line.change = Change.SAME if not differs else Change.CHANGE if before else Change.ADD
        line.said = "；".join(differs)[:400] if before else ""

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Enter the marks indicator by indicator."""
        together: dict[tuple[int, str], dict[int, int]] = defaultdict(dict)
        for line in lines:
            for indicator, given in line.does.items():
                together[line.given["rater"], indicator][line.given["unit"]] = given
        before = self._standing(asking, {rater for rater, _ in together})
        closed = [
            before[rater, unit][indicator].pk
            for (rater, indicator), marks in together.items()
            for unit in marks
            if indicator in before.get((rater, unit), {})
        ]
        raters = Subject.objects.in_bulk({rater for rater, _ in together})
        added: list[int] = []
        for (rater, indicator), marks in together.items():
            rows = scorecards.fill(
                self.card.name,
                indicator=indicator,
                stage=self.stage,
                rater=raters[rater],
                marks=marks,
                by=asking.user,
                day=asking.day,
                note=source,
            )
            added += [row.pk for row in rows]
        return {"added": added, "closed": closed}

    def left(self, made: Made) -> list[str]:
        """Say whether they were given again, or a run has counted them."""
        rows = Mark.objects.filter(pk__in=made["added"])
        found = [f"{many} 项后来又打过分"] if (many := rows.filter(superseded=True).count()) else []
        if (first := rows.order_by("entered_at").first()) and (
            runs := Run.objects.filter(
                card=first.card, period=first.period, run_at__gte=first.entered_at
            ).count()
        ):
            found.append(f"{runs} 次评定计算")
        return found

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Let the marks before stand again."""
        Mark.objects.filter(pk__in=made["added"]).update(superseded=True)
        Mark.objects.filter(pk__in=made["closed"]).update(superseded=False)


class Grades(Book):
    """Grades that were decided without a score, each unit's: one decision, one sheet."""

    group = "评分"
    needs = May.RUN
    policy: Policy

    def __init__(self, policy: Policy, card: Scorecard) -> None:
        self.policy, self.card, self.name = policy, card, f"grades.{card.name}"
        self.label, self.english = f"{card.label}·审定等次", f"{card.english}: decided grades"
        self.columns = (
            Column("unit", "对象", Kind.REF, required=True, nouns=(ORGANISATION,)),
            Column("grade", "等次", Kind.CHOICE, required=True, options=scorecards.words_of(card)),
            Column("minutes", "哪次会议、怎样决定", required=True, longest=500, hint="各行写一样的"),
        )

    def open_to(self, asking: Asking) -> bool:
        """Whoever computes the county's ratings."""
        return over_county(asking.user, May.RUN, asking.day)

    def _latest(self, asking: Asking) -> Run | None:
        period = scorecards.period_of(self.card, asking.day).name
        return scorecards.begun(self.card.name).filter(period=period).order_by("-number").first()

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield the grades of the period's latest run."""
        run = self._latest(asking)
        results = list(run.results.exclude(grade="")) if run else []
        names = names_of([row.unit_id for row in results], asking.day)
        for row in results:
            minutes = run.minutes if run else ""
            yield {"unit": names.get(row.unit_id, ""), "grade": row.grade, "minutes": minutes}

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """The unit."""
        return (line.given.get("unit"),)

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Hold the grades against the units of the card and the latest decision."""
        point(asking, lines, self.column("unit"), ORGANISATIONS)
        units = Asked(self.policy, asking.day).find(self.card.about)
        run = self._latest(asking)
        before = dict(run.results.values_list("unit_id", "grade")) if run else {}
        good = [line for line in lines if line.good]
        words = {line.given["minutes"] for line in good}
        for line in good:
            if line.given["unit"] not in units:
                line.fault("unit", f"不在“{self.card.label}”的评定范围内")
            if len(words) > 1:
                line.fault("minutes", "同一次审定，各行要写一样的")
            if (
                before.get(line.given["unit"]) == line.given["grade"]
                and run
                and run.minutes == line.given["minutes"]
            ):
                line.change = Change.SAME

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Take all of them as one decision; units that are not named keep the grade of the latest one."""
        run = self._latest(asking)
        before = dict(run.results.exclude(grade="").values_list("unit_id", "grade")) if run else {}
        made = scorecards.decide_without_score(
            self.card.name,
            day=asking.day,
            grades=before | {line.given["unit"]: line.given["grade"] for line in lines},
            minutes=lines[0].given["minutes"],
            by=asking.user,
        )
        return {"run": made.pk}

    def left(self, made: Made) -> list[str]:
        """Say whether it was put forward, or another run came after it."""
        run = Run.objects.filter(pk=made["run"]).first()
        if run is None:
            return ["评定已不在"]
        found = [] if run.state == RunState.SCORED else [f"审定结果（{RunState(run.state).label}）"]
        later = Run.objects.filter(card=run.card, period=run.period, number__gt=run.number).count()
        return found + ([f"{later} 次以后的评定"] if later else [])

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Remove the run that nobody has put forward."""
        run = Run.objects.get(pk=made["run"])
        folder = scorecards.folder_of(run)
        run.delete()
        shutil.rmtree(folder, ignore_errors=True)


class Postings(Book):
    """Payments of a ledger that is kept by hand: the tariff of the day, once for what the pack says."""

    group = "台账"
    needs = May.ACT

    def __init__(self, policy: Policy, ledger: Ledger) -> None:
        self.ledger, self.name = ledger, f"ledger.{ledger.name}"
        self.label, self.english = ledger.label, ledger.english
        self.columns = (
            Column("to", "发给", Kind.REF, required=True, nouns=(ORGANISATION, PERSON)),
            Column("day", "日期", Kind.DAY, required=True, example="2025-03-01"),
            Column("deed", "事由和文号", required=True),
        )

    def open_to(self, asking: Asking) -> bool:
        """Whoever keeps the ledger."""
        return ledger_powers.keeps(asking.user, asking.policy, self.ledger, asking.day)

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield what was paid and not reversed."""
        paid = ledger_powers.visible_postings(asking.user, asking.day).filter(
            ledger=self.ledger.name, reverses=None, reversed_by=None, target__holder__isnull=False
        )
        listed = list(paid.select_related("target"))
        names = names_of([one.target.holder_id for one in listed], asking.day)
        for one in listed:
            yield {"to": names.get(one.target.holder_id, ""), "day": one.day, "deed": one.deed}

    def _key(self, line: Line) -> str:
        given = line.given
        return once(self.ledger.once_per, about=given["to"], deed=given["deed"], day=given["day"])

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find what was paid already, and who has no account."""
        point(asking, lines, self.column("to"), {ORGANISATION: None, PERSON: None})
        good = [line for line in lines if line.good]
        keys = {self._key(line) for line in good}
        paid = {
            one.key: one
            for one in Posting.objects.filter(
                ledger=self.ledger.name, key__in=keys, reversed_by=None, reverses=None
            )
        }
        holders = {
            day: Asked(asking.policy, day).find(self.ledger.account)
            for day in {line.given["day"] for line in good}
        }
        seen: dict[str, int] = {}
        for line in good:
            key, given = self._key(line), line.given
            if given["to"] not in holders[given["day"]]:
                line.fault("to", f"不在“{self.ledger.label}”的范围内")
            if given["day"] > asking.day:
                line.fault("day", "日期还没有到")
            if self.ledger.tariff.line(given["day"]) is None:
                line.fault("day", "这一天还没有规定标准，不能发放")
            if key in paid and (paid[key].deed, paid[key].day) == (given["deed"], given["day"]):
                line.change = Change.SAME
            elif key in paid:
                line.fault("to", f"已于 {paid[key].day} 按“{paid[key].deed}”记过，不能重复")
            elif key in seen:
                line.fault("to", f"与第 {seen[key]} 行是同一笔，不能重复")
            seen.setdefault(key, line.number)

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Pay each."""
        subjects = Subject.objects.in_bulk({line.given["to"] for line in lines})

        days = {line.given["day"] for line in lines}
        payments = ledgers.Payments(asking.policy, self.ledger.name, to=subjects, days=days, by=asking.user)

        def deed(line: Line) -> None:
            payments.add(subjects[line.given["to"]], day=line.given["day"], deed=line.given["deed"])

        each(lines, deed)
        return {"added": [one.pk for one in payments.pay()]}

    def left(self, made: Made) -> list[str]:
        """Say what was reversed since."""
        many = Posting.objects.filter(pk__in=made["added"], reversed_by__isnull=False).count()
        return [f"{many} 笔已经冲销"] if many else []

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Reverse each; both stay readable."""
        paid = Posting.objects.filter(pk__in=made["added"]).select_related("source__holder", "target__holder")
        ledgers.reverse_all(asking.policy, paid, today=asking.day, reason=reason, by=asking.user)


class Figures(Book):
    """The figures that a duty asks, a row for each who owes them and period."""

    group = "指标"
    needs = May.ACT

    def __init__(self, policy: Policy, duty: Duty) -> None:
        self.duty, self.name = duty, f"figures.{duty.name}"
        self.label, self.english = duty.label, duty.english
        self.columns = (
            Column("who", "填报单位", Kind.REF, required=True, nouns=(ORGANISATION, PERSON, POST)),
            Column("period", "期", required=True, hint="与导出的一样写"),
            Column("as_of", "数据日期", Kind.DAY, required=True, example="2025-03-01"),
            Column("source", "数据来源", required=True),
            Column("exact", "准确程度", Kind.CHOICE, options=EXACT, hint="留空为准确数"),
            *field_columns(policy, duty.asks),
        )

    def open_to(self, asking: Asking) -> bool:
        """Those who owe it."""
        return super().open_to(asking) and self._owed(asking).exists()

    def _owed(self, asking: Asking) -> OccurrenceQuerySet:
        own = duty_powers.own(asking.user, asking.day)
        return Occurrence.objects.filter(duty=self.duty.name, who__in=own, first__lte=asking.day)

    def _mine(self, asking: Asking) -> dict[tuple[int, str], Occurrence]:
        """What the asker speaks for: who owes it and period → the occurrence."""
        standing = Prefetch("answers", Answer.objects.standing().order_by("field", "version"))
        return {(one.who_id, one.period): one for one in self._owed(asking).prefetch_related(standing)}

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield what was answered, and what is still to be."""
        mine = self._mine(asking)
        names = names_of([who for who, _ in mine], asking.day)
        for (who, period), one in sorted(mine.items()):
            latest = {given.field: given for given in one.answers.all()}
            last = max(latest.values(), key=lambda given: given.pk, default=None)
            yield {
                "who": names.get(who, ""),
                "period": period,
                "as_of": last.as_of if last else None,
                "source": last.source if last else "",
                "exact": last.exact if last else None,
                **field_cells({name: given.value for name, given in latest.items()}, self.columns, names),
            }

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """Who, and for which period."""
        return (line.given.get("who"), line.given.get("period"))

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find what is owed, and what was answered already."""
        mine = self._mine(asking)
        own = frozenset(who for who, _ in mine)
        point(asking, lines, self.column("who"), dict.fromkeys((ORGANISATION, PERSON, POST), own))
        point_fields(asking, lines, self.columns, keeping=False)
        periods: dict[int, list[str]] = defaultdict(list)
        for who, period in mine:
            periods[who].append(period)
        for line in lines:
            if not line.good:
                continue
            one = mine.get((line.given["who"], line.given["period"]))
            if one is None:
                line.fault(
                    "period", f"没有这一期要填；现有：{'、'.join(sorted(periods[line.given['who']])[-6:])}"
                )
                continue
            self._compare(asking, line, one)

    def _compare(self, asking: Asking, line: Line, one: Occurrence) -> None:
        if line.given["as_of"] > asking.day:
            line.fault("as_of", "数据的日期还没有到")
        latest = {given.field: given for given in one.answers.all()}
        exact = line.given.get("exact") or "exact"
        said = (line.given["as_of"], line.given["source"], exact)
        new = {
            name: kept
            for name, kept in answers(line).items()
            if name not in latest
            or (latest[name].value, latest[name].as_of, latest[name].source, latest[name].exact)
            != (kept, *said)
        }
        line.does = (one, new)
        line.change = Change.SAME if not new else Change.CHANGE if latest else Change.ADD
        line.said = f"重报 {len(new)} 项" if new and latest else ""

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Answer each figure; a later answer is a new version."""
        figures = duties.Figures([line.does[0].pk for line in lines], by=asking.user, today=asking.day)

        def deed(line: Line) -> None:
            one, new = line.does
            for name, kept in new.items():
                figures.add(
                    one.pk,
                    name,
                    value=kept,
                    as_of=line.given["as_of"],
                    source=line.given["source"],
                    exact=line.given.get("exact") or "exact",
                )

        each(lines, deed)
        return {"added": [one.pk for one in figures.give()]}

    def left(self, made: Made) -> list[str]:
        """Say what was checked since, or given again."""
        rows = Answer.objects.standing().filter(pk__in=made["added"])
        found = [f"{many} 个数已由第二人核对"] if (many := rows.exclude(checked_by="").count()) else []
        later = Answer.objects.standing().filter(
            occurrence=OuterRef("occurrence"), field=OuterRef("field"), version__gt=OuterRef("version")
        )
        again = rows.filter(Exists(later)).count()
        return found + ([f"{again} 个数后来又重报过"] if again else [])

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Withdraw each; those before stand again, and all stay readable."""
        duties.withdraw_all(made["added"], reason=reason, by=asking.user, today=asking.day)


class Opened(Book):
    """Cases of one kind that persons open: about whom, and why. What is done in them is done on their pages."""

    group = "事项"
    needs = May.ACT

    def __init__(self, policy: Policy, kind: CaseKind) -> None:
        self.kind, self.name = kind, f"case.{kind.name}"
        self.label, self.english = kind.label, kind.english
        self.columns = (
            Column("about", "对象", Kind.REF, required=True, nouns=nouns_of(kind.about)),
            Column("cause", "由来", required=True),
        )

    def open_to(self, asking: Asking) -> bool:
        """Whoever may open one by hand."""
        return super().open_to(asking) and bool(self._open_to(asking))

    def _open_to(self, asking: Asking) -> Ids:
        return case_powers.open_to(asking.user, self.kind, asking.policy, asking.day)

    def _running(self, asking: Asking) -> CaseQuerySet:
        return case_powers.visible(asking.user, asking.day).filter(kind=self.kind.name).open()

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield the open cases of the kind that the asker sees."""
        listed = list(self._running(asking).order_by("pk").values_list("about_id", "cause"))
        names = names_of([about for about, _cause in listed], asking.day)
        for about, cause in listed:
            yield {"about": names.get(about, ""), "cause": cause}

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """About whom; where several may run at once, also why."""
        about = line.given.get("about")
        return (about,) if self.kind.once else (about, line.given.get("cause"))

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find what runs already, and whom no case of the kind can be about."""
        point(asking, lines, self.column("about"), {noun: asking.seeing(noun) for noun in NOUNS})
        allowed = self._open_to(asking)
        running: dict[int, set[str]] = defaultdict(set)
        for about, cause in self._running(asking).values_list("about_id", "cause"):
            running[about].add(cause)
        for line in lines:
            if not line.good:
                continue
            about, cause = line.given["about"], line.given["cause"]
            if cause in running[about]:
                line.change = Change.SAME
            elif running[about] and self.kind.once:
                line.fault("about", "它已有一件在办的，不能再立一件")
            elif about not in allowed:
                line.fault("about", "这类事项不能以它为对象，或者不由您立项")

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Open each."""
        subjects = Subject.objects.in_bulk({line.given["about"] for line in lines})

        def deed(line: Line) -> int:
            about, cause = subjects[line.given["about"]], line.given["cause"]
            return cases.open(self.kind.name, about=about, day=asking.day, by=asking.user, cause=cause).pk

        return {"added": each(lines, deed)}

    def left(self, made: Made) -> list[str]:
        """Say how many went on, or ended."""
        stepped = Step.objects.filter(case=OuterRef("pk"), by__isnull=False).exclude(move=Move.ASK)
        went_on = Q(round__gt=1) | Q(closed_on__isnull=False) | Exists(stepped)
        many = Case.objects.filter(went_on, pk__in=made["added"]).count()
        return [f"{many} 件已经在办或办结"] if many else []

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Withdraw each; they stay readable."""
        for case in Case.objects.filter(pk__in=made["added"]).order_by("pk"):
            cases.withdraw(case, by=asking.user, day=asking.day, reason=reason)


def reports(policy: Policy, day: date) -> list[Book]:
    """Return the books of the engines above the registry. A scorecard's go by the edition of the period that runs."""
    cards = scorecards.cards_on(day)
    return [
        *(Held(policy, kind) for kind in policy.all("activity", ActivityKind)),
        *(Marks(its, card, stage) for its, card in cards for stage in _stages(card)),
        *(Grades(its, card) for its, card in cards),
        *(
            Postings(policy, one)
            for one in policy.all("ledger", Ledger)
            if one.kept_by and not one.two_people
        ),
        *(Figures(policy, duty) for duty in policy.all("duty", Duty) if duty.asks),
        *(
            Opened(policy, kind)
            for kind in policy.all("case", CaseKind)
            if case_powers.by_hand(kind) and not kind.adverse and kind.intake is None
        ),
    ]


def _stages(card: Scorecard) -> list[str]:
    rated = [one.by for one in card.indicators if isinstance(one.by, RatedMethod)]
    return [stage for stage in STAGES if any(stage in by.raters for by in rated)]
