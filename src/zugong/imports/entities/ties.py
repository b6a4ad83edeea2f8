"""Appointments, memberships, links, standings: who holds, belongs, is tied, stands, from a day until a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from zugong.accounts.rules import May
from zugong.duties import handing
from zugong.imports.entities import dated
from zugong.imports.entities.book import Asking, Book, Change, Line, Made, names_of, point
from zugong.imports.entities.dated import day_of, overlap, said
from zugong.imports.rules import UNKNOWN, Column, Kind, shown
from zugong.packs.policy import Policy
from zugong.packs.schema import AppointmentKind, LinkKind, Roll
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term
from zugong.registry import bulk
from zugong.registry.actions import bar_of, ended, is_kept, meant
from zugong.registry.models import Appointment, Dated, Link, Membership, Standing
from zugong.registry.powers import rolls as readable
from zugong.registry.rules import NOUNS, ORGANISATION, PERSON, POST, Cardinality
from zugong.registry.selecting import Asked, standing_on

SINCE = Column(
    "since",
    "起始日期",
    Kind.DAY,
    required=True,
    or_unknown=True,
    hint=f"如 2025-03-01；不清楚的填{UNKNOWN}",
    example="2025-03-01",
)
UNTIL = Column("until", "终止日期", Kind.DAY, hint="从这一天起不再有效；仍有效的留空")
SUBSTANTIVE = "substantive"


class Ties(Book):
    """Dated rows between ends. What a kind of them adds is said in its subclass."""

    group = "名册"
    needs = May.KEEP
    model: type[Dated]
    ends: tuple[str, ...]  # columns that are also the model's
    words: tuple[str, ...] = ()  # columns beside the ends and the days
    fixed: Mapping[str, Any] = {}
    alone: tuple[tuple[str, ...], ...] = ()  # what stands once at a time: groups of ends

    # --- Out ---

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield the rows that stand today, or are still to come, of the subjects the asker keeps."""
        found = self.model.objects.known().filter(**self.fixed)
        listed = [row for row in found if row.valid.upper is None or row.valid.upper > asking.day]
        scopes = self._scopes(asking)
        listed = [row for row in listed if self._within(row, scopes)]
        names = names_of([getattr(row, f"{end}_id") for row in listed for end in self.ends], asking.day)
        cells = [
            {
                **{end: names.get(getattr(row, f"{end}_id"), "") for end in self.ends},
                **{word: getattr(row, word) for word in self.words},
                "since": row.valid.lower or UNKNOWN,
                "until": row.valid.upper,
            }
            for row in listed
        ]
        return sorted(cells, key=lambda row: tuple(str(row[end]) for end in self.ends))

    def _scopes(self, asking: Asking) -> dict[str, Any]:
        return {end: self._among(asking, self.column(end)) for end in self.ends}

    def _within(self, row: Any, scopes: Mapping[str, Any]) -> bool:
        return all(
            any(ids is None or getattr(row, f"{end}_id") in ids for ids in scopes[end].values())
            for end in self.ends
        )

    def _among(self, asking: Asking, column: Column) -> dict[str, Any]:
        return {noun: asking.keeping(noun) for noun in column.nouns}

    # --- Compare ---

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """The ends, and the day from which."""
        return (*(line.given.get(end) for end in self.ends), line.given.get("since"))

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find both ends, the row that stands, and whatever stands in the way."""
        for end in self.ends:
            column = self.column(end)
            point(asking, lines, column, self._among(asking, column))
        good = [line for line in lines if line.good]
        for line in good:
            self._days(line)
        good = [line for line in good if line.good]
        rows = self._standing(good)
        index = {(*(getattr(row, f"{end}_id") for end in self.ends), row.valid.lower): row for row in rows}
        for line in good:
            self._compare(line, index)
        acting = [line for line in good if line.good and line.change != Change.SAME]
        self._alone(acting, _but(rows, acting))
        self._check(asking, [line for line in acting if line.good], _but(rows, acting))

    def _days(self, line: Line) -> None:
        since, until = day_of(line.given["since"]), day_of(line.given.get("until"))
        if since and until and until <= since:
            line.fault("until", "终止日期要晚于起始日期")

    def _standing(self, lines: Sequence[Line]) -> list[Any]:
        """Return the rows that say anything of any of the ends that may not be doubled."""
        asked = Q()
        for end in self.ends:
            asked |= Q(**{f"{end}__in": {line.given[end] for line in lines}})
        return list(self.model.objects.known().filter(asked, **self.fixed)) if lines else []

    def _compare(self, line: Line, index: Mapping[tuple[Any, ...], Any]) -> None:
        ends = tuple(line.given[end] for end in self.ends)
        old = index.get((*ends, day_of(line.given["since"])))
        line.does = old
        if old is None:
            line.change = Change.ADD
            return
        differs = [
            f"{self.column(word).label}改为“{shown(self.column(word), line.given[word])}”"
            for word in self.words
            if line.given.get(word) is not None and line.given[word] != getattr(old, word)
        ]
        until = day_of(line.given.get("until"))
        if until and until != old.valid.upper:
            differs.append(f"终止日期改为 {until}")
        line.change = Change.CHANGE if differs else Change.SAME
        line.said = "；".join(differs)

    def _check(self, asking: Asking, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        """Hold the lines against what the pack says; what each kind adds."""

    def _alone(self, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        """Refuse what would stand twice at a time: beside a row that stands, or beside another line."""
        for group in self.alone:
            spans: dict[Any, list[tuple[DateRange, str, bool]]] = defaultdict(list)
            for row in rows:
                key = tuple(getattr(row, f"{end}_id") for end in group)
                spans[key].append((row.valid, "库里已有一条", self._counts(row)))
            for line in lines:
                key = tuple(line.given[end] for end in group)
                days, counts = self._span(line), self._counts_line(line, group)
                for other, where, also in spans[key]:
                    if counts and (also or len(group) == len(self.ends)) and overlap(days, other):
                        upper = f"至 {other.upper}" if other.upper else "至今"
                        line.fault(
                            "since",
                            f"{where}，{said(other.lower)} {upper}，与这一行的时间重叠；请先写明前一条的终止日期",
                        )
                        break
                spans[key].append((days, f"与第 {line.number} 行重叠", counts))

    def _counts(self, row: Any) -> bool:
        return True

    def _counts_line(self, line: Line, group: tuple[str, ...]) -> bool:
        return True

    def _span(self, line: Line) -> DateRange:
        until = day_of(line.given.get("until"))
        if until is None and line.does is not None:
            until = line.does.valid.upper
        return DateRange(day_of(line.given["since"]), until)

    # --- In ---

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Add the new rows; supersede those that change."""
        acting = [line for line in lines if line.change in (Change.ADD, Change.CHANGE)]
        closed = [line.does for line in acting if line.does]
        rows = [self._row(line, source) for line in acting]
        added = bulk.supersede_all(closed, rows, by=asking.user)
        return dated.made(self.model.__name__.lower(), added, closed)

    def _row(self, line: Line, source: str) -> Dated:
        said_ = {word: line.given[word] for word in self.words if line.given.get(word) is not None}
        days = {"valid": self._span(line), "source": source}
        if line.does is not None:
            again: Dated = bulk.again(line.does, **said_, **days)
            return again
        ends = {f"{end}_id": line.given[end] for end in self.ends}
        return self.model(**ends, **self.fixed, **said_, **days)

    # --- Back ---

    def left(self, made: Made) -> list[str]:
        """Say what depends on it."""
        return dated.left(made)

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Supersede what was added, and let stand again what stood before."""
        dated.take_back(made, by=asking.user)


class Appointments(Ties):
    """任职."""

    name, label, english = "appointment", "任职", "Appointments"
    model, ends, words = Appointment, ("person", "post"), ("kind",)
    alone = (("post",), ("person", "post"))

    def __init__(self, policy: Policy) -> None:
        self.kinds = {one.name: one for one in policy.all("appointment", AppointmentKind)}
        labels = {SUBSTANTIVE: "任职", **{name: one.label for name, one in self.kinds.items()}}
        self.columns = (
            Column("person", "人员", Kind.REF, required=True, nouns=(PERSON,), example="李禾"),
            Column("post", "职务", Kind.REF, required=True, nouns=(POST,), example="白石村党支部书记"),
            Column("kind", "任职方式", Kind.CHOICE, options=labels, hint="留空为任职"),
            SINCE,
            UNTIL,
        )

    def _exclusive(self, kind: str | None) -> bool:
        entry = self.kinds.get(kind or SUBSTANTIVE)
        return entry.exclusive if entry else True

    def _counts(self, row: Any) -> bool:
        return bool(row.exclusive)

    def _counts_line(self, line: Line, group: tuple[str, ...]) -> bool:
        return len(group) == 2 or self._exclusive(line.given.get("kind"))

    def _check(self, asking: Asking, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        super()._check(asking, lines, rows)
        for line in lines:
            kind = self.kinds.get(line.given.get("kind") or SUBSTANTIVE)
            if kind and kind.acts_for:
                line.fault("kind", "代理由担任职务的人或者上一级组织在职务页面上指定，不能导入")
            if (day := _ends_on(line)) and is_kept(line.does, day):
                line.fault("until", "这个人在外任职期间保留原职务，请先结束在外的任职")

    def _row(self, line: Line, source: str) -> Dated:
        row = super()._row(line, source)
        kind = line.given.get("kind") or (line.does.kind if line.does else SUBSTANTIVE)
        for column, word in meant(self.kinds.get(kind), row.valid.lower).items():
            setattr(row, column, word)
        return row

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Add and end appointments; what follows from an end follows as if it had been done by hand."""
        made = super().enter(asking, lines, source=source)
        ends = [(line.does, day) for line in lines if (day := _ends_on(line))]
        for one, day in ends:
            ended(one, day, by=asking.user)
        if ends:
            handing.follow(asking.day)
        return made

    def left(self, made: Made) -> list[str]:
        """Say also what has been done in the hand-overs that the ends opened."""
        return [*super().left(made), *handing.worked_on(made["closed"])]

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Let the hand-overs that nobody has worked on fall away with the ends."""
        super().take_back(asking, made, reason=reason)
        handing.undone(made["closed"], day=asking.day, reason=reason)


def _ends_on(line: Line) -> date | None:
    """Return the day on which a line ends an appointment that stands; None where it ends none, or later than it would."""
    until, old = day_of(line.given.get("until")), line.does
    stood = line.change == Change.CHANGE and until and (old.valid.upper is None or until < old.valid.upper)
    return until if stood else None


class Memberships(Ties):
    """组织关系."""

    name, label, english = "membership", "组织关系", "Memberships"
    model, ends, alone = Membership, ("person", "organisation"), (("person",),)

    def __init__(self, policy: Policy) -> None:
        self.columns = (
            Column("person", "党员", Kind.REF, required=True, nouns=(PERSON,), example="李禾"),
            Column(
                "organisation",
                "所在支部",
                Kind.REF,
                required=True,
                nouns=(ORGANISATION,),
                example="白石村党支部",
            ),
            SINCE,
            UNTIL,
        )


class Links(Ties):
    """One kind of tie of the pack: 包保, 联系点, 结对."""

    group = "联系"
    model, ends, alone = Link, ("near", "far"), (("near", "far"),)

    def __init__(self, policy: Policy, kind: LinkKind, role: str) -> None:
        self.kind, self.role, self.allowed = kind, role, kind.kinds[role]
        self.name = f"link.{kind.name}.{role}"
        self.label = f"{kind.label}·{self.allowed.label}"
        self.english = f"{kind.english}: {self.allowed.english}"
        self.fixed = {"kind": kind.name, "role": role}
        self.columns = (
            Column("near", self.allowed.label, Kind.REF, required=True, nouns=nouns_of(self.allowed.from_)),
            Column("far", "对象", Kind.REF, required=True, nouns=nouns_of(self.allowed.to)),
            SINCE,
            UNTIL,
        )

    def _check(self, asking: Asking, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        policy = asking.policy
        policy.link(self.kind.name)
        barred = self._barred(lines)
        for since, group in _by_day(lines, asking.day).items():
            asked = Asked(policy, since)
            new = [line for line in group if line.change == Change.ADD]
            for column, selector in (("near", self.allowed.from_), ("far", self.allowed.to)) if new else ():
                among = asked.find(selector)
                for line in new:
                    if line.given[column] not in among:
                        line.fault(column, f"{said(since)}不能列入“{self.allowed.label}”，请核对类别和名册")
            for need in self.allowed.needs if new else ():
                roll = need.removeprefix("on ")
                on_roll = standing_on(roll, since)
                for line in new:
                    if line.given["near"] not in on_roll:
                        line.fault("near", f"须先列入“{policy.roll(roll).label}”")
        for line in lines:
            if line.change == Change.CHANGE and line.given["far"] in barred:
                line.fault(
                    "until", "制度规定这一关系现在不得解除；要解除的，请在这一关系的页面上写明理由办理"
                )
        self._counted(asking, [line for line in lines if line.good], rows)

    def _barred(self, lines: Sequence[Line]) -> set[int]:
        rows = Standing.objects.known().filter(
            roll=bar_of(f"link.{self.kind.name}"), subject__in={line.given["far"] for line in lines}
        )
        return {
            row.subject_id
            for row in rows
            if any(
                overlap(row.valid, DateRange(day_of(line.given.get("until")), None))
                for line in lines
                if line.given["far"] == row.subject_id
            )
        }

    def _counted(self, asking: Asking, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        """Refuse the ties that an end has too many of."""
        for end, cardinality in (("near", self.allowed.each_from), ("far", self.allowed.each_to)):
            spans: dict[int, list[DateRange]] = defaultdict(list)
            for row in rows:
                spans[getattr(row, f"{end}_id")].append(row.valid)
            for line in lines:
                days = self._span(line)
                text = cardinality.on(days.lower or asking.day)
                beside = [span for span in spans[line.given[end]] if overlap(span, days)]
                if text and Cardinality.read(text).exceeds(_most(beside, days) + 1):
                    line.fault(
                        end,
                        f"“{self.allowed.label}”每个{'一端' if end == 'near' else '对象'}只能有 {text} 个，已经满了",
                    )
                else:
                    spans[line.given[end]].append(days)


class Standings(Ties):
    """One roll of the pack: who stands on it, with which value."""

    group = "名册与等次"
    model, ends, words, alone = Standing, ("subject",), ("value",), (("subject",),)

    def __init__(self, policy: Policy, roll: Roll) -> None:
        self.roll, self.name = roll, f"roll.{roll.name}"
        self.label, self.english = roll.label, roll.english
        self.fixed = {"roll": roll.name}
        values = {one: roll.words.get(one, one) for one in roll.value}
        self.columns = (
            Column("subject", "对象", Kind.REF, required=True, nouns=nouns_of(roll.of)),
            Column(
                "value", "内容", Kind.CHOICE if values else Kind.TEXT, required=bool(values), options=values
            ),
            SINCE,
            UNTIL,
        )

    def open_to(self, asking: Asking) -> bool:
        """Only a roll whose lines the asker may read."""
        return super().open_to(asking) and self.roll.name in readable(asking.user, asking.policy, asking.day)

    def _check(self, asking: Asking, lines: Sequence[Line], rows: Sequence[Any]) -> None:
        asking.policy.roll(self.roll.name)
        if self.roll.two_people:  # a sheet has one sender
            for line in lines:
                line.fault("subject", "这份名册须两人办理，请在名册页面上提出，由另一人同意")
            return
        for since, group in _by_day(lines, asking.day).items():
            among = Asked(asking.policy, since).find(self.roll.of)
            for line in group:
                if line.change == Change.ADD and line.given["subject"] not in among:
                    line.fault("subject", f"{said(since)}不能列入“{self.roll.label}”，请核对类别")


def _but(rows: Sequence[Any], lines: Sequence[Line]) -> list[Any]:
    """Return the rows that no line replaces."""
    replaced = {line.does.pk for line in lines if line.does}
    return [row for row in rows if row.pk not in replaced]


def nouns_of(selector: Selector) -> tuple[str, ...]:
    """Return what a selector finds: the noun of its first word."""

    def lead(term: Term) -> str:
        match term:
            case Named(lead=word):
                return word
            case OnRoll(inner, _) | Sample(_, inner):
                return lead(inner)
            case Joined(left, _, _):
                return lead(left)

    first = lead(selector.term)
    if first == "holder" or first == "link":
        return (PERSON, ORGANISATION)
    return (first,) if first in NOUNS else (ORGANISATION,)


def _by_day(lines: Sequence[Line], today: date) -> dict[date, list[Line]]:
    """Group lines by the day on which the pack is asked; 不详 is asked today."""
    grouped: dict[date, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[day_of(line.given["since"]) or today].append(line)
    return grouped


def _most(spans: Sequence[DateRange], days: DateRange) -> int:
    """Return how many of the spans, at most, lie on one of the days."""
    starts = {max((day for day in (span.lower, days.lower) if day), default=date.min) for span in spans}
    return max(
        (
            sum((s.lower is None or s.lower <= day) and (s.upper is None or day < s.upper) for s in spans)
            for day in starts
        ),
        default=0,
    )


def ties(policy: Policy) -> list[Ties]:
    """Return the books of every kind of tie that the pack knows."""
    links = [Links(policy, kind, role) for kind in policy.all("link", LinkKind) for role in kind.kinds]
    rolls = [Standings(policy, roll) for roll in policy.all("roll", Roll)]
    return [Appointments(policy), Memberships(policy), *links, *rolls]
