"""What an address with a number in it points to, for `permissions.csv`. One line for each name of an address.

Each function gets the world and an organisation, makes the object that belongs to it, and returns the address's arguments;
under `sent` what a form there sends, where the address alone does not say what is asked.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from ground import due
from zugong.accounts import actions, drafting, keys
from zugong.accounts.models import Key, Proposal, User
from zugong.accounts.rules import MOVE_CASES, Role
from zugong.activities.models import Activity, Evidence
from zugong.bulletins.models import Approval, Bulletin, BulletinState
from zugong.cases.models import Case, Drawn, Proof, Receipt, RoutingModel, Step
from zugong.core import clock
from zugong.core.files.actions import keep
from zugong.core.journal.actions import export_head
from zugong.core.outbox.actions import Letter, send
from zugong.core.outbox.models import Message
from zugong.core.period import period
from zugong.core.sentences import Sentence
from zugong.duties.models import Answer, Occurrence
from zugong.imports import actions as imports
from zugong.ledgers import actions as ledgers
from zugong.ledgers.models import Account, Motion
from zugong.packs.schema.scorecards import CapList
from zugong.registry import actions as registry
from zugong.registry.models import Link, Subject
from zugong.scorecards import engine
from zugong.scorecards.models import Adjustment, Comment, Hearing, Result, Run, RunState
from zugong.surveys.models import Slip, Survey

Arguments = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A county with two townships and their villages; one user for each role, signed in; and the day."""

    day: date
    organisations: dict[str, Subject]
    users: dict[str, User]
    sessions: dict[str, str]


def somebody(world: World, organisation: Subject | None) -> User:
    """An account with a grant over the organisation."""
    found = User.objects.filter(username="somebody").first()
    if found:
        return found
    made = actions.make_user("somebody", called="某人", day=world.day, by="测试")
    where = organisation or world.organisations["village"]
    actions.grant(made, Role.LIAISON, organisation=where, since=world.day, by="甲", agreed_by="乙")
    return made


def asked_by_nobody(world: World, organisation: Subject | None) -> Arguments:
    """What anybody may ask, whether or not the kind is there: then the page leads back to those that are."""
    return {"kind": "request"}


def asked_by_nobody_there(world: World, organisation: Subject | None) -> Arguments:
    return {"kind": "request", "place": world.organisations["village"].pk}


def request(world: World, organisation: Subject | None) -> Arguments:
    """What somebody outside asked about the organisation: it waits to be sorted."""
    made = Case.objects.create(
        number="诉〔2026〕9001号", kind="request", edition=registry.edition_on(world.day), about=organisation,
        opened_on=world.day, opened_by="asker", stage="sort", state="waiting", entered_on=world.day,
        opened_at=clock.now(), entered_at=clock.now(),
    )  # fmt: skip
    Receipt.objects.create(
        case=made, number=str(100_000_000_000 + made.pk), channel="public", at=clock.instant()
    )
    return {"pk": made.pk, "sent": {"reason": "反馈结果"}}


def routing(world: World, organisation: Subject | None) -> Arguments:
    """A version of routing that is not in use."""
    made = RoutingModel.objects.create(
        kind="request", field="request-class", version=1, trained_on=world.day, trained_by="system", rows=200,
        content=b"1",
    )  # fmt: skip
    return {"pk": made.pk, "sent": {"state": "on"}}


def in_json(world: World, organisation: Subject | None) -> Arguments:
    return {"form": "json"}


def brought(world: World, organisation: Subject | None) -> Arguments:
    """A request that another system brought: whoever asks reads it, without who asked."""
    pk = request(world, world.organisations["village"])["pk"]
    Receipt.objects.filter(case=pk).update(channel="api")
    return {"number": Receipt.objects.get(case=pk).number, "form": "json"}


def key(world: World, organisation: Subject | None) -> Arguments:
    keys.make(f"系统{Key.objects.count()}", by="测试")
    return {"pk": Key.objects.order_by("pk").last().pk}


