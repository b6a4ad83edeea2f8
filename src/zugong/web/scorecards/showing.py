"""What the pages of a rating say: grades in words, a county of squares, why a unit stands where it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zugong.bulletins.papers import charts
from zugong.bulletins.papers.chartspec import ChartSpec, Kind, Point
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Effect
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry.actions import policy_of
from zugong.scorecards import actions, engine
from zugong.scorecards.engine.outcome import STATES, State
from zugong.scorecards.engine.plan import Plan
from zugong.scorecards.methods import Said
from zugong.scorecards.methods import marks as marks_said
from zugong.scorecards.models import Result, Run, RunState
from zugong.scorecards.rules import NOT_RATED, share_text
from zugong.web.asking import found, said_period
from zugong.web.templatetags.zugong import day as long_day

SQUARES_AT_MOST = 3000
OPEN_STATES = (State.TIED, State.INCOMPLETE, State.UNGRADED, State.UNDECIDED)
RUN_TAGS = {
    RunState.SCORED: "running",
    RunState.DECIDED: "soon",
    RunState.ANNOUNCED: "soon",
    RunState.PUBLISHED: "done",
    RunState.GIVEN_UP: "neutral",
}


def in_words(said: Said) -> str:
    """Return a sentence of the engine in the reader's language."""
    return said.in_(get_language() or "")


