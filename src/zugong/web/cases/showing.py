"""How a case is told: its stages as they really went, what it still lacks, its tasks, its supporters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import ALLOWS, May, Role
from zugong.activities import powers as activity_powers
from zugong.activities.models import Activity
from zugong.cases import awaiting, intake, powers
from zugong.cases.actions import PASSING
from zugong.cases.models import Answer, Case, Step
from zugong.cases.needs import Given, Lack, lacking, standing_answers, verdict_on
from zugong.cases.rules import Move, State
from zugong.core.workdays import day_of
from zugong.duties import handing
from zugong.duties import powers as duty_powers
from zugong.duties.models import Occurrence
from zugong.ledgers.powers import visible_postings
from zugong.packs.policy import Policy
from zugong.packs.schema import Duty
from zugong.packs.schema.cases import END, CaseKind, Need, Stage
from zugong.packs.schema.names import Classes
from zugong.registry.actions import policy_of
from zugong.registry.models import Link, Standing, names_on
from zugong.registry.selecting import below
from zugong.web import due
from zugong.web.asking import ruled, said
from zugong.web.posts.lists import SECTIONS, line_of
from zugong.web.posts.naming import called
from zugong.web.questions import read
from zugong.web.templatetags.zugong import day as long_day
from zugong.web.templatetags.zugong import near_day, near_due

Row = dict[str, Any]
MANY = 3  # names in one line
LINE = 40  # characters of a text in one line
ELSEWHERE = ("link", "standing", "children", "drawn", "evidence")  # what no answer on a stage's form can give


STATE_WORDS = {
    State.WAITING: lambda: _("待签收"),
    State.UNDERWAY: lambda: _("办理中"),
    State.PAUSED: lambda: _("已中止"),
    State.CLOSED: lambda: _("办结"),
    State.WITHDRAWN: lambda: _("已撤回"),
}
MOVE_WORDS = {
    Move.ACCEPT: lambda: _("签收"),
    Move.SIGN: lambda: _("会签"),
    Move.PROPOSE: lambda: _("提出"),
    Move.AGREE: lambda: _("同意"),
    Move.DECLINE: lambda: _("不同意"),
    Move.SUBMIT: lambda: _("报送"),
    Move.RETURN: lambda: _("退回"),
    Move.EXTEND: lambda: _("延期"),
    Move.PAUSE: lambda: _("中止"),
    Move.RESUME: lambda: _("恢复"),
    Move.WITHDRAW: lambda: _("撤回"),
    Move.REOPEN: lambda: _("重办"),
    Move.ASK: lambda: _("提出"),
    Move.MERGE: lambda: _("并案"),
    Move.MOVE: lambda: _("换版"),
}
TAGS = {
    State.WAITING: "soon",
    State.UNDERWAY: "running",
    State.PAUSED: "neutral",
    State.CLOSED: "done",
    State.WITHDRAWN: "neutral",
}


def state_tag(case: Case) -> tuple[str, str]:
    """Say a case's state in a word, and the colour of its tag."""
    state = State(case.state)
    return STATE_WORDS[state](), TAGS[state]


def ended(case: Case) -> Row:
    """Say of an ended case on which day it was done, and whether each of its deadlines was kept."""
    if case.state == State.WITHDRAWN:
        return {"day": case.closed_on, "word": _("已撤回"), "tag": "neutral"}
    words = {True: (_("按期"), "done"), False: (_("办结，有环节逾期"), "soon"), None: (_("办结"), "done")}
    word, tag = words[case.in_time]
    if case.in_time is False and case.due_on and case.closed_on and case.closed_on > case.due_on:
        word, tag = _("逾期办结"), "late"
    return {"day": case.closed_on, "word": word, "tag": tag}


# --- The line of stages ---------------------------------------------------------------


