"""One post: who answers for it, what lies with it, who held it; naming a deputy, releasing and appointing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.powers import grants_of
from zugong.accounts.rules import CALLED, May, Role
from zugong.accounts.telling import tell_of_grants
from zugong.cases import powers as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.duties import handing
from zugong.duties import powers as duties
from zugong.packs.policy import Policy
from zugong.packs.schema import AppointmentKind, LinkKind
from zugong.registry import actions, deputies, powers
from zugong.registry.models import Appointment, Link, Particulars, Subject, at_work, names_on
from zugong.registry.rules import PERSON, POST, SUBSTANTIVE
from zugong.registry.selecting import below
from zugong.web.asking import DeedForm, asker, found, on, ruled, said
from zugong.web.books.choosing import chosen
from zugong.web.organisations.views import way_of
from zugong.web.people.views import listed
from zugong.web.posts.lists import SECTIONS, line_of
from zugong.web.posts.naming import called, post_words
from zugong.web.questions import Day

Row = dict[str, Any]


@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post as it was on a day: who answers for it, what lies with it, who held it, and its hand-overs."""
    user, day, today = asker(request), on(request), clock.today()
    row = _post(user, pk, day)
    policy = ruled(day)
    rows = list(Appointment.objects.known().filter(post=pk).order_by("-valid"))
    names = names_on(today, [*(one.person_id for one in rows), row.parent_id or 0])
    readable = set(powers.persons(user, today).filter(subject__in=names).values_list("subject_id", flat=True))
    now = Appointment.objects.on(today).filter(post=pk)
    return TemplateResponse(
        request,
        "posts/post.html",
        {
            "row": row,
            "day": day,
            "today": today,
            "title": _title(row, policy),
            "crumbs": _crumbs(row, policy, day),
            "answers": called([pk], policy, day).get(pk, ""),
            "vacant": not now.exists(),
            "held": [
                {
                    "name": names.get(one.person_id, ""),
                    "href": reverse("person", args=[one.person_id]) if one.person_id in readable else "",
                    "way": way_of(one, policy),
                    "since": one.valid.lower,
                    "until": one.last_day,
                    "acts_for": one.acts_for,
                    "source": one.source,
                }
                for one in rows
            ],
            "lies": _lies(user, pk, day),
            "handed": _handed(user, pk, today),
            "may_depute": day == today and deputies.may_depute(user, pk, today),
            "has_ways": bool(policy and deputies.ways(policy)),
            "deputy": now.filter(acts_for=True).first(),
            "may_keep": _may_keep(user, row, today),
            "holder": now.filter(acts_for=False).first(),
        },
    )


def _post(user: User, pk: int, day: date) -> Particulars:
    """Return a post of an organisation that the asker may see, or for which they act. Raises Http404."""
    rows = Particulars.objects.on(day).filter(subject=pk, subject__noun=POST).select_related("subject")
    row: Particulars | None = rows.first()
    if row is None:
        raise Http404
    if pk not in powers.mine(user, day):
        found(powers.organisation, user, row.parent_id or 0, day)
    return row


def _may_keep(user: User, row: Particulars, today: date) -> bool:
    return bool(row.parent_id and row.parent_id in below(frozenset(user.roots(May.KEEP, today)), today))


def _title(row: Particulars, policy: Policy | None) -> str:
    owner = names_on(clock.today(), [row.parent_id or 0]).get(row.parent_id or 0, "")
    return f"{owner} · {post_words(policy).get(row.klass, row.name)}"


def _crumbs(row: Particulars, policy: Policy | None, day: date) -> list[tuple[str, str]]:
    trail = [(_("党组织"), reverse("organisations"))]
    if row.parent_id:
        name = names_on(day, [row.parent_id]).get(row.parent_id, "")
        trail.append((name, reverse("organisation", args=[row.parent_id])))
    return [*trail, (post_words(policy).get(row.klass, row.name), "")]


def _lies(user: User, pk: int, day: date) -> list[Row]:
    """Return what lies with the post, by section; only what the asker may see has a page to open."""
    items = list(handing.lying_with(pk, None, SECTIONS, day))
    numbers = [item["number"] for item in items if item["what"] in ("tasks", "cases")]
    seen = set(cases.visible(user, day).filter(pk__in=numbers).values_list("pk", flat=True))
    owed = [item["number"] for item in items if item["what"] == "duties"]
    mine = set(duties.visible(user, day).filter(pk__in=owed).values_list("pk", flat=True))
    return [
        {
            "label": label(),
            "items": [
                line_of(item, seen, mine)
                for item in items
                if item["what"] == section and (section not in ("tasks", "cases") or item["number"] in seen)
            ],
        }
        for section, label in SECTIONS.items()
        if any(item["what"] == section for item in items)
    ]


