"""What is asked when a rating is computed, decided, or decided without a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zugong.packs.schema.scorecards import Scorecard
from zugong.scorecards.models import Run
from zugong.web.asking import DeedForm, said


class ComputeForm(DeedForm):
    """Which card is computed."""

    card = forms.ChoiceField(label=_("评分表"))
    run: Run

    def __init__(self, *args: Any, cards: Sequence[Scorecard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["card"].choices = [(card.name, said(card)) for card in cards]  # type: ignore[attr-defined]

    def does(self, deed: Callable[[dict[str, Any]], Any]) -> bool:
        """Do it, and keep the run that was made."""

        def kept(answers: dict[str, Any]) -> None:
            self.run = deed(answers)

        return super().does(kept)


class DecisionForm(DeedForm):
    """The minutes of the meeting that decided."""

    minutes = forms.CharField(
        label=_("会议纪要"),
        help_text=_("哪次会议、哪一天、怎样决定，如：部务会 2025年12月3日，〔2025〕9号纪要第二项。"),
        widget=forms.Textarea({"rows": 3}),
    )


class GradesForm(ComputeForm):
    """Grades that a meeting decided without a score, one unit a line."""

    grades = forms.CharField(
        label=_("审定等次"),
        help_text=_("每行一个：编码或全称，空格或逗号，等次。可从 Excel 两列整块粘贴。"),
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
    )
    minutes = forms.CharField(
        label=_("会议纪要"),
        help_text=_("哪次会议、哪一天、怎样决定。"),
        widget=forms.Textarea({"rows": 2}),
    )
    field_order = ["card", "grades", "minutes"]
