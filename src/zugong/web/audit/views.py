"""Reading, verifying and carrying out the journal. The audit administrator reads; nobody changes."""

from datetime import datetime, time, timedelta

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.rules import May
from zugong.core import clock
from zugong.core import journal as journals
from zugong.core.journal import actions
from zugong.core.journal.models import Entry, Head
from zugong.core.journal.verify import verify
from zugong.registry.models import Particulars, last_names
from zugong.web.asking import need, ruled
from zugong.web.audit import words
from zugong.web.plain import a_day, number

NAMED = 500  # so many subjects of a name are looked for


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """The entries, newest first: by whom, what, on what, on which days."""
    need(request, May.AUDIT)
    language = get_language() or ""
    english = language.startswith("en")
    page = Paginator(_asked(request), 50).get_page(request.GET.get("page"))
    names, policy = last_names(words.numbers(entry.on for entry in page)), ruled(clock.today())
    context = {
        "crumbs": [(_("管理"), ""), (_("审计日志"), "")],
        "page": page,
        "rows": [
            (
                entry,
                words.said(entry.deed, english),
                words.called(entry.on, names, policy, language),
                list(entry.detail.items()),  # a template would read the detail that is called items
            )
            for entry in page
        ],
        "nouns": words.nouns(english),
        "asked": request.GET,
        "unsealed": actions.unsealed().count(),
        "heads": Head.objects.all()[:5],
        "filtered": any(request.GET.get(name) for name in ("by", "deed", "on", "first", "last")),
    }
    return TemplateResponse(request, "audit/journal.html", context)


@require_POST
def verification(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain, against the heads here and, where one is typed, a head from outside."""
    me = need(request, May.AUDIT)
    typed = request.POST.get("head", "").strip()
    sequence, digest = _head_of(typed)
    verdict = verify(sequence=sequence, digest=digest)
    journals.write("journal.verify", by=me, holds=verdict.holds, sealed=verdict.sealed)
    context = {
        "crumbs": [(_("审计日志"), reverse("journal")), (_("核验"), "")],
        "verdict": verdict,
        "typed": typed,
        "unread": bool(typed) and not digest,
    }
    return TemplateResponse(request, "audit/verification.html", context)


@require_POST
def head_new(request: HttpRequest) -> HttpResponse:
    """Seal, and note the head of the day that is now carried outside."""
    me = need(request, May.AUDIT)
    head = actions.export_head(clock.today(), by=me)
    return HttpResponseRedirect(reverse("journal-head", args=[head.pk]))


@require_GET
def head(request: HttpRequest, pk: int) -> HttpResponse:
    """One head as a sheet to print, sign and keep."""
    need(request, May.AUDIT)
    shown = get_object_or_404(Head, pk=pk)
    digits = [shown.digest[at : at + 8] for at in range(0, 64, 8)]
    context = {
        "crumbs": [(_("审计日志"), reverse("journal")), (_("日志链头"), "")],
        "head": shown,
        "digits": digits,
    }
    return TemplateResponse(request, "audit/head.html", context)


@require_GET
def head_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One head as a file."""
    need(request, May.AUDIT)
    shown = get_object_or_404(Head, pk=pk)
    name = f"journal-head-{shown.day}-{shown.sequence}.txt"
    return HttpResponse(
        f"{shown.sequence}:{shown.digest}\n",
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked(request: HttpRequest) -> QuerySet[Entry]:
    found = Entry.objects.order_by("-id").select_related("seal")
    for name, column in (("by", "by__icontains"), ("deed", "deed__startswith")):
        if said := request.GET.get(name, "").strip():
            found = found.filter(**{column: said})
    if said := request.GET.get("on", "").strip():
        found = found.filter(Q(on__icontains=said) | Q(on__in=_named(said)))
    if first := _day(request.GET.get("first", "")):
        found = found.filter(at__gte=first)
    if last := _day(request.GET.get("last", "")):
        found = found.filter(at__lt=last + timedelta(days=1))
    return found


def _named(said: str) -> list[str]:
    """Return the subjects that were ever called so, as the journal writes them: it keeps numbers, people type names."""
    rows = Particulars.objects.filter(name__icontains=said).values_list("subject__noun", "subject_id")
    return [f"{noun} {pk}" for noun, pk in rows.distinct()[:NAMED]]


def _day(said: str) -> datetime | None:
    day = a_day(said)
    return datetime.combine(day, time.min, clock.SHANGHAI) if day else None


def _head_of(typed: str) -> tuple[int, str]:
    """Read `17:ab12…`, as the sheet says it; nothing where it cannot be read."""
    said, _colon, digest = typed.partition(":")
    digest = "".join(digest.lower().split())
    sequence = number(said.strip())
    return (sequence, digest) if sequence and len(digest) == 64 else (0, "")
