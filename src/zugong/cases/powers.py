"""Who may see a case, and who may take the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import May
from zugong.cases import aside
from zugong.cases.models import Case, CaseQuerySet, Step
from zugong.cases.rules import Move, State
from zugong.core.errors import PackErrors
from zugong.core.once import asked_once
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind, Stage
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term
from zugong.registry.actions import policy_of
from zugong.registry.answering import chain, deputised, receiving
from zugong.registry.models import Appointment, Edition, Particulars, Subject, acting_on, parents_on
from zugong.registry.powers import is_among, mine, stood_in_for, ties
from zugong.registry.reversing import ABOUT, HOLDER, Reversed
from zugong.registry.rules import ORGANISATION, PERSON, POST, THING
from zugong.registry.selecting import Asked, Ids, acting_for, below

NOBODY: Ids = frozenset()
BY_HAND = frozenset({"person", "report"})
OUTSIDE = (
    PERSON,
    THING,
    "holder",
    "link",
    "opener",
)  # words that can mean what stands in no organisation's tree
DECIDING = (Move.SUBMIT, Move.AGREE, Move.SIGN, Move.PROPOSE)


def visible(asker: User, day: date) -> CaseQuerySet:
    """Return the cases an asker may see: about organisations below their grants, to which ties lead, or about their posts.

    Besides these: what they, or those below them, hold, and to what it belongs; what they brought in; what they keep
    track of. Of a kind that says `seen_by`, that is adverse, or about a person or a thing, which stand below nobody: those on which
    they act, or somebody below them does, and those it names them for. Nobody sees those whose rules cannot be read.
    """
    roots = frozenset(asker.roots(May.SEE, day)) | stood_in_for(asker, day)
    me = _mine(asker, day)
    held = me | below(roots, day)
    called_for = Case.objects.filter(holder__in=held, parent__isnull=False).values("parent")
    own = Q(holder__in=held) | Q(pk__in=called_for) | Q(about__in=me) | Q(opened_by=str(asker))
    led = Q(about__in=ties(asker, May.SEE, day).values("far"))
    open_to_all = Q(about__in=below(roots, day)) | led | own | _tracked(me, day)
    kinds = _kinds()
    if kinds.unread:
        open_to_all &= ~Q(edition__in=kinds.unread)
    if not kinds.kept:
        return Case.objects.filter(open_to_all)
    return Case.objects.filter((open_to_all & ~kinds.are_kept) | _read(asker, day))


@dataclass(frozen=True)
class Kinds:
    """What the kinds of case say about who sees them, each with its edition, of all editions under which cases stand."""

    kept: list[tuple[Edition, CaseKind]]  # not for all below a grant
    tracked: list[tuple[Edition, CaseKind]]  # somebody keeps track of them
    unread: list[Edition]  # texts of another version: nobody can say whom their cases are for

    @property
    def are_kept(self) -> Q:
        """Keep the cases that not all below a grant may see."""
        return Q(*(Q(edition=edition, kind=kind.name) for edition, kind in self.kept), _connector=Q.OR)


@asked_once
def _kinds() -> Kinds:
    """Walk the editions under which there are cases."""
    found = Kinds([], [], [])
    for edition in Edition.objects.of(Case.objects.all()):
        try:
            kinds = policy_of(edition).all("case", CaseKind)
        except PackErrors:
            found.unread.append(edition)
            continue
        found.kept.extend((edition, kind) for kind in kinds if _is_kept(kind))
        found.tracked.extend((edition, kind) for kind in kinds if kind.tracked_by)
    return found


def _is_kept(kind: CaseKind) -> bool:
    """Say whether not all below a grant may see a kind: it says who may, is adverse or against an official, or about a person or a thing."""
    return bool(kind.seen_by or kind.adverse or _outside(kind.about.term) or _is_against(kind))


def _tracked(me: Ids, day: date) -> Q:
    """Keep the cases of which somebody keeps track."""
    found = Q(pk=None)
    for edition, kind in _kinds().tracked:
        about = Reversed(Asked(policy_of(edition), day, acting=True)).role(kind.tracked_by, me)
        here = Q(edition=edition, kind=kind.name)
        found |= here if about is None else here & Q(about__in=about)
    return found


def _is_against(kind: CaseKind) -> bool:
    return bool(kind.intake and kind.intake.against)


def _outside(term: Term) -> bool:
    """Say whether a selector can mean what stands in no organisation's tree: a person, a thing."""
    match term:
        case Named(lead):
            return lead in OUTSIDE
        case OnRoll(inner) | Sample(_, inner):
            return _outside(inner)
        case Joined(left, _, right):
            return _outside(left) or _outside(right)
    return False