def account(world: World, organisation: Subject | None) -> Arguments:
    return {"pk": somebody(world, organisation).pk}


def grant(world: World, organisation: Subject | None) -> Arguments:
    return {"pk": somebody(world, organisation).grants.get().pk}


def proposal(world: World, organisation: Subject | None) -> Arguments:
    made = actions.propose(
        actions.RESET_SECOND_FACTOR,
        Sentence("清除二次验证"),
        by=world.users["security-administrator"],
        at=clock.instant(),
        user=somebody(world, organisation).pk,
    )
    return {"pk": Proposal.objects.get(pk=made.pk).pk}


def head(world: World, organisation: Subject | None) -> Arguments:
    return {"pk": export_head(world.day, by="审计管理员").pk}


def organisation(world: World, organisation: Subject | None) -> Arguments:
    assert organisation
    return {"pk": organisation.pk}


def village_or_itself(world: World, organisation: Subject | None) -> Arguments:
    """An organisation that stands on the roll of those who may be supported."""
    assert organisation
    registry.enter("weak-candidates", organisation, since=world.day, by="测试")
    return {"pk": organisation.pk}


def alliance(world: World, organisation: Subject | None) -> Arguments:
    """An alliance that stands under the organisation."""
    found = registry.add(
        "organisation", klass="alliance", name="党建联盟", parent=organisation, since=world.day, by="测试"
    )
    return {"pk": found.pk}


def need_of_alliance(world: World, organisation: Subject | None) -> Arguments:
    """A need on the lists of that alliance."""
    found = alliance(world, organisation)
    under = Subject.objects.get(pk=found["pk"])
    need = registry.add("thing", klass="need", name="量血压", parent=under, since=world.day, by="测试")
    return found | {"need": need.pk}


def person(world: World, organisation: Subject | None) -> Arguments:
    """A member of the organisation."""
    assert organisation
    member = registry.add("person", klass="cadre", name="某人", since=world.day, by="测试")
    registry.join(member, organisation=organisation, since=world.day, by="测试")
    return {"pk": member.pk}


def edition(world: World, organisation: Subject | None) -> Arguments:
    """The pack in force."""
    return {"pk": registry.edition_on(world.day).pk}


@cache
def run_folder() -> str:
    """A frozen run of one unit with one figure, scored once for all cells."""
    at = registry.edition_on(clock.today())
    policy = registry.policy_of(at)
    card = policy.scorecard("village-stars").model_copy(update={"indicators": [], "negative_list": CapList()})
    folder = Path(settings.HOME) / "runs" / "permissions"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    tables = {
        "units": pa.table({"unit": ["unit"]}),
        "registry.appointments": pa.table(
            {"organisation": ["unit"], "post_class": ["branch-secretary"], "person": ["p"]}
        ),
    }
    measures = {"secretaries": policy.measure("secretaries")}
    engine.freeze(folder, tables, plan=engine.plan(card, measures, day=clock.today()), pack_digest="0" * 64)
    engine.score(folder)
    return str(folder.relative_to(settings.HOME))


def run(world: World, organisation: Subject | None, state: str = RunState.PUBLISHED) -> Arguments:
    """A published run in which the organisation has a result."""
    span = period("year", world.day)
    made = Run.objects.create(
        card="village-stars", edition=registry.edition_on(world.day), period=span.name, first=span.first,
        last=span.last, number=1, day=world.day, state=state, folder=run_folder(), digest="0" * 64, by="甲",
        run_at=clock.now(), decided_by="甲",
    )  # fmt: skip
    if organisation:
        Result.objects.create(
            run=made, unit=organisation, key="unit", name="某村", grade="3", effective="3", state="rated"
        )
    return {"pk": made.pk}


def scored_run(world: World, organisation: Subject | None) -> Arguments:
    return run(world, organisation, RunState.SCORED)


