"""What comes round again: who owes what this period, one occurrence, and the burden of it all on a village."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import powers as activities
from zugong.cases import powers as cases
from zugong.core import clock
from zugong.core.period import period
from zugong.duties import actions, leave, powers
from zugong.duties.models import Occurrence
from zugong.duties.rules import Outcome, turns
from zugong.packs import burden as burdens
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, Duty
from zugong.registry.actions import policy_of
from zugong.web.asking import DeedForm, asker, found, need, on, only, paged, ruled, said
from zugong.web.plain import number
from zugong.web.posts.naming import called
from zugong.web.questions import Day, kept, question, read

Row = dict[str, Any]

WORDS: dict[str, Callable[[], tuple[str, str]]] = {
    "": lambda: (_("进行中"), "running"),
    Outcome.KEPT: lambda: (_("已完成"), "done"),
    Outcome.MISSED: lambda: (_("未完成"), "late"),
    Outcome.EXCUSED: lambda: (_("已免"), "neutral"),
}


@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """What is owed in the periods that run on a day: by duty, and by whom."""
    user, day, today = need(request, May.SEE), on(request), clock.today()
    policy, asked = ruled(day), request.GET
    running = powers.visible(user, today).filter(first__lte=day, last__gte=day)
    labels = {duty.name: said(duty) for duty in policy.all("duty", Duty)} if policy else {}
    rows = running.filter(duty=asked["duty"]) if asked.get("duty") else running
    if asked.get("state") == "short":
        rows = rows.short()
    if asked.get("state") == "check":  # of whatever period
        rows = powers.to_check(user, today)
    page = paged(
        request, rows.order_by(ExpressionWrapper(Q(done__gte=F("needed")), BooleanField()), "last", "pk")
    )
    return TemplateResponse(
        request,
        "duties/duties.html",
        {
            "asked": asked,
            "day": day,
            "page": page,
            "rows": _listed(list(page), labels, day),
            "labels": sorted(labels.items(), key=lambda one: one[1]),
            "sums": _sums(running, labels),
        },
    )


def _sums(rows: Any, labels: dict[str, str]) -> list[Row]:
    enough = Count("pk", filter=Q(done__gte=F("needed")))
    return [
        {
            "duty": row["duty"],
            "label": labels.get(row["duty"], row["duty"]),
            "done": row["enough"],
            "of": row["many"],
        }
        for row in rows.order_by().values("duty").annotate(many=Count("pk"), enough=enough).order_by("duty")
    ]


def _listed(rows: list[Occurrence], labels: dict[str, str], day: date) -> list[Row]:
    names = called([pk for row in rows for pk in (row.who_id, row.towards_id)], ruled(day), day)
    return [
        {
            "row": row,
            "label": labels.get(row.duty, row.duty),
            "who": names.get(row.who_id, ""),
            "towards": names.get(row.towards_id or 0, ""),
            "state": _state(row)[0],
            "tag": _state(row)[1],
        }
        for row in rows
    ]


def _state(row: Occurrence) -> tuple[str, str]:
    """Say how an occurrence stands; what is done before the period ends is done."""
    done = not row.outcome and not row.short
    return WORDS[Outcome.KEPT if done else row.outcome]()


@require_GET
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """One occurrence: what is owed, what counted for it, what was answered."""
    user, today = asker(request), clock.today()
    one = found(powers.occurrence, user, pk, today)
    policy = policy_of(one.edition)
    entry = policy.duty(one.duty)
    cited = policy.cite(entry)
    return TemplateResponse(
        request,
        "duties/duty.html",
        {
            "one": one,
            "label": said(entry),
            "who": called([one.who_id], policy, today).get(one.who_id) or one.who.name_on(today),
            "towards": one.towards.name_on(today) if one.towards else "",
            "state": _state(one),
            "cited": str(cited or ""),
            "leave": one.excused_for if _sees(user, one, today) else None,
            "unruled": not one.outcome and leave.unruled(one, today),
            "passes": bool(entry.away and entry.away.then == "deputy"),
            "crumbs": [(_("周期义务"), reverse("duties")), (said(entry), "")],
            "activities": list(one.fulfilments.select_related("activity").order_by("activity__day")),
            "answers": _answers(one, policy, today),
            "asks": bool(entry.asks),
            "may_answer": bool(entry.asks) and powers.may_answer(user, one, today),
            "enters": _enters(user, one, entry, today),
            "may_check": powers.may_check(user, one, today),
            "may_excuse": powers.may_excuse(user, one, today) and not one.excused,
            "may_recount": bool(one.outcome) and powers.may_excuse(user, one, today),
            "asker": str(user),
        },
    )


def _enters(user: User, one: Occurrence, entry: Duty, today: date) -> str:
    """Return where the asker can enter the activity that it asks, while its days run; empty where they cannot."""
    policy = ruled(today)
    if entry.done_by is None or policy is None or not one.first <= today <= one.last:
        return ""
    kind = policy.entries.get(("activity", entry.done_by.activity))
    if not isinstance(kind, ActivityKind) or not powers.may_answer(user, one, today):
        return ""
    there = f"{reverse('activity-new')}?kind={kind.name}"
    return there if activities.may_run(user, policy, kind, today) else ""


def _sees(user: User, one: Occurrence, today: date) -> bool:
    return bool(one.excused_for_id and cases.visible(user, today).filter(pk=one.excused_for_id).exists())


def _answers(one: Occurrence, policy: Policy, today: date) -> list[Row]:
    return [
        {
            "answer": row,
            "label": said(policy.fields[row.field]) if row.field in policy.fields else row.field,
            "text": read(policy, row.field, row.value, today),
        }
        for row in one.answers.select_related("withdrawal").order_by("field", "-version")
    ]


class AnswerForm(DeedForm):
    """A figure from outside: what it is, as of which day, from which source."""

    as_of = Day(label=gettext_lazy("数据截至哪一天"))
    source = forms.CharField(label=gettext_lazy("数据来源"), max_length=200)

    def __init__(self, policy: Policy, entry: Duty, today: date, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"as_of": today})
        for name in entry.asks:
            self.fields[name] = question(policy, name, today, required=True)
        self.order_fields([*entry.asks, "as_of", "source"])


class ReasonForm(DeedForm):
    """Why somebody is excused."""

    reason = forms.CharField(label=gettext_lazy("理由"), widget=forms.Textarea({"rows": 3}))


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the figures that a duty asks."""
    user, today = asker(request), clock.today()
    one = found(powers.occurrence, user, pk, today)
    policy = policy_of(one.edition)
    entry = policy.duty(one.duty)
    if not entry.asks:
        raise Http404
    status = only(powers.may_answer(user, one, today), request)
    form = AnswerForm(policy, entry, today, *([request.POST] if request.method == "POST" else []))

    def deed(given: dict[str, Any]) -> None:
        for name, value in kept(policy, {name: given[name] for name in entry.asks}, by=user).items():
            actions.answer(
                one, name, value=value, as_of=given["as_of"], source=given["source"], by=user, today=today
            )

    if request.method == "POST" and form.does(deed):
        return _back(request, one, _("已填报，等第二人核对"))
    title = _("填报“%(duty)s”") % {"duty": said(entry)}
    return _form(request, one, form, status=status, title=title, label=_("填报"))


