"""The roster, and one person's file through time. Every reading of a file is journaled by `registry.powers.person`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.cases import powers as cases
from zugong.core import clock
from zugong.packs.policy import Policy
from zugong.registry import powers
from zugong.registry.models import Appointment, Membership, Particulars, Standing, names_on
from zugong.registry.rules import PERSON, POST
from zugong.registry.selecting import Asked
from zugong.web.asking import asker, found, need, on, paged, ruled, said
from zugong.web.organisations.views import klass_words, ties_of, way_of
from zugong.web.questions import read
from zugong.web.sheets import export_of

Row = dict[str, Any]

# What every county keeps of a person, whatever its pack asks besides.
PARTICULARS: dict[str, Callable[[], str]] = {
    "sex": lambda: _("性别"),
    "birth": lambda: _("出生年月"),
    "nation": lambda: _("民族"),
    "education": lambda: _("学历"),
    "joined": lambda: _("入党时间"),
    "phone": lambda: _("电话"),
}


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The roster: names and posts of those whose files the asker may open; opening one is another page."""
    user, day = need(request, May.SEE_PERSONS), on(request)
    policy, words, klass = ruled(day), request.GET.get("q", "").strip(), request.GET.get("klass", "")
    rows = powers.persons(user, day)
    kinds = rows.values("klass").annotate(many=Count("pk")).order_by("-many")
    called = klass_words(policy, PERSON)
    asked = rows.filter(klass=klass) if klass else rows
    page = paged(request, (powers.matching(asked, words) if words else asked).order_by("pinyin", "pk"))
    return TemplateResponse(
        request,
        "people/people.html",
        {
            "asked": request.GET,
            "page": page,
            "rows": listed(list(page), policy, day),
            "export": export_of(user, PERSON, clock.today()),
            "klasses": [(row["klass"], called.get(row["klass"], row["klass"]), row["many"]) for row in kinds],
        },
    )


def listed(rows: list[Particulars], policy: Policy | None, day: date) -> list[Row]:
    """Return persons with their posts and branches on a day, in a constant number of questions."""
    ids = [row.subject_id for row in rows]
    posts, branches = (
        posts_of(ids, policy, day),
        dict(Membership.objects.on(day).filter(person__in=ids).values_list("person_id", "organisation_id")),
    )
    names = names_on(day, branches.values())
    words = klass_words(policy, PERSON)
    return [
        {
            "pk": row.subject_id,
            "name": row.name,
            "klass": words.get(row.klass, row.klass),
            "posts": posts[row.subject_id],
            "branch": names.get(branches.get(row.subject_id, 0), ""),
        }
        for row in rows
    ]


def posts_of(persons: list[int], policy: Policy | None, day: date) -> dict[int, list[str]]:
    """Return person → their posts on a day: the organisation and what the post is."""
    held = list(Appointment.objects.on(day).filter(person__in=persons).order_by("pk"))
    posts = {
        row.subject_id: row
        for row in Particulars.objects.on(day).filter(subject__in=[one.post_id for one in held])
    }
    owners = names_on(day, (post.parent_id for post in posts.values() if post.parent_id))
    words = klass_words(policy, POST)
    found_posts: dict[int, list[str]] = defaultdict(list)
    for one in held:
        if post := posts.get(one.post_id):
            found_posts[one.person_id].append(
                f"{owners.get(post.parent_id or 0, '')} {words.get(post.klass, post.name)}"
            )
    return found_posts


@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's file as it was on a day: their own, or that of somebody whose file the asker may open."""
    user, day = asker(request), on(request)
    row = found(powers.person, user, pk, day)
    policy = ruled(day)
    own = user.person_id == pk
    crumbs = [] if own else [(_("干部名册"), reverse("people")), (row.name, "")]
    return TemplateResponse(
        request,
        "people/person.html",
        {
            "row": row,
            "own": own,
            "day": day,
            "today": clock.today(),
            "crumbs": crumbs,
            "facts": _facts(row, policy, day),
            "appointments": _appointments(pk, policy),
            "memberships": _memberships(pk),
            "ties": ties_of(user, pk, policy, day),
            "standings": _standings(user, pk, policy, day, own),
            "matters": _matters(user, pk),
            "opens": _opens(user, pk, policy) if own else [],
        },
    )