def decided_run(world: World, organisation: Subject | None) -> Arguments:
    return run(world, organisation, RunState.DECIDED)


def unit(world: World, organisation: Subject | None) -> Arguments:
    return run(world, organisation) | {"key": "unit"}


def announced_unit(world: World, organisation: Subject | None) -> Arguments:
    """An announced run in which the organisation has a result that may be objected to."""
    made = unit(world, organisation)
    Run.objects.filter(pk=made["pk"]).update(
        state=RunState.ANNOUNCED, decided_on=world.day, announced_on=world.day
    )
    return made


def asked(world: World, organisation: Subject | None) -> Arguments:
    """The organisation itself is asked about its result."""
    made = announced_unit(world, organisation)
    one = Hearing.objects.create(
        result=Result.objects.get(run=made["pk"]), role="village-branch", who=organisation
    )
    return {"pk": made["pk"], "hearing_pk": one.pk}


def commented(world: World, organisation: Subject | None) -> Arguments:
    made = asked(world, organisation)
    file = keep(name="意见.pdf", content=b"%PDF-1.7 said", by="甲")
    Comment.objects.create(
        hearing_id=made["hearing_pk"], text="没有意见", file=file, by="甲", day=world.day, at=clock.now()
    )
    return {"pk": made["pk"], "key": "unit", "file": file.pk}


def proposed(world: World, organisation: Subject | None) -> Arguments:
    """An adjustment of the organisation's grade waits for a second person."""
    made = unit(world, organisation)
    one = Adjustment.objects.create(
        result=Result.objects.get(run=made["pk"]), before="3", after="2", reason="漏录", document="虚构：1号",
        proposed_by="甲", proposed_on=world.day,
    )  # fmt: skip
    return {"pk": made["pk"], "adjustment": one.pk}


def uploaded(world: World, organisation: Subject | None) -> Arguments:
    """What the desk sent in, and nobody else may open."""
    desk = world.users["desk"]
    content = imports.export(desk, "organisation", day=world.day)
    return {"pk": imports.upload(desk, "organisation", file="表.xlsx", content=content, day=world.day).pk}


def book(world: World, organisation: Subject | None) -> Arguments:
    return {"name": "organisation"}


def sheet(world: World, organisation: Subject | None) -> Arguments:
    """The sheet of marks that the organisation gives to its own villages."""
    assert organisation
    return {"rater": organisation.pk, "card": "village-stars", "indicator": "team", "stage": "self"}


def bulletin(world: World, organisation: Subject | None, state: str = BulletinState.ISSUED) -> Arguments:
    span = period("month", world.day)
    made = Bulletin.objects.create(
        kind="monthly", edition=registry.edition_on(world.day), period=span.name, first=span.first,
        last=span.last, as_of=world.day, state=state, facts={"sections": []}, drafted_by="甲",
    )  # fmt: skip
    return {"pk": made.pk}


def draft(world: World, organisation: Subject | None) -> Arguments:
    return bulletin(world, organisation, BulletinState.DRAFT)


def submitted(world: World, organisation: Subject | None) -> Arguments:
    """A bulletin that waits for the department and the standing committee."""
    return bulletin(world, organisation, BulletinState.SUBMITTED)


def approved(world: World, organisation: Subject | None) -> Arguments:
    """A bulletin that both have approved."""
    arguments = submitted(world, organisation)
    for role in ("organisation-department", "standing-committee"):
        Approval.objects.create(bulletin_id=arguments["pk"], role=role, by=role, day=world.day)
    return arguments


def matter(world: World, organisation: Subject | None, stage: str = "follow-up", **more: Any) -> Arguments:
    """A case about the organisation, opened without asking whether the pack would; the township follows it up."""
    given = {
        "number": "整〔2026〕9001号",
        "kind": "rectification",
        "opened_by": "系统",
        "state": "waiting",
        **more,
    }
    made = Case.objects.create(
        edition=registry.edition_on(world.day), about=organisation, opened_on=world.day,
        stage=stage, entered_on=world.day, opened_at=clock.now(), entered_at=clock.now(), **given,
    )  # fmt: skip
    return {"pk": made.pk}


