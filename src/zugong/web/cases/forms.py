"""What the pages of cases ask. The questions of a stage are its needs, as the pack words them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zugong.accounts.models import User
from zugong.activities import actions as activities
from zugong.activities import powers as activity_powers
from zugong.activities.models import Activity, AgendaItem
from zugong.activities.rules import Item, Report
from zugong.cases import intake, powers
from zugong.cases.models import Case
from zugong.cases.needs import answers_apart, answers_of
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind, Stage
from zugong.registry.models import Link, Particulars, Subject
from zugong.registry.selecting import Ids
from zugong.web.asking import DeedForm, said
from zugong.web.once import OnceForm
from zugong.web.posts.naming import called
from zugong.web.questions import Count, Day, asked_again, kept, question, read
from zugong.web.templatetags.zugong import day as long_day

VOTES = ("in_favour", "against", "abstained")


class SubmissionForm(DeedForm):
    """The answers, the meeting and the outcome with which a stage is passed on."""

    def __init__(self, case: Case, by: User, today: date, data: Any = None, files: Any = None) -> None:
        self.case, self.by, self.today = case, by, today
        self.policy: Policy = powers.policy_for(case)
        self.stage: Stage = powers.kind_of(case).stage(case.stage)
        super().__init__(data, files, initial=asked_again(self.policy, answers_of(case)))
        self.answered, asked = self.stage.every_field, powers.asked(case, today)
        for name in self.answered:
            self.fields[name] = question(self.policy, name, today, required=False, asked=asked)
            self._say_when_it_is_asked(name)
        if self.stage.at:
            self._ask_for_the_meeting()
        if self.stage.outcomes:
            words = self._outcomes()
            self.fields["outcome"] = forms.ChoiceField(
                label=_("结果"),
                choices=words,
                widget=forms.RadioSelect,
                initial=words[0][0] if len(words) == 1 else None,
            )
        if "reason" not in self.answered or self.stage.asked_only_for("reason"):
            self.fields["note"] = forms.CharField(
                label=_("说明"), required=False, widget=forms.Textarea({"rows": 2})
            )

    def _outcomes(self) -> list[tuple[str, str]]:
        """The outcomes; of one that waits for its term also from which day it can be taken."""
        due = self.case.due_on
        waits = self.stage.after_clock if due and self.today < due else []
        return [
            (
                name,
                _("%(outcome)s（%(day)s起）") % {"outcome": word, "day": long_day(due)}
                if name in waits
                else word,
            )
            for name, word in outcomes(self.stage)
        ]

    def _must_be_answered(self, *names: str) -> None:
        """Mark what the stage does not pass without. The engine refuses it: everything that is lacking at once."""
        for name in names:
            self.fields[name].is_due = True  # type: ignore[attr-defined]

    def _say_when_it_is_asked(self, name: str) -> None:
        """Mark a question as due, or say for which outcomes it is."""
        words = dict(outcomes(self.stage))
        if only := self.stage.asked_only_for(name):
            said_of = {
                "label": self.fields[name].label,
                "outcomes": _("、").join(words[outcome] for outcome in only),
            }
            self.fields[name].label = _("%(label)s（办“%(outcomes)s”时填）") % said_of
        else:
            self._must_be_answered(name)

    def asks(self, field: str) -> str:
        """A reason that is a question of the pack is asked there and not as a note."""
        return "reason" if field == "note" and "note" not in self.fields else field

    def _ask_for_the_meeting(self) -> None:
        words = {need.word for need in self.stage.needs}
        self.fields["day"] = Day(label=_("开会日期"), required=False, initial=self.today)
        self.fields["should_attend"] = Count(label=_("应到（人）"), required=False, min_value=0)
        self.fields["attended"] = Count(label=_("实到（人）"), required=False, min_value=0)
        self.fields["minutes"] = forms.CharField(
            label=_("会议记录"), required=False, widget=forms.Textarea({"rows": 4})
        )
        for name, label in zip(VOTES, (_("赞成（票）"), _("反对（票）"), _("弃权（票）")), strict=True):
            self.fields[name] = Count(label=label, required=False, min_value=0)
        if "vote" in words:
            self._must_be_answered("should_attend", "attended", "in_favour")
        if "minutes" in words:
            self._must_be_answered("minutes")

    def given(self) -> dict[str, Any]:
        """Return what `cases.submit` is given; the meeting is entered, or the matter put on its agenda, first."""
        answers = {name: self.cleaned_data[name] for name in self.answered}
        note = self.cleaned_data.get("note") or self.cleaned_data.get("reason") or ""
        return {
            "outcome": self.cleaned_data.get("outcome", ""),
            "answers": kept(self.policy, answers, by=self.by),
            "item": self._item() if self.stage.at else None,
            "note": note,
        }

    def _item(self) -> AgendaItem:
        given = self.cleaned_data
        matter = matter_of(self.case, self.today)
        item = Item(matter, "", *(given[name] for name in VOTES))
        return self._meeting(item).agenda.filter(matter=matter).latest("place")

    def _meeting(self, item: Item) -> Activity:
        given = self.cleaned_data
        return activities.hold(
            self.policy,
            self.stage.at,
            day=given["day"] or self.today,
            run_by=body_of(self.case, self.stage, self.by, self.today),
            by=self.by,
            today=self.today,
            report=Report(
                topic=str(said(self.stage)),
                minutes=given["minutes"],
                should_attend=given["should_attend"],
                attended=given["attended"],
                agenda=(item,),
            ),
        )

    @property
    def told(self) -> list[str]:
        """What somebody outside asked, was answered and said of it, as fields; the contact stays sealed."""
        entry = powers.kind_of(self.case)
        if entry.intake is None:
            return []
        rating = [need.field for stage in entry.stages if stage.asker for need in stage.every_need]
        named = dict.fromkeys([*entry.at_opening, entry.intake.response, *rating])
        closed = intake.sealed(entry) | set(self.answered)
        return [name for name in named if name and name not in closed]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The same with the answers: whoever acts reads them above the questions, on a phone too."""
        return self._known(self.told)

    @property
    def paper(self) -> list[tuple[str, str]]:
        """What the first party wrote, for whoever signs it after: each question with its answer."""
        if not powers.signatures(self.case) or answers_apart(self.stage):
            return []
        return self._known(self.answered)

    def _known(self, names: Iterable[str]) -> list[tuple[str, str]]:
        known = answers_of(self.case)
        return [
            (said(self.policy.fields[name]), read(self.policy, name, known[name], self.today))
            for name in names
            if known.get(name)
        ]

    @property
    def groups(self) -> Iterable[tuple[str, list[forms.BoundField]]]:
        """The questions by what they are about: the meeting apart from the answers."""
        meeting = ["day", "should_attend", "attended", "minutes"]
        yield "amended" if self.paper else "", [self[name] for name in self.answered]
        yield "meeting", [self[name] for name in meeting if name in self.fields]
        yield "votes", [self[name] for name in VOTES if name in self.fields]
        yield "", [self[name] for name in ("outcome", "note") if name in self.fields]