def line(case: Case, kind: CaseKind, steps: list[Step], now: datetime) -> list[Row]:
    """Return the stages in order, each as it really went: passed on a day, sent back, skipped, or still ahead."""
    today = day_of(now)
    passed, before, back = _went(kind, steps)
    late = {step.stage: step.is_late() for step in steps if step.move in PASSING}
    order = [stage.name for stage in kind.stages]
    gone = {
        step.stage: said(powers.kind_at(step).stage(step.stage)) for step in steps if step.stage not in order
    }
    shown = main_path(kind) | set(passed) | set(before) | {case.stage}
    here = order.index(case.stage)
    rows = [
        _stage(stage, case, place - here, passed, before, back, now)
        for place, stage in enumerate(kind.stages)
        if stage.name in shown
    ]
    # What it passed under an earlier edition and the one it was moved to has not: first, as it was then.
    for stage, row in zip((stage for stage in kind.stages if stage.name in shown), rows, strict=True):
        if row["state"] == "done" and late.get(stage.name):
            row |= {"when": _("%(day)s逾期完成") % {"day": row["when"]}, "late": True}
    return [
        *(
            {"label": label, "when": near_day(passed[name], today.year), "state": "done"}
            for name, label in gone.items()
            if name in passed
        ),
        *rows,
    ]


def _went(kind: CaseKind, steps: list[Step]) -> tuple[dict[str, date], dict[str, date], dict[str, date]]:
    """Replay the steps: stages passed, those passed in an earlier turn that must be gone again, those sent back."""
    order = {stage.name: place for place, stage in enumerate(kind.stages)}
    passed: dict[str, date] = {}
    before: dict[str, date] = {}
    back: dict[str, date] = {}
    for step in steps:
        if step.move in PASSING:
            passed[step.stage] = step.day
            back.pop(step.stage, None)
        elif step.move in (Move.RETURN, Move.REOPEN):
            back[step.stage] = step.day
        if {step.stage, step.to_stage} - order.keys() or step.to_stage == step.stage:
            continue
        if order[step.to_stage] < order[step.stage]:
            for name in [name for name in passed if order.get(name, -1) >= order[step.to_stage]]:
                before[name] = passed.pop(name)
    return passed, before, back


def main_path(kind: CaseKind) -> set[str]:
    """Return the stages that a case passes where everything goes well: the first outcome of each."""
    path: set[str] = set()
    name = kind.stages[0].name
    while name != END and name not in path:
        path.add(name)
        stage = kind.stage(name)
        name = kind.after(stage, next(iter(stage.outcomes), ""))
    return path


def _stage(
    stage: Stage,
    case: Case,
    ahead: int,
    passed: dict[str, date],
    before: dict[str, date],
    back: dict[str, date],
    now: datetime,
) -> Row:
    today = day_of(now)
    row: Row = {"label": said(stage), "when": "", "state": "ahead"}
    if ahead == 0 and case.is_open():
        row["state"] = "late" if case.is_overdue(now) else "now"
        limit = due.of_case(case, now)
        row["when"] = (
            (_("%(day)s期满") if limit.is_term else _("限%(day)s")) % {"day": near_due(limit, today.year)}
            if limit
            else _("未设期限")
        )
        if case.state == State.PAUSED:
            row["when"] = _("%(day)s起中止") % {"day": near_day(case.paused_on, today.year)}
    elif stage.name in passed:
        row |= {"state": "done", "when": near_day(passed[stage.name], today.year)}
    elif stage.name in back:
        row |= {"state": "back", "when": _("%(day)s退回") % {"day": near_day(back[stage.name], today.year)}}
    elif stage.name in before:
        row |= {"state": "back", "when": _("%(day)s办过") % {"day": near_day(before[stage.name], today.year)}}
    elif ahead < 0:
        row["state"] = "skipped"
    return row


# --- What comes next ------------------------------------------------------------------


