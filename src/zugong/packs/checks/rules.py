"""4 Rules: guards compile against declared types, `pick: only` never meets two, and each `then` has one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, islice

from zugong.packs.checks.guards import MOST, GuardError, holds, samples, variables
from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.nearest import nearest
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.activities import ActivityKind
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.common import Effect, Entry
from zugong.packs.schema.rules import Row, Table
from zugong.packs.schema.scorecards import Scorecard
from zugong.packs.walking import Steps, walk

PARTS = ("situations", "exclusions", "conditions")

# What the guard of an effect may read. A grade reaches it as the word of its scale and as its place (1 is best).
GRADED = {
    "grade": "text",
    "place": "number",
    "rose": "tick",
    "fell": "tick",
    "not_rated": "tick",
}
OF_FIELD = {
    "text": "text", "choice": "text", "class": "text", "day": "text", "moment": "text", "tick": "tick",
    "number": "number", "money": "number", "share": "number",
}  # fmt: skip


def found(policy: Policy) -> Iterator[Finding]:
    """Yield guards that do not compile or do not fit, tables that speak twice or in two shapes."""
    for key, entry in entries(policy):
        if isinstance(entry, Table):
            yield from _table(policy, key, entry)
        yield from _effects(policy, key, entry)
        if isinstance(entry, CaseKind):
            for stage in entry.stages:
                if stage.when:
                    at = ("stages", stage.name, "when")
                    yield from _guard(policy, key, at, stage.when, _answers(policy))


def _table(policy: Policy, key: Key, table: Table) -> Iterator[Finding]:
    types = {name: fact.type for name, fact in table.facts.items()}
    sound = True
    for part in PARTS:
        for row in getattr(table, part).items:
            wrong = list(_guard(policy, key, (part, "items", row.id, "when"), row.when, types))
            sound &= not wrong
            yield from wrong
    if sound:
        yield from _only_one(policy, key, table, types)
        yield from _gaps(policy, key, table, types)
    yield from _one_shape(policy, key, table)
    yield from _answer(policy, key, table)


def _guard(policy: Policy, key: Key, path: Steps, text: str, types: Mapping[str, str]) -> Iterator[Finding]:
    """A guard compiles, reads only what is declared, and answers yes or no to every sample."""
    try:
        unknown = sorted(variables(text) - set(types))
    except GuardError as error:
        yield say(policy, "E401", key, path, f"“{text}”不是合法的 CEL：{error}", "检查括号、引号和比较符号")
        return
    for name in unknown:
        yield say(policy, "E402", key, path, f"“{text}”用到没有声明的“{name}”", nearest(name, types))
    if unknown:
        return
    try:
        for facts in _tried(text, types):
            holds(text, facts)
    except GuardError as error:
        yield say(policy, "E403", key, path, f"“{text}”与声明的类型不合：{error}", "比较的两边要是同一种类型")


def _tried(text: str, types: Mapping[str, str]) -> Iterator[dict[str, object]]:
    read = variables(text)
    yield from samples({name: types[name] for name in read}, [text])


def _only_one(policy: Policy, key: Key, table: Table, types: Mapping[str, str]) -> Iterator[Finding]:
    """`pick: only` says that no two situations ever match."""
    if table.pick != "only":
        return
    for one, other in combinations(table.situations.items, 2):
        both = _first_both(one, other, types)
        if both is not None:
            said = "，".join(f"{name} = {value}" for name, value in both.items())
            yield say(
                policy, "E404", key, ("situations", "items", other.id, "when"),
                f"“{one.id}”和“{other.id}”会同时成立（{said}）", "改边界，或写 pick: first",
            )  # fmt: skip


def _first_both(one: Row, other: Row, types: Mapping[str, str]) -> dict[str, object] | None:
    guards = [one.when, other.when]
    read = {name: types[name] for guard in guards for name in variables(guard)}
    return next(
        (facts for facts in samples(read, guards) if all(holds(guard, facts) for guard in guards)), None
    )


def _gaps(policy: Policy, key: Key, table: Table, types: Mapping[str, str]) -> Iterator[Finding]:
    """Where the situations claim to be exhaustive (`only`, no empty slot), what falls between them must be said."""
    raw = policy.raw.get(f"{key[0]} {key[1]}", {})
    if table.pick != "only" or table.situations.empty or "otherwise" in raw:
        return
    guards = [row.when for row in table.situations.items]
    read = {name: types[name] for guard in guards for name in variables(guard)}
    for facts in islice(samples(read, guards), MOST):
        if not any(holds(guard, facts) for guard in guards):
            said = "，".join(f"{name} = {value}" for name, value in facts.items())
            yield say(
                policy, "E405", key, ("situations",), f"没有一行说到：{said}", "补一行，或写明 otherwise:"
            )
            return


def _one_shape(policy: Policy, key: Key, table: Table) -> Iterator[Finding]:
    for part in PARTS:
        rows = [row for row in getattr(table, part).items if row.then]
        for row in rows[1:]:
            if _shape(row) != _shape(rows[0]):
                yield say(
                    policy, "E406", key, (part, "items", row.id, "then"),
                    f"“{row.id}”的 then 与“{rows[0].id}”的不是同一种写法", "每一行用同样的词、同样的类型",
                )  # fmt: skip


def _shape(row: Row) -> dict[str, str]:
    return {word: type(value).__name__ for word, value in row.then.items()}


def _answer(policy: Policy, key: Key, table: Table) -> Iterator[Finding]:
    if "incomplete" not in table.answer:
        yield say(
            policy,
            "E407",
            key,
            ("answer",),
            "答案里没有 incomplete",
            "不知道的事实要答“规则不全”，不能当作否",
        )
    if table.otherwise not in table.answer:
        yield say(
            policy, "E408", key, ("otherwise",),
            f"“{table.otherwise}”不在答案里", nearest(table.otherwise, table.answer),
        )  # fmt: skip


def _effects(policy: Policy, key: Key, entry: Entry) -> Iterator[Finding]:
    for path, part in walk(entry.effects, ("effects",)):
        if isinstance(part, Effect) and part.when:
            yield from _guard(policy, key, (*path, "when"), part.when, _known_to_effects(policy, entry))


def _known_to_effects(policy: Policy, entry: Entry) -> Mapping[str, str]:
    """Return what the guard of an effect may read: a grade, what a case or an activity was told, elsewhere nothing."""
    match entry:
        case Scorecard():
            return GRADED
        case CaseKind():
            return _answers(policy) | {"outcome": "text"}
        case ActivityKind():
            asked = {name.replace("-", "_") for name in entry.fields}
            return {name: kind for name, kind in _answers(policy).items() if name in asked}
    return {}


def _answers(policy: Policy) -> dict[str, str]:
    """Return the types of the fields that guards may read, by their names with `_` for `-`."""
    return {
        name.replace("-", "_"): "list" if spec.many else OF_FIELD[spec.kind]
        for name, spec in policy.fields.items()
        if spec.kind in OF_FIELD
    }
