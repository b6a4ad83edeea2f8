"""2 Cases, the words of requests: who is named can hold, what is counted can happen, what is sealed is erased."""

from __future__ import annotations

from collections.abc import Iterator

from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.nearest import nearest
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import END, WHOLE, CaseKind, Intake, Stage
from zugong.packs.schema.names import FieldSpec
from zugong.packs.walking import Steps

HOLDERS = ("organisation", "person")


def found(policy: Policy) -> Iterator[Finding]:
    """Yield holders that nobody can name, outcomes that are none, and fields of a request that are not asked."""
    for key, entry in entries(policy):
        if isinstance(entry, CaseKind):
            for place, stage in enumerate(entry.stages):
                yield from _gives(policy, key, stage)
                yield from _for(policy, key, entry, stage)
                yield from _instead(policy, key, stage)
                yield from _asker(policy, key, entry, stage)
                yield from _sample(policy, key, stage, place)
            yield from _intake(policy, key, entry)


def _gives(policy: Policy, key: Key, stage: Stage) -> Iterator[Finding]:
    """Whom a stage gives the case to, it asks: one organisation or person."""
    if stage.gives is None:
        return
    spec = policy.fields.get(stage.gives)
    fits = spec is None or (spec.kind in HOLDERS and not spec.many)
    if not fits or stage.gives not in stage.every_field:
        yield say(
            policy, "E223", key, ("stages", stage.name, "gives"),
            f"“{stage.gives}”说不出由谁承办", "写这一环节 needs: 里问的、只选一个单位或一个人的字段",
        )  # fmt: skip


def _for(policy: Policy, key: Key, kind: CaseKind, stage: Stage) -> Iterator[Finding]:
    """For whom a stage opens a task each is asked before it, and more than one may be open about the same subject."""
    if stage.children is None or stage.children.for_ is None:
        return
    at: Steps = ("stages", stage.name, "children", "for")
    field, child = stage.children.for_, policy.entries.get(("case", stage.children.case))
    asked = {
        *kind.at_opening,
        *(name for other in kind.stages if other != stage for name in other.every_field),
    }
    spec = policy.fields.get(field)
    if (spec and spec.kind not in HOLDERS) or field not in asked:
        yield say(policy, "E224", key, at, f"“{field}”说不出叫谁来", "写在这之前问的、选单位或人的字段")
    if isinstance(child, CaseKind) and child.once:
        yield say(policy, "E224", key, at, f"“{child.name}”同时只能有一件，叫不来几家", '在它那里写 once: ""')


def _instead(policy: Policy, key: Key, stage: Stage) -> Iterator[Finding]:
    for outcome in stage.instead:
        if outcome not in stage.outcomes:
            yield say(
                policy, "E225", key, ("stages", stage.name, "instead", outcome),
                f"没有叫“{outcome}”的结果", nearest(outcome, stage.outcomes),
            )  # fmt: skip


def _asker(policy: Policy, key: Key, kind: CaseKind, stage: Stage) -> Iterator[Finding]:
    """Who asked passes a stage alone: no meeting, no parties, no second person; and somebody must have asked."""
    if stage.asker and (stage.two_people or stage.parties or stage.at or kind.intake is None):
        yield say(
            policy, "E226", key, ("stages", stage.name, "asker"),
            "提出诉求的人一个人办不了这一环节", "去掉 two_people:、parties:、at:；没有 intake: 的事项不写 asker:",
        )  # fmt: skip


def _sample(policy: Policy, key: Key, stage: Stage, place: int) -> Iterator[Finding]:
    """A lot is drawn when a stage is reached, never where every case begins; a share is at most the whole."""
    shares = [line.value for line in stage.sample.values.values() if line.value is not None]
    if shares and (place == 0 or any(not 0 <= share <= WHOLE for share in shares)):
        yield say(
            policy, "E227", key, ("stages", stage.name, "sample"),
            "抽查的比例在千分之 0 到 1000 之间，第一个环节不抽", "改比例，或写在后面的环节",
        )  # fmt: skip


def _intake(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    intake = kind.intake
    if intake is None:
        return
    anywhere, opening = kind.every_field, kind.at_opening
    for word, kinds, asked in (
        ("matter", ("text",), kind.asks),
        ("spot", ("text",), opening),
        ("sorts", ("class", "organisation"), anywhere),
        ("contact", ("text",), opening),
        ("against", ("person",), opening),
    ):
        field = getattr(intake, word)
        spec = policy.fields.get(field or "")
        if spec and (spec.kind not in kinds or field not in asked):
            yield say(
                policy, "E228", key, ("intake", word),
                f"“{field}”不能作 {word}:", f"要 kind: {' 或 '.join(kinds)}，并且问到它（{'、'.join(asked)}）",
            )  # fmt: skip
    if "api" in intake.channels and intake.spot is None:
        yield say(
            policy, "E231", key, ("intake", "channels"),
            "从别的系统来的诉求带着地址，这里没有字段放它",
            "写 spot: 和一个 kind: text 的字段，在 asks: 或 may_ask: 里问；不接别的系统就去掉 api",
        )  # fmt: skip
    outcomes = {outcome for stage in kind.stages for outcome in stage.outcomes}
    for fact, named in intake.counts.items():
        for outcome in named:
            if outcome not in outcomes:
                yield say(
                    policy, "E229", key, ("intake", "counts", fact),
                    f"没有叫“{outcome}”的结果", nearest(outcome, outcomes),
                )  # fmt: skip
    yield from _beyond(policy, key, kind, intake)
    contact = policy.fields.get(intake.contact or "")
    if contact and not _goes_in_time(contact):
        yield say(
            policy, "E230", key, ("intake", "contact"),
            f"“{intake.contact}”没有写明办结后保存多久，或者要多留几天没有写依据",
            "在字段上写 keep: {days: 0, after: closed}；要多留几天的，写天数和 clause:",
        )  # fmt: skip


def _beyond(policy: Policy, key: Key, kind: CaseKind, intake: Intake) -> Iterator[Finding]:
    """What is said against the top of the county has a stage of its own at which it is passed up, and ends there."""
    stage = next((one for one in kind.stages[1:] if one.name == intake.beyond), None)
    ends = stage is not None and set(stage.outcomes.values()) == {END}
    if bool(intake.against) != bool(intake.beyond) or (intake.beyond and not ends):
        yield say(
            policy, "E243", key, ("intake", "beyond"),
            "反映的是县里管着所有经办单位的人时，没有地方转",
            "写 beyond: 一个环节（不是第一个），由谁转送上一级、转给谁，它的结果都是 end",
        )  # fmt: skip


def _goes_in_time(contact: FieldSpec) -> bool:
    """Say whether a contact is erased once the request is closed, or so many days later as a paper says."""
    keep = contact.keep
    if keep is None or not keep.is_set or keep.after != "closed":
        return False
    return keep.is_at_once or bool(contact.clause)
