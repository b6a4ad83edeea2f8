"""What can be done in a scenario: the public verbs of every engine, one line of words for each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pydantic import Field

from zugong.accounts.models import User
from zugong.activities import actions as activities
from zugong.activities.models import Activity, AgendaItem
from zugong.activities.rules import Item, Report
from zugong.bulletins import actions as bulletins
from zugong.bulletins.models import Bulletin
from zugong.cases import actions as cases
from zugong.cases import disputes
from zugong.cases import powers as case_powers
from zugong.cases.models import Case
from zugong.core.errors import Refused
from zugong.core.files.actions import keep
from zugong.core.install import days
from zugong.ledgers import actions as ledgers
from zugong.ledgers.models import Posting
from zugong.packs.dated import Strict
from zugong.packs.schema.names import Day
from zugong.registry import actions as registry
from zugong.registry import deputies
from zugong.registry.actions import edition_on
from zugong.registry.models import Appointment, Link, Particulars
from zugong.registry.rules import NOUNS
from zugong.scenarios.format import Told
from zugong.scenarios.world import World
from zugong.scorecards import actions as scorecards
from zugong.scorecards import adjusting, hearing
from zugong.scorecards.models import Adjustment, Hearing, Result, Run
from zugong.surveys import actions as surveys
from zugong.surveys.models import Survey


class Vote(Strict):
    """How a meeting voted on one matter."""

    should: int = Field(description="应到")
    attended: int = Field(description="实到")
    favour: int = Field(description="赞成")
    against: int = 0
    abstained: int = 0
    minutes: str = Field(default="会议记录", description="the minutes; empty: none were taken")


class Add(Told):
    """Add a person, organisation, place, post or thing."""

    add: str
    noun: str
    class_: str = Field(alias="class")
    name: str = ""
    under: str = ""
    code: str = ""

    def run(self, world: World) -> Any:
        parent = world.subject(self.under) if self.under else None
        world.subjects[self.add] = registry.add(
            self.noun,
            klass=self.class_,
            name=self.name or self.add,
            since=world.day,
            by=_by(self, world),
            code=self.code,
            parent=parent,
        )


class Change(Told):
    """Say what is true of a subject from the day on: another name, class or parent."""

    change: str
    name: str = ""
    class_: str = Field(default="", alias="class")
    under: str = ""

    def run(self, world: World) -> Any:
        parent = world.subject(self.under) if self.under else None
        return registry.change(
            world.subject(self.change),
            since=world.day,
            by=_by(self, world),
            name=self.name,
            klass=self.class_,
            parent=parent,
        )


class Correct(Told):
    """Put right what was entered wrongly about a subject."""

    correct: str
    name: str = ""
    source: str = "更正"

    def run(self, world: World) -> Any:
        row = Particulars.objects.on(world.day).get(subject=world.subject(self.correct))
        return registry.correct(row, by=_by(self, world), source=self.source, name=self.name)


class Close(Told):
    """End a subject: dissolved, merged, struck."""

    dissolve: str

    def run(self, world: World) -> Any:
        registry.close(world.subject(self.dissolve), until=world.day, by=_by(self, world))


class Appoint(Told):
    """Appoint a person to a post of an organisation."""

    appoint: str
    post: str
    of: str
    kind: str = "substantive"

    def run(self, world: World) -> Any:
        person, post, by = world.subject(self.appoint), _post(world, self.post, self.of), _by(self, world)
        return registry.appoint(person, post=post, since=world.day, by=by, kind=self.kind)


class Release(Told):
    """Release a person from a post."""

    release: str
    post: str
    of: str

    def run(self, world: World) -> Any:
        post = _post(world, self.post, self.of)
        row = Appointment.objects.on(world.day).get(person=world.subject(self.release), post=post)
        registry.release(row, on=world.day, by=_by(self, world))


class Depute(Told):
    """代理: name who acts for a post, until a last day."""

    depute: str = Field(description="the deputy")
    post: str
    of: str
    through: Day = Field(description="the last day")
    reason: str = ""
    kind: str = "deputy"

    def run(self, world: World) -> Any:
        return deputies.depute(
            _post(world, self.post, self.of),
            to=world.subject(self.depute),
            kind=self.kind,
            since=world.day,
            until=self.through + timedelta(days=1),
            reason=self.reason,
            by=world.user(self.by),
            day=world.day,
        )


class EndDeputy(Told):
    """End a deputy's time before its last day."""

    end_deputy: str = Field(description="the deputy")
    post: str
    of: str
    reason: str = "本人到岗"

    def run(self, world: World) -> Any:
        rows = Appointment.objects.on(world.day).filter(acts_for=True, post=_post(world, self.post, self.of))
        row = rows.get(person=world.subject(self.end_deputy))
        deputies.end(row, on=world.day, reason=self.reason, by=world.user(self.by), day=world.day)


