"""Rolls: which there are, who stands on one, and entering and striking by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.ledgers import keeping, powers
from zugong.ledgers.keeping import Deed
from zugong.ledgers.models import Book
from zugong.packs.schema import Roll
from zugong.registry import powers as registry
from zugong.registry.models import Particulars, Standing, Subject, names_on
from zugong.registry.rules import ORGANISATION
from zugong.registry.selecting import Asked
from zugong.web.asking import need, on, paged, ruled, said
from zugong.web.books import causes
from zugong.web.books.choosing import ChoiceForm, ReasonForm, asked, chosen, framed, keeper, kept, seen
from zugong.web.questions import Day

Row = dict[str, Any]


@require_GET
def rolls(request: HttpRequest) -> HttpResponse:
    """Every roll that the asker may read, with how many of their part stand on it on a day."""
    user, day = need(request, May.SEE), on(request)
    policy = ruled(day)
    found = registry.rolls(user, policy, day) if policy else {}
    many = Counter(_standing(user, list(found), day).values_list("roll", flat=True))
    waits = powers.motions(user, policy, clock.today()) if policy else []
    rows = [
        {
            "name": roll.name,
            "label": said(roll),
            "cited": str(policy.cite(roll) or ""),
            "many": many[roll.name],
            "keeps": powers.keeps(user, policy, roll, clock.today()),
            "by_hand": roll.kept_by is not None,
        }
        for roll in sorted(found.values(), key=lambda one: not one.kept_by)
        if policy
    ]
    context = {"crumbs": [(_("名册"), "")], "rows": rows, "day": day, "waiting": len(waits)}
    return TemplateResponse(request, "books/rolls.html", context)


def _standing(user: User, names: list[str], day: Any) -> QuerySet[Any]:
    """Return the standings of whom the asker may see."""
    part = Q(subject__in=registry.organisations(user, day).values("subject"))
    part |= Q(subject__in=registry.persons(user, day).values("subject"))
    return Standing.objects.on(day).filter(part, roll__in=names)


@require_GET
def roll(request: HttpRequest, name: str) -> HttpResponse:
    """Who of the asker's part stands on a roll on a day, with which value, since when, by which paper."""
    user, day, today = need(request, May.SEE), on(request), clock.today()
    policy = ruled(day)
    book = registry.rolls(user, policy, day).get(name) if policy else None
    if policy is None or book is None:
        raise Http404
    words = request.GET.get("q", "").strip()
    standings = _standing(user, [name], day)
    if words:
        found = registry.matching(Particulars.objects.on(day), words).values("subject")
        standings = standings.filter(subject__in=found)
    page = paged(request, standings.select_related("subject").order_by("-valid", "pk"))
    may = day == today and powers.keeps(user, policy, book, today)
    context = {
        **framed(book, user, policy),
        "day": day,
        "today": today,
        "words": words,
        "page": page,
        "rows": _listed(
            list(page), book, causes.told([row.source for row in page], policy, user, today), day
        ),
        "valued": bool(book.value),
        "may": may,
    }
    return TemplateResponse(request, "books/roll.html", context)


def _listed(rows: list[Any], book: Roll, words: dict[str, tuple[str, str]], day: Any) -> list[Row]:
    names = names_on(day, (row.subject_id for row in rows))
    return [
        {
            "pk": row.subject_id,
            "name": names.get(row.subject_id, ""),
            "href": reverse("organisation", args=[row.subject_id])
            if row.subject.noun == ORGANISATION
            else "",
            "value": said(book.called(row.value)) if row.value else "",
            "since": row.valid.lower,
            "until": row.valid.upper,
            "source": words[row.source],
            "verb": keeping.may_strike(book, row.subject.noun),
        }
        for row in rows
    ]


class EntryForm(ChoiceForm):
    """Who is entered on a roll, with which value, until when."""

    until = Day(label=gettext_lazy("到哪天为止（不填就一直在册）"), required=False)

    def __init__(self, book: Roll, data: Any = None) -> None:
        super().__init__(data)
        if book.value:
            choices = [("", _("请选择")), *((value, said(book.called(value))) for value in book.value)]
            self.fields["value"] = forms.ChoiceField(label=_("列为"), choices=choices)
        self.order_fields(["subject", "value", "reason", "until"])


def entry(request: HttpRequest, name: str) -> HttpResponse:
    """Enter a subject on a roll by hand; whoever keeps it may."""
    user, policy, book = keeper(request, Roll, name)
    today = clock.today()
    form = EntryForm(book, request.POST if request.method == "POST" else None)

    def deed(given: dict[str, Any]) -> Deed:
        return Deed(
            Book.ROLL,
            name,
            "enter",
            given["reason"],
            subject=given["subject"],
            value=given.get("value", ""),
            until=given["until"],
        )

    if gone := kept(request, form, deed, book, policy):
        return gone
    stands = {
        row.subject_id: _("现在：%(value)s") % {"value": said(book.called(row.value))}
        if row.value
        else _("已在册")
        for row in Standing.objects.on(today).filter(roll=name)
    }
    rows = seen(user, policy, Asked(policy, today).find(book.of))
    if not book.value:
        rows = rows.exclude(subject__in=stands)
    title = _("列入“%(roll)s”") % {"roll": said(book)}
    context = asked(form, book, title, _("列入"), two=book.two_people)
    return chosen(request, form, rows, lambda _page: stands, context)


def striking(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Strike a subject from a roll from today on; what was entered wrongly about a person is put right instead."""
    user, policy, book = keeper(request, Roll, name)
    today = clock.today()
    subject = Subject.objects.filter(pk=pk).first()
    stands = seen(user, policy, frozenset({pk})).first()
    if (
        subject is None
        or stands is None
        or not Standing.objects.on(today).filter(roll=name, subject=pk).exists()
    ):
        raise Http404
    verb = keeping.may_strike(book, subject.noun)
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def deed(given: dict[str, Any]) -> Deed:
        return Deed(Book.ROLL, name, verb, given["reason"], subject=pk)

    if gone := kept(request, form, deed, book, policy):
        return gone
    words = {"name": stands.name, "roll": said(book)}
    title = (
        _("更正录错的：%(name)s，“%(roll)s”") if verb == "correct" else _("把%(name)s移出“%(roll)s”")
    ) % words
    note = (
        _(
            "录错的才更正：这一行从开始那天起作废，原来录的仍查得到；须第二人同意。对本人不利的，要走立案、告知、申辩、复核的程序。"
        )
        if verb == "correct"
        else _("从今天起不在册；以前各天仍查得到。")
    )
    label = _("更正") if verb == "correct" else _("移出")
    context = asked(form, book, title, label, note=note, danger=True)
    return TemplateResponse(request, "books/deed.html", context)
