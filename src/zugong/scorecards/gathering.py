"""What a rating is computed from: the fact tables of every engine beneath, as of a day, keyed by codes.

Engines number the rows of the registry; frozen facts carry codes, so that a run can be read without the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from zugong.activities import facts as activities
from zugong.cases import facts as cases
from zugong.core.tables import table
from zugong.duties import facts as duties
from zugong.ledgers import facts as ledgers
from zugong.packs.policy import Policy
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry import facts as registry
from zugong.registry.models import Particulars, Subject, names_on
from zugong.registry.selecting import Asked
from zugong.scorecards.models import Mark
from zugong.surveys import facts as surveys

if TYPE_CHECKING:
    import pyarrow as pa

# Fact table → how it is drawn for a period. Whoever writes a measure chooses among these.
TABLES: dict[str, Callable[[date, date], pa.Table]] = {
    "activities.held": activities.held,
    "activities.answers": activities.answers,
    "cases.outcomes": cases.outcomes,
    "cases.requests": cases.requests_measured,
    "duties.occurrences": duties.occurrences,
    "duties.answers": duties.answers,
    "ledgers.postings": ledgers.postings,
    "surveys.tallies": surveys.tallies,
}
# Columns that number a row of the registry; frozen facts carry its code instead.
SUBJECTS = frozenset(
    [
        "organisation",
        "township",
        "department",
        "village",
        "run_by",
        "at",
        "person",
        "who",
        "towards",
        "post",
        "parent",
        "subject",
        "near",
        "far",
    ]
)


def key(subject: int, code: str) -> str:
    """Return the name of a unit in frozen facts: its code, or its number where it has none."""
    return code or f"#{subject}"


def keys() -> dict[int, str]:
    """Return the key of every subject that has a code."""
    return {pk: key(pk, code) for pk, code in Subject.objects.exclude(code="").values_list("pk", "code")}


def units(card: Scorecard, policy: Policy, day: date) -> list[dict[str, Any]]:
    """Return the units a card is about on a day: pk, unit (key), name, klass, group, township."""
    found = Asked(policy, day).find(card.about)
    rows = (
        Particulars.objects.on(day).filter(subject__in=found).select_related("subject").order_by("subject_id")
    )
    parents = names_on(day, [row.parent_id for row in rows if row.parent_id])
    groups: dict[str, Callable[[Particulars], str]] = {
        "county": lambda row: "",
        "township": lambda row: parents.get(row.parent_id or 0, ""),
        "class": lambda row: row.klass,
    }
    return [
        {
            "pk": row.subject_id,
            "unit": key(row.subject_id, row.subject.code),
            "name": row.name,
            "klass": row.klass,
            "group": groups[card.group](row),
            "township": row.parent_id,
        }
        for row in rows
    ]


def tables(names: Iterable[str], first: date, last: date) -> dict[str, pa.Table]:
    """Draw the fact tables that a card's measures name, with codes in place of numbers."""
    known = keys()
    return {name: _coded(drawn(name, first, last), known) for name in sorted(set(names)) if _is_there(name)}


def _is_there(name: str) -> bool:
    return name in TABLES or name in registry.TABLES


def drawn(name: str, first: date, last: date) -> pa.Table:
    """What happened in the period; of the registry, what was so on its last day."""
    if name in TABLES:
        return TABLES[name](first, last)
    one = registry.TABLES[name]
    return table(one.columns, one.rows(last))


def ratings(card: str, period: str, known: Mapping[int, str], day: date) -> pa.Table:
    """Return the marks of raters for a period: unit, indicator, stage, marks, by (the rater's name).

    Marks given to a unit that is no longer rated count for nothing and stay where they are.
    """
    rows = list(
        Mark.objects.filter(card=card, period=period, superseded=False, unit__in=known).order_by("id")
    )
    names = names_on(day, [row.rater_id for row in rows])
    return table(
        {"unit": str, "indicator": str, "stage": str, "marks": int, "by": str},
        [
            {
                "unit": known[row.unit_id],
                "indicator": row.indicator,
                "stage": row.stage,
                "marks": row.marks,
                "by": names.get(row.rater_id, ""),
            }
            for row in rows
        ],
    )


def units_table(rows: Sequence[Mapping[str, Any]], models: frozenset[int]) -> pa.Table:
    """Return the units as the engine wants them: unit, group, klass, model."""
    return table(
        {"unit": str, "group": str, "klass": str, "model": int},
        [{**row, "model": int(row["pk"] in models)} for row in rows],
    )


def decisions_table(grades: Mapping[str, str], *, by: str, day: date, minutes: str) -> pa.Table:
    """Return grades that were decided without a score: unit, grade, by, day, minutes."""
    decided = {"by": by, "day": day, "minutes": minutes}
    return table(
        {"unit": str, "grade": str, "by": str, "day": date, "minutes": str},
        [{"unit": unit, "grade": grade, **decided} for unit, grade in sorted(grades.items())],
    )


def together(one: pa.Table, other: pa.Table) -> pa.Table:
    """Return the rows of two tables with the same columns."""
    import pyarrow as pa

    return pa.concat_tables([one, other.select(one.column_names).cast(one.schema)])


def _coded(found: pa.Table, known: Mapping[int, str]) -> pa.Table:
    import pyarrow as pa

    for name in SUBJECTS:
        if name in found.column_names and pa.types.is_integer(found.schema.field(name).type):
            place = found.column_names.index(name)
            codes = [None if pk is None else known.get(pk, f"#{pk}") for pk in found[name].to_pylist()]
            found = found.set_column(place, name, pa.array(codes, pa.string()))
    return found
