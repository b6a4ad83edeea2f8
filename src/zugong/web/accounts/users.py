"""Accounts and grants: the system administrator makes accounts, the security administrator asks for what they may do."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts import actions, powers
from zugong.accounts.models import Grant, Proposal, User
from zugong.accounts.rules import CALLED, May, Role
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.core.sentences import Sentence
from zugong.registry.models import Particulars, Subject, names_on
from zugong.registry.rules import ORGANISATION
from zugong.web.accounts import words
from zugong.web.accounts.forms import GrantForm, UserForm, put
from zugong.web.asking import asker, need, pressed, said

A_PAGE = 50


@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """Every account, with its roles and whether it is in use."""
    user, today = need(request, May.SYSTEM, May.SECURITY), clock.today()
    asked, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    found = powers.users(user, today)
    if asked:
        found = found.filter(Q(username__icontains=asked) | Q(called__icontains=asked))
    if state in {"open", "closed"}:
        found = found.filter(is_active=state == "open")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    held = Grant.objects.on(today).filter(user__in=[one.pk for one in page])
    roles: dict[int, list[str]] = {}
    for grant in held:
        roles.setdefault(grant.user_id, []).append(said(CALLED[Role(grant.role)]))
    return TemplateResponse(
        request,
        "accounts/users.html",
        {
            "crumbs": [(_("管理"), ""), (_("账号与权限"), "")],
            "page": page,
            "rows": [(one, "、".join(dict.fromkeys(roles.get(one.pk, [])))) for one in page],
            "q": asked,
            "state": state,
            "makes": user.may(May.SYSTEM, today),
            "open_proposals": powers.proposals(user, today).filter(outcome=Proposal.Outcome.OPEN).count(),
        },
    )


def user_new(request: HttpRequest) -> HttpResponse:
    """Make an account, and show once the code that opens it."""
    maker, today = need(request, May.SYSTEM), clock.today()
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_user(**form.cleaned_data, day=today, by=maker)
            return _show_code(request, made)
        except Refused as refused:
            put(form, refused)
    crumbs = [(_("账号与权限"), reverse("accounts")), (_("新建账号"), "")]
    context = {"form": form, "has_errors": bool(form.errors), "crumbs": crumbs}
    return TemplateResponse(request, "accounts/user_new.html", context)


@require_GET
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its state, what it may do, and the deeds open to me."""
    return _draw(request, _shown(request, pk), GrantForm(top=_top(), initial={"since": clock.today()}))


@require_POST
def user_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Close or open an account, or give a new one-time code."""
    need(request, May.SYSTEM)
    shown, deed = _shown(request, pk), request.POST.get("deed", "")
    try:
        if deed == "code":
            return _show_code(request, shown)
        if deed == "close":
            reason = request.POST.get("reason", "").strip() or "系统管理员停用"
            actions.disable(shown, day=clock.today(), by=asker(request), reason=reason)
            messages.success(request, _("账号已停用。"))
        elif deed == "open":
            actions.enable(shown, day=clock.today(), by=asker(request))
            messages.success(request, _("账号已启用。"))
    except Refused as refused:
        messages.error(request, said(refused))
    return HttpResponseRedirect(reverse("account-of", args=[pk]))


@require_POST
def grant_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a role for somebody; the system administrator agrees to it."""
    need(request, May.SECURITY)
    shown, form = _shown(request, pk), GrantForm(request.POST, top=_top())
    if form.is_valid():
        try:
            _ask_grant(request, shown, form)
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("已提请，等系统管理员同意后生效。"))
            return HttpResponseRedirect(reverse("account-of", args=[pk]))
    return _draw(request, shown, form)


def _top() -> str:
    """Name the organisation over which a grant reaches the whole county; nothing before it is entered."""
    tops = Particulars.objects.on(clock.today()).filter(subject__noun=ORGANISATION, parent=None)
    return next(iter(tops.order_by("pk").values_list("name", flat=True)), "")


