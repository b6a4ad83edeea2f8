"""Drafts of packs: send in or write, check, compare, see what is touched, put forward. Nobody else sees them before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts import actions, drafting, powers
from zugong.accounts.models import Draft, Proposal, User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core.errors import PackErrors, Refused
from zugong.packs import diff, unpacking
from zugong.packs.findings import Finding
from zugong.registry.actions import edition_on, policy_of
from zugong.registry.models import Edition
from zugong.web.asking import DeedForm, asker, found, need, paged, pressed, said, said_period
from zugong.web.packs import forms
from zugong.web.packs.touching import touched
from zugong.web.packs.views import change_rows, edition_label, kind_words, pack_label

MANY = 6  # periods in one line


def drafts(request: HttpRequest) -> HttpResponse:
    """The asker's own drafts, and the beginning of another."""
    user, today = asker(request), clock.today()
    if not powers.may_draft(user, today):
        raise PermissionDenied
    form = forms.BeginForm(*_sent(request))
    begun: list[Draft] = []

    def begin(given: dict[str, Any]) -> None:
        name, content = forms.read_in(given["file"])
        base = _in_force()
        begun.append(
            drafting.begin(by=user, day=today, at=clock.now(), base=base, name=name, content=content)
        )

    if request.method == "POST" and form.does(begin):
        return HttpResponseRedirect(reverse("draft", args=[begun[0].pk]))
    page = paged(request, powers.drafts(user, today).filter(author=user).defer("texts"))
    return TemplateResponse(
        request,
        "packs/drafts.html",
        {
            "crumbs": [(_("制度包"), reverse("packs")), (_("草稿"), "")],
            "page": page,
            "rows": [{"draft": one, "state": _state(one), "base": _base(one)} for one in page],
            "form": form,
            "has_errors": form.is_bound,
            "in_force": edition_label(base) if (base := _in_force()) else "",
        },
    )


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _in_force() -> Edition | None:
    try:
        return edition_on(clock.today())
    except Refused:
        return None


def _state(draft: Draft) -> tuple[str, str]:
    """Say in a word how far a draft has come, and the colour of its tag."""
    if draft.proposal is None:
        return _("只有您看得到"), "neutral"
    words = {
        Proposal.Outcome.OPEN: (_("等待同意"), "running"),
        Proposal.Outcome.AGREED: (_("已同意"), "done"),
        Proposal.Outcome.DECLINED: (_("不同意，可再改"), "late"),
        Proposal.Outcome.WITHDRAWN: (_("已撤回，可再改"), "neutral"),
    }
    return words[Proposal.Outcome(draft.proposal.outcome)]


def _base(draft: Draft) -> str:
    return edition_label(draft.base) if draft.base else ""


# --- One draft ----------------------------------------------------------------------------


@require_GET
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: its files, and everything that `packs check` finds."""
    user, one = _read(request, pk)
    return _drawn(request, user, one, forms.BringForm(), _forward_form(one))


def _drawn(request: HttpRequest, user: User, one: Draft, bring: DeedForm, forward: DeedForm) -> HttpResponse:
    _policy, findings = drafting.examined(one)
    own = one.author_id == user.pk
    counts: dict[str, int] = {}
    for each in findings:
        counts[each.file] = counts.get(each.file, 0) + 1
    return TemplateResponse(
        request,
        "packs/draft.html",
        {
            **_about(one, "draft"),
            "files": [
                {"path": path, "lines": text.count("\n"), "wrong": counts.get(f"{one.pack}/{path}", 0)}
                for path, text in sorted(one.texts.items())
            ],
            "findings": list(_located(one, findings)),
            "changes": own and not one.is_put_forward,
            "asks": own and not one.is_put_forward and actions.may_put_in_force(user, clock.today()),
            "bring": bring,
            "forward": forward,
            "has_errors": bring.is_bound or forward.is_bound,
            "wrong": next((form for form in (bring, forward) if form.is_bound), None),
        },
    )


def _read(request: HttpRequest, pk: int) -> tuple[User, Draft]:
    user = asker(request)
    return user, found(powers.draft, user, pk, clock.today())


def _own(request: HttpRequest, pk: int) -> tuple[User, Draft]:
    user = asker(request)
    return user, found(powers.own_draft, user, pk, clock.today())


def _about(one: Draft, here: str) -> dict[str, Any]:
    names = {"draft": _("文件与核对"), "draft-changes": _("改了什么，影响什么")}
    return {
        "crumbs": [(_("制度包"), reverse("packs")), (_("草稿"), reverse("drafts")), (_title(one), "")],
        "draft": one,
        "title": _title(one),
        "state": _state(one),
        "base": _base(one),
        "tabs": [
            {"label": label, "href": reverse(name, args=[one.pk]), "current": name == here}
            for name, label in names.items()
        ],
    }


def _title(one: Draft) -> str:
    called = pack_label(one.base) if one.base and one.base.pack == one.pack else one.pack
    return _("%(pack)s 草稿 %(number)s") % {"pack": called, "number": one.pk}


def _located(one: Draft, findings: Iterable[Finding]) -> Iterable[dict[str, Any]]:
    """Yield each finding with the place in the editor where it can be mended, if it is in the draft's own files."""
    for each in findings:
        pack, _slash, path = each.file.partition("/")
        own = pack == one.pack and path in one.texts
        yield {"finding": each, "href": f"{_place(one, path)}#line-{each.line}" if own else ""}


