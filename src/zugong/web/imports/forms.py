"""Forms of imports."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from zugong.web.asking import DeedForm


class UploadForm(DeedForm):
    """A filled-in workbook."""

    file = forms.FileField(
        label=_("填好的表（.xlsx）"),
        help_text=_("先看预览，什么都不会写入；最多 10 MB、1 万行。"),
        widget=forms.ClearableFileInput({"accept": ".xlsx"}),
    )


class ConfirmForm(DeedForm):
    """Do what was shown; the good rows alone only where somebody says so."""

    only_good = forms.BooleanField(label=_("只导入没有错误的行"), required=False)


class ReasonForm(DeedForm):
    """Why an import is taken back."""

    reason = forms.CharField(label=_("撤销理由"), max_length=200, widget=forms.Textarea({"rows": 3}))
