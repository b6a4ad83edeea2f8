"""The tree by division, one organisation as it was on a day, and who has no tie or too many."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import powers as activity_powers
from zugong.activities.rules import STATES, State
from zugong.cases import powers as case_powers
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, Classes, LinkKind
from zugong.registry import powers
from zugong.registry.answering import receiving
from zugong.registry.facts import link_gaps
from zugong.registry.models import Appointment, Link, Membership, Particulars, Standing, names_on
from zugong.registry.rules import ORGANISATION, PERSON, POST, SUBSTANTIVE, THING
from zugong.registry.selecting import below
from zugong.web.asking import asker, found, need, on, paged, ruled, said
from zugong.web.sheets import export_of
from zugong.web.templatetags.zugong import day as long_day

Row = dict[str, Any]
ALLIANCE = "alliance"  # the class: the pack says which other classes belong to it


@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """The tree by division with its counts; asked for by words or class, the list of what fits."""
    user, day = need(request, May.SEE), on(request)
    policy = ruled(day)
    asked = request.GET
    flat = bool(asked.get("q", "").strip() or asked.get("klass"))
    rows = powers.organisations(user, day)
    page = paged(request, _asked(rows, asked.get("q", ""), asked.get("klass", ""))) if flat else None
    return TemplateResponse(
        request,
        "organisations/organisations.html",
        {
            "asked": asked,
            "day": day,
            "today": clock.today(),
            "page": page,
            "rows": _listed(list(page), policy, day) if page else [],
            "klasses": _klasses(policy, rows),
            "divisions": [] if flat else _divisions(user, policy, day),
            "others": [] if flat else _others(rows, policy),
            "export": export_of(user, ORGANISATION, clock.today()),
            "gaps": [(link.name, said(link)) for link in policy.all("link", LinkKind)] if policy else [],
        },
    )


def _asked(rows: QuerySet[Particulars], words: str, klass: str) -> QuerySet[Particulars]:
    if klass:
        rows = rows.filter(klass=klass)
    rows = powers.matching(rows, words.strip()) if words.strip() else rows
    return rows.order_by("pinyin", "pk")


def _listed(rows: list[Particulars], policy: Policy | None, day: date) -> list[Row]:
    words = klass_words(policy)
    above = names_on(day, (row.parent_id for row in rows if row.parent_id))
    return [
        {"row": row, "klass": words.get(row.klass, row.klass), "above": above.get(row.parent_id or 0, "")}
        for row in rows
    ]


def townships(user: User, policy: Policy | None, today: date) -> list[tuple[int, str]]:
    """Return the townships that the asker may see, by pinyin."""
    if policy is None:
        return []
    klasses = policy.within("organisation", "township")
    rows = powers.organisations(user, today).filter(klass__in=klasses).order_by("pinyin")
    return list(rows.values_list("subject_id", "name"))


def klass_words(policy: Policy | None, noun: str = ORGANISATION) -> dict[str, str]:
    """Return what the pack calls each class of a noun: a village is one thing as a place, another as an organisation."""
    entries = policy.all("classes", Classes) if policy else []
    return {item.id: said(item) for entry in entries if entry.of == noun for item in entry.items}


def _klasses(policy: Policy | None, rows: QuerySet[Particulars]) -> list[tuple[str, str, int]]:
    words = klass_words(policy)
    counted = rows.values("klass").annotate(many=Count("pk")).order_by("-many")
    return [(row["klass"], words.get(row["klass"], row["klass"]), row["many"]) for row in counted]


def _divisions(user: User, policy: Policy | None, day: date) -> list[Row]:
    """Return the townships, each with its villages, members and open cases."""
    places = townships(user, policy, day)
    villages = list(
        Particulars.objects.on(day).filter(
            parent__in=[pk for pk, _name in places], subject__noun=ORGANISATION
        )
    )
    township = {row.subject_id: row.parent_id for row in villages} | {pk: pk for pk, _name in places}
    members = Counter[int | None]()
    for row in (
        Membership.objects.on(day)
        .filter(organisation__in=township)
        .values("organisation")
        .annotate(many=Count("pk"))
    ):
        members[township[row["organisation"]]] += row["many"]
    cases = Counter[int | None]()
    for about in (
        case_powers.visible(user, day)
        .open()
        .filter(parent=None, about__in=township)
        .values_list("about", flat=True)
    ):
        cases[township[about]] += 1
    beneath = Counter(row.parent_id for row in villages)
    return [
        {"pk": pk, "name": name, "villages": beneath[pk], "members": members[pk], "cases": cases[pk]}
        for pk, name in places
    ]


def _others(rows: QuerySet[Particulars], policy: Policy | None) -> list[Row]:
    """Return the organisations that stand neither in nor at a township, such as the county's own and its departments."""
    klasses = policy.within(ORGANISATION, "township") if policy else frozenset[str]()
    beneath = Particulars.objects.filter(klass__in=klasses).values("subject")
    others = rows.exclude(klass__in=klasses).exclude(parent__in=beneath).order_by("klass", "pinyin")[:100]
    words = klass_words(policy)
    return [
        {"pk": row.subject_id, "name": row.name, "klass": words.get(row.klass, row.klass)} for row in others
    ]


