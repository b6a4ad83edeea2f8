"""不计入: a request is left out of the rates by two people, with a reason. It stays, is handled, and is counted apart."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from zugong.accounts import actions as accounts
from zugong.accounts.models import Proposal, User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.cases import powers
from zugong.cases.models import Case, Receipt
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.sentences import Sentence

EXCLUDE = "exclude-request"


def asked(case: Case) -> Proposal | None:
    """Return what was asked and waits for a second person."""
    rows = Proposal.objects.filter(deed=EXCLUDE, outcome=Proposal.Outcome.OPEN, detail__case=case.pk)
    return rows.select_related("asked_by").first()


def may_agree(asker: User, proposal: Proposal, day: date) -> bool:
    """Say whether somebody may be the second person: whoever approves in the county, and did not ask."""
    return proposal.asked_by_id != asker.pk and over_county(asker, May.APPROVE, day)


def may_propose(asker: User, case: Case, day: date) -> bool:
    """Say whether somebody may ask it: whoever sees the request and acts somewhere; who only reads does not."""
    return asker.may(May.ACT, day) and powers.visible(asker, day).filter(pk=case.pk).exists()


def asked_for(asker: User, day: date) -> list[Proposal]:
    """Return everything that was ever asked of this, on the requests somebody sees: what waits first, then the newest."""
    rows = Proposal.objects.filter(deed=EXCLUDE).select_related("asked_by", "closed_by").order_by("-pk")
    seen = powers.visible(asker, day).filter(pk__in=[one.detail["case"] for one in rows])
    numbers = set(seen.values_list("pk", flat=True))
    found = [one for one in rows if one.detail["case"] in numbers]
    return sorted(found, key=lambda one: one.outcome != Proposal.Outcome.OPEN)


def waiting(asker: User, day: date) -> list[Proposal]:
    """Return what waits for somebody as the second person."""
    if not over_county(asker, May.APPROVE, day):
        return []
    rows = Proposal.objects.filter(deed=EXCLUDE, outcome=Proposal.Outcome.OPEN).exclude(asked_by=asker)
    return list(rows)


@transaction.atomic
def propose(case: Case, *, reason: str, by: User, day: date, at: datetime) -> Proposal:
    """Ask that a request counts in no rate. Raises Refused where it is none, is left out, or the asker does not see it."""
    receipt = _receipt(case)
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    if not may_propose(by, case, day):
        raise Refused("不计入由能看到这件诉求的经办人员提请")
    if receipt.excluded_id:
        raise Refused("{number}已经不计入", number=case.number)
    if asked(case):
        raise Refused("{number}已经提请不计入，等另一人同意", number=case.number)
    return accounts.propose(
        EXCLUDE,
        Sentence("{number}不计入响应率、解决率和满意率", number=case.number),
        by=by,
        at=at,
        case=case.pk,
        reason=reason.strip(),
    )


@transaction.atomic
def agree(proposal: Proposal, *, by: User, day: date, at: datetime) -> None:
    """Agree, and so leave it out. Raises Refused for whoever asked, or who may not approve."""
    if not may_agree(by, proposal, day):
        raise Refused("不计入须由提请人以外、有审批权的人同意")
    accounts.agree(proposal, by=by, at=at, deeds={EXCLUDE: _exclude})


@transaction.atomic
def decline(proposal: Proposal, *, by: User, day: date, at: datetime) -> None:
    """Say no, or take back what one asked: it goes on counting. Raises Refused for anybody else."""
    if proposal.asked_by_id != by.pk and not may_agree(by, proposal, day):
        raise Refused("不计入须由提请人以外、有审批权的人同意")
    accounts.decline(proposal, by=by, at=at)


def _exclude(proposal: Proposal, by: User) -> None:
    case = Case.objects.get(pk=proposal.detail["case"])
    receipt = _receipt(case)
    if receipt.excluded_id:
        raise Refused("{number}已经不计入", number=case.number)
    receipt.excluded = proposal
    receipt.save(update_fields=["excluded"])
    journal.write(
        "request.exclude",
        by=proposal.asked_by,
        on=case,
        agreed_by=str(by),
        reason=proposal.detail["reason"],
    )


def _receipt(case: Case) -> Receipt:
    found = Receipt.objects.select_for_update().filter(case=case).first()
    if found is None:
        raise Refused("{number}不是诉求，不在这几项里计数", number=case.number)
    return found
