"""What must be true in a scenario: one line of words for each kind of thing that can be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from django.db.models import Sum
from pydantic import Field

from zugong.bulletins.models import Bulletin
from zugong.cases.models import Answer, Case
from zugong.cases.needs import Given, lacking, standing_answers
from zugong.cases.powers import answerable, kind_of
from zugong.core.journal.models import Entry
from zugong.core.outbox.models import Message
from zugong.core.pending.models import Pending
from zugong.core.period import period
from zugong.duties.models import Occurrence
from zugong.ledgers.models import Account
from zugong.packs.schema import LinkKind, Roll, Scorecard
from zugong.packs.schema.names import Day
from zugong.registry.answering import posts_of
from zugong.registry.facts import counted
from zugong.registry.models import Standing, names_on
from zugong.registry.selecting import standing_on
from zugong.scenarios.format import Question
from zugong.scenarios.world import World
from zugong.scorecards import engine, hearing
from zugong.scorecards.actions import folder_of
from zugong.scorecards.models import Run
from zugong.scorecards.rules import Bound, Rounding, check_totals, printed
from zugong.surveys import actions as surveys
from zugong.surveys.models import Survey

Wrong = Iterator[str]  # each sentence says what is not so


class OfCase(Question):
    """A case stands so."""

    case: str
    stage: str | None = None
    state: str | None = None
    outcome: str | None = None
    due: Day | None = None
    provisional: bool | None = None
    children: int | None = Field(default=None, description="how many open deliverables it has")
    lacks: str | None = Field(default=None, description="what the next stage lacks, in these words")
    answers: list[str] | None = Field(default=None, description="who answers for its next step")
    holder: str | None = Field(default=None, description="who holds it; empty: nobody, it has no owner yet")
    called: list[str] | None = Field(default=None, description="who holds the open cases that belong to it")
    merged_into: str | None = Field(default=None, description="the case in which it goes on")
    listed: int | None = Field(default=None, description="how many things its newest list names")
    instead_of: str | None = Field(default=None, description="for whom a deputy took its last step")

    def wrong(self, world: World) -> Wrong:
        case = world.thing(self.case, Case)
        found: dict[str, Any] = {
            "stage": case.stage,
            "state": case.state,
            "outcome": case.outcome,
            "due": case.due_on,
            "provisional": case.due_provisional,
            "children": case.children.open().count(),
        }
        for word, value in found.items():
            yield from _differs(f"{self.case} 的 {word}", getattr(self, word), value)
        if self.answers is not None:
            answers = world.names(answerable(case, world.day))
            yield from _differs(f"{self.case} 由谁负责", sorted(self.answers), answers)
        yield from self._held(world, case)
        drawn, last = case.lists.last(), case.steps.last()
        yield from _differs(f"{self.case} 清单项数", self.listed, len(drawn.items) if drawn else 0)
        if self.instead_of is not None:
            acted = world.names(frozenset({last.instead_of_id})) if last and last.instead_of_id else []
            yield from _differs(f"{self.case} 上一步代谁", [self.instead_of], acted)
        stage = kind_of(case).stage(case.stage)
        lacks = "；".join(
            one.sentence for one in lacking(Given(case, stage, world.day, standing_answers(case, stage)))
        )
        if self.lacks is not None and self.lacks not in lacks:
            yield f"{self.case} 应缺“{self.lacks}”，实缺“{lacks}”"

    def _held(self, world: World, case: Case) -> Wrong:
        if self.holder is not None:
            held = world.names(frozenset({case.holder_id})) if case.holder_id else []
            yield from _differs(f"{self.case} 由谁承办", [self.holder] if self.holder else [], held)
        if self.called is not None:
            holders = case.children.open().filter(holder__isnull=False).values_list("holder", flat=True)
            yield from _differs(
                f"{self.case} 叫了谁", sorted(self.called), world.names(frozenset(filter(None, holders)))
            )
        if self.merged_into is not None:
            main = world.thing(self.merged_into, Case)
            yield from _differs(f"{self.case} 并入", main.pk, case.merged_into_id)


class OfAnswer(Question):
    """An answer to a field, in a version, reads so."""

    answer: str
    of: str
    version: int = 1
    says: Any = None
    versions: int | None = None

    def wrong(self, world: World) -> Wrong:
        rows = Answer.objects.filter(case=world.thing(self.of, Case), field=self.answer)
        values = dict(rows.values_list("version", "value"))
        if self.says is not None:
            yield from _differs(f"{self.answer} 第{self.version}版", self.says, values.get(self.version))
        yield from _differs(f"{self.answer} 的版数", self.versions, len(values))


class OfRoll(Question):
    """A roll holds so many, or a subject stands on it with a value."""

    roll: str
    has: int | None = None
    of: str = ""
    stands: bool = True
    value: str | None = None

    def wrong(self, world: World) -> Wrong:
        yield from _differs(f"“{self.roll}”上的数目", self.has, len(standing_on(self.roll, world.day)))
        if self.of:
            row = (
                Standing.objects.on(world.day).filter(roll=self.roll, subject=world.subject(self.of)).first()
            )
            yield from _differs(f"{self.of} 在“{self.roll}”上", self.stands, row is not None)
            yield from _differs(f"{self.of} 在“{self.roll}”上的值", self.value, row.value if row else None)


class OfSelector(Question):
    """A selector finds so many, or these."""

    select: str
    count: int | None = None
    names: list[str] | None = None

    def wrong(self, world: World) -> Wrong:
        found = world.find(self.select)
        yield from _differs(f"“{self.select}”", self.count, len(found))
        yield from _differs(
            f"“{self.select}”", sorted(self.names) if self.names is not None else None, world.names(found)
        )


class OfDuty(Question):
    """What somebody owed in the period that a day lies in."""

    duty: str
    who: str
    within: Day
    towards: str = ""
    needed: int | None = None
    done: int | None = None
    short: int | None = None
    outcome: Literal["kept", "missed", "excused"] | None = None

    def wrong(self, world: World) -> Wrong:
        world.policy.duty(self.duty)
        rows = Occurrence.objects.filter(
            duty=self.duty,
            who__in={world.subject(self.who).pk} | posts_of(world.subject(self.who).pk, world.day),
            first__lte=self.within,
            last__gte=self.within,
        )
        if self.towards:
            rows = rows.filter(towards=world.subject(self.towards))
        row = rows.first()
        if row is None:
            yield f"{self.who} 在 {self.within} 没有“{self.duty}”这项义务"
            return
        for word in ("needed", "done", "short", "outcome"):
            yield from _differs(f"{self.who} 的 {self.duty} {word}", getattr(self, word), getattr(row, word))


class OfDuties(Question):
    """So many turns of a duty fell due by the day the story has come to, with this outcome where it is named."""

    duties: str
    count: int
    outcome: Literal["kept", "missed", "excused"] | None = None

    def wrong(self, world: World) -> Wrong:
        rows = Occurrence.objects.filter(duty=world.policy.duty(self.duties).name)
        if self.outcome:
            rows = rows.filter(outcome=self.outcome)
        yield from _differs(f"“{self.duties}”的次数", self.count, rows.count())


class OfClasses(Question):
    """A list of classes names these, in this order, and leaves so many places empty."""

    classes: str
    names: list[str] | None = Field(default=None, description="Chinese labels, in order")
    empty: int | None = Field(default=None, description="places the source names and does not fill")

    def wrong(self, world: World) -> Wrong:
        entry = world.policy.classes(self.classes)
        yield from _differs(f"“{self.classes}”", self.names, [item.label for item in entry.items])
        yield from _differs(
            f"“{self.classes}”的空格", self.empty, max((entry.slots or 0) - len(entry.items), 0)
        )


class OfPrinted(Question):
    """A figure printed by the source of an entry: compared with a count, never used as a rule."""

    printed: str = Field(description="kind name: `roll weak`")
    figure: str = ""
    says: int | None = None
    counted: int | None = Field(default=None, description="what is counted on the day, of a link or a roll")
    agrees: bool | None = Field(default=None, description="whether that is the printed figure")
    sum: int | None = Field(default=None, description="what the printed grades of a scorecard add up to")
    shares: dict[str, str] | Literal["not-computable"] | None = Field(
        default=None, description="the share of each printed grade in the whole"
    )

    def wrong(self, world: World) -> Wrong:
        kind, name = self.printed.split()
        entry = world.policy.entries.get((kind, name))
        says = entry.printed.get(self.figure) if entry else None
        yield from _differs(f"“{self.printed}”印出的 {self.figure}", self.says, says)
        if isinstance(entry, LinkKind | Roll):
            found = counted(world.policy, entry, world.day).get(self.figure)
            yield from _differs(f"“{self.printed}”实有的 {self.figure}", self.counted, found)
            yield from _differs(f"“{self.printed}”的 {self.figure} 与印出相符", self.agrees, found == says)
        if isinstance(entry, Scorecard):
            whole = printed(entry.printed, entry.grades.scale, not_rated=entry.grades.not_rated)
            yield from _differs(f"“{self.printed}”印出的合计", self.sum, whole.sum)
            yield from _differs(f"“{self.printed}”的占比", self.shares, whole.shares or "not-computable")


class OfRun(Question):
    """A run of a scorecard has these grades, and can be computed again."""

    run: str
    grades: dict[str, int] | None = Field(default=None, description="grade → how many units")
    state: str | None = None
    computed: bool | None = None
    complete: bool | None = None
    of: str = Field(default="", description="one unit: its grade, total (thousandths) and rank")
    grade: str | None = Field(default=None, description="the grade that was computed or decided")
    effective: str | None = Field(default=None, description="the grade that holds, after adjustments")
    total: int | None = None
    rank: int | None = None
    silent: int | None = Field(default=None, description="how many of those asked let their last day pass")
    waiting: int | None = Field(default=None, description="how many of those asked are still waited for")
    printed: bool | None = Field(
        default=None, description="whether the card's printed figures are those counted"
    )

    def wrong(self, world: World) -> Wrong:
        run = world.thing(self.run, Run)
        counts = Counter(run.results.values_list("effective", flat=True))
        for grade, number in (self.grades or {}).items():
            yield from _differs(f"{self.run} 的 {grade}", number, counts[grade])
        yield from _differs(f"{self.run} 的状态", self.state, run.state)
        yield from _differs(f"{self.run} 是否计算所得", self.computed, run.computed)
        if self.complete is not None:
            yield from _differs(
                f"{self.run} 是否齐全", self.complete, engine.Outcome.read(folder_of(run)).complete
            )
        if self.of:
            result = run.results.get(unit=world.subject(self.of))
            for word in ("grade", "effective", "total", "rank"):
                yield from _differs(f"{self.of} 的 {word}", getattr(self, word), getattr(result, word))
        silent, waiting = hearing.silent(run, world.day), hearing.waiting(run, world.day)
        yield from _differs(f"{self.run} 到期没有反馈的", self.silent, silent.count())
        yield from _differs(f"{self.run} 还在等反馈的", self.waiting, waiting.count())
        if self.printed is not None:
            card = world.policy.scorecard(run.card)
            figures = {("total" if name == "all" else name): value for name, value in card.printed.items()}
            holds = all(check.passes for check in check_totals(figures, counts))
            yield from _differs(f"{self.run} 与公布数字相符", self.printed, holds)


class OfCell(Question):
    """What a run says of one indicator of one unit; `absent` where the indicator does not apply to it."""

    cell: str = Field(description="the run")
    of: str
    indicator: str
    state: str

    def wrong(self, world: World) -> Wrong:
        run = world.thing(self.cell, Run)
        unit = run.results.get(unit=world.subject(self.of))
        parts = engine.explain(folder_of(run), unit.key).parts
        states = [str(part.state.value) for part in parts if part.indicator == self.indicator]
        yield from _differs(f"{self.of} 的 {self.indicator}", self.state, (states or ["absent"])[0])


class OfQuota(Question):
    """What a quota of a card says about a run; bound and rounding may be asked otherwise than the pack has them."""

    quota: str = Field(description="the run")
    grade: str
    bound: Literal["at_least", "at_most", "exactly"] | None = None
    rounding: Literal["floor", "ceiling", "half_up"] | None = None
    base: int | None = None
    wanted: int | None = None
    found: int | None = None
    difference: int | None = None
    passes: bool | None = None
    says: str | None = Field(default=None, description="the verdict's sentence has these words")

    def wrong(self, world: World) -> Wrong:
        run = world.thing(self.quota, Run)
        verdicts = engine.Outcome.read(folder_of(run)).verdicts
        kept = next((one for one in verdicts if one.quota.grade == self.grade), None)
        if kept is None:
            yield f"评分表没有“{self.grade}”的定额"
            return
        quota = replace(
            kept.quota,
            bound=Bound(self.bound) if self.bound else kept.quota.bound,
            rounding=Rounding(self.rounding) if self.rounding else kept.quota.rounding,
        )
        verdict = quota.judge(kept.found, rated=kept.base, everyone=kept.base)
        for word in ("base", "wanted", "found", "difference", "passes"):
            yield from _differs(f"{self.grade} 定额的 {word}", getattr(self, word), getattr(verdict, word))
        if self.says is not None and self.says not in verdict.sentence.zh:
            yield f"定额结论应有“{self.says}”，实为“{verdict.sentence.zh}”"


class OfLedger(Question):
    """A balance, or what all holders have together, in the ledger's unit."""

    ledger: str
    of: str = Field(default="", description="a holder; empty: the pool")
    balance: int | None = None
    holders: int | None = Field(default=None, description="what all holders have together")

    def wrong(self, world: World) -> Wrong:
        world.policy.ledger(self.ledger)
        accounts = Account.objects.filter(ledger=self.ledger, outside=False)
        if self.balance is not None:
            holder = world.subject(self.of) if self.of else None
            row = accounts.filter(holder=holder).first()
            yield from _differs(f"{self.of or '资金池'} 的余额", self.balance, row.balance if row else 0)
        total = accounts.filter(holder__isnull=False).aggregate(total=Sum("balance"))["total"] or 0
        yield from _differs(f"“{self.ledger}”各户合计", self.holders, total)


