"""2 Cases: each stage reached, each path ends, everything named exists, and nobody decides on their own case.

Every stage is taken by a person (no move is automatic), so a loop always passes a person if each of its
stages has somebody; that is what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from zugong.packs.checks.guards import GuardError, variables
from zugong.packs.checks.saying import entries, quoted, say
from zugong.packs.findings import Finding
from zugong.packs.nearest import nearest
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import END, CaseKind, Clock, Stage
from zugong.packs.schema.common import Entry
from zugong.packs.schema.registry import LinkKind
from zugong.packs.schema.rules import Table
from zugong.packs.selectors import Named
from zugong.packs.walking import Steps

UNITS = ("hours", "working_days", "days", "months")
# What may follow `on` in the kinds of entry that have events; a case kind has its own stages and outcomes.
EVENTS: dict[str, tuple[str, ...]] = {
    "activity": ("held",),
    "appointment": ("appointed", "released"),
    "duty": ("missed",),
    "scorecard": ("published",),
    "survey": ("closed",),
}

# From which event the records of the other kinds of entry are kept; what is not here keeps none of its own.
SEEN_BY = ("case", "activity", "roll")
KEPT_AFTER = {"activity": "held", "duty": "settled", "survey": "closed", "bulletin": "issued"}


def found(policy: Policy) -> Iterator[Finding]:
    """Yield stages nobody reaches or leaves, events that never happen, and judges in their own case."""
    for key, entry in entries(policy):
        yield from _events(policy, key, entry)
        if isinstance(entry, CaseKind):
            for family in (
                _targets,
                _ways,
                _owners,
                _own_case,
                _neighbours,
                _clocks,
                _decided_days,
                _words,
                _asked_before,
            ):
                yield from family(policy, key, entry)
    yield from _circles(policy)


def _events(policy: Policy, key: Key, entry: Entry) -> Iterator[Finding]:
    known = set(entry.outcomes()) if isinstance(entry, CaseKind) else set(EVENTS.get(key[0], ()))
    for event in entry.effects:
        name = event.removeprefix("on ")
        if not event.startswith("on "):
            yield say(policy, "E201", key, ("effects", event), f"“{event}”要写成“on 事件”")
        elif name not in known:
            yield say(
                policy, "E202", key, ("effects", event),
                f"{quoted(key)}不会发生“{name}”", nearest(name, known),
            )  # fmt: skip
    for event, effects in entry.effects.items():
        for place, effect in enumerate(effects):
            if effect.until and effect.until not in known:
                yield say(
                    policy, "E217", key, ("effects", event, place, "until"),
                    f"{quoted(key)}不会发生“{effect.until}”，这个影响永远到不了期", nearest(effect.until, known),
                )  # fmt: skip
    if isinstance(entry, CaseKind):
        ends = known | {"closed"}
    else:
        ends = {KEPT_AFTER[key[0]]} if key[0] in KEPT_AFTER else set()
    if entry.seen_by and key[0] not in SEEN_BY:
        yield say(
            policy, "E220", key, ("seen_by",),
            f"{quoted(key)}谁能看由授权决定，写了 seen_by: 也不起作用", "去掉 seen_by:",
        )  # fmt: skip
    if entry.keep and not ends:
        yield say(
            policy, "E219", key, ("keep",), f"{quoted(key)}自己不存记录，写了 keep: 也不起作用", "去掉 keep:"
        )
    elif entry.keep and entry.keep.after not in ends:
        yield say(
            policy, "E218", key, ("keep", "after"),
            f"{quoted(key)}不会发生“{entry.keep.after}”", nearest(entry.keep.after, ends),
        )  # fmt: skip


def _targets(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """Outcomes and returns name stages that exist; a return goes back."""
    order = [stage.name for stage in kind.stages]
    for place, stage in enumerate(kind.stages):
        for outcome, target in stage.outcomes.items():
            if target not in (*order, END):
                at: Steps = ("stages", stage.name, "outcomes", outcome)
                yield say(policy, "E203", key, at, f"没有叫“{target}”的环节", nearest(target, [*order, END]))
        if stage.return_ and stage.return_.to not in order[:place]:
            at = ("stages", stage.name, "return")
            yield say(
                policy, "E204", key, at,
                f"“{stage.return_.to}”不是前面的环节，退不回去", nearest(stage.return_.to, order[:place]),
            )  # fmt: skip


def _ways(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """Each stage is reached from the first, and from each the end can be reached."""
    onward = {stage.name: set(_onward(kind, stage)) for stage in kind.stages}
    beyond = {kind.intake.beyond} if kind.intake and kind.intake.beyond in onward else set()
    reached = _reached({kind.stages[0].name} | beyond, onward)
    backward = {
        name: {stage for stage, targets in onward.items() if name in targets} for name in [*onward, END]
    }
    ending = _reached({END}, backward)
    for stage in kind.stages:
        if stage.name not in reached:
            yield say(
                policy, "E205", key, ("stages", stage.name),
                f"没有一条路走到“{stage.name}”", "让某个结果指向它，或去掉它",
            )  # fmt: skip
        elif stage.name not in ending:
            yield say(
                policy, "E206", key, ("stages", stage.name),
                f"进了“{stage.name}”就再也办不结", "给它一个通向 end 的结果",
            )  # fmt: skip


def _onward(kind: CaseKind, stage: Stage) -> Iterator[str]:
    if stage.outcomes:
        yield from stage.outcomes.values()
    if stage.when or not stage.outcomes:  # skipped, or passed without choosing
        yield kind.after(stage)


def _reached(start: set[str], onward: Mapping[str, set[str]]) -> set[str]:
    reached, edge = set(start), set(start)
    while edge:
        edge = {target for name in edge for target in onward.get(name, ())} - reached
        reached |= edge
    return reached


def _owners(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    for stage in kind.stages:
        if not stage.doers:
            yield say(
                policy, "E207", key, ("stages", stage.name),
                f"“{stage.label or stage.name}”没有人来办", "写 role:、body: 或 parties:",
            )  # fmt: skip


def _own_case(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """Who does the work does not accept it; whom a case is about does not decide it."""
    order = [stage.name for stage in kind.stages]
    for place, stage in enumerate(kind.stages):
        at: Steps = ("stages", stage.name)
        for name in stage.not_by:
            if name not in order[:place]:
                yield say(
                    policy, "E208", key, (*at, "not_by"),
                    f"“{name}”不是前面的环节", nearest(name, order[:place]),
                )  # fmt: skip
        if not stage.outcomes:
            continue
        before = kind.stages[place - 1] if place else None
        shared = set(stage.doers) & set(before.doers if before and before.role else ())
        if before and shared and before.name not in stage.not_by:
            yield say(
                policy, "E209", key, at,
                f"“{'、'.join(sorted(shared))}”既办“{before.label or before.name}”又作决定",
                f"换一个角色，或写 not_by: [{before.name}]",
            )  # fmt: skip
        for role in stage.doers:
            if _is_about(policy, role):
                yield say(
                    policy, "E210", key, at, f"“{role}”就是当事人，不能给自己的事项作决定", "换一个角色"
                )


def _is_about(policy: Policy, role: str) -> bool:
    found = policy.roles.get(role)
    return found is not None and found.is_.term == Named("about")


def _neighbours(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """An organisation that acts because of a tie stands beside the one it is about: only `seen_by` opens the case to it."""
    if kind.seen_by or kind.adverse:
        return
    for stage in kind.stages:
        for role in stage.doers:
            if _is_neighbour(policy, role):
                yield say(
                    policy, "E222", key, ("stages", stage.name),
                    f"“{role}”因联系承办，不在所办单位之上，打不开这件事项", "写 seen_by:，说明还有谁看得到",
                )  # fmt: skip


def _is_neighbour(policy: Policy, role: str) -> bool:
    match policy.roles[role].is_.term if role in policy.roles else None:
        case Named("link", (link, end)):
            tie = policy.entries.get(("link", link))
            kind = tie.kinds.get(end) if isinstance(tie, LinkKind) else None
            return kind is not None and any(near.lead == "organisation" for near in kind.from_.names())
    return False


def _clocks(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """Each clock has one way of counting and somebody who is told; its levels are told one after another."""
    for at, clock in _all_clocks(kind):
        if len(ways := list(_ways_of_counting(clock))) > 1:
            yield say(policy, "E211", key, at, f"期限写了{len(ways)}种算法：{'、'.join(ways)}", "只留一种")
        told = clock.overdue is not None or not clock.remind.is_empty
        if (ways or clock.asked or clock.by) and not told:
            yield say(
                policy, "E212", key, at, "快到期和到期都没有人知道", "写 remind: 提前几天，或 overdue: 告诉谁"
            )
        yield from _levels(policy, key, at, clock)
        yield from _times_of_the_table(policy, key, at, clock)


def _all_clocks(kind: CaseKind) -> Iterator[tuple[Steps, Clock]]:
    if kind.clock:
        yield ("clock",), kind.clock
    for stage in kind.stages:
        if stage.clock:
            yield ("stages", stage.name, "clock"), stage.clock


def _levels(policy: Policy, key: Key, at: Steps, clock: Clock) -> Iterator[Finding]:
    """A level further up is told later than the one before it, on every day."""
    dates = {since for level in clock.escalate for since in level.after.values if isinstance(since, date)}
    for day in sorted(dates) or [date.max]:
        days = [after for level in clock.escalate if (after := level.after.on(day)) is not None]
        if days != sorted(set(days)):
            yield say(
                policy, "E241", key, (*at, "escalate"),
                f"逐级提醒的天数不是一级比一级晚：{'、'.join(map(str, days))}", "按先后写，天数逐级增加",
            )  # fmt: skip
            return


def _times_of_the_table(policy: Policy, key: Key, at: Steps, clock: Clock) -> Iterator[Finding]:
    """Each line of the table that says how long says one time, in whole units."""
    table = policy.entries.get(("rules", clock.by or ""))
    if not isinstance(table, Table):
        return  # none, or a name that is not there: the names say so
    for row in table.situations.items:
        times = {unit: n for unit, n in row.then.items() if unit in UNITS}
        if len(times) != 1 or not all(type(n) is int and n > 0 for n in times.values()):
            yield say(
                policy, "E242", key, (*at, "by"),
                f"决策表“{table.name}”的“{row.id}”没有说出一个时限", f"在 then: 里写一种：{'、'.join(UNITS)}",
            )  # fmt: skip


def _decided_days(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """A deadline that somebody decides on is a day or a moment, and the case asks for it; of the whole, when it is opened."""
    opening, asked = kind.at_opening, kind.every_field
    for at, clock, known in [
        (("clock",), kind.clock, opening),
        *((("stages", stage.name, "clock"), stage.clock, asked) for stage in kind.stages),
    ]:
        name = clock.asked if clock else None
        spec = policy.fields.get(name or "")
        if spec is None:
            continue  # nothing, or a name that is not there: the names say so
        if spec.kind not in ("day", "moment") or name not in known:
            yield say(
                policy, "E221", key, (*at, "asked"),
                f"“{name}”不是这类事项问的日期，定不了期限",
                "写一个 kind: day 或 moment 的字段，在环节的 needs: 里问它；总期限的在 asks: 里问",
            )  # fmt: skip


def _ways_of_counting(clock: Clock) -> Iterator[str]:
    for word in UNITS:
        if not getattr(clock, word).is_empty:
            yield word
    if clock.until:
        yield "until"


def _words(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """A button must say its outcome in Chinese; words for outcomes that do not exist are mistakes."""
    for stage in kind.stages:
        for outcome in stage.outcomes:
            if outcome not in stage.words:
                at = ("stages", stage.name, "outcomes", outcome)
                yield say(policy, "E213", key, at, f"结果“{outcome}”没有中文", "在 words: 里写明按钮上的字")
        for word in ("words", "english_words", "after_clock"):
            for outcome in getattr(stage, word):
                if outcome not in stage.outcomes:
                    at = ("stages", stage.name, word, outcome)
                    yield say(
                        policy, "E214", key, at, f"没有叫“{outcome}”的结果", nearest(outcome, stage.outcomes)
                    )


def _asked_before(policy: Policy, key: Key, kind: CaseKind) -> Iterator[Finding]:
    """What a guard reads is asked at a stage before."""
    asked = {name.replace("-", "_") for name in kind.at_opening}
    for stage in kind.stages:
        try:
            read = variables(stage.when) if stage.when else set()
        except GuardError:
            read = set()  # family 4 says so
        for name in sorted(read - asked):
            at = ("stages", stage.name, "when")
            yield say(
                policy,
                "E215",
                key,
                at,
                f"“{name}”在这一环节之前没有问过",
                nearest(name, asked) or "先在前面的 needs: 里问",
            )
        asked |= {name.replace("-", "_") for name in stage.every_field}
        asked |= {outcome.replace("-", "_") for outcome in stage.outcomes}


def _circles(policy: Policy) -> Iterator[Finding]:
    """No chain of `open` without `next` returns to itself: it would open cases for ever in one night."""
    opens = {
        key[1]: {
            effect.open: event
            for event, effects in entry.effects.items()
            for effect in effects
            if effect.open and not effect.next
        }
        for key, entry in entries(policy)
        if key[0] == "case"
    }
    onward = {kind: set(targets) for kind, targets in opens.items()}
    for kind, targets in opens.items():
        for target, event in targets.items():
            if kind in _reached({target}, onward):
                yield say(
                    policy, "E216", ("case", kind), ("effects", event),
                    f"“{kind}”开出“{target}”，最后又开回自己", "加 next:，或在中间断开",
                )  # fmt: skip