def _handed(user: User, pk: int, today: date) -> list[Row]:
    """Return the hand-overs of the post, the newest first."""
    rows = cases.visible(user, today).filter(about=pk).select_related("edition", "holder").order_by("-pk")
    return [
        {
            "case": one,
            "label": said(cases.kind_of(one)),
            "stage": said(cases.kind_of(one).stage(one.stage)) if one.is_open() else "",
            "from": one.holder.name_on(one.opened_on) if one.holder else "",
        }
        for one in rows.defer("edition__texts")[:20]
    ]


# --- Deeds ----------------------------------------------------------------------------------


class DeputyForm(DeedForm):
    """Who acts for the post, until which day, and why."""

    kind = forms.ChoiceField(label=gettext_lazy("方式"))
    person = forms.ChoiceField(label=gettext_lazy("由谁代理"))
    since = Day(label=gettext_lazy("从哪天起"))
    through = Day(label=gettext_lazy("到哪天为止（含当天）"))
    reason = forms.CharField(
        label=gettext_lazy("理由"), required=False, max_length=200, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, row: Particulars, policy: Policy | None, today: date, data: Any = None) -> None:
        super().__init__(data, initial={"since": today})
        kinds = deputies.ways(policy) if policy else []
        self.fields["kind"].choices = [(one.name, said(one)) for one in kinds]  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial["kind"] = kinds[0].name
        self.fields["person"].choices = [("", _("请选择")), *near(row, today)]  # type: ignore[attr-defined]

    def asks(self, field: str) -> str:
        """The engine speaks of the day after the last, and of a source where it means the reason."""
        return {"until": "through", "source": "reason"}.get(field, field)


def near(row: Particulars, today: date) -> list[tuple[str, str]]:
    """Return who could act for a post: who holds one in its organisation, in the one above it, or in another under that."""
    above = (
        Particulars.objects.on(today)
        .filter(subject=row.parent_id)
        .values_list("parent_id", flat=True)
        .first()
    )
    beside = Particulars.objects.on(today).filter(parent=above or row.parent_id).exclude(subject__noun=POST)
    places = {row.parent_id, above, *beside.values_list("subject_id", flat=True)} - {None}
    posts = Particulars.objects.on(today).filter(subject__noun=POST, parent__in=places)
    where = dict(posts.values_list("subject_id", "parent_id"))
    held = at_work(today).filter(post__in=where).exclude(post=row.subject_id)
    first = held.order_by("pk").values_list("person_id", "post_id")
    names = names_on(today, [*(person for person, _post in first), *filter(None, where.values())])
    lines = {
        person: f"{names.get(person, '')}（{names.get(where[post] or 0, '')}）" for person, post in first
    }
    return sorted(((str(person), label) for person, label in lines.items()), key=lambda one: one[1])


def deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who acts for the post, until a day."""
    user, today = asker(request), clock.today()
    row = _post(user, pk, today)
    if not deputies.may_depute(user, pk, today):
        raise PermissionDenied
    form = DeputyForm(row, ruled(today), today, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: deputies.depute(
            row.subject,
            to=Subject.objects.get(pk=given["person"]),
            kind=given["kind"],
            since=given["since"],
            until=given["through"] + timedelta(days=1),
            reason=given["reason"],
            by=user,
            day=today,
        )
    ):
        return _done(request, pk, _("已指定代理，到期自动终止"))
    return _form(request, row, form, _("指定代理"))


class EndForm(DeedForm):
    """From which day somebody no longer acts for, or holds, the post, and why."""

    on = Day(label=gettext_lazy("从哪天起"))
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, widget=forms.Textarea({"rows": 2}))


def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """End the deputy's time before its last day."""
    user, today = asker(request), clock.today()
    row = _post(user, pk, today)
    one = Appointment.objects.on(today).filter(post=pk, acts_for=True).select_related("post").first()
    if not deputies.may_depute(user, pk, today):
        raise PermissionDenied
    if one is None:
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None, initial={"on": today})
    if request.method == "POST" and form.does(
        lambda given: deputies.end(one, on=given["on"], reason=given["reason"], by=user, day=today)
    ):
        return _done(request, pk, _("代理已结束"))
    return _form(request, row, form, _("结束代理"))


def _kept(request: HttpRequest, pk: int) -> tuple[User, Particulars]:
    user, today = asker(request), clock.today()
    row = _post(user, pk, today)
    if not _may_keep(user, row, today):
        raise PermissionDenied
    return user, row