def body_of(case: Case, stage: Stage, by: User, today: date) -> Subject:
    """Return the body of the stage in whose name the asker acts."""
    mine: Ids = frozenset(by.acts_for(today))
    found = powers.doers(case, today).get(stage.body, frozenset[int]()) & mine
    return Subject.objects.get(pk=min(found, default=case.about_id))


def matter_of(case: Case, day: date) -> str:
    """Name a case as an agenda does; the number makes it one of its kind."""
    return f"{case.about.name_on(day)}{powers.kind_of(case).label}（{case.number}）"


def outcomes(stage: Stage) -> list[tuple[str, str]]:
    """Return the outcomes of a stage in the pack's words."""
    english = (get_language() or "").startswith("en")
    words = stage.english_words if english and stage.english_words else stage.words
    return [(name, words.get(name, name)) for name in stage.outcomes]


class AnswerForm(DeedForm):
    """A second person's answer to a proposal."""

    answer = forms.ChoiceField(
        label=gettext_lazy("您的意见"),
        choices=[("agree", gettext_lazy("同意")), ("decline", gettext_lazy("不同意"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("说明"),
        help_text=gettext_lazy("不同意要写明理由。"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class NothingForm(DeedForm):
    """A deed that asks for nothing."""


class ReasonForm(DeedForm):
    """A deed that needs a reason."""

    note = forms.CharField(label=gettext_lazy("理由"), widget=forms.Textarea({"rows": 3}))


class ReturnForm(ReasonForm):
    """Why a case is sent back, and what else the stage asks of it: what is missing from a hand-over."""

    def __init__(self, case: Case, today: date, data: Any = None) -> None:
        super().__init__(data)
        self.policy = powers.policy_for(case)
        back = powers.kind_of(case).stage(case.stage).return_
        self.asked = [need.field for need in back.needs if need.field not in ("", "reason")] if back else []
        for name in self.asked:
            asked = powers.asked(case, today)
            self.fields[name] = question(self.policy, name, today, required=True, asked=asked)

    def given(self, by: User) -> dict[str, Any]:
        """Return the answers as they are kept."""
        return kept(self.policy, {name: self.cleaned_data[name] for name in self.asked}, by=by)


class UntilForm(ReasonForm):
    """A deed that needs a day and a reason."""

    until = Day(label=gettext_lazy("到哪一天"))
    field_order = ("until", "note")


class EvidenceForm(OnceForm):
    """Evidence of a case: a visit entered here, one that is there already, or a file; what is not kept is not asked."""

    kind = forms.ChoiceField(label=gettext_lazy("哪一种证据"), widget=forms.RadioSelect)
    day = Day(label=gettext_lazy("日期"), required=False, help_text=gettext_lazy("新登记的才填。"))
    topic = forms.CharField(
        label=gettext_lazy("看到了什么"),
        required=False,
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("新登记的才填。"),
    )
    file = forms.FileField(
        label=gettext_lazy("附件"),
        required=False,
        help_text=gettext_lazy("照片、扫描件或表格，每个不超过 20 MB；不得含国家秘密。"),
    )

    def __init__(self, case: Case, by: User, today: date, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        policy = powers.policy_for(case)
        self.there = laid_already(case, by, today)
        self.new = wanted(powers.kind_of(case).stage(case.stage))
        new = [(kind, _("新登记：%(kind)s") % {"kind": said(policy.activity(kind))}) for kind in self.new]
        there = [(str(one.pk), _there(policy, one)) for one in self.there]
        self.fields["kind"].choices = [*new, *there, ("file", _("只上传文件"))]  # type: ignore[attr-defined]
        self.fields["day"].initial = today
        if not self.new:
            del self.fields["day"], self.fields["topic"]
        if not new + there:
            self.fields["kind"].widget, self.fields["kind"].initial = forms.HiddenInput(), "file"

    def clean(self) -> dict[str, Any]:
        """Refuse a file that is not there, and words for which nothing new is entered: they would be lost."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("kind") == "file" and not given.get("file"):
            self.add_error("file", _("请选择要上传的文件。"))
        if given.get("topic") and given.get("kind") not in (None, *self.new):
            self.add_error("topic", _("新登记的才填；上传文件、选已登记的，请清空这一项。"))
        return given


def wanted(stage: Stage) -> list[str]:
    """Return the kinds of activity that count as evidence at a stage, each once."""
    return list(dict.fromkeys(kind for need in stage.needs if need.evidence for kind in need.evidence.any_of))


def laid_already(case: Case, by: User, today: date) -> list[Activity]:
    """Return the activities held at the subject that could still be laid with the case."""
    laid = case.proofs.filter(round=case.round, activity__isnull=False).values("activity")
    rows = activity_powers.visible(by, today).held().filter(at=case.about_id, day__gte=case.opened_on)
    return list(rows.exclude(pk__in=laid)[:8])


def _there(policy: Policy, activity: Activity) -> str:
    what = f"{said(policy.activity(activity.kind))} {activity.topic}".strip()
    return _("已登记：%(day)s %(kind)s") % {"day": long_day(activity.day), "kind": what}


class HolderForm(DeedForm):
    """To whom a task is given, and by when."""

    holder = forms.ChoiceField(label=gettext_lazy("交给谁"))
    due_on = Day(label=gettext_lazy("完成期限"), required=False)

    def __init__(self, case: Case, today: date, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"holder": str(case.holder_id or ""), "due_on": case.due_on})
        people = near_the_village(case, today)
        self.fields["holder"].choices = [("", _("请选择")), *people]  # type: ignore[attr-defined]


def near_the_village(case: Case, today: date) -> list[tuple[str, str]]:
    """Return who can be given a task: whoever supports the village, a post in it with who is there now, or the village."""
    tied = Link.objects.on(today).filter(far=case.about_id).values_list("near_id", flat=True)
    posts = Particulars.objects.on(today).filter(parent=case.about_id, subject__noun="post")
    names = called(
        [*posts.values_list("subject_id", flat=True), *tied, case.about_id], powers.policy_for(case), today
    )
    return [(str(subject), name) for subject, name in names.items()]


class TieForm(DeedForm):
    """Who is tied to the subject, in which role; the page lists whom the pack allows."""

    role = forms.CharField(widget=forms.HiddenInput)
    near = forms.IntegerField(label=gettext_lazy("谁"), widget=forms.RadioSelect)


class TieByHandForm(TieForm):
    """Who is tied apart from a case, and by which paper."""

    source = forms.CharField(label=gettext_lazy("依据（文件或会议）"), max_length=200)


class UntieForm(DeedForm):
    """Why a tie ends: while a bar stands, on which of its grounds."""

    source = forms.CharField(label=gettext_lazy("依据（文件或会议）"), required=False, max_length=200)

    def __init__(self, grounds: list[tuple[str, str]], data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        if grounds:
            choices = [("", _("请选择")), *grounds]
            self.fields["ground"] = forms.ChoiceField(label=_("解除的理由"), choices=choices)
            self.order_fields(["ground", "source"])


class NewForm(DeedForm):
    """A matter that somebody brings in, with the questions that its kind asks at the opening."""

    kind = forms.ChoiceField(label=gettext_lazy("什么事项"))
    about = forms.ChoiceField(label=gettext_lazy("关于谁（组织、人员或职务）"))
    cause = forms.CharField(label=gettext_lazy("由来"), max_length=200, widget=forms.Textarea({"rows": 2}))
    asked_of = forms.CharField(required=False, widget=forms.HiddenInput)  # whose questions were shown
    asked: Sequence[str] = ()

    def ask(self, policy: Policy, entry: CaseKind, about: Ids, today: date) -> None:
        """Ask what a kind asks about one of these. What was asked is where it comes from: the origin need not be said."""
        asked = powers.asked_of(policy, about, powers.NOBODY, today)
        self.policy, self.asked = policy, entry.at_opening
        self.fields["cause"].required = not self.asked
        for name in self.asked:
            self.fields[name] = question(policy, name, today, required=False, asked=asked)
            self.fields[name].is_due = name in entry.asks  # type: ignore[attr-defined]

    def answers(self, by: User) -> dict[str, Any]:
        """Return the answers as they are kept."""
        given = {name: self.cleaned_data[name] for name in self.asked}
        return kept(self.policy, given, by=by) if given else {}

    @property
    def questions(self) -> list[forms.BoundField]:
        """The questions of the kind."""
        return [self[name] for name in self.asked]


class MergerForm(ReasonForm):
    """Into which other of its kind a case goes, and why."""

    into = forms.TypedChoiceField(label=gettext_lazy("并入哪一件"), coerce=int)
    field_order = ("into", "note")

    def __init__(self, others: list[tuple[str, str]], data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["into"].choices = [("", _("请选择")), *others]  # type: ignore[attr-defined]