def _matters(user: User, pk: int) -> list[Row]:
    """Return the cases about somebody that the asker may see: leave, for one. What is adverse stays in its own place."""
    theirs = Q(about=pk) | Q(holder=pk, parent=None)  # a hand-over is about the post, from its former holder
    rows = cases.visible(user, clock.today()).filter(theirs).select_related("edition").order_by("-pk")
    return [
        {
            "case": one,
            "label": said(kind),
            "stage": said(kind.stage(one.stage)) if one.is_open() else "",
        }
        for one in rows.defer("edition__texts")
        if not (kind := cases.kind_of(one)).adverse or user.person_id == pk
    ]


def _opens(user: User, pk: int, policy: Policy | None) -> list[Row]:
    """Return the kinds of case that somebody may open about themselves."""
    if policy is None:
        return []
    there = reverse("case-new")
    return [
        {"label": said(kind), "href": f"{there}?kind={kind.name}&about={pk}"}
        for kind, about in cases.openable(user, policy, clock.today())
        if pk in about
        and not kind.adverse
        and pk in Asked(policy, clock.today(), {"about": frozenset({pk})}).role(kind.opened_by)
    ]


def _facts(row: Particulars, policy: Policy | None, day: date) -> list[Row]:
    facts = [{"label": _("类别"), "value": klass_words(policy, PERSON).get(row.klass, row.klass)}]
    for name, answer in row.fields.items():
        if policy and name in policy.fields:
            facts.append({"label": said(policy.fields[name]), "value": read(policy, name, answer, day)})
        elif name in PARTICULARS:
            facts.append({"label": PARTICULARS[name](), "value": answer})
    return facts


def _appointments(pk: int, policy: Policy | None) -> list[Row]:
    """Return the posts somebody held through time, newest first, each named as it was when it began."""
    rows = list(Appointment.objects.known().filter(person=pk).order_by("-valid"))
    posts = defaultdict(list)
    for post in Particulars.objects.known().filter(subject__in=[row.post_id for row in rows]):
        posts[post.subject_id].append(post)
    owners = names_on(
        clock.today(), (post.parent_id for rows in posts.values() for post in rows if post.parent_id)
    )
    words = klass_words(policy, POST)
    return [
        {
            "post": words.get(posts[row.post_id][-1].klass, posts[row.post_id][-1].name)
            if posts[row.post_id]
            else "",
            "there": reverse("post", args=[row.post_id]),
            "acts_for": row.acts_for,
            "organisation": owners.get(posts[row.post_id][-1].parent_id or 0, "")
            if posts[row.post_id]
            else "",
            "href": reverse("organisation", args=[posts[row.post_id][-1].parent_id])
            if posts[row.post_id] and posts[row.post_id][-1].parent_id
            else "",
            "way": way_of(row, policy),
            "due": row.due_on,
            "since": row.valid.lower,
            "until": row.last_day,
            "source": row.source,
        }
        for row in rows
    ]


def _memberships(pk: int) -> list[Row]:
    rows = list(Membership.objects.known().filter(person=pk).order_by("-valid"))
    names = names_on(clock.today(), (row.organisation_id for row in rows))
    return [
        {
            "name": names.get(row.organisation_id, ""),
            "href": reverse("organisation", args=[row.organisation_id]),
            "since": row.valid.lower,
            "until": row.valid.upper,
        }
        for row in rows
    ]


def _standings(user: User, pk: int, policy: Policy | None, day: date, own: bool) -> list[Row]:
    """Return the rolls somebody stands or stood on; some rolls are not shown to the person themselves."""
    rolls = powers.rolls(user, policy, day, own=own) if policy else {}
    rows = Standing.objects.known().filter(subject=pk).order_by("-valid")
    return [
        {
            "roll": said(rolls[row.roll]),
            "value": said(rolls[row.roll].called(row.value)),
            "since": row.valid.lower,
            "until": row.valid.upper,
        }
        for row in rows
        if row.roll in rolls
    ]
