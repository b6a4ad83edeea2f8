"""What is asked when a bulletin is composed, submitted, approved, sent back, issued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zugong.bulletins.models import Bulletin
from zugong.packs.schema.bulletins import Bulletin as BulletinKind
from zugong.web.asking import DeedForm, said


class ComposeForm(DeedForm):
    """Which bulletin, of which month."""

    kind = forms.ChoiceField(label=_("通报"))
    within = forms.DateField(
        label=_("月份"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput({"type": "month"}, format="%Y-%m"),
        help_text=_("如 2025-11。"),
    )
    made: Bulletin

    def __init__(self, *args: Any, kinds: Sequence[BulletinKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, said(kind)) for kind in kinds]  # type: ignore[attr-defined]

    def does(self, deed: Callable[[dict[str, Any]], Any]) -> bool:
        """Do it, and keep the bulletin that was drafted."""

        def kept(answers: dict[str, Any]) -> None:
            self.made = deed(answers)

        return super().does(kept)


class SubmitForm(DeedForm):
    """What a person adds."""

    remark = forms.CharField(
        label=_("有关要求"),
        help_text=_("写给收文单位的话；数字由系统取，不在这里写。"),
        required=False,
        widget=forms.Textarea({"rows": 5}),
    )


class ApproveForm(DeedForm):
    """A note of who approves."""

    note = forms.CharField(label=_("签发意见"), required=False, max_length=500)


class ReturnForm(DeedForm):
    """Why it goes back."""

    reason = forms.CharField(label=_("退回的理由"), widget=forms.Textarea({"rows": 2}))


class IssueForm(DeedForm):
    """The number that the document office gave."""

    number = forms.CharField(
        label=_("发文字号"),
        help_text=_("由文书给的号，如 青组通〔2025〕3号；没有就空着。"),
        required=False,
        max_length=60,
    )
