"""1 Reading: every name resolved, selectors well typed, dated lines in order and cited, slots ≥ items.

Nothing is needed from above: a file may set off anything, and need only what stands beneath it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from zugong.packs.checks.saying import entries, quoted, say
from zugong.packs.dated import Dated
from zugong.packs.findings import Finding
from zugong.packs.nearest import nearest
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.references import CALLED, REFERENCES
from zugong.packs.schema.activities import ActivityKind
from zugong.packs.schema.bulletins import Bulletin
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.common import Effect, Entry
from zugong.packs.schema.duties import Duty
from zugong.packs.schema.measures import Measure
from zugong.packs.schema.names import Classes, ClassItem, FieldSpec, Role
from zugong.packs.schema.registry import LinkRole, Roll
from zugong.packs.schema.rules import Table
from zugong.packs.schema.scorecards import Objections, Scorecard
from zugong.packs.schema.surveys import Survey
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, SelectorError, Term
from zugong.packs.walking import Steps, walk

# The words of this case, duty, sheet or activity.
HERE = ("about", "opener", "holder", "self", "everyone", "members", "present")
OF_CASE = {"about", "holder"}  # of these, what every case lends to its questions
LENT = ("case", "verdict", "tally")
NOUNS = ("person", "organisation", "place", "post", "thing")
CHOSEN = ("person", "organisation", "thing")  # kinds of field whose answers are rows of the registry
RUNGS = ("registry", "ledgers", "activities", "surveys", "cases", "duties", "scorecards", "bulletins")
RUNG = {
    "classes": 0, "link": 0, "roll": 0, "appointment": 0,
    "ledger": 1, "activity": 2, "survey": 3, "case": 4, "duty": 5, "scorecard": 6, "bulletin": 7,
}  # fmt: skip
OF_TABLE = {
    "progress": "case",
    "outcomes": "case",
    "duties": "duty",
    "grades": "scorecard",
    "requests": "case",
}


def found(policy: Policy) -> Iterator[Finding]:
    """Yield what is named and not there, mistyped, uncited or out of order."""
    known = names(policy)
    for key, entry in entries(policy):
        for path, part in walk(entry):
            yield from _references(policy, key, path, part, known)
            yield from _sources(policy, key, path, part)
            yield from _slots(policy, key, path, part)
            yield from _doubled(policy, key, path, part)
            if isinstance(part, Selector):
                yield from _selector(policy, key, path, part, known)
            if isinstance(part, Dated):
                yield from _lines(policy, key, entry, path, part)
        for besides in (_effects, _classes_entry, _link_entry, _bulletin_entry, _case_entry, _objections):
            yield from besides(policy, key, entry, known)
    for name, spec in sorted(policy.fields.items()):
        yield from _references(policy, ("field", name), (), spec, known)
        yield from _among(policy, name, spec, known)
    for name, role in sorted(policy.roles.items()):
        yield from _role(policy, name, role, known)
    yield from _besides(policy)


def names(policy: Policy) -> dict[str, set[str]]:
    """Return every name that can be named, by kind."""
    known: dict[str, set[str]] = {kind: set() for kind in CALLED}
    for kind, name in policy.entries:
        known[kind].add(name) if kind in known else None
    known["field"] = set(policy.fields)
    known["role"] = set(policy.roles)
    known["source"] = set(policy.sources)
    known["class"] = {item.id for item, _ in _classes(policy)}
    return known


def _classes(policy: Policy) -> Iterator[tuple[ClassItem, str]]:
    """Yield every class of the registry's nouns, with its noun."""
    for entry in policy.entries.values():
        if isinstance(entry, Classes) and entry.of:
            yield from ((item, entry.of) for item in entry.items)