@asked_once
def _read(asker: User, day: date) -> Q:
    """Keep what an asker reads of the kinds that not all below a grant may see."""
    over = _mine(asker, day) | below(frozenset(asker.roots(May.SEE, day)), day)
    had = Step.objects.filter(by=asker).values("case")
    theirs = Q(opened_by=str(asker)) | Q(holder__in=over) | Q(pk__in=had)
    kinds, found = _kinds(), Q(pk=None)
    there = set(Case.objects.filter(kinds.are_kept).values_list("edition", "kind").distinct())
    for edition, kind in kinds.kept:
        if (edition.pk, kind.name) not in there:
            continue
        here = Q(edition=edition, kind=kind.name)
        turned = Reversed(Asked(policy_of(edition), day, acting=True))
        roles = [Selector(role, Named(role)) for role in _roles(kind)]
        if _is_against(kind) or not all(map(turned.is_exact, (*roles, *kind.seen_by))):
            found |= Q(pk__in=_read_one_by_one(asker, edition, kind, day))
            continue
        found |= here & theirs
        for selector in roles:
            found |= here & _meant(turned, selector, over)
        for selector in kind.seen_by:
            found |= here & _meant(turned, selector, _mine(asker, day))
    return found


def _meant(turned: Reversed, selector: Selector, mine: Ids) -> Q:
    """Keep the cases from whose subject, or holder, a selector would mean one of mine."""
    found = Q(pk=None)
    for word in (ABOUT, HOLDER):
        ids = replace(turned, word=word).find(selector, mine)
        found |= ~Q(pk=None) if ids is None else Q(**{f"{word}__in": ids})
    return found


def _roles(kind: CaseKind) -> set[str]:
    return {role for stage in kind.stages for role in stage.doers} | {kind.tracked_by} - {""}


def _read_one_by_one(asker: User, edition: Edition, kind: CaseKind, day: date) -> list[int]:
    """Return what an asker reads where each case says for itself who keeps out of it."""
    found = []
    for one in Case.objects.filter(edition=edition, kind=kind.name).select_related("about", "holder"):
        one.edition = edition
        if _reads(asker, one, day):
            found.append(one.pk)
    return found


def _reads(asker: User, case: Case, day: date) -> bool:
    question = asked(case, day)
    kind = kind_of(case)
    out = aside.kept_out(kind, case, day)
    if out & _one_with(asker, day):
        return False
    if out:
        acting = _ever_doing(kind, case, out, day)
    else:
        acting = NOBODY.union(*(question.role(role) for role in _roles(kind)))
    if case.holder_id:
        acting |= {case.holder_id}
    return (
        bool(acting & (_mine(asker, day) | below(frozenset(asker.roots(May.SEE, day)), day)))
        or case.opened_by == str(asker)
        or case.steps.filter(by=asker).exists()
        or is_among(asker, kind.seen_by, question)
    )


def _ever_doing(kind: CaseKind, case: Case, out: Ids, day: date) -> Ids:
    """Return who acts at any stage of what is said against somebody; who passes it up, only where it is passed up."""
    stages = [stage for stage in kind.stages if stage.name in (case.stage, *_elsewhere(kind))]
    return NOBODY.union(*(ids for one in stages for ids in _doers_at(one, kind, case, out, day).values()))


def _elsewhere(kind: CaseKind) -> list[str]:
    return [stage.name for stage in kind.stages if stage.name != beyond(kind)]


def case(asker: User, pk: int, day: date) -> Case:
    """Return a case that the asker may see. Raises Case.DoesNotExist as for one that is not there.

    Raises PackErrors for one whose rules are of another version.
    """
    found = visible(asker, day).select_related("about", "edition", "parent").defer("edition__texts")
    try:
        return found.get(pk=pk)
    except Case.DoesNotExist:
        for one in Case.objects.filter(pk=pk).select_related("edition"):
            policy_for(one)
        raise


def policy_for(case: Case) -> Policy:
    """Return the policy under which a case goes on."""
    return policy_of(case.edition)


def kind_of(case: Case) -> CaseKind:
    """Return the kind of a case, as its edition has it."""
    return policy_for(case).case(case.kind)


def kind_at(step: Step) -> CaseKind:
    """Return the kind of a step's case, as it stood when the step was taken."""
    return policy_of(step.edition).case(step.case.kind)


def asked(case: Case, day: date) -> Asked:
    """Lend a case's words to selectors."""
    return asked_of(policy_for(case), _only(case.about_id), _only(case.holder_id), day)