@require_GET
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation as it was on a day: what it is called and whose it is, its people, ties, rolls, cases, activities."""
    user, day = asker(request), on(request)
    row = found(powers.organisation, user, pk, day)
    policy = ruled(day)
    standings = _standings(user, pk, policy, day)
    return TemplateResponse(
        request,
        "organisations/organisation.html",
        {
            "row": row,
            "day": day,
            "today": clock.today(),
            "crumbs": _crumbs(row, day),
            "facts": _facts(row, policy, day),
            "board": has_board(policy, row.klass),
            "people": people_of(user, pk, policy, day),
            "children": _children(pk, policy, day),
            "ties": ties_of(user, pk, policy, day),
            "keeps": day == clock.today() and pk in below(frozenset(user.roots(May.KEEP, day)), day),
            "stars": [one for one in standings if one["valued"]],
            "rolls": [one for one in standings if not one["valued"]],
            "cases": _cases(user, pk, day),
            "events": _events(user, pk, day),
            "past": _past(pk, policy),
        },
    )


def has_board(policy: Policy | None, klass: str) -> bool:
    """Say whether organisations of a class are alliances and so have a board."""
    return policy is not None and klass in policy.within(ORGANISATION, ALLIANCE)


def _crumbs(row: Particulars, day: date) -> list[tuple[str, str]]:
    trail = [(_("党组织"), reverse("organisations"))]
    if row.parent:
        trail.append((row.parent.name_on(day), reverse("organisation", args=[row.parent_id])))
    return [*trail, (row.name, "")]


def _facts(row: Particulars, policy: Policy | None, day: date) -> list[Row]:
    inside = below(frozenset({row.subject_id}), day)
    members = Membership.objects.on(day).filter(organisation__in=inside).count()
    since = long_day(row.valid.lower) if row.valid.lower else _("起始日期不详")
    facts = [
        {"label": _("类别"), "value": klass_words(policy).get(row.klass, row.klass)},
        {"label": _("代码"), "value": row.subject.code or "—"},
        {"label": _("党员"), "value": _("%(many)d 名") % {"many": members}},
        {"label": _("现名自"), "value": since},
    ]
    return facts


def people_of(user: User, pk: int, policy: Policy | None, day: date) -> list[Row]:
    """Return who holds which post of an organisation; a name leads to a file only for whoever may open it."""
    posts = list(Particulars.objects.on(day).filter(parent=pk, subject__noun=POST).order_by("pk"))
    held = defaultdict(list)
    for row in Appointment.objects.on(day).filter(post__in=[post.subject_id for post in posts]):
        held[row.post_id].append(row)
    names = names_on(day, (row.person_id for rows in held.values() for row in rows))
    persons = powers.persons(user, day).filter(subject__in=names)
    open_to = set(persons.values_list("subject_id", flat=True)) if names else set()
    words = klass_words(policy, POST)
    bodies = receiving(frozenset(post.subject_id for post in posts if post.subject_id not in held), day)
    taken_in = names_on(day, bodies.values())
    return [
        {
            "label": words.get(post.klass, post.name),
            "href": reverse("post", args=[post.subject_id]),
            "taken_in": taken_in.get(bodies.get(post.subject_id, 0), ""),
            "holders": [
                {
                    "name": names.get(row.person_id, ""),
                    "href": reverse("person", args=[row.person_id]) if row.person_id in open_to else "",
                    "since": row.valid.lower,
                    "way": way_of(row, policy),
                    "due": row.last_day if row.acts_for else row.due_on,
                    "acts_for": row.acts_for,
                }
                for row in held[post.subject_id]
            ],
        }
        for post in posts
    ]


def way_of(row: Appointment, policy: Policy | None) -> str:
    """Return how somebody holds a post, as the pack calls it; nothing for the substantive way."""
    kind = policy.entries.get(("appointment", row.kind)) if policy and row.kind != SUBSTANTIVE else None
    words = [said(kind)] if kind else []
    words += [_("保留原职务")] * row.keeps_home + [_("与原单位脱钩")] * row.detached
    return "，".join(words)


def _children(pk: int, policy: Policy | None, day: date) -> list[Row]:
    rows = list(
        Particulars.objects.on(day).filter(parent=pk, subject__noun=ORGANISATION).order_by("klass", "pinyin")
    )
    stood = Standing.objects.on(day).filter(subject__in=[row.subject_id for row in rows], roll="stars")
    stars = dict(stood.values_list("subject_id", "value"))
    words = klass_words(policy)
    return [
        {
            "pk": row.subject_id,
            "name": row.name,
            "klass": words.get(row.klass, row.klass),
            "grade": stars.get(row.subject_id, ""),
        }
        for row in rows
    ]


def ties_of(user: User, pk: int, policy: Policy | None, day: date) -> list[Row]:
    """Return the ties of a subject at either end, in words."""
    rows = list(
        Link.objects.on(day)
        .filter(Q(near=pk) | Q(far=pk))
        .select_related("near", "far")
        .order_by("kind", "pk")
    )
    names = names_on(day, [*(row.near_id for row in rows), *(row.far_id for row in rows)])
    words = {link.name: link for link in policy.all("link", LinkKind)} if policy else {}
    return [_tie(row, pk, words, names) for row in rows]


def _tie(row: Link, pk: int, words: dict[str, LinkKind], names: dict[int, str]) -> Row:
    other = row.far if row.near_id == pk else row.near
    link = words.get(row.kind)
    role = link.kinds.get(row.role) if link else None
    href = reverse("organisation", args=[other.pk]) if other.noun == ORGANISATION else ""
    return {
        "pk": row.pk if row.far_id == pk else None,  # it is undone where it leads
        "label": f"{said(link)} · {said(role)}" if link and role else row.kind,
        "name": names.get(other.pk, other.code),
        "href": href,
        "since": row.valid.lower,
        "person": other.noun == PERSON,
    }


def _standings(user: User, pk: int, policy: Policy | None, day: date) -> list[Row]:
    """Return the rolls an organisation stood on until a day, newest first; on some with a value, such as stars by year."""
    rolls = powers.rolls(user, policy, day) if policy else {}
    rows = Standing.objects.known().filter(subject=pk).order_by("-valid")
    return [
        {
            "roll": said(rolls[row.roll]),
            "href": reverse("roll", args=[row.roll]),
            "value": said(rolls[row.roll].called(row.value)),
            "valued": bool(rolls[row.roll].value),
            "since": row.valid.lower,
            "until": row.valid.upper,
            "now": row.valid.upper is None or row.valid.upper > day,
        }
        for row in rows
        if (row.valid.lower is None or row.valid.lower <= day) and row.roll in rolls
    ]


def _cases(user: User, pk: int, day: date) -> list[Row]:
    rows = case_powers.visible(user, day).filter(about=pk, parent=None, opened_on__lte=day)
    return [
        {
            "case": row,
            "kind": said(case_powers.kind_of(row)),
            "stage": said(case_powers.kind_of(row).stage(row.stage)),
        }
        for row in rows.select_related("edition").defer("edition__texts").order_by("-opened_on")[:20]
    ]


def _events(user: User, pk: int, day: date) -> list[Row]:
    rows = activity_powers.visible(user, day).filter(Q(run_by=pk) | Q(at=pk), day__lte=day)[:12]
    policy = ruled(day)
    kinds = {kind.name: said(kind) for kind in policy.all("activity", ActivityKind)} if policy else {}
    return [
        {
            "day": row.day,
            "text": f"{kinds.get(row.kind, row.kind)} {row.topic}".strip(),
            "href": reverse("activity", args=[row.pk]),
            "by": "" if row.state == "held" else said(STATES[State(row.state)]),
        }
        for row in rows
    ]


def _past(pk: int, policy: Policy | None) -> list[Row]:
    """Return what an organisation was called and whose it was, through time."""
    rows = list(Particulars.objects.known().filter(subject=pk).order_by("-valid"))
    above = names_on(clock.today(), (row.parent_id for row in rows if row.parent_id))
    words = klass_words(policy)
    return [
        {
            "name": row.name,
            "klass": words.get(row.klass, row.klass),
            "above": above.get(row.parent_id or 0, "—"),
            "since": row.valid.lower,
            "until": row.valid.upper,
        }
        for row in rows
    ]


@require_GET
def gaps(request: HttpRequest) -> HttpResponse:
    """Who has no tie of a kind, or too many, on a day, by the pack's cardinalities of that day."""
    user, day = need(request, May.SEE), on(request)
    policy = ruled(day)
    links = policy.all("link", LinkKind) if policy else []
    links.sort(key=_reaching)
    link = next((one for one in links if one.name == request.GET.get("kind")), links[0] if links else None)
    rows = _gaps(user, policy, link, day) if policy and link else []
    return TemplateResponse(
        request,
        "organisations/gaps.html",
        {
            "crumbs": [(_("党组织"), reverse("organisations")), (_("联系缺口"), "")],
            "links": [(one.name, said(one)) for one in links],
            "kind": link.name if link else "",
            "label": said(link) if link else "",
            "day": day,
            "page": (page := paged(request, rows)),
            "rows": list(page),
        },
    )


def _reaching(link: LinkKind) -> int:
    """Order kinds of ties: those that must reach organisations or people, those for things, those that must reach none."""
    if link.covering is None:
        return 2
    return int(any(named.lead == THING for named in link.covering.names()))


def _gaps(user: User, policy: Policy, link: LinkKind, day: date) -> list[Row]:
    try:
        gaps = link_gaps(policy, link.name, day)
    except Refused:
        return []
    names = names_on(day, (gap.subject for gap in gaps))
    seen = set(powers.organisations(user, day).values_list("subject_id", flat=True))
    seen |= set(powers.persons(user, day).values_list("subject_id", flat=True))
    rows = [
        {
            "name": names.get(gap.subject, ""),
            "href": reverse("organisation", args=[gap.subject]) if gap.end == "far" else "",
            "role": said(link.kinds[gap.role]) if gap.role else said(link),
            "count": gap.count,
            "allowed": str(gap.allowed),
            "lacks": gap.lacks,
            "exceeds": gap.exceeds,
        }
        for gap in gaps
        if gap.subject in seen
    ]
    return sorted(rows, key=lambda row: (-row["exceeds"], -row["lacks"], row["role"], row["name"]))