class Join(Told):
    """Enter a party member in a branch."""

    join: str
    branch: str

    def run(self, world: World) -> Any:
        person, branch = world.subject(self.join), world.subject(self.branch)
        return registry.join(person, organisation=branch, since=world.day, by=_by(self, world))


class Transfer(Told):
    """Move a member to another branch."""

    transfer: str
    to: str

    def run(self, world: World) -> Any:
        person, branch = world.subject(self.transfer), world.subject(self.to)
        return registry.transfer(person, to=branch, since=world.day, by=_by(self, world))


class Tie(Told):
    """Tie two subjects: kind.role."""

    tie: str
    near: str
    far: str

    def run(self, world: World) -> Any:
        kind, role = self.tie.split(".")
        near, far = world.subject(self.near), world.subject(self.far)
        return registry.tie(
            world.policy, kind, role, near=near, far=far, since=world.day, by=_by(self, world)
        )


class Untie(Told):
    """End a tie; a ground may be needed while a bar stands."""

    untie: str
    near: str
    far: str
    ground: str = ""

    def run(self, world: World) -> Any:
        kind, role = self.untie.split(".")
        row = Link.objects.on(world.day).get(
            kind=kind, role=role, near=world.subject(self.near), far=world.subject(self.far)
        )
        registry.untie(row, on=world.day, by=_by(self, world), ground=self.ground)


class Enter(Told):
    """Enter a subject on a roll."""

    enter: str
    of: str
    value: str = ""
    until: Day | None = None

    def run(self, world: World) -> Any:
        return registry.enrol(
            world.policy,
            self.enter,
            world.subject(self.of),
            since=world.day,
            until=self.until,
            value=self.value,
            by=_by(self, world),
            source=self.by,
        )


class Strike(Told):
    """Strike a subject from a roll."""

    strike: str
    of: str

    def run(self, world: World) -> Any:
        world.policy.roll(self.strike)
        registry.strike(self.strike, world.subject(self.of), on=world.day, by=_by(self, world))


class Hold(Told):
    """Enter an activity that was held: a meeting, a visit, an inspection."""

    hold: str
    run_by: str
    at: str = ""
    topic: str = ""
    minutes: str = ""
    should: int | None = None
    attended: int | None = None
    present: list[str] = Field(default_factory=list)
    fields: dict[str, Any] = Field(default_factory=dict)
    agenda: list[str] = Field(default_factory=list, description="cases, by name: each becomes a matter")
    favour: int | None = Field(default=None, description="the same vote on every matter")
    against: int = 0
    abstained: int = 0

    def run(self, world: World) -> Any:
        against, abstained = (self.against, self.abstained) if self.favour is not None else (None, None)
        report = Report(
            topic=self.topic,
            minutes=self.minutes,
            fields=_numbered(self.fields, world),
            present=tuple(world.subject(name).pk for name in self.present),
            should_attend=self.should,
            attended=self.attended,
            agenda=tuple(
                Item(str(world.made[name]), in_favour=self.favour, against=against, abstained=abstained)
                for name in self.agenda
            ),
        )
        return activities.hold(
            world.policy,
            self.hold,
            day=world.day,
            run_by=world.subject(self.run_by),
            by=world.user(self.by),
            today=world.day,
            at=world.subject(self.at) if self.at else None,
            report=report,
        )


class Plan(Told):
    """Plan an activity for a later day."""

    plan: str
    run_by: str
    held_on: Day
    at: str = ""

    def run(self, world: World) -> Any:
        return activities.plan(
            world.policy,
            self.plan,
            day=self.held_on,
            run_by=world.subject(self.run_by),
            by=world.user(self.by),
            today=world.day,
            at=world.subject(self.at) if self.at else None,
        )


