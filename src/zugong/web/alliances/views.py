"""The board of an alliance: who is in it, its lists and what fits, the next meeting, what the last ones decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.activities import powers as activity_powers
from zugong.activities.models import Activity
from zugong.activities.rules import State
from zugong.cases import powers as case_powers
from zugong.cases.models import Answer, Case, Step
from zugong.core import clock
from zugong.duties import powers as duty_powers
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind, Duty
from zugong.packs.schema.cases import CaseKind
from zugong.registry import actions as registry
from zugong.registry import powers
from zugong.registry.models import Link, Particulars, Subject, names_on
from zugong.registry.powers import mine
from zugong.registry.rules import ORGANISATION, THING
from zugong.registry.selecting import below
from zugong.web.alliances.lists import Things, by_unit, four_lists, things_of
from zugong.web.asking import DeedForm, asker, found, ruled, said
from zugong.web.cases import showing
from zugong.web.cases.outside import opening_words
from zugong.web.due import of_case
from zugong.web.organisations.views import ALLIANCE, has_board, klass_words, ties_of
from zugong.web.questions import read

Row = dict[str, Any]
MEETINGS = 3  # of the last meetings, so many stand with what they decided


@require_GET
def alliance(request: HttpRequest, pk: int) -> HttpResponse:
    """The board of one alliance, as it stands today."""
    user, today = asker(request), clock.today()
    row, policy = _alliance(user, pk, today)
    acts = pk in mine(user, today)
    cases = _cases(user, pk, today)
    agenda = [case for case in cases if _waits_for_a_meeting(case, pk, today)]
    return TemplateResponse(
        request,
        "alliances/alliance.html",
        {
            "row": row,
            "crumbs": [(_("党组织"), reverse("organisations")), (row.name, _home(pk))],
            "acts": acts,
            "members": _members(user, pk, policy, today),
            **_lists(user, pk, policy, cases, today),
            "next": _next_meeting(user, pk, policy, today),
            "agenda": _lines(agenda, today),
            "running": _lines([case for case in cases if case.is_open() and case not in agenda], today),
            "meetings": _meetings(user, pk, policy, today),
            "opens": _opens(user, pk, policy, today) if acts else [],
        },
    )


def _home(pk: int) -> str:
    return reverse("organisation", args=[pk])


def _alliance(user: User, pk: int, today: date) -> tuple[Particulars, Policy]:
    """Return an alliance that the asker may see; else there is no such page."""
    row, policy = found(powers.organisation, user, pk, today), ruled(today)
    if policy is None or not has_board(policy, row.klass):
        raise Http404
    return row, policy


def spoken_for(user: User, policy: Policy | None, today: date) -> list[tuple[str, str]]:
    """Return the alliances for which somebody acts, each with its board: the way from the desk."""
    if policy is None:
        return []
    klasses = policy.within(ORGANISATION, ALLIANCE)
    rows = Particulars.objects.on(today).filter(subject__in=mine(user, today), klass__in=klasses)
    return [(row.name, reverse("alliance", args=[row.subject_id])) for row in rows.order_by("pinyin")]


# --- Who is in it ------------------------------------------------------------------------


def _members(user: User, pk: int, policy: Policy, today: date) -> list[Row]:
    """Return those who are tied to it, by role."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for tie in ties_of(user, pk, policy, today):
        if tie["pk"]:
            grouped[tie["label"].partition(" · ")[2] or tie["label"]].append(tie)
    return [{"label": label, "rows": rows} for label, rows in grouped.items()]


# --- Its lists ---------------------------------------------------------------------------


def _lists(user: User, pk: int, policy: Policy, cases: Iterable[Case], today: date) -> Row:
    """Return the lists in the pack's words: needs with what meets and fits them, what is offered, who answers."""
    lists = four_lists(policy)
    if lists is None:
        return {"lists": None}
    things = things_of(policy, lists, pk, _near(pk, today), today)
    words = klass_words(policy, THING)
    ties = {klass: said(lists.link.kinds[role]) for role, klass in lists.answers.items()}
    return {
        "lists": said(lists.link),
        "need_word": words.get(lists.need, lists.need),
        "needs": _needs(pk, policy, things, _topics(policy, cases), may_match=_may_match(user, pk, today)),
        "offers": [
            {"label": words.get(klass, klass), "rows": _offers(policy, things, klass, today)}
            for klass in lists.meets.values()
        ],
        "duty_word": "、".join(ties.values()),
        "answering": [
            {
                "pk": unit,
                "name": things.names.get(unit, ""),
                "what": [things.names[tie.far_id] for tie in held],
            }
            for unit, held in by_unit(things).items()
        ],
    }


def _near(pk: int, today: date) -> list[int]:
    return list(Link.objects.on(today).filter(far=pk).values_list("near_id", flat=True))


