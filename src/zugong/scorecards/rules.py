"""Grading in plain arithmetic: quotas with bound and rounding, totals, candidates, what changed between two years.

Nothing here knows a database. A grade is a word of the card's scale (best first); None or `NOT_RATED` is 不予评定.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zugong.core.workdays import Workdays
from zugong.packs.schema.common import Item
from zugong.packs.schema.scorecards import Limit, Scorecard
from zugong.scorecards.methods.said import Said

NOT_RATED = "not-rated"  # 不予评定


class Bound(StrEnum):
    """How a quota binds."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"


class Rounding(StrEnum):
    """What becomes of a fraction of a village."""

    FLOOR = "floor"
    CEILING = "ceiling"
    HALF_UP = "half_up"


class Base(StrEnum):
    """Of whom a quota is a share."""

    RATED = "rated"
    ALL = "all"


BOUNDS = {
    Bound.AT_LEAST: Said("不少于", "at least"),
    Bound.AT_MOST: Said("不多于", "at most"),
    Bound.EXACTLY: Said("正好", "exactly"),
}
ROUNDINGS = {
    Rounding.FLOOR: Said("舍去小数", "rounded down"),
    Rounding.CEILING: Said("小数进一", "rounded up"),
    Rounding.HALF_UP: Said("四舍五入", "rounded half up"),
}


def part(base: int, share: int, rounding: Rounding) -> int:
    """Return a share (thousandths) of a base as a whole number: 268 × 100‰ is 26 by floor, 27 by ceiling."""
    added = {Rounding.FLOOR: 0, Rounding.HALF_UP: 500, Rounding.CEILING: 999}[rounding]
    return (base * share + added) // 1000


@dataclass(frozen=True)
class Quota:
    """So many of a grade: `share` in thousandths of the base. The line's source and clause go with it."""

    grade: str
    share: int
    bound: Bound = Bound.AT_MOST
    rounding: Rounding = Rounding.FLOOR
    of: Base = Base.ALL
    source: str = ""
    clause: str = ""

    def wanted(self, *, rated: int, everyone: int) -> int:
        """Return the number that the quota names, for these counts."""
        return part(everyone if self.of == Base.ALL else rated, self.share, self.rounding)

    def bounded(self, natural: int, wanted: int) -> int:
        """Return how many get the grade where `natural` would have it without a quota."""
        match self.bound:
            case Bound.AT_LEAST:
                return max(natural, wanted)
            case Bound.AT_MOST:
                return min(natural, wanted)
            case Bound.EXACTLY:
                return wanted

    def judge(self, found: int, *, rated: int, everyone: int, group: str = "") -> Verdict:
        """Compare what was found with the quota; bound, rounding and base are kept with the verdict."""
        base = everyone if self.of == Base.ALL else rated
        return Verdict(self, group, base, self.wanted(rated=rated, everyone=everyone), found)


@dataclass(frozen=True)
class Verdict:
    """What a quota says about a count: wanted, found, whether it passes, and by how many it is missed."""

    quota: Quota
    group: str
    base: int
    wanted: int
    found: int

    @property
    def difference(self) -> int:
        """How many more were found than wanted; negative where some are lacking."""
        return self.found - self.wanted

    @property
    def passes(self) -> bool:
        """Whether the bound holds."""
        return {
            Bound.AT_LEAST: self.difference >= 0,
            Bound.AT_MOST: self.difference <= 0,
            Bound.EXACTLY: self.difference == 0,
        }[self.quota.bound]

    @property
    def sentence(self) -> Said:
        """Say it: 210 × 10% = 21（舍去小数），要求不少于 21，实有 22（多 1）：符合."""
        bound, rounding = BOUNDS[self.quota.bound], ROUNDINGS[self.quota.rounding]
        sum_ = f"{self.base} × {share_text(self.quota.share, 1000)} → {self.wanted}"
        by = abs(self.difference)
        zh_by = f"（{'多' if self.difference > 0 else '少'} {by}）" if by else ""
        en_by = f" ({by} {'more' if self.difference > 0 else 'fewer'})" if by else ""
        return Said(
            f"{sum_}（{rounding.zh}），要求{bound.zh} {self.wanted}，实有 {self.found}{zh_by}："
            f"{'符合' if self.passes else '不符合'}",
            f"{sum_} ({rounding.en}); {bound.en} {self.wanted} wanted, {self.found} found{en_by}: "
            f"{'passes' if self.passes else 'fails'}",
        )


