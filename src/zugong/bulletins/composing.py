"""What a bulletin says: every section drawn from facts as of a day, as plain data that is kept.

{"sections": [{"label", "english", "sentence", "columns", "rows": [[cell, …]], "chart": {"title", "unit", "points"},
"late": [{"case", "name"}]}]}
A text that is ours is kept in both languages, {"zh": …, "en": …}; a name is kept as it stands. Numbers are integers,
days are ISO text; names are of organisations, never of persons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from zugong.bulletins.models import Item
from zugong.cases import facts as cases
from zugong.cases.models import Case
from zugong.cases.rates import Rate, Rates, rates
from zugong.core.period import Period
from zugong.duties.models import Occurrence
from zugong.duties.rules import Outcome
from zugong.measures.counting import counted, figures
from zugong.measures.figures import Figure
from zugong.packs.policy import Policy
from zugong.packs.schema import CaseKind
from zugong.packs.schema.bulletins import Bulletin, Section
from zugong.packs.schema.measures import Measure
from zugong.registry.models import Particulars, names_on
from zugong.registry.rules import ORGANISATION
from zugong.scorecards.gathering import drawn
from zugong.scorecards.models import Run, RunState
from zugong.scorecards.rules import NOT_RATED

Drawn = dict[str, Any]
Both = dict[str, str]  # a text in both languages: zh, en


def compose(policy: Policy, entry: Bulletin, span: Period, as_of: date) -> Drawn:
    """Draw every section of a bulletin for a period, as of a day."""
    return {"sections": [_section(policy, entry, section, span, as_of) for section in entry.sections]}


def _section(policy: Policy, entry: Bulletin, section: Section, span: Period, as_of: date) -> Drawn:
    drawn: Drawn = {"label": section.label, "english": section.english}
    if section.measures:
        drawn |= _figures(policy, section, span, as_of)
    if section.table:
        drawn |= TABLES[section.table](policy, section, span, as_of)
    if section.items:
        drawn |= _items(policy, entry, span, as_of)
    return drawn


def _both(zh: str, en: str) -> Both:
    """Keep a text in both languages."""
    return {"zh": zh, "en": en}


def _label(labelled: Any) -> Both:
    return _both(labelled.said("zh"), labelled.said("en"))


UNIT_CASES, UNIT_UNITS = _both("件", "cases"), _both("个", "")
STAGE, COUNT = _both("环节", "Stage"), _both("件数", "Cases")
FIGURE, COUNTED, UNIT = _both("指标", "Figure"), _both("数", "Count"), _both("单位", "Unit")
OUTCOME, GRADE, NUMBER = _both("结果", "Outcome"), _both("等次", "Grade"), _both("个数", "Number")
DUTY, WANTED, DONE, RUNNING, SHORT = (
    _both("义务", "Duty"),
    _both("应到次数", "Owed"),
    _both("实到次数", "Done"),
    _both("进行中项数", "Under way"),
    _both("未完成项数", "Not done"),
)


def _figures(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """What the measures of the section count from the period's first day to the day asked; each with its unit."""
    import ibis

    rows: list[list[Any]] = []
    for name in section.measures:
        measure = policy.measure(name)
        table = ibis.memtable(drawn(measure.facts, span.first, as_of))
        counted_rows = counted(measure, table, day=as_of, minimum=measure.minimum.on(as_of))
        found = figures(measure, counted_rows.to_pyarrow().to_pylist(), day=as_of)
        rows += _drawn_figures(measure, found, as_of)
    return {
        "sentence": _both(f"截至{_said(as_of)}。", f"On {as_of}."),
        "columns": [FIGURE, COUNTED, UNIT],
        "rows": rows,
    }


def _drawn_figures(measure: Measure, found: Iterable[Figure], as_of: date) -> Iterator[list[Any]]:
    """Draw a figure of the whole county in one line, else one line for each unit, by its name; nobody's is left out."""
    if measure.per in ("", "county"):
        yield [_label(measure), "、".join(one.said() for one in found), measure.unit]
        return
    known = [one for one in found if one.of]
    names = names_on(as_of, (int(one.of) for one in known))
    for one in sorted(known, key=lambda one: names.get(int(one.of), "")):
        name = names.get(int(one.of), "")
        yield [
            _both(f"{measure.said('zh')}：{name}", f"{measure.said('en')}: {name}"), one.said(), measure.unit,
        ]  # fmt: skip


