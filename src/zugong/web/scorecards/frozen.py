"""Frozen facts as a reader wants them: columns and codes in words, days and money as elsewhere, and who entered each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zugong.accounts.models import User
from zugong.activities import powers as activity_powers
from zugong.cases import powers as case_powers
from zugong.cases.models import Step
from zugong.duties import powers as duty_powers
from zugong.duties.models import Answer, Fulfilment
from zugong.duties.rules import OUTCOMES, Outcome
from zugong.ledgers import powers as ledger_powers
from zugong.ledgers.rules import said as amount_said
from zugong.packs.policy import Policy
from zugong.packs.schema import CaseKind, Classes
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry.models import Subject, names_on
from zugong.registry.rules import PERSON
from zugong.scorecards.engine.explaining import Counted
from zugong.scorecards.models import Run
from zugong.web.asking import said, said_period
from zugong.web.plain import by_name
from zugong.web.scorecards.showing import there
from zugong.web.templatetags.zugong import day as day_said
from zugong.web.templatetags.zugong import money

Row = Mapping[str, Any]

# Columns that lead to a record → the address they lead to.
RECORDS = {"activity": "activity", "case": "case", "occurrence": "duty-occurrence"}
DAYS = frozenset(["day", "first", "last", "since", "as_of"])
TICKS = frozenset(
    [
        "confirmed", "evidence", "reversal", "counts", "answered", "solved", "unsolved",
        "satisfied", "dissatisfied", "unreachable", "on_time", "late", "merged", "excluded",
    ]
)  # fmt: skip
SUBJECTS = frozenset(["who", "towards", "run_by", "at", "post", "village", "department"])
# What the page says already, and what is nobody's business on the page of a rating.
HIDDEN = {
    "organisation", "township", "organisation_class", "person_class", "noun", "subject",
    "person", "sex", "education", "age",
}  # fmt: skip
# Said in one word, as what became of the duty; said with the value, as its unit.
FOLDED = frozenset(["kept", "missed", "excused", "settled", "unit", "yuan"])
ENTRIES = {"duty": "duty", "roll": "roll", "ledger": "ledger"}
KINDS = {"activities": "activity", "cases": "case", "registry": "appointment"}


@dataclass(frozen=True)
class Frozen:
    """The rows of a fact table that a figure counts, under the card of a run, as one user may read them."""

    run: Run
    policy: Policy
    card: Scorecard
    table: str
    rows: Sequence[Row]
    user: User
    today: date

    def columns(self) -> list[str]:
        """Name the columns that are shown, in their order, none that is empty; `became` and `entered` are ours."""
        held = [
            name
            for name in (self.rows[0] if self.rows else ())
            if any(row[name] not in (None, "") for row in self.rows)
        ]
        became = ["became"] if "settled" in held else []
        shown = [name for name in held if name not in HIDDEN | FOLDED]
        return [*shown, *became, *(["entered"] if self.rows and self.table in ENTERED else [])]

    def cells(self) -> list[list[dict[str, Any]]]:
        """Return the rows as they are read: value, href, and whether it is a number."""
        names, entered = self._names(), entered_by(self.table, self.rows, self.run, self.user, self.today)
        columns = self.columns()
        return [
            [self._cell(name, {**row, "entered": who}, names) for name in columns]
            for row, who in zip(self.rows, entered, strict=True)
        ]

    def _cell(self, name: str, row: Row, names: Mapping[str, str]) -> dict[str, Any]:
        value = row.get(name)
        href = there(RECORDS[name], value) if name in RECORDS and value is not None else ""
        words = self._word(name, row, names) if name == "became" or value not in (None, "") else "—"
        return {"value": words, "href": href, "number": isinstance(words, int) and not href}

    def _word(self, name: str, row: Row, names: Mapping[str, str]) -> Any:
        value: Any = row.get(name)
        if name in DAYS:
            return day_said(date.fromisoformat(value))
        if name in TICKS:
            return _("是") if value else _("否")
        if name in SUBJECTS:
            return names.get(value, value)
        match name:
            case "became":
                return _became(row)
            case "period":
                return said_period(value)
            case "exact":
                return {"exact": _("准确数"), "at-least": _("不少于"), "about": _("约数")}.get(value, value)
            case "value":
                return self._value(value, row)
            case "amount":
                return said(amount_said(value, self.policy.ledger(row["ledger"]).unit))
            case "said":
                return self._option(row["field"], value)
            case "field":
                return said(self.policy.fields[value]) if value in self.policy.fields else value
            case "post_class" | "class":
                return self._klass(value)
            case "outcome":
                return self._outcome(row["kind"], value)
            case "label":
                listed = {each.id: each for each in self.card.negative_list.items}
                return said(listed[value]) if value in listed else value
            case "kind":
                return self._entry(KINDS.get(self.table.split(".")[0], ""), value)
        return self._entry(ENTRIES[name], value) if name in ENTRIES else value

    def _entry(self, kind: str, name: str) -> str:
        found = self.policy.entries.get((kind, name))
        return said(found) if found else name

    def _value(self, value: Any, row: Row) -> Any:
        if row.get("unit") == "fen":
            return money(value)
        if row.get("unit") == "thousandths":
            whole, rest = divmod(value, 10)
            return f"{whole}.{rest}%"
        spec = self.policy.fields.get(row.get("field", ""))
        if spec and spec.kind == "tick":
            return _("是") if value else _("否")
        unit = row.get("unit") or (spec.unit if spec else "")
        return f"{value} {unit}" if unit else value

    def _option(self, field: str, value: str) -> str:
        spec = self.policy.fields.get(field)
        options = {item.id: item for item in spec.options} if spec else {}
        return said(options[value]) if value in options else value

    def _klass(self, name: str) -> str:
        items = {item.id: item for entry in self.policy.all("classes", Classes) for item in entry.items}
        return said(items[name]) if name in items else name

    def _outcome(self, kind: str, outcome: str) -> str:
        entry = self.policy.entries.get(("case", kind))
        stages = entry.stages if isinstance(entry, CaseKind) else []
        return next((said(one.choice(outcome)) for one in stages if outcome in one.outcomes), outcome)

    def _names(self) -> dict[str, str]:
        """Return what the bodies and posts of the rows are called, by their keys; a person stays a person."""
        keys = {str(row[name]) for row in self.rows for name in SUBJECTS & row.keys() if row[name]}
        coded = Subject.objects.filter(code__in=keys).values_list("pk", "code", "noun")
        numbered = Subject.objects.filter(pk__in=[key[1:] for key in keys if key.startswith("#")])
        found = {pk: (code, noun) for pk, code, noun in coded}
        found |= {pk: (f"#{pk}", noun) for pk, noun in numbered.values_list("pk", "noun")}
        names = names_on(self.run.day, found)
        return {key: _("本人") if noun == PERSON else names.get(pk, key) for pk, (key, noun) in found.items()}


def _became(row: Row) -> str:
    words = {"kept": Outcome.KEPT, "missed": Outcome.MISSED, "excused": Outcome.EXCUSED}
    return next((said(OUTCOMES[one]) for name, one in words.items() if row[name]), _("未到期"))


# Who entered a fact: read from its record, by whoever may read that; a frozen fact carries no person.

Entered = Callable[[Sequence[Row], Run, User, date], Iterable[str]]


def entered_by(table: str, rows: Sequence[Row], run: Run, user: User, today: date) -> list[str]:
    """Return who entered each row, and who checked it; nothing where the record is not the user's to read."""
    who = ENTERED[table](rows, run, user, today) if table in ENTERED else [""] * len(rows)
    return [by_name(one) for one in who]


