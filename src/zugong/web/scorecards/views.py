"""The list of ratings, one computation of a rating, one unit in it, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.cases import powers as case_powers
from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.registry.models import Particulars, names_on
from zugong.scorecards import actions, engine, following, powers
from zugong.scorecards.engine import Outcome, State
from zugong.scorecards.engine.explaining import Fact, Part
from zugong.scorecards.engine.outcome import STATES
from zugong.scorecards.engine.plan import Hit, Plan
from zugong.scorecards.methods import Said
from zugong.scorecards.models import Result, Run, RunState
from zugong.scorecards.rules import NOT_RATED, check_totals, printed
from zugong.web.asking import asker, found, need, paged, ruled, said, said_period
from zugong.web.plain import by_name, number
from zugong.web.scorecards import final, frozen, giving, showing
from zugong.web.scorecards.forms import ComputeForm
from zugong.web.scorecards.frozen import Frozen
from zugong.web.scorecards.showing import Card, in_words
from zugong.web.templatetags.zugong import day as day_said

NAMED = 12  # units of a tie that are named; the others are in the list
OVER = (RunState.PUBLISHED, RunState.GIVEN_UP)


def ratings(request: HttpRequest) -> HttpResponse:
    """Every computation of every period, newest first; POST computes once more from today's facts."""
    user, today = need(request, May.SEE, May.RUN, May.RATE, May.APPROVE), clock.today()
    cards = [card for _policy, card in actions.cards_on(today)] if ruled(today) else []
    if request.method == "POST":
        found(powers.may_run, user, today)
    asked = {"card": request.GET.get("card", "")}
    form = ComputeForm(request.POST or None, initial=asked, cards=cards, today=today)
    if request.method == "POST" and form.does(lambda answers: _compute(answers, user, today)):
        return HttpResponseRedirect(reverse("rating", args=[form.run.pk]))
    runs = powers.runs(user, today).select_related("edition").defer("edition__texts")
    page = paged(request, runs)
    return TemplateResponse(
        request,
        "scorecards/ratings.html",
        {
            "page": page,
            "rows": [
                {"run": run, "card": Card.of(run), "tag": showing.RUN_TAGS[RunState(run.state)]}
                for run in page
            ],
            "form": form,
            "cards": [(card.name, said(card), card.decided) for card in cards],
            "left": [
                (giving.href(card.name, span.last), f"{said_period(span.name)} {said(card)}")
                for card in (cards if over_county(user, May.RUN, today) else ())
                for span in actions.left_over(card, today)
            ],
            "may_run": over_county(user, May.RUN, today),
            "may_rate": bool(powers.raters(user, today)),
        },
    )


def _compute(answers: Mapping[str, Any], user: User, today: date) -> Run:
    card, _space, day = answers["card"].partition(" ")
    return actions.compute(card, day=today, by=user, as_of=date.fromisoformat(day) if day else None)


