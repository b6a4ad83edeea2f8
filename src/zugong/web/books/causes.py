"""The deeds by which somebody stands on a roll or was paid, in words: a case and its step, a published rating."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from zugong.accounts.models import User
from zugong.activities.models import Activity
from zugong.cases import powers
from zugong.cases.models import Case
from zugong.packs.policy import Policy
from zugong.packs.schema import CaseKind, Ledger, Scorecard
from zugong.surveys.models import Survey
from zugong.web.asking import said, said_period

CASE = re.compile(r"case (?P<number>\S+) round \d+ (?P<event>\S+)")
ACTIVITY = re.compile(r"activity (?P<pk>\d+) held")
SURVEY = re.compile(r"survey (?P<pk>\d+) closed")
REDEEM = re.compile(r"redeem (?P<benefit>\S+)")
RUN = re.compile(r"run (?P<card>\S+) (?P<period>\S+) .*")


def told(causes: Iterable[str], policy: Policy, user: User, today: date) -> dict[str, tuple[str, str]]:
    """Return cause → how it reads and, where the asker may open it, where it leads; what people wrote stays as it is."""
    asked = set(causes)
    by_case = {cause: match for cause in asked if (match := CASE.fullmatch(cause))}
    numbers = {match["number"] for match in by_case.values()}
    rows = powers.visible(user, today).filter(number__in=numbers) if numbers else Case.objects.none()
    cases = {one.number: one for one in rows.select_related("edition").defer("edition__texts")}
    words = {cause: (_besides(cause, policy), "") for cause in asked - set(by_case)}
    for cause, match in by_case.items():
        one = cases.get(match["number"])
        label = (
            f"{match['number']} {_happened(powers.kind_of(one), match['event'])}" if one else match["number"]
        )
        words[cause] = (label.strip(), reverse("case", args=[one.pk]) if one else "")
    return words


def _happened(kind: CaseKind, event: str) -> str:
    """Name a step or an outcome as the pack does."""
    if event == "opened":
        return f"{said(kind)} · {_('立项')}"
    for stage in kind.stages:
        if stage.name == event:
            return f"{said(kind)} · {said(stage)}"
        if event in stage.outcomes:
            return f"{said(kind)} · {said(stage.choice(event))}"
    return said(kind)


def _besides(cause: str, policy: Policy) -> str:
    """Say what follows from an activity, a survey, a benefit or the calendar; what people wrote stays as it is."""
    if match := ACTIVITY.fullmatch(cause):
        held = Activity.objects.filter(pk=match["pk"]).first()
        kind = policy.entries.get(("activity", held.kind)) if held else None
        return f"{held.day} {said(kind)}" if held and kind else cause
    if match := SURVEY.fullmatch(cause):
        sheet = Survey.objects.filter(pk=match["pk"]).first()
        kind = policy.entries.get(("survey", sheet.kind)) if sheet else None
        return f"{said_period(sheet.round)} {said(kind)}" if sheet and kind else cause
    if match := REDEEM.fullmatch(cause):
        offered = {each.id: each for ledger in policy.all("ledger", Ledger) for each in ledger.redeem}
        benefit = offered.get(match["benefit"])
        return _("兑换：%(benefit)s") % {"benefit": said(benefit)} if benefit else cause
    return _("到期未用，收回") if cause == "expire" else _rated(cause, policy)


def _rated(cause: str, policy: Policy) -> str:
    match = RUN.fullmatch(cause)
    card = policy.entries.get(("scorecard", match["card"])) if match else None
    if match is None or not isinstance(card, Scorecard):
        return cause
    return f"{said_period(match['period'])} {said(card)}"