def _two(by: str, second: str) -> str:
    return _("%(by)s，%(second)s核对") % {"by": by, "second": second} if second else by


def _activities(rows: Sequence[Row], run: Run, user: User, today: date) -> Iterator[str]:
    seen = activity_powers.visible(user, today).filter(pk__in={row["activity"] for row in rows})
    by = {pk: _two(*who) for pk, *who in seen.values_list("pk", "entered_by", "confirmed_by")}
    return (by.get(row["activity"], "") for row in rows)


def _cases(rows: Sequence[Row], run: Run, user: User, today: date) -> Iterator[str]:
    seen = case_powers.visible(user, today).filter(pk__in={row["case"] for row in rows})
    steps = Step.objects.filter(case__in=seen.values("pk")).exclude(outcome="").select_related("by")
    by = {
        (one.case_id, one.outcome, one.day.isoformat()): str(one.by) if one.by else _("系统") for one in steps
    }
    return (by.get((row["case"], row["outcome"], row["day"]), "") for row in rows)


def _duties(rows: Sequence[Row], run: Run, user: User, today: date) -> Iterator[str]:
    seen = duty_powers.visible(user, today).filter(pk__in={row["occurrence"] for row in rows})
    by: dict[int, list[str]] = {pk: [who] for pk, who in seen.values_list("pk", "excused_by") if who}
    held = Fulfilment.objects.filter(
        occurrence__in=seen.values("pk"), activity__in=activity_powers.visible(user, today).values("pk")
    )
    for pk, who in held.order_by("activity__day").values_list("occurrence", "activity__entered_by"):
        by.setdefault(pk, []).append(who)
    return (_("、").join(dict.fromkeys(by.get(row["occurrence"], []))) for row in rows)