class Confirm(Told):
    """Confirm an activity as a second person."""

    confirm: str

    def run(self, world: World) -> Any:
        activity = world.thing(self.confirm, Activity)
        return activities.confirm(world.policy, activity, by=world.user(self.by), today=world.day)


class Open(Told):
    """Open a case about a subject, with what its kind asks."""

    open: str
    about: str
    label: str = ""
    answers: dict[str, Any] = Field(default_factory=dict, description="field → what was said at the opening")
    asker: bool = Field(default=False, description="somebody outside opens it, who has no account")

    def run(self, world: World) -> Any:
        return cases.open(
            self.open,
            about=world.subject(self.about),
            day=world.day,
            by=world.user(self.by) if self.by else None,
            label=self.label,
            answers=_numbered(self.answers, world),
            party=cases.ASKER if self.asker else "",
        )


class Find(Told):
    """Name the newest case of a kind that an effect opened: about a subject, or about a post of it; held by somebody."""

    find: str = Field(description="the kind of case")
    about: str
    post: str = ""
    held_by: str = Field(
        default="", description="of several, the one that this subject holds: a whistle's task"
    )

    def run(self, world: World) -> Any:
        about = _post(world, self.post, self.about) if self.post else world.subject(self.about)
        rows = Case.objects.filter(kind=self.find, about=about)
        if self.held_by:
            rows = rows.filter(holder=world.subject(self.held_by))
        found = rows.last()
        if found is None:
            raise Refused("没有关于“{about}”的“{kind}”", about=self.about, kind=self.find)
        return found


class Give(Told):
    """分派: give an open deliverable of a case to a person or an organisation, or to a post of it."""

    give: str = Field(description="the case it belongs to")
    task: str = Field(description="the deliverable's label")
    to: str
    post: str = ""
    due: Day | None = None

    def run(self, world: World) -> Any:
        task = world.thing(self.give, Case).children.get(label=self.task)
        to = _post(world, self.post, self.to) if self.post else world.subject(self.to)
        return cases.give(task, to=to, by=world.user(self.by), day=world.day, due_on=self.due)


class Accept(Told):
    """签收."""

    accept: str

    def run(self, world: World) -> Any:
        cases.accept(world.thing(self.accept, Case), by=world.user(self.by), day=world.day)


class Submit(Told):
    """Pass a case's stage on, with what it needs."""

    submit: str
    outcome: str = ""
    answers: dict[str, Any] = Field(default_factory=dict)
    files: dict[str, str] = Field(
        default_factory=dict, description="field → the title of a file that is uploaded"
    )
    vote: Vote | None = Field(
        default=None, description="the stage's meeting is held on this day, with this vote"
    )
    sitting: str = Field(default="", description="or: a meeting that was held, whose agenda has the case")
    note: str = ""

    def run(self, world: World) -> Any:
        case, by = world.thing(self.submit, Case), world.user(self.by)
        item = self._item(world, case)
        files = {field: _upload(title, by) for field, title in self.files.items()}
        cases.submit(
            case,
            by=by,
            day=world.day,
            outcome=self.outcome,
            answers=_numbered(self.answers, world) | files,
            item=item,
            note=self.note,
        )

    def _item(self, world: World, case: Case) -> AgendaItem | None:
        if self.sitting:
            return world.thing(self.sitting, Activity).agenda.filter(matter=str(case)).first()
        return _sit(world, case, self.vote, self.by) if self.vote else None


class SubmitAsAsker(Told):
    """Pass a stage on as whoever asked, who has no account: a rating."""

    asker_submits: str = Field(description="the case")
    outcome: str = ""
    answers: dict[str, Any] = Field(default_factory=dict)

    def run(self, world: World) -> Any:
        case = world.thing(self.asker_submits, Case)
        answers = _numbered(self.answers, world)
        cases.submit_as_asker(case, day=world.day, outcome=self.outcome, answers=answers)


class Merge(Told):
    """并案: let a case go on in another of its kind."""

    merge: str = Field(description="the case that ends")
    into: str = Field(description="the case in which it goes on")
    reason: str = "同一件事"

    def run(self, world: World) -> Any:
        case, into = world.thing(self.merge, Case), world.thing(self.into, Case)
        cases.merge(case, into, by=world.user(self.by), day=world.day, reason=self.reason)


def _numbered(answers: dict[str, Any], world: World) -> dict[str, Any]:
    """Return answers with the numbers of subjects in place of the scenario's names for them."""
    fields = world.policy.fields
    return {
        name: _number(value, world) if name in fields and fields[name].kind in NOUNS else value
        for name, value in answers.items()
    }