def asked_of(policy: Policy, about: Ids, holder: Ids, day: date) -> Asked:
    """Lend the words of a case to selectors; of one that is not opened yet, whatever it could be about."""
    return Asked(policy, day, {"about": about, "holder": holder}, acting=True)


def _only(subject: int | None) -> Ids:
    return frozenset({subject}) if subject else NOBODY


def doers(case: Case, day: date) -> dict[str, Ids]:
    """Return role → organisations and persons that can act on the current stage. Empty: no owner yet."""
    kind = kind_of(case)
    return _doers_at(kind.stage(case.stage), kind, case, aside.kept_out(kind, case, day), day)


def _doers_at(stage: Stage, kind: CaseKind, case: Case, out: Ids, day: date) -> dict[str, Ids]:
    question = asked(case, day)
    found = {role: question.role(role) for role in stage.doers}
    if case.parent_id and stage.role and case.holder:
        # A deliverable belongs to whom or to which post it was given.
        found = {stage.role: _in(case.holder, day)}
    if not out:
        return found
    if stage.name == beyond(kind):
        return aside.passes_up(found, out)
    return {role: aside.gives_way(ids, out, day) for role, ids in found.items()}


def beyond(kind: CaseKind) -> str:
    """Return the stage at which what is said against the top of the county is passed up; empty where there is none."""
    return (kind.intake and kind.intake.beyond) or ""


def goes_beyond(name: str, kind: CaseKind, case: Case, said: Mapping[str, Any], day: date) -> bool:
    """Say whether a stage falls to nobody in the county: all who could act there answer to whom the case is against."""
    out = aside.kept_out(kind, case, day, said) if beyond(kind) else NOBODY
    return bool(out) and not any(_doers_at(kind.stage(name), kind, case, out, day).values())


def _in(holder: Subject, day: date) -> Ids:
    """Return a person or organisation itself; of a post, who acts for it that day."""
    return acting_for(frozenset({holder.pk}), day) if holder.noun == POST else frozenset({holder.pk})


def answerable(case: Case, day: date) -> Ids:
    """Return who answers for the next step: whom it waits for, or the body that takes it in while nobody is there."""
    return awaited(case, day) or _only(taken_in_by(case, day)) - aside.kept_out(kind_of(case), case, day)


def taken_in_by(case: Case, day: date) -> int:
    """Return the body that takes in a case for which nobody can act: above the empty post, else above what it is about."""
    body = _taken_in_by(case, day)
    out = aside.kept_out(kind_of(case), case, day)
    return min(aside.gives_way(_only(body), out, day), default=body)


def _taken_in_by(case: Case, day: date) -> int:
    posts = _posts(case, day)
    bodies = receiving(posts, day)
    if bodies:
        return min(bodies.values())
    return parents_on(day, [case.about_id]).get(case.about_id) or _top(case, day)


def _posts(case: Case, day: date) -> Ids:
    return _only(case.holder_id) if _is_given_to_post(case) else posts_meant(case, day)


def empty_posts(case: Case, day: date) -> Ids:
    """Return the posts that should take the next step and in which nobody is."""
    posts = _posts(case, day)
    filled = acting_on(day).filter(post__in=posts).values_list("post_id", flat=True)
    return posts - frozenset(filled)


def _is_given_to_post(case: Case) -> bool:
    return bool(case.parent_id and case.holder and case.holder.noun == POST)


def _top(case: Case, day: date) -> int:
    """Return what stands above a person's or a thing's place; where none does, the county itself."""
    there = Particulars.objects.on(day).filter(subject__noun=ORGANISATION)
    if there.filter(subject=case.about).exists():
        return case.about_id
    posts = Appointment.objects.on(day).filter(person=case.about).values("post")
    owner = Particulars.objects.on(day).filter(subject__in=posts, parent__isnull=False).first()
    top = there.filter(parent=None).order_by("subject").first()
    return (owner.parent_id if owner else None) or (top.subject_id if top else case.about_id)


def posts_meant(case: Case, day: date) -> Ids:
    """Return the posts through whose holders the parties whose turn it is are found."""
    question = asked(case, day)
    terms = [
        question.policy.roles[role].is_.term for role in next_parties(kind_of(case).stage(case.stage), case)
    ]
    return NOBODY.union(*(question.posts(term) for term in terms))


def awaited(case: Case, day: date) -> Ids:
    """Return whom the stage waits for: of several parties, those whose turn it is. Empty: no owner yet."""
    turn = next_parties(kind_of(case).stage(case.stage), case)
    return NOBODY.union(*(ids for role, ids in doers(case, day).items() if role in turn))