def _answers(rows: Sequence[Row], run: Run, user: User, today: date) -> Iterator[str]:
    seen = duty_powers.visible(user, today).filter(pk__in={row["occurrence"] for row in rows})
    checked = Answer.objects.filter(occurrence__in=seen.values("pk"), at__lte=run.run_at)
    newest = checked.exclude(checked_by="").order_by("version")
    by = {(one.occurrence_id, one.field): _two(one.by, one.checked_by) for one in newest}
    return (by.get((row["occurrence"], row["field"]), "") for row in rows)


def _postings(rows: Sequence[Row], run: Run, user: User, today: date) -> Iterator[str]:
    seen = ledger_powers.visible_postings(user, today).filter(pk__in={row["posting"] for row in rows})
    by = dict(seen.values_list("pk", "by"))
    return (by.get(row["posting"], "") for row in rows)


ENTERED: dict[str, Entered] = {
    "activities.held": _activities,
    "activities.answers": _activities,
    "cases.outcomes": _cases,
    "duties.occurrences": _duties,
    "duties.answers": _answers,
    "ledgers.postings": _postings,
}


def counted_how(counted: Counted) -> str:
    """Say how the figure follows from its rows, where it is not their number."""
    count = counted.measure.count
    if counted.total is None:
        return ""
    if count.sum:
        return _("“%(column)s”合计 %(n)d") % {"column": column_word(count.sum), "n": counted.total}
    words = {"column": column_word(count.distinct), "n": counted.total}
    return ngettext("不同的“%(column)s” %(n)d 个", "不同的“%(column)s” %(n)d 个", counted.total) % words


def table_word(name: str) -> str:
    """Return what a fact table is called."""
    words = {
        "activities.held": _("已开展的活动"),
        "activities.answers": _("活动中填报的内容"),
        "cases.outcomes": _("事项的结果"),
        "cases.requests": _("群众诉求"),
        "decisions": _("审定的等次"),
        "duties.occurrences": _("应履行的义务"),
        "duties.answers": _("定期填报的数字"),
        "ledgers.postings": _("台账记账"),
        "ratings": _("评定人的打分"),
        "registry.appointments": _("任职"),
        "registry.links": _("联系"),
        "registry.memberships": _("组织关系"),
        "registry.organisations": _("组织"),
        "registry.standings": _("名册"),
        "units": _("参评单位"),
    }
    return words.get(name, name)


def column_word(name: str) -> str:
    """Return what a column of a fact table is called."""
    words = {
        "activity": _("活动"),
        "amount": _("数额"),
        "as_of": _("截至"),
        "at": _("地点"),
        "attended": _("实到"),
        "became": _("履行情况"),
        "case": _("事项"),
        "confirmed": _("已确认"),
        "day": _("日期"),
        "answered": _("已答复"),
        "channel": _("从哪里来"),
        "class": _("类别"),
        "counts": _("计入"),
        "deed": _("事由"),
        "department": _("承办单位"),
        "dissatisfied": _("不满意"),
        "escalated": _("逐级提醒到第几级"),
        "excluded": _("不计入"),
        "late": _("已过总期限"),
        "merged": _("并入别件"),
        "on_time": _("按期"),
        "reopened": _("重办次数"),
        "satisfied": _("满意"),
        "solved": _("已解决"),
        "unreachable": _("联系不上"),
        "unsolved": _("未解决"),
        "done": _("已完成"),
        "duty": _("义务"),
        "entered": _("录入人"),
        "evidence": _("有证据"),
        "exact": _("准确程度"),
        "excused": _("已免"),
        "field": _("项目"),
        "first": _("自"),
        "kept": _("已履行"),
        "kind": _("类别"),
        "label": _("名称"),
        "last": _("至"),
        "ledger": _("台账"),
        "met": _("已开"),
        "missed": _("未履行"),
        "needed": _("应开"),
        "occurrence": _("义务编号"),
        "outcome": _("结果"),
        "period": _("时段"),
        "person": _("人"),
        "post": _("职务名称"),
        "post_class": _("职务"),
        "posting": _("记账编号"),
        "reversal": _("冲回"),
        "roll": _("名册"),
        "run_by": _("组织者"),
        "said": _("内容"),
        "short": _("还差"),
        "should_attend": _("应到"),
        "since": _("起"),
        "source": _("依据"),
        "towards": _("对象"),
        "value": _("数值"),
        "who": _("义务人"),
        "yuan": _("金额（元）"),
    }
    return words.get(name, name)
