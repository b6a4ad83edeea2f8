"""6 Burden: minutes per village per month under the cap, and nothing asked twice about the same thing and period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from zugong.packs.burden import asked, duties_of, fields_of, minutes
from zugong.packs.checks.saying import say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, CaseKind
from zugong.packs.schema.common import Every


def found(policy: Policy) -> Iterator[Finding]:
    """Yield a cap that is exceeded, seconds that are missing, questions that are asked twice."""
    yield from _over_the_cap(policy)
    yield from _silent(policy)
    yield from _asked_twice(policy)
    yield from _one_would_do(policy)


def _over_the_cap(policy: Policy) -> Iterator[Finding]:
    for start, line in policy.info.burden.values.items():
        day = start if isinstance(start, date) else date.min
        if (reckoned := minutes(policy, day)) > line.value:
            yield say(
                policy, "E601", ("pack", policy.info.pack), ("burden",),
                f"每村每月约{reckoned}分钟，超过自定的{line.value}分钟", "少问几项，或放宽周期",
            )  # fmt: skip


def _silent(policy: Policy) -> Iterator[Finding]:
    """A kind of field that is asked and has no published seconds would count as nothing."""
    for one in {one.field: one for one in asked(policy, date.max)}.values():
        spec = policy.fields.get(one.field)
        if one.seconds is None and spec is not None:
            yield say(
                policy, "E602", ("duty", one.duty), (),
                f"“{one.field}”的类型“{spec.kind}”没有公布的填写秒数", "在 seconds.yaml 里补一行",
            )  # fmt: skip


def _asked_twice(policy: Policy) -> Iterator[Finding]:
    """A field that belongs to a period is asked in one place only."""
    seen: dict[str, Key] = {}
    for key, field in _questions(policy):
        spec = policy.fields.get(field)
        if spec is None or not spec.per:
            continue
        if field in seen and seen[field] != key:
            first = "“" + ": ".join(seen[field]) + "”"
            yield say(
                policy, "E603", key, (), f"“{spec.label or field}”已在{first}问过", "只在一处问，别处读它"
            )
        seen.setdefault(field, key)


def _questions(policy: Policy) -> Iterator[tuple[Key, str]]:
    for kind in policy.all("activity", ActivityKind):
        yield from ((("activity", kind.name), field) for field in kind.fields)
    for case in policy.all("case", CaseKind):
        for stage in case.stages:
            yield from ((("case", case.name), need.field) for need in stage.needs if need.field)
    for key, duty in duties_of(policy):
        yield from ((key, field) for field in duty.asks)


def _one_would_do(policy: Policy) -> Iterator[Finding]:
    """Two duties of the same people, in the same rhythm, that ask the same."""
    seen: dict[tuple[str, Every, str], Key] = {}
    for key, duty in duties_of(policy):
        for field in fields_of(policy, duty):
            same = (str(duty.who), duty.every, field)
            if same in seen:
                yield say(
                    policy, "E604", key, (),
                    f"与“{': '.join(seen[same])}”在同一周期向同样的人问“{field}”", "一次活动可以兼办两项义务",
                )  # fmt: skip
            seen.setdefault(same, key)
