"""Requests for those who take them in and follow them: the list, a new one on behalf of a caller, the sealed contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.cases import intake, powers
from zugong.cases.models import Case, CaseQuerySet, Receipt
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.workdays import day_of
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry import powers as registry
from zugong.registry.models import Particulars, Subject, names_on
from zugong.registry.selecting import Ids
from zugong.web.asking import DeedForm, asker, found, only, paged, ruled, said
from zugong.web.cases import showing
from zugong.web.cases.outside import matters, told
from zugong.web.cases.views import crumbs, heading
from zugong.web.due import of_case, of_whole
from zugong.web.public.forms import RequestForm
from zugong.web.requests import counting

FEW = 12  # so many places are shown at once, each a target for a thumb
ON_FOOT = ("grid", "visit")
BY_STAFF = tuple(channel for channel in intake.CHANNELS if channel not in intake.WITHOUT_ACCOUNT)
Row = dict[str, Any]


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """What was asked, as far as the asker may see it: by receipt, the hotline's number, channel and state."""
    user, today, now = asker(request), clock.today(), clock.now()
    seen = powers.visible(user, today).filter(receipt__isnull=False)
    if not user.may(May.SEE, today) and not seen.exists() and not openable(user, today):
        raise PermissionDenied
    behind = counting.drilled(user, request.GET)
    if behind is not None:
        seen = seen.filter(pk__in=behind)
    page = paged(request, _asked(seen, request, now))
    return TemplateResponse(
        request,
        "requests/requests.html",
        {
            "page": page,
            "rows": list(_listed(list(page), now)),
            "channels": [(name, said(label)) for name, label in intake.CHANNELS.items()],
            "asked": request.GET,
            "behind": behind is not None,
            "may_take": bool(openable(user, today)),
            "any": page.paginator.count or seen.exists(),
        },
    )


def _asked(rows: CaseQuerySet, request: HttpRequest, now: datetime) -> QuerySet[Case]:
    match request.GET.get("state", "open"):
        case "late":
            rows = rows.overdue(now)
        case "whole":
            rows = rows.overdue_as_a_whole(now)
        case "closed":
            rows = rows.filter(closed_on__isnull=False)
        case "all":
            pass
        case _:
            rows = rows.open()
    if (channel := request.GET.get("channel")) in intake.CHANNELS:
        rows = rows.filter(receipt__channel=channel)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(named(words, day_of(now)))
    rows = rows.select_related("edition", "receipt").defer("edition__texts")
    return rows.order_by("-receipt__at", "-pk")


def named(words: str, day: date) -> Q:
    """Return what finds a request: its receipt's number however it is grouped, the outside or case number, its place."""
    there = registry.matching(Particulars.objects.on(day), words).values("subject")
    digits = "".join(words.split())
    number = Q(receipt__number__startswith=digits) if digits.isdecimal() and len(digits) > 3 else Q(pk=None)
    return number | Q(receipt__outside_number=words) | Q(number__contains=words) | Q(about__in=there)


def _listed(rows: list[Case], now: datetime) -> list[Row]:
    names, facts, asked = (
        names_on(day_of(now), {row.about_id for row in rows}),
        intake.facts(rows),
        matters(rows),
    )
    return [
        {
            "case": row,
            "name": names.get(row.about_id, ""),
            "kind": said(powers.kind_of(row)),
            "matter": asked.get(row.pk, ""),
            "channel": said(intake.CHANNELS[row.receipt.channel]),
            "stage": said(powers.kind_of(row).stage(row.stage)),
            "due": of_case(row, now),
            "whole": of_whole(row, now),
            "ended": None if row.is_open() else showing.ended(row),
            "facts": told(facts.get(row.pk, {})),
        }
        for row in rows
    ]


# --- Taking in -----------------------------------------------------------------------


