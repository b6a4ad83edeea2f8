"""What can be done with a sheet. Each deed is one transaction and one line in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When

from zugong.accounts.models import User
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.packs.policy import Policy
from zugong.packs.schema import Survey as SurveyKind
from zugong.registry.actions import policy_of
from zugong.registry.models import Edition, Subject
from zugong.registry.selecting import Asked
from zugong.surveys import powers
from zugong.surveys.models import Named, Slip, Survey, Tally
from zugong.surveys.rules import WEIGHTS, Result, result


@transaction.atomic
def open_sheet(edition: Edition, name: str, *, about: Subject, round: str, day: date, by: User) -> Survey:
    """Open a sheet about one subject and freeze the list of who may answer it. Whom it is about is never on the list.

    Raises Refused for a subject the pack does not mean, a second sheet in the same round, and an empty list.
    """
    policy = policy_of(edition)
    kind = policy.survey(name)
    powers.check_runs(by, about, day)
    if about.pk not in Asked(policy, day).find(kind.about):
        raise Refused("“{kind}”不测评{about}", kind=kind, about=about.name_on(day), field="about")
    voters = voters_of(policy, kind, about, day)
    if not voters:
        raise Refused("没有人能填“{kind}”，先核对参评范围", kind=kind, field="about")
    try:
        with transaction.atomic():
            survey = Survey.objects.create(
                kind=name, edition=edition, about=about, round=round, opened_on=day, opened_by=str(by)
            )
    except IntegrityError as error:
        raise Refused(
            "{round}对{about}的“{kind}”已经开过", round=round, about=about.name_on(day), kind=kind
        ) from error
    Slip.objects.bulk_create(
        [Slip(survey=survey, voter_id=voter, klass=klass) for voter, klass in sorted(voters.items())]
    )
    Tally.objects.bulk_create(
        [
            Tally(survey=survey, klass=klass, question=question.id, grade=grade)
            for klass in kind.voters
            for question in kind.ask
            for grade in question.scale
        ]
    )
    journal.write(
        "survey.open", by=by, on=f"survey {survey.pk}", kind=name, about=str(about), slips=len(voters)
    )
    return survey


@transaction.atomic
def cast(slip: Slip, *, grades: Mapping[str, str], by: User, day: date) -> None:
    """Answer a sheet: every question, once, with grades of its scale. What was chosen is nowhere written beside who.

    The journal says that the slip was used. Raises Refused for a slip that is not the asker's, was used, or belongs
    to a closed sheet, and for a grade that is not on the scale.
    """
    # The sheet is locked so that no slip is used twice, and so that it is not closed and counted meanwhile.
    survey = (
        Survey.objects.select_for_update(of=("self",), no_key=True)
        .select_related("edition")
        .get(pk=slip.survey_id)
    )
    kind = kind_of(survey)
    if not powers.to_answer(by, day).filter(pk=slip.pk).exists():
        raise Refused("这张测评票不是您的、已经填过，或者测评已经结束")
    _check(kind, grades)
    Slip.objects.filter(pk=slip.pk).update(used=True)
    chosen = [When(question=question, grade=grade, then=Value(1)) for question, grade in grades.items()]
    # Every tally of the class is written, the unchosen ones unchanged: see models.
    survey.tallies.filter(klass=slip.klass).update(ballots=F("ballots") + Case(*chosen, default=Value(0)))
    if kind.secret == "named":  # noqa: S105 - a kind of sheet, no password
        Named.objects.bulk_create(
            [Named(slip=slip, question=question, grade=grade) for question, grade in sorted(grades.items())]
        )
    journal.write("survey.cast", by=by, on=f"survey {survey.pk}")


@transaction.atomic
def close(survey: Survey, *, by: User, day: date) -> Survey:
    """Close a sheet: nobody answers it any more, and what came of it can be read."""
    powers.check_runs(by, survey.about, day)
    if day < survey.opened_on:
        raise Refused("结束的日期不能早于开始", field="day")
    if not Survey.objects.filter(pk=survey.pk, closed_on=None).update(closed_on=day, closed_by=str(by)):
        raise Refused("这次测评已经结束")
    survey.refresh_from_db()
    used = survey.slips.filter(used=True).count()
    journal.write("survey.close", by=by, on=f"survey {survey.pk}", used=used, slips=survey.slips.count())
    return survey


def count(survey: Survey) -> list[Result]:
    """Count a closed sheet, question by question. Raises Refused while it is open: nobody looks before it is over."""
    if survey.is_open() or survey.closed_on is None:
        raise Refused("测评还没有结束，结束前不显示结果")
    kind = kind_of(survey)
    votes: dict[str, dict[str, dict[str, int]]] = {question.id: {} for question in kind.ask}
    for tally in survey.tallies.all():
        votes[tally.question].setdefault(tally.klass, {})[tally.grade] = tally.ballots
    return [
        result(
            question.id,
            tuple(question.scale),
            votes[question.id],
            minimum=kind.minimum.on(survey.opened_on),
            weights=weights_on(kind, survey.opened_on),
        )
        for question in kind.ask
    ]


def kind_of(survey: Survey) -> SurveyKind:
    """Return the kind of a sheet, as it stood when the sheet was opened."""
    return policy_of(survey.edition).survey(survey.kind)


def voters_of(policy: Policy, kind: SurveyKind, about: Subject, day: date) -> dict[int, str]:
    """Return who may answer, and of which class: of the first that names them, and never whom it is about."""
    asked = Asked(policy, day, {"about": frozenset({about.pk})})
    voters: dict[int, str] = {}
    for klass, those in kind.voters.items():
        for voter in sorted(asked.find(those.who) - {about.pk}):
            voters.setdefault(voter, klass)
    return voters


def weights_on(kind: SurveyKind, day: date) -> dict[str, int] | None:
    """Return the weights of the classes on a day, or None unless every class has one and they make 100."""
    weights = {name: voters.weight.on(day) for name, voters in kind.voters.items()}
    known = {name: weight for name, weight in weights.items() if weight is not None}
    return known if len(known) == len(weights) and sum(known.values()) == WEIGHTS else None


def _check(kind: SurveyKind, grades: Mapping[str, str]) -> None:
    for question in kind.ask:
        label = question if question.label else question.id
        if question.id not in grades:
            raise Refused("“{label}”还没有选", label=label, field=question.id)
        if grades[question.id] not in question.scale:
            raise Refused("“{label}”只有{scale}几档", label=label, scale=question.scale, field=question.id)
    if strange := set(grades) - {question.id for question in kind.ask}:
        raise Refused("这张票上没有“{strange}”这道题", strange=sorted(strange))