def acting(asker: User, case: Case, day: date) -> list[str]:
    """Return the roles of the current stage in whose name an asker may act, in the stage's order."""
    mine = _mine(asker, day)
    kind = kind_of(case)
    if aside.kept_out(kind, case, day) & _one_with(asker, day):
        return []
    turn = next_parties(kind.stage(case.stage), case)
    return [role for role, ids in doers(case, day).items() if role in turn and ids & mine]


def may_open(asker: User, entry: CaseKind, policy: Policy, about: Subject, day: date) -> bool:
    """Say whether somebody may open a case of a kind about a subject by hand: only whom the pack names."""
    if not by_hand(entry):
        return False
    question = Asked(policy, day, {"about": frozenset({about.pk}), "opener": _mine(asker, day)})
    return bool(question.role(entry.opened_by) & _mine(asker, day))


def openable(asker: User, policy: Policy, day: date) -> list[tuple[CaseKind, Ids]]:
    """Return the kinds of case that somebody may open by hand, each with the subjects about which they may."""
    own = _mine(asker, day)
    found = [(entry, _open_to(own, entry, policy, day)) for entry in policy.all("case", CaseKind)]
    return [(entry, about) for entry, about in found if about]


def open_to(asker: User, entry: CaseKind, policy: Policy, day: date) -> Ids:
    """Return the subjects about which somebody may open cases of a kind by hand."""
    return _open_to(_mine(asker, day), entry, policy, day)


def _open_to(own: Ids, entry: CaseKind, policy: Policy, day: date) -> Ids:
    if entry.opened_by not in policy.roles or not by_hand(entry):
        return NOBODY
    theirs = Reversed(Asked(policy, day)).role(entry.opened_by, own)
    if theirs == NOBODY:
        return NOBODY
    about = Asked(policy, day).find(entry.about)
    return about if theirs is None else about & theirs


def by_hand(entry: CaseKind) -> bool:
    """Say whether persons open cases of a kind, and not only what happens elsewhere."""
    return bool(entry.opened_by and BY_HAND & set(entry.opened_from))


def may_give(asker: User, case: Case, day: date) -> bool:
    """Say whether somebody gives a task to another: who acts on what it belongs to, or the body that takes it in."""
    parent = case.parent
    if parent is None:
        return False
    return bool(acting(asker, parent, day)) or taken_in(asker, case, day) or taken_in(asker, parent, day)


def taken_in(asker: User, case: Case, day: date) -> bool:
    """Say whether nobody can act on a case and the asker speaks for the body that takes it in."""
    if awaited(case, day) or aside.kept_out(kind_of(case), case, day) & _one_with(asker, day):
        return False
    return taken_in_by(case, day) in _mine(asker, day)


def may_reopen(asker: User, case: Case, day: date) -> bool:
    """Say whether somebody may let an ended case go on: who ends it, or who took it back."""
    if case.state == State.WITHDRAWN:
        return case.opened_by == str(asker)
    return case.state == State.CLOSED and bool(acting(asker, case, day))


def decides_own(asker: User, stage: Stage, case: Case, day: date) -> bool:
    """Say whether the asker passed a stage whose submitter may not pass this one, or the case questions their work.

    A deputy and those for whom they act are one.
    """
    if stage.outcomes and str(asker) in case.barred:
        return True
    if not stage.not_by:
        return False
    passed = case.steps.filter(stage__in=stage.not_by, move__in=DECIDING)
    return passed.filter(taken_by(asker, day)).exists()


def taken_by(asker: User, day: date) -> Q:
    """Keep the steps that somebody took, or that were taken for them, or by those for whom they act today."""
    one = chain(asker.person_id, day)
    return Q(by=asker) | Q(by__person__in=one) | Q(instead_of__in=one)


def proposed_by(proposal: Step, asker: User, day: date) -> bool:
    """Say whether a proposal is the asker's own: theirs, of those for whom they act, or made for them."""
    return Step.objects.filter(taken_by(asker, day), pk=proposal.pk).exists()


def instead_of(asker: User, case: Case, role: str, day: date) -> Subject | None:
    """Return for whom somebody acts as a deputy in a role: the person, or the post while it is empty; None in their own right."""
    posts = deputised(asker.person_id, day)
    if not posts or not role:
        return None
    if _is_given_to_post(case):
        meant = _only(case.holder_id)
    else:
        question = asked(case, day)
        if replace(question, acting=False).role(role) & {asker.person_id, *asker.roots(May.ACT, day)}:
            return None
        meant = question.posts(question.policy.roles[role].is_.term)
    through = sorted(meant & posts.keys())
    return Subject.objects.get(pk=posts[through[0]] or through[0]) if through else None