def needs(case: Case, kind: CaseKind, policy: Policy, today: date) -> list[Row]:
    """Return what the current stage needs, each with what it still lacks."""
    if not case.is_open():
        return []
    stage = kind.stage(case.stage)
    lacks: dict[tuple[str, str], list[str]] = defaultdict(list)
    turn = next(iter(powers.next_parties(stage, case)), "")
    given = Given(case, stage, today, standing_answers(case, stage), party=turn)
    for lack in lacking(given):
        # The engine's sentences are Chinese; an English page says only that something is missing.
        lacks[_key(lack.word, lack.field)].append(_whose(lack, case, today))
    rows = [
        {
            "label": _need(need, policy),
            "lacks": lacks.get(_key(need.word, need.field), []),
            "met": _met(need, given),
            "guides": need.word == "verdict" and bool(_follows(need, given)),
            "later": need.word in ("vote", "minutes"),
        }
        for need in stage.needs
    ]
    if stage.at:
        label = _("在%(meeting)s上决定") % {"meeting": said(policy.activity(stage.at))}
        rows.insert(0, {"label": label, "lacks": [], "later": True})
    return rows


def lacks_elsewhere(case: Case, stage: Stage, today: date) -> list[str]:
    """Return what a stage lacks that its form cannot give, and whose work that is: supporters, open tasks, evidence."""
    given = Given(case, stage, today, standing_answers(case, stage))
    return [_whose(lack, case, today) for lack in lacking(given) if lack.word in ELSEWHERE]


def sent_back(case: Case) -> str:
    """Say who sent a case back to where it stands, when and why; empty where it went on since."""
    step = case.steps.exclude(move=Move.ACCEPT).select_related("by").last()
    if step is None or step.move != Move.RETURN:
        return ""
    words = {"who": step.by.called if step.by else _("系统"), "day": long_day(step.day), "why": step.note}
    return _("%(who)s%(day)s退回：%(why)s") % words


def mergeable(case: Case, user: User, today: date) -> list[tuple[str, str]]:
    """Return the other cases of a kind that somebody acts on, the newest first: number, about whom, what was asked."""
    kind = powers.kind_of(case)
    others = [
        one.case
        for one in awaiting.awaiting(user, today)
        if one.case.kind == case.kind and one.case.pk != case.pk
    ]
    others.sort(key=lambda one: one.pk, reverse=True)
    names = names_on(today, {one.about_id for one in others})
    matter = kind.intake.matter if kind.intake else ""
    asked = dict(
        Answer.objects.filter(case__in=others, field=matter).order_by("version").values_list("case", "value")
    )
    return [
        (str(one.pk), f"{one.number} {names.get(one.about_id, '')} {_begun(asked.get(one.pk))}".strip())
        for one in others
    ]


def _begun(text: Any) -> str:
    """Return how a text begins, as much as a line of a list takes."""
    return Truncator(text).chars(LINE) if isinstance(text, str) else ""


def _whose(lack: Lack, case: Case, today: date) -> str:
    """Say what is lacking; of supporters also who names them."""
    sentence = said(lack.sentence)
    if lack.word != "link":
        return sentence
    keepers = Grant.objects.on(today).filter(role__in=[role for role in Role if May.KEEP in ALLOWS[role]])
    users = User.objects.filter(grants__in=keepers, is_active=True).distinct().order_by("called")
    names = [user.called for user in users if keeps_ties(user, case, today)]
    return _("%(lack)s，由%(who)s指定") % {"lack": sentence, "who": _some(names)} if names else sentence


def _key(word: str, field: str) -> tuple[str, str]:
    return (word, field if word == "field" else "")


def _need(need: Need, policy: Policy) -> str:
    match need.word:
        case "field":
            return said(policy.fields[need.field])
        case "vote":
            return _("表决")
        case "minutes":
            return _("会议记录")
        case "link":
            return _("%(link)s配齐") % {"link": said(policy.link(need.link))}
        case "evidence" if need.evidence:
            kinds = _("、").join(said(policy.activity(kind)) for kind in need.evidence.any_of)
            return _("证据：%(kinds)s") % {"kinds": kinds}
        case "verdict":
            return said(policy.table(need.verdict))
        case "drawn":
            return _("交接清单")
        case "standing":
            return _("已列入“%(roll)s”") % {"roll": said(policy.roll(need.standing))}
    return _("“%(kind)s”全部办结") % {"kind": said(policy.case(need.children))}


