"""7 Ledgers, rolls and ballots: every account can be filled, every roll entered, every ballot has a minimum."""

from __future__ import annotations

from collections.abc import Iterator

from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Effect
from zugong.packs.schema.ledgers import Ledger
from zugong.packs.schema.registry import Roll
from zugong.packs.schema.surveys import Survey
from zugong.packs.walking import walk


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


def _ballot(policy: Policy, key: Key, survey: Survey) -> Iterator[Finding]:
    """The reader refuses free text; the engine gives the sheet's subject no slip; a minimum must be said here."""
    if survey.secret == "ballot" and survey.minimum.is_empty:  # noqa: S105 - a kind of sheet, no password
        yield say(
            policy, "E702", key, ("minimum",), "无记名测评没有写明最少张数", "写 minimum:，不足的不显示"
        )