def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Release whoever holds the post; what the pack says follows is opened at once, with its list."""
    (user, row), today = _kept(request, pk), clock.today()
    one = (
        Appointment.objects.on(today).filter(post=pk, acts_for=False).select_related("post", "person").first()
    )
    if one is None:
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None, initial={"on": today})

    def deed(given: dict[str, Any]) -> None:
        actions.release(one, on=given["on"], by=user, source=given["reason"])
        tell_of_grants(one.person_id, one.post_id, left_on=given["on"], day=today)
        handing.follow(today)

    if request.method == "POST" and form.does(deed):
        _say_grants(request, one.person, today)
        _say_ties(request, one.person, row.parent_id, today)
        opened = Case.objects.filter(cause=actions.end_of(one.pk)).first()
        if opened and cases.visible(user, today).filter(pk=opened.pk).exists():
            messages.success(request, _("已办理免职，交接 %(number)s 已经开始") % {"number": opened.number})
            return HttpResponseRedirect(reverse("case", args=[opened.pk]))
        return _done(request, pk, _("已办理免职"))
    return _form(request, row, form, _("免去%(name)s的职务") % {"name": one.person.name_on(today)})


def _say_grants(request: HttpRequest, person: Subject, today: date) -> None:
    """Say what somebody who was released may still do: nothing of it ends by itself."""
    held = list(grants_of(frozenset({person.pk}), today))
    if held:
        names = names_on(today, [one.organisation_id for one in held if one.organisation_id])
        grants = _("、").join(
            _("%(role)s（%(where)s）")
            % {
                "role": said(CALLED[Role(one.role)]),
                "where": names.get(one.organisation_id or 0) or _("全县"),
            }
            for one in held
        )
        words = {"name": person.name_on(today), "grants": grants}
        messages.warning(
            request,
            _("%(name)s还有授权：%(grants)s。离任不会自动收回，要由安全管理员收回；已发消息告知。") % words,
        )


def _say_ties(request: HttpRequest, person: Subject, body: int | None, today: date) -> None:
    """Say how somebody who was released is still tied to the organisation: tasks of its cases go on lying with them."""
    policy = ruled(today)
    links = {link.name: link for link in policy.all("link", LinkKind)} if policy else {}
    for tie in Link.objects.on(today).filter(near=person, far=body, kind__in=links).order_by("pk"):
        role = links[tie.kind].kinds.get(tie.role)
        there = reverse("organisation-tie", args=[body, tie.pk])
        words = {"name": person.name_on(today), "role": said(role or links[tie.kind])}
        sentence = _("%(name)s仍是这里的“%(role)s”，名下的任务不会自动转走。不再担任的，请一并解除：") % words
        messages.warning(request, format_html('{}<a href="{}">{}</a>', sentence, there, _("解除")))


class AppointmentForm(DeedForm):
    """Who is appointed, in which way, from which day, by which paper; the page finds whom by name or pinyin."""

    subject = forms.IntegerField(label=gettext_lazy("任命谁"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=gettext_lazy("方式"))
    since = Day(label=gettext_lazy("从哪天起"))
    source = forms.CharField(label=gettext_lazy("依据（文件或会议）"), max_length=200)

    def __init__(self, policy: Policy | None, today: date, data: Any = None) -> None:
        super().__init__(data, initial={"since": today, "kind": SUBSTANTIVE})
        ways = policy.all("appointment", AppointmentKind) if policy else []
        kinds = {SUBSTANTIVE: _("任职")} | {one.name: said(one) for one in ways if not one.acts_for}
        self.fields["kind"].choices = list(kinds.items())  # type: ignore[attr-defined]

    def asks(self, field: str) -> str:
        """The engine speaks of a person."""
        return "subject" if field == "person" else field


def _known_by(people: list[Particulars], policy: Policy | None, today: date) -> dict[int, str]:
    """Tell persons from their namesakes by what they do, or else by their branch."""
    return {row["pk"]: _("、").join(row["posts"]) or row["branch"] for row in listed(people, policy, today)}


def appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint somebody to the post."""
    (user, row), today = _kept(request, pk), clock.today()
    policy = ruled(today)
    people = powers.persons(user, today).filter(subject__noun=PERSON).order_by("pinyin", "subject")
    form = AppointmentForm(policy, today, request.POST if request.method == "POST" else None)

    def deed(given: dict[str, Any]) -> None:
        actions.appoint(
            found(people.get, subject=given["subject"]).subject,
            post=row.subject,
            since=given["since"],
            kind=given["kind"],
            source=given["source"],
            by=user,
        )
        handing.follow(today)

    if request.method == "POST" and form.does(deed):
        return _done(request, pk, _("已办理任职，这个职务上的事由其接着办，期限不变"))
    context = _asked(row, form, _("任命"))
    return chosen(request, form, people, lambda page: _known_by(page, policy, today), context)


def _done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("post", args=[pk]))


def _form(request: HttpRequest, row: Particulars, form: DeedForm, title: str) -> HttpResponse:
    return TemplateResponse(request, "activities/deed.html", _asked(row, form, title))


def _asked(row: Particulars, form: DeedForm, title: str) -> Row:
    policy, today = ruled(clock.today()), clock.today()
    there = reverse("post", args=[row.subject_id])
    return {
        "form": form,
        "has_errors": form.is_bound,
        "title": title,
        "label": title,
        "crumbs": [*_crumbs(row, policy, today)[:-1], (_title(row, policy), there)],
        "back": there,
    }