class OfTally(Question):
    """What a question of a closed sheet came to."""

    tally: str = Field(description="the sheet")
    question: str
    counts: dict[str, int] | None = Field(default=None, description="grade → how many; empty: not shown")
    classes: dict[str, dict[str, int]] | None = Field(default=None, description="the same by class of voters")
    shares: dict[str, int] | None = Field(default=None, description="grade → weighed share in thousandths")
    weighed: bool | None = None
    says: str | None = None

    def wrong(self, world: World) -> Wrong:
        found = {one.question: one for one in surveys.count(world.thing(self.tally, Survey))}
        one = found.get(self.question)
        if one is None:
            yield f"这张测评没有“{self.question}”这道题"
            return
        yield from _differs(f"{self.question} 各档张数", self.counts, dict(one.counts))
        classes = {name: dict(counts) for name, counts in one.by_class.items()}
        yield from _differs(f"{self.question} 分类张数", self.classes, classes)
        yield from _differs(f"{self.question} 加权比例", self.shares, dict(one.shares or {}))
        yield from _differs(f"{self.question} 是否加权", self.weighed, one.shares is not None)
        yield from _differs(f"{self.question} 的说法", self.says, one.said())


class OfPending(Question):
    """So many effects wait for a day to come."""

    pending: str = Field(description="the verb")
    name: str
    on: Day | None = None
    count: int

    def wrong(self, world: World) -> Wrong:
        rows = Pending.objects.filter(verb=self.pending, name=self.name, collected_on=None)
        if self.on:
            rows = rows.filter(due_on=self.on)
        yield from _differs(f"等待的 {self.pending} {self.name}", self.count, rows.count())


