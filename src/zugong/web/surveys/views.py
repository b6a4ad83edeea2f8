"""Surveys: which rounds wait to be opened, which sheets run, what came of the closed ones; opening, slips, closing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import powers as activities
from zugong.activities.models import Activity
from zugong.bulletins.papers import typefaces
from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.packs.schema import Survey as SurveyKind
from zugong.registry.actions import edition_on, policy_of
from zugong.registry.models import Subject, names_on
from zugong.registry.selecting import Asked
from zugong.surveys import actions, powers
from zugong.surveys.models import Survey
from zugong.surveys.rules import Result, rounds
from zugong.web.asking import DeedForm, found, need, paged, pressed, ruled, said, said_period
from zugong.web.questions import Count as Number

Row = dict[str, Any]


# --- The list ----------------------------------------------------------------------


@require_GET
def surveys(request: HttpRequest) -> HttpResponse:
    """What waits to be answered and to be opened, and every sheet about the asker's part of the county."""
    user, today = need(request, May.SEE), clock.today()
    policy, asked = ruled(today), request.GET
    rows = powers.visible(user, today).select_related("edition").defer("edition__texts")
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("state") in ("open", "closed"):
        rows = rows.filter(closed_on__isnull=asked["state"] == "open")
    rows = rows.annotate(given=Count("slips"), used=Count("slips", filter=Q(slips__used=True)))
    page = paged(request, rows.order_by("-opened_on", "-pk"))
    names = names_on(today, (row.about_id for row in page))
    kinds = policy.all("survey", SurveyKind) if policy else []
    context = {
        "crumbs": [(_("测评"), "")],
        "asked": asked,
        "kinds": [(kind.name, said(kind)) for kind in kinds],
        "page": page,
        "rows": [_listed(row, names) for row in page],
        "to_answer": to_answer(user, today),
        "to_open": list(to_open(user, policy, today)) if policy else [],
    }
    return TemplateResponse(request, "surveys/surveys.html", context)


def _listed(row: Any, names: dict[int, str]) -> Row:
    return {
        "pk": row.pk,
        "kind": said(actions.kind_of(row)),
        "about": names.get(row.about_id, ""),
        "round": said_period(row.round),
        "opened": row.opened_on,
        "closed": row.closed_on,
        "used": row.used,
        "given": row.given,
        "rate": share(row.used, row.given),
    }


def share(part: int, whole: int) -> str:
    """Say a part of a whole in per cent, cut to one place; a dash of nothing."""
    return f"{part * 1000 // whole / 10:g}%" if whole else "—"


def to_answer(user: User, day: date) -> list[Row]:
    """Return the sheets that wait for the asker."""
    slips = list(powers.to_answer(user, day).select_related("survey__edition").order_by("survey", "pk"))
    names = names_on(day, (pk for slip in slips for pk in (slip.survey.about_id, slip.voter_id) if pk))
    return [
        {
            "label": said(actions.kind_of(slip.survey)),
            "about": names.get(slip.survey.about_id, ""),
            "voter": names.get(slip.voter_id or 0, ""),
            "round": said_period(slip.survey.round),
            "href": reverse("survey-answer", args=[slip.pk]),
        }
        for slip in slips
    ]


def to_open(user: User, policy: Policy, day: date) -> Iterator[Row]:
    """Yield the kinds of sheet that the asker can open now: of a rhythm, those that this round still lacks."""
    for kind in policy.all("survey", SurveyKind):
        this = rounds(kind.every, day)[0].name if kind.every else ""
        about = powers.to_open(user, policy, kind, this, day)
        if about:
            yield {
                "label": said(kind),
                "cited": str(policy.cite(kind) or ""),
                "round": said_period(this) if this else "",
                "many": len(about),
                "href": reverse("survey-new", args=[kind.name]),
            }


def due(user: User, policy: Policy, day: date) -> Iterator[Row]:
    """Yield the kinds of which this period's round is not open yet: the desk asks for them."""
    return (row for row in to_open(user, policy, day) if row["round"])


# --- Opening -----------------------------------------------------------------------

ALL = "all"


class OpeningForm(DeedForm):
    """About whom, in which round, at which meeting."""

    def __init__(self, kind: SurveyKind, user: User, policy: Policy, today: date, *sent: Any) -> None:
        super().__init__(*sent)
        if kind.every:
            names = [one.name for one in rounds(kind.every, today)]
            self.fields["round"] = forms.ChoiceField(
                label=_("哪一轮"), choices=[(name, said_period(name)) for name in names]
            )
        else:
            self.fields["round"] = forms.CharField(label=_("哪一轮"), max_length=60)
        meant = Asked(policy, today).find(kind.about) & powers.running(user, today)
        names_ = names_on(today, meant)
        whom = sorted(((str(pk), names_[pk]) for pk in meant if pk in names_), key=lambda one: one[1])
        if kind.at is None:
            n = len(whom)
            every = ngettext(
                "这一轮还没有开的全部（共 %(n)d 个）", "这一轮还没有开的全部（共 %(n)d 个）", n
            ) % {"n": n}
            whom = [(ALL, every), *whom]
        else:
            rows = activities.visible(user, today).filter(kind=kind.at, state="held", day__lte=today)
            at = names_on(today, (row.run_by_id for row in rows[:100]))
            self.fields["meeting"] = forms.ChoiceField(
                label=_("在哪一次会上填"),
                choices=[(str(row.pk), f"{row.day} {at.get(row.run_by_id, '')}") for row in rows[:100]],
            )
        self.fields["about"] = forms.ChoiceField(label=_("测评谁"), choices=whom)