@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person checks a figure against its source."""
    user, today = asker(request), clock.today()
    one = found(powers.occurrence, user, pk, today)
    given = one.answers.filter(pk=number(request.POST.get("answer")) or 0).first()
    if given is None:
        raise Http404
    status = only(powers.may_check(user, one, today), request)
    form = DeedForm(request.POST)
    if form.does(lambda _given: actions.check(given, by=user, today=today)):
        return _back(request, one, _("已核对"))
    return _form(request, one, form, status=status, title=_("核对"), label=_("核对"))


def excuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Excuse somebody from an occurrence, with a reason."""
    return _decide(request, pk, actions.excuse, done=_("已免除"), title=_("免除这一次"), label=_("免除"))


def recount(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a settled occurrence again, with a reason: what was done in its days was entered or put right later."""
    return _decide(
        request, pk, actions.recount, done=_("已重新计数"), title=_("重新计数"), label=_("重新计数")
    )


def _decide(
    request: HttpRequest, pk: int, deed: Callable[..., Occurrence], *, done: str, **words: str
) -> HttpResponse:
    user, today = asker(request), clock.today()
    one = found(powers.occurrence, user, pk, today)
    status = only(powers.may_excuse(user, one, today), request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: deed(one, reason=given["reason"], by=user, today=today)
    ):
        return _back(request, one, done)
    return _form(request, one, form, status=status, **words)


def _back(request: HttpRequest, one: Occurrence, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("duty", args=[one.pk]))


def _form(request: HttpRequest, one: Occurrence, form: DeedForm, *, status: int, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": [(_("周期义务"), reverse("duties"))],
        "back": reverse("duty", args=[one.pk]),
        **more,
    }
    return TemplateResponse(request, "activities/deed.html", context, status=status)


@require_GET
def burden(request: HttpRequest) -> HttpResponse:
    """What the county asks of a village, field by field, in minutes a month: an estimate, and nobody is timed."""
    need(request, May.SEE)
    day = on(request)
    policy = ruled(day)
    return TemplateResponse(
        request, "duties/burden.html", {"day": day, "today": clock.today(), **weighed(policy, day)}
    )


def weighed(policy: Policy | None, day: date) -> Row:
    """Return the burden on a village as a page shows it: minutes, fields, the cap, what is asked twice."""
    if policy is None:
        return {
            "minutes": 0,
            "asked": [],
            "doubled": [],
            "due": [],
            "issuers": [],
            "fields": 0,
            "twice": 0,
            "cap": None,
        }
    lines = burdens.lines(policy, day)
    return {
        "minutes": burdens.minutes(policy, day),
        "asked": [
            {
                "duty": _asking(line),
                "field": _fields(line.fields, policy),
                "seconds": line.seconds,
                "times": f"{line.times.numerator * 100 // line.times.denominator / 100:g}",
                "a_month": -(-line.a_month.numerator // line.a_month.denominator),
            }
            for line in lines
        ],
        "doubled": [
            {"field": _fields((field,), policy), "by": [_asking(line) for line in asking]}
            for field, asking in burdens.twice(lines).items()
        ],
        "issuers": [_issuer(name, asking) for name, asking in burdens.by_issuer(lines).items()],
        **_this_month(lines, policy, day),
        "fields": len({name for line in lines for name in line.fields}),
        "twice": len(burdens.twice(lines)),
        "cap": policy.info.burden.on(day),
    }


def _issuer(name: str, asking: list[burdens.Line]) -> Row:
    """Say how much one body asks of a village: how many entries, different fields, and seconds a month."""
    seconds = sum((line.a_month for line in asking), Fraction(0))
    return {
        "name": name or _("文件没有写明发文单位"),
        "entries": [_asking(line) for line in asking],
        "fields": len({field for line in asking for field in line.fields}),
        "seconds": -(-seconds.numerator // seconds.denominator),
    }


def _this_month(lines: list[burdens.Line], policy: Policy, day: date) -> Row:
    """Say what a village has to give in the month of a day, how often, in how many minutes: what falls due in it.

    Cases come when they come: they are listed apart and not added up.
    """
    month = period("month", day)
    due: list[Row] = []
    for line in lines:
        ends = [
            one.last
            for one in turns(line.rhythm, month.first, month.last)
            if month.first <= one.last <= month.last
        ]
        if line.entry[0] == "duty" and ends:
            a_turn = line.times / burdens.per_month(line.rhythm)
            times = len(ends) * a_turn.numerator // a_turn.denominator
            seconds = times * line.seconds
            due.append(
                {
                    "duty": _asking(line),
                    "field": _fields(line.fields, policy),
                    "by": max(ends),
                    "times": times,
                    "seconds": seconds,
                    "minutes": -(-seconds // 60),
                }
            )
    return {
        "due": due,
        "due_minutes": -(-sum(row["seconds"] for row in due) // 60),
        "unplanned": [_asking(line) for line in lines if line.entry[0] == "case"],
        "month": month,
    }


def _asking(line: burdens.Line) -> str:
    """Name the entry that asks."""
    return ((get_language() or "").startswith("en") and line.english) or line.label


def _fields(names: Iterable[str], policy: Policy) -> str:
    return _("、").join(said(policy.fields[name]) if name in policy.fields else name for name in names) or "—"