def proposed_matter(world: World, organisation: Subject | None) -> Arguments:
    """A case that somebody of the department has proposed to strike off."""
    arguments = matter(world, organisation, "strike-off", state="underway")
    Step.objects.create(
        case_id=arguments["pk"], edition=registry.edition_on(world.day), round=1, move="propose", stage="strike-off", to_stage="strike-off",
        to_state="underway", party="organisation-department", outcome="struck-off",
        by=somebody(world, world.organisations["office"]), day=world.day, at=clock.now(),
    )  # fmt: skip
    return arguments


def department_matter(world: World, organisation: Subject | None) -> Arguments:
    """A case that the department meeting can send back to the township."""
    return matter(world, organisation, "department-meeting")


def due_matter(world: World, organisation: Subject | None) -> Arguments:
    """A case of the township's, whose deadline only the department moves."""
    return matter(world, organisation, "township-meeting", **due(world.day))


def paused_matter(world: World, organisation: Subject | None) -> Arguments:
    return matter(world, organisation, state="paused", paused_on=world.day)


def matter_of_the_desk(world: World, organisation: Subject | None) -> Arguments:
    """A case that the desk has opened: only who opened one takes it back."""
    return matter(world, organisation, opened_by=str(world.users["desk"]))


def asked_matter(world: World, organisation: Subject | None) -> Arguments:
    """A request that the township sorts, and so may merge."""
    return matter(world, organisation, "sort", kind="request")


