"""What is done once: a form has a key, and asks where the same activity is there already."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zugong.activities.actions import EnteredAlready
from zugong.core.errors import Refused
from zugong.web.asking import DeedForm

KEY = 64  # characters of the key of a form


def key() -> str:
    """Make the key of a form: sent twice, it is entered once."""
    return uuid4().hex


class OnceForm(DeedForm):
    """A form that enters an activity: where the same is there already, it leads to that and asks whether this is another."""

    another = forms.BooleanField(label=gettext_lazy("仍要另记一次"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.data.get("another"):
            self.fields["another"].widget = forms.HiddenInput()

    def _refuse(self, refused: Refused) -> None:
        if isinstance(refused, EnteredAlready):
            self["another"].field.widget = forms.CheckboxInput()
            there = reverse("activity", args=[refused.activity.pk])
            self["another"].help_text = format_html('<a href="{}">{}</a>', there, _("看已登记的那一次"))
            self.order_fields([name for name in self.fields if name != "another"])  # it is asked last
        super()._refuse(refused)
