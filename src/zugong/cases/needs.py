"""What a stage still lacks: each need of the pack looked at, and said in a sentence with its clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zugong.activities.models import Activity, AgendaItem
from zugong.activities.rules import State
from zugong.cases.models import Case
from zugong.cases.powers import policy_for
from zugong.core.sentences import Sentence
from zugong.packs.keeping import is_erased
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import Evidence, Need, Stage, Voting
from zugong.registry.models import Link, Standing
from zugong.registry.rules import Cardinality
from zugong.rules.judge import judge
from zugong.rules.verdict import Verdict


@dataclass(frozen=True)
class Lack:
    """One thing that is missing: the need's word, the field it belongs to, and the sentence people read."""

    word: str
    field: str
    sentence: Sentence


@dataclass(frozen=True)
class Given:
    """What is at hand when a stage is to be passed."""

    case: Case
    stage: Stage
    day: date
    answers: Mapping[str, Any]
    item: AgendaItem | None = None
    note: str = ""
    party: str = ""  # the role in whose name it is passed
    outcome: str = ""  # with which it is to be passed; some need other things than the stage

    @property
    def policy(self) -> Policy:
        """The policy under which the case was opened."""
        return policy_for(self.case)


def lacking(given: Given) -> list[Lack]:
    """Return everything a stage still lacks, in the order of the pack."""
    lacks = list(_meeting(given)) if given.stage.at else []
    needs = given.stage.needs_for(given.outcome)
    lacks += missing(needs, given)
    children = given.stage.children
    if children and children.case not in {need.children for need in needs}:
        lacks += _children(Need(children=children.case), given)
    return lacks


def missing(needs: Iterable[Need], given: Given) -> list[Lack]:
    """Return which of these needs are not met."""
    return [lack for need in needs for lack in _LOOK[need.word](need, given)]


def remember(case: Case, answered: Mapping[str, Any] | None = None) -> None:
    """Let the answers of a locked case be read once until they change or are forgotten: a deed asks for them often.

    `answered` is what a case that is only being opened was asked: nothing of it is there to be read.
    """
    case.answered = None if answered is None else dict(answered)
    case.versions = {}
    case.remembers = True


def forget(case: Case) -> None:
    """Read the answers of a case anew each time, as everybody may change them now."""
    case.remembers = False


def answers_of(case: Case) -> dict[str, Any]:
    """Return the newest answer to every field of a case."""
    if not case.remembers or case.answered is None:
        rows = list(case.answers.order_by("version").values_list("field", "version", "value"))
        case.versions = {field: version for field, version, _ in rows}
        case.answered = {field: value for field, _, value in rows if not is_erased(value)}
    return dict(case.answered)


def standing_answers(case: Case, stage: Stage) -> dict[str, Any]:
    """Return the answers that count without being given again.

    Where parties pass a stage each for itself its needs are each party's: no answer of one speaks for the next.
    """
    own = {need.field for need in stage.needs} if answers_apart(stage) else set()
    return {name: value for name, value in answers_of(case).items() if name not in own}


def answers_apart(stage: Stage) -> bool:
    """Say whether parties answer each for itself; those that go in order hand on one paper and may change it."""
    return bool(stage.parties and stage.parties.rule != "in_order")


def _meeting(given: Given) -> Iterator[Lack]:
    activity = given.item.activity if given.item else None
    kind = given.policy.activity(given.stage.at)
    if activity is None:
        yield Lack(
            "at",
            "item",
            Sentence("“{stage}”要在{kind}上决定，请选择哪一次会议", stage=given.stage, kind=kind),
        )
    elif activity.kind != given.stage.at:
        yield Lack(
            "at",
            "item",
            Sentence("“{stage}”要在{kind}上决定，所选不是这种会议", stage=given.stage, kind=kind),
        )
    elif activity.state != State.HELD:
        yield Lack("at", "item", Sentence("{day}的{kind}还没有召开", day=activity.day, kind=kind))
    elif activity.day < given.case.entered_on:
        yield Lack(
            "at",
            "item",
            Sentence(
                "{day}的{kind}早于进入本环节的{entered}",
                day=activity.day,
                kind=kind,
                entered=given.case.entered_on,
            ),
        )


def _field(need: Need, given: Given) -> Iterator[Lack]:
    yield from unanswered(given.policy, [need.field], given.answers)


def unanswered(policy: Policy, fields: Iterable[str], answers: Mapping[str, Any]) -> Iterator[Lack]:
    """Yield the fields to which there is no answer."""
    for name in fields:
        if answers.get(name) in (None, "", []):
            yield Lack("field", name, Sentence("请填写“{field}”", field=policy.fields[name]))


def _vote(need: Need, given: Given) -> Iterator[Lack]:
    item = given.item
    if item is None:
        return  # the lack of a meeting has been said
    if item.in_favour is None or item.activity.attended is None or item.activity.should_attend is None:
        figures = {
            "should_attend": item.activity.should_attend,
            "attended": item.activity.attended,
            "in_favour": item.in_favour,
        }
        first = next(name for name, figure in figures.items() if figure is None)
        yield Lack("vote", first, Sentence("请填写应到、实到和赞成、反对、弃权人数"))
    elif need.vote and (short := short_of(need.vote, item, item.activity, given.day)):
        yield Lack("vote", *short)


