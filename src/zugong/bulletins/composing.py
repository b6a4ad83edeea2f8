"""What a bulletin says: every section drawn from facts as of a day, as plain data that is kept.

{"sections": [{"label": …, "sentence": …, "columns": […], "rows": [[…], …], "chart": {"title", "unit", "points"}}]}
Numbers are integers; days are ISO text; names are of organisations, never of persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import Sum

from zugong.bulletins.models import Item
from zugong.cases import facts as cases
from zugong.cases.models import Case
from zugong.core.period import Period
from zugong.duties.models import Occurrence
from zugong.packs.policy import Policy
from zugong.packs.schema.bulletins import Bulletin, Section
from zugong.registry.models import Particulars, names_on
from zugong.scorecards.models import Run, RunState

Drawn = dict[str, Any]


def compose(policy: Policy, entry: Bulletin, span: Period, as_of: date) -> Drawn:
    """Draw every section of a bulletin for a period, as of a day."""
    return {"sections": [_section(policy, entry, section, span, as_of) for section in entry.sections]}


def _section(policy: Policy, entry: Bulletin, section: Section, span: Period, as_of: date) -> Drawn:
    drawn: Drawn = {"label": section.label, "english": section.english}
    if section.table:
        drawn |= TABLES[section.table](policy, section, span, as_of)
    if section.items:
        drawn |= _items(policy, entry, span, as_of)
    return drawn


def _progress(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How many running cases stand at each stage, how many have ended, how many are past their deadline."""
    kind = policy.case(section.of)
    standing = cases.stages_on(kind.name, as_of)
    counts = Counter(standing.values())
    running = sum(count for stage, count in counts.items() if stage)
    late = Case.objects.filter(kind=kind.name).overdue(as_of).filter(pk__in=standing).count()
    rows: list[list[Any]] = [[stage.label, counts[stage.name]] for stage in kind.stages]
    return {
        "sentence": f"截至{_said(as_of)}，在办 {running} 件，其中逾期 {late} 件；已结束 {counts['']} 件。",
        "columns": ["环节", "件数"],
        "rows": rows,
        "chart": {"title": f"{kind.label}各环节件数", "unit": "件", "points": rows}
        if section.chart
        else None,
    }


def _duties(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """What was owed and done in the period, by township of whom it was owed to; persons are counted, not named."""
    duty = policy.duty(section.of)
    owed = Occurrence.objects.filter(duty=duty.name, first__lte=span.last, last__gte=span.first)
    sums = owed.aggregate(needed=Sum("needed"), done=Sum("done"))
    short = sum(1 for one in owed if one.short)
    everybody = owed.count()
    return {
        "sentence": f"{duty.label}：应履行 {everybody} 项，已完成 {everybody - short} 项，未完成 {short} 项。",
        "columns": ["义务", "应到次数", "实到次数", "未完成项数"],
        "rows": [[duty.label, sums["needed"] or 0, sums["done"] or 0, short]],
    }


def _outcomes(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How often each outcome was reached in the period."""
    kind = policy.case(section.of)
    rows = cases.outcomes(span.first, min(span.last, as_of)).to_pylist()
    counts = Counter(row["outcome"] for row in rows if row["kind"] == kind.name)
    return {
        "sentence": f"本期共有 {sum(counts.values())} 项结果。",
        "columns": ["结果", "件数"],
        "rows": [[kind.event_said(outcome), count] for outcome, count in sorted(counts.items())],
    }


def _grades(policy: Policy, section: Section, span: Period, as_of: date) -> Drawn:
    """How many units have each grade in the last published run."""
    card = policy.scorecard(section.of)
    runs = Run.objects.filter(card=card.name, state=RunState.PUBLISHED, published_on__lte=as_of)
    run = runs.order_by("-last").first()
    if run is None:
        return {"sentence": f"“{card.label}”还没有公布的结果。"}
    counts = Counter(run.results.values_list("grade", flat=True))
    scale = [*card.grades.scale, "not-rated"]
    rows: list[list[Any]] = [[card.grades.words.get(grade, grade), counts[grade]] for grade in scale]
    return {
        "sentence": f"{run.period}共评定 {sum(counts.values())} 个。",
        "columns": ["等次", "个数"],
        "rows": rows,
        "chart": {"title": card.label, "unit": "个", "points": rows} if section.chart else None,
    }


TABLES: dict[str, Callable[[Policy, Section, Period, date], Drawn]] = {
    "progress": _progress,
    "duties": _duties,
    "outcomes": _outcomes,
    "grades": _grades,
}


def _items(policy: Policy, entry: Bulletin, span: Period, as_of: date) -> Drawn:
    """What engines put in this bulletin in the period: day, township, organisation, what happened."""
    items = list(
        Item.objects.filter(kind=entry.name, day__gte=span.first, day__lte=min(span.last, as_of)).order_by(
            "day", "id"
        )
    )
    if not items:
        return {"sentence": "本期没有需要通报的变化。"}
    names, townships = _named(as_of, [item.about_id for item in items if item.about_id])
    rows = [
        [
            item.day.isoformat(),
            townships.get(item.about_id or 0, ""),
            names.get(item.about_id or 0, ""),
            policy.case(item.words["of"]).event_said(item.words["event"]),
        ]
        for item in items
    ]
    return {
        "sentence": f"本期共 {len(rows)} 项变化。",
        "columns": ["日期", "乡镇（街道）", "组织", "情况"],
        "rows": rows,
    }


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
