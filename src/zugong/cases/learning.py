"""What routing has learnt from the county's own closed requests: trained, switched on by a person, proposed, and held to account.

A new version proposes nothing until somebody switches it on; it is switched off at any time. A person chooses each time, and
what they chose is what the next version learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Max, Q, QuerySet

from zugong.cases import powers
from zugong.cases.likeness import matters
from zugong.cases.models import Answer, Case, Proposed, RoutingModel, Step
from zugong.cases.needs import answers_of
from zugong.cases.routing import model as numbers
from zugong.cases.routing.evaluating import Sorted, measure
from zugong.cases.routing.grouping import groups
from zugong.cases.rules import State
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.packs.keeping import is_erased
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind

# No policy: they decide on no request. A new version proposes nothing until a person has read what it was measured by and
# switched it on; on fewer than forty messages kept apart, or two of a label, that figure would say nothing.
LEAST = 200  # requests, a fifth of which are kept apart
LEAST_OF_A_LABEL = 10
KEPT_FROM_IT = 5  # every fifth group of requests measures what the others taught
VERSIONS = 3  # whose numbers are kept, besides the one in use


def learning(policy: Policy) -> list[CaseKind]:
    """Return the kinds whose requests can be routed. What is said against a person is never learnt from."""
    return [kind for kind in policy.all("case", CaseKind) if learns(kind)]


def learns(kind: CaseKind) -> bool:
    """Say whether routing proposes anything for a kind."""
    return open_to_all(kind) and bool(kind.intake and kind.intake.sorts)


def open_to_all(kind: CaseKind) -> bool:
    """Say whether what is asked may be compared with what others asked: a request, and no complaint against a person."""
    return bool(kind.intake and not kind.intake.against and not kind.adverse)


def closed(kind: CaseKind) -> list[Sorted]:
    """Return the closed requests of a kind as they were sorted at last, without labels that hardly occur."""
    assert kind.intake
    cases = list(Case.objects.filter(kind=kind.name, state=State.CLOSED, merged_into=None).order_by("pk"))
    said = matters(kind.intake, cases)
    rows = Answer.objects.filter(case__in=[case.pk for case in cases], field=kind.intake.sorts)
    sorted_to = {
        case: str(value)
        for case, value in rows.order_by("version").values_list("case", "value")
        if isinstance(value, str | int) and not is_erased(value)
    }
    found = [
        Sorted(said[case.pk], sorted_to[case.pk])
        for case in cases
        if said.get(case.pk) and case.pk in sorted_to
    ]
    labels = [row.label for row in found]
    return [row for row in found if labels.count(row.label) >= LEAST_OF_A_LABEL]


@transaction.atomic
def train(kind: CaseKind, *, day: date, by: object) -> RoutingModel:
    """Train the next version on the closed requests of a kind; it is not in use yet. Raises Refused where there are too few."""
    if not learns(kind) or kind.intake is None or kind.intake.sorts is None:
        raise Refused("“{kind}”没有写明分派到哪一项，不能训练", kind=kind)
    rows = closed(kind)
    if len(rows) < LEAST:
        raise Refused(
            "“{kind}”已办结并分类的诉求有{count}件，满{least}件才训练",
            kind=kind,
            count=len(rows),
            least=LEAST,
        )
    scores = measured(rows)
    trained = numbers.train([row.text for row in rows], [row.label for row in rows])
    earlier = RoutingModel.objects.filter(kind=kind.name, field=kind.intake.sorts)
    made = RoutingModel.objects.create(
        kind=kind.name,
        field=kind.intake.sorts,
        version=(earlier.aggregate(last=Max("version"))["last"] or 0) + 1,
        trained_on=day,
        trained_by=str(by),
        rows=len(rows),
        scores=scores,
        content=trained.to_bytes(),
    )
    forgotten = earlier.filter(active=False, version__lte=made.version - VERSIONS)
    forgotten.exclude(content=b"").update(content=b"")
    journal.write("routing.train", by=by, on=made, rows=len(rows), **scores)
    return made


def measured(rows: Sequence[Sorted]) -> dict[str, Any]:
    """Measure on every fifth group of like requests what the others teach, in thousandths; nothing where that cannot be."""
    together = groups([row.text for row in rows])
    place = {first: number for number, first in enumerate(sorted(set(together)))}
    kept = [place[first] % KEPT_FROM_IT == 0 for first in together]
    seen = [row for row, apart in zip(rows, kept, strict=True) if not apart]
    unseen = [row for row, apart in zip(rows, kept, strict=True) if apart]
    if len({row.label for row in seen}) < 2:
        return {}
    model = numbers.train([row.text for row in seen], [row.label for row in seen])
    found = measure(model, unseen)
    return {"measured": len(unseen)} | {
        name: round(1000 * found[name]) for name in ("macro_f1", "accuracy", "accuracy_at_80")
    }


@transaction.atomic
def switch(model: RoutingModel, *, on: bool, by: object) -> None:
    """Put a version in use, in place of any other of its kind, or out of use. Raises Refused where its numbers are gone."""
    if on and not model.content:
        raise Refused("这一版的内容已不再保存，请启用较新的一版")
    RoutingModel.objects.filter(kind=model.kind, field=model.field, active=True).update(active=False)
    model.active = on
    model.save(update_fields=["active"])
    journal.write(SWITCHED_ON if on else SWITCHED_OFF, by=by, on=model)


SWITCHED_ON, SWITCHED_OFF = "routing.switch-on", "routing.switch-off"


def versions() -> QuerySet[RoutingModel]:
    """Return every version without its numbers, the newest first; `is_kept` says whether those are still there."""
    kept = ExpressionWrapper(~Q(content=b""), output_field=BooleanField())
    return RoutingModel.objects.defer("content").annotate(is_kept=kept).order_by("kind", "field", "-version")


def switches(model: RoutingModel) -> QuerySet[Entry]:
    """Return who switched a version on and off, and when, the oldest first, as the journal has it."""
    return Entry.objects.filter(deed__in=(SWITCHED_ON, SWITCHED_OFF), on=str(model)).order_by("pk")


# --- Proposing ------------------------------------------------------------------------


@dataclass(frozen=True)
class Advice:
    """What a version proposes for a request, the surest first."""

    model: RoutingModel
    proposals: tuple[numbers.Proposal, ...]


def advice(case: Case, day: date) -> Advice | None:
    """Return what is proposed at the stage where a case stands; None where nothing is, or nothing is asked there."""
    kind = powers.kind_of(case)
    intake = kind.intake
    threshold = intake.propose.on(day) if intake else None
    if intake is None or threshold is None or not learns(kind) or not case.is_open():
        return None
    if intake.sorts not in {need.field for need in kind.stage(case.stage).every_need}:
        return None
    model = (
        RoutingModel.objects.filter(kind=case.kind, field=intake.sorts, active=True).defer("content").first()
    )
    matter = answers_of(case).get(intake.matter)
    if model is None or not isinstance(matter, str):
        return None
    found = _numbers(model.pk).propose(matter, int(threshold))
    return Advice(model, tuple(found)) if found else None


@lru_cache(maxsize=4)
def _numbers(pk: int) -> numbers.Model:
    return numbers.from_bytes(bytes(RoutingModel.objects.values_list("content", flat=True).get(pk=pk)))


def remember(step: Step, given: Advice | None) -> Proposed | None:
    """Keep on a step what was proposed to whoever took it, and what they chose instead or as well."""
    if given is None:
        return None
    chosen = step.answers.filter(field=given.model.field).values_list("value", flat=True).first()
    if chosen is None:
        return None
    labels = [[one.label, one.certainty] for one in given.proposals]
    return Proposed.objects.create(step=step, model=given.model, labels=labels, chosen=str(chosen)[:60])


@dataclass(frozen=True)
class Hits:
    """How often something was proposed, was right at the first place, and at any."""

    proposed: int = 0
    first: int = 0
    among: int = 0


def hits(model: RoutingModel) -> Hits:
    """Count how often people chose what a version proposed."""
    rows = list(model.proposals.values_list("labels", "chosen"))
    return Hits(
        len(rows),
        sum(labels[0][0] == chosen for labels, chosen in rows),
        sum(chosen in [label for label, _certainty in labels] for labels, chosen in rows),
    )
