"""The card as it holds on one day: dated lines resolved, each number with its paper. This is what a run keeps.

A run must be computable after the pack's schema has moved on, so its card is written in the words of this file alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from zugong.packs.schema import measures as pack_measures
from zugong.packs.schema import scorecards as pack
from zugong.scorecards.methods import METHODS, Method, Said
from zugong.scorecards.rules import Base, Bound, Quota, Rounding


@dataclass(frozen=True)
class Count:
    """What a measure counts."""

    distinct: str = ""
    sum: str = ""
    when: str = ""


@dataclass(frozen=True)
class Measure:
    """A measure as it held on the day, with its label."""

    name: str
    label: str
    english: str
    facts: str
    where: str
    count: Count
    out_of: Count | None
    per: str
    minimum: int | None

    @property
    def said(self) -> Said:
        """The label in both languages."""
        return Said(self.label, self.english or self.label)


@dataclass(frozen=True)
class Indicator:
    """An indicator as it held on the day. Without a method its rules are incomplete: `lacking` says which values.

    `weight` brings the method's marks to other full marks (thousandths): only a trial sets it.
    """

    id: str
    label: str
    english: str
    layer: str
    classes: tuple[str, ...]
    word: str
    method: Method | None
    clause: str
    source: str
    lacking: tuple[str, ...] = ()
    weight: int | None = None

    @property
    def full(self) -> int:
        """Full marks in thousandths; 0 where the rules are incomplete."""
        if self.method is None:
            return 0
        return self.method.full if self.weight is None else self.weight

    @property
    def adds(self) -> bool:
        """Whether it adds beyond what can be reached without it (a bonus)."""
        return getattr(self.method, "adds", False)

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns it reads."""
        return self.method.figures if self.method else ()


@dataclass(frozen=True)
class Hit:
    """A condition, a veto or a cap: the measure that speaks, and the grade it gives or allows."""

    id: str
    label: str
    english: str
    clause: str
    figure: str
    grade: str = ""

    def said(self, language: str) -> str:
        """Return the label in a language."""
        return self.english if language.startswith("en") and self.english else self.label


