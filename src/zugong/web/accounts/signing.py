"""Signing in and out. A demo's people sign in with one click, and only in a demo."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from zugong import demo
from zugong.accounts.models import User
from zugong.accounts.rules import ADMINISTRATORS, CALLED, Role, as_username
from zugong.cases import intake
from zugong.core import clock, journal
from zugong.core.errors import PackErrors
from zugong.web.accounts import words
from zugong.web.accounts.forms import SignInForm
from zugong.web.asking import ruled, said
from zugong.web.middleware import BEGAN, PASSED, SEEN
from zugong.web.plain import is_ours

BACKEND = "zugong.accounts.backends.SignIn"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for user name and password; say why whoever was signed out is here."""
    if request.method != "POST":
        return _page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    if _address_rests(request):
        return locked_out(request)
    name = as_username(form.cleaned_data["username"])
    user = authenticate(request, username=name, password=form.cleaned_data["password"])
    if isinstance(user, User):
        return _enter(request, user)
    _note_failure(request, name)
    form.add_error(None, _("用户名或密码不对。忘了密码，请系统管理员发一次性登录码。"))
    return _page(request, form)


@login_not_required
@require_POST
def sign_in_demo(request: HttpRequest) -> HttpResponse:
    """Sign in as one of a demo's people."""
    if not settings.DEMO:
        raise Http404
    chosen = request.POST.get("user", "")
    return _enter(request, get_object_or_404(User, username=chosen, is_demo=True, is_active=True))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    journal.write("account.sign-out", by=request.user, on=request.user)
    logout(request)
    return HttpResponseRedirect(f"{reverse('sign-in')}?why=out")


@login_not_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Say that the pages answer and the database too."""
    User.objects.exists()
    return HttpResponse("ok\n", content_type="text/plain")


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Say that there were too many failures, and when to try again."""
    form = SignInForm(request.POST)
    form.is_valid()
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    sentence = _("密码连续错了 %(times)d 次，请 %(minutes)d 分钟后再试，或请系统管理员发一次性登录码。") % {
        "times": settings.AXES_FAILURE_LIMIT,
        "minutes": minutes,
    }
    form.add_error(None, sentence)
    return _page(request, form, status=429).render()


def go_on(request: HttpRequest) -> str:
    """Where to go next: a page of ours that was asked for, else the desk."""
    there = request.POST.get("next") or request.GET.get("next") or ""
    ours = is_ours(request, there) and there != reverse("sign-in")
    return there if ours else settings.LOGIN_REDIRECT_URL


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=BACKEND)
    now = int(clock.instant().timestamp())
    request.session.update({BEGAN: now, SEEN: now, PASSED: False})
    if settings.SINGLE_SESSION and user.session_key:
        Session.objects.filter(session_key=user.session_key).delete()
    request.session.save()
    User.objects.filter(pk=user.pk).update(session_key=request.session.session_key)
    journal.write("account.sign-in", by=user, on=user, address=request.META.get("REMOTE_ADDR", ""))
    return HttpResponseRedirect(go_on(request))


def _note_failure(request: HttpRequest, name: str) -> None:
    """Write the name down only where it is a name: people type passwords into the wrong field."""
    known = User.objects.filter(username=name).first()
    address = request.META.get("REMOTE_ADDR", "")
    journal.write("account.sign-in-failed", by=known or "未知用户", on=known or "", address=address)


def _address_rests(request: HttpRequest) -> bool:
    """Say whether one address tried too many accounts: an office shares one, so it is allowed more than an account."""
    since = clock.instant() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    failed = AccessAttempt.objects.filter(
        ip_address=request.META.get("REMOTE_ADDR", ""), attempt_time__gt=since
    ).aggregate(times=Sum("failures_since_start"))["times"]
    return (failed or 0) >= settings.ADDRESS_FAILURE_LIMIT


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> TemplateResponse:
    why = {
        "idle": _("您有一阵没有操作，为安全已经退出。没交的内容留在这台电脑上，登录后接着写。"),
        "long": _("登录已满 %(hours)d 小时，请重新登录。没交的内容留在这台电脑上。")
        % {"hours": settings.SESSION_ABSOLUTE_HOURS},
        "out": _("已经退出。"),
    }
    return TemplateResponse(
        request,
        "accounts/sign_in.html",
        {
            "form": form,
            "has_errors": bool(form.errors),
            "why": why.get(request.GET.get("why", ""), ""),
            "next": go_on(request),
            "people": _demo_people() if settings.DEMO else [],
            "is_demo": settings.DEMO,
            "takes_in": _takes_in(),
        },
        status=status,
    )


def _takes_in() -> bool:
    """Say whether somebody without an account can ask something here; this page opens whatever the rules are."""
    with suppress(PackErrors):
        policy = ruled(clock.today())
        return bool(policy and intake.kinds(policy, ["public"]))
    return False


def _demo_people() -> list[dict[str, Any]]:
    """Return who can sign in by a click: those of the story as it tells of them, any others by their roles."""
    today = clock.today()
    told = {person.username: person for person in demo.people()}
    order = list(told)
    users = User.objects.filter(is_demo=True, is_active=True).prefetch_related("grants")
    people = [(words.roles_of(user, today), user) for user in users]
    people.sort(
        key=lambda one: (_place(one[0]), order.index(one[1].username) if one[1].username in told else 0)
    )
    return [_person(user, roles, told.get(user.username)) for roles, user in people]


def _person(user: User, roles: list[Role], told: demo.Person | None) -> dict[str, Any]:
    role, can = (
        "、".join(said(CALLED[role]) for role in roles),
        " ".join(str(words.CAN[role]) for role in roles),
    )
    if told:
        english = (get_language() or "").startswith("en")
        role, _colon, can = (told.en if english else told.zh).partition(": " if english else "：")
    return {"username": user.username, "called": user.called, "role": role, "can": can}


def _place(roles: list[Role]) -> tuple[bool, int]:
    """Who does the county's work first, the three administrators last."""
    first = roles[0] if roles else Role.CADRE
    return first in ADMINISTRATORS, words.ORDER.index(first)
