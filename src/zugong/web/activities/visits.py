"""A visit entered on a phone: which village, what was done, who was there. Three small steps, entered once."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.activities import actions, powers
from zugong.activities.models import Activity
from zugong.activities.rules import Report
from zugong.core import clock
from zugong.duties import actions as duties
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind
from zugong.registry.models import Appointment, Link, Particulars, Subject, names_on
from zugong.registry.powers import tied
from zugong.web.activities.forms import visible_places
from zugong.web.asking import asker, ruled, said
from zugong.web.once import KEY, OnceForm, key
from zugong.web.plain import number
from zugong.web.questions import Day

STEPS = ("at", "what", "present")
LAST = (
    "photo",
    "again",
)  # answered on the last step alone: a file travels once, and whether it is another one is asked there


class VisitForm(OnceForm):
    """All three steps; a page shows one and carries the others along."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=KEY)
    at = forms.ChoiceField(label=gettext_lazy("去了哪个村？"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=gettext_lazy("做了什么？"), widget=forms.RadioSelect, required=False)
    day = Day(label=gettext_lazy("哪一天？"), required=False)
    topic = forms.CharField(
        label=gettext_lazy("一句话说说情况"),
        required=False,
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
    )
    present = forms.MultipleChoiceField(
        label=gettext_lazy("还有谁在场？"),
        help_text=gettext_lazy("没有别人就不用选。"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    photo = forms.FileField(
        label=gettext_lazy("照片"),
        help_text=gettext_lazy("不是必须的。拍事、拍场所，尽量不拍群众的脸；不得含国家秘密。"),
        required=False,
        widget=forms.ClearableFileInput({"accept": "image/*"}),
    )

    def __init__(
        self, user: User, policy: Policy, today: date, data: Any = None, files: Any = None, **options: Any
    ) -> None:
        super().__init__(data, files, **options)
        kinds = _kinds(user, policy, today)
        places = _places(user, policy, kinds, today)
        self.fields["at"].choices = places  # type: ignore[attr-defined]
        self.fields["kind"].choices = [(kind.name, said(kind)) for kind in kinds]  # type: ignore[attr-defined]
        for name, choices in (("at", places), ("kind", self.fields["kind"].choices)):  # type: ignore[attr-defined]
            if len(choices) == 1:  # nothing is left to choose
                self.initial[name] = choices[0][0]
        self.fields["present"].choices = _people(self["at"].value(), user, today)  # type: ignore[attr-defined]
        self.many_places = len(places) > 12
        if self.many_places:
            self.fields["at"].widget = forms.Select(choices=[("", _("请选择")), *places])

    def shown(self, step: str) -> list[forms.BoundField]:
        """Return the questions of a step."""
        another = [] if self["another"].is_hidden else ["another"]
        names = {"at": ["at"], "what": ["kind", "day", "topic"], "present": ["present", "photo", *another]}
        return [self[name] for name in names[step]]

    def carried(self, step: str) -> list[tuple[str, Any]]:
        """Return what the other steps were answered, to be carried along."""
        shown = {bound.name for bound in self.shown(step)}
        return [
            (name, value)
            for name in self.fields
            if name not in shown and name not in LAST
            for value in _each(self[name].value())
            if value not in (None, "")
        ]


def _each(value: Any) -> list[Any]:
    """Return the values as a hidden field says them: a day as the browser writes it."""
    if isinstance(value, date):
        return [value.isoformat()]
    return value if isinstance(value, list) else [value]


def _kinds(user: User, policy: Policy, today: date) -> list[ActivityKind]:
    """Return the kinds of visit that the asker can enter: those held at a named place."""
    return [
        kind
        for kind in policy.all("activity", ActivityKind)
        if kind.at
        and kind.present == "named"
        and not kind.fields
        and powers.may_run(user, policy, kind, today)
    ]


def _places(user: User, policy: Policy, kinds: list[ActivityKind], today: date) -> list[tuple[str, str]]:
    """Return where the asker may have been, the villages they are tied to first."""
    found = frozenset[int]().union(*(powers.places(policy, kind, today) or frozenset() for kind in kinds))
    mine = found & visible_places(user, today)
    led = tied(user, May.SEE, today)
    names = names_on(today, mine)
    return [
        (str(pk), name) for pk, name in sorted(names.items(), key=lambda one: (one[0] not in led, one[1]))
    ]


def _usual(user: User, today: date) -> str:
    """Return the one village somebody supports; nothing for those who support none or several."""
    led = tied(user, May.SEE, today)
    return str(min(led)) if len(led) == 1 else ""


def _people(at: Any, user: User, today: date) -> list[tuple[str, str]]:
    """Return who is likely to have been there: who holds a post in the village, and who supports it."""
    village = number(at)
    if village is None:
        return []
    posts = Particulars.objects.on(today).filter(parent=village, subject__noun="post").values("subject")
    held = Appointment.objects.on(today).filter(post__in=posts).values_list("person_id", flat=True)
    supporting = (
        Link.objects.on(today).filter(far=village, near__noun="person").values_list("near_id", flat=True)
    )
    people = set(held) | set(supporting) - {user.person_id}
    names = names_on(today, people - {user.person_id})
    return [(str(pk), name) for pk, name in sorted(names.items(), key=lambda one: one[1])]


def offered(user: User, policy: Policy | None, today: date) -> bool:
    """Say whether there is somewhere that the user may enter a visit."""
    return bool(policy and _places(user, policy, _kinds(user, policy, today), today))


def new(request: HttpRequest) -> HttpResponse:
    """Show one step; after the last one, enter the visit."""
    user, today = asker(request), clock.today()
    policy = ruled(today)
    if policy is None or not offered(user, policy, today):
        return TemplateResponse(request, "activities/no_visit.html", {}, status=HTTPStatus.FORBIDDEN)
    posted = request.method == "POST"
    step = request.POST.get("step", "") if posted else ""
    step = step if step in STEPS else STEPS[0]
    first = {"day": today, "key": key(), "at": request.GET.get("at") or _usual(user, today)}
    sent = (request.POST, request.FILES) if posted else ()
    form = VisitForm(user, policy, today, *sent, initial=first)
    if posted and "again" in request.POST:  # the language was switched
        return _draw(request, _unbound(form, user, policy, today), step)
    if posted and "back" in request.POST:
        return _draw(request, _unbound(form, user, policy, today), _before(step))
    if posted and step == "present" and form.does(lambda given: _enter(policy, given, user, today)):
        messages.success(request, _("已登记，谢谢。"))
        return HttpResponseRedirect(reverse("desk"))
    if posted and step != "present" and not any(form.errors.get(bound.name) for bound in form.shown(step)):
        return _draw(request, _unbound(form, user, policy, today), STEPS[STEPS.index(step) + 1])
    return _draw(request, form, step)


def _before(step: str) -> str:
    return STEPS[max(STEPS.index(step) - 1, 0)]


def _unbound(form: VisitForm, user: User, policy: Policy, today: date) -> VisitForm:
    """Return the form with what was answered, before anything is wrong with the next step."""
    answered = {name: form[name].value() for name in form.fields if name not in LAST}
    return VisitForm(user, policy, today, initial=answered)


def _draw(request: HttpRequest, form: VisitForm, step: str) -> HttpResponse:
    labels = {"at": _("下一步：做了什么"), "what": _("下一步：还有谁"), "present": _("登记")}
    promise = _("登记后算作您的到村次数，不用再填别的表。")
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "step": step,
        "at": STEPS.index(step) + 1,
        "of": len(STEPS),
        "label": labels[step],
        "promise": promise if step == "present" else "",
        "shown": form.shown(step),
        "carried": form.carried(step),
    }
    return TemplateResponse(request, "activities/visit.html", context)


def _enter(policy: Policy, given: dict[str, Any], user: User, today: date) -> Activity:
    at = Subject.objects.get(pk=given["at"])
    kind = policy.activity(given["kind"] or _kinds(user, policy, today)[0].name)
    runs = powers.may_run(user, policy, kind, today)
    run_by = at.pk if at.pk in runs else user.person_id if user.person_id in runs else min(runs)
    present = {int(pk) for pk in given["present"]} | ({user.person_id} if user.person_id else set())
    visit = actions.hold(
        policy,
        kind.name,
        day=given["day"] or today,
        run_by=Subject.objects.get(pk=run_by),
        at=at,
        by=user,
        today=today,
        report=Report(topic=given["topic"], present=tuple(sorted(present))),
        key=given["key"],
        again=given["another"],
    )
    if given["photo"] and not visit.evidence.exists():  # the same form sent twice is one visit with one photo
        photo = given["photo"]
        actions.attach(policy, visit, name=photo.name, content=photo.read(), by=user, today=today)
    duties.count_after(visit)
    return visit
