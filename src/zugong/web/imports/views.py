"""Hand out templates, take sheets in, show what they would do, do it, undo it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.imports import actions, powers
from zugong.imports.entities.book import Asking, Book, Change
from zugong.imports.models import Import, State
from zugong.imports.sheets.reading import LIMIT
from zugong.web.asking import DeedForm, found, need, paged, pressed, said
from zugong.web.imports import forms
from zugong.web.sheets import workbook

STATE_WORDS: dict[str, Callable[[], tuple[str, str]]] = {
    State.WAITING: lambda: (_("待确认"), "soon"),
    State.DONE: lambda: (_("已导入"), "done"),
    State.UNDONE: lambda: (_("已撤销"), "neutral"),
}
CHANGE_WORDS: dict[str, Callable[[], tuple[str, str]]] = {
    Change.WRONG: lambda: (_("有误"), "late"),
    Change.ADD: lambda: (_("新增"), "done"),
    Change.CHANGE: lambda: (_("变更"), "soon"),
    Change.SAME: lambda: (_("未变"), "neutral"),
}
GROUP_WORDS: dict[str, Callable[[], str]] = {
    "名册": lambda: _("人员与组织"),
    "联系": lambda: _("联系"),
    "名册与等次": lambda: _("名册与等次"),
    "活动": lambda: _("活动"),
    "评分": lambda: _("评分"),
    "台账": lambda: _("台账"),
    "指标": lambda: _("指标数据"),
    "事项": lambda: _("事项"),
    "诉求": lambda: _("诉求"),
}


def _asked(request: HttpRequest) -> Asking:
    """Return who asks, if they may enter anything at all. Raises PermissionDenied."""
    user = need(request, May.KEEP, May.ACT, May.RATE)
    return found(powers.asking, user, clock.today())


@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """What can be imported, and what one has imported so far."""
    asked = _asked(request)
    books = powers.open_books(asked)
    page = paged(request, powers.visible(asked.user, asked.day))
    return TemplateResponse(
        request,
        "imports/imports.html",
        {
            "groups": [
                (GROUP_WORDS[group](), [{"name": one.name, "label": said(one)} for one in ones])
                for group, ones in groupby(books, key=lambda one: one.group)
            ],
            "page": page,
            "rows": [_row(one, {book.name: said(book) for book in books}) for one in page],
        },
    )


def _row(one: Import, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "import": one,
        "label": labels.get(one.entity, one.label),
        "state": STATE_WORDS[one.state](),
    }


def new(request: HttpRequest, name: str) -> HttpResponse:
    """Send a filled-in workbook in."""
    asked = _asked(request)
    book = found(powers.open_book, asked, name)
    form = forms.UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    uploaded: list[Import] = []
    if request.method == "POST" and form.does(
        lambda given: uploaded.append(_upload(asked.user, book, given["file"]))
    ):
        return HttpResponseRedirect(reverse("import", args=[uploaded[0].pk]))
    return TemplateResponse(
        request,
        "imports/new.html",
        {
            "form": form,
            "has_errors": form.is_bound,
            "name": book.name,
            "label": said(book),
            "crumbs": _crumbs(),
        },
    )


def _upload(user: User, book: Book, file: UploadedFile[Any]) -> Import:
    if (file.size or 0) > LIMIT:
        raise Refused("文件最多 10 MB，请拆成几个再上传", field="file")
    return actions.upload(user, book.name, file=file.name or "", content=file.read(), day=clock.today())


def _crumbs() -> list[tuple[str, str]]:
    return [(_("数据导入"), reverse("imports"))]


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: before it is confirmed, what it would do; afterwards, what it did."""
    return _one(request, pk, forms.ConfirmForm())