@require_GET
def rating(request: HttpRequest, pk: int) -> HttpResponse:
    """One computation: which facts, which day, which rules; what came out, for whom, and why."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    card = Card.of(run)
    results = powers.results(user, run, today)
    earlier = showing.before(run, powers.runs(user, today))
    differ = showing.changed(results, earlier) if earlier else None
    counts = showing.counts(results)
    plan, outcome = engine.open_run(card.folder).plan, Outcome.read(card.folder)
    rows = _asked(request, results, differ)
    page = paged(
        request,
        showing.ordered(
            card, showing.beside(rows, earlier) if earlier else rows, request.GET.get("sort", "")
        ),
    )
    townships, may_run = _townships(results, run.day), over_county(user, May.RUN, today)
    is_over = _is_over(run)
    return TemplateResponse(
        request,
        "scorecards/rating.html",
        {
            "crumbs": [
                (_("评星定级"), reverse("ratings")),
                (said_period(run.period), ""),
                (showing.nth(run), ""),
            ],
            "run": run,
            "card": card,
            "tag": showing.RUN_TAGS[RunState(run.state)],
            "nth": showing.nth(run),
            "pack": _("制度包 %(label)s %(version)s")
            % {"label": card.pack, "version": card.policy.info.version},
            "pack_href": showing.there("pack", run.edition_id),
            "deciding": _deciding(run),
            "source": _("事实截至 %(day)s") % {"day": day_said(run.day)},
            "numbers": showing.numbers(card, counts, earlier, 0 if differ is None else differ.count()),
            "waiting": _waiting(counts, request),
            "page": page,
            "rows": _rows(card, plan, list(page), townships, earlier),
            "earlier": showing.called(earlier, run) if earlier else "",
            "townships": list(townships.items()),
            "grades": [(grade, card.word(grade)) for grade in card.grades],
            "asked": request.GET,
            "groups": showing.squares(card, results, townships)
            if counts["everyone"] <= showing.SQUARES_AT_MOST
            else [],
            "key": [{"grade": card.square(grade), "label": card.word(grade)} for grade in card.grades],
            "chart": showing.chart(card, counts),
            "verdicts": _verdicts(outcome, card),
            "printed": _printed(card, outcome),
            "ties": _ties(outcome, run),
            "may_decide": run.state == RunState.SCORED and outcome.complete and may_run,
            "final": final.of_run(user, run, today),
            "may_settle": run.state == RunState.SCORED and may_run,
            "may_run": may_run,
            "may_move": not is_over and over_county(user, May.MOVE, today),
            "giving_up": giving.href(run.card, run.day) if may_run and not is_over else "",
            "given_up": giving.said_of(run) if run.state == RunState.GIVEN_UP else "",
        },
    )


def _is_over(run: Run) -> bool:
    """Say whether the period of a run is at an end: given up, or published, be it by another computation."""
    same = Run.objects.filter(card=run.card, period=run.period)
    return run.state in OVER or same.filter(state=RunState.PUBLISHED).exists()


def _deciding(run: Run) -> list[dict[str, Any]]:
    return [
        {"label": _("纪要"), "value": run.minutes},
        {"label": _("报审"), "value": by_name(run.decided_by) or None},
        *([{"label": _("同意公示"), "value": by_name(run.announced_by)}] if run.announced_by else []),
        {"label": _("同意公布"), "value": by_name(run.agreed_by) or None},
    ]


def _asked(
    request: HttpRequest, results: QuerySet[Result], differ: QuerySet[Result] | None
) -> QuerySet[Result]:
    rows = differ if request.GET.get("changed") and differ is not None else results
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(name__icontains=words) | rows.filter(key=words)
    if township := number(request.GET.get("township")):
        rows = rows.filter(township=township)
    for name, column in (("grade", "effective"), ("state", "state")):
        if value := request.GET.get(name):
            rows = rows.filter(**{column: value})
    return rows


def _townships(results: QuerySet[Result], day: date) -> dict[int, str]:
    numbers = results.order_by().values_list("township_id", flat=True).distinct()
    rows = Particulars.objects.on(day).filter(subject__in=[number for number in numbers if number])
    return dict(rows.order_by("pinyin").values_list("subject_id", "name"))


def _rows(
    card: Card, plan: Plan, results: list[Result], townships: Mapping[int, str], earlier: Run | None
) -> list[dict[str, Any]]:
    then = Card.of(earlier) if earlier else None
    return [
        {
            **row,
            "township": townships.get(row["result"].township_id, ""),
            "grade": card.word(row["result"].effective) if row["result"].effective else _("未定"),
            "tag": card.tag(row["result"].effective),
            "then": _then(then, row["result"]) if then else "",
        }
        for row in showing.why(card, plan, results)
    ]


def _then(earlier: Card, result: Result) -> str:
    """Return the grade in the earlier run in words, where it was another."""
    then = getattr(result, "then", None)
    if then == result.effective:
        return ""
    return (earlier.word(then) or _("未定")) if then is not None else _("没有参评")


# What to do about a unit that has no grade yet.
def _remedies() -> dict[State, str]:
    return {
        State.TIED: _("同分跨在等次线上：由会议审定，录入审定等次。"),
        State.INCOMPLETE: _("缺项：点开看缺哪一项，补上事实或评分，再算一次。"),
        State.UNGRADED: _("制度包没有写明等次怎样定：补全规则，或由会议审定。"),
        State.UNDECIDED: _("等待会议审定：录入审定等次。"),
    }


def _waiting(counts: Mapping[str, int], request: HttpRequest) -> list[dict[str, Any]]:
    remedies = _remedies()
    return [
        {
            "label": in_words(STATES[state]),
            "count": counts[f"state_{state}"],
            "remedy": remedies[state],
            "href": f"{request.path}?state={state}#ranks",
        }
        for state in showing.OPEN_STATES
        if counts[f"state_{state}"]
    ]


def _printed(card: Card, outcome: Outcome) -> list[str]:
    """Say what the source prints: added up, and each grade beside the one that was counted. Nothing where it prints none."""
    grades = card.entry.grades
    source = printed(card.entry.printed, grades.scale, not_rated=grades.not_rated)
    if not source.figures:
        return []
    checks = check_totals(source.figures, outcome.grades)
    words = in_words(source.sentence(grades.words, grades.english_words))
    return [words, *(f"{card.word(one.name)} {in_words(one.sentence)}" for one in checks)]


def _verdicts(outcome: Outcome, card: Card) -> list[dict[str, Any]]:
    return [
        {
            "group": verdict.group,
            "grade": card.word(verdict.quota.grade),
            "sentence": in_words(verdict.sentence),
            "passes": verdict.passes,
            "clause": verdict.quota.clause,
        }
        for verdict in sorted(outcome.verdicts, key=lambda each: (each.passes, each.group))
    ]


def _ties(outcome: Outcome, run: Run) -> list[dict[str, Any]]:
    ties = outcome.ties[:20]
    keys = [key for tie in ties for key in tie.units[:NAMED]]
    names = dict(Result.objects.filter(run=run, key__in=keys).values_list("key", "name")) if keys else {}
    return [
        {
            "sentence": in_words(tie.sentence),
            "units": [
                {"name": names.get(key, key), "href": reverse("rating-unit", args=[run.pk, key])}
                for key in tie.units[:NAMED]
            ],
            "all": f"?state={State.TIED}#ranks" if len(tie.units) > NAMED else "",
        }
        for tie in ties
    ]


# One unit


@require_GET
def unit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Why a unit has what it has: opened in place, and a page of its own."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    result = found(powers.results(user, run, today).select_related("run", "unit").get, key=key)
    card = Card.of(run)
    why = found(engine.explain, card.folder, key)
    inside = request.headers.get("HX-Request") == "true"
    return TemplateResponse(
        request,
        "scorecards/_unit.html" if inside else "scorecards/unit.html",
        {
            "crumbs": showing.crumbs(run, (result.name, "")),
            "run": run,
            "card": card,
            "result": result,
            "grade": card.word(result.effective) if result.effective else _("未定"),
            "tag": card.tag(result.effective),
            "state": in_words(STATES[why.state]),
            "sum": in_words(why.sentence),
            "parts": [_part(part, run, key, card) for part in why.parts],
            "reasons": [_reason(hit, run, key) for hit in why.reasons],
            "decision": why.decision,
            "computed": card.word(result.grade) or _("未定"),
            "adjustment": result.adjustments.filter(agreed=True).last(),
            **({} if inside else final.of_unit(user, result, today)),
            "organisation_href": showing.there("organisation", result.unit_id),
        },
    )


def _part(part: Part, run: Run, key: str, card: Card) -> dict[str, Any]:
    source = card.policy.sources.get(part.source)
    return {
        "label": in_words(part.label),
        "marks": part.marks,
        "full": part.full,
        "state": part.state,
        "sentence": in_words(part.sentence),
        "facts": [_fact(fact, run, key) for fact in part.facts],
        "raters": [
            {"label": in_words(rater.label), "by": rater.by, "marks": rater.marks} for rater in part.raters
        ],
        "clause": " ".join(
            filter(None, [source.number or f"《{source.label}》" if source else "", part.clause])
        ),
    }


def _fact(fact: Fact, run: Run, key: str) -> dict[str, Any]:
    href = "" if fact.table == "ratings" else reverse("rating-figure", args=[run.pk, key, fact.name])
    return {"label": in_words(fact.label), "number": fact.number, "href": href, "rated": not href}


def _reason(hit: Hit, run: Run, key: str) -> dict[str, str]:
    return {
        "label": in_words(Said(hit.label, hit.english or hit.label)),
        "clause": hit.clause,
        "href": reverse("rating-figure", args=[run.pk, key, hit.figure]),
    }


@require_GET
def figure(request: HttpRequest, pk: int, key: str, figure: str) -> HttpResponse:
    """The frozen rows that a figure of a unit counts, each with the way to its record."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    result = found(powers.results(user, run, today).get, key=key)
    card = Card.of(run)
    counted = found(engine.counted, card.folder, key, figure)
    measure = counted.measure
    shown = Frozen(run, card.policy, card.entry, measure.facts, counted.rows, user, today)
    return TemplateResponse(
        request,
        "scorecards/figure.html",
        {
            "crumbs": showing.crumbs(
                run,
                (result.name, reverse("rating-unit", args=[run.pk, key])),
                (in_words(measure.said), ""),
            ),
            "run": run,
            "result": result,
            "label": in_words(measure.said),
            "clause": str(_cited(card.policy, measure.name)),
            "clause_href": showing.there("pack-entry", run.edition_id, "measure", measure.name),
            "table": frozen.table_word(measure.facts),
            "number": counted.number,
            "how": frozen.counted_how(counted),
            "columns": [frozen.column_word(name) for name in shown.columns()],
            "rows": shown.cells(),
        },
    )