class TakingForm(RequestForm):
    """What a caller says, where it is, by which way it came; the hotline's own number."""

    channel = forms.ChoiceField(label=gettext_lazy("从哪里来"))
    about = forms.ChoiceField(label=gettext_lazy("事情在哪里"))
    outside_number = forms.CharField(
        label=gettext_lazy("热线工单号"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("热线自己的编号；同一个编号只受理一次。"),
    )

    def __init__(
        self,
        user: User,
        policy: Policy,
        kind: CaseKind,
        about: Ids,
        today: date,
        channels: tuple[str, ...],
        *sent: Any,
        **options: Any,
    ) -> None:
        super().__init__(policy, kind, about, today, *sent, **options)
        self.user, self.today = user, today
        offered = [name for name in channels if kind.intake and name in kind.intake.channels]
        self.fields["channel"].choices = [(name, said(intake.CHANNELS[name])) for name in offered]  # type: ignore[attr-defined]
        self.fields["channel"].initial = "hotline" if "hotline" in offered else None
        self._hide_what_is_alone("channel", offered)
        rows = Particulars.objects.on(today).filter(subject__in=about).order_by("pinyin")
        places = [(str(pk), name) for pk, name in rows.values_list("subject_id", "name")]
        self._ask_where(places)
        if "hotline" not in offered:
            del self.fields["outside_number"]

    def _ask_where(self, places: list[tuple[str, str]]) -> None:
        field = self.fields["about"]
        if len(places) <= FEW:
            field.widget = forms.RadioSelect()
        field.choices = places if len(places) <= FEW else [("", _("请选择")), *places]  # type: ignore[attr-defined]
        self._hide_what_is_alone("about", [pk for pk, _name in places])

    def _hide_what_is_alone(self, name: str, values: Sequence[str]) -> None:
        if len(values) == 1:
            self.fields[name].widget, self.fields[name].initial = forms.HiddenInput(), values[0]

    def _refuse(self, refused: Refused) -> None:
        super()._refuse(refused)
        if isinstance(refused, intake.TakenInAlready):
            there = refused.receipt.case
            if powers.visible(self.user, self.today).filter(pk=there.pk).exists():
                self["outside_number"].help_text = format_html(
                    '<a href="{}">{}</a>', reverse("case", args=[there.pk]), _("看已受理的那一件")
                )

    @property
    def contact(self) -> str:
        """The contact as it was typed, on the way to whether the same caller asked before."""
        name = self.kind.intake.contact if self.kind.intake else None
        return self.data.get(name, "") if name else ""


@never_cache
@sensitive_post_parameters()
def new(request: HttpRequest) -> HttpResponse:
    """Take in what a caller asks, on their behalf; or ask first whether they called before."""
    return _taking(request, BY_STAFF, "requests/new.html")


@never_cache
@sensitive_post_parameters()
def on_foot(request: HttpRequest) -> HttpResponse:
    """The same on a phone in the field: one question a screen, kept on the phone while there is no network."""
    return _taking(request, ON_FOOT, "requests/on_foot.html")


def _taking(request: HttpRequest, channels: tuple[str, ...], template: str) -> HttpResponse:
    user, today = asker(request), clock.today()
    policy = ruled(today)
    kinds = openable(user, today, channels)
    status = only(bool(kinds), request)
    if policy is None or not kinds:
        raise PermissionDenied
    name = request.GET.get("kind") or request.POST.get("kind") or next(iter(kinds))
    if name not in kinds:
        return HttpResponseRedirect(request.path)
    kind, about = kinds[name]
    looks = request.method == "POST" and "look" in request.POST
    if looks:
        form = TakingForm(user, policy, kind, about, today, channels, initial=request.POST.dict())
        form.data = request.POST
    else:
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = TakingForm(user, policy, kind, about, today, channels, *sent)
    taken: list[tuple[Receipt, str]] = []
    if (
        request.method == "POST"
        and not looks
        and form.does(lambda given: taken.append(_take_in(form, given, user, today)))
    ):
        return _taken(request, *taken[0], user, today)
    context = {
        "form": form,
        "kind": kind,
        "kinds": [one for one, _about in kinds.values()],
        "has_errors": form.is_bound and not looks,
        "earlier": _earlier(kind, form.contact, user, today) if looks else None,
        "contact": form[kind.intake.contact] if kind.intake and kind.intake.contact in form.fields else None,
        "draft": f"request-{kind.name}",
    }
    return TemplateResponse(request, template, context, status=status)


def _take_in(form: TakingForm, given: Row, user: User, today: date) -> tuple[Receipt, str]:
    if first := intake.received(given["key"]):
        return first, intake.code_of(first, given["key"])
    return intake.receive(
        form.kind.name,
        about=Subject.objects.get(pk=given["about"]),
        answers=form.answers(user),
        channel=given["channel"],
        day=today,
        at=clock.now(),
        by=user,
        key=given["key"],
        outside_number=given.get("outside_number", ""),
    )


def _taken(request: HttpRequest, receipt: Receipt, code: str, user: User, today: date) -> HttpResponse:
    case = receipt.case
    before = Receipt.objects.filter(caller=receipt.caller).exclude(Q(pk=receipt.pk) | Q(caller=""))
    kind = powers.kind_of(case)
    days = kind.intake.look_back.on(today) if kind.intake else None
    context = {
        "receipt": receipt,
        "code": code,
        "kind": kind,
        "place": case.about.name_on(today),
        "again": request.get_full_path(),
        "earlier": _visible(before, user, today) if days else None,
        "seen": powers.visible(user, today).filter(pk=case.pk).exists(),
    }
    return TemplateResponse(request, "requests/taken.html", context)


def _earlier(kind: CaseKind, contact: str, user: User, today: date) -> Row:
    return _visible(intake.earlier(kind, contact, today), user, today)


def _visible(receipts: QuerySet[Receipt], user: User, today: date) -> Row:
    """Return how many there are, and of those the asker may see, where they lead. A count, no word about the caller."""
    seen = powers.visible(user, today).filter(receipt__in=receipts.values("pk")).order_by("-pk")
    return {"many": receipts.count(), "cases": list(seen[:FEW])}


def openable(
    user: User, today: date, channels: tuple[str, ...] = BY_STAFF
) -> dict[str, tuple[CaseKind, Ids]]:
    """Return the kinds of request that somebody may take in by these ways, each with the places for which they may."""
    policy = ruled(today)
    kinds = intake.kinds(policy, channels) if policy else []
    found = {kind.name: (kind, powers.open_to(user, kind, policy, today)) for kind in kinds if policy}
    return {name: (kind, about) for name, (kind, about) in found.items() if about}


# --- The contact ---------------------------------------------------------------------


class ReadingForm(DeedForm):
    """Why the contact is read."""

    reason = forms.CharField(
        label=gettext_lazy("为什么要看"),
        max_length=200,
        widget=forms.TextInput(),
        help_text=gettext_lazy("如：反馈办理结果、核实地点。谁在什么时候为什么看的，会记入日志。"),
    )


@never_cache
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the contact of whoever asked: on a press, for a reason, and it is journaled."""
    user, today = asker(request), clock.today()
    one = found(powers.case, user, pk, today)
    kind = powers.kind_of(one)
    if kind.intake is None or not Receipt.objects.filter(case=one).exists():
        return HttpResponseRedirect(reverse("case", args=[pk]))
    may = bool(powers.acting(user, one, today))
    status = only(may, request)
    form = ReadingForm(request.POST if request.method == "POST" else None)
    read: list[str] = []
    form.does(lambda given: read.append(intake.read_contact(one, by=user, day=today, reason=given["reason"])))
    context = {
        "case": one,
        "form": form,
        "has_errors": form.is_bound and not read,
        "contact": read[0] if read else "",
        "heading": heading(one, kind, today),
        "crumbs": [*crumbs(one, kind, today), (heading(one, kind, today), reverse("case", args=[pk]))],
    }
    return TemplateResponse(request, "requests/contact.html", context, status=status or HTTPStatus.OK)
