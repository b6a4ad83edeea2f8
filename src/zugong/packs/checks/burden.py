"""6 Burden: minutes per village per month under the cap, and nothing asked twice about the same thing and period."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from zugong.packs.burden import concerns_villages, duties_of, fields_of, minutes, seconds
from zugong.packs.checks.saying import say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, CaseKind

T = TypeVar("T", bound=Hashable)


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
    asking = {
        field: key
        for key, duty in duties_of(policy)
        if concerns_villages(policy, duty)
        for field in fields_of(policy, duty)
    }
    for field, key in asking.items():
        spec = policy.fields.get(field)
        if spec is not None and seconds(policy, field, date.max) is None:
            yield say(
                policy, "E602", key, (),
                f"“{field}”的类型“{spec.kind}”没有公布的填写秒数", "在 seconds.yaml 里补一行",
            )  # fmt: skip


def _asked_twice(policy: Policy) -> Iterator[Finding]:
    """A field that belongs to a period is asked in one place only."""
    for field, first, key in _again(_questions(policy)):
        spec = policy.fields.get(field)
        if spec is not None and spec.per and first != key:
            place = "“" + ": ".join(first) + "”"
            yield say(
                policy, "E603", key, (), f"“{spec.label or field}”已在{place}问过", "只在一处问，别处读它"
            )


def _one_would_do(policy: Policy) -> Iterator[Finding]:
    """Two duties of the same people, in the same rhythm, that ask the same."""
    asking = (
        ((str(duty.who), duty.every, field), key)
        for key, duty in duties_of(policy)
        for field in fields_of(policy, duty)
    )
    for (_who, _every, field), first, key in _again(asking):
        yield say(
            policy, "E604", key, (),
            f"与“{': '.join(first)}”在同一周期向同样的人问“{field}”", "一次活动可以兼办两项义务",
        )  # fmt: skip


def _questions(policy: Policy) -> Iterator[tuple[str, Key]]:
    for kind in policy.all("activity", ActivityKind):
        yield from ((field, ("activity", kind.name)) for field in kind.fields)
    for case in policy.all("case", CaseKind):
        for stage in case.stages:
            yield from ((need.field, ("case", case.name)) for need in stage.needs if need.field)
    for key, duty in duties_of(policy):
        yield from ((field, key) for field in duty.asks)


def _again(asking: Iterable[tuple[T, Key]]) -> Iterator[tuple[T, Key, Key]]:
    """Yield what was asked before: what, where first, and where again."""
    first: dict[T, Key] = {}
    for what, key in asking:
        if what in first:
            yield what, first[what], key
        first.setdefault(what, key)
