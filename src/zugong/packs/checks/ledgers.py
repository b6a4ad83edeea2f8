"""7 Ledgers, rolls and ballots: every account can be filled, every roll entered, every ballot has a minimum."""

from __future__ import annotations

from collections.abc import Iterator

from zugong.packs.checks.names import noun
from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.activities import ActivityKind
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.common import Effect, Entry
from zugong.packs.schema.ledgers import Ledger
from zugong.packs.schema.registry import Roll
from zugong.packs.schema.surveys import Survey
from zugong.packs.walking import walk

AMOUNTS = ("money", "number")  # kinds of field that can say how much


def found(policy: Policy) -> Iterator[Finding]:
    """Yield ledgers that nothing fills, rolls that nobody enters, and ballots that could give somebody away."""
    effects = [
        part for _, entry in entries(policy) for _, part in walk(entry.effects) if isinstance(part, Effect)
    ]
    posted, entered = {part.post for part in effects}, {part.enter for part in effects}
    for key, entry in entries(policy):
        if isinstance(entry, Ledger) and entry.name not in posted and entry.kept_by is None:
            yield say(
                policy,
                "E701",
                key,
                (),
                "没有一件事会往这个台账记账",
                "写 kept_by: 由谁记账，或在会发生的地方写 post:",
            )
        if isinstance(entry, Ledger) and "standing" in entry.once_per and not list(entry.account.rolls()):
            yield say(
                policy, "E703", key, ("once_per",), "每次列入名册只付一次，却没有说是哪本名册", "account: 写 … on 名册",
            )  # fmt: skip
        if isinstance(entry, Ledger):
            yield from _disputes(policy, key, entry)
        yield from _decided(policy, key, entry)
        if isinstance(entry, Roll):
            yield from _roll(policy, key, entry, entered)
        if isinstance(entry, Survey):
            yield from _ballot(policy, key, entry)


def _roll(policy: Policy, key: Key, roll: Roll, entered: set[str | None]) -> Iterator[Finding]:
    if roll.name not in entered and roll.kept_by is None:
        yield say(
            policy, "E704", key, (), "没有一件事会列入这本名册", "写 kept_by: 由谁手工登记，或在会发生的地方写 enter:"
        )  # fmt: skip
    for word in sorted({*roll.words, *roll.english_words} - {*roll.value}):
        yield say(policy, "E705", key, ("words",), f"“{word}”不是这本名册的值", "在 value: 里补上，或者改名")


def _disputes(policy: Policy, key: Key, ledger: Ledger) -> Iterator[Finding]:
    """Whoever has points sees every entry and can dispute it; a dispute is a case that they can open."""
    if ledger.unit == "points" and noun(policy, ledger.account.term) == "person" and not ledger.disputed:
        yield say(policy, "E706", key, (), "个人的积分没有写明怎样提出异议", "写 disputed: 哪一种事项")
    kind = policy.entries.get(("case", ledger.disputed or ""))
    if isinstance(kind, CaseKind) and not (kind.opened_by and "person" in kind.opened_from):
        yield say(
            policy, "E707", key, ("disputed",), f"异议“{kind.name}”没有人能提出", "在事项里写 opened_from: [person] 和 opened_by:"
        )  # fmt: skip


def _decided(policy: Policy, key: Key, entry: Entry) -> Iterator[Finding]:
    """An amount comes from one place; one that was decided is a number that the case asks."""
    asked = set(entry.every_field) if isinstance(entry, CaseKind) else set(policy.fields)
    for path, part in walk(entry):
        if not isinstance(part, Effect) or part.amount_from is None:
            continue
        spec = policy.fields.get(part.amount_from)
        if part.post is None or part.amount is not None:
            yield say(
                policy, "E708", key, (*path, "amount_from"), "amount_from 要和 post 一起写，并且不再写 amount"
            )
        elif part.amount_from not in asked or (spec and spec.kind not in AMOUNTS):
            yield say(
                policy, "E709", key, (*path, "amount_from"),
                f"“{part.amount_from}”不是这里填写的数额", "在 needs 里要它，字段的 kind 写 money 或 number",
            )  # fmt: skip


def _ballot(policy: Policy, key: Key, survey: Survey) -> Iterator[Finding]:
    """The reader refuses free text; the engine gives the sheet's subject no slip; a minimum must be said here."""
    if survey.secret == "ballot" and "minimum" not in survey.model_fields_set:  # noqa: S105 - no password
        yield say(
            policy, "E702", key, ("minimum",), "无记名测评没有写明最少张数",
            "写 minimum:，不足的不显示；还没有定的写 minimum: {values: {}}，定下之前不显示结果",
        )  # fmt: skip
    held = policy.entries.get(("activity", survey.at or ""))
    named = any(voters.who for voters in survey.voters.values())
    if isinstance(held, ActivityKind) and named and held.present != "named":
        yield say(
            policy, "E710", key, ("at",), f"“{held.name}”只记人数，分不出谁到场", "活动写 present: named，或改用 slips: bearer"
        )  # fmt: skip