def there(name: str, *args: object) -> str:
    """Return an address; nothing where this site has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Card:
    """The card of a run, in the reader's words."""

    run: Run
    policy: Policy
    entry: Scorecard

    @classmethod
    def of(cls, run: Run) -> Card:
        """Return the card under which a run was computed."""
        policy = policy_of(run.edition)
        return cls(run, policy, policy.scorecard(run.card))

    @property
    def folder(self) -> Path:
        """Where the facts of the run lie."""
        return found(actions.folder_of, self.run)

    @property
    def label(self) -> str:
        """What the card is called."""
        return self.entry.said(get_language() or "")

    @property
    def pack(self) -> str:
        """What the pack is called."""
        info = self.policy.info
        return info.english if (get_language() or "").startswith("en") and info.english else info.label

    @property
    def state(self) -> str:
        """How far the run has come, in a word."""
        words = {
            RunState.SCORED: _("已计算"),
            RunState.DECIDED: _("已报审"),
            RunState.ANNOUNCED: _("公示中"),
            RunState.PUBLISHED: _("已公布"),
            RunState.GIVEN_UP: _("已放弃"),
        }
        return words[RunState(self.run.state)]

    @property
    def clause_href(self) -> str:
        """The page of the card in its pack, where every clause stands."""
        return there("pack-entry", self.run.edition_id, "scorecard", self.entry.name)

    @property
    def grades(self) -> list[str]:
        """The grades, best first, and last not rated where the card knows it."""
        return [*self.entry.grades.scale, *([NOT_RATED] if self.entry.grades.not_rated else [])]

    def word(self, grade: str) -> str:
        """Return a grade as people say it."""
        words = self.entry.grades
        english = words.english_words if (get_language() or "").startswith("en") else {}
        return english.get(grade) or words.words.get(grade, grade)

    def square(self, grade: str) -> str:
        """Return the depth of a grade's square: 5 for the best, 1 for the last, none for not rated."""
        scale = self.entry.grades.scale
        if grade not in scale:
            return "none"
        return str(5 - scale.index(grade) * 4 // (len(scale) - 1))

    def tag(self, grade: str) -> str:
        """Return the colour of a grade's tag: only the first and the last have one."""
        scale = self.entry.grades.scale
        return {scale[0]: "done", scale[-1]: "late"}.get(grade, "neutral")


# The figures above the table


def counts(results: QuerySet[Result]) -> dict[str, int]:
    """Count units by grade, and by the states that wait for somebody."""
    waiting = {f"state_{state}": Count("pk", filter=Q(state=state)) for state in OPEN_STATES}
    found = results.order_by().aggregate(everyone=Count("pk"), **waiting)
    grades = results.order_by().values_list("effective").annotate(units=Count("pk"))
    return {**found, **dict(grades)}


def before(run: Run, seen: QuerySet[Run]) -> Run | None:
    """Return what a run is compared with, among the runs that are seen: the computation before it of the same period,
    else the result that was published last.
    """
    same = Q(period=run.period, number__lt=run.number)
    earlier = same | Q(state=RunState.PUBLISHED, last__lt=run.first)
    seen = seen.exclude(state=RunState.GIVEN_UP)
    return seen.filter(earlier, card=run.card).select_related("edition").order_by("-first", "-number").first()


def changed(results: QuerySet[Result], earlier: Run) -> QuerySet[Result]:
    """Keep the results whose grade is another than in an earlier run."""
    return beside(results, earlier).exclude(then=F("effective"))


def beside(results: QuerySet[Result], earlier: Run) -> QuerySet[Any]:
    """Put beside each result its grade in an earlier run, as `then`."""
    then = Result.objects.filter(run=earlier, unit=OuterRef("unit")).values("effective")[:1]
    return results.annotate(then=Subquery(then))


def called(earlier: Run, run: Run) -> str:
    """Say in a word or two what a run is compared with."""
    if earlier.period != run.period:
        return said_period(earlier.period)
    return _("上次计算") if earlier.computed else _("上次审定")


def crumbs(run: Run, *below: tuple[str, str]) -> list[tuple[str, str]]:
    """Return where a page of a run stands: under all ratings, under this run, and what lies below it."""
    here = (f"{said_period(run.period)} · {nth(run)}", reverse("rating", args=[run.pk]))
    return [(_("评星定级"), reverse("ratings")), here, *below]


def nth(run: Run) -> str:
    """Say which computation of its period a run is, or that its grades were decided."""
    if run.computed:
        return _("第 %(number)d 次计算") % {"number": run.number}
    return _("审定（第 %(number)d 次）") % {"number": run.number}


def numbers(card: Card, found: Mapping[str, int], earlier: Run | None, differ: int) -> list[dict[str, Any]]:
    """Return the number cards of a run; what differs is counted only where there is something to compare with."""
    scale, here = card.entry.grades.scale, reverse("rating", args=[card.run.pk])
    everyone, last, none = found["everyone"], found.get(scale[-1], 0), found.get(NOT_RATED, 0)
    unit = _("个")
    return [
        {"label": _("参评"), "value": everyone, "unit": unit, "href": here},
        {
            "label": card.word(scale[0]),
            "value": found.get(scale[0], 0),
            "unit": share_text(found.get(scale[0], 0), everyone),
            "href": f"{here}?grade={scale[0]}",
        },
        {
            "label": _("%(last)s与不予评定") % {"last": card.word(scale[-1])}
            if card.entry.grades.not_rated
            else card.word(scale[-1]),
            "value": last + none,
            "unit": f"{last} + {none}" if card.entry.grades.not_rated else unit,
            "href": reverse("rating-candidates", args=[card.run.pk]),
        },
        *([_differ(earlier, card.run, differ)] if earlier else []),
    ]


def _differ(earlier: Run, run: Run, differ: int) -> dict[str, Any]:
    return {
        "label": _("与%(earlier)s不同") % {"earlier": called(earlier, run)},
        "value": differ,
        "unit": _("个"),
        "note": (_("%(day)s第 %(number)d 次计算") if earlier.computed else _("%(day)s审定"))
        % {"day": long_day(earlier.day), "number": earlier.number},
        "href": f"{reverse('rating', args=[run.pk])}?changed=1#ranks" if differ else "",
    }


# Why a unit stands where it does


def why(card: Card, plan: Plan, results: Iterable[Result]) -> list[dict[str, Any]]:
    """Return the rows of a page with, for each, a sentence that opens to the arithmetic."""
    rows = list(results)
    weakest = engine.weakest(card.folder, [row.key for row in rows if not row.reasons])
    return [{"result": row, "why": _why(card, plan, row, weakest.get(row.key))} for row in rows]


def _why(card: Card, plan: Plan, row: Result, weak: tuple[Said, int, int] | None) -> dict[str, str]:
    return {
        "summary": _summary(card, plan, row, weak),
        "href": reverse("rating-unit", args=[card.run.pk, row.key]),
    }


def _summary(card: Card, plan: Plan, row: Result, weak: tuple[Said, int, int] | None) -> str:
    if row.is_adjusted:
        return _("调整，计算时为%(grade)s") % {"grade": card.word(row.grade) or _("未定")}
    if row.state == State.DECIDED:
        return _("审定，非计算")
    if row.reasons:
        return "；".join(reason_said(plan, reason) for reason in row.reasons)
    if row.state == State.RATED and weak:
        label, got, full = weak
        return _("失分最多：%(indicator)s %(marks)s / %(full)s") % {
            "indicator": in_words(label),
            "marks": marks_said(got),
            "full": marks_said(full),
        }
    return in_words(STATES[State(row.state)])


def reason_said(plan: Plan, reason: str) -> str:
    """Say which condition, veto or cap spoke."""
    kind, _colon, name = reason.partition(":")
    words = {
        "eligible": _("没有达到参评条件"),
        "veto": _("一票否决"),
        "cap": _("负面清单封顶"),
    }
    hit = next((hit for hit in plan.hits.get(kind, ()) if hit.id == name), None)
    label = in_words(Said(hit.label, hit.english or hit.label)) if hit else name
    return f"{words.get(kind, kind)}：{label}"


# What follows


def effect_said(effect: Effect, card: Card) -> str:
    """Say an effect in words: which roll is entered, which case is opened."""
    policy = card.policy
    verb, name = effect.verb, str(getattr(effect, effect.verb))
    labels = {"enter": ("roll", _("进入名册“%(name)s”")), "open": ("case", _("开立“%(name)s”"))}
    others = {
        "strike": _("从名册“%(name)s”销号"),
        "post": _("记入台账“%(name)s”"),
        "put": _("列入通报“%(name)s”"),
        "tell": _("通知有关人员"),
    }
    kind, sentence = labels.get(verb, (verb, others.get(verb, name)))
    entry = policy.entries.get((kind, name))
    return sentence % {"name": entry.said(get_language() or "") if entry else name}


# Tables and pictures


SORTS = ("rank", "key", "name", "total", "grade")


def ordered(card: Card, results: QuerySet[Result], asked: str) -> QuerySet[Result]:
    """Order results as a column head asks; those without a figure come last."""
    name = asked.lstrip("-")
    if name not in SORTS:
        name, asked = "rank", "rank"
    places = [When(effective=grade, then=Value(place)) for place, grade in enumerate(card.grades)]
    placed = results.annotate(place=Case(*places, default=Value(len(places)), output_field=IntegerField()))
    column = F("place" if name == "grade" else name)
    order = column.desc(nulls_last=True) if asked.startswith("-") else column.asc(nulls_last=True)
    return placed.order_by(order, "place", "township_id", "unit_id")


def squares(card: Card, results: QuerySet[Result], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return every unit as one square, township by township."""
    groups: dict[int, list[dict[str, Any]]] = {}
    rows = results.order_by("township_id", "key").values_list(
        "township_id", "key", "name", "effective", "state"
    )
    pattern = reverse("rating-unit", args=[card.run.pk, "KEY"])
    for township, key, name, grade, state in rows:
        said = card.word(grade) if grade else in_words(STATES[State(state)])
        groups.setdefault(township or 0, []).append(
            {
                "label": name,
                "grade": card.square(grade) if grade else "open",
                "said": said,
                "href": pattern.replace("KEY", quote(key)),
            }
        )
    return [
        {"label": _short(names.get(township, _("其他"))), "squares": found}
        for township, found in groups.items()
    ]


def _short(name: str) -> str:
    """Call a township's committee by its township: the picture has little room."""
    return re.sub(r"(?<=.)党工?委$", "", name)


def chart(card: Card, found: Mapping[str, int]) -> dict[str, Any]:
    """Return the distribution of grades as a picture, with its figures."""
    points = tuple((card.word(grade), found.get(grade, 0)) for grade in card.grades)
    title = _("各等次个数")
    return {
        "title": title,
        "svg": _drawn(title, _("个"), points, (get_language() or "").startswith("en")),
        "said": "、".join(f"{word} {count}" for word, count in points),
        "rows": points,
    }


@lru_cache(maxsize=64)
def _drawn(title: str, unit: str, points: tuple[tuple[str, int], ...], english: bool) -> str:
    spec = ChartSpec(
        kind=Kind.BARS,
        title=title,
        unit=unit,
        points=tuple(Point(word, count) for word, count in points),
        english=english,
    )
    return charts.svg(spec)