def _number(value: Any, world: World) -> Any:
    return [_number(one, world) for one in value] if isinstance(value, list) else world.subject(value).pk


def _upload(title: str, by: User) -> int:
    return keep(name=f"{title}.pdf", content=f"%PDF-1.7 {title}".encode(), by=by).pk


def _sit(world: World, case: Case, vote: Vote, by: str) -> AgendaItem | None:
    """Hold the meeting at which the case's stage is decided."""
    stage = case_powers.kind_of(case).stage(case.stage)
    body = world.find(world.policy.roles[stage.body].is_.text.replace("about", _name(world, case)))
    run_by = next(one for one in world.subjects.values() if one.pk in body)
    report = Report(
        topic=str(case),
        minutes=vote.minutes,
        should_attend=vote.should,
        attended=vote.attended,
        agenda=(Item(str(case), "", vote.favour, vote.against, vote.abstained),),
    )
    activity = activities.hold(
        world.policy,
        stage.at,
        day=world.day,
        run_by=run_by,
        by=world.user(by),
        today=world.day,
        report=report,
    )
    return activity.agenda.first()


def _name(world: World, case: Case) -> str:
    return next(name for name, one in world.subjects.items() if one.pk == case.about_id)


class Agree(Told):
    """同意 what somebody else proposed: in a case, or an adjustment of a grade."""

    agree: str

    def run(self, world: World) -> Any:
        if isinstance(proposed := world.made.get(self.agree), Adjustment):
            return adjusting.agree(proposed, by=world.user(self.by), day=world.day)
        cases.agree(world.thing(self.agree, Case), by=world.user(self.by), day=world.day)


class Decline(Told):
    """不同意 what somebody else proposed."""

    decline: str
    reason: str = ""

    def run(self, world: World) -> Any:
        cases.decline(
            world.thing(self.decline, Case), by=world.user(self.by), day=world.day, reason=self.reason
        )


class Return(Told):
    """退回."""

    return_: str = Field(alias="return")
    reason: str = ""
    answers: dict[str, Any] = Field(default_factory=dict, description="what sending back must say besides")

    def run(self, world: World) -> Any:
        cases.send_back(
            world.thing(self.return_, Case),
            by=world.user(self.by),
            day=world.day,
            reason=self.reason,
            answers=_numbered(self.answers, world),
        )


class Extend(Told):
    """延期."""

    extend: str
    until: Day
    reason: str = ""

    def run(self, world: World) -> Any:
        case = world.thing(self.extend, Case)
        cases.extend(case, by=world.user(self.by), day=world.day, until=self.until, reason=self.reason)


class Pause(Told):
    """中止."""

    pause: str
    until: Day
    reason: str = ""

    def run(self, world: World) -> Any:
        case = world.thing(self.pause, Case)
        cases.pause(case, by=world.user(self.by), day=world.day, until=self.until, reason=self.reason)


class Resume(Told):
    """恢复."""

    resume: str

    def run(self, world: World) -> Any:
        cases.resume(world.thing(self.resume, Case), by=world.user(self.by), day=world.day)


class Withdraw(Told):
    """撤回."""

    withdraw: str
    reason: str = ""

    def run(self, world: World) -> Any:
        case = world.thing(self.withdraw, Case)
        cases.withdraw(case, by=world.user(self.by), day=world.day, reason=self.reason)


class Reopen(Told):
    """重办."""

    reopen: str
    reason: str = ""

    def run(self, world: World) -> Any:
        cases.reopen(
            world.thing(self.reopen, Case), by=world.user(self.by), day=world.day, reason=self.reason
        )


class Lay(Told):
    """Lay an activity with a case as evidence."""

    lay: str = Field(description="an activity, by name")
    with_: str = Field(alias="with", description="a case, by name")

    def run(self, world: World) -> Any:
        case, activity = world.thing(self.with_, Case), world.thing(self.lay, Activity)
        cases.lay(case, by=world.user(self.by), day=world.day, activity=activity)


class Finish(Told):
    """Take every open deliverable of a case through all its stages: done by one person, checked by another."""

    finish: str
    done_by: str
    checked_by: str
    answers: dict[str, Any] = Field(default_factory=dict)

    def run(self, world: World) -> Any:
        for child in world.thing(self.finish, Case).children.open():
            for who in (self.done_by, self.checked_by):
                child.refresh_from_db()
                cases.submit(child, by=world.user(who), day=world.day, answers=self.answers)


