"""The list of bulletins, one bulletin, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.bulletins import actions, powers, printing
from zugong.bulletins.models import Bulletin, BulletinState
from zugong.bulletins.papers import charts, excel, pdf, typefaces, values, word
from zugong.cases import powers as cases
from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.packs.policy import Policy
from zugong.packs.schema.bulletins import Bulletin as BulletinKind
from zugong.registry.actions import policy_of
from zugong.web.asking import DeedForm, asker, found, need, paged, pressed, ruled, said, said_period
from zugong.web.bulletins.forms import ApproveForm, ComposeForm, IssueForm, ReturnForm, SubmitForm
from zugong.web.templatetags.zugong import day as day_said

TAGS = {BulletinState.DRAFT: "neutral", BulletinState.SUBMITTED: "soon", BulletinState.ISSUED: "done"}
PAPERS: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "docx": (word.render, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (pdf.render, "application/pdf"),
    "xlsx": (excel.render, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def bulletins(request: HttpRequest) -> HttpResponse:
    """The bulletins the asker may see, the latest period first; POST drafts one from the facts of a month."""
    user, today = need(request, May.SEE, May.ISSUE, May.APPROVE), clock.today()
    policy = ruled(today)
    kinds = (
        [one for one in policy.all("bulletin", BulletinKind) if powers.may_draft(user, one, policy, today)]
        if policy
        else []
    )
    if request.method == "POST" and not kinds:
        raise Http404
    form = ComposeForm(request.POST or None, kinds=kinds, initial={"within": today})
    if request.method == "POST" and form.does(
        lambda answers: actions.compose(answers["kind"], within=answers["within"], day=today, by=user)
    ):
        return HttpResponseRedirect(reverse("bulletin", args=[form.made.pk]))
    rows = powers.visible(user, today).select_related("edition").defer("edition__texts", "facts")
    rows = rows.prefetch_related("approvals")
    page = paged(request, rows)
    return TemplateResponse(
        request,
        "bulletins/bulletins.html",
        {
            "page": page,
            "rows": [
                {
                    "bulletin": one,
                    "label": said(policy_of(one.edition).bulletin(one.kind)),
                    "state": state_word(one),
                    "tag": TAGS[BulletinState(one.state)],
                }
                for one in page
            ],
            "form": form,
            "may_draft": bool(kinds),
            "has_errors": bool(form.errors or form.refused),
        },
    )


def state_word(one: Bulletin) -> str:
    """Say how far a bulletin has come; one that everybody has approved waits for its number."""
    entry = policy_of(one.edition).bulletin(one.kind)
    if one.state == BulletinState.SUBMITTED and not powers.wanting(one, entry):
        return _("已签，待印发")
    words = {
        BulletinState.DRAFT: _("草稿"),
        BulletinState.SUBMITTED: _("待签发"),
        BulletinState.ISSUED: _("已印发"),
    }
    return words[BulletinState(one.state)]


@require_GET
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """One bulletin, saying what its print says, and what the asker may do with it."""
    return _page(request, pk, {})


def _page(request: HttpRequest, pk: int, forms: Mapping[str, DeedForm]) -> HttpResponse:
    """Draw a bulletin, with a form that was refused in its place: 403 where the form was not the asker's to send."""
    user, today = asker(request), clock.today()
    one = found(powers.bulletin, user, pk, today)
    policy = policy_of(one.edition)
    entry = policy.bulletin(one.kind)
    wrong = next((form for form in forms.values() if form.errors or form.refused), None)
    offered = _forms(one, entry, policy, user, today)
    return TemplateResponse(
        request,
        "bulletins/bulletin.html",
        {
            "crumbs": [(_("通报"), reverse("bulletins")), (f"{said_period(one.period)} {said(entry)}", "")],
            "bulletin": one,
            "label": said(entry),
            "state": state_word(one),
            "tag": TAGS[BulletinState(one.state)],
            "sections": _sections(one, user, today),
            "approvals": _approvals(one, entry, policy),
            "stand_ins": _stand_ins(),
            "clause_href": reverse("pack-entry", args=[one.edition_id, "bulletin", one.kind]),
            "clause": str(policy.cite(entry) or ""),
            "pack": f"{policy.info.label} {policy.info.version}",
            "may_remove": powers.may_remove(user, one, today),
            "forms": {**offered, **forms},
            "wrong": wrong,
            "has_errors": wrong is not None,
        },
        status=HTTPStatus.OK if forms.keys() <= offered.keys() else HTTPStatus.FORBIDDEN,
    )


def _sections(one: Bulletin, user: User, today: date) -> list[dict[str, Any]]:
    """Return what each section says; what is overdue leads to its case where the reader may see that."""
    sections = one.facts["sections"]
    late = {each["case"] for section in sections for each in section.get("late", [])}
    seen = set(cases.visible(user, today).filter(pk__in=late).values_list("pk", flat=True)) if late else set()
    return [
        _section(section)
        | {
            "late": [
                {
                    "name": each["name"],
                    "href": reverse("case", args=[each["case"]]) if each["case"] in seen else "",
                }
                for each in section.get("late", [])
            ]
        }
        for section in sections
    ]


def _section(section: Mapping[str, Any]) -> dict[str, Any]:
    language = get_language() or ""
    rows = [[_cell(cell, language) for cell in row] for row in section.get("rows") or []]
    return {
        "label": section.get("english")
        if language.startswith("en") and section.get("english")
        else section["label"],
        "sentence": printing.said(section["sentence"], language),
        "columns": [
            {"text": printing.said(column, language), "number": bool(rows) and rows[0][place]["number"]}
            for place, column in enumerate(section.get("columns") or [])
        ],
        "rows": rows,
        "chart": _chart(section["chart"], language) if section.get("chart") else None,
    }