def _needs(
    pk: int, policy: Policy, things: Things, topics: dict[int, list[Case]], *, may_match: bool
) -> list[Row]:
    """Return each need with what is tied to it, what fits it, and the topic it became."""
    return [
        {
            "name": row.name,
            "kind": _kind(policy, things, row),
            "met": [_named(things, tie.near_id) for tie in things.near(row.subject_id)],
            "fits": [
                _named(things, one.subject_id) | {"href": _match(pk, row, f"{role} {one.subject_id}")}
                for role, one in things.fits(row)
            ],
            "topics": topics.get(row.subject_id, []),
            **_how_far(topics.get(row.subject_id, []), met=bool(things.near(row.subject_id))),
            "match": _match(pk, row) if may_match else "",
            "pk": row.subject_id,
        }
        for row in things.of(things.lists.need)
    ]


def _how_far(topics: list[Case], *, met: bool) -> Row:
    """Say in a word how far a need is: its last open topic, else what it came to, else whether something meets it."""
    still = [case for case in topics if case.is_open()]
    if any(case.holder_id for case in still):
        return {"word": _("有人认领"), "tag": "running"}
    if still:
        return {"word": _("等着上会"), "tag": "soon"}
    if topics:
        return {"word": _("办结"), "tag": "done"}
    return {"word": _("已对接"), "tag": "done"} if met else {"word": _("还没有对接"), "tag": "neutral"}


def _named(things: Things, thing: int) -> Row:
    owner = next((row.parent_id for row in things.rows if row.subject_id == thing), None)
    return {"name": things.names.get(thing, ""), "owner": things.names.get(owner or 0, "")}


def _match(pk: int, need: Particulars, what: str = "") -> str:
    there = reverse("alliance-matching", args=[pk, need.subject_id])
    return f"{there}?{urlencode({'what': what})}" if what else there


def _kind(policy: Policy, things: Things, row: Particulars) -> str:
    """Return of which kind a thing is, in the pack's words."""
    given = [(name, row.fields[name]) for name in things.kinds if row.fields.get(name)]
    return _("、").join(read(policy, name, value, clock.today()) for name, value in given)


def _offers(policy: Policy, things: Things, klass: str, today: date) -> list[Row]:
    return [
        {
            **_named(things, row.subject_id),
            "kind": _kind(policy, things, row),
            "used": [things.names.get(tie.far_id, "") for tie in things.far(row.subject_id)],
        }
        for row in things.of(klass)
    ]


def _topics(policy: Policy, cases: Iterable[Case]) -> dict[int, list[Case]]:
    """Return need → the cases that name it, where a kind asks for one."""
    rows = {case.pk: case for case in cases}
    asks = [name for name, spec in policy.fields.items() if spec.kind == THING and not spec.many]
    given = Answer.objects.filter(case__in=rows, field__in=asks).order_by("version")
    found: dict[int, list[Case]] = defaultdict(list)
    for case, need in {answer.case_id: answer.value for answer in given}.items():
        found[need].append(rows[case])
    return found


def _may_match(user: User, pk: int, today: date) -> bool:
    """Say whether somebody ties what is on the lists: who speaks for the alliance, or keeps the registry there."""
    return pk in mine(user, today) or showing.keeps_registry(user, pk, today)


def matching(request: HttpRequest, pk: int, need: int) -> HttpResponse:
    """Tie to a need of the alliance what meets it: what is of its kind first, and the paper it rests on."""
    user, today = asker(request), clock.today()
    row, policy = _alliance(user, pk, today)
    lists = four_lists(policy)
    if lists is None or not _may_match(user, pk, today):
        raise Http404
    things = things_of(policy, lists, pk, _near(pk, today), today)
    needed = next((one for one in things.of(lists.need) if one.subject_id == need), None)
    if needed is None:
        raise Http404
    form = MatchingForm(policy, things, needed, request)
    if request.method == "POST" and form.does(
        lambda given: registry.tie(
            policy,
            lists.link.name,
            given["what"].partition(" ")[0],
            near=Subject.objects.get(pk=given["what"].partition(" ")[2]),
            far=Subject.objects.get(pk=need),
            since=today,
            by=user,
            source=given["source"],
        )
    ):
        messages.success(request, _("已对接"))
        return HttpResponseRedirect(reverse("alliance", args=[pk]))
    home = reverse("alliance", args=[pk])
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": [(_("党组织"), reverse("organisations")), (row.name, home)],
        "back": home,
        "title": _("给“%(need)s”对接") % {"need": needed.name},
        "label": _("对接"),
        "danger": False,
    }
    return TemplateResponse(request, "books/deed.html", context)


