"""Measure + fact table → one row per unit: unit, numerator, denominator, too few.

Counting nothing gives nothing (0): a fact table lists all that is so. Adding up nothing gives no answer (null):
an income that nobody reported is not an income of zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from zugong.measures import guards
from zugong.measures.figures import Figure
from zugong.packs.findings import Finding

if TYPE_CHECKING:
    from ibis import Table
    from ibis.expr.types import BooleanValue, IntegerValue

WHOLE_COUNTY = "county"
PARTS = ("numerator", "denominator", "size")


class CountLike(Protocol):
    """What is counted: rows, distinct values of a column, or the sum of one; `when` narrows it."""

    @property
    def distinct(self) -> str: ...  # noqa: D102
    @property
    def sum(self) -> str: ...  # noqa: D102
    @property
    def when(self) -> str: ...  # noqa: D102


class MeasureLike(Protocol):
    """What `packs.schema.measures.Measure` and a frozen copy of it have in common."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def facts(self) -> str: ...  # noqa: D102
    @property
    def where(self) -> str: ...  # noqa: D102
    @property
    def count(self) -> CountLike: ...  # noqa: D102
    @property
    def out_of(self) -> CountLike | None: ...  # noqa: D102
    @property
    def per(self) -> str: ...  # noqa: D102


def columns(measure: MeasureLike) -> frozenset[str]:
    """Return the columns of the fact table that a measure reads. Raises GuardError."""
    counts = [count for count in (measure.count, measure.out_of) if count]
    texts = [text for text in (measure.where, *(count.when for count in counts)) if text]
    read = frozenset[str]().union(*(guards.columns(guards.read(text)) for text in texts))
    named = {name for count in counts for name in (count.distinct, count.sum) if name}
    per = set() if measure.per in ("", WHOLE_COUNTY) else {measure.per}
    return read | named | per


def findings(
    measure: MeasureLike, known: Mapping[str, Iterable[str]], *, file: str, line: int
) -> list[Finding]:
    """Check a measure against the fact tables there are: `known` is table → its columns. Empty: it can be counted."""
    try:
        wanted = columns(measure)
    except guards.GuardError as error:
        return [Finding("measures.E001", file, line, error.message, error.hint)]
    if measure.facts not in known:
        hint = "有：" + "、".join(sorted(known))
        return [Finding("measures.E002", file, line, f"没有叫“{measure.facts}”的事实表", hint)]
    hint = "有：" + "、".join(sorted(known[measure.facts]))
    return [
        Finding("measures.E003", file, line, f"事实表“{measure.facts}”没有“{name}”这一栏", hint)
        for name in sorted(wanted - set(known[measure.facts]))
    ]


def counted(measure: MeasureLike, facts: Table, *, day: date, minimum: int | None = None) -> Table:
    """Return unit, numerator, denominator (null without one), too_few (0 or 1), one row per unit of the table.

    A county-wide measure gives one row, with the unit "". The same expression runs on DuckDB and PostgreSQL.
    """
    numerator, denominator, size = _numbers(measure, facts, day)
    sums = facts.group_by(unit=_unit(measure, facts)).aggregate(
        numerator=numerator, denominator=denominator, size=size
    )
    few = sums.size.fill_null(0) < (minimum or 0)
    return sums.select(
        "unit",
        numerator=few.ifelse(None, sums.numerator),
        denominator=few.ifelse(None, sums.denominator),
        too_few=few.cast("int64"),
    )


def values(
    measures: Mapping[str, MeasureLike], facts: Table, *, day: date, minimums: Mapping[str, int | None]
) -> Table:
    """Return unit and one column of values per measure: the count, or the share in thousandths, cut.

    In one pass over one fact table, for measures that are `per` the same. Too few is null.
    """
    from zugong.measures.whole import floor

    numbers = {name: _numbers(measure, facts, day) for name, measure in measures.items()}
    unit = _unit(next(iter(measures.values())), facts)
    sums = facts.group_by(unit=unit).aggregate(
        **{
            f"{name} {part}": number
            for name, three in numbers.items()
            for part, number in zip(PARTS, three, strict=True)
            if part == "numerator"
            or (part == "denominator" and measures[name].out_of)
            or (part == "size" and minimums[name])
        }
    )

    def value(name: str) -> IntegerValue:
        found = sums[f"{name} numerator"]
        if measures[name].out_of:
            found = floor(found * 1000, sums[f"{name} denominator"])
        if least := minimums[name]:
            found = (sums[f"{name} size"].fill_null(0) < least).ifelse(None, found)
        return found

    return sums.select("unit", **{name: value(name) for name in measures})


def figures(measure: MeasureLike, rows: Iterable[Mapping[str, Any]], *, day: date) -> list[Figure]:
    """Return the rows of a counted table as figures."""
    return [
        Figure(measure.name, row["unit"], row["numerator"], row["denominator"], day, bool(row["too_few"]))
        for row in rows
    ]


def absent(measure: MeasureLike) -> int | None:
    """Return what a measure is for a unit without any row: no count, but no answer for a sum or a share."""
    return None if measure.count.sum or measure.out_of else 0


def _unit(measure: MeasureLike, facts: Table) -> Any:
    import ibis

    return facts[measure.per] if measure.per not in ("", WHOLE_COUNTY) else ibis.literal("")


def _numbers(measure: MeasureLike, facts: Table, day: date) -> tuple[Any, Any, Any]:
    """Return numerator, denominator and the size of the group. The size is what a minimum is held against."""
    import ibis

    where = _holds(measure.where, facts, day)
    numerator = _number(measure.count, facts, where, day)
    if measure.out_of:
        denominator = _number(measure.out_of, facts, where, day)
        return numerator, denominator, denominator
    return numerator, ibis.null("int64"), facts.count(where=where)


def _number(count: CountLike, facts: Table, where: BooleanValue | None, day: date) -> IntegerValue:
    when = _holds(count.when, facts, day)
    both = _and(where, when)
    if count.distinct:
        return facts[count.distinct].nunique(where=both)
    if count.sum:
        # Rows that `when` leaves out add nothing; only where no row has a known value is there no sum.
        column = facts[count.sum]
        added = column if when is None else when.fill_null(False).ifelse(column, 0)
        return added.sum(where=where)
    return facts.count(where=both)


def _holds(text: str, facts: Table, day: date) -> BooleanValue | None:
    return guards.condition(guards.read(text), facts, day=day) if text else None


def _and(one: BooleanValue | None, other: BooleanValue | None) -> BooleanValue | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