def share_text(numerator: int, denominator: int) -> str:
    """Write a share in per cent with up to two places, halves up: 27 of 268 is 10.07%."""
    if not denominator:
        return "—"
    whole, rest = divmod((numerator * 20_000 + denominator) // (2 * denominator), 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True)
class Decided:
    """A year's grades as somebody decided them, without a score: counted, never computed."""

    scale: tuple[str, ...]
    grades: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """How many have each grade, best first, and last those not rated."""
        found = Counter(self.grades.values())
        return {grade: found[grade] for grade in (*self.scale, NOT_RATED)}

    @property
    def total(self) -> int:
        """How many units were decided about."""
        return len(self.grades)

    @property
    def rated(self) -> int:
        """How many have a grade of the scale."""
        return self.total - self.counts[NOT_RATED]

    def candidates(self, *, grades: Iterable[str]) -> tuple[str, ...]:
        """Return the units with one of these grades, sorted: those on next year's list."""
        wanted = frozenset(grades)
        return tuple(sorted(unit for unit, grade in self.grades.items() if grade in wanted))

    def judge(self, quota: Quota) -> Verdict:
        """Hold a quota against the grades."""
        return quota.judge(self.counts[quota.grade], rated=self.rated, everyone=self.total)


def decide(grades: Mapping[str, str | None], *, scale: Sequence[str]) -> Decided:
    """Take a year's grades, unit → grade (None: not rated). Raises ValueError for a grade off the scale."""
    words = {unit: grade if grade is not None else NOT_RATED for unit, grade in grades.items()}
    if strange := sorted(set(words.values()) - {*scale, NOT_RATED}):
        raise ValueError(f"等次表里没有“{strange[0]}”")
    return Decided(tuple(scale), words)


@dataclass(frozen=True)
class TotalCheck:
    """A printed figure beside the one that was counted. Printed figures are compared, never used."""

    name: str
    printed: int
    found: int

    @property
    def passes(self) -> bool:
        """Whether both are the same."""
        return self.printed == self.found

    @property
    def sentence(self) -> Said:
        """Say both figures and by how many they differ."""
        differs = self.found - self.printed
        zh = "相符" if self.passes else f"不符，{'多' if differs > 0 else '少'} {abs(differs)}"
        en = "agree" if self.passes else f"differ by {differs:+d}"
        return Said(
            f"公布 {self.printed}，实有 {self.found}：{zh}",
            f"{self.printed} printed, {self.found} found: {en}",
        )


def check_totals(printed: Mapping[str, int], counts: Mapping[str, int]) -> list[TotalCheck]:
    """Hold printed figures against counts: by grade, and `total` for all together."""
    found = {**counts, "total": sum(counts.values())}
    return [TotalCheck(name, figure, found.get(name, 0)) for name, figure in printed.items()]


@dataclass(frozen=True)
class Printed:
    """The grades that a source prints, best first; `lacking` names those of the scale that it does not print."""

    figures: Mapping[str, int]
    lacking: tuple[str, ...]
    whole: int | None  # all units, printed or added up; None where a grade is lacking and no total is printed

    @property
    def sum(self) -> int:
        """What the printed grades add up to."""
        return sum(self.figures.values())

    @property
    def shares(self) -> dict[str, str] | None:
        """Each printed grade's share of the whole; None: not computable."""
        whole = self.whole
        if whole is None:
            return None
        return {grade: share_text(count, whole) for grade, count in self.figures.items()}

    def sentence(self, words: Mapping[str, str], english: Mapping[str, str]) -> Said:
        """Say the sum and the shares: A类 141 + B类 345 = 486；未印出C类，占比无法计算."""
        shares = self.shares
        if shares is None:
            zh = "未印出" + "、".join(words.get(grade, grade) for grade in self.lacking) + "，占比无法计算"
            en = ", ".join(english.get(grade, grade) for grade in self.lacking)
            return Said(
                f"{self._added(words)}；{zh}",
                f"{self._added(english)}; {en} not printed, shares not computable",
            )
        zh = "，".join(f"{words.get(grade, grade)} {share}" for grade, share in shares.items())
        en = ", ".join(f"{english.get(grade, grade)} {share}" for grade, share in shares.items())
        return Said(f"{self._added(words)}；{zh}", f"{self._added(english)}; {en}")

    def _added(self, words: Mapping[str, str]) -> str:
        parts = " + ".join(f"{words.get(grade, grade)} {count}" for grade, count in self.figures.items())
        return f"{parts} = {self.sum}"


def printed(figures: Mapping[str, int], scale: Sequence[str], *, not_rated: bool = False) -> Printed:
    """Take a card's printed figures: grade → units, and `all` where the source prints how many there are."""
    grades = [*scale, *([NOT_RATED] if not_rated else [])]
    known = {grade: figures[grade] for grade in grades if grade in figures}
    lacking = tuple(grade for grade in grades if grade not in figures)
    whole = figures.get("all", None if lacking else sum(known.values()))
    return Printed(known, lacking, whole)


def place(grade: str | None, scale: Sequence[str]) -> int | None:
    """Return the place of a grade on its scale, 1 for the best; None for not rated."""
    return scale.index(grade) + 1 if grade in scale else None


def guard_facts(
    grade: str | None, scale: Sequence[str], *, before: str | None = None
) -> dict[str, str | int | bool | None]:
    """Return what guards of effects may ask about a grade: grade, place, not_rated, rose, fell.

    Grades are compared by place and not as words, which would compare by alphabet. Who was not rated before has
    neither risen nor fallen.
    """
    now, then = place(grade, scale), place(before, scale)
    both = now is not None and then is not None
    return {
        "grade": grade,
        "place": now,
        "not_rated": grade is None or grade == NOT_RATED,
        "rose": both and now < then,  # type: ignore[operator]  # both are numbers here
        "fell": both and now > then,  # type: ignore[operator]
    }


def last_day(limit: Limit | None, began: date, workdays: Workdays) -> date | None:
    """Return the last day of something that began on a day; None where it does not stand open, or no length is set."""
    if limit is None:
        return None
    if limit.working_days is not None:
        return workdays.after(began, limit.working_days).day
    return None if limit.days is None else workdays.days_after(began, limit.days).day


def forbidding(
    card: Scorecard, reasons: Iterable[str], grade: str, *, wrongly: Iterable[str] = ()
) -> Item | None:
    """Return the condition, veto or cap that spoke and forbids a grade; None where none does.

    `wrongly` names those that were found wrongly recorded: they forbid nothing.
    """
    spoke = set(reasons) - set(wrongly)
    barred = [one for one in card.eligible if f"eligible:{one.id}" in spoke]
    if barred:
        return None if grade == NOT_RATED else barred[0]
    for veto in card.vetoes:
        if f"veto:{veto.id}" in spoke:
            return None if grade == veto.grade else veto
    at = place(grade, card.grades.scale)
    for cap in card.negative_list.items:
        if f"cap:{cap.id}" in spoke and at and at < (place(cap.caps, card.grades.scale) or 0):
            return cap
    return None