def _one(request: HttpRequest, pk: int, form: DeedForm) -> HttpResponse:
    asked = _asked(request)
    imported = found(powers.imported, asked.user, pk, asked.day)
    shown = request.GET.get("change") or (Change.WRONG if imported.wrong else "")
    lines = [line for line in imported.lines if not shown or shown == "all" or line[1] == shown]
    page = paged(request, lines)
    return TemplateResponse(
        request,
        "imports/import.html",
        {
            **_row(imported, {}),
            "counts": [
                (change, *CHANGE_WORDS[change](), getattr(imported, _COUNTS[change]))
                for change in CHANGE_WORDS
            ],
            "waiting": imported.state == State.WAITING,
            "done": imported.state == State.DONE,
            "acting": imported.added + imported.changed,
            "shown": shown,
            "page": page,
            "lines": [_line(line) for line in page],
            "form": form,
            "has_errors": form.is_bound,
            "crumbs": [*_crumbs(), (imported.label, "")],
        },
    )


_COUNTS: dict[str, str] = {
    Change.WRONG: "wrong",
    Change.ADD: "added",
    Change.CHANGE: "changed",
    Change.SAME: "same",
}


def _line(line: list[Any]) -> dict[str, Any]:
    number, change, what, told = line
    faults = told if isinstance(told, list) else []
    return {
        "number": number,
        "change": CHANGE_WORDS[change](),
        "what": what,
        "said": "" if faults else told,
        "faults": faults,
    }


@require_POST
def confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what was shown."""
    asked = _asked(request)
    found(powers.imported, asked.user, pk, asked.day)
    form = forms.ConfirmForm(request.POST)
    if form.does(lambda given: actions.confirm(asked.user, pk, day=asked.day, only_good=given["only_good"])):
        messages.success(request, _("已导入"))
        return HttpResponseRedirect(reverse("import", args=[pk]))
    return _one(request, pk, form)


def undoing(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back as a whole."""
    asked = _asked(request)
    imported = found(powers.imported, asked.user, pk, asked.day)
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: actions.undo(asked.user, pk, reason=given["reason"], day=asked.day)
    ):
        messages.success(request, _("已整批撤销"))
        return HttpResponseRedirect(reverse("import", args=[pk]))
    context = {
        "form": form,
        "has_errors": form.is_bound,
        "crumbs": [*_crumbs(), (imported.label, reverse("import", args=[pk]))],
        "title": _("整批撤销“%(label)s”") % {"label": imported.label},
        "label": _("整批撤销"),
        "danger": True,
        "back": reverse("import", args=[pk]),
    }
    return TemplateResponse(request, "activities/deed.html", context)


@require_POST
def throwing_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away what was uploaded and not confirmed."""
    asked = _asked(request)
    found(powers.imported, asked.user, pk, asked.day)
    pressed(request, lambda: actions.throw_away(asked.user, pk, day=asked.day), _("已丢弃，什么都没有导入"))
    return HttpResponseRedirect(reverse("imports"))


@require_GET
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The uploaded rows with each bad cell marked."""
    asked = _asked(request)
    imported = found(powers.imported, asked.user, pk, asked.day)
    content = found(actions.errors, asked.user, pk, day=asked.day)
    return workbook(content, _("%(label)s-错误标注.xlsx") % {"label": imported.label})


@require_GET
def template(request: HttpRequest, name: str) -> HttpResponse:
    """An empty workbook to fill in."""
    asked = _asked(request)
    book = found(powers.open_book, asked, name)
    return workbook(
        actions.template(asked.user, name, day=asked.day), _("%(label)s-模板.xlsx") % {"label": _named(book)}
    )


@require_GET
def export(request: HttpRequest, name: str) -> HttpResponse:
    """What the asker may see, in the layout of the template."""
    asked = _asked(request)
    book = found(powers.open_book, asked, name)
    content = actions.export(asked.user, name, day=asked.day)
    return workbook(content, f"{_named(book)}-{asked.day}.xlsx")


def _named(book: Book) -> str:
    return book.said(get_language() or "").replace("/", "-")
