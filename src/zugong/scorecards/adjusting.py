"""Another grade for one unit, with reason and cause, by two people. What was computed or decided stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from zugong.accounts.models import User
from zugong.cases.models import Case
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.packs.schema.scorecards import Scorecard
from zugong.registry.actions import policy_of
from zugong.scorecards import following, hearing, powers
from zugong.scorecards.models import Adjustment, Result, Run, RunState
from zugong.scorecards.rules import NOT_RATED, forbidding


@transaction.atomic
def propose(
    result: Result,
    *,
    grade: str,
    reason: str,
    by: User,
    day: date,
    case: Case | None = None,
    document: str = "",
    wrongly: Sequence[str] = (),
) -> Adjustment:
    """提出调整: another grade, because an objection was upheld or a document says so. It counts once a second person agrees.

    `wrongly` names, as the result does (`veto:id`, `cap:id`, `eligible:id`), what is found wrongly recorded.
    Raises Refused for the grade it has, one off the scale, or one that a veto, a cap or a condition forbids.
    """
    powers.may_run(by, day)
    result = _locked(result)
    if result.run.state == RunState.SCORED:
        raise Refused("还没有报审的结果不用调整：补齐事实再算一次")
    _refuse_given_up(result)
    if result.adjustments.filter(agreed=None).exists():
        raise Refused("这个单位已有一项调整等待第二人同意")
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    _caused(result, case, document)
    _allowed(result, grade, wrongly)
    proposed = Adjustment.objects.create(
        result=result,
        before=result.effective,
        after=grade,
        reason=reason.strip(),
        case=case,
        document=document.strip(),
        wrongly=sorted(set(wrongly)),
        proposed_by=str(by),
        proposed_on=day,
    )
    journal.write("scorecard.adjust", by=by, on=proposed, before=result.effective, after=grade)
    return proposed


def _caused(result: Result, case: Case | None, document: str) -> None:
    if (case is None) == (not document.strip()):
        raise Refused("调整要写明依据：一件成立的异议，或一份文件，二者取一", field="document")
    if case and not hearing.upheld(result.run).filter(pk=case.pk, about=result.unit_id).exists():
        raise Refused("这件异议没有成立，或者不是对这个单位这次评定提出的", field="case")


def _allowed(result: Result, grade: str, wrongly: Sequence[str]) -> None:
    card = card_of(result.run)
    if grade not in grades_of(card):
        raise Refused("等次表里没有“{grade}”", grade=grade, field="grade")
    if grade == result.effective:
        raise Refused("现在就是这个等次，不用调整", field="grade")
    if strange := sorted(set(wrongly) - set(result.reasons)):
        raise Refused("“{what}”没有在这个单位记过，不能写作误记", what=strange[0], field="wrongly")
    before = result.adjustments.filter(agreed=True).values_list("wrongly", flat=True)
    found = {*wrongly, *(each for one in before for each in one)}
    if hit := forbidding(card, result.reasons, grade, wrongly=found):
        raise Refused(
            "“{unit}”不能评为“{grade}”：{hit}；如属误记，请在调整中写明",
            unit=result.name,
            grade=card.grades.words.get(grade, grade),
            hit=hit,
            clause=hit.clause,
            field="grade",
        )


def card_of(run: Run) -> Scorecard:
    """Return the card under which a run was computed."""
    return policy_of(run.edition).scorecard(run.card)


def grades_of(card: Scorecard) -> list[str]:
    """Return the grades that can be given, best first, and last not rated where the card knows it."""
    return [*card.grades.scale, *([NOT_RATED] if card.grades.not_rated else [])]


@transaction.atomic
def agree(adjustment: Adjustment, *, by: User, day: date) -> None:
    """同意调整: the grade holds from now on; of a published result the roll is corrected from this day.

    What the new grade sets off comes about once; what an earlier one set off is left to people (`following.set_off`).
    """
    powers.may_approve(by, day)
    result = _locked(adjustment.result)
    _refuse_given_up(result)
    adjustment = _open(adjustment, by)
    published = result.run.state == RunState.PUBLISHED
    adjustment.agreed, adjustment.after_publication = True, published
    _answer(adjustment, by, day)
    result.effective = adjustment.after
    result.save(update_fields=["effective"])
    journal.write(
        "scorecard.adjusted", by=by, on=adjustment, before=adjustment.before, after=adjustment.after
    )
    if published:
        following.follow_adjusted(adjustment, by, day)


@transaction.atomic
def decline(adjustment: Adjustment, *, by: User, day: date) -> None:
    """不同意调整: the proposal falls, and stays readable."""
    powers.may_approve(by, day)
    _locked(adjustment.result)
    adjustment = _open(adjustment, by)
    adjustment.agreed = False
    _answer(adjustment, by, day)
    journal.write("scorecard.not-adjusted", by=by, on=adjustment)


def _open(adjustment: Adjustment, by: User) -> Adjustment:
    adjustment = Adjustment.objects.select_related("result__run__edition").get(pk=adjustment.pk)
    if adjustment.agreed is not None:
        raise Refused("这项调整已经办过")
    if adjustment.proposed_by == str(by):
        raise Refused("须两人办理：提出的人和同意的人不能是同一人")
    return adjustment


def _answer(adjustment: Adjustment, by: User, day: date) -> None:
    adjustment.answered_by, adjustment.answered_on = str(by), day
    adjustment.save(update_fields=["agreed", "after_publication", "answered_by", "answered_on"])


def _locked(result: Result) -> Result:
    """Return a result as it stands now, and let nobody adjust it or publish its run until the transaction ends."""
    Run.objects.select_for_update().get(pk=result.run_id)
    return Result.objects.select_related("run__edition", "unit").get(pk=result.pk)


def _refuse_given_up(result: Result) -> None:
    if result.run.state == RunState.GIVEN_UP:
        raise Refused("这一期已经放弃，不再调整")