@dataclass(frozen=True)
class Plan:
    """Everything a run needs to know of its card."""

    name: str
    label: str
    english: str
    day: date
    indicators: tuple[Indicator, ...]
    measures: tuple[Measure, ...]
    out_of: int | None
    eligible: tuple[Hit, ...]
    vetoes: tuple[Hit, ...]
    caps: tuple[Hit, ...]
    scale: tuple[str, ...]
    not_rated: bool
    thresholds: tuple[tuple[str, int], ...]
    quotas: tuple[Quota, ...]
    tie_indicator: str
    decided: bool
    empty: int = 0  # indicators that the source counts and does not list

    @property
    def threshold_marks(self) -> dict[int, int]:
        """Place on the scale → marks from which it is given, where the card sets them."""
        marks = dict(self.thresholds)
        return {place: marks[grade] for place, grade in enumerate(self.scale, 1) if grade in marks}

    @property
    def hits(self) -> dict[str, tuple[Hit, ...]]:
        """What takes something away, by the word that names it in `reasons`."""
        return {"eligible": self.eligible, "veto": self.vetoes, "cap": self.caps}

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        return {**asdict(self), "day": self.day.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Read a plan back; `from_json(to_json(plan)) == plan`."""
        return cls(
            **{
                **data,
                "day": date.fromisoformat(data["day"]),
                "indicators": tuple(_indicator_back(each) for each in data["indicators"]),
                "measures": tuple(_measure_back(each) for each in data["measures"]),
                "quotas": tuple(_quota_back(each) for each in data["quotas"]),
                **{name: tuple(Hit(**hit) for hit in data[name]) for name in ("eligible", "vetoes", "caps")},
                **{name: _tupled(data[name]) for name in ("scale", "thresholds")},
            }
        )


def plan(card: pack.Scorecard, measures: Mapping[str, pack_measures.Measure], *, day: date) -> Plan:
    """Resolve a card on a day. Raises KeyError for a measure that is not there (`packs check` finds it first)."""
    indicators = tuple(_indicator(each, card, day) for each in card.indicators)
    eligible = tuple(_hit(each) for each in card.eligible)
    vetoes = tuple(_hit(each, each.grade) for each in card.vetoes)
    caps = tuple(_hit(each, each.caps) for each in card.negative_list.items)
    read = _read(indicators, (*eligible, *vetoes, *caps))
    return Plan(
        name=card.name,
        label=card.label,
        english=card.english,
        day=day,
        indicators=indicators,
        measures=tuple(_measure(measures[name], day) for name in read),
        out_of=card.out_of.on(day),
        eligible=eligible,
        vetoes=vetoes,
        caps=caps,
        scale=tuple(card.grades.scale),
        not_rated=card.grades.not_rated,
        thresholds=tuple((card.grades.thresholds.on(day) or {}).items()),
        quotas=tuple(quota for each in card.grades.quotas if (quota := _quota(each, card, day))),
        tie_indicator=card.grades.tie_indicator,
        decided=card.decided,
        empty=max((card.slots or 0) - len(card.indicators), 0),
    )


def _read(indicators: Iterable[Indicator], hits: Iterable[Hit]) -> list[str]:
    named = [name for each in indicators if each.word != "rated" for name in each.figures]
    return sorted({*named, *(hit.figure for hit in hits)})


def _indicator(each: pack.Indicator, card: pack.Scorecard, day: date) -> Indicator:
    line = each.full.line(day)
    values, lacking = _values(each, day)
    return Indicator(
        id=each.id,
        label=each.label,
        english=each.english,
        layer=each.layer,
        classes=tuple(each.classes),
        word=each.by.method,
        method=None if lacking else METHODS[each.by.method](**values),
        clause=(line.clause if line else "") or each.clause or card.clause,
        source=(line.source if line else "") or each.source or card.source,
        lacking=lacking,
    )


def _values(each: pack.Indicator, day: date) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the method's values on the day, and the names of those that are not set."""
    values: dict[str, Any] = {"full": each.full.on(day)}
    match each.by:
        case pack.RatioMethod(done=done, due=due):
            values |= {"done": done, "due": due}
        case pack.BandedMethod(figure=figure, bands=bands):
            steps = bands.on(day)
            values |= {"figure": figure, "bands": steps and tuple((step.from_, step.marks) for step in steps)}
        case pack.DeductionMethod(figure=figure, each=per_case):
            values |= {"figure": figure, "each": per_case.on(day)}
        case pack.BonusMethod(figure=figure, proof=proof, each=per_case):
            values |= {"figure": figure, "proof": proof, "each": per_case.on(day)}
        case pack.ChecklistMethod(figure=figure, items=items):
            values |= {"figure": figure, "items": items}
        case pack.RatedMethod(raters=raters):
            weights = {stage: weight.on(day) for stage, weight in raters.items()}
            values |= {"of": each.id, "raters": None if None in weights.values() else tuple(weights.items())}
    return values, tuple(name for name, value in values.items() if value is None)


def _hit(each: pack.Condition | pack.Veto | pack.Cap, grade: str = "") -> Hit:
    return Hit(each.id, each.label, each.english, each.clause, each.figure, grade)


def _quota(each: pack.Quota, card: pack.Scorecard, day: date) -> Quota | None:
    """Return the quota of the day; an empty share binds nobody."""
    line = each.share.line(day)
    if line is None:
        return None
    return Quota(
        grade=each.grade,
        share=line.value,
        bound=Bound(each.bound),
        rounding=Rounding(each.rounding),
        of=Base(each.of),
        source=line.source or card.source,
        clause=line.clause or card.clause,
    )


def _measure(measure: pack_measures.Measure, day: date) -> Measure:
    return Measure(
        name=measure.name,
        label=measure.label,
        english=measure.english,
        facts=measure.facts,
        where=measure.where,
        count=_count(measure.count),
        out_of=_count(measure.out_of) if measure.out_of else None,
        per=measure.per,
        minimum=measure.minimum.on(day),
    )


def _count(count: pack_measures.Count) -> Count:
    return Count(count.distinct, count.sum, count.when)


def _indicator_back(data: Mapping[str, Any]) -> Indicator:
    method = data["method"]
    return Indicator(
        **{
            **data,
            "classes": tuple(data["classes"]),
            "lacking": tuple(data["lacking"]),
            "method": method
            and METHODS[data["word"]](**{name: _tupled(value) for name, value in method.items()}),
        }
    )


def _measure_back(data: Mapping[str, Any]) -> Measure:
    out_of = data["out_of"]
    return Measure(**{**data, "count": Count(**data["count"]), "out_of": out_of and Count(**out_of)})


def _quota_back(data: Mapping[str, Any]) -> Quota:
    kinds = {"bound": Bound(data["bound"]), "rounding": Rounding(data["rounding"]), "of": Base(data["of"])}
    return Quota(**{**data, **kinds})


def _tupled(value: Any) -> Any:
    return tuple(_tupled(each) for each in value) if isinstance(value, list | tuple) else value
