"""3 Adverse: due process is in every adverse kind, and adverse effects on persons come from no other."""

from __future__ import annotations

from collections.abc import Iterator

from zugong.packs.checks.names import noun
from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.common import Effect, Entry

STAGES = {"notice": "告知", "reply": "陈述申辩", "reconsideration": "复核"}
ADVERSE = ("bar", "strike", "release")


def found(policy: Policy) -> Iterator[Finding]:
    """Yield adverse kinds that skip due process, and adverse effects that come from elsewhere."""
    for key, entry in entries(policy):
        if isinstance(entry, CaseKind) and entry.adverse:
            yield from _due_process(policy, key, entry)
        else:
            yield from _from_elsewhere(policy, key, entry)


def _due_process(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    names = {stage.name for stage in kind.stages}
    for name, label in STAGES.items():
        if name not in names:
            yield say(
                policy, "E301", key, ("stages",), f"对人不利的事项缺“{label}”", f"加一个环节 name: {name}"
            )
        elif any(stage.name == name and stage.when for stage in kind.stages):
            yield say(policy, "E302", key, ("stages", name, "when"), f"“{label}”不能跳过", "去掉 when:")
    deciders = {role for stage in kind.stages if stage.outcomes or stage.body for role in stage.doers}
    if len(deciders) < 2 and not any(stage.two_people for stage in kind.stages):
        yield say(
            policy,
            "E303",
            key,
            ("stages",),
            "从头到尾只有一个作决定的",
            "复核换一个机构，或写 two_people: true",
        )
    if kind.keep is None:
        yield say(policy, "E304", key, (), "没有写明记录保存多久", "写 keep:")
    if not kind.seen_by:
        yield say(policy, "E305", key, (), "没有写明谁能看", "写 seen_by:，其他人看不到")
    for event, effects in kind.effects.items():
        for place, effect in enumerate(effects):
            if effect.verb in ("bar", "enter") and not effect.until and effect.months is None:
                at = ("effects", event, place)
                yield say(policy, "E306", key, at, "影响没有到期的日子", "写 months: 或 until:")


def _from_elsewhere(policy: Policy, key: Key, entry: Entry) -> Iterator[Finding]:
    if not _is_about_a_person(policy, entry):
        return
    for event, effects in entry.effects.items():
        for place, effect in enumerate(effects):
            if _is_adverse(policy, effect):
                yield say(
                    policy, "E307", key, ("effects", event, place),
                    f"“{effect.verb}”对人不利，只能出自走完告知、申辩、复核的事项", "写 adverse: true 并补齐环节",
                )  # fmt: skip


def _is_about_a_person(policy: Policy, entry: Entry) -> bool:
    about = getattr(entry, "about", None) or getattr(entry, "who", None)
    return about is not None and noun(policy, about.term) == "person"


def _is_adverse(policy: Policy, effect: Effect) -> bool:
    amounts = [line.value for line in effect.amount.values.values()] if effect.amount else []
    return effect.verb in ADVERSE or any(amount < 0 for amount in amounts)