class OfCases(Question):
    """So many cases of a kind are open, at a stage where it is named."""

    cases: str
    open: int
    stage: str = ""

    def wrong(self, world: World) -> Wrong:
        rows = Case.objects.open().filter(kind=self.cases)
        if self.stage:
            rows = rows.filter(stage=self.stage)
        yield from _differs(f"在办的 {self.cases}", self.open, rows.count())


class OfBulletin(Question):
    """A bulletin says these words, and stands so."""

    bulletin: str
    says: list[str] = Field(default_factory=list)
    state: str | None = None

    def wrong(self, world: World) -> Wrong:
        bulletin = world.thing(self.bulletin, Bulletin)
        text = str(bulletin.facts)
        for words in self.says:
            if words not in text:
                yield f"通报里没有“{words}”"
        yield from _differs(f"{self.bulletin} 的状态", self.state, bulletin.state)


class OfMessages(Question):
    """Somebody was told."""

    told: str
    says: str = ""
    count: int | None = None

    def wrong(self, world: World) -> Wrong:
        rows = [one for one in Message.objects.filter(to=self.told) if self.says in one.sentence]
        if self.count is None and not rows:
            yield f"{self.told} 没有收到“{self.says}”"
        yield from _differs(f"{self.told} 收到的消息", self.count, len(rows))


