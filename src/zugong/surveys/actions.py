"""What can be done with a sheet. Each deed is one transaction and one line in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from zugong.accounts.models import User
from zugong.activities.models import Activity
from zugong.activities.rules import State
from zugong.core import journal, sealing
from zugong.core.errors import Refused
from zugong.ledgers import actions as ledgers
from zugong.packs.policy import Policy
from zugong.packs.schema import Survey as SurveyKind
from zugong.packs.schema.common import Effect
from zugong.registry import effects
from zugong.registry.actions import policy_of
from zugong.registry.happening import Happening
from zugong.registry.models import Edition, Membership, Subject
from zugong.registry.selecting import Asked, Ids
from zugong.surveys import powers
from zugong.surveys.models import Named, Slip, Survey, Tally, Urn
from zugong.surveys.rules import WEIGHTS, Result, read, result, rounds, written

URN = "urn"
SLIP = "slip"
BEARER = "凭票"  # by whom a slip that was handed out is used: nobody writes down who got which
MOST_SLIPS = 2_000


# --- Opening -----------------------------------------------------------------------


@transaction.atomic
def open_sheet(
    edition: Edition,
    name: str,
    *,
    about: Subject,
    round: str,
    day: date,
    by: User,
    meeting: Activity | None = None,
) -> Survey:
    """Open a sheet about one subject and freeze the list of who may answer it. Whom it is about is never on the list.

    Raises Refused for a subject the pack does not mean, a second sheet in the same round, a round that is not this
    period's or the last one's, a meeting that is not of the kind the pack says or was not held, and an empty list.
    """
    policy = policy_of(edition)
    kind = policy.survey(name)
    powers.check_runs(by, about, day)
    if about.pk not in Asked(policy, day).find(kind.about):
        raise Refused("“{kind}”不测评{about}", kind=kind, about=about.name_on(day), field="about")
    _check_round(kind, round, day)
    _check_meeting(policy, kind, meeting, day)
    voters = voters_of(policy, kind, about, day, meeting)
    if not voters and not any(those.slips for those in kind.voters.values()):
        raise Refused("没有人能填“{kind}”，先核对参评范围", kind=kind, field="about")
    try:
        with transaction.atomic():
            survey = Survey.objects.create(
                kind=name,
                edition=edition,
                about=about,
                round=round,
                meeting=meeting,
                opened_on=day,
                opened_by=str(by),
            )
    except IntegrityError as error:
        raise Refused(
            "{round}对{about}的“{kind}”已经开过", round=round, about=about.name_on(day), kind=kind
        ) from error
    Slip.objects.bulk_create(
        [Slip(survey=survey, voter_id=voter, klass=klass) for voter, klass in sorted(voters.items())]
    )
    nothing = written([0] * len(_choices(kind)))
    Urn.objects.bulk_create(
        [Urn(survey=survey, klass=klass, sealed=sealing.seal(URN, nothing)) for klass in kind.voters]
    )
    journal.write(
        "survey.open", by=by, on=f"survey {survey.pk}", kind=name, about=str(about), slips=len(voters)
    )
    return survey


@transaction.atomic
def open_round(edition: Edition, name: str, *, round: str, day: date, by: User) -> list[Survey]:
    """Open a sheet about each whom the kind means, the asker runs, and this round has not reached yet."""
    policy = policy_of(edition)
    left = powers.to_open(by, policy, policy.survey(name), round, day)
    if not left:
        raise Refused("{round}该测评的都已经开过", round=round)
    return [
        open_sheet(edition, name, about=about, round=round, day=day, by=by)
        for about in Subject.objects.filter(pk__in=left).order_by("pk")
    ]


def _check_round(kind: SurveyKind, round: str, day: date) -> None:
    if not round.strip():
        raise Refused("请写明是哪一轮测评", field="round")
    if kind.every and round not in (names := [one.name for one in rounds(kind.every, day)]):
        raise Refused("“{kind}”现在只能开{rounds}的", kind=kind, rounds=names, field="round")


def _check_meeting(policy: Policy, kind: SurveyKind, meeting: Activity | None, day: date) -> None:
    if kind.at is None and meeting is not None:
        raise Refused("“{kind}”不在会上填写", kind=kind, field="meeting")
    if kind.at is None:
        return
    called = policy.activity(kind.at)
    if meeting is None or meeting.kind != kind.at:
        raise Refused(
            "“{kind}”在“{meeting}”上当场填写，请选是哪一次", kind=kind, meeting=called, field="meeting"
        )
    if meeting.state != State.HELD or meeting.day > day:
        raise Refused("这次“{meeting}”还没有开，不能当场填写", meeting=called, field="meeting")


@transaction.atomic
def hand_out(survey: Survey, klass: str, many: int, *, by: User, day: date) -> list[str]:
    """Make slips for a class of voters and return their codes, which are shown only now.

    Each is used once by whoever has it. Raises Refused for a class that has its own list, a closed sheet, and more
    slips than there were people at the meeting.
    """
    powers.check_runs(by, survey.about, day)
    locked = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    kind = kind_of(locked)
    if klass not in kind.voters or not kind.voters[klass].slips:
        raise Refused("这一类人按名单填写，不发选票", field="klass")
    if not locked.is_open():
        raise Refused("这次测评已经结束")
    if not 0 < many <= MOST_SLIPS:
        raise Refused("一次发一至{most}张", most=MOST_SLIPS, field="many")
    attended = locked.meeting.attended if locked.meeting else None
    handed = locked.slips.filter(voter=None).count()
    if attended is not None and handed + many > attended:
        raise Refused(
            "到会{attended}人，已发{handed}张，不能再发{many}张",
            attended=attended,
            handed=handed,
            many=many,
            field="many",
        )
    codes = [sealing.new_code() for _ in range(many)]
    digests = sorted(sealing.digest(SLIP, code) for code in codes)  # in no order that the paper has
    Slip.objects.bulk_create([Slip(survey=locked, code=code, klass=klass) for code in digests])
    journal.write("survey.hand-out", by=by, on=f"survey {locked.pk}", klass=klass, slips=many)
    return codes


# --- Answering ---------------------------------------------------------------------


@transaction.atomic
def cast(slip: Slip, *, grades: Mapping[str, str], by: User, day: date) -> None:
    """Answer a sheet: every question, once, with grades of its scale. What was chosen is nowhere written beside who.

    The journal says that the slip was used. Raises Refused for a slip that is not the asker's, was used, or belongs
    to a closed sheet, and for a grade that is not on the scale.
    """
    survey = _locked(slip.survey_id)
    if not powers.to_answer(by, day).filter(pk=slip.pk).exists():
        raise Refused("这张测评票不是您的、已经填过，或者测评已经结束")
    _count_in(survey, slip, grades, by)


@transaction.atomic
def cast_with(code: str, *, grades: Mapping[str, str]) -> None:
    """Answer a sheet with the code of a slip that was handed out. Raises Refused as `cast` does."""
    slip = powers.slip_with(code)
    survey = _locked(slip.survey_id)
    powers.slip_with(code)  # nobody used it while we waited
    _count_in(survey, slip, grades, BEARER)


def _locked(pk: int) -> Survey:
    """Lock a sheet, so that no slip is used twice, and so that it is not closed and counted meanwhile."""
    rows = Survey.objects.select_for_update(of=("self",), no_key=True).select_related("edition")
    return rows.get(pk=pk)


def _count_in(survey: Survey, slip: Slip, grades: Mapping[str, str], by: object) -> None:
    kind = kind_of(survey)
    _check(kind, grades)
    Slip.objects.filter(pk=slip.pk).update(used=True)
    urn = Urn.objects.get(survey=survey, klass=slip.klass)
    counts = _opened(urn)
    chosen = [
        count + (grades[question] == grade)
        for (question, grade), count in zip(_choices(kind), counts, strict=True)
    ]
    Urn.objects.filter(pk=urn.pk).update(sealed=sealing.seal(URN, written(chosen)))
    if kind.secret == "named":  # noqa: S105 - a kind of sheet, no password
        Named.objects.bulk_create(
            [Named(slip=slip, question=question, grade=grade) for question, grade in sorted(grades.items())]
        )
    journal.write("survey.cast", by=by, on=f"survey {survey.pk}")


def _choices(kind: SurveyKind) -> list[tuple[str, str]]:
    """Return every question with every grade, in the order in which an urn counts them."""
    return [(question.id, grade) for question in kind.ask for grade in question.scale]


def _opened(urn: Urn) -> list[int]:
    try:
        return read(sealing.unseal(URN, urn.sealed))
    except sealing.Unreadable as error:
        raise Refused("票箱是用别的机器的密钥封的，这里打不开：请恢复原来的密钥") from error


# --- Closing and counting ------------------------------------------------------------


@transaction.atomic
def close(survey: Survey, *, by: User, day: date) -> Survey:
    """Close a sheet: nobody answers it any more, its urns are counted and thrown away, and what follows follows."""
    powers.check_runs(by, survey.about, day)
    if day < survey.opened_on:
        raise Refused("结束的日期不能早于开始", field="day")
    survey = _locked(survey.pk)
    if not survey.is_open():
        raise Refused("这次测评已经结束")
    survey.closed_on, survey.closed_by = day, str(by)
    survey.save(update_fields=["closed_on", "closed_by"])
    kind = kind_of(survey)
    urns = list(Urn.objects.filter(survey=survey).order_by("pk"))
    Tally.objects.bulk_create(
        [
            Tally(survey=survey, klass=urn.klass, question=question, grade=grade, ballots=ballots)
            for urn in urns
            for (question, grade), ballots in zip(_choices(kind), _opened(urn), strict=True)
        ]
    )
    Urn.objects.filter(survey=survey).delete()
    used = survey.slips.filter(used=True).count()
    journal.write("survey.close", by=by, on=f"survey {survey.pk}", used=used, slips=survey.slips.count())
    _follow(survey, kind, by, day)
    return survey


def _follow(survey: Survey, kind: SurveyKind, by: User, day: date) -> None:
    """Run what follows from a closed sheet. Where nothing is shown, or nothing was chosen by most, nothing is entered."""
    facts = facts_of(survey)
    able = {
        event: [effect for effect in those if not _is_open(effect, facts)]
        for event, those in kind.effects.items()
    }
    happening = Happening(
        policy_of(survey.edition),
        "closed",
        survey.about,
        day,
        f"survey {survey.pk} closed",
        by,
        facts=facts,
        link=f"/surveys/{survey.pk}",
    )
    effects.run(kind.model_copy(update={"effects": able}), happening, ledgers.VERBS)


def _is_open(effect: Effect, facts: Mapping[str, Any]) -> bool:
    """Say whether an effect would enter what was chosen, and nothing was."""
    return effect.value is not None and facts.get(effect.value, effect.value) is None


def facts_of(survey: Survey) -> dict[str, Any]:
    """Return what guards may read of a closed sheet: each question's grade chosen by most, its place on the scale.

    `overall` is the grade, `overall_place` its place (1 is best): None where too few answered, and for a tie.
    `used` and `slips` say how many answered, and of how many.
    """
    facts: dict[str, Any] = {"used": survey.slips.filter(used=True).count(), "slips": survey.slips.count()}
    for one in count(survey):
        facts[one.question] = one.chosen or None
        facts[f"{one.question}_place"] = one.scale.index(one.chosen) + 1 if one.chosen else None
    return facts


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
            secret=kind.secret == "ballot",  # noqa: S105 - a kind of sheet, no password
        )
        for question in kind.ask
    ]


def kind_of(survey: Survey) -> SurveyKind:
    """Return the kind of a sheet, as it stood when the sheet was opened."""
    return policy_of(survey.edition).survey(survey.kind)


def voters_of(
    policy: Policy, kind: SurveyKind, about: Subject, day: date, meeting: Activity | None = None
) -> dict[int, str]:
    """Return who may answer, and of which class: of the first that names them, and never whom it is about."""
    asked = Asked(policy, day, {"about": frozenset({about.pk})})
    voters: dict[int, str] = {}
    for klass, those in kind.voters.items():
        found = asked.find(those.who) if those.who else frozenset[int]()
        there = _present(found, meeting, day) if meeting else found
        for voter in sorted(there - {about.pk}):
            voters.setdefault(voter, klass)
    return voters


def _present(found: Ids, meeting: Activity, day: date) -> Ids:
    """Return who of these was at a meeting: the persons themselves, and members of the organisations."""
    there = frozenset(meeting.present.values_list("person_id", flat=True))
    members = Membership.objects.on(day).filter(person__in=there, organisation__in=found)
    return (there & found) | frozenset(members.values_list("person_id", flat=True))


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