def _one_with(asker: User, day: date) -> Ids:
    """Return whom the asker speaks for, and those for whom they act: they see what these see."""
    return _mine(asker, day) | stood_in_for(asker, day) | chain(asker.person_id, day)


def _mine(asker: User, day: date) -> Ids:
    return mine(asker, day)


def at_turn(case: Case, day: date) -> tuple[Ids, list[User]]:
    """Return whose turn it is: organisations and persons, and of the organisations' people those who may act now.

    Once somebody has proposed, these are the people who can be the second person.
    """
    who = awaited(case, day)
    granted = Q(grants__in=Grant.objects.on(day).filter(organisation__in=who))
    users = User.objects.filter(granted | Q(person__in=who), is_active=True)
    stage, proposal = kind_of(case).stage(case.stage), open_proposal(case)
    return who, [
        user
        for user in users.distinct().order_by("called")
        if who & {user.person_id, *user.acts_for(day)}
        and not decides_own(user, stage, case, day)
        and not (proposal and proposed_by(proposal, user, day))
    ]


def moves(asker: User, case: Case, day: date) -> list[Move]:
    """Return the moves that the table allows and the asker may make now, in the order of the buttons."""
    roles = acting(asker, case, day)
    if not case.is_open():
        return []
    if not roles:
        return [Move.EXTEND] if extending(asker, case, day) else []
    stage = kind_of(case).stage(case.stage)
    if case.state == State.PAUSED:
        return [Move.RESUME]
    own = decides_own(asker, stage, case, day)
    if proposal := open_proposal(case):
        return [] if own or proposed_by(proposal, asker, day) else [Move.AGREE, Move.DECLINE]
    found = [Move.ACCEPT] if case.state == State.WAITING else []
    if not own:
        found.append(submitting(stage, roles, case))
    if stage.return_:
        found.append(Move.RETURN)
    if stage.clock and stage.clock.pausable and case.state == State.UNDERWAY:
        found.append(Move.PAUSE)
    if kind_of(case).intake and case.parent_id is None:
        found.append(Move.MERGE)
    return found


def extending(asker: User, case: Case, day: date) -> str:
    """Return the role in whose name the asker may set a later deadline; empty for whoever is bound by it."""
    clock = kind_of(case).stage(case.stage).clock
    role = clock.extended_by if clock else ""
    decides = role and asked(case, day).role(role) & _mine(asker, day)
    return role if decides and case.due_on and not acting(asker, case, day) else ""


def submitting(stage: Stage, roles: list[str], case: Case) -> Move:
    """Say which move passes a stage on: proposing where two people are needed, signing where parties remain."""
    if stage.two_people:
        return Move.PROPOSE
    if stage.parties and remaining(stage, case, also=set(roles[:1])):
        return Move.SIGN
    return Move.SUBMIT


def open_proposal(case: Case) -> Step | None:
    """Return the proposal of this round that waits for a second person; where one is enough, nobody proposes."""
    if not kind_of(case).stage(case.stage).two_people:
        return None
    steps = case.steps.filter(round=case.round, move=Move.PROPOSE, answered_by=None)
    return steps.select_related("by").last()


def signatures(case: Case) -> list[str]:
    """Return the parties that have signed in this round, in the order in which they did."""
    steps = case.steps.filter(round=case.round, move__in=[Move.SIGN, Move.SUBMIT]).exclude(party="")
    return list(steps.values_list("party", flat=True))


def remaining(stage: Stage, case: Case, *, also: set[str]) -> list[str]:
    """Return the parties that must still sign once these have, too."""
    assert stage.parties is not None
    done = set(signatures(case)) | also
    left = [name for name in stage.parties.names if name not in done]
    match stage.parties.rule:
        case "any":
            return [] if done & set(stage.parties.names) else left
        case "lead":
            return left[:1] if stage.parties.names[0] in left else []
        case "n":
            return left if len(done) < (stage.parties.n or 1) else []
    return left


def next_parties(stage: Stage, case: Case) -> list[str]:
    """Return the parties that may sign now: the next one where they go in order, else all that have not.

    Where the lead decides, the others may be heard before it and need not.
    """
    if stage.parties is None:
        return stage.doers
    signed = set(signatures(case))
    left = [name for name in stage.parties.names if name not in signed]
    return left[:1] if stage.parties.rule == "in_order" else left