def opening(request: HttpRequest, kind: str) -> HttpResponse:
    """Open sheets of a kind: about one, or about all that the round still lacks."""
    user, today = need(request, May.RUN), clock.today()
    policy = ruled(today)
    entry = policy.entries.get(("survey", kind)) if policy else None
    if policy is None or not isinstance(entry, SurveyKind) or not entry.enabled:
        raise Http404
    form = OpeningForm(entry, user, policy, today, *([request.POST] if request.method == "POST" else []))
    opened: list[Survey] = []
    if request.method == "POST" and form.does(lambda given: opened.extend(_open(entry, given, user, today))):
        n = len(opened)
        messages.success(request, ngettext("已开 %(n)d 张测评表。", "已开 %(n)d 张测评表。", n) % {"n": n})
        there = reverse("survey", args=[opened[0].pk]) if n == 1 else reverse("surveys")
        return HttpResponseRedirect(there)
    context = {
        "crumbs": [*_crumbs(), (said(entry), "")],
        "title": _("开始“%(kind)s”") % {"kind": said(entry)},
        "label": _("开始测评"),
        "note": _("名单在开始时定下，此后不再增减；被测评的不在名单上。") + _unshown(entry, today),
        "back": reverse("surveys"),
        "form": form,
        "has_errors": form.is_bound,
    }
    return TemplateResponse(request, "surveys/deed.html", context)


def _unshown(kind: SurveyKind, today: date) -> str:
    """Warn of a sheet whose result nobody will see: a secret one without a minimum."""
    shown = kind.secret == "named" or kind.minimum.on(today) is not None  # noqa: S105 - a kind of sheet
    return "" if shown else _("制度包没有定最少张数，结果不会显示。")


def _open(kind: SurveyKind, given: dict[str, Any], user: User, today: date) -> list[Survey]:
    edition, words = edition_on(today), {"round": given["round"], "day": today, "by": user}
    if given["about"] == ALL:
        return actions.open_round(edition, kind.name, **words)
    meeting = Activity.objects.get(pk=given["meeting"]) if given.get("meeting") else None
    about = Subject.objects.get(pk=given["about"])
    return [actions.open_sheet(edition, kind.name, about=about, meeting=meeting, **words)]


def _crumbs() -> list[tuple[str, str]]:
    return [(_("测评"), reverse("surveys"))]


# --- One sheet ---------------------------------------------------------------------