class Mark(Told):
    """Enter marks of a rater for a unit; marks are in thousandths."""

    mark: str = Field(description="the scorecard")
    unit: str
    indicator: str
    stage: str
    rater: str
    marks: int

    def run(self, world: World) -> Any:
        return scorecards.mark(
            self.mark,
            unit=world.subject(self.unit),
            indicator=self.indicator,
            stage=self.stage,
            rater=world.subject(self.rater),
            marks=self.marks,
            by=world.user(self.by),
            day=world.day,
        )


class Compute(Told):
    """Freeze the facts and compute a scorecard."""

    compute: str

    def run(self, world: World) -> Any:
        return scorecards.compute(self.compute, day=world.day, by=world.user(self.by))


class DecideGrades(Told):
    """Take grades that were decided without a score: grade → how many units, or → the units."""

    decide_grades: str
    grades: dict[str, int | list[str]]
    minutes: str = "审定会议记录"

    def run(self, world: World) -> Any:
        card = world.policy.scorecard(self.decide_grades)
        units = sorted(world.find(card.about.text))
        grades: dict[int, str] = {}
        for grade, who in self.grades.items():
            named = [world.subject(name).pk for name in who] if isinstance(who, list) else []
            left = [unit for unit in units if unit not in grades]
            grades |= dict.fromkeys(named or left[: who if isinstance(who, int) else 0], grade)
        return scorecards.decide_without_score(
            self.decide_grades, day=world.day, grades=grades, minutes=self.minutes, by=world.user(self.by)
        )


class Decide(Told):
    """审定: put a run forward."""

    decide: str
    minutes: str = "审定会议记录"

    def run(self, world: World) -> Any:
        scorecards.decide(
            world.thing(self.decide, Run), by=world.user(self.by), day=world.day, minutes=self.minutes
        )


class Settle(Told):
    """裁定同分: the tied of a run get their grades by a decision; makes the next run."""

    settle: str = Field(description="the run")
    grades: dict[str, str] = Field(description="unit → grade")
    reason: str = "会议比较后裁定"
    minutes: str = "审定会议记录"

    def run(self, world: World) -> Any:
        grades = {world.subject(name).pk: grade for name, grade in self.grades.items()}
        return scorecards.settle(
            world.thing(self.settle, Run),
            grades=grades,
            reason=self.reason,
            minutes=self.minutes,
            by=world.user(self.by),
            day=world.day,
        )


class Announce(Told):
    """公示: a second person lets a decided run be shown, and everybody who is to be heard is asked."""

    announce: str

    def run(self, world: World) -> Any:
        hearing.announce(world.thing(self.announce, Run), by=world.user(self.by), day=world.day)


class Say(Told):
    """反馈: one who was asked says something about a unit of an announced run."""

    comment: str = Field(description="the run")
    of: str = Field(description="the unit")
    as_role: str = Field(description="the role of the pack in which it is said")
    text: str = "没有意见"

    def run(self, world: World) -> Any:
        result = _result(world, self.comment, self.of)
        asked = Hearing.objects.get(result=result, role=self.as_role)
        return hearing.comment(asked, text=self.text, by=world.user(self.by), day=world.day)


class Objection(Told):
    """提出异议: open the case that an objection to a unit's result is."""

    object: str = Field(description="the run")
    of: str = Field(description="the unit")

    def run(self, world: World) -> Any:
        result = _result(world, self.object, self.of)
        return hearing.object_to(result, by=world.user(self.by), day=world.day)


class Adjust(Told):
    """提出调整: propose another grade for a unit of a run."""

    adjust: str = Field(description="the run")
    of: str = Field(description="the unit")
    grade: str
    reason: str = "依据成立的异议调整"
    case: str = Field(default="", description="the objection that was upheld, by name")
    document: str = Field(default="", description="or the number of a document")
    wrongly: list[str] = Field(default_factory=list, description="what was wrongly recorded: `cap:id`")

    def run(self, world: World) -> Any:
        return adjusting.propose(
            _result(world, self.adjust, self.of),
            grade=self.grade,
            reason=self.reason,
            case=world.thing(self.case, Case) if self.case else None,
            document=self.document,
            wrongly=self.wrongly,
            by=world.user(self.by),
            day=world.day,
        )


