"""What cases keep for a time only: found when the time is over, erased, and the erasure journaled without its content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from zugong.activities.models import Evidence
from zugong.cases.models import Answer, Case, Proof, Receipt, Step
from zugong.cases.rules import State
from zugong.core import journal
from zugong.core.files.actions import erase as erase_files
from zugong.packs import keeping
from zugong.packs.policy import Policy
from zugong.packs.schema import CaseKind
from zugong.packs.schema.common import Keep
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition

STANDING = ~Q(value__has_key="erased")


def erase(day: date) -> int:
    """Erase what has been kept long enough on a day; return how many cases lost something."""
    editions = Edition.objects.of(Case.objects.all()) | Edition.objects.of(Step.objects.all())
    kinds = [
        (edition, policy, kind)
        for edition in editions
        for policy in (policy_of(edition),)
        for kind in policy.all("case", CaseKind)
    ]
    lost = {
        case.pk
        for edition, policy, kind in kinds
        for field, keep in _keeps(policy, kind)
        for case in _unerased(edition, kind, field)
        if _erase(case, policy, kind, keep, field, day)
    }
    return len(lost.union(*(_forget_callers(edition, kind, day) for edition, _policy, kind in kinds)))


def _keeps(policy: Policy, kind: CaseKind) -> Iterator[tuple[str, Keep]]:
    """Yield what is kept for a time: fields by name, and the whole record as an empty name."""
    yield from keeping.of_fields(policy, kind.every_field)
    if kind.keep:
        yield "", kind.keep


def _unerased(edition: Edition, kind: CaseKind, field: str) -> QuerySet[Case]:
    """Return the cases of a kind that still hold what may have to be erased.

    An answer is kept as long as the edition says under which it was given; the record as that under which it goes on.
    """
    answers = Answer.objects.filter(STANDING, case=OuterRef("pk"))
    if field:
        held = Q(Exists(answers.filter(field=field, step__edition=edition)))
        return Case.objects.filter(held, kind=kind.name).order_by("pk")
    notes = Step.objects.filter(case=OuterRef("pk")).exclude(note="")
    files = Proof.objects.filter(case=OuterRef("pk"), file__size__gt=0)
    held = Q(Exists(answers)) | Q(Exists(notes.exclude(note__startswith=keeping.ERASED))) | Q(Exists(files))
    return Case.objects.filter(held, edition=edition, kind=kind.name).order_by("pk")


def _erase(case: Case, policy: Policy, kind: CaseKind, keep: Keep, field: str, day: date) -> bool:
    over = keeping.ends_on(keep, day_of(case, keep.after))
    if over is None or day < over:
        return False
    label = policy.fields[field].label if field else kind.label
    rule = keeping.rule(keep, label, kind.event_said(keep.after))
    answers = case.answers.filter(
        STANDING, **({"field": field, "step__edition__digest": policy.digest} if field else {})
    )
    files = _files(answers)
    lost = {"answers": answers.update(value=keeping.erased(rule))}
    if not field:
        notes = case.steps.exclude(note="").exclude(note__startswith=keeping.ERASED)
        lost["notes"] = notes.update(note=keeping.note(rule))
        files |= set(case.proofs.filter(file__isnull=False).values_list("file_id", flat=True))
    lost["files"] = erase_files(files - _elsewhere(case, files), mark=keeping.note(rule))
    if any(lost.values()):
        journal.write("keep.erase", by=journal.SYSTEM, on=str(case), kind=kind.name, rule=rule, **lost)
    return any(lost.values())


def _forget_callers(edition: Edition, kind: CaseKind, day: date) -> set[int]:
    """Erase the mark of each caller whose contact is erased, once nobody looks back on the request any more."""
    if kind.intake is None or kind.intake.contact is None:
        return set()
    days = int(kind.intake.look_back.on(day) or 0)
    looked_back_on = Q(case__opened_on__gte=day - timedelta(days=days)) if days else Q(pk=None)
    contact = Answer.objects.filter(STANDING, case=OuterRef("case"), field=kind.intake.contact)
    seen = Receipt.objects.filter(
        ~Q(caller=""),
        ~Q(Exists(contact)),
        ~looked_back_on,
        case__edition=edition,
        case__kind=kind.name,
    )
    gone = list(seen.select_related("case").order_by("pk"))
    Receipt.objects.filter(pk__in=[one.pk for one in gone]).update(caller="")
    rule = keeping.rule(Keep(days=days, after="opened"), "来电标记", kind.event_said("opened"))
    for one in gone:
        journal.write("keep.erase", by=journal.SYSTEM, on=str(one.case), kind=kind.name, rule=rule, callers=1)
    return {one.case_id for one in gone}


def day_of(case: Case, event: str) -> date | None:
    """Return the day on which an event last came about; None where it has not, or the case goes on after its end."""
    match event:
        case "opened":
            return case.opened_on
        case "closed":
            return _answered_in(case).closed_on
        case "done":
            return case.closed_on if case.state == State.CLOSED and not case.outcome else None
        case "withdrawn":
            return case.closed_on if case.state == State.WITHDRAWN else None
    passed = Q(outcome=event) | (Q(stage=event) & ~Q(to_stage=event))
    return case.steps.filter(passed).order_by("pk").values_list("day", flat=True).last()


def _answered_in(case: Case) -> Case:
    """Return the case in which whoever asked is answered: the one it was merged into, or itself."""
    while case.merged_into:
        case = case.merged_into
    return case


def _files(answers: QuerySet[Answer]) -> set[int]:
    given: list[Any] = []
    for answer in answers.select_related("step__edition").defer("step__edition__texts"):
        specs, field, value = policy_of(answer.step.edition).fields, answer.field, answer.value
        if field in specs and specs[field].kind == "file":
            given += value if isinstance(value, list) else [value]
    return {one for one in given if isinstance(one, int)}


def _elsewhere(case: Case, files: set[int]) -> set[int]:
    """Return the files that lie with something else as well: its own rule is for them."""
    held = set(Evidence.objects.filter(file__in=files).values_list("file_id", flat=True))
    proofs = Proof.objects.filter(file__in=files).exclude(case=case)
    return held | {pk for pk in proofs.values_list("file_id", flat=True) if pk}