def _cited(policy: Policy, measure: str) -> object:
    return policy.cite(policy.measure(measure)) or ""


# Candidates


@require_GET
def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """The units that the card's consequences single out, with the case of each once it is open."""
    user, today = asker(request), clock.today()
    run = found(powers.run, user, pk, today)
    card = Card.of(run)
    singled = [each for each in following.consequences(run, run.published_on or today) if each.effect.when]
    units = {unit for each in singled for unit in each.units}
    results = list(powers.results(user, run, today).filter(unit__in=units).order_by("township_id", "key"))
    causes = {following.cause_of(run, result.key): result.pk for result in results}
    cases = case_powers.visible(user, today).filter(cause__in=causes)
    opened = {causes[case.cause]: case for case in cases}
    townships = names_on(run.day, {result.township_id for result in results if result.township_id})
    follows = dict.fromkeys(showing.effect_said(each.effect, card) for each in singled)
    heading = _("%(effects)s的单位") % {"effects": _("、").join(follows)} if follows else _("有后续的单位")
    return TemplateResponse(
        request,
        "scorecards/candidates.html",
        {
            "heading": heading,
            "crumbs": showing.crumbs(run, (heading, "")),
            "run": run,
            "card": card,
            "rows": [
                {
                    "result": result,
                    "township": townships.get(result.township_id or 0, ""),
                    "grade": card.word(result.effective),
                    "tag": "neutral" if result.effective == NOT_RATED else card.tag(result.effective),
                    "case": opened.get(result.pk),
                    "case_href": showing.there("case", opened[result.pk].pk) if result.pk in opened else "",
                }
                for result in results
            ],
            "due_on": max((each.due_on for each in singled), default=None),
            "published": run.state == RunState.PUBLISHED,
        },
    )
