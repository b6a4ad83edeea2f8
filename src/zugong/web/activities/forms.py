"""What the pages of activities ask: the kind of the pack says which questions there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.accounts.models import User
from zugong.activities import actions, powers
from zugong.activities.models import Activity
from zugong.activities.rules import Item, Report
from zugong.cases import powers as case_powers
from zugong.cases.awaiting import Awaited, awaiting
from zugong.packs.policy import Policy
from zugong.packs.schema import ActivityKind
from zugong.registry.models import names_on
from zugong.registry.selecting import Ids
from zugong.web.asking import DeedForm
from zugong.web.cases.forms import VOTES, matter_of, outcomes
from zugong.web.cases.outside import opening_words
from zugong.web.once import KEY, OnceForm, key
from zugong.web.questions import Count, Day, kept, question

HELD, PLANNED = "held", "planned"


class ReportForm(DeedForm):
    """What was said about an activity that was held."""

    topic = forms.CharField(label=gettext_lazy("主题"), required=False, max_length=200)

    def __init__(
        self,
        policy: Policy,
        kind: ActivityKind,
        today: date,
        data: Any = None,
        files: Any = None,
        **options: Any,
    ) -> None:
        self.policy, self.kind = policy, kind
        super().__init__(data, files, **options)
        if kind.present == "counted" or kind.votes:
            self.fields["should_attend"] = Count(label=_("应到（人）"), required=False, min_value=0)
            self.fields["attended"] = Count(label=_("实到（人）"), required=False, min_value=0)
        for name in kind.fields:
            self.fields[name] = question(policy, name, today, required=False)
        if kind.minutes:
            self.fields["minutes"] = forms.CharField(
                label=_("会议记录"), required=False, widget=forms.Textarea({"rows": 5})
            )

    def report(self, by: User, activity: Activity | None = None) -> Report:
        """Return what was answered, over what the activity says already."""
        given = self.cleaned_data
        before = actions.report_of(activity) if activity else Report()
        answers = {name: given[name] for name in self.kind.fields}
        return replace(
            before,
            topic=given["topic"] or before.topic,
            minutes=given.get("minutes") or before.minutes,
            fields={**before.fields, **kept(self.policy, answers, by=by)},
            should_attend=given.get("should_attend")
            if given.get("should_attend") is not None
            else before.should_attend,
            attended=given.get("attended") if given.get("attended") is not None else before.attended,
        )


class NewForm(OnceForm, ReportForm):
    """An activity that is planned, or was held."""

    field_order = ("state", "run_by", "at", "day", "topic")

    state = forms.ChoiceField(
        label=gettext_lazy("是计划还是已经开展"),
        choices=[(HELD, gettext_lazy("已经开展")), (PLANNED, gettext_lazy("计划"))],
        widget=forms.RadioSelect,
        initial=HELD,
    )
    day = Day(label=gettext_lazy("日期"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=KEY)

    def __init__(
        self, policy: Policy, kind: ActivityKind, by: User, today: date, data: Any = None, files: Any = None
    ) -> None:
        super().__init__(policy, kind, today, data, files, initial={"day": today, "key": key()})
        runs = powers.may_run(by, policy, kind, today)
        self.fields["run_by"] = forms.ChoiceField(label=_("由谁开展"), choices=_named(runs, today))
        if kind.at:
            places = (powers.places(policy, kind, today) or frozenset()) & visible_places(by, today)
            self.fields["at"] = forms.ChoiceField(
                label=_("在哪里"), choices=[("", _("请选择")), *_named(places, today)]
            )
        self.order_fields(self.field_order)


def visible_places(by: User, today: date) -> Ids:
    """Return the organisations the asker may name as a place: those they see."""
    from zugong.registry.powers import organisations

    return frozenset(organisations(by, today).values_list("subject_id", flat=True))


def _named(subjects: Ids, today: date) -> list[tuple[str, str]]:
    names = names_on(today, subjects)
    return [(str(pk), name) for pk, name in sorted(names.items(), key=lambda one: one[1])]


class ReasonForm(DeedForm):
    """A deed that needs a reason."""

    reason = forms.CharField(label=gettext_lazy("理由"), widget=forms.Textarea({"rows": 3}))


class EvidenceForm(DeedForm):
    """A file that shows it was so."""

    file = forms.FileField(
        label=gettext_lazy("附件"),
        help_text=gettext_lazy("照片、扫描件或表格，每个不超过 20 MB；不得含国家秘密。"),
    )


class DecisionsForm(DeedForm):
    """One sitting: its attendance and minutes once, and for each case the vote and the outcome."""

    should_attend = Count(label=gettext_lazy("应到（人）"), min_value=0)
    attended = Count(label=gettext_lazy("实到（人）"), min_value=0)
    minutes = forms.CharField(label=gettext_lazy("会议记录"), widget=forms.Textarea({"rows": 5}))

    def __init__(
        self,
        activity: Activity,
        kind: ActivityKind,
        waiting: list[Awaited],
        today: date,
        data: Any = None,
        files: Any = None,
    ) -> None:
        said_before = actions.report_of(activity)
        super().__init__(
            data,
            files,
            initial={
                "should_attend": said_before.should_attend,
                "attended": said_before.attended,
                "minutes": said_before.minutes,
            },
        )
        self.activity, self.votes, self.today = activity, VOTES if kind.votes else (), today
        self.waiting = {one.case.pk: one for one in waiting}
        self.names = names_on(today, (one.case.about_id for one in waiting))
        self.matters = opening_words([one.case for one in waiting])
        for one in waiting:
            self._ask(one)

    def _ask(self, one: Awaited) -> None:
        pk = one.case.pk
        name = self.matters.get(pk) or self.names.get(one.case.about_id, "")
        self.fields[f"take_{pk}"] = forms.BooleanField(
            label=_("上会：%(name)s") % {"name": name}, required=False
        )
        words = dict(zip(VOTES, (_("赞成"), _("反对"), _("弃权")), strict=True))
        for vote in self.votes:
            label = words[vote]
            said_label = _("%(name)s，%(vote)s票") % {"name": name, "vote": label}
            self.fields[f"{vote}_{pk}"] = Count(label=said_label, required=False, min_value=0)
        if one.stage.outcomes:
            self.fields[f"outcome_{pk}"] = forms.ChoiceField(
                label=_("%(name)s，结果") % {"name": name},
                choices=[("", _("请选择")), *outcomes(one.stage)],
                required=False,
            )
        for field in one.stage.every_field:
            self.fields[f"{field}_{pk}"] = question(
                case_powers.policy_for(one.case),
                field,
                self.today,
                required=False,
                asked=case_powers.asked(one.case, self.today),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each case that waits: its name, its votes, its outcome, what else its stage asks."""
        return [
            {
                "case": one.case,
                "name": self.names.get(one.case.about_id, ""),
                "matter": self.matters.get(pk, ""),
                "take": self[f"take_{pk}"],
                "votes": [self[f"{vote}_{pk}"] for vote in self.votes],
                "outcome": self[f"outcome_{pk}"] if one.stage.outcomes else None,
                "answers": [self[f"{name}_{pk}"] for name in one.stage.every_field],
            }
            for pk, one in self.waiting.items()
        ]

    def taken(self) -> list[Awaited]:
        """Return the cases that were put on the agenda."""
        return [one for pk, one in self.waiting.items() if self.cleaned_data.get(f"take_{pk}")]

    def field_of(self, one: Awaited, field: str) -> str:
        """Return the question by which a field of a case is asked here: its own, or the sitting's for all."""
        own = f"{field}_{one.case.pk}"
        return own if own in self.fields else field

    def item(self, one: Awaited) -> Item:
        """Return a case as a matter of the agenda, with its vote."""
        votes = (self.cleaned_data.get(f"{vote}_{one.case.pk}") for vote in VOTES)
        return Item(matter_of(one.case, self.today), "", *votes)

    def answers(self, one: Awaited, by: User) -> dict[str, Any]:
        """Return what the stage of a case asks besides the vote."""
        given = {name: self.cleaned_data.get(f"{name}_{one.case.pk}") for name in one.stage.every_field}
        return kept(case_powers.policy_for(one.case), given, by=by)


def waiting_for(activity: Activity, by: User, today: date) -> list[Awaited]:
    """Return the cases at a stage that this meeting can decide, which await the asker."""
    since = activity.day
    return [
        one
        for one in awaiting(by, today)
        if one.stage.at == activity.kind and not one.second and one.case.entered_on <= max(since, today)
    ]
