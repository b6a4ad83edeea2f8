"""Who is tied to a case's subject: whom the pack lets stand there is offered, and a tie ends as the pack allows."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zugong.accounts.rules import May
from zugong.cases import actions, powers
from zugong.cases.models import Case
from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.packs.schema import LinkKind
from zugong.registry import actions as registry
from zugong.registry import powers as registry_powers
from zugong.registry.models import Link, Particulars, Standing, Subject, names_on
from zugong.registry.offering import Place, held_by
from zugong.registry.selecting import Asked
from zugong.web.asking import DeedForm, asker, found, need, paged, ruled, said
from zugong.web.cases import forms, showing
from zugong.web.cases.views import acted_on, crumbs, drawn, heading, went_well
from zugong.web.people.views import posts_of


def ties(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie a supporter to the subject of a case; whoever keeps the registry there may."""
    (user, one), today = acted_on(request, pk), clock.today()
    places = _places(one, today)
    if not places or not showing.keeps_ties(user, one, today):
        raise Http404
    place = _place(places, request)
    form = forms.TieForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: actions.support(
            one,
            place.policy,
            place.kind,
            given["role"],
            near=found(Subject.objects.get, pk=given["near"]),
            by=user,
            day=today,
        )
    ):
        done, lacking = _said_named(place, form, today), _lacking(places)
        if lacking is None:
            return went_well(request, one, done)
        messages.success(request, done)
        return HttpResponseRedirect(f"{reverse('case-ties', args=[one.pk])}{_asking(lacking)}")
    kind, there = powers.kind_of(one), reverse("case", args=[one.pk])
    trail = [*crumbs(one, kind, today), (heading(one, kind, today), there)]
    return _offered(request, places, place, form, trail)


def _places(one: Case, today: date) -> list[Place]:
    """Return every role of the links that the case's stages need."""
    policy, kind = powers.policy_for(one), powers.kind_of(one)
    links = dict.fromkeys(need.link for stage in kind.stages for need in stage.needs if need.link)
    return [Place(policy, link, role, one.about, today) for link in links for role in policy.link(link).kinds]


def _said_named(place: Place, form: DeedForm, today: date) -> str:
    """Say who was tied and as what."""
    near = form.cleaned_data["near"]
    role = said(place.policy.link(place.kind).kinds[place.role])
    return _("已确定%(role)s：%(name)s") % {"role": role, "name": names_on(today, [near]).get(near, "")}


def _lacking(places: list[Place]) -> Place | None:
    """Return the first role that the pack says must have more and for which there is somebody."""
    return next((place for place in places if place.lacks and place.offered().exists()), None)


def _place(places: list[Place], request: HttpRequest) -> Place:
    """Return the role that is asked for; else the first that still has room."""
    kind, role = request.GET.get("kind"), request.POST.get("role") or request.GET.get("role")
    asked = (place for place in places if place.role == role and kind in (None, place.kind))
    return next(asked, None) or next((place for place in places if not place.is_full), places[0])


def _offered(
    request: HttpRequest, places: list[Place], place: Place, form: DeedForm, trail: list[tuple[str, str]]
) -> HttpResponse:
    """Show the roles, and for one of them who may be tied, by pinyin, with how many each is tied to already."""
    today, words = clock.today(), request.GET.get("q", "").strip()
    link = place.policy.link(place.kind)
    offered = place.offered()
    page = paged(request, registry_powers.matching(offered, words) if words else offered)
    ends = [row.subject_id for row in page]
    held = held_by(place.kind, ends, today)
    posts = posts_of(ends, place.policy, today)
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "asked": [form[name] for name in form.fields if name not in ("role", "near")],
        "crumbs": trail,
        "back": trail[-1][1],
        "title": _("指定%(link)s：%(name)s") % {"link": said(link), "name": place.far.name_on(today)},
        "link": said(link),
        "place": place,
        "station": said(link.kinds[place.role]),
        "tabs": [_tab(each, place) for each in places],
        "words": words,
        "page": page,
        "any": offered.exists(),
        "rows": [
            {
                "pk": row.subject_id,
                "name": row.name,
                "sub": "；".join(posts.get(row.subject_id, [])),
                "held": held.get(row.subject_id, 0),
            }
            for row in page
        ],
        "chosen": form["near"].value(),
    }
    return TemplateResponse(request, "cases/ties.html", context)


