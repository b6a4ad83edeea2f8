"""7 Ledgers and ballots: every account can be filled; ballots have a minimum and no free text; nobody rates themselves."""

from __future__ import annotations

from collections.abc import Iterator

from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Effect
from zugong.packs.schema.ledgers import Ledger
from zugong.packs.schema.surveys import Survey
from zugong.packs.walking import walk


def found(policy: Policy) -> Iterator[Finding]:
    """Yield ledgers that nothing fills and ballots that could give somebody away."""
    posted = {
        part.post
        for _, entry in entries(policy)
        for _, part in walk(entry.effects)
        if isinstance(part, Effect)
    }
    for key, entry in entries(policy):
        if isinstance(entry, Ledger) and entry.name not in posted:
            yield say(
                policy, "E701", key, (), "没有一件事会往这个台账记账", "在会发生的地方写 effects: … post:"
            )
        if isinstance(entry, Survey):
            yield from _ballot(policy, key, entry)


def _ballot(policy: Policy, key: Key, survey: Survey) -> Iterator[Finding]:
    if survey.secret == "ballot":  # noqa: S105 - a kind of sheet, no password
        if survey.minimum.is_empty:
            yield say(
                policy, "E702", key, ("minimum",), "无记名测评没有写明最少张数", "写 minimum:，不足的不显示"
            )
        for place, question in enumerate(survey.ask):
            if not question.scale:
                yield say(policy, "E703", key, ("ask", place), "无记名测评不能有自由填写的题", "写 scale:")
    for name, voters in survey.voters.items():
        if str(voters.who) == str(survey.about):
            yield say(policy, "E704", key, ("voters", name), "自己评自己", "写 … except about")
