"""What a page says of a request: its receipt, by which way it came, and its three facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zugong.cases import intake, powers
from zugong.cases.models import Answer, Case, Receipt
from zugong.packs.keeping import is_erased
from zugong.packs.schema.cases import CaseKind, Fact
from zugong.registry.rules import ORGANISATION
from zugong.web.asking import said

Row = dict[str, Any]


def told(facts: Mapping[Fact, datetime]) -> list[Row]:
    """Say the three facts, each in a word with the colour of its tag: answered, solved, satisfied."""
    words: dict[Fact, tuple[str, str]] = {
        "answered": (_("已答复"), "done"),
        "solved": (_("已解决"), "done"),
        "unsolved": (_("未解决"), "soon"),
        "satisfied": (_("满意"), "done"),
        "dissatisfied": (_("不满意"), "late"),
        "unreachable": (_("联系不上"), "neutral"),
    }
    return [
        {"word": words[fact][0], "tag": words[fact][1], "at": facts[fact]} for fact in words if fact in facts
    ]


def receipt_of(case: Case, kind: CaseKind) -> Row | None:
    """Return what the page of a request says beside the case; None for what nobody outside asked."""
    receipt = Receipt.objects.filter(case=case).select_related("taken_by", "through").first()
    if receipt is None or kind.intake is None:
        return None
    contact = case.answers.filter(field=kind.intake.contact or "").order_by("version").last()
    return {
        "receipt": receipt,
        "channel": said(intake.CHANNELS[receipt.channel]),
        "facts": told(intake.facts([case]).get(case.pk, {})),
        "has_contact": bool(contact and not is_erased(contact.value)),
        "asks_contact": bool(kind.intake.contact),
    }


def agency(case: Case, kind: CaseKind, names: Mapping[int, str]) -> str:
    """Name the organisation that holds a request, else what the pack calls those it waits for; never a person."""
    if case.holder and case.holder.noun == ORGANISATION:
        return names.get(case.holder.pk, "")
    if not case.is_open():
        return ""
    roles = powers.policy_for(case).roles
    return _("、").join(said(roles[role]) for role in kind.stage(case.stage).doers if role in roles)


def matters(rows: Iterable[Case]) -> dict[int, str]:
    """Return what was asked in each, of those kinds whose words are not sealed with the person they are said against."""
    fields = {row.pk: kind.intake.matter for row in rows if (kind := powers.kind_of(row)).intake}
    given = Answer.objects.filter(case__in=fields, field__in=set(fields.values())).order_by("version")
    return {
        one.case_id: one.value if isinstance(one.value, str) else ""
        for one in given
        if one.field == fields[one.case_id]
    }


def opening_words(rows: Iterable[Case]) -> dict[int, str]:
    """Return what each case asks, whoever asked it: the first text among what its kind asks at the opening."""
    fields = {row.pk: name for row in rows if (name := _first_text(row))}
    given = Answer.objects.filter(case__in=fields, field__in=set(fields.values())).order_by("version")
    return {
        one.case_id: one.value
        for one in given
        if one.field == fields[one.case_id] and isinstance(one.value, str)
    }


def _first_text(case: Case) -> str:
    policy = powers.policy_for(case)
    asks = powers.kind_of(case).asks
    return next((name for name in asks if policy.fields[name].kind == "text"), "")
