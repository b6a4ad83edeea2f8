"""What is asked when a rating is computed, decided, or decided without a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zugong.core.period import Period
from zugong.packs.schema.scorecards import Scorecard
from zugong.scorecards.actions import left_over, period_of
from zugong.scorecards.models import Run
from zugong.web.asking import DeedForm, said, said_period
from zugong.web.templatetags.zugong import day as long_day


def _of_then(card: Scorecard, span: Period) -> str:
    return gettext("%(period)s %(card)s，按%(day)s的事实") % {
        "period": said_period(span.name),
        "card": said(card),
        "day": long_day(span.last),
    }


def _of_now(card: Scorecard, today: date | None) -> str:
    period = f"{said_period(period_of(card, today).name)} " if today else ""
    return f"{period}{said(card)}"


def computed(card: Scorecard, span: Period, today: date) -> str:
    """Return the choice of the form that computes a period of a card: one that is over as of its last day."""
    return f"{card.name} {span.last}" if span.last < today else card.name


class ComputeForm(DeedForm):
    """Which card is computed, of the period that runs or of one that is over and was left."""

    card = forms.ChoiceField(label=_("评分表"))
    run: Run

    def __init__(
        self, *args: Any, cards: Sequence[Scorecard], today: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        left = [(card, span) for card in cards for span in left_over(card, today)] if today else []
        asked = [
            *((card.name, _of_now(card, today)) for card in cards),
            *((computed(card, span, today), _of_then(card, span)) for card, span in left if today),
        ]
        several = [("", gettext("请选择"))] if len(asked) > 1 else []
        self.fields["card"].choices = [*several, *asked]  # type: ignore[attr-defined]

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