def _ask_grant(request: HttpRequest, shown: User, form: GrantForm) -> None:
    given = form.cleaned_data
    role = Role(given["role"])
    organisation = (
        _organisation(given["organisation"], clock.today()) if words.needs_organisation(role) else None
    )
    sentence = Sentence(
        "授予 {user} “{role}”，范围：{where}，{since}起，{until}",
        user=str(shown),
        role=CALLED[role],
        where=given["organisation"] if organisation else Sentence("全县"),
        since=given["since"],
        until=Sentence("至{day}", day=given["until"]) if given["until"] else Sentence("长期"),
    )
    actions.propose(
        actions.GRANT,
        sentence,
        by=asker(request),
        at=clock.now(),
        user=shown.pk,
        role=role.value,
        organisation=organisation.pk if organisation else None,
        since=str(given["since"]),
        until=str(given["until"] or ""),
    )


def _organisation(asked: str, day: date) -> Subject:
    """Find the one organisation of a name or code."""
    asked = asked.strip()
    if not asked:
        raise Refused("请选择在哪个组织行使", field="organisation")
    named = Particulars.objects.on(day).filter(name=asked, subject__noun=ORGANISATION)
    found = list(
        Subject.objects.filter(Q(noun=ORGANISATION, code=asked) | Q(pk__in=named.values("subject_id")))[:2]
    )
    if not found:
        raise Refused("没有叫“{name}”的组织，请填全称或代码", name=asked, field="organisation")
    if len(found) > 1:
        raise Refused("叫“{name}”的组织不止一个，请填代码", name=asked, field="organisation")
    return found[0]


@require_POST
def grant_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a grant back, from today."""
    me, today = need(request, May.SECURITY), clock.today()
    given = get_object_or_404(Grant.objects.select_related("user"), pk=pk)
    pressed(request, lambda: actions.revoke(given, day=today, by=me), _("授权已收回，马上生效。"))
    return HttpResponseRedirect(reverse("account-of", args=[given.user_id]))


@require_POST
def reset_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to forget somebody's lost phone."""
    need(request, May.SECURITY)
    shown = _shown(request, pk)
    sentence = Sentence("清除 {user} 的二次验证，本人下次登录时重新绑定", user=str(shown))
    actions.propose(actions.RESET_SECOND_FACTOR, sentence, by=asker(request), at=clock.now(), user=shown.pk)
    messages.success(request, _("已提请，等系统管理员同意后生效。"))
    return HttpResponseRedirect(reverse("account-of", args=[pk]))


def _shown(request: HttpRequest, pk: int) -> User:
    need(request, May.SYSTEM, May.SECURITY)
    return get_object_or_404(powers.users(asker(request), clock.today()), pk=pk)


def _show_code(request: HttpRequest, shown: User) -> HttpResponse:
    code = actions.give_code(shown, at=clock.instant(), by=asker(request))
    crumbs = [(_("账号与权限"), reverse("accounts")), (shown.called, reverse("account-of", args=[shown.pk]))]
    context = {"shown": shown, "code": code, "crumbs": crumbs}
    return TemplateResponse(request, "accounts/code.html", context)


def _draw(request: HttpRequest, shown: User, form: GrantForm) -> TemplateResponse:
    me, today = asker(request), clock.today()
    grants = list(powers.grants_for(me, shown, today).order_by("-held"))
    names = names_on(today, [grant.organisation_id for grant in grants if grant.organisation_id])
    return TemplateResponse(
        request,
        "accounts/user.html",
        {
            "crumbs": [(_("账号与权限"), reverse("accounts")), (shown.called, "")],
            "shown": shown,
            "grants": [_line(grant, names, today) for grant in grants],
            "form": form,
            "has_errors": bool(form.errors),
            "bound": actions.has_second_factor(shown),
            "makes": me.may(May.SYSTEM, today),
            "grants_to": me.may(May.SECURITY, today),
            "waiting": powers.proposals(me, today).filter(
                outcome=Proposal.Outcome.OPEN, detail__user=shown.pk
            ),
        },
    )


def _line(grant: Grant, names: dict[int, str], today: date) -> dict[str, object]:
    return {
        "pk": grant.pk,
        "role": said(CALLED[Role(grant.role)]),
        "where": names.get(grant.organisation_id or 0) or _("全县"),
        "since": grant.held.lower,
        "until": grant.held.upper,
        "holds": grant.held.upper is None or grant.held.upper > today,
        "begun": grant.held.lower <= today,
        "given_by": grant.given_by,
        "agreed_by": grant.agreed_by,
    }