def _place(one: Draft, path: str) -> str:
    return f"{reverse('draft-file', args=[one.pk])}?{urlencode({'path': path})}"


@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What is otherwise than in the edition it began from, and what that would touch."""
    _user, one = _read(request, pk)
    policy, _findings = drafting.examined(one)
    rows: list[dict[str, Any]] = []
    touches: list[dict[str, Any]] = []
    if policy is not None and one.base:
        before = policy_of(one.base)
        rows = change_rows(diff.between_packs(before, policy), policy)
        keys = {row["change"].key for row in rows}
        touches = [
            {
                "kind": kind_words().get(each.key[0], each.key[0]),
                "label": said(each.label) if each.label else each.key[1],
                "edition": edition_label(each.edition),
                "count": each.count,
                "since": each.since,
                "periods": _("、").join(said_period(name) for name in each.periods[:MANY]),
                "gone": each.gone,
            }
            for each in touched(keys, policy.entries.keys())
        ]
    page = paged(request, rows, 100)
    return TemplateResponse(
        request,
        "packs/draft_changes.html",
        {
            **_about(one, "draft-changes"),
            "readable": policy is not None,
            "page": page,
            "rows": list(page),
            "touches": touches,
            "in_force": _put_in_force(one),
        },
    )


def _put_in_force(one: Draft) -> Edition | None:
    """Return the edition that a draft became, once two people agreed to it."""
    if one.proposal is None or one.proposal.outcome != Proposal.Outcome.AGREED:
        return None
    kept = Edition.objects.filter(pack=one.pack, digest=one.proposal.detail["digest"])
    return kept.defer("texts").order_by("pk").last()


def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file of a draft as a text with numbered lines, and what is wrong with it."""
    user, one = _read(request, pk)
    path = found(unpacking.path_of, request.GET.get("path", "pack.yaml"))
    text = one.texts.get(path, "")
    form = forms.WriteForm(request.POST if request.method == "POST" else None, initial={"text": text})
    form.fields["text"].widget.attrs["rows"] = text.count("\n") + 2
    if request.method == "POST":
        _own(request, pk)
        if form.does(lambda given: drafting.write(one, path, given["text"], by=user, at=clock.now())):
            messages.success(request, _("已保存“%(path)s”") % {"path": path})
            gone = path not in one.texts
            return HttpResponseRedirect(reverse("draft", args=[pk]) if gone else _place(one, path))
    _policy, findings = drafting.examined(one)
    here = [each for each in findings if each.file == f"{one.pack}/{path}"]
    return TemplateResponse(
        request,
        "packs/draft_file.html",
        {
            **_about(one, "draft"),
            "path": path,
            "form": form,
            "has_errors": form.is_bound,
            "findings": here,
            "elsewhere": len(findings) - len(here),
            "lines": _lines(str(form["text"].value() or ""), here),
            "changes": one.author_id == user.pk and not one.is_put_forward,
        },
    )


def _lines(text: str, findings: list[Finding]) -> list[dict[str, Any]]:
    wrong = {each.line for each in findings}
    return [{"number": number, "wrong": number in wrong} for number in range(1, text.count("\n") + 2)]


@require_POST
def bringing(request: HttpRequest, pk: int) -> HttpResponse:
    """Send in files over those of the draft."""
    user, one = _own(request, pk)
    form = forms.BringForm(request.POST, request.FILES)
    if form.does(lambda given: drafting.bring(one, *forms.read_in(given["file"]), by=user, at=clock.now())):
        messages.success(request, _("已收下，核对结果在下面"))
        return HttpResponseRedirect(reverse("draft", args=[pk]))
    return _drawn(request, user, one, form, _forward_form(one))


@require_POST
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft forward, for another administrator to agree."""
    need(request, May.SECURITY)
    user, one = _own(request, pk)
    form = forms.ForwardForm(request.POST)
    try:
        if form.does(
            lambda given: drafting.put_forward(one, **given, by=user, day=clock.today(), at=clock.now())
        ):
            messages.success(request, _("已提请，等系统管理员同意后生效。"))
            return HttpResponseRedirect(reverse("proposals"))
    except PackErrors:
        form.add_error(None, _("草稿还有要改的地方，改好以后再提请"))
    return _drawn(request, user, one, forms.BringForm(), form)


def _forward_form(one: Draft) -> DeedForm:
    return forms.ForwardForm(initial={"since": max(one.since, clock.today())})


@require_POST
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    user, one = _own(request, pk)
    if pressed(request, lambda: drafting.throw_away(one, by=user), _("草稿已丢弃")):
        return HttpResponseRedirect(reverse("drafts"))
    return HttpResponseRedirect(reverse("draft", args=[pk]))


@require_GET
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """The folder of the draft as a .zip."""
    _user, one = _read(request, pk)
    response = HttpResponse(unpacking.packed(one.pack, one.texts), content_type="application/zip")
    response["Content-Disposition"] = (
        content_disposition_header(True, f"{one.pack}-{one.pk}.zip") or "attachment"
    )
    return response