def _references(
    policy: Policy, key: Key, path: Steps, part: Any, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    if not isinstance(part, BaseModel):
        return
    for (model, word), kind in REFERENCES.items():
        if not isinstance(part, model):
            continue
        given = getattr(part, word)
        for name in given if isinstance(given, list) else [given] if given else []:
            if name not in known[kind]:
                at = model.model_fields[word].alias or word
                yield _unknown(policy, key, (*path, at), kind, name, known[kind])


def _unknown(
    policy: Policy, key: Key, path: Steps, kind: str, name: str, known: set[str], id: str = "E101"
) -> Finding:
    return say(policy, id, key, path, f"没有叫“{name}”的{CALLED[kind]}", nearest(name, known))


def _sources(policy: Policy, key: Key, path: Steps, part: Any) -> Iterator[Finding]:
    source = getattr(part, "source", "") if isinstance(part, BaseModel) else ""
    yield from _paper(policy, key, (*path, "source"), source)


def _slots(policy: Policy, key: Key, path: Steps, part: Any) -> Iterator[Finding]:
    slots = getattr(part, "slots", None) if isinstance(part, BaseModel) else None
    items = getattr(part, "items", None) or getattr(part, "indicators", None)
    if isinstance(slots, int) and isinstance(items, list) and len(items) > slots:
        yield say(
            policy, "E103", key, (*path, "slots"),
            f"写明共{slots}项，却列了{len(items)}项", "改总数，或去掉多出的项",
        )  # fmt: skip


def _doubled(policy: Policy, key: Key, path: Steps, part: Any) -> Iterator[Finding]:
    if not isinstance(part, list):
        return
    seen: set[str] = set()
    for place, item in enumerate(part):
        name = getattr(item, "name", "") or getattr(item, "id", "") if isinstance(item, BaseModel) else ""
        if name and name in seen:
            yield say(policy, "E104", key, (*path, place), f"“{name}”在同一处列了两次", "各取一个名字")
        seen.add(name)


def _lines(policy: Policy, key: Key, entry: Entry, path: Steps, dated: Dated[Any]) -> Iterator[Finding]:
    starts = [str(start) for start in dated.values]
    if starts != sorted(starts, key=lambda start: "" if start == "unknown" else start):
        yield say(
            policy, "E105", key, (*path, "values"), "各行没有按起始日期先后排列", "早的在前，unknown 最前"
        )
    for start, line in dated.values.items():
        at = (*path, "values", str(start))
        if "source" in line.model_fields_set and not line.source:
            yield say(policy, "E106", key, at, "这个数的 source: 还空着", "写 sources.yaml 里哪一份文件定的")
        elif not (line.source or _nearest_word(entry, path, "source")):
            yield say(policy, "E106", key, at, "这个数没有出处", "写 source:，或在条目上写 source:")
        elif not (line.clause or _nearest_word(entry, path, "clause")):
            yield say(policy, "E107", key, at, "这个数没有写明条款", "写 clause:，指出文件的哪一条")


def _nearest_word(entry: Entry, path: Steps, word: str) -> str:
    """Find the source or clause said by the part that holds a value, or by one that holds that part."""
    holders = [part for at, part in walk(entry) if at == path[: len(at)] and isinstance(part, BaseModel)]
    return next((said for part in reversed(holders) if (said := getattr(part, word, ""))), "")


# Selectors


def _selector(
    policy: Policy, key: Key, path: Steps, selector: Selector, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    for named in selector.names():
        yield from _named(policy, key, path, named, known)
    for roll in selector.rolls():
        if roll not in known["roll"]:
            yield _unknown(policy, key, path, "roll", roll, known["roll"], "E110")
    for message in _mistyped(policy, selector.term):
        yield say(
            policy, "E115", key, path, f"“{selector}”永远是空的：{message}", "检查两边说的是不是同一种东西"
        )


def _named(
    policy: Policy, key: Key, path: Steps, named: Named, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    lead, first = named.lead, named.names[0] if named.names else ""
    match lead:
        case "person" | "organisation" | "place" | "post" | "thing":
            nouns = {lead, "post"} if lead == "person" else {lead}  # who holds a post is of its class
            ours = {item.id for item, noun in _classes(policy) if noun in nouns}
            if first and first not in ours:
                yield _unknown(policy, key, path, "class", first, ours, "E111")
        case "above" | "below":
            ours = {item.id for item, noun in _classes(policy) if noun in ("organisation", "place")}
            if first not in ours:
                yield _unknown(policy, key, path, "class", first, ours, "E111")
        case "link":
            yield from _link(policy, key, path, named.names, known)
        case "case":
            yield from _case(policy, key, path, named, known)
        case "tally":
            if first not in known["survey"]:
                yield _unknown(policy, key, path, "survey", first, known["survey"], "E112")
        case "verdict":
            said = set(_said_by_tables(policy))
            if first not in said:
                yield say(policy, "E113", key, path, f"没有一张决策表说出“{first}”", nearest(first, said))
        case word if word not in HERE and word not in known["role"] | known["class"]:
            yield say(
                policy, "E114", key, path, f"不认得“{word}”",
                nearest(word, known["role"] | known["class"] | set(HERE)),
            )  # fmt: skip


def _link(
    policy: Policy, key: Key, path: Steps, parts: tuple[str, ...], known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    kind = parts[0] if parts else ""
    if kind not in known["link"]:
        yield _unknown(policy, key, path, "link", kind, known["link"], "E116")
        return
    ends = set(getattr(policy.entries["link", kind], "kinds", {}))
    if len(parts) > 1 and parts[1] not in ends:
        yield say(policy, "E117", key, path, f"联系“{kind}”没有“{parts[1]}”这一种", nearest(parts[1], ends))


def _case(
    policy: Policy, key: Key, path: Steps, named: Named, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    kind = named.names[0] if named.names else ""
    entry = policy.entries.get(("case", kind))
    if RUNG.get(key[0], len(RUNGS)) < RUNG["case"]:
        yield say(
            policy, "E120", key, path, f"{quoted(key)}在下层，不能去看上层的事项“{kind}”",
            "让事项把结论记到名册上，这里读名册",
        )  # fmt: skip
    if not isinstance(entry, CaseKind):
        yield _unknown(policy, key, path, "case", kind, known["case"], "E118")
    elif named.at and named.at not in (stages := {stage.name for stage in entry.stages}):
        yield say(
            policy, "E119", key, path, f"事项“{kind}”没有叫“{named.at}”的环节", nearest(named.at, stages)
        )


def _among(policy: Policy, name: str, spec: FieldSpec, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Whom a question offers is of its own noun, and told by words that are known wherever it is asked."""
    if spec.among is None:
        return
    key: Key = ("field", name)
    yield from _selector(policy, key, ("among",), spec.among, known)
    if spec.kind not in CHOSEN or noun(policy, spec.among.term) not in ("", spec.kind):
        yield say(
            policy, "E124", key, ("among",), f"字段“{name}”的类型是 {spec.kind}，不能从“{spec.among}”里选",
            f"among: 只用于 {'、'.join(CHOSEN)}，选的要是同一种东西",
        )  # fmt: skip
    strange = _words(policy, spec.among) - (OF_CASE if _is_asked_by_cases_alone(policy, name) else set())
    if strange:
        yield say(
            policy, "E125", key, ("among",), f"问“{name}”的地方不知道“{'、'.join(sorted(strange))}”是什么",
            f"{'、'.join(sorted(OF_CASE))} 只有事项知道；抽样、事项、决策表、测评的结果都不能用",
        )  # fmt: skip


def _words(policy: Policy, selector: Selector, seen: frozenset[str] = frozenset()) -> set[str]:
    """Return the words of a selector, and of the roles that it names, which only some who ask can lend."""
    found = {"sample"} & set(selector.text.split())
    for named in selector.names():
        role = policy.roles.get(named.lead)
        if role and named.lead not in seen:
            found |= _words(policy, role.is_, seen | {named.lead})
        elif named.lead in LENT or (named.lead in HERE and named.of is None):
            found.add(named.lead)
    return found


def _is_asked_by_cases_alone(policy: Policy, field: str) -> bool:
    others = [(ActivityKind, "fields"), (Duty, "asks"), (Classes, "fields")]
    return not any(
        field in getattr(entry, word)
        for entry in policy.entries.values()
        for model, word in others
        if isinstance(entry, model)
    )


def _said_by_tables(policy: Policy) -> Iterator[str]:
    for entry in policy.entries.values():
        if isinstance(entry, Table):
            for rows in (entry.situations, entry.exclusions, entry.conditions):
                for row in rows.items:
                    yield from row.then


def _mistyped(policy: Policy, term: Term) -> Iterator[str]:
    """Say why a selector can never find anything."""
    match term:
        case Named(_, _, of) if of is not None:
            yield from _mistyped(policy, of)
        case Sample(_, of):
            yield from _mistyped(policy, of)
        case OnRoll(inner, roll):
            yield from _mistyped(policy, inner)
            entry = policy.entries.get(("roll", roll))
            selected = getattr(entry, "of", None)
            whose = noun(policy, selected.term) if isinstance(selected, Selector) else ""
            if whose and noun(policy, inner) and whose != noun(policy, inner):
                yield f"名册“{roll}”上没有 {noun(policy, inner)}"
        case Joined(left, join, right):
            yield from _mistyped(policy, left)
            yield from _mistyped(policy, right)
            nouns = {noun(policy, left), noun(policy, right)}
            if join != "or" and "" not in nouns and len(nouns) == 2:
                yield f"{noun(policy, left)} 与 {noun(policy, right)} 没有交集"


def noun(policy: Policy, term: Term) -> str:
    """Return the noun that a term is about, or nothing where it cannot be told from the words alone."""
    match term:
        case Named(lead, _) if lead in NOUNS:
            return lead
        case Named("holder", ()):
            return "person"
        case Named(lead, ()):
            nouns = {of for item, of in _classes(policy) if item.id == lead}
            return nouns.pop() if len(nouns) == 1 else ""
        case OnRoll(inner, _):
            return noun(policy, inner)
        case Sample(_, inner):
            return noun(policy, inner)
        case Joined(left, _, right):
            nouns = {noun(policy, left), noun(policy, right)}
            return nouns.pop() if len(nouns) == 1 else ""
    return ""


# What single kinds of entry name besides


def _classes_entry(
    policy: Policy, key: Key, entry: Entry, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    if not isinstance(entry, Classes):
        return
    ours = {item.id for item in entry.items}
    ours |= {item.id for item, noun in _classes(policy) if noun == entry.of}
    for item in entry.items:
        if item.under and item.under not in ours:
            yield _unknown(policy, key, ("items", item.id, "under"), "class", item.under, ours)


def _link_entry(policy: Policy, key: Key, entry: Entry, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    for path, part in walk(entry):
        if isinstance(part, LinkRole):
            for need in part.needs:
                roll = need.removeprefix("on ")
                if not need.startswith("on ") or roll not in known["roll"]:
                    yield _unknown(policy, key, (*path, "needs"), "roll", roll, known["roll"])


def _bulletin_entry(
    policy: Policy, key: Key, entry: Entry, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    if not isinstance(entry, Bulletin):
        return
    for place, section in enumerate(entry.sections):
        kind = OF_TABLE.get(section.table)
        if kind and section.of not in known[kind]:
            yield _unknown(policy, key, ("sections", place, "of"), kind, section.of, known[kind])
    for way, roles in entry.approve.items():
        for role in roles:
            if role not in known["role"]:
                yield _unknown(policy, key, ("approve", way), "role", role, known["role"])
    for place, text in enumerate(entry.for_):
        try:
            yield from _selector(policy, key, ("for", place), Selector.read(text), known)
        except SelectorError as error:
            yield say(policy, "E109", key, ("for", place), str(error))


def _effects(policy: Policy, key: Key, entry: Entry, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    for path, part in walk(entry):
        if isinstance(part, Effect):
            for text in filter(None, [part.untie, (part.bar or {}).get("untie")]):
                yield from _link(policy, key, path, tuple(text.removeprefix("link.").split(".")), known)
            if part.release:
                yield from _selector(policy, key, (*path, "release"), Selector.read(part.release), known)
            yield from _standing(policy, key, entry, path, part)


def _standing(policy: Policy, key: Key, entry: Entry, path: Steps, effect: Effect) -> Iterator[Finding]:
    """What is entered on a roll with values is one of them, whichever grade or answer it takes."""
    roll = policy.entries.get(("roll", effect.enter or ""))
    if not (isinstance(roll, Roll) and roll.value and effect.value):
        return
    for value in _values(policy, entry, effect.value):
        if value not in roll.value:
            yield say(
                policy, "E121", key, (*path, "value"),
                f"名册“{roll.name}”没有“{value}”这个值", nearest(value, roll.value),
            )  # fmt: skip


def _values(policy: Policy, entry: Entry, value: str) -> list[str]:
    """Return what the value of a standing can be: a card's grades, a question's scale, what a field of the case offers, or the word itself."""
    if isinstance(entry, Scorecard) and value == "grade":
        return [*entry.grades.scale, *(["not-rated"] if entry.grades.not_rated else [])]
    if isinstance(entry, Survey):
        return next((question.scale for question in entry.ask if question.id == value), [value])
    asked = entry.every_field if isinstance(entry, CaseKind) else []
    if value in asked and value in policy.fields:
        spec = policy.fields[value]
        offered = policy.entries.get(("classes", spec.of))
        return [item.id for item in (offered.items if isinstance(offered, Classes) else spec.options)]
    return [value]


def _case_entry(policy: Policy, key: Key, entry: Entry, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    """What a verdict reads must stand beneath cases: a figure of duties or scorecards does not."""
    if not isinstance(entry, CaseKind):
        return
    for stage in entry.stages:
        for need in stage.needs:
            for measure in _measures_of(policy, need.verdict):
                engine = measure.facts.split(".")[0]
                if engine in RUNGS and RUNGS.index(engine) > RUNG["case"]:
                    yield say(
                        policy, "E120", key, ("stages", stage.name, "needs"),
                        f"决策表“{need.verdict}”要看上层的事实“{measure.facts}”",
                        "让上层把结论记到名册上，这里读名册",
                    )  # fmt: skip


def _objections(policy: Policy, key: Key, entry: Entry, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    """An objection can be brought in by somebody, and can end upheld: else no adjustment could ever rest on it."""
    for path, part in walk(entry):
        kind = policy.entries.get(("case", part.case)) if isinstance(part, Objections) else None
        if not (isinstance(part, Objections) and isinstance(kind, CaseKind)):
            continue
        ends = {outcome for stage in kind.stages for outcome in stage.outcomes}
        if part.upheld not in ends:
            hint = nearest(part.upheld, ends) or "在事项里加上这个结果，或写 upheld: 哪个结果算成立"
            yield say(
                policy, "E122", key, path, f"异议“{kind.name}”没有“{part.upheld}”这个结果，调整没有依据", hint
            )
        if not (kind.opened_by and {"person", "report"} & set(kind.opened_from)):
            yield say(
                policy, "E123", key, path,
                f"异议“{kind.name}”没有人能提出", "写 opened_from: [person] 和 opened_by:",
            )  # fmt: skip


def _measures_of(policy: Policy, table: str) -> Iterator[Measure]:
    entry = policy.entries.get(("rules", table))
    if isinstance(entry, Table):
        for fact in entry.facts.values():
            measure = policy.entries.get(("measure", fact.measure))
            if isinstance(measure, Measure):
                yield measure


def _role(policy: Policy, name: str, role: Role, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    yield from _selector(policy, ("role", name), ("is",), role.is_, known)


def _besides(policy: Policy) -> Iterator[Finding]:
    """The calendar and the table of seconds cite papers too."""
    for year, days in sorted(policy.years.items()):
        for source in (days.source, *days.amended_by):
            yield from _paper(policy, ("calendar", str(year)), ("source",), source)
    for kind, dated in policy.seconds.items():
        for start, line in dated.values.items():
            yield from _paper(policy, ("seconds", "fields"), (kind, "values", str(start)), line.source)


def _paper(policy: Policy, key: Key, path: Steps, source: str) -> Iterator[Finding]:
    if source and source not in policy.sources:
        yield _unknown(policy, key, path, "source", source, set(policy.sources), "E102")
