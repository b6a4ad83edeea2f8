"""Who is tied to a case's subject: whom the pack lets stand there is offered, and a tie ends as the pack allows."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zugong.cases import powers
from zugong.cases.models import Case
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry import powers as registry_powers
from zugong.registry.models import Link, Standing, Subject
from zugong.registry.offering import Place, held_by
from zugong.web.asking import DeedForm, found, paged, said
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
        lambda given: registry.tie(
            place.policy,
            place.kind,
            given["role"],
            near=found(Subject.objects.get, pk=given["near"]),
            far=one.about,
            since=today,
            by=user,
            source=one.number,
        )
    ):
        return went_well(request, one, _("已确定"))
    return TemplateResponse(request, "cases/ties.html", _offer(request, one, places, place, form))


def _places(one: Case, today: date) -> list[Place]:
    """Return every role of the links that the case's stages need."""
    policy, kind = powers.policy_for(one), powers.kind_of(one)
    links = dict.fromkeys(need.link for stage in kind.stages for need in stage.needs if need.link)
    return [Place(policy, link, role, one.about, today) for link in links for role in policy.link(link).kinds]


def _place(places: list[Place], request: HttpRequest) -> Place:
    """Return the role that is asked for; else the first that still has room."""
    kind, role = request.GET.get("kind"), request.POST.get("role") or request.GET.get("role")
    asked = (place for place in places if place.role == role and kind in (None, place.kind))
    return next(asked, None) or next((place for place in places if not place.is_full), places[0])


def _offer(
    request: HttpRequest, one: Case, places: list[Place], place: Place, form: DeedForm
) -> dict[str, Any]:
    """Return the roles, and for one of them who may be tied, by pinyin, with how many each is tied to already."""
    kind, today, words = powers.kind_of(one), clock.today(), request.GET.get("q", "").strip()
    link = place.policy.link(place.kind)
    offered = place.offered()
    page = paged(request, registry_powers.matching(offered, words) if words else offered)
    ends = [row.subject_id for row in page]
    held = held_by(place.kind, ends, today)
    posts = posts_of(ends, place.policy, today)
    return {
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": [*crumbs(one, kind, today), (heading(one, kind, today), reverse("case", args=[one.pk]))],
        "back": reverse("case", args=[one.pk]),
        "title": _("指定%(link)s：%(name)s") % {"link": said(link), "name": one.about.name_on(today)},
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


def _tab(each: Place, current: Place) -> dict[str, Any]:
    asked = urlencode({"kind": each.kind, "role": each.role})
    label = said(each.policy.link(each.kind).kinds[each.role])
    return {"label": label, "href": f"?{asked}", "current": each == current, "count": each.has}


def tie(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """End a supporter's tie; while a bar stands, only on a ground that releases it."""
    (user, one), today = acted_on(request, pk), clock.today()
    held = Link.objects.on(today).filter(far=one.about_id, pk=link).first()
    if held is None or not showing.keeps_ties(user, one, today):
        raise Http404
    bars = Standing.objects.on(today).filter(roll=registry.bar_of(f"link.{held.kind}"))
    bar = bars.filter(subject=one.about_id).first()
    policy = powers.policy_for(one)
    grounds = showing.release_grounds(policy, held, bar) if bar else []
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
