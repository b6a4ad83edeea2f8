"""The questions that a request asks of whoever brings it, with or without an account."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.cases import powers
from zugong.core.files.pictures import is_whole
from zugong.core.files.rules import KINDS
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.common import Keep
from zugong.registry.selecting import Ids
from zugong.web.asking import DeedForm, said
from zugong.web.once import KEY, key
from zugong.web.public.places import officials
from zugong.web.questions import kept, question

PICTURES = ("jpg", "jpeg", "png")


class RequestForm(DeedForm):
    """What a kind of request asks when it is opened: the matter first, pictures and the contact last."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=KEY)

    def __init__(
        self, policy: Policy, kind: CaseKind, places: Ids, today: date, *sent: Any, **options: Any
    ) -> None:
        super().__init__(*sent, **options)
        self.policy, self.kind = policy, kind
        self.fields["key"].initial = key()
        contact = kind.intake.contact if kind.intake else None
        names = list(dict.fromkeys([*kind.asks, *kind.may_ask]))
        self.asked = sorted(names, key=lambda name: (name == contact, policy.fields[name].kind == "file"))
        for name in self.asked:
            self.fields[name] = self._question(name, places, today)
        if contact in self.fields:
            self.fields[contact].help_text = promise(policy, kind)
            self.fields[contact].widget = forms.TextInput({"autocomplete": "off", "inputmode": "tel"})

    def _question(self, name: str, places: Ids, today: date) -> forms.Field:
        spec, required = self.policy.fields[name], name in self.kind.asks
        if spec.kind == "person":
            choices = [("", _("请选择")), *officials(places, self.policy, today)]
            return forms.ChoiceField(
                label=said(spec),
                choices=choices,
                required=required,
                help_text=_("只列职务；列表里没有的，在内容里写明。"),
            )
        seen = powers.asked_of(self.policy, places, powers.NOBODY, today)
        asked = question(self.policy, name, today, required=required, asked=seen)
        if spec.kind == "file":
            asked.widget = forms.FileInput({"accept": "image/jpeg,image/png"})
            asked.help_text = _("不超过 %(limit)d MB。照片里的拍摄地点会自动去掉；尽量不拍别人的脸。") % {
                "limit": settings.PUBLIC_PICTURE_MB
            }
        return asked

    def clean(self) -> dict[str, Any]:
        """Take pictures alone, and none beyond the limit: what else they are is asked where they are kept."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name, file in list(given.items()):
            if isinstance(file, UploadedFile) and (sentence := unfit(file)):
                self.add_error(name, sentence)
        return given

    def answers(self, by: object) -> dict[str, Any]:
        """Return the answers as they are kept; a picture is kept with this."""
        return kept(self.policy, {name: self.cleaned_data[name] for name in self.asked}, by=by)

    @property
    def questions(self) -> list[forms.BoundField]:
        """The questions of the kind, in order."""
        return [self[name] for name in self.asked]


def unfit(file: UploadedFile[Any]) -> str:
    """Say in a sentence why a file is no picture that can be taken; empty where it is one."""
    ending = (file.name or "").rpartition(".")[2].lower()
    if (file.size or 0) > settings.PUBLIC_PICTURE_MB * 1024 * 1024:
        return _("照片不能超过 %(limit)d MB，请缩小后再传") % {"limit": settings.PUBLIC_PICTURE_MB}
    begins = file.read(16)
    file.seek(0)
    if ending not in PICTURES or not begins.startswith(KINDS[ending]):
        return _("只收照片（jpg 或 png）")
    whole = is_whole(file.read())
    file.seek(0)
    if not whole:
        return _("照片不完整，请重新拍一张或重新选一次")
    return ""


def promise(policy: Policy, kind: CaseKind) -> str:
    """Say what the contact is for and how long it is kept: as the pack rules, and nothing where it does not yet."""
    contact = kind.intake.contact if kind.intake else None
    keep = policy.fields[contact].keep if contact else None
    only = _("可以不填。只用来反馈办理结果，只有正在办理的人看得到。")
    if keep is None or not keep.is_set:
        return only
    if keep.is_at_once:
        return only + _("%(event)s后即删除。") % {"event": _event(kind, keep)}
    return only + _("%(event)s后满 %(time)s删除。") % {"event": _event(kind, keep), "time": _time(keep)}


def _event(kind: CaseKind, keep: Keep) -> str:
    return _("办结") if keep.after == "closed" else kind.event_said(keep.after)


def _time(keep: Keep) -> str:
    parts = [(keep.years, _("%d 年")), (keep.months, _("%d 个月")), (keep.days, _("%d 天"))]
    return "".join(words % n for n, words in parts if n)


class CodeForm(DeedForm):
    """The number and the code of a receipt, as they were written down."""

    number = forms.CharField(
        label=gettext_lazy("受理号"),
        max_length=40,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("12 位数字。"),
    )
    code = forms.CharField(
        label=gettext_lazy("查询码"),
        max_length=60,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=gettext_lazy("16 个字母和数字，大小写都行，中间的横线可以不打。"),
    )