def _tab(each: Place, current: Place) -> dict[str, Any]:
    label = said(each.policy.link(each.kind).kinds[each.role])
    return {"label": label, "href": _asking(each), "current": each == current, "count": each.has}


def _asking(place: Place) -> str:
    return "?" + urlencode({"kind": place.kind, "role": place.role})


def _grounds(policy: Policy, held: Link, today: date) -> list[tuple[str, str]]:
    """Return the grounds on which a tie may end while a bar stands; none where it stands free."""
    bars = Standing.objects.on(today).filter(roll=registry.bar_of(f"link.{held.kind}"))
    bar = bars.filter(subject=held.far_id).first()
    return showing.release_grounds(policy, held, bar) if bar else []


def tie(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """End a supporter's tie; while a bar stands, only on a ground that releases it."""
    (user, one), today = acted_on(request, pk), clock.today()
    held = Link.objects.on(today).filter(far=one.about_id, pk=link).first()
    if held is None or not showing.keeps_ties(user, one, today):
        raise Http404
    policy = powers.policy_for(one)
    grounds = _grounds(policy, held, today)
    form = forms.UntieForm(grounds, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and form.does(
        lambda given: registry.untie(
            held, on=today, by=user, ground=given.get("ground", ""), source=given["source"]
        )
    ):
        return went_well(request, one, _("已解除"))
    return drawn(
        request,
        one,
        form,
        title=_("解除%(link)s：%(name)s")
        % {"link": said(policy.link(held.kind)), "name": held.near.name_on(today)},
        label=_("解除"),
        danger=True,
    )


def organisation_ties(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie somebody to an organisation in any role of any link that the pack allows there, apart from a case."""
    policy, row, today = _kept(request, pk)
    user, far = asker(request), row.subject
    places = _stations(policy, far, today)
    if not places:
        raise Http404
    place = _place(places, request)
    form = forms.TieByHandForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: registry.tie(
            policy,
            place.kind,
            given["role"],
            near=found(Subject.objects.get, pk=given["near"]),
            far=far,
            since=today,
            by=user,
            source=given["source"],
        )
    ):
        messages.success(request, _said_named(place, form, today))
        return HttpResponseRedirect(reverse("organisation", args=[pk]))
    return _offered(request, places, place, form, _trail(row))


def organisation_tie(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """End a tie of an organisation; while a bar stands, only on a ground that releases it."""
    policy, row, today = _kept(request, pk)
    held = Link.objects.on(today).filter(far=pk, pk=link).first()
    if held is None:
        raise Http404
    form = forms.UntieForm(
        _grounds(policy, held, today), *([request.POST] if request.method == "POST" else [])
    )
    if request.method == "POST" and form.does(
        lambda given: registry.untie(
            held, on=today, by=asker(request), ground=given.get("ground", ""), source=given["source"]
        )
    ):
        messages.success(request, _("已解除"))
        return HttpResponseRedirect(reverse("organisation", args=[pk]))
    kind = policy.entries.get(("link", held.kind))
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": _trail(row),
        "back": reverse("organisation", args=[pk]),
        "title": _("解除%(link)s：%(name)s")
        % {"link": said(kind) if kind else held.kind, "name": held.near.name_on(today)},
        "label": _("解除"),
        "danger": True,
    }
    return TemplateResponse(request, "books/deed.html", context)


def _kept(request: HttpRequest, pk: int) -> tuple[Policy, Particulars, date]:
    """Return the policy and an organisation where the asker keeps the registry; else there is no such page."""
    user, today = need(request, May.KEEP), clock.today()
    row, policy = found(registry_powers.organisation, user, pk, today), ruled(today)
    if policy is None or not showing.keeps_registry(user, pk, today):
        raise Http404
    return policy, row, today


def _stations(policy: Policy, far: Subject, today: date) -> list[Place]:
    """Return every role of every link whose far end the organisation may be."""
    asked = Asked(policy, today)
    return [
        Place(policy, link.name, role, far, today)
        for link in policy.all("link", LinkKind)
        for role, allowed in link.kinds.items()
        if far.pk in asked.find(allowed.to)
    ]


def _trail(row: Particulars) -> list[tuple[str, str]]:
    return [
        (_("党组织"), reverse("organisations")),
        (row.name, reverse("organisation", args=[row.subject_id])),
    ]