def _progress(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How many running cases stand at each stage, how many have ended, how many are past their deadline."""
    kind = policy.case(section.of)
    standing = cases.stages_on(kind.name, as_of)
    counts = Counter(standing.values())
    running = sum(count for stage, count in counts.items() if stage)
    late = list(Case.objects.filter(kind=kind.name, pk__in=standing).overdue(as_of).order_by("due_on", "pk"))
    rows: list[list[Any]] = [[_label(stage), counts[stage.name]] for stage in kind.stages]
    title = _both(f"{kind.said('zh')}各环节件数", f"{kind.said('en')}: cases at each stage")
    return {
        "sentence": _both(
            f"截至{_said(as_of)}，在办 {running} 件，其中逾期 {len(late)} 件；已结束 {counts['']} 件。",
            f"On {as_of}: {running} under way, {len(late)} of them overdue; {counts['']} ended.",
        ),
        "columns": [STAGE, COUNT],
        "rows": rows,
        "chart": {"title": title, "unit": UNIT_CASES, "points": rows} if section.chart else None,
        "late": list(_organisations(late, as_of)),
    }


def _organisations(late: list[Case], day: date) -> Iterator[dict[str, Any]]:
    """Name whom cases are about, one entry for each case; what is about a person is counted and not named."""
    there = Particulars.objects.on(day).filter(subject__noun=ORGANISATION)
    names = dict(there.filter(subject__in={one.about_id for one in late}).values_list("subject_id", "name"))
    for one in late:
        if name := names.get(one.about_id):
            yield {"case": one.pk, "name": name}


def _duties(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """What was owed and done in the period; persons are counted, not named."""
    duty = policy.duty(section.of)
    within = Occurrence.objects.filter(duty=duty.name, first__lte=span.last, last__gte=span.first)
    owed = list(within.exclude(outcome=Outcome.EXCUSED))
    needed, done = sum(one.needed for one in owed), sum(one.done for one in owed)
    lacking = [one for one in owed if one.short]
    running = sum(1 for one in lacking if not one.outcome)
    short, kept = len(lacking) - running, len(owed) - len(lacking)
    return {
        "sentence": _both(
            f"{duty.said('zh')}：应履行 {len(owed)} 项，已完成 {kept} 项，进行中 {running} 项，未完成 {short} 项。",
            f"{duty.said('en')}: {len(owed)} owed, {kept} done, {running} under way, {short} not done.",
        ),
        "columns": [DUTY, WANTED, DONE, RUNNING, SHORT],
        "rows": [[_label(duty), needed, done, running, short]],
    }


def _outcomes(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How often each outcome was reached in the period."""
    kind = policy.case(section.of)
    rows = cases.outcomes(span.first, min(span.last, as_of)).to_pylist()
    counts = Counter(row["outcome"] for row in rows if row["kind"] == kind.name)
    everything = sum(counts.values())
    return {
        "sentence": _both(f"本期共有 {everything} 项结果。", f"{everything} outcomes in this period."),
        "columns": [OUTCOME, COUNT],
        "rows": [
            [_both(kind.event_said(outcome), kind.event_said(outcome, "en")), count]
            for outcome, count in sorted(counts.items())
        ],
    }


def _grades(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How many units have each grade in the last published run."""
    card = policy.scorecard(section.of)
    runs = Run.objects.filter(card=card.name, state=RunState.PUBLISHED, published_on__lte=as_of)
    run = runs.order_by("-last").first()
    if run is None:
        return {
            "sentence": _both(
                f"“{card.said('zh')}”还没有公布的结果。",
                f"No result of “{card.said('en')}” is published yet.",
            )
        }
    counts = Counter(run.results.values_list("effective", flat=True))
    scale = [*card.grades.scale, *([NOT_RATED] if card.grades.not_rated else [])]
    words, english = card.grades.words, card.grades.english_words
    rows: list[list[Any]] = [
        [_both(words.get(grade, grade), english.get(grade) or words.get(grade, grade)), counts[grade]]
        for grade in scale
    ]
    everyone = sum(counts.values())
    return {
        "sentence": _both(f"{run.period}共评定 {everyone} 个。", f"{everyone} rated in {run.period}."),
        "columns": [GRADE, NUMBER],
        "rows": rows,
        "chart": {"title": _label(card), "unit": UNIT_UNITS, "points": rows} if section.chart else None,
    }


def _requests(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How many requests of a kind were made in the period, answered, solved, satisfied, by class or by unit: counts, no persons."""
    kind = policy.case(section.of)
    asked = cases.requests(span.first, min(span.last, as_of), as_of).to_pylist()
    rows = [row for row in asked if row["kind"] == kind.name and not row["merged"]]
    least = kind.intake.minimum.on(as_of) if kind.intake else None
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row[section.by]].append(row)
    called = _called(policy, kind, section.by, [key for key in groups if key is not None], as_of)
    lines = [
        [called.get(key, NOBODYS[section.by]), *_request_counts(some)]
        for key, some in sorted(groups.items(), key=lambda one: (-len(one[1]), str(one[0])))
    ]
    return {
        "sentence": _rates_said(rates(cases.asked(rows), None if least is None else int(least))),
        "columns": [BY_WHAT[section.by], ASKED, ANSWERED, SOLVED, SATISFIED, UNREACHABLE],
        "rows": lines,
        "chart": {"title": _label(section), "unit": UNIT_CASES, "points": [line[:2] for line in lines]}
        if section.chart
        else None,
    }


def _request_counts(rows: list[Any]) -> list[int]:
    found = rates(cases.asked(rows), None)
    return [len(rows), found.response.done, found.solution.done, found.satisfaction.done, found.unreachable]


def _rates_said(found: Rates) -> Both:
    """Say the three rates, each with its counts; too few are counts alone."""
    three = (found.response, found.solution, found.satisfaction)
    zh = [
        f"{word} {_rate_said(one, '件数少，不算率')}"
        for word, one in zip(("已答复", "已解决", "满意"), three, strict=True)
    ]
    en = [
        f"{word} {_rate_said(one, 'too few for a rate')}"
        for word, one in zip(("answered", "solved", "satisfied"), three, strict=True)
    ]
    return _both(
        f"本期计入 {found.response.of} 件：{'，'.join(zh)}；联系不上 {found.unreachable} 件，不计入 {found.excluded} 件。",
        f"{found.response.of} requests count: {', '.join(en)}; {found.unreachable} could not be reached, "
        f"{found.excluded} left out.",
    )


def _rate_said(rate: Rate, too_few: str) -> str:
    if rate.share is None:
        return f"{rate.done}/{rate.of} [{too_few}]" if rate.of else f"{rate.done}/{rate.of}"
    return f"{rate.done}/{rate.of} = {rate.share // 10}.{rate.share % 10}%"


def _called(policy: Policy, kind: CaseKind, by: str, keys: list[Any], day: date) -> dict[Any, Any]:
    """Name classes in the pack's words, organisations by their names."""
    spec = policy.fields.get(kind.intake.sorts or "") if kind.intake else None
    if by == "class" and spec and spec.kind == "class":
        return {item.id: _label(item) for item in policy.classes(spec.of).items}
    return dict(names_on(day, (int(key) for key in keys)))


ASKED, ANSWERED, SOLVED, SATISFIED, UNREACHABLE = (
    _both("提出", "Made"),
    _both("已答复", "Answered"),
    _both("已解决", "Solved"),
    _both("满意", "Satisfied"),
    _both("联系不上", "Unreachable"),
)
BY_WHAT = {
    "class": _both("类别", "Class"),
    "township": _both("乡镇（街道）", "Township (street)"),
    "department": _both("承办单位", "Unit"),
}
NOBODYS = {
    "class": _both("未分办", "Not sorted yet"),
    "township": _both("其他", "Other"),
    "department": _both("暂无承办单位", "No owner yet"),
}

TABLES: dict[str, Callable[[Policy, Section, Period, date], Drawn]] = {
    "progress": _progress,
    "duties": _duties,
    "outcomes": _outcomes,
    "grades": _grades,
    "requests": _requests,
}


def _items(policy: Policy, entry: Bulletin, span: Period, as_of: date) -> Drawn:
    """What engines put in this bulletin in the period: day, township, organisation, what happened."""
    items = list(
        Item.objects.filter(kind=entry.name, day__gte=span.first, day__lte=min(span.last, as_of)).order_by(
            "day", "id"
        )
    )
    if not items:
        return {"sentence": _both("本期没有需要通报的变化。", "Nothing changed in this period.")}
    names, townships = _named(as_of, [item.about_id for item in items if item.about_id])
    rows = [
        [
            item.day.isoformat(),
            townships.get(item.about_id or 0, ""),
            names.get(item.about_id or 0, ""),
            _event(policy, item),
        ]
        for item in items
    ]
    return {
        "sentence": _both(f"本期共 {len(rows)} 项变化。", f"{len(rows)} changes in this period."),
        "columns": [
            _both("日期", "Day"),
            _both("乡镇（街道）", "Township (street)"),
            _both("组织", "Organisation"),
            _both("情况", "What happened"),
        ],
        "rows": rows,
    }


def _event(policy: Policy, item: Item) -> Both:
    """Say what happened as the pack says it, else by the kind's own word, else by the entry's label."""
    if said := item.words.get("effect", {}).get("says"):
        return _both(said, item.words["effect"].get("says_english") or said)
    of, event = item.words["of"], item.words["event"]
    kind = policy.entries.get(("case", of))
    if isinstance(kind, CaseKind):
        return _both(kind.event_said(event), kind.event_said(event, "en"))
    entry = next((one for (_kind, name), one in policy.entries.items() if name == of), None)
    return _label(entry) if entry else _both(of, of)


def _named(day: date, subjects: Iterable[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the names of organisations and of those above them."""
    rows = Particulars.objects.on(day).filter(subject__in=set(subjects))
    parents = dict(rows.values_list("subject_id", "parent_id"))
    above = names_on(day, [parent for parent in parents.values() if parent])
    return names_on(day, parents), {
        subject: above.get(parent or 0, "") for subject, parent in parents.items()
    }


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