class MatchingForm(DeedForm):
    """What meets a need, and by which paper or meeting."""

    what = forms.ChoiceField(label=gettext_lazy("对接什么"), widget=forms.RadioSelect)
    source = forms.CharField(label=gettext_lazy("依据（文件或会议）"), max_length=200)

    def __init__(self, policy: Policy, things: Things, need: Particulars, request: HttpRequest) -> None:
        asked = request.GET.get("what", "")
        super().__init__(request.POST if request.method == "POST" else None, initial={"what": asked})
        fits = [f"{role} {row.subject_id}" for role, row in things.fits(need)]
        choices = [
            (value, self._label(policy, things, row, alike=value in fits))
            for role, row in things.free(need)
            for value in [f"{role} {row.subject_id}"]
        ]
        self.fields["what"].choices = sorted(choices, key=lambda one: one[0] not in fits)  # type: ignore[attr-defined]

    @staticmethod
    def _label(policy: Policy, things: Things, row: Particulars, *, alike: bool) -> str:
        besides = [things.names.get(row.parent_id or 0, ""), _kind(policy, things, row)]
        words = " · ".join(filter(None, [row.name, *besides]))
        return _("%(what)s（同类）") % {"what": words} if alike else words


# --- Its meetings ------------------------------------------------------------------------


def _cases(user: User, pk: int, today: date) -> list[Case]:
    """Return the cases about the alliance, or about one below it, that the asker may see: the nearest deadline first."""
    rows = case_powers.visible(user, today).filter(about__in=below(frozenset({pk}), today), parent=None)
    kept = rows.select_related("edition", "about", "holder").defer("edition__texts")
    return list(kept.order_by("due_on", "pk"))


def _waits_for_a_meeting(case: Case, pk: int, today: date) -> bool:
    """Say whether a case stands at a stage that is decided at a meeting of this alliance."""
    stage = case_powers.kind_of(case).stage(case.stage)
    if not case.is_open() or not stage.at:
        return False
    return any(pk in ids for ids in case_powers.doers(case, today).values())


def _lines(cases: Iterable[Case], today: date) -> list[Row]:
    """Say of each case what it is about, where it stands, with whom, and by when."""
    cases, now = list(cases), clock.now()
    asked, names = opening_words(cases), names_on(today, {case.holder_id for case in cases if case.holder_id})
    return [
        {
            "case": case,
            "matter": asked.get(case.pk) or said(case_powers.kind_of(case)),
            "kind": said(case_powers.kind_of(case)),
            "stage": said(case_powers.kind_of(case).stage(case.stage)),
            "holder": names.get(case.holder_id or 0, ""),
            "due": of_case(case, now),
            "ended": None if case.is_open() else showing.ended(case),
        }
        for case in cases
    ]


def _next_meeting(user: User, pk: int, policy: Policy, today: date) -> Row:
    """Return the meeting that is planned next; where none is, until when one is owed and of which kind."""
    rows = activity_powers.visible(user, today).filter(run_by=pk, state=State.PLANNED, day__gte=today)
    planned = rows.order_by("day", "pk").first()
    owed = duty_powers.visible(user, today).open().short().filter(who=pk, first__lte=today)
    duties = [(one, policy.entries.get(("duty", one.duty))) for one in owed.order_by("last")]
    kinds = [entry.done_by.activity for _one, entry in duties if isinstance(entry, Duty) and entry.done_by]
    return {
        "activity": planned,
        "kind": said(policy.activity(planned.kind)) if planned else "",
        "owed": [(said(entry), one.last) for one, entry in duties if isinstance(entry, Duty)],
        "plan": f"{reverse('activity-new')}?{urlencode({'kind': kinds[0]})}" if kinds and kinds[0] else reverse("activity-new"),
    }  # fmt: skip


def _meetings(user: User, pk: int, policy: Policy, today: date) -> list[Row]:
    """Return the last meetings that took minutes, each with what it decided and how far that is now."""
    kinds = [kind.name for kind in policy.all("activity", ActivityKind) if kind.minutes]
    held = activity_powers.visible(user, today).held().filter(run_by=pk, kind__in=kinds)
    meetings = list(held.order_by("-day", "-pk")[:MEETINGS])
    return [
        {"activity": one, "kind": said(policy.activity(one.kind)), **_decided(user, one, today)}
        for one in meetings
    ]


def _decided(user: User, meeting: Activity, today: date) -> Row:
    steps = Step.objects.filter(item__activity=meeting).order_by("pk").values_list("case", flat=True)
    seen = case_powers.visible(user, today).filter(pk__in=list(steps)).select_related("edition", "holder")
    taken = Step.objects.filter(item__activity=meeting).values("item")
    return {
        "rows": _lines(seen.defer("edition__texts").order_by("pk"), today),
        "besides": list(meeting.agenda.exclude(pk__in=taken)),
    }


def _opens(user: User, pk: int, policy: Policy, today: date) -> list[Row]:
    """Return the kinds of case that the asker brings to a meeting of the alliance, each with the way to do so."""
    about = {"about": str(pk)}
    return [
        {"label": said(kind), "href": f"{reverse('case-new')}?{urlencode({'kind': kind.name} | about)}"}
        for kind, ids in case_powers.openable(user, policy, today)
        if pk in ids and _meets(kind)
    ]


def _meets(kind: CaseKind) -> bool:
    return any(stage.at for stage in kind.stages)