def _result(world: World, run: str, unit: str) -> Result:
    return world.thing(run, Run).results.select_related("run").get(unit=world.subject(unit))


class Publish(Told):
    """公布: a second person agrees to a run."""

    publish: str

    def run(self, world: World) -> Any:
        scorecards.publish(world.thing(self.publish, Run), by=world.user(self.by), day=world.day)


class Fill(Told):
    """Fill a ledger's pool, in its unit."""

    fill: str
    amount: int
    deed: str
    agreed_by: str = Field(default="", description="the second person, where the pack wants two")

    def run(self, world: World) -> Any:
        return ledgers.fill(
            world.policy,
            self.fill,
            amount=self.amount,
            day=world.day,
            deed=self.deed,
            by=world.user(self.by),
            agreed_by=world.user(self.agreed_by) if self.agreed_by else None,
        )


class Pay(Told):
    """Pay one account: the tariff of the ledger, or an amount that was decided for this payment."""

    pay: str
    to: str
    deed: str
    amount: int | None = Field(default=None, description="in the ledger's unit, where no tariff is set")
    agreed_by: str = Field(default="", description="the second person, where the pack wants two")

    def run(self, world: World) -> Any:
        return ledgers.pay(
            world.policy,
            self.pay,
            to=world.subject(self.to),
            day=world.day,
            deed=self.deed,
            by=world.user(self.by),
            agreed_by=world.user(self.agreed_by) if self.agreed_by else None,
            amount=self.amount,
        )


class Reverse(Told):
    """Take a posting back."""

    reverse: str
    reason: str = ""

    def run(self, world: World) -> Any:
        posting = world.thing(self.reverse, Posting)
        return ledgers.reverse(
            world.policy, posting, day=world.day, reason=self.reason, by=world.user(self.by)
        )


class Redeem(Told):
    """Spend an account on a benefit of its ledger."""

    redeem: str = Field(description="the ledger")
    benefit: str
    of: str = Field(description="whose account")
    wanted: int | None = Field(default=None, description="how many times; empty: as often as it goes")

    def run(self, world: World) -> Any:
        return ledgers.redeem(
            world.policy,
            self.redeem,
            self.benefit,
            holder=world.subject(self.of),
            day=world.day,
            by=world.user(self.by),
            wanted=self.wanted,
        )


class Dispute(Told):
    """Dispute an entry of one's own account."""

    dispute: str = Field(description="the entry")
    reason: str = ""

    def run(self, world: World) -> Any:
        posting = world.thing(self.dispute, Posting)
        return disputes.dispute(
            world.policy, posting, reason=self.reason, by=world.user(self.by), day=world.day
        )


class OpenSheet(Told):
    """Open a sheet about a subject, or about all that a round has not reached yet."""

    survey: str = Field(description="the kind of sheet")
    about: str = Field(default="", description="empty: all of them, and `as` names the first")
    round: str
    meeting: str = Field(default="", description="the meeting at which it is answered, by name")

    def run(self, world: World) -> Any:
        by, edition = world.user(self.by), edition_on(world.day)
        if not self.about:
            return surveys.open_round(edition, self.survey, round=self.round, day=world.day, by=by)[0]
        return surveys.open_sheet(
            edition,
            self.survey,
            about=world.subject(self.about),
            round=self.round,
            day=world.day,
            by=by,
            meeting=world.thing(self.meeting, Activity) if self.meeting else None,
        )


class HandOut(Told):
    """Hand out slips of a class of voters; `as` names them."""

    slips: str = Field(description="the sheet")
    voters: str = Field(description="the class of voters")
    many: int

    def run(self, world: World) -> Any:
        sheet = world.thing(self.slips, Survey)
        return surveys.hand_out(sheet, self.voters, self.many, by=world.user(self.by), day=world.day)


