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
    """Return unit, numerator, denominator (null without one), too_few (0 or 1), one row per unit that has rows.

    A county-wide measure gives one row, with the unit "". The same expression runs on DuckDB and PostgreSQL.
    """
    import ibis

    rows = facts.filter(_holds(measure.where, facts, day)) if measure.where else facts
    unit = rows[measure.per] if measure.per not in ("", WHOLE_COUNTY) else ibis.literal("")
    numerator = _number(measure.count, rows, day)
    denominator = _number(measure.out_of, rows, day) if measure.out_of else ibis.null("int64")
    size = denominator if measure.out_of else rows.count()
    sums = rows.group_by(unit=unit).aggregate(numerator=numerator, denominator=denominator, size=size)
    if minimum is None:
        return sums.select("unit", "numerator", "denominator", too_few=ibis.literal(0, "int64"))
    few = sums.size < minimum
    return sums.select(
        "unit",
        numerator=few.ifelse(ibis.null("int64"), sums.numerator),
        denominator=few.ifelse(ibis.null("int64"), sums.denominator),
        too_few=few.cast("int64"),
    )


def figures(measure: MeasureLike, rows: Iterable[Mapping[str, Any]], *, day: date) -> list[Figure]:
    """Return the rows of a counted table as figures."""
    return [
        Figure(measure.name, row["unit"], row["numerator"], row["denominator"], day, bool(row["too_few"]))
        for row in rows
    ]


def _holds(text: str, facts: Table, day: date) -> BooleanValue:
    return guards.condition(guards.read(text), facts, day=day)


def _number(count: CountLike, rows: Table, day: date) -> IntegerValue:
    when = _holds(count.when, rows, day) if count.when else None
    if count.distinct:
        return rows[count.distinct].nunique(where=when)
    if count.sum:
        # Rows that `when` leaves out add nothing; only a column without any known value has no sum.
        column = rows[count.sum]
        added = column if when is None else when.fill_null(False).ifelse(column, 0)
        return added.sum().cast("int64")
    return rows.count(where=when)
