"""Ledgers: what each holds, who was paid what by which deed; filling, paying and reversing by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.accounts.rules import May
from zugong.core import clock
from zugong.ledgers import powers
from zugong.ledgers.actions import balance
from zugong.ledgers.keeping import Deed
from zugong.ledgers.models import Account, Book, Posting
from zugong.ledgers.rules import said as amount_said
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger
from zugong.registry.models import names_on
from zugong.registry.selecting import Asked
from zugong.web.asking import need, on, paged, ruled, said
from zugong.web.books import causes, points
from zugong.web.books.choosing import (
    ChoiceForm,
    ReasonForm,
    amount,
    asked,
    chosen,
    framed,
    keeper,
    kept,
    named,
    seen,
)
from zugong.web.plain import by_name

Row = dict[str, Any]


@require_GET
def ledgers(request: HttpRequest) -> HttpResponse:
    """Every ledger of the pack: what is in its pool, and what the asker's part has of it."""
    user, today = need(request, May.SEE), clock.today()
    policy = ruled(today)
    rows = []
    for one in policy.all("ledger", Ledger) if policy else []:
        held = powers.visible(user, today).filter(ledger=one.name, holder__isnull=False)
        rows.append(
            {
                "name": one.name,
                "label": said(one),
                "cited": str(policy.cite(one) or "") if policy else "",
                "pool": _in_words(balance(one.name), one)
                if one.pool and _sees_pool(user, one, today)
                else "",
                "paid": _in_words(held.aggregate(all=Sum("balance"))["all"] or 0, one),
                "many": held.filter(balance__gt=0).count(),
            }
        )
    waits = powers.motions(user, policy, today) if policy else []
    context = {"crumbs": [(_("台账"), "")], "rows": rows, "waiting": len(waits)}
    return TemplateResponse(request, "books/ledgers.html", context)


def _in_words(amount: int, one: Ledger) -> str:
    return said(amount_said(amount, one.unit))


def _sees_pool(user: User, one: Ledger, today: date) -> bool:
    return powers.visible(user, today).filter(ledger=one.name, holder=None, outside=False).exists()


@require_GET
def ledger(request: HttpRequest, name: str) -> HttpResponse:
    """One ledger: its pool, its rule, and every posting of the asker's part, the newest first."""
    user, day, today = need(request, May.SEE), on(request), clock.today()
    policy = ruled(day)
    one = named(policy, Ledger, name)
    if policy is None or one is None:
        raise Http404
    line, may = one.tariff.line(today), powers.keeps(user, policy, one, today)
    decides = powers.decided_by(policy, one)
    postings = _postings(user, policy, one, today)
    page = paged(request, postings.select_related("source", "target", "reversed_by").order_by("-pk"))
    context = {
        **framed(one, user, policy),
        "pool": _in_words(balance(name), one) if one.pool and _sees_pool(user, one, today) else "",
        "has_pool": one.pool,
        "rule": _rule(one, line.value if line else None),
        "once": _once(one),
        "may": may and decides is None,
        "may_fill": may,
        "decides": said(decides) if decides else "",
        "redeems": any(powers.gives_out(user, policy, one, each, today) for each in one.redeem),
        "benefits": [f"{said(each)}：{points.price(one, each, today)}" for each in one.redeem],
        "page": page,
        "rows": _listed(
            list(page), one, causes.told([row.deed for row in page], policy, user, today), may, today
        ),
    }
    return TemplateResponse(request, "books/ledger.html", context)


def _postings(user: User, policy: Policy, one: Ledger, today: date) -> Any:
    """Return the postings of the asker's part; who keeps the ledger sees what filled its pool too."""
    rows = Posting.objects.filter(ledger=one.name)
    return rows if powers.keeps(user, policy, one, today) else rows & powers.visible_postings(user, today)


def _rule(one: Ledger, tariff: int | None) -> str:
    if tariff is not None:
        return _("每笔 %(amount)s") % {"amount": _in_words(tariff, one)}
    return _("逐笔按文件审定") if one.case_by_case else _("未设标准")


def _once(one: Ledger) -> str:
    words = {
        "about": _("每个对象"),
        "cause": _("每件事"),
        "standing": _("每次列入名册"),
        "month": _("每月"),
        "year": _("每年"),
    }
    return _("%(each)s只付一次") % {"each": "".join(words[part] for part in one.once_per)}