def _cell(kept: Any, language: str) -> dict[str, Any]:
    value = printing.value(kept, language)
    text = day_said(value) if isinstance(value, date) else values.say(value)
    return {"text": text, "number": isinstance(value, int)}


def _chart(drawn: Mapping[str, Any], language: str) -> dict[str, str]:
    spec = printing.chart(dict(drawn), language)
    return {"title": spec.title, "svg": charts.svg(spec), "said": charts.describe(spec)}


def _approvals(one: Bulletin, entry: BulletinKind, policy: Policy) -> list[dict[str, Any]]:
    """Return who has to approve, and who has."""
    given = {each.role: each for each in one.given}
    return [
        {"role": said(policy.roles[role]) if role in policy.roles else role, "given": given.get(role)}
        for roles in entry.approve.values()
        for role in roles
    ]


def _stand_ins() -> list[tuple[str, str]] | None:
    """Return which typefaces of the standard are replaced here; None where there is no Chinese font at all."""
    try:
        return sorted(typefaces.find().stand_ins().items())
    except Refused:
        return None


def _forms(one: Bulletin, entry: BulletinKind, policy: Policy, user: User, day: date) -> dict[str, DeedForm]:
    """Return the forms of what the asker may do now."""
    may: dict[str, DeedForm] = {}
    drafts = powers.may_draft(user, entry, policy, day)
    if one.state == BulletinState.DRAFT and drafts:
        may["submit"] = SubmitForm(initial={"remark": one.remark})
    if powers.approving(user, one, entry, policy, day):
        may |= {"approve": ApproveForm(), "send_back": ReturnForm()}
    if one.state == BulletinState.SUBMITTED and drafts and not powers.wanting(one, entry):
        may["issue"] = IssueForm()
    return may


# Deeds


@require_POST
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a draft's facts again."""
    one, user, today = _drafting(request, pk)
    pressed(request, lambda: actions.redraw(one, day=today, by=user), _("已按今天的事实重新取数。"))
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a draft that was never submitted."""
    one, user, today = _drafting(request, pk)
    if pressed(request, lambda: actions.remove(one, day=today, by=user), _("草稿已删去。")):
        return HttpResponseRedirect(reverse("bulletins"))
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


@dataclass(frozen=True)
class Deed:
    """A step on a bulletin's way: its form, what is done with the answers, and what is said then."""

    form: type[DeedForm]
    does: Callable[[Bulletin, User, date, dict[str, Any]], object]
    well: Callable[[], str]


DEEDS: dict[str, Deed] = {
    "submit": Deed(
        SubmitForm,
        lambda one, by, day, given: actions.submit(one, remark=given["remark"], day=day, by=by),
        lambda: _("已呈报，等待签发。"),
    ),
    "approve": Deed(
        ApproveForm,
        lambda one, by, day, given: actions.approve(one, day=day, by=by, note=given["note"]),
        lambda: _("已签发。"),
    ),
    "send_back": Deed(
        ReturnForm,
        lambda one, by, day, given: actions.send_back(one, day=day, by=by, reason=given["reason"]),
        lambda: _("已退回起草人。"),
    ),
    "issue": Deed(
        IssueForm,
        lambda one, by, day, given: actions.issue(one, number=given["number"].strip(), day=day, by=by),
        lambda: _("已印发。"),
    ),
}


@require_POST
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """呈报."""
    return _done(request, pk, "submit")


@require_POST
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """同意签发."""
    return _done(request, pk, "approve")


@require_POST
def returned(request: HttpRequest, pk: int) -> HttpResponse:
    """退回."""
    return _done(request, pk, "send_back")


@require_POST
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """印发."""
    return _done(request, pk, "issue")


def _asked(request: HttpRequest, pk: int) -> tuple[Bulletin, User, date]:
    user, today = asker(request), clock.today()
    return found(powers.bulletin, user, pk, today), user, today


def _drafting(request: HttpRequest, pk: int) -> tuple[Bulletin, User, date]:
    """As `_asked`, of somebody who drafts bulletins of this kind. Raises PermissionDenied."""
    one, user, today = _asked(request, pk)
    policy = policy_of(one.edition)
    if not powers.may_draft(user, policy.bulletin(one.kind), policy, today):
        raise PermissionDenied
    return one, user, today


def _done(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do it and go back to the bulletin; what is refused stands on the form that asked."""
    one, user, today = _asked(request, pk)
    deed = DEEDS[name]
    form = deed.form(request.POST)
    if not form.does(lambda given: deed.does(one, user, today, given)):
        return _page(request, pk, {name: form})
    messages.success(request, deed.well())
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


@require_GET
def paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The bulletin as Word, PDF or Excel; where this machine cannot print it, a page that says why."""
    user, today = asker(request), clock.today()
    one = found(powers.bulletin, user, pk, today)
    if kind not in PAPERS:
        raise Http404
    render, content_type = PAPERS[kind]
    described = printing.paper(one)
    try:
        printed = render(described)
    except Refused as refused:
        return TemplateResponse(
            request,
            "bulletins/unprintable.html",
            {
                "crumbs": [
                    (_("通报"), reverse("bulletins")),
                    (described.title, reverse("bulletin", args=[pk])),
                ],
                "refused": refused,
                "bulletin": one,
            },
            status=503,
        )
    journal.write("bulletin.print", by=user, on=one, kind=kind)
    return HttpResponse(
        printed,
        content_type=content_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{_file_name(described.title)}.{kind}"},
    )


def _file_name(title: str) -> str:
    return quote(title)