def task(world: World, organisation: Subject | None) -> Arguments:
    """A task within a case of the township's."""
    whole = Case.objects.get(pk=matter(world, organisation)["pk"])
    made = Case.objects.create(
        number="任〔2026〕9001号", kind="task", edition=whole.edition, about=organisation, parent=whole,
        opened_on=world.day, opened_by="系统", stage="do", state="waiting", entered_on=world.day, opened_at=clock.now(), entered_at=clock.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def matter_with_list(world: World, organisation: Subject | None) -> Arguments:
    """A case for which the system drew up a list."""
    made = matter(world, organisation)
    Drawn.objects.create(
        case_id=made["pk"],
        round=1,
        day=world.day,
        at=clock.now(),
        items=[{"what": "tasks", "number": 1, "label": "某项任务", "due": ""}],
    )
    return made


def post(world: World, organisation: Subject | None) -> Arguments:
    """A post of the organisation in which nobody is."""
    assert organisation
    made = registry.add(
        "post", klass="branch-secretary", name="书记", parent=organisation, since=world.day, by="测试"
    )
    return {"pk": made.pk}


def _hold(world: World, made: Arguments, **way: Any) -> Arguments:
    member = registry.add("person", klass="cadre", name="某人", since=world.day, by="测试")
    registry.appoint(member, post=Subject.objects.get(pk=made["pk"]), since=world.day, by="测试", **way)
    return made


def post_with_holder(world: World, organisation: Subject | None) -> Arguments:
    """A post that somebody holds."""
    return _hold(world, post(world, organisation))


def post_with_deputy(world: World, organisation: Subject | None) -> Arguments:
    """A post for which a deputy acts."""
    until = world.day + timedelta(days=30)
    return _hold(world, post(world, organisation), kind="deputy", until=until, source="新书记到任前")


def matter_with_file(world: World, organisation: Subject | None) -> Arguments:
    arguments = matter(world, organisation)
    file = keep(name="a.png", content=b"\x89PNG\r\n\x1a\n1", by="甲")
    Proof.objects.create(
        case_id=arguments["pk"], round=1, kind="file", file=file, day=world.day, at=clock.now()
    )
    return arguments | {"file": file.pk}


def matter_with_tie(world: World, organisation: Subject | None) -> Arguments:
    assert organisation
    near = registry.add("person", klass="cadre", name="甲", since=world.day, by="甲")
    since = (world.day, None)
    made = Link.objects.create(
        kind="supporter",
        role="leader",
        near=near,
        far=organisation,
        valid=since,
        recorded=(clock.now(), None),
        by="甲",
    )
    return matter(world, organisation) | {"link": made.pk}


def organisation_with_tie(world: World, organisation: Subject | None) -> Arguments:
    """Somebody is tied to the organisation."""
    link = matter_with_tie(world, organisation)["link"]
    assert organisation
    return {"pk": organisation.pk, "link": link}


def sitting(world: World, organisation: Subject | None) -> Arguments:
    made = Activity.objects.create(
        kind="township-meeting", state="held", day=world.day, run_by=organisation, entered_by="甲",
        entered_at=clock.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def sitting_with_file(world: World, organisation: Subject | None) -> Arguments:
    arguments = sitting(world, organisation)
    file = keep(name="a.png", content=b"\x89PNG\r\n\x1a\n1", by="甲")
    Evidence.objects.create(activity_id=arguments["pk"], file=file)
    return arguments | {"file": file.pk}


def owed(world: World, organisation: Subject | None) -> Arguments:
    """A figure that the organisation owes this year."""
    span = period("year", world.day)
    made = Occurrence.objects.create(
        duty="village-income", edition=registry.edition_on(world.day), who=organisation, first=span.first,
        last=span.last, period=span.name, needed=1,
    )  # fmt: skip
    return {"pk": made.pk}


def answered(world: World, organisation: Subject | None) -> Arguments:
    """A figure that somebody of the organisation has given, and a second person may check."""
    arguments = owed(world, organisation)
    one = Answer.objects.create(
        occurrence_id=arguments["pk"], field="income", version=1, value=1, exact="exact", as_of=world.day,
        source="账簿", by="甲", at=clock.now(),
    )  # fmt: skip
    return arguments | {"sent": {"answer": one.pk}}


def message(world: World, organisation: Subject | None) -> Arguments:
    """A message to somebody else: only they may mark it as read."""
    send(Letter(key="m", to="somebody-else", sentence=Sentence("您有一件待办")))
    return {"pk": Message.objects.get(key="m").pk}


def a_move(world: World, organisation: Subject | None) -> Arguments:
    """A move that the desk asked for."""
    at, by = registry.edition_on(world.day), world.users["desk"]
    made = actions.propose(
        MOVE_CASES, Sentence("换版"), by=by, at=clock.instant(), cases=[], edition=at.pk, reason="新办法"
    )
    return {"pk": made.pk}


def a_period(world: World, organisation: Subject | None) -> Arguments:
    """The period of a rating that the day lies in."""
    return {"card": "village-stars", "day": world.day.isoformat()}


def pack_draft(world: World, organisation: Subject | None) -> Arguments:
    """A draft of the desk's, which nobody else has seen yet."""
    by = world.users["desk"]
    base = registry.edition_on(world.day)
    return {"pk": drafting.begin(by=by, day=world.day, at=clock.instant(), base=base).pk}


def kept_roll(world: World, organisation: Subject | None) -> Arguments:
    """A roll that the organisation department keeps by hand; the desk and the head act for it."""
    return {"name": "model-candidates"}


def on_kept_roll(world: World, organisation: Subject | None) -> Arguments:
    """The organisation stands on it."""
    assert organisation
    registry.enter("model-candidates", organisation, since=world.day, by="测试")
    return kept_roll(world, organisation) | {"pk": organisation.pk}


def kept_ledger(world: World, organisation: Subject | None) -> Arguments:
    return kept_roll(world, organisation) | {"name": "basics-grant"}


def posted(world: World, organisation: Subject | None) -> Arguments:
    """The pool was filled."""
    arguments = kept_ledger(world, organisation)
    ledger = registry.policy_on(world.day).ledger("basics-grant")
    ends = {"source": ledgers.outside(ledger.name), "target": ledgers.pool(ledger.name)}
    made = ledgers.post(ledger, "fill", **ends, amount=1, day=world.day, deed="拨款", by="甲")
    return arguments | {"pk": made.pk}


def entry_of_nobody(world: World, organisation: Subject | None) -> Arguments:
    """An entry in the account of none of them."""
    return {"pk": posted(world, organisation)["pk"]}


def points(world: World, organisation: Subject | None) -> Arguments:
    return kept_roll(world, organisation) | {"name": "points-card"}


def sheet_kind(world: World, organisation: Subject | None) -> Arguments:
    return {"kind": "department-by-villages"}


def ballot_sheet(world: World, organisation: Subject | None) -> Arguments:
    """A sheet about the organisation is open; slips are handed out for it."""
    made = Survey.objects.create(
        kind="year-end-report", edition=registry.edition_on(world.day), about=organisation, round="2025年度",
        opened_on=world.day, opened_by="测试",
    )  # fmt: skip
    return {"pk": made.pk}


def sheet_to_answer(world: World, organisation: Subject | None) -> Arguments:
    """The organisation is asked about another one."""
    survey = ballot_sheet(world, world.organisations["other village"])["pk"]
    return {"pk": Slip.objects.create(survey_id=survey, voter=organisation, klass="members").pk}


def motion(world: World, organisation: Subject | None) -> Arguments:
    """An honour of the village waits for a second person."""
    kept_roll(world, organisation)
    made = Motion.objects.create(
        book="roll", name="honours", verb="enter", subject=world.organisations["village"], reason="文件",
        words={"value": "county", "until": None, "amount": None, "posting": None},
        proposed_by=world.users["desk"], proposed_on=world.day,
    )  # fmt: skip
    return {"pk": made.pk}


def pack_draft_to_put_forward(world: World, organisation: Subject | None) -> Arguments:
    """A draft of the security administrator's: only an administrator puts one forward, and only their own."""
    by = world.users["security-administrator"]
    base = registry.edition_on(world.day)
    return {"pk": drafting.begin(by=by, day=world.day, at=clock.instant(), base=base).pk}


def own_file(world: World, user: User) -> Arguments:
    return {"pk": user.person_id}


def own_message(world: World, user: User) -> Arguments:
    send(Letter(key="own", to=user.username, sentence=Sentence("您有一件待办")))
    return {"pk": Message.objects.get(key="own").pk}


def own_entry(world: World, user: User) -> Arguments:
    """Points that the user was given."""
    ledger = registry.policy_on(world.day).ledger("points-card")
    mine = Account.objects.create(ledger=ledger.name, holder_id=user.person_id)
    ends = {"source": ledgers.outside(ledger.name), "target": mine}
    return {"pk": ledgers.post(ledger, "own", **ends, amount=1, day=world.day, deed="志愿服务", by="甲").pk}


OWN: dict[str, Callable[[World, User], Arguments]] = {
    "person": own_file,
    "message-read": own_message,
    "ledger-dispute": own_entry,
}

OBJECTS: dict[str, Callable[[World, Subject | None], Arguments]] = {
    "open311-discovery": in_json,
    "open311-services": in_json,
    "open311-requests": in_json,
    "open311-service": lambda world, organisation: {"code": "request", "form": "json"},
    "open311-request": brought,
    "open311-token": lambda world, organisation: {"token": "0000", "form": "json"},
    "key-revocation": key,
    "ask-where": asked_by_nobody,
    "request-contact": request,
    "request-exclusion": request,
    "routing-switch": routing,
    "ask-what": asked_by_nobody_there,
    "import": uploaded,
    "import-errors": uploaded,
    "import-confirmation": uploaded,
    "import-undoing": uploaded,
    "import-throwing-away": uploaded,
    "import-new": book,
    "sheet-template": book,
    "sheet-export": book,
    "roll": kept_roll,
    "roll-entry": kept_roll,
    "roll-striking": on_kept_roll,
    "ledger": kept_ledger,
    "ledger-filling": kept_ledger,
    "ledger-payment": kept_ledger,
    "ledger-reversal": posted,
    "ledger-redemption": points,
    "ledger-dispute": entry_of_nobody,
    "survey-new": sheet_kind,
    "survey": ballot_sheet,
    "survey-closing": ballot_sheet,
    "survey-slips": ballot_sheet,
    "survey-answer": sheet_to_answer,
    "motion-answer": motion,
    "case": matter,
    "case-receipt": matter,
    "case-submission": matter,
    "case-answer": proposed_matter,
    "case-return": department_matter,
    "case-extension": due_matter,
    "case-pause": matter,
    "case-resumption": paused_matter,
    "case-withdrawal": matter_of_the_desk,
    "case-merger": asked_matter,
    "case-evidence": matter,
    "case-holder": task,
    "case-ties": matter,
    "case-tie": matter_with_tie,
    "case-file": matter_with_file,
    "case-list": matter_with_list,
    "post": post,
    "post-deputy": post,
    "post-deputy-end": post_with_deputy,
    "post-release": post_with_holder,
    "post-appointment": post,
    "activity": sitting,
    "activity-confirmation": sitting,
    "activity-report": sitting,
    "activity-cancellation": sitting,
    "activity-evidence": sitting,
    "activity-decisions": sitting,
    "activity-file": sitting_with_file,
    "duty": owed,
    "duty-answer": owed,
    "duty-excuse": owed,
    "duty-recount": owed,
    "duty-check": answered,
    "message-read": message,
    "rating": run,
    "rating-recomputation": run,
    "rating-candidates": run,
    "rating-decision": scored_run,
    "rating-what-if": run,
    "rating-what-if-draft": run,
    "draft": pack_draft,
    "draft-changes": pack_draft,
    "draft-file": pack_draft,
    "draft-bringing": pack_draft,
    "draft-forward": pack_draft_to_put_forward,
    "draft-away": pack_draft,
    "draft-archive": pack_draft,
    "rating-publication": decided_run,
    "rating-announcement": decided_run,
    "rating-ties": scored_run,
    "rating-comment": asked,
    "rating-objection": announced_unit,
    "rating-adjustment": unit,
    "rating-adjustment-answer": proposed,
    "rating-file": commented,
    "rating-unit": unit,
    "rating-figure": lambda world, organisation: unit(world, organisation) | {"figure": "secretaries"},
    "rating-grades": lambda world, organisation: {"card": "village-stars"},
    "marks-sheet": sheet,
    "bulletin": bulletin,
    "bulletin-paper": lambda world, organisation: bulletin(world, organisation) | {"kind": "docx"},
    "bulletin-facts": draft,
    "bulletin-removal": draft,
    "bulletin-submission": draft,
    "bulletin-approval": submitted,
    "bulletin-return": submitted,
    "bulletin-issue": approved,
    "pack": edition,
    "pack-sources": edition,
    "pack-running": edition,
    "pack-move": edition,
    "move": a_move,
    "move-answer": a_move,
    "case-edition": matter,
    "rating-edition": scored_run,
    "rating-giving-up": a_period,
    "rating-giving-up-answer": a_period,
    "pack-changes": edition,
    "pack-entry": lambda world, organisation: (
        edition(world, organisation) | {"kind": "scorecard", "name": "village-stars"}
    ),
    "organisation": organisation,
    "alliance": alliance,
    "alliance-matching": need_of_alliance,
    "organisation-ties": village_or_itself,
    "organisation-tie": organisation_with_tie,
    "person": person,
    "account-of": account,
    "account-state": account,
    "grant-ask": account,
    "second-factor-reset": account,
    "grant-revoke": grant,
    "proposal-answer": proposal,
    "journal-head": head,
    "journal-head-file": head,
}