def _listed(
    rows: list[Posting], one: Ledger, words: dict[str, tuple[str, str]], keeps: bool, today: date
) -> list[Row]:
    ends = [end for row in rows for end in (row.source, row.target)]
    names = names_on(today, (end.holder_id for end in ends if end.holder_id))
    return [
        {
            "pk": row.pk,
            "day": row.day,
            "from": _account(row.source, names),
            "to": _account(row.target, names),
            "amount": _in_words(row.amount, one),
            "deed": words[row.deed],
            "by": by_name(row.by),
            "reversed": hasattr(row, "reversed_by"),
            "reverses": row.reverses_id is not None,
            "may_reverse": keeps and row.reverses_id is None and not hasattr(row, "reversed_by"),
        }
        for row in rows
    ]


def _account(end: Account, names: dict[int, str]) -> str:
    if end.holder_id:
        return names.get(end.holder_id, "—")
    return _("拨入") if end.outside else _("资金池")


class FillingForm(ReasonForm):
    """How much the pool is filled with, by which paper."""

    def __init__(self, one: Ledger, data: Any = None) -> None:
        super().__init__(data)
        self.fields["amount"] = amount(one.unit)
        self.order_fields(["amount", "reason"])


class PaymentForm(ChoiceForm):
    """Who is paid; how much only where the pack leaves it to be decided case by case."""

    def __init__(self, one: Ledger, today: date, data: Any = None) -> None:
        super().__init__(data)
        if one.case_by_case and not one.tariff.line(today):
            self.fields["amount"] = amount(one.unit)
        self.order_fields(["subject", "amount", "reason"])


def filling(request: HttpRequest, name: str) -> HttpResponse:
    """Fill the pool of a ledger."""
    _user, policy, one = keeper(request, Ledger, name)
    if not one.pool:
        raise Http404
    form = FillingForm(one, request.POST if request.method == "POST" else None)

    def deed(given: dict[str, Any]) -> Deed:
        return Deed(Book.LEDGER, name, "fill", given["reason"], amount=given["amount"])

    if gone := kept(request, form, deed, one, policy):
        return gone
    title = _("给“%(ledger)s”拨入资金") % {"ledger": said(one)}
    note = _("同一份文件只拨入一次。") + (_("须两人办理。") if one.two_people else "")
    return TemplateResponse(request, "books/deed.html", asked(form, one, title, _("拨入"), note=note))


def payment(request: HttpRequest, name: str) -> HttpResponse:
    """Pay one account out of a ledger."""
    user, policy, one = keeper(request, Ledger, name)
    today = clock.today()
    form = PaymentForm(one, today, request.POST if request.method == "POST" else None)

    def deed(given: dict[str, Any]) -> Deed:
        return Deed(
            Book.LEDGER, name, "pay", given["reason"], subject=given["subject"], amount=given.get("amount")
        )

    if gone := kept(request, form, deed, one, policy):
        return gone
    rows = seen(user, policy, Asked(policy, today).find(one.account))
    line = one.tariff.line(today)
    title = _("从“%(ledger)s”支付") % {"ledger": said(one)}
    note = _("%(rule)s；%(once)s；付不出资金池以外的钱。") % {
        "rule": _rule(one, line.value if line else None),
        "once": _once(one),
    }
    context = asked(form, one, title, _("支付"), note=note, two=one.two_people)
    return chosen(request, form, rows, lambda _page: _paid(one), context)


def _paid(one: Ledger) -> dict[int, str]:
    """Return holder → what they have, for the eye of who pays."""
    rows = Account.objects.filter(ledger=one.name, holder__isnull=False, balance__gt=0)
    return {
        row.holder_id: _("已有 %(amount)s") % {"amount": _in_words(row.balance, one)}
        for row in rows
        if row.holder_id
    }


def reversal(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Take a posting back by an opposite one."""
    user, policy, one = keeper(request, Ledger, name)
    posting = Posting.objects.filter(ledger=name, pk=pk, reverses=None, reversed_by=None).first()
    if posting is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def deed(given: dict[str, Any]) -> Deed:
        return Deed(Book.LEDGER, name, "reverse", given["reason"], posting=pk)

    if gone := kept(request, form, deed, one, policy):
        return gone
    title = _("冲销 %(amount)s") % {"amount": _in_words(posting.amount, one)}
    note = _("原来的一笔：%(deed)s。冲销后两笔都查得到，同一事由可以重新支付。") % {
        "deed": causes.told([posting.deed], policy, user, clock.today())[posting.deed][0]
    }
    context = asked(form, one, title, _("冲销"), note=note, danger=True)
    return TemplateResponse(request, "books/deed.html", context)
