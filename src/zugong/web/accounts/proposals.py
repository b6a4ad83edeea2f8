"""What one person asks and another agrees to; and the packs in force, which is the weightiest of these."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts import actions, drafting, powers
from zugong.accounts.models import Proposal
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core.errors import PackErrors, Refused
from zugong.core.sentences import Sentence
from zugong.packs import loader
from zugong.packs.checks import check
from zugong.registry.models import Edition
from zugong.web.accounts.forms import InForceForm, put
from zugong.web.asking import asker, need, said
from zugong.web.packs.views import edition_label

OUTCOMES = {
    Proposal.Outcome.OPEN: (gettext_lazy("等待同意"), "running"),
    Proposal.Outcome.AGREED: (gettext_lazy("已同意"), "done"),
    Proposal.Outcome.DECLINED: (gettext_lazy("不同意"), "late"),
    Proposal.Outcome.WITHDRAWN: (gettext_lazy("已撤回"), "neutral"),
}


@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what became of the rest."""
    me, today = need(request, May.SYSTEM, May.SECURITY), clock.today()
    page = Paginator(powers.proposals(me, today), 50).get_page(request.GET.get("page"))
    drafted = dict(powers.drafts(me, today).filter(proposal__in=list(page)).values_list("proposal", "pk"))
    answerable = set(powers.answerable(me, today).values_list("pk", flat=True))
    rows = [
        {
            "one": one,
            "about": _about(one, drafted.get(one.pk)),
            "outcome": OUTCOMES[Proposal.Outcome(one.outcome)],
            "may_answer": one.pk in answerable,
            "may_withdraw": one.outcome == Proposal.Outcome.OPEN and one.asked_by_id == me.pk,
        }
        for one in page
    ]
    context = {"crumbs": [(_("管理"), ""), (_("两人办理"), "")], "page": page, "rows": rows}
    return TemplateResponse(request, "accounts/proposals.html", context)


def _about(one: Proposal, draft: int | None) -> tuple[str, str]:
    """Return what a proposal is about: its page, and what to look at there before one agrees."""
    if draft:
        return reverse("draft-changes", args=[draft]), _("看改了什么，影响什么")
    if one.deed == actions.PUT_IN_FORCE:
        return reverse("in-force"), _("看现在生效的制度包")
    return reverse("account-of", args=[one.detail["user"]]), _("看这个账号和已有的授权")


@require_POST
def proposal_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, say no, or take back what one asked."""
    me, today = need(request, May.SYSTEM, May.SECURITY), clock.today()
    one = get_object_or_404(powers.proposals(me, today), pk=pk)
    try:
        _answer(request, one)
    except Refused as refused:
        messages.error(request, said(refused))
    except PackErrors as errors:
        messages.error(request, _("制度包有错，没有生效：%(errors)s") % {"errors": errors})
    return HttpResponseRedirect(reverse("proposals"))


def _answer(request: HttpRequest, one: Proposal) -> None:
    me, deed = asker(request), request.POST.get("deed", "")
    if deed == "withdraw" and one.asked_by_id == me.pk:
        actions.decline(one, by=me, at=clock.now())
        messages.success(request, _("已撤回。"))
        return
    if not powers.answerable(me, clock.today()).filter(pk=one.pk).exists():
        raise Refused("这一件要由提请人和受益人以外的系统管理员来定")
    if deed == "agree":
        drafting.refuse_late(one, clock.today())
        actions.agree(one, by=me, at=clock.now())
        messages.success(request, _("已同意，办好了。"))
    elif deed == "decline":
        actions.decline(one, by=me, at=clock.now())
        messages.success(request, _("已退回提请人。"))


def in_force(request: HttpRequest) -> HttpResponse:
    """Which pack is in force since when; the security administrator asks for the next one."""
    me, today = need(request, May.SECURITY, May.SYSTEM), clock.today()
    packs = loader.library(settings.PACKS)
    named = [(name, _named(packs, name)) for name in packs]
    form = InForceForm(request.POST or None, packs=named, initial={"since": today})
    findings: list[object] = []
    if request.method == "POST":
        need(request, May.SECURITY)
        if form.is_valid():
            try:
                _ask_in_force(request, packs, form)
                return HttpResponseRedirect(reverse("proposals"))
            except Refused as refused:
                put(form, refused)
            except PackErrors as errors:
                findings = list(errors.findings)
                form.add_error("pack", _("这个制度包有错，改好以后再提请"))
    context = {
        "crumbs": [(_("管理"), ""), (_("制度包生效"), "")],
        "editions": [
            (edition_label(one), one) for one in Edition.objects.defer("texts").order_by("-in_force")
        ],
        "form": form,
        "has_errors": bool(form.errors),
        "findings": findings,
        "asks": me.may(May.SECURITY, today),
    }
    return TemplateResponse(request, "accounts/in_force.html", context)


def _named(packs: loader.Library, name: str) -> str:
    """Name a pack of the disk by its title, version and keeper; by its folder alone where its first file is faulty."""
    info = loader.info_of(packs, name)
    if info is None:
        return name
    words = {"label": said(info), "version": info.version, "keeper": info.keeper or "—", "name": name}
    return _("%(label)s %(version)s，保管：%(keeper)s（%(name)s）") % words


def _ask_in_force(request: HttpRequest, packs: loader.Library, form: InForceForm) -> None:
    name, since = form.cleaned_data["pack"], form.cleaned_data["since"]
    policy = loader.load(packs, name)
    if faults := check(policy):
        raise PackErrors(faults)
    sentence = Sentence(
        "制度包 {name} {version} 自{since}起生效（摘要 {digest}…）",
        name=policy.info,
        version=policy.info.version,
        since=since,
        digest=policy.digest[:12],
    )
    actions.propose(
        actions.PUT_IN_FORCE,
        sentence,
        by=asker(request),
        at=clock.now(),
        pack=name,
        since=str(since),
        digest=policy.digest,
    )
    messages.success(request, _("已提请，等系统管理员同意后生效。"))
