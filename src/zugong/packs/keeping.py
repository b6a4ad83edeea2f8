"""How long records are kept: `keep: {months: 6, after: closed}`. What is erased leaves the rule in its place.

An answer becomes {"erased": rule}, a text becomes the rule. No other change of what only grows is let through by the
database (core.database.operations).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from zugong.core.workdays import months_later
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Keep

ERASED = "已按规定删除"
ENDS = {"closed": "结束", "held": "开展", "settled": "期满", "issued": "印发"}


def ends_on(keep: Keep, happened: date | None) -> date | None:
    """Return the day on which the time is over; None where no time is set or it has not begun to run."""
    if happened is None or not keep.is_set:
        return None
    return months_later(happened, (keep.months or 0) + 12 * (keep.years or 0)) + timedelta(
        days=keep.days or 0
    )


def rule(keep: Keep, label: str, event: str) -> str:
    """Say a rule in words: 闭环“合格”满6个月; 联系方式“结束”即删除."""
    if keep.is_at_once:
        return f"{label}“{ENDS.get(event, event)}”即删除"
    parts = ((keep.years, "年"), (keep.months, "个月"), (keep.days, "天"))
    return f"{label}“{ENDS.get(event, event)}”满{''.join(f'{n}{unit}' for n, unit in parts if n)}"


def of_fields(policy: Policy, names: list[str]) -> Iterator[tuple[str, Keep]]:
    """Yield the fields that are kept for a time of their own."""
    for name in dict.fromkeys(names):
        spec = policy.fields.get(name)
        if spec and spec.keep:
            yield name, spec.keep


def erased(rule: str) -> dict[str, str]:
    """Return what stands in place of an answer."""
    return {"erased": rule}


def is_erased(value: Any) -> bool:
    """Say whether an answer was erased."""
    return isinstance(value, dict) and "erased" in value


def note(rule: str) -> str:
    """Return what stands in place of a text."""
    return f"{ERASED}（{rule}）"