def _met(need: Need, given: Given) -> str:
    """Say of a need that is met in what way: an answer and evidence are there, a table answered something, a state holds."""
    if need.word in ("field", "evidence"):
        return _("已有")
    if need.word != "verdict":
        return _("已具备")
    verdict = verdict_on(need.verdict, given)
    if verdict.is_incomplete:
        return ""
    follows = _follows(need, given)
    reasons = _("、").join(said(reason) for reason in verdict.reasons)
    if not follows:
        return reasons or _("符合")
    return _("%(reasons)s，应采取：%(follows)s") % {
        "reasons": reasons,
        "follows": _("、").join(dict.fromkeys(follows)),
    }


def _follows(need: Need, given: Given) -> list[str]:
    """Return what a table says is to be done: that is a task for whoever acts, and nothing that is there already."""
    then = verdict_on(need.verdict, given).then
    return [_called(given.policy, str(word)) for one in then for word in _words(one.values())]


def _words(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


def _called(policy: Policy, word: str) -> str:
    """Return what the pack calls a word that a table answers with: an item of some classes, or an entry."""
    items = (item for classes in policy.all("classes", Classes) for item in classes.items if item.id == word)
    entries = (entry for (_kind, name), entry in policy.entries.items() if name == word)
    named = next(items, None) or next(entries, None)
    return said(named) if named else word


def clause(kind: CaseKind, policy: Policy, stage: Stage) -> Row:
    """Return the paper behind a stage: number and article, since when, and whether anybody checked it."""
    cited = policy.cite(kind, clause=stage.clause or kind.clause)
    source = policy.sources.get(kind.source)
    since = _("，%(day)s印发") % {"day": long_day(source.day)} if source and source.day else ""
    return {
        "source": f"{cited}{since}" if cited else "",
        "verified": bool(cited and (cited.verified or cited.fictional)),
        "fictional": bool(cited and cited.fictional),
    }


def buttons(case: Case, stage: Stage, moves: Iterable[Move], policy: Policy) -> Iterator[Row]:
    """Return the moves as buttons, the one that passes the stage on first."""
    kind, signed = powers.kind_of(case), stage.parties and powers.signatures(case)
    pages = dict.fromkeys(
        _button(move, stage, kind, begun=bool(signed)) for move in sorted(moves, key=_weight)
    )  # agree and decline share one
    for place, (label, address) in enumerate(pages):
        yield {
            "label": label,
            "href": reverse(address, args=[case.pk]),
            "kind": "quiet"
            if address in ("case-extension", "case-merger")
            else "primary"
            if place == 0
            else "secondary",
            "posts": address in ("case-receipt", "case-resumption"),
        }


def turn(case: Case, kind: CaseKind, policy: Policy, user: User, today: date) -> Row:
    """Say whose turn it is, in whose hands that is, and until which day; of a deed for two also who can be the second.

    ``{who, second, is_mine}``; `second` is empty where one person is enough.
    """
    ids, users = powers.at_turn(case, today)
    bodies = list(names_on(today, ids).values())[:MANY] or [taken_in(case, today)]
    persons = [one.called for one in users if one.called not in bodies]
    stage, proposal = kind.stage(case.stage), powers.open_proposal(case)
    who = _("、").join(bodies) or waits_for(case, kind, policy, today)
    if persons and (proposal or not stage.two_people):
        who = _("%(body)s（%(people)s）") % {"body": who, "people": _some(persons)}
    others = [one.called for one in users if one.pk != user.pk]
    second = _some(others) if stage.two_people and not proposal else ""
    return {"who": who, "second": second, "mine": user in users or bool(ids & {user.person_id})}


def tasks_with(cases: Iterable[Case], today: date, *, named: bool = False) -> dict[int, str]:
    """Say of each case with whom open tasks below it lie, how many and until when; where `named`, also who is in the role."""
    found = awaiting.tasks_of(cases)
    holders = called((one.holder for some in found.values() for one in some), ruled(today), today)
    return {
        case: _("还在等：%(tasks)s")
        % {"tasks": _("；").join(_lie(one, holders, today, named) for one in some)}
        for case, some in found.items()
    }


def _lie(tasks: awaiting.Tasks, holders: dict[int, str], today: date, named: bool) -> str:
    last = tasks.first.due_on
    words = {
        "who": holders.get(tasks.holder or 0) or _in_role(tasks, today, named),
        "many": tasks.many,
        "day": near_day(last, today.year),
    }
    if last is None:
        return ngettext("%(who)s %(many)d 项任务", "%(who)s %(many)d 项任务", tasks.many) % words
    sentence = ngettext(
        "%(who)s %(many)d 项任务，最早一项%(day)s到期",
        "%(who)s %(many)d 项任务，最早一项%(day)s到期",
        tasks.many,
    )
    return sentence % words


def _in_role(tasks: awaiting.Tasks, today: date, named: bool) -> str:
    roles = powers.policy_for(tasks.first).roles
    role = _("、").join(said(roles[name]) for name in tasks.roles if name in roles)
    if not named:
        return role
    names = list(names_on(today, powers.awaited(tasks.first, today)).values())
    if names:
        return f"{role} {_some(names)}"
    return _("%(role)s（%(where)s）") % {"role": role, "where": taken_in(tasks.first, today)}


def taken_in(case: Case, today: date) -> str:
    """Say which body takes a case in while nobody can act on it."""
    body = powers.taken_in_by(case, today)
    return _("无人在岗，由%(who)s代收") % {"who": names_on(today, [body]).get(body, "")}


def unsighted(case: Case, kind: CaseKind, today: date) -> list[Row]:
    """Return who takes a post over and sees only what lies with it, while its hand-over goes on."""
    if not case.is_open() or not handing.drawn_at(kind):
        return []
    found = handing.unsighted(case.about_id, today)
    names = names_on(today, [one.person for one in found])
    return [{"name": names.get(one.person, ""), "account": one.account} for one in found]


def lists(case: Case, user: User, today: date) -> list[Row]:
    """Return the lists that the system drew up for a case, the newest first, by section."""
    rows = list(case.lists.order_by("-id"))
    numbers = {item["number"] for row in rows for item in row.items if item["what"] in ("tasks", "cases")}
    seen = set(powers.visible(user, today).filter(pk__in=numbers).values_list("pk", flat=True))
    owed = {item["number"] for row in rows for item in row.items if item["what"] == "duties"}
    mine = set(duty_powers.visible(user, today).filter(pk__in=owed).values_list("pk", flat=True))
    return [
        {
            "day": row.day,
            "many": len(row.items),
            "sections": [
                {"label": label(), "items": [line_of(item, seen, mine) for item in found]}
                for section, label in SECTIONS.items()
                if (found := [item for item in row.items if item["what"] == section])
            ],
        }
        for row in rows
    ]


def _some(names: list[str]) -> str:
    """Name the first few."""
    named = _("、").join(names[:MANY])
    return _("%(names)s等 %(many)d 人") % {"names": named, "many": len(names)} if len(names) > MANY else named


def sittings(case: Case, stage: Stage, policy: Policy, user: User, today: date) -> list[Row]:
    """Return the meetings that can decide the case together with all others that wait; last, where to enter one."""
    if not stage.at or not powers.acting(user, case, today):
        return []
    kind = policy.activity(stage.at)
    bodies = activity_powers.may_run(user, policy, kind, today)
    rows = Activity.objects.filter(
        kind=stage.at, run_by__in=bodies, day__gte=case.entered_on, state__in=["held", "planned"]
    )
    found = [
        {
            "label": _("%(day)s的%(meeting)s：一并上会") % {"day": long_day(row.day), "meeting": said(kind)},
            "href": reverse("activity-decisions", args=[row.pk]),
        }
        for row in rows.order_by("-day", "-pk")[:MANY]
    ]
    new = f"{reverse('activity-new')}?kind={stage.at}"
    return [*found, {"label": _("登记一次%(meeting)s，几件一并上会") % {"meeting": said(kind)}, "href": new}]


def _weight(move: Move) -> int:
    first = (Move.SUBMIT, Move.SIGN, Move.PROPOSE, Move.AGREE)
    return -1 if move in first else list(Move).index(move)


def _button(move: Move, stage: Stage, kind: CaseKind, *, begun: bool) -> tuple[str, str]:
    match move:
        case Move.SUBMIT | Move.SIGN | Move.PROPOSE:
            return passing(stage, kind, begun=begun), "case-submission"
        case Move.AGREE | Move.DECLINE:
            return _("复核"), "case-answer"
        case Move.ACCEPT:
            return _("签收"), "case-receipt"
        case Move.RETURN:
            return _("退回"), "case-return"
        case Move.EXTEND:
            return _("延期"), "case-extension"
        case Move.PAUSE:
            return _("中止"), "case-pause"
        case Move.RESUME:
            return _("恢复"), "case-resumption"
        case Move.MERGE:
            return _("并案"), "case-merger"
    return MOVE_WORDS[move](), "case"


def not_theirs(user: User, case: Case, today: date, *wanted: Move) -> str:
    """Say in one sentence who may take a step that is not the asker's now; empty where it is theirs."""
    if set(wanted) & set(powers.moves(user, case, today)):
        return ""
    if Move.WITHDRAW in wanted and case.is_open():
        return "" if case.opened_by == str(user) else _("只有提出这件事项的人可以撤回。")
    if Move.EXTEND in wanted and case.is_open():
        return _who_extends(case)
    if sentence := not_acting(user, case, today):
        return sentence
    stage = powers.kind_of(case).stage(case.stage)
    if powers.decides_own(user, stage, case, today):
        if str(user) in case.barred:
            return _("这件事项涉及您办过的事，请由其他人办理。")
        return _("报送的人不能办理“%(stage)s”，请由其他人办理。") % {"stage": said(stage)}
    if proposal := powers.open_proposal(case):
        own = powers.proposed_by(proposal, user, today)
        return _("您已经提出，请等第二人复核。") if own else _("已有人提出，请先复核。")
    return _("“%(stage)s”这一步不能这样办。") % {"stage": said(stage)}


def not_acting(user: User, case: Case, today: date) -> str:
    """Say in one sentence who acts on a case now; empty where the asker does."""
    if not case.is_open():
        return _("这件事项已经结束，不用再办。")
    if powers.acting(user, case, today):
        return ""
    kind, policy = powers.kind_of(case), powers.policy_for(case)
    return _("“%(stage)s”这一步由%(who)s办理。") % {
        "stage": said(kind.stage(case.stage)),
        "who": waits_for(case, kind, policy, today),
    }


def not_giving(user: User, case: Case, today: date) -> str:
    """Say in one sentence who gives a task to somebody; empty where the asker does."""
    if case.parent is None or not case.is_open():
        return _("这件事项不用分派。")
    if powers.acting(user, case.parent, today):
        return ""
    kind, policy = powers.kind_of(case.parent), powers.policy_for(case.parent)
    return _("这项任务由%(who)s分派。") % {"who": waits_for(case.parent, kind, policy, today)}


def _who_extends(case: Case) -> str:
    limit = powers.kind_of(case).stage(case.stage).clock
    if limit is None or not limit.extended_by or case.due_on is None:
        return _("文件没有规定这一步可以延期。")
    who = said(powers.policy_for(case).roles[limit.extended_by])
    return _("延期由%(who)s批准，承办人不能给自己延期。") % {"who": who}


def passing(stage: Stage, kind: CaseKind, *, begun: bool = False) -> str:
    """Say on a button what passing a stage on is: the deed by the stage's own name, and where the case then goes.

    Of parties in order the first hands the paper in; once that has `begun` the others sign it. Where any one of them
    is enough, nobody signs beside another.
    """
    if stage.parties and stage.parties.rule == "in_order" and not begun:
        return _("报送“%(stage)s”") % {"stage": said(stage)}
    if stage.parties and stage.parties.rule != "any":
        return _("会签“%(stage)s”") % {"stage": said(stage)}
    if stage.at:
        return _("记录%(stage)s决定") % {"stage": said(stage)}
    if stage.two_people:
        return _("提出%(stage)s") % {"stage": said(stage)}
    if stage.outcomes:
        return _("记录%(stage)s") % {"stage": said(stage)}
    following = kind.after(stage)
    if following == END:
        return _("办完“%(stage)s”，办结") % {"stage": said(stage)}
    if kind.stage(following).when:  # which stage comes next depends on what is answered
        return _("办完“%(stage)s”") % {"stage": said(stage)}
    return _("办完“%(stage)s”，转“%(next)s”") % {"stage": said(stage), "next": said(kind.stage(following))}


# --- Beside and below -------------------------------------------------------------------


def tasks(case: Case, policy: Policy, now: datetime) -> list[Row]:
    """Return the cases that belong to this one, with who holds each and how far it is."""
    children = case.children.select_related("edition").defer("edition__texts")
    rows, today = list(children.order_by("pk").annotate(evidence=Count("proofs"))), day_of(now)
    names = called((row.holder_id for row in rows), policy, today)
    english = _labels(policy, case)
    usual = _usual(case, rows, today)
    found = []
    for row in rows:
        word, tag = state_tag(row)
        stage = powers.kind_of(row).stage(row.stage)
        found.append(
            {
                "case": row,
                "label": english.get(row.label, row.label),
                "holder": names.get(row.holder_id or 0, "") or usual,
                "given": bool(row.holder_id),
                "due": due.of_case(row, now),
                "whole": due.of_whole(row, now),
                "state": said(stage) if row.is_open() else word,
                "tag": tag,
                "ended": None if row.is_open() else ended(row),
            }
        )
    return found


def _usual(case: Case, rows: list[Case], today: date) -> str:
    """Name who does the tasks that were given to nobody else: the role of their first stage."""
    if not rows:
        return ""
    role = powers.kind_of(rows[0]).stages[0].role
    question = powers.asked(case, today)
    people = question.role(role) if role else frozenset[int]()
    term = question.policy.roles[role].is_.term if role and not people else None
    posts = question.posts(term) if term else frozenset[int]()
    return _("、").join((names_on(today, people) or called(posts, question.policy, today)).values())


def _labels(policy: Policy, case: Case) -> dict[str, str]:
    stages = policy.case(case.kind).stages
    return {item.label: said(item) for stage in stages if stage.children for item in stage.children.template}


def supports(case: Case, kind: CaseKind, policy: Policy, today: date) -> list[Row]:
    """Return each kind of tie the case needs: who is tied in which role, who is missing, how often they came."""
    names = dict.fromkeys(need.link for stage in kind.stages for need in stage.needs if need.link)
    return [_support(case, name, policy, today) for name in names]


def _support(case: Case, name: str, policy: Policy, today: date) -> Row:
    link = policy.link(name)
    ties = list(
        Link.objects.on(today).filter(kind=name, far=case.about_id).select_related("near").order_by("pk")
    )
    names = names_on(today, (tie.near_id for tie in ties))
    roles = [
        {
            "label": said(role),
            "ties": [
                {"pk": tie.pk, "name": names.get(tie.near_id, ""), "href": address(tie.near)}
                for tie in ties
                if tie.role == key
            ],
        }
        for key, role in link.kinds.items()
    ]
    return {
        "label": said(link),
        "kind": name,
        "roles": roles,
        "visits": visits(case, policy, {tie.near_id for tie in ties}),
    }


def address(subject: Any) -> str:
    """Return the page of a person or an organisation; nothing for what has none."""
    if subject.noun == "organisation":
        return reverse("organisation", args=[subject.pk])
    return reverse("person", args=[subject.pk]) if subject.noun == "person" else ""


def visits(case: Case, policy: Policy, near: set[int]) -> list[Row]:
    """Count what the supporters owe this village and have done since the case was opened."""
    owed = Occurrence.objects.filter(who__in=near, last__gte=case.opened_on)  # ties are persons', not posts'
    sums = owed.values("duty").annotate(done=Sum("done"), needed=Sum("needed")).order_by("duty")
    duties = {duty.name: duty for duty in policy.all("duty", Duty)}
    return [
        {"label": said(duties[row["duty"]]), "done": row["done"], "of": row["needed"]}
        for row in sums
        if row["duty"] in duties
    ]


def answers(case: Case, policy: Policy, today: date) -> list[Row]:
    """Return every answer with its versions, the newest first; an earlier one stays readable.

    Chosen words, such as causes, come before what is written at length; each as the stages ask for them.
    """
    kind = powers.kind_of(case)
    asked, sealed = kind.every_field, intake.sealed(kind)
    versions: dict[str, list[Answer]] = {}
    rows = case.answers.select_related("step__by", "step__edition").defer("step__edition__texts")
    for answer in sorted(rows.order_by("-version"), key=lambda one: (*asked, one.field).index(one.field)):
        versions.setdefault(answer.field, []).append(answer)
    # What is asked no more is read under the edition in which it was answered.
    under = {
        name: policy if name in policy.fields else policy_of(found[0].step.edition)
        for name, found in versions.items()
    }
    shown = [
        {
            "field": name,
            "label": said(under[name].fields[name]) if name in under[name].fields else name,
            "is_class": name in under[name].fields and under[name].fields[name].kind == "class",
            "versions": [
                {
                    "number": one.version,
                    "text": read(under[name], name, one.value, today),
                    "words": _chosen(under[name], name, one.value),
                    "file": _file(under[name], name, one.value),
                    "day": one.step.day,
                    "by": one.step.by.called if one.step.by else "",
                }
                for one in found
            ],
        }
        for name, found in versions.items()
        if name not in sealed
    ]
    return sorted(shown, key=lambda row: not row["is_class"])


def files_answered(case: Case) -> set[int]:
    """Return the files that are answers of a case, in any version."""
    rows = case.answers.select_related("step__edition").defer("step__edition__texts")
    return {file for one in rows if (file := _file(policy_of(one.step.edition), one.field, one.value))}


def _file(policy: Policy, name: str, value: Any) -> int | None:
    spec = policy.fields.get(name)
    return value if spec and spec.kind == "file" and isinstance(value, int) else None


def _chosen(policy: Policy, name: str, value: Any) -> list[str]:
    """Return the words chosen among classes; none where the question was another, or its answer was erased."""
    spec = policy.fields.get(name)
    if spec is None or spec.kind != "class" or not isinstance(value, str | list):
        return []
    given = value if isinstance(value, list) else [value]
    return [said(item) for item in policy.classes(spec.of).items if item.id in given]


def postings(case: Case, user: User, policy: Policy, today: date) -> list[Row]:
    """Return what was paid to the case's subject by this case's deeds."""
    rows = visible_postings(user, today).filter(target__holder=case.about_id, deed__startswith=str(case))
    return [
        {"label": said(policy.ledger(row.ledger)), "amount": row.amount, "day": row.day, "clause": row.clause}
        for row in rows
    ]


def keeps_ties(user: User, case: Case, today: date) -> bool:
    """Say whether somebody keeps the registry where the case's subject stands."""
    return keeps_registry(user, case.about_id, today)


def keeps_registry(user: User, organisation: int, today: date) -> bool:
    """Say whether somebody keeps the registry of an organisation."""
    return organisation in below(frozenset(user.roots(May.KEEP, today)), today)


def release_grounds(policy: Policy, tie: Link, bar: Standing) -> list[tuple[str, str]]:
    """Return the grounds on which a bar lets a tie end, as the pack words them."""
    labels = {
        ground.id: said(ground)
        for entry in policy.entries.values()
        for effects in entry.effects.values()
        for effect in effects
        if effect.bar == {"untie": f"link.{tie.kind}"}
        for ground in effect.released_on
    }
    return [(ground, labels.get(ground, ground)) for ground in bar.value.split()]


def waits_for(case: Case, kind: CaseKind, policy: Policy, today: date) -> str:
    """Name whoever has the next step: the roles of the stage, or the second person."""
    stage = kind.stage(case.stage)
    names = [said(policy.roles[role]) for role in powers.next_parties(stage, case) if role in policy.roles]
    return _("、").join(names) or _("尚未确定承办人")
