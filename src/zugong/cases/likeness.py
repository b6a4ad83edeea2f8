"""Requests about the same matter: found by the signature on the receipt, decided by what was written.

Nothing is merged by itself: whoever acts on a request is shown what may be the same, and merges it or does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zugong.accounts.models import User
from zugong.cases import powers
from zugong.cases.models import Answer, Case
from zugong.cases.routing.grouping import likeness, shingles, signature
from zugong.packs.keeping import is_erased
from zugong.packs.schema.cases import CaseKind, Intake

MOST = 5  # shown beside one request, so many as are read


@dataclass(frozen=True)
class Alike:
    """Another open request that may be about the same matter, and in thousandths how much they share."""

    case: Case
    share: int
    matter: str


def marks(kind: CaseKind, answers: Mapping[str, Any]) -> list[int]:
    """Return the signature of what is asked, as a receipt keeps it. It tells no word."""
    return signature(shingles(_text(answers.get(kind.intake.matter)))) if kind.intake else []


def alike(case: Case, by: User, day: date) -> list[Alike]:
    """Return the open requests of the same kind that may be about the same matter, of those that this person sees.

    The most alike first; none where the pack does not say how like they must be, or how long to look back.
    """
    intake = powers.kind_of(case).intake
    share = intake.alike.on(day) if intake else None
    days = intake.look_back.on(day) if intake else None
    if intake is None or share is None or days is None or not case.is_open():
        return []
    own = shingles(matters(intake, [case]).get(case.pk, ""))
    others = (
        powers.visible(by, day)
        .open()
        .filter(
            kind=case.kind,
            opened_on__gte=case.opened_on - timedelta(days=int(days)),
            receipt__words__overlap=signature(own),
        )
    )
    others = others.exclude(pk=case.pk).select_related("edition", "about").defer("edition__texts")
    found = list(others)
    said = matters(intake, found)
    near = [Alike(one, likeness(own, shingles(said.get(one.pk, ""))), said.get(one.pk, "")) for one in found]
    near = [one for one in near if one.share >= share]
    return sorted(near, key=lambda one: (-one.share, one.case.pk))[:MOST]


def matters(intake: Intake, cases: Iterable[Case]) -> dict[int, str]:
    """Return what was asked in some cases of a kind, as it was last written; nothing of what was erased."""
    rows = Answer.objects.filter(case__in=[case.pk for case in cases], field=intake.matter)
    return {case: _text(value) for case, value in rows.order_by("version").values_list("case", "value")}


def _text(value: Any) -> str:
    return "" if value is None or is_erased(value) else str(value)