def short_of(voting: Voting, item: AgendaItem, activity: Activity, day: date) -> tuple[str, Sentence] | None:
    """Say why a vote does not carry, and by which figure: quorum or majority, shares in thousandths. None where it carries."""
    should, came = activity.should_attend or 0, activity.attended or 0
    favour = item.in_favour or 0
    cast = favour + (item.against or 0) + (item.abstained or 0)
    if cast > came:
        return "in_favour", Sentence(
            "赞成、反对、弃权合计 {cast} 人，多于实到 {came} 人，请核对", cast=cast, came=came
        )
    quorum, majority = voting.quorum.on(day), voting.majority.on(day)
    least = 0 if quorum is None else _least(quorum, should)
    if quorum is not None and came < least:
        return "attended", Sentence(
            "应到 {should} 人，实到 {came} 人，未达到规定的到会比例：须达 {share}，至少 {least} 人",
            should=should,
            came=came,
            share=_percent(quorum),
            least=least,
        )
    base = {"should-attend": should, "attended": came, "voted": cast}[voting.of]
    if majority is not None and favour * 1000 <= base * majority:
        return "in_favour", Sentence(
            "赞成 {favour} 人，没有超过规定的比例：以 {base} 人计，须超过 {share}，至少 {least} 人",
            favour=favour,
            base=base,
            share=_percent(majority),
            least=base * majority // 1000 + 1,
        )
    if favour <= (item.against or 0):
        return "in_favour", Sentence(
            "赞成 {favour} 人，反对 {against} 人，没有通过", favour=favour, against=item.against
        )
    return None


def _least(thousandths: int, of: int) -> int:
    """Return how many of so many are a share, as shares are written: 6 of 9 are two thirds, which is 667."""
    return -(-(2 * thousandths - 1) * of // 2000)


def _percent(thousandths: int) -> str:
    whole, tenths = divmod(thousandths, 10)
    return f"{whole}.{tenths}%" if tenths else f"{whole}%"


def _minutes(need: Need, given: Given) -> Iterator[Lack]:
    if given.item and not given.item.activity.minutes.strip():
        yield Lack("minutes", "minutes", Sentence("这次会议还没有会议记录"))


def _link(need: Need, given: Given) -> Iterator[Lack]:
    for role, allowed in given.policy.link(need.link).kinds.items():
        text = allowed.each_to.on(given.day)
        if text is None:
            continue  # an empty cardinality asks for nothing
        count = Link.objects.on(given.day).filter(kind=need.link, role=role, far=given.case.about_id).count()
        if short := Cardinality.read(text).lacks(count):
            yield Lack(
                "link",
                need.link,
                Sentence(
                    "还差 {short} 个“{allowed}”（规定 {wanted} 个，现有 {count} 个）",
                    short=short,
                    allowed=allowed,
                    wanted=Cardinality.read(text),
                    count=count,
                ),
            )


def _evidence(need: Need, given: Given) -> Iterator[Lack]:
    wanted = need.evidence
    assert wanted is not None
    least = wanted.at_least.on(given.day) or 0
    found = kinds_of_evidence(wanted, given.case, given.party if answers_apart(given.stage) else "")
    if len(found) < least:
        kinds = [given.policy.activity(kind) for kind in wanted.any_of]
        yield Lack(
            "evidence",
            "evidence",
            Sentence(
                "须有 {kinds} 中至少 {least} 种证据，现有 {found} 种",
                kinds=kinds,
                least=least,
                found=len(found),
            ),
        )


def kinds_of_evidence(wanted: Evidence, case: Case, party: str = "") -> set[str]:
    """Return the kinds of evidence of this round that count, only a party's own where one is named.

    What is only planned proves nothing yet.
    """
    proofs = case.proofs.filter(round=case.round, kind__in=wanted.any_of, activity__state=State.HELD)
    if party:
        proofs = proofs.filter(party=party)
    return set(proofs.values_list("kind", flat=True))


def _verdict(need: Need, given: Given) -> Iterator[Lack]:
    verdict = verdict_on(need.verdict, given)
    table = given.policy.table(need.verdict)
    if verdict.is_incomplete and not given.note.strip():
        yield Lack(
            "verdict", "note", Sentence("“{table}”：规则不完整，须由办理人说明理由后决定", table=table)
        )
    elif not verdict.is_incomplete and verdict.answer != table.answer[0]:
        reasons = list(verdict.reasons) or verdict.answer
        yield Lack("verdict", "note", Sentence("“{table}”不符合：{reasons}", table=table, reasons=reasons))


def verdict_on(table: str, given: Given) -> Verdict:
    """Judge a case's answers and its subject's rolls by a decision table."""
    entry = given.policy.table(table)
    facts: dict[str, Any] = {}
    for name, fact in entry.facts.items():
        if fact.roll:
            standing = (
                Standing.objects.on(given.day).filter(roll=fact.roll, subject=given.case.about_id).first()
            )
            facts[name] = bool(standing) if fact.type == "tick" else standing and standing.value
        else:
            facts[name] = given.answers.get(fact.field)
    return judge(entry, facts)


def _standing(need: Need, given: Given) -> Iterator[Lack]:
    rows = Standing.objects.on(given.day).filter(roll=need.standing, subject=given.case.about_id)
    if not rows.exists():
        yield Lack(
            "standing", need.standing, Sentence("须先列入“{roll}”", roll=given.policy.roll(need.standing))
        )


def _children(need: Need, given: Given) -> Iterator[Lack]:
    left = given.case.children.filter(kind=need.children).open().count()
    if left:
        yield Lack(
            "children",
            need.children,
            Sentence("还有 {left} 项“{kind}”没有办结", left=left, kind=given.policy.case(need.children)),
        )


def _drawn(need: Need, given: Given) -> Iterator[Lack]:
    if not given.case.lists.exists():
        yield Lack("drawn", "drawn", Sentence("系统还没有列出交接清单，请稍后再办"))


_LOOK = {
    "field": _field,
    "vote": _vote,
    "minutes": _minutes,
    "link": _link,
    "evidence": _evidence,
    "verdict": _verdict,
    "standing": _standing,
    "children": _children,
    "drawn": _drawn,
}
