"""5 Numbers: cardinalities that can be met, weights that total, bands without hole, quotas that say how, printed sums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from zugong.packs.checks.saying import entries, say
from zugong.packs.dated import Dated
from zugong.packs.findings import Finding
from zugong.packs.nearest import nearest
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import Evidence, Parties
from zugong.packs.schema.common import Every
from zugong.packs.schema.registry import LinkKind, LinkRole
from zugong.packs.schema.scorecards import BandedMethod, Grades, RatedMethod, Scorecard
from zugong.packs.schema.surveys import Survey
from zugong.packs.selectors import Named, OnRoll, Term
from zugong.packs.walking import Steps, walk

NOT_RATED = "not-rated"
WHOLE = 100
CARDINALITY = re.compile(r"^(\d+)(?:(\.\.)(\d*))?$")


def found(policy: Policy) -> Iterator[Finding]:
    """Yield numbers that cannot be right together."""
    for key, entry in entries(policy):
        if isinstance(entry, LinkKind):
            yield from _links(policy, key, entry)
        if isinstance(entry, Scorecard):
            yield from _grades(policy, key, entry)
            yield from _within_full(policy, key, entry)
            yield from _printed(policy, key, entry)
        if isinstance(entry, Survey):
            weights = {name: voters.weight for name, voters in entry.voters.items()}
            yield from _whole(policy, key, ("voters",), weights)
        for path, part in walk(entry):
            yield from _part(policy, key, path, part)


def _part(policy: Policy, key: Key, path: Steps, part: Any) -> Iterator[Finding]:
    match part:
        case BandedMethod():
            yield from _bands(policy, key, path, part)
        case RatedMethod(raters=raters):
            yield from _whole(
                policy, key, (*path, "raters"), {str(stage): weight for stage, weight in raters.items()}
            )
        case Evidence():
            for start, line in part.at_least.values.items():
                if line.value > len(set(part.any_of)):
                    at = (*path, "at_least", "values", str(start))
                    yield say(
                        policy, "E509", key, at, f"只列了{len(set(part.any_of))}种依据，却要{line.value}种"
                    )
        case Parties(rule="n", n=n, names=names) if n is None or n > len(names):
            yield say(policy, "E510", key, path, f"{len(names)}家里要{n}家，办不到", "写 n:，不超过家数")
        case Every():
            yield from _rhythm(policy, key, path, part)


# Links


def _links(policy: Policy, key: Key, link: LinkKind) -> Iterator[Finding]:
    for name, role in link.kinds.items():
        for word in ("each_from", "each_to"):
            for start, line in getattr(role, word).values.items():
                if bounds(line.value) is None:
                    at = ("kinds", name, word, "values", str(start))
                    yield say(policy, "E501", key, at, f"“{line.value}”不是数量的写法", "写 1、1.. 或 0..2")
        yield from _can_be_met(policy, key, link, name, role)


def _can_be_met(policy: Policy, key: Key, link: LinkKind, name: str, role: LinkRole) -> Iterator[Finding]:
    """With the printed counts of both ends, some number of ties must suit both: 33 heads cannot lead 39 one to one."""
    near, far = link.printed.get(name), link.printed.get(_class(role.to.term))
    if near is None or far is None:
        return
    for day in _days([role.each_from, role.each_to]):
        low_near, high_near = _ties(near, bounds(role.each_from.on(day) or "0.."))
        low_far, high_far = _ties(far, bounds(role.each_to.on(day) or "0.."))
        if max(low_near, low_far) > min(high_near, high_far):
            yield say(
                policy, "E502", key, ("kinds", name),
                f"{near}个与{far}个凑不成：这一头要{_span(low_near, high_near)}条，那一头要{_span(low_far, high_far)}条",
                "放宽一头的数量",
            )  # fmt: skip
            return


def bounds(text: str) -> tuple[int, int | None] | None:
    """Read `1`, `1..` or `0..2`; None where it is written otherwise."""
    found = CARDINALITY.match(text.strip())
    if found is None:
        return None
    least = int(found[1])
    if not found[2]:
        return least, least
    return least, int(found[3]) if found[3] else None


def _ties(count: int, each: tuple[int, int | None] | None) -> tuple[int, float]:
    least, most = each or (0, None)
    return count * least, float("inf") if most is None else count * most


def _span(low: float, high: float) -> str:
    if high == float("inf"):
        return f"至少{low}"
    return f"{low}" if low == high else f"{low}至{high}"


def _class(term: Term) -> str:
    match term:
        case OnRoll(inner, _):
            return _class(inner)
        case Named(_, names) if names:
            return names[0]
        case Named(lead, ()):
            return lead
    return ""


# Scorecards


def _grades(policy: Policy, key: Key, card: Scorecard) -> Iterator[Finding]:
    grades = card.grades
    known = [*grades.scale, *([NOT_RATED] if grades.not_rated else [])]
    for word in ("words", "english_words"):
        for grade in getattr(grades, word):
            if grade not in (*known, NOT_RATED):
                yield _no_grade(policy, key, ("grades", word, grade), grade, known)
    for grade in known:
        if grades.words and grade not in grades.words:
            yield say(policy, "E503", key, ("grades", "words"), f"等次“{grade}”没有中文", "在 words: 里补上")
    for place, quota in enumerate(grades.quotas):
        if quota.grade not in grades.scale:
            yield _no_grade(policy, key, ("grades", "quotas", place), quota.grade, grades.scale)
        yield from _quota(policy, key, place)
    for cap in card.negative_list.items:
        if cap.caps not in grades.scale:
            yield _no_grade(policy, key, ("negative_list", "items", cap.id, "caps"), cap.caps, grades.scale)
    for veto in card.vetoes:
        if veto.grade not in known:
            yield _no_grade(policy, key, ("vetoes", veto.id), veto.grade, known)
    yield from _thresholds(policy, key, grades)
    headings = [heading.id for heading in card.headings]
    for place, indicator in enumerate(card.indicators):
        if (indicator.heading or headings) and indicator.heading not in headings:
            yield say(
                policy, "E516", key, ("indicators", place, "heading"),
                f"没有叫“{indicator.heading}”的方面", nearest(indicator.heading, headings),
            )  # fmt: skip
    ids = [indicator.id for indicator in card.indicators]
    if grades.tie_indicator and grades.tie_indicator not in ids:
        yield say(
            policy, "E508", key, ("grades", "tie_indicator"),
            f"没有叫“{grades.tie_indicator}”的指标", nearest(grades.tie_indicator, ids),
        )  # fmt: skip


def _within_full(policy: Policy, key: Key, card: Scorecard) -> Iterator[Finding]:
    """No band gives more than the indicator is worth."""
    for indicator in card.indicators:
        if not isinstance(indicator.by, BandedMethod):
            continue
        for day in _days([indicator.full, indicator.by.bands]):
            full, bands = indicator.full.on(day), indicator.by.bands.on(day)
            if full is not None and bands and (most := max(band.marks for band in bands)) > full:
                at = ("indicators", indicator.id, "by", "bands")
                yield say(policy, "E515", key, at, f"最高一档{most}，超过满分{full}", "改分档或满分")
                break


def _no_grade(policy: Policy, key: Key, path: Steps, grade: str, known: Iterable[str]) -> Finding:
    return say(policy, "E504", key, path, f"等次里没有“{grade}”", nearest(grade, known))


def _quota(policy: Policy, key: Key, place: int) -> Iterator[Finding]:
    """A quota says its bound, its rounding and its base: 10% of 210 is 21, or 22, or nothing, by what it says."""
    said = policy.raw[f"{key[0]} {key[1]}"]["grades"]["quotas"][place]
    for word, sense in {"bound": "至少、至多还是正好", "rounding": "怎样取整", "of": "以什么为基数"}.items():
        if word not in said:
            yield say(policy, "E505", key, ("grades", "quotas", place), f"定额没有写明{sense}", f"写 {word}:")


def _thresholds(policy: Policy, key: Key, grades: Grades) -> Iterator[Finding]:
    for start, line in grades.thresholds.values.items():
        at = ("grades", "thresholds", "values", str(start))
        for grade in line.value:
            if grade not in grades.scale:
                yield _no_grade(policy, key, at, grade, grades.scale)
        marks = [line.value[grade] for grade in grades.scale if grade in line.value]
        if marks != sorted(set(marks), reverse=True):
            yield say(policy, "E506", key, at, "分数线没有从高到低，等次会重叠", "等次越好，分数线越高")


def _bands(policy: Policy, key: Key, path: Steps, method: BandedMethod) -> Iterator[Finding]:
    for start, line in method.bands.values.items():
        at = (*path, "bands", "values", str(start))
        froms = [band.from_ for band in line.value]
        if froms != sorted(set(froms)):
            yield say(policy, "E507", key, at, "各档没有从低到高，会重叠", "from: 逐档变大")


def _whole(policy: Policy, key: Key, path: Steps, weights: Mapping[str, Dated[int]]) -> Iterator[Finding]:
    """Weights total 100 on every day they change; while one is empty, the others stay within 100."""
    for day in _days(weights.values()):
        given = [weight.on(day) for weight in weights.values()]
        told = [weight for weight in given if weight is not None]
        if sum(told) > WHOLE or (len(told) == len(given) and sum(told) != WHOLE):
            yield say(policy, "E511", key, path, f"权重合计{sum(told)}，不是{WHOLE}", "改到合计100")
            return


def _days(values: Iterable[Dated[Any]]) -> list[date]:
    starts = {start for value in values for start in value.values}
    return sorted({start if isinstance(start, date) else date.min for start in starts})


def _printed(policy: Policy, key: Key, card: Scorecard) -> Iterator[Finding]:
    """Where a source prints every grade and the whole, the parts must make the whole."""
    parts = [*card.grades.scale, *([NOT_RATED] if card.grades.not_rated else [])]
    if "all" in card.printed and all(part in card.printed for part in parts):
        total = sum(card.printed[part] for part in parts)
        if total != card.printed["all"]:
            yield say(
                policy, "E512", key, ("printed",),
                f"各等次印出的数目相加是{total}，与总数{card.printed['all']}不符", "对照原文；原文本身不符就写进 note:",
            )  # fmt: skip


def _rhythm(policy: Policy, key: Key, path: Steps, every: Every) -> Iterator[Finding]:
    units = [unit for unit in ("week", "month", "quarter", "half_year", "year") if getattr(every, unit)]
    if len(units) != 1:
        yield say(policy, "E513", key, path, "周期要写一种，且只写一种", "例如 every: month")
    if every.day is not None and not 1 <= every.day <= 31:
        yield say(policy, "E514", key, (*path, "day"), f"没有{every.day}日")
    if every.in_month is not None and not 1 <= every.in_month <= 12:
        yield say(policy, "E514", key, (*path, "in_month"), f"没有{every.in_month}月")
