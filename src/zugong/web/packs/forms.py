"""Forms of drafts."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from zugong.packs.unpacking import refuse_too_large
from zugong.web.asking import DeedForm


class BeginForm(DeedForm):
    """A new draft: of the edition in force, or of what is sent in."""

    file = forms.FileField(
        label=_("上传制度包"),
        required=False,
        help_text=_("整个文件夹打成的 .zip，或要替换的一个 .yaml；不上传，就从现行的一版改起。"),
        widget=forms.ClearableFileInput({"accept": ".zip,.yaml"}),
    )


class BringForm(DeedForm):
    """Files over those of a draft."""

    file = forms.FileField(
        label=_("上传文件"),
        help_text=_(".zip 替换全部文件；一个 .yaml 替换同名的文件，没有同名的就加进来。"),
        widget=forms.ClearableFileInput({"accept": ".zip,.yaml"}),
    )


class WriteForm(DeedForm):
    """The text of one file."""

    text = forms.CharField(
        label=_("文本"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            {"class": "lined-text", "wrap": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )


class ForwardForm(DeedForm):
    """From which day, and for a day that is past by which document."""

    since = forms.DateField(
        label=_("从哪天起生效"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    paper = forms.CharField(
        label=_("更正的依据"),
        required=False,
        max_length=120,
        help_text=_("只有从过去的一天起生效才填：哪份文件，文号多少。"),
    )


def read_in(file: UploadedFile[bytes] | None) -> tuple[str, bytes]:
    """Return the name and the content of what was sent in; nothing where nothing was. Raises Refused where it is large."""
    if file is None:
        return "", b""
    refuse_too_large(file.size or 0)
    return file.name or "", file.read()