class OfJournal(Question):
    """The journal has so many lines of a deed."""

    journal: str
    count: int

    def wrong(self, world: World) -> Wrong:
        lines = Entry.objects.filter(pk__gt=world.journal_from, deed=self.journal)
        yield from _differs(f"日志里的 {self.journal}", self.count, lines.count())


class OfName(Question):
    """What a subject was called on a day."""

    name: str = Field(description="the subject")
    on: Day
    says: str

    def wrong(self, world: World) -> Wrong:
        subject = world.subject(self.name)
        yield from _differs(f"{self.on} 的名称", self.says, names_on(self.on, [subject.pk]).get(subject.pk))


class OfDay(Question):
    """What a day is: worked or not, and which working day follows."""

    day: Day
    worked: bool | None = None
    after: int | None = Field(default=None, description="so many working days later …")
    comes: Day | None = Field(default=None, description="… is this day")
    period: str | None = Field(default=None, description="the name of its year")

    def wrong(self, world: World) -> Wrong:
        calendar = world.policy.workdays
        yield from _differs(f"{self.day} 上班", self.worked, calendar.is_working(self.day))
        if self.after is not None:
            yield from _differs(
                f"{self.day} 后第 {self.after} 个工作日", self.comes, calendar.after(self.day, self.after).day
            )
        yield from _differs("年度", self.period, period("year", self.day).name)


# The word that begins a line → what is asked.
EXPECTATIONS: dict[str, type[Question]] = {
    "case": OfCase,
    "answer": OfAnswer,
    "roll": OfRoll,
    "select": OfSelector,
    "duty": OfDuty,
    "duties": OfDuties,
    "classes": OfClasses,
    "printed": OfPrinted,
    "run": OfRun,
    "cell": OfCell,
    "quota": OfQuota,
    "ledger": OfLedger,
    "tally": OfTally,
    "pending": OfPending,
    "cases": OfCases,
    "bulletin": OfBulletin,
    "told": OfMessages,
    "journal": OfJournal,
    "name": OfName,
    "day": OfDay,
}


def _differs(what: str, wanted: Any, found: Any) -> Wrong:
    """Say how a thing differs from what was wanted; nothing was asked where `wanted` is None."""
    if wanted is not None and wanted != found:
        yield f"{what}：应为 {wanted}，实为 {found}"
