"""What the pages of accounts ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zugong.core.errors import Refused
from zugong.web.accounts import words
from zugong.web.asking import said
from zugong.web.plain import PlainForm


def put(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal beside the question it belongs to, or above them all."""
    for one in refused.parts or (refused,):
        form.add_error(one.field if one.field in form.fields else None, said(one))


class SignInForm(PlainForm):
    """User name, and a password or a one-time code."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("密码或一次性登录码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(PlainForm):
    """A new password, twice; the old one too, unless there is none."""

    old = forms.CharField(
        label=_("现在的密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("新密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次新密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, has_old: bool, hint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = hint
        if not has_old:
            del self.fields["old"]

    def clean(self) -> dict[str, Any]:
        """Both times the same."""
        said = super().clean() or {}
        if said.get("password") and said.get("again") and said["password"] != said["again"]:
            self.add_error("again", _("两次输入的不一样"))
        return said


class CodeForm(PlainForm):
    """The phone's six digits, or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class UserForm(PlainForm):
    """A new account."""

    called = forms.CharField(label=_("姓名"), max_length=60)
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        help_text=_("登录时用：字母、数字、点或短横，不分大小写。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    email = forms.EmailField(label=_("电子邮箱"), required=False)


class KeyForm(PlainForm):
    """A key for another system."""

    label = forms.CharField(
        label=_("系统名称"), max_length=60, help_text=_("写它对外的名称，如“市民热线平台”。")
    )


class GrantForm(PlainForm):
    """What is asked for an account: which role, where, from when."""

    role = forms.ChoiceField(label=_("角色"), choices=words.grantable)
    organisation = forms.CharField(
        label=_("在哪个组织"),
        max_length=200,
        required=False,
        help_text=_("填组织全称或代码；三员不填。"),
    )
    since = forms.DateField(label=_("从哪天起"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(
        label=_("到哪天止"),
        required=False,
        help_text=_("当天起不再有；长期的不填。"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, top: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if top:
            self.fields["organisation"].help_text = _(
                "填组织全称或代码；三员不填。办全县工作的填“%(top)s”：填组织部的，只看得到组织部自己。"
            ) % {"top": top}


class InForceForm(PlainForm):
    """Which pack, from which day."""

    pack = forms.ChoiceField(label=_("制度包"))
    since = forms.DateField(
        label=_("从哪天起生效"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, packs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pack"].choices = [("", _("请选择")), *packs]  # type: ignore[attr-defined]