class Cast(Told):
    """Answer a sheet: in the name of a voter, or with slips that were handed out, each used once."""

    cast: str = Field(description="the sheet")
    voter: str = Field(default="", description="whose slip it is")
    slips: str = Field(default="", description="or: slips that were handed out, by name")
    many: int = Field(default=1, description="so many of these slips are used alike")
    grades: dict[str, str] = Field(description="question → grade")

    def run(self, world: World) -> Any:
        sheet = world.thing(self.cast, Survey)
        if self.slips:
            left = world.made[self.slips]
            for code in left[: self.many]:
                surveys.cast_with(code, grades=self.grades)
            del left[: self.many]
            return
        slip = sheet.slips.filter(voter=world.subject(self.voter)).first()
        if slip is None:
            raise Refused("“{voter}”不在这张测评的名单上", voter=self.voter)
        surveys.cast(slip, grades=self.grades, by=world.user(self.by), day=world.day)


class CloseSheet(Told):
    """Close a sheet."""

    close: str

    def run(self, world: World) -> Any:
        return surveys.close(world.thing(self.close, Survey), by=world.user(self.by), day=world.day)


class Compose(Told):
    """Draft the bulletin of the period that a day lies in."""

    compose: str
    within: Day

    def run(self, world: World) -> Any:
        return bulletins.compose(self.compose, within=self.within, day=world.day, by=world.user(self.by))


class Present(Told):
    """呈报 a drafted bulletin."""

    present: str
    remark: str = ""

    def run(self, world: World) -> Any:
        bulletin = world.thing(self.present, Bulletin)
        bulletins.submit(bulletin, remark=self.remark, day=world.day, by=world.user(self.by))


class Approve(Told):
    """签发 a bulletin, in the name of a body."""

    approve: str

    def run(self, world: World) -> Any:
        bulletins.approve(world.thing(self.approve, Bulletin), day=world.day, by=world.user(self.by))


class Issue(Told):
    """印发 a bulletin that everybody approved."""

    issue: str
    number: str = ""

    def run(self, world: World) -> Any:
        bulletin = world.thing(self.issue, Bulletin)
        bulletins.issue(bulletin, number=self.number, day=world.day, by=world.user(self.by))


class Pass(Told):
    """Let days pass, up to and including a day, and run the jobs of each."""

    pass_: Day = Field(alias="pass")
    at_once: bool = Field(
        default=False, description="run the jobs of the last day alone: they make up for the days before it"
    )

    def run(self, world: World) -> Any:
        for day in [self.pass_] if self.at_once else _days(world.day, self.pass_):
            days.run_day(day)
        world.day = self.pass_


Verb = type[Told]

# The word that begins a line → the deed.
VERBS: dict[str, Verb] = {
    "add": Add,
    "change": Change,
    "correct": Correct,
    "dissolve": Close,
    "appoint": Appoint,
    "release": Release,
    "depute": Depute,
    "end_deputy": EndDeputy,
    "join": Join,
    "transfer": Transfer,
    "tie": Tie,
    "untie": Untie,
    "enter": Enter,
    "strike": Strike,
    "hold": Hold,
    "plan": Plan,
    "confirm": Confirm,
    "open": Open,
    "find": Find,
    "give": Give,
    "accept": Accept,
    "submit": Submit,
    "asker_submits": SubmitAsAsker,
    "merge": Merge,
    "agree": Agree,
    "decline": Decline,
    "return": Return,
    "extend": Extend,
    "pause": Pause,
    "resume": Resume,
    "withdraw": Withdraw,
    "reopen": Reopen,
    "lay": Lay,
    "finish": Finish,
    "mark": Mark,
    "compute": Compute,
    "decide_grades": DecideGrades,
    "decide": Decide,
    "settle": Settle,
    "announce": Announce,
    "comment": Say,
    "object": Objection,
    "adjust": Adjust,
    "publish": Publish,
    "fill": Fill,
    "pay": Pay,
    "reverse": Reverse,
    "redeem": Redeem,
    "dispute": Dispute,
    "survey": OpenSheet,
    "slips": HandOut,
    "cast": Cast,
    "close": CloseSheet,
    "compose": Compose,
    "present": Present,
    "approve": Approve,
    "issue": Issue,
    "pass": Pass,
}


def verb_of(line: dict[str, Any]) -> str:
    """Return the word that says what a line does: the first of its words that is a verb."""
    return next((word for word in line if word in VERBS), "")


def _by(deed: Told, world: World) -> object:
    return world.user(deed.by) if deed.by else "情景"


def _post(world: World, klass: str, of: str) -> Any:
    posts = Particulars.objects.on(world.day).filter(
        klass=klass, parent=world.subject(of), subject__noun="post"
    )
    return posts.select_related("subject").get().subject


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