@require_GET
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet: who was asked, how many answered, and once it is closed what came of it."""
    user, today = need(request, May.SEE), clock.today()
    one = found(powers.survey, user, pk, today)
    kind = actions.kind_of(one)
    runs = one.about_id in powers.running(user, today)
    about = names_on(today, [one.about_id]).get(one.about_id, "")
    context = {
        "crumbs": [*_crumbs(), (said(kind), "")],
        "survey": one,
        "title": said(kind),
        "about": about,
        "round": said_period(one.round),
        "cited": str(policy_of(one.edition).cite(kind) or ""),
        "secret": kind.secret == "ballot",  # noqa: S105 - a kind of sheet, no password
        "minimum": kind.minimum.on(one.opened_on),
        "classes": list(_classes(one, kind)),
        "results": [] if one.is_open() else [_result(result, kind) for result in actions.count(one)],
        "may_close": runs and one.is_open(),
        "closing": ClosingForm(_waiting(one)),
        "hands_out": runs and one.is_open() and any(those.slips for those in kind.voters.values()),
    }
    return TemplateResponse(request, "surveys/survey.html", context)


def _classes(one: Survey, kind: SurveyKind) -> Iterator[Row]:
    """Say of each class of voters how many could answer, how many did, and how it weighs."""
    rows = one.slips.values("klass").annotate(given=Count("pk"), used=Count("pk", filter=Q(used=True)))
    counted = {row["klass"]: row for row in rows}
    for name, those in kind.voters.items():
        row = counted.get(name, {"given": 0, "used": 0})
        yield {
            "label": said(those) or name,
            "bearer": bool(those.slips),
            "given": row["given"],
            "used": row["used"],
            "rate": share(row["used"], row["given"]),
            "weight": those.weight.on(one.opened_on),
        }


def _result(result: Result, kind: SurveyKind) -> Row:
    question = next(one for one in kind.ask if one.id == result.question)
    return {
        "label": said(question) or question.id,
        "too_few": result.too_few,
        "said": _hidden(result),
        "ballots": result.ballots,
        "weighed": result.shares is not None,
        "classes": [said(kind.voters[name]) or name for name in result.by_class],
        "rows": [
            {
                "grade": said(question.choice(grade)),
                "many": result.counts.get(grade, 0),
                "share": share(result.counts.get(grade, 0), result.ballots),
                "weighed": share(result.shares[grade], 1000) if result.shares else "",
                "by_class": [counts[grade] for counts in result.by_class.values()],
            }
            for grade in result.scale
        ],
    }


def _hidden(result: Result) -> str:
    """Say why nothing of a question is shown."""
    return _("制度包没有定最少张数，定下之前不显示") if result.unset else _("样本太少，不显示")


class ClosingForm(DeedForm):
    """Whether to close although some have not answered yet."""

    def __init__(self, waiting: int, *sent: Any) -> None:
        super().__init__(*sent)
        if waiting:
            label = ngettext("还有 %(n)d 张没有填，仍然结束", "还有 %(n)d 张没有填，仍然结束", waiting)
            self.fields["sure"] = forms.BooleanField(label=label % {"n": waiting})


def _waiting(one: Survey) -> int:
    return one.slips.filter(used=False).count()


@require_POST
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a sheet and count it; where some have not answered, whoever closes it says that they know."""
    user, today = need(request, May.RUN), clock.today()
    one = found(powers.survey, user, pk, today)
    if ClosingForm(_waiting(one), request.POST).is_valid():
        pressed(request, lambda: actions.close(one, by=user, day=today), _("测评已结束。"))
    else:
        messages.error(request, _("还有没填的，没有结束：确定要结束的，先勾选。"))
    return HttpResponseRedirect(reverse("survey", args=[pk]))


# --- Slips to be handed out ---------------------------------------------------------


class SlipsForm(DeedForm):
    """For which class of voters, and how many."""

    many = Number(label=gettext_lazy("印多少张"), min_value=1, max_value=actions.MOST_SLIPS)

    def __init__(self, kind: SurveyKind, *sent: Any) -> None:
        super().__init__(*sent)
        bearers = [(name, said(those) or name) for name, those in kind.voters.items() if those.slips]
        self.fields["klass"] = forms.ChoiceField(label=_("发给谁"), choices=bearers)
        self.order_fields(["klass", "many"])


@never_cache
def slips(request: HttpRequest, pk: int) -> HttpResponse:
    """Print slips to be cut and handed out; their codes are on this sheet of paper and nowhere else."""
    user, today = need(request, May.RUN), clock.today()
    one = found(powers.survey, user, pk, today)
    kind = actions.kind_of(one)
    if one.about_id not in powers.running(user, today) or not any(
        those.slips for those in kind.voters.values()
    ):
        raise Http404
    form = SlipsForm(kind, *([request.POST] if request.method == "POST" else []))
    printed: list[bytes] = []

    def hand_out(given: dict[str, Any]) -> None:
        codes = actions.hand_out(one, given["klass"], given["many"], by=user, day=today)
        there = request.build_absolute_uri(reverse("slip"))
        printed.append(_printed(one, kind, codes, there))  # where it cannot be printed, no slip is out

    if request.method == "POST" and form.does(hand_out):
        answer = HttpResponse(printed[0], content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="slips-{pk}.pdf"'
        return answer
    context = {
        "crumbs": [*_crumbs(), (said(kind), reverse("survey", args=[pk])), (_("印选票"), "")],
        "title": _("印选票"),
        "label": _("印出来"),
        "note": _(
            "每张一个票号，只能用一次。票号只在这份纸上，系统里查不到；裁开后由各人自己抽取，不登记谁拿了哪一张。发出多少张记入日志。"
        ),
        "back": reverse("survey", args=[pk]),
        "form": form,
        "has_errors": form.is_bound,
    }
    return TemplateResponse(request, "surveys/deed.html", context)


def _printed(one: Survey, kind: SurveyKind, codes: list[str], there: str) -> bytes:
    """Return the slips as PDF, ten on a page."""
    sheet = {
        "title": f"{said(kind)}　{one.round}",
        "about": names_on(one.opened_on, [one.about_id]).get(one.about_id, ""),
        "there": there,
        "codes": codes,
        "once": _("凭票号填写一次，不记名。"),
    }
    faces = typefaces.find()
    source = (files(__package__) / "slips.typ").read_text(encoding="utf-8")
    words = json.dumps(sheet | {"face": faces.families["黑体"]}, ensure_ascii=False)
    return typefaces.compiled(source, faces, sheet=words)
