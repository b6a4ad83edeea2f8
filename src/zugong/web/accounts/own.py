"""One's own account: what I may do, my password, my second factor."""

from io import BytesIO

import pyotp
import qrcode
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET
from qrcode.image.svg import SvgPathFillImage

from zugong.accounts import actions, powers
from zugong.accounts.models import Grant, User
from zugong.accounts.rules import CALLED, Role, has_aged
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.ledgers import powers as ledgers
from zugong.registry.models import names_on
from zugong.web.accounts import words
from zugong.web.accounts.forms import CodeForm, PasswordForm, put
from zugong.web.accounts.signing import go_on
from zugong.web.asking import asker, said
from zugong.web.middleware import PASSED, waived


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """What I may do, where, until when; my password and second factor."""
    user, today = asker(request), clock.today()
    grants = list(powers.grants_for(user, user, today).filter(held__contains=today))
    names = names_on(today, [grant.organisation_id for grant in grants if grant.organisation_id])
    return TemplateResponse(
        request,
        "accounts/account.html",
        {
            "user_shown": user,
            "grants": [_line(grant, names) for grant in grants],
            "bound": actions.has_second_factor(user),
            "needs": user.needs_second_factor(today),
            "waived": waived(user),
            "file": reverse("person", args=[user.person_id]) if user.person_id else "",
            "books": reverse("ledgers-own") if ledgers.own(user, today).exists() else "",
            "ages": settings.PASSWORD_MAX_AGE_DAYS,
        },
    )


def _line(grant: Grant, names: dict[int, str]) -> dict[str, object]:
    role = Role(grant.role)
    where = names.get(grant.organisation_id or 0, "")
    return {"role": said(CALLED[role]), "can": words.CAN[role], "where": where, "until": grant.held.upper}


@sensitive_post_parameters("old", "password", "again")
def password(request: HttpRequest) -> HttpResponse:
    """Set a password. Whoever has one proves it first; whoever came by a one-time code has none."""
    user = asker(request)
    has_old = user.has_usable_password()
    form = PasswordForm(request.POST or None, has_old=has_old, hint=_password_hint())
    if request.method == "POST" and form.is_valid() and _may_set(request, user, form):
        try:
            actions.set_password(user, form.cleaned_data["password"], at=clock.instant(), by=user)
        except Refused as refused:
            put(form, refused)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("密码已经设好。其他地方的登录都已退出。"))
            return HttpResponseRedirect(go_on(request))
    aged = has_old and has_aged(user.password_set_at, clock.instant(), settings.PASSWORD_MAX_AGE_DAYS)
    context = {"form": form, "has_errors": bool(form.errors), "has_old": has_old, "aged": aged, "next": go_on(request)}  # fmt: skip
    return TemplateResponse(request, "accounts/password.html", context)


def _may_set(request: HttpRequest, user: User, form: PasswordForm) -> bool:
    """The old password is right, and a bound phone was asked first."""
    if actions.has_second_factor(user) and not request.session.get(PASSED) and not waived(user):
        form.add_error(None, _("请先通过二次验证，再改密码。"))
        return False
    if "old" in form.fields and not user.check_password(form.cleaned_data["old"]):
        form.add_error("old", _("现在的密码不对"))
        return False
    return True


def _password_hint() -> str:
    length = _("至少 %(count)d 个字符") % {"count": settings.PASSWORD_MIN_LENGTH}
    if not settings.PASSWORD_MIN_CLASSES:
        return length + _("，可以是一句好记的话。")
    kinds = _("，大写字母、小写字母、数字、符号中至少 %(count)d 类") % {
        "count": settings.PASSWORD_MIN_CLASSES
    }
    ages = _("；%(days)d 天后须更换，最近 %(count)d 次用过的不能再用。") % {
        "days": settings.PASSWORD_MAX_AGE_DAYS,
        "count": settings.PASSWORD_HISTORY,
    }
    return length + kinds + ages


@sensitive_post_parameters("code")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the phone's code, once each sign-in."""
    user = asker(request)
    if not actions.has_second_factor(user):
        return HttpResponseRedirect(reverse("second-factor-new"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.pass_second_factor(user, form.cleaned_data["code"], at=clock.instant())
        except Refused as refused:
            put(form, refused)
        else:
            request.session.cycle_key()
            request.session[PASSED] = True
            return HttpResponseRedirect(go_on(request))
    context = {"form": form, "has_errors": bool(form.errors), "next": go_on(request)}
    return TemplateResponse(request, "accounts/second_factor.html", context)


@sensitive_post_parameters("code")
def second_factor_new(request: HttpRequest) -> HttpResponse:
    """Bind a phone: scan, type the first code, keep the recovery codes. Whoever opened the account by password does it."""
    user = asker(request)
    if waived(user):
        messages.info(request, _("演示账号免去二次验证。"))
        return HttpResponseRedirect(reverse("account"))
    if actions.has_second_factor(user):
        return HttpResponseRedirect(reverse("account"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recovery = actions.confirm_second_factor(user, form.cleaned_data["code"], at=clock.instant())
        except Refused as refused:
            put(form, refused)
        else:
            request.session.cycle_key()
            request.session[PASSED] = True
            shown = {"codes": recovery, "next": go_on(request)}
            return TemplateResponse(request, "accounts/recovery.html", shown)
    secret = actions.begin_second_factor(user)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "has_errors": bool(form.errors), "secret": spaced, "next": go_on(request)}
    return TemplateResponse(request, "accounts/second_factor_new.html", context)


@require_GET
def second_factor_qr(request: HttpRequest) -> HttpResponse:
    """The key as a picture for the phone, until it is bound."""
    user = asker(request)
    if not (secret := actions.offered_second_factor(user)):
        raise Http404
    said = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=_("组工平台"))
    drawn = BytesIO()
    qrcode.make(said, image_factory=SvgPathFillImage, border=2).save(drawn)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
