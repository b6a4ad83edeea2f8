"""Spending points, and one's own account: every entry is shown to its holder, who can dispute it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zugong.accounts.models import User
from zugong.cases import disputes
from zugong.cases import powers as case_powers
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.errors import Refused
from zugong.ledgers import actions, powers
from zugong.ledgers.models import Account, Posting
from zugong.ledgers.rules import said as amount_said
from zugong.packs.policy import Policy
from zugong.packs.schema import Ledger
from zugong.packs.schema.ledgers import Redemption
from zugong.registry.models import Particulars, Subject, names_on
from zugong.web.asking import DeedForm, asker, found, paged, ruled, said
from zugong.web.books import causes
from zugong.web.books.choosing import crumbs, named
from zugong.web.once import KEY, key
from zugong.web.plain import by_name
from zugong.web.questions import Count
from zugong.web.templatetags.zugong import day as long_day

Row = dict[str, Any]


# --- Giving out what points are spent on -----------------------------------------------


class RedemptionForm(DeedForm):
    """Whose points, on what, and how many; whose is typed, because who gives out need not see a list of names."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=KEY)
    card = forms.CharField(
        label=gettext_lazy("卡号或姓名"), max_length=60, help_text=gettext_lazy("同名的请输卡号。")
    )
    wanted = Count(
        label=gettext_lazy("兑几份"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("不填就兑到不够为止。"),
    )

    def __init__(self, one: Ledger, offered: list[Redemption], today: date, *sent: Any) -> None:
        super().__init__(*sent)
        self.fields["key"].initial = key()
        self.fields["benefit"] = forms.ChoiceField(
            label=_("兑换什么"),
            choices=[(benefit.id, f"{said(benefit)}（{price(one, benefit, today)}）") for benefit in offered],
            widget=forms.RadioSelect,
        )
        self.order_fields(["card", "benefit", "wanted"])


def price(one: Ledger, benefit: Redemption, day: date) -> str:
    """Say what a benefit costs and gives: 每满200分兑20元."""
    line = benefit.price.line(day)
    if line is None:
        return _("未设标准")
    words = {
        "price": said(amount_said(line.value, one.unit)),
        "gives": "、".join(said(amount_said(amount, unit)) for unit, amount in line.gives.items())
        or said(benefit),
    }
    if benefit.per_full is not None:
        return _("每满%(price)s兑%(gives)s") % words
    return _("满%(price)s兑%(gives)s") % words


def redemption(request: HttpRequest, name: str) -> HttpResponse:
    """Give out what an account is spent on; whoever the pack names may."""
    user, today = asker(request), clock.today()
    policy = ruled(today)
    one = named(policy, Ledger, name)
    offered = [
        benefit
        for benefit in (one.redeem if one else [])
        if policy and one and powers.gives_out(user, policy, one, benefit, today)
    ]
    if policy is None or one is None or not offered:
        raise Http404
    form = RedemptionForm(one, offered, today, *([request.POST] if request.method == "POST" else []))
    done: list[Posting] = []

    def redeem(given: dict[str, Any]) -> None:
        done.append(
            actions.redeem(
                policy,
                name,
                given["benefit"],
                holder=_holder(one, given["card"], today),
                day=today,
                by=user,
                wanted=given["wanted"],
                key=given["key"],
            )
        )

    if request.method == "POST" and form.does(redeem):
        messages.success(request, _redeemed(done[0], one))
        return HttpResponseRedirect(reverse("ledger-redemption", args=[name]))
    title = _("兑换“%(ledger)s”") % {"ledger": said(one)}
    context = {
        "crumbs": crumbs(one, title),
        "title": title,
        "label": _("兑换"),
        "note": _("余额不够的兑不了；兑换后余额只告诉本人。"),
        "back": reverse("ledger", args=[name]),
        "form": form,
        "has_errors": form.is_bound,
    }
    return TemplateResponse(request, "books/deed.html", context)


def _holder(one: Ledger, typed: str, day: date) -> Subject:
    """Return whose account a card or a name means. Raises Refused where it is nobody's or several people's."""
    accounts = Account.objects.filter(ledger=one.name, holder__isnull=False)
    rows = Particulars.objects.on(day).filter(subject__in=accounts.values("holder"))
    rows = rows.filter(Q(subject__code=typed) | Q(name=typed)).select_related("subject")[:2]
    if len(rows) != 1:
        raise Refused("“{typed}”没有对上一个账户，请核对卡号", typed=typed, field="card")
    subject: Subject = rows[0].subject
    return subject


def _redeemed(posting: Posting, one: Ledger) -> str:
    benefit = next(each for each in one.redeem if each.id == posting.benefit)
    gives = "、".join(said(amount_said(amount, unit)) for unit, amount in posting.gives.items())
    words = {"amount": said(amount_said(posting.amount, one.unit)), "benefit": said(benefit), "gives": gives}
    if gives:
        return _("已兑换“%(benefit)s”：用%(amount)s，兑%(gives)s。") % words
    return _("已兑换“%(benefit)s”：用%(amount)s。") % words


# --- One's own account -----------------------------------------------------------------


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The asker's own accounts with every entry; nobody else is shown this page."""
    user, today = asker(request), clock.today()
    policy = ruled(today)
    mine = powers.own(user, today)
    accounts = list(mine.select_related("holder").order_by("ledger", "pk"))
    rows = Posting.objects.filter(Q(source__in=mine) | Q(target__in=mine))
    page = paged(request, rows.select_related("source", "target", "reversed_by").order_by("-pk"))
    names = names_on(today, (one.holder_id for one in accounts if one.holder_id))
    context = {
        "crumbs": [(_("我的台账"), "")],
        "accounts": [_account(one, policy, names, today) for one in accounts],
        "page": page,
        "rows": _entries(list(page), {one.pk for one in accounts}, policy, user, today),
    }
    return TemplateResponse(request, "books/own.html", context)


def _account(one: Account, policy: Policy | None, names: dict[int, str], today: date) -> Row:
    ledger = named(policy, Ledger, one.ledger)
    return {
        "label": said(ledger) if ledger else one.ledger,
        "holder": names.get(one.holder_id or 0, ""),
        "balance": said(amount_said(one.balance, ledger.unit)) if ledger else one.balance,
        "benefits": [f"{said(each)}：{price(ledger, each, today)}" for each in ledger.redeem]
        if ledger
        else [],
        "cited": str(policy.cite(ledger) or "") if policy and ledger else "",
    }


def _entries(
    rows: list[Posting], mine: set[int], policy: Policy | None, user: User, today: date
) -> list[Row]:
    words = causes.told([row.deed for row in rows], policy, user, today) if policy else {}
    disputed = disputes.of(rows, user, today)
    listed = []
    for row in rows:
        ledger = named(policy, Ledger, row.ledger)
        gained = row.target_id in mine
        amount = (
            said(amount_said(row.amount if gained else -row.amount, ledger.unit)) if ledger else row.amount
        )
        listed.append(
            {
                "pk": row.pk,
                "day": row.day,
                "ledger": said(ledger) if ledger else row.ledger,
                "amount": amount,
                "deed": words.get(row.deed, (row.deed, ""))[0],
                "by": by_name(row.by),
                "reversed": hasattr(row, "reversed_by"),
                "dispute": _became(disputed[row.pk]) if row.pk in disputed else "",
                "may_dispute": bool(
                    ledger and ledger.disputed and row.reverses_id is None and row.pk not in disputed
                ),
            }
        )
    return listed


def _became(case: Case) -> str:
    """Say what became of a dispute: it is looked into, or how that ended."""
    if case.is_open():
        return _("异议正在核对")
    kind = case_powers.kind_of(case)
    stage = next((one for one in kind.stages if case.outcome in one.outcomes), None)
    return said(stage.choice(case.outcome)) if stage else _("异议已办结")


class DisputeForm(DeedForm):
    """What is wrong with an entry."""

    reason = forms.CharField(label=gettext_lazy("哪里不对"), max_length=120)


def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Dispute an entry of one's own account: it becomes a case, which somebody must answer."""
    user, today = asker(request), clock.today()
    policy = ruled(today)
    posting = found(powers.own_posting, user, pk, today)
    ledger = named(policy, Ledger, posting.ledger)
    if policy is None or ledger is None or not ledger.disputed:
        raise Http404
    form = DisputeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.does(
        lambda given: disputes.dispute(policy, posting, reason=given["reason"], by=user, day=today)
    ):
        messages.success(request, _("异议已提出，办完会答复您。"))
        return HttpResponseRedirect(reverse("ledgers-own"))
    title = _("对一笔账提出异议")
    context = {
        "crumbs": [(_("我的台账"), reverse("ledgers-own")), (title, "")],
        "title": title,
        "label": _("提出异议"),
        "note": _("%(day)s，%(amount)s，%(deed)s。")
        % {
            "day": long_day(posting.day),
            "amount": said(amount_said(posting.amount, ledger.unit)),
            "deed": causes.told([posting.deed], policy, user, today)[posting.deed][0],
        },
        "back": reverse("ledgers-own"),
        "form": form,
        "has_errors": form.is_bound,
    }
    return TemplateResponse(request, "books/deed.html", context)
