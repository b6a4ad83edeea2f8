"""Cases and the steps they took. A case's stage and state are the summary of its steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from zugong.accounts.models import Key, Proposal, User
from zugong.activities.models import Activity, AgendaItem
from zugong.cases.rules import LABELS, STATES, Place, State
from zugong.core.files.models import File
from zugong.core.workdays import day_of, moment
from zugong.registry.models import Edition, Subject

OPEN = (State.WAITING, State.UNDERWAY, State.PAUSED)


def passed_by(when: date | datetime) -> Q:
    """Keep deadlines that have passed at an instant, or when a day began."""
    if isinstance(when, datetime):
        return Q(due_on__lte=day_of(when), due_at__lt=when)
    return Q(due_on__lt=when)


class CaseQuerySet(models.QuerySet["Case"]):
    """Questions about cases."""

    def open(self) -> Self:
        """Keep those that are neither closed nor withdrawn."""
        return self.filter(state__in=OPEN)

    def overdue(self, when: date | datetime) -> Self:
        """Keep the open ones whose deadline has passed at an instant, or when a day began; a paused clock does not run."""
        return self.open().exclude(state=State.PAUSED).filter(passed_by(when), is_term=False)

    def overdue_as_a_whole(self, when: datetime) -> Self:
        """Keep those whose overall deadline has passed at an instant without their ever having ended."""
        return self.open().filter(ended_at=None, whole_due_at__lt=when)


class Case(models.Model):
    """事项: one matter about one subject, under the edition in which it was opened until two people move it to another."""

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=60)
    label = models.CharField(max_length=200, blank=True)  # for one of a list of deliverables: which
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="cases")
    about = models.ForeignKey(Subject, models.PROTECT, related_name="cases")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    holder = models.ForeignKey(
        Subject, models.PROTECT, null=True, related_name="cases_held"
    )  # a child's owner
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200)
    cause = models.CharField(max_length=200, blank=True)  # what set it off: `run 3 published`
    key = models.CharField(max_length=200, unique=True, null=True)  # an effect opens a case once
    stage = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=[(state.value, label) for state, label in STATES.items()])
    round = models.PositiveIntegerField(default=1)  # counts the stages it has entered
    entered_on = models.DateField()  # the day on which it entered the stage
    entered_at = models.DateTimeField()
    due_on = models.DateField(null=True)  # what people read
    due_provisional = models.BooleanField(default=False)
    due_at = models.DateTimeField(
        null=True
    )  # the instant until which the stage is in time: due_on's end, or earlier
    whole_due_at = models.DateTimeField(null=True)  # the same of the whole case, from its opening
    whole_due_provisional = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    is_term = models.BooleanField(
        default=False
    )  # due_on ends a term that must have run: nobody is late after it
    due_agreed = models.BooleanField(
        default=False
    )  # set when it was given: it stands, whatever the rules say
    paused_on = models.DateField(null=True)
    outcome = models.CharField(max_length=60, blank=True)  # the last outcome, which ends it when it is closed
    closed_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)  # when it first came to an end; a reopening does not change it
    barred = models.JSONField(default=list)  # users who decide nothing in it: it questions their work
    in_time = models.BooleanField(null=True)  # no stage was passed after its deadline; null: none had one

    remembers = False  # within a deed, which has locked the case: what was answered is read once
    answered: dict[str, Any] | None = None
    versions: dict[str, int]  # of each answer, the erased ones too

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[State.CLOSED, State.WITHDRAWN], closed_on__isnull=False)
                | Q(state__in=OPEN, closed_on=None),
                name="a_case_is_closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=State.PAUSED, paused_on__isnull=False)
                | (~Q(state=State.PAUSED) & Q(paused_on=None)),
                name="a_case_is_paused_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None, due_at=None) | Q(due_on__isnull=False, due_at__isnull=False),
                name="a_deadline_is_an_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "state", "due_on"], name="cases_by_kind"),
            models.Index(fields=["about", "kind"], name="cases_about"),
            models.Index(fields=["due_on"], condition=Q(closed_on=None), name="cases_by_deadline"),
        ]

    def __str__(self) -> str:
        return f"case {self.number}"

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.stage, State(self.state))

    def is_open(self) -> bool:
        """Neither closed nor withdrawn."""
        return self.state in OPEN

    def is_overdue(self, when: date | datetime) -> bool:
        """Say whether its deadline has passed at an instant, or when a day began."""
        running = self.is_open() and self.state != State.PAUSED and not self.is_term
        if not running or self.due_on is None or self.due_at is None:
            return False
        return self.due_at < when if isinstance(when, datetime) else self.due_on < when

    def on_time(self, when: datetime) -> bool | None:
        """Say whether the whole ended by its deadline, as known at an instant. None: it has none, or still has time."""
        if self.whole_due_at is None:
            return None
        if self.ended_at is None or self.ended_at > when:
            return False if self.whole_due_at < when else None
        return self.ended_at <= self.whole_due_at


class Series(models.Model):
    """编号: how far the numbers with a prefix have run. Whoever takes the next one holds the row: none is left out."""

    prefix = models.CharField(max_length=40, primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}号"


class Receipt(models.Model):
    """受理: what somebody outside who asked holds of a case. The code is shown once and kept as its digest only."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="receipt")
    number = models.CharField(max_length=20, unique=True)  # what the asker quotes: digits, no meaning
    code = models.CharField(
        max_length=64, blank=True
    )  # SM3 of the unguessable code; empty: no code was given out
    channel = models.CharField(max_length=12)
    outside_number = models.CharField(max_length=60, blank=True)  # the hotline's own
    caller = models.CharField(max_length=64, blank=True)  # keyed digest of the contact, erased with it
    words = ArrayField(
        models.IntegerField(), default=list
    )  # the matter's signature, by which likeness finds others
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # null: the asker, or another system
    through = models.ForeignKey(
        Key, models.PROTECT, null=True, related_name="+"
    )  # the other system that brought it
    at = models.DateTimeField()
    excluded = models.ForeignKey(
        Proposal, models.PROTECT, null=True, related_name="+"
    )  # from rates, by two people

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="receipts_alike"),
            models.Index(fields=["caller"], condition=~Q(caller=""), name="receipts_by_caller"),
            models.Index(fields=["channel", "at"], name="receipts_by_channel"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "outside_number"],
                condition=~Q(outside_number=""),
                name="an_outside_number_is_taken_in_once",
            )
        ]

    def __str__(self) -> str:
        return f"receipt {self.number}"


class Step(models.Model):
    """步骤: one move, who took it, when, at which meeting, with which outcome. Appended, never edited."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    round = models.PositiveIntegerField()
    move = models.CharField(max_length=12, choices=[(move.value, label) for move, label in LABELS.items()])
    stage = models.CharField(max_length=60)
    to_stage = models.CharField(max_length=60)  # where the case stood afterwards
    to_state = models.CharField(max_length=12)
    party = models.CharField(max_length=60, blank=True)  # the role in whose name it was taken
    outcome = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="steps")  # null: the calendar
    # 代: the person, or the empty post, for whom a deputy took it.
    instead_of = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="steps_by_deputies")
    # What a second person agreed to or declined.
    answers_to = models.OneToOneField("self", models.PROTECT, null=True, related_name="answered_by")
    day = models.DateField()
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="steps")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, related_name="steps")
    until = models.DateField(null=True)  # of an extension or a pause
    due_on = models.DateField(null=True)  # the deadline of the stage that it passed
    due_at = models.DateTimeField(null=True)  # the same to the second
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")  # under which it was taken
    to_edition = models.ForeignKey(
        Edition, models.PROTECT, null=True, related_name="+"
    )  # of a move to another
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, null=True, related_name="+"
    )  # who asked for that, and why

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "round"], name="steps_of_a_stage")]

    def __str__(self) -> str:
        return f"{self.case} {self.move} {self.stage}"

    @property
    def moment(self) -> datetime:
        """The instant at which it counts as taken: its own, or the end of its day where it was written down on another."""
        return moment(self.day, self.at)

    def is_late(self) -> bool:
        """Say whether it passed its stage after the deadline: to the second, where the deadline was kept so."""
        if self.due_at:
            return self.moment > self.due_at
        return self.due_on is not None and self.day > self.due_on


class Drawn(models.Model):
    """清单: what the system found to lie with a post on a day. A later list is added; the earlier stays readable."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="lists")
    round = models.PositiveIntegerField()
    day = models.DateField()
    at = models.DateTimeField()
    items = models.JSONField()  # what, label, number, due

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case} list of {self.day}"


class Answer(models.Model):
    """填报: an answer to a field of the pack. A later one is a new version; the earlier stays readable."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="answers")
    step = models.ForeignKey(Step, models.PROTECT, related_name="answers")
    field = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    value = models.JSONField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "field", "version"], name="an_answer_has_versions")
        ]

    def __str__(self) -> str:
        return f"{self.field} v{self.version}"


class Proof(models.Model):
    """证明: an activity or a file that lies with a case as evidence."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="proofs")
    round = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)  # the kind of activity, or `file`
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="proofs")
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="proofs")
    laid_by = models.ForeignKey(User, models.PROTECT, null=True)
    party = models.CharField(max_length=60, blank=True)  # the role in whose name it was laid
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(activity__isnull=False) | Q(file__isnull=False), name="a_proof_is_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class RoutingModel(models.Model):
    """分派模型: what was learnt from the closed requests of a kind. Of each kind and field at most one is in use."""

    kind = models.CharField(max_length=60)
    field = models.CharField(max_length=60)  # what it proposes: a class or an organisation
    version = models.PositiveIntegerField()
    trained_on = models.DateField()
    trained_by = models.CharField(max_length=200)
    rows = models.PositiveIntegerField()  # requests that it was trained on
    scores = models.JSONField(default=dict)  # on requests kept from it, each with its likes
    content = models.BinaryField()  # numbers alone; nothing in it can be run
    active = models.BooleanField(default=False)

    class Meta:
        ordering = ["kind", "field", "version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "field", "version"], name="a_routing_model_has_versions"),
            models.UniqueConstraint(
                fields=["kind", "field"], condition=Q(active=True), name="one_routing_model_is_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"routing {self.kind} {self.field} v{self.version}"


class Proposed(models.Model):
    """分派建议: what a model proposed to whoever passed a step, and what they chose."""

    step = models.OneToOneField(Step, models.PROTECT, related_name="proposed")
    model = models.ForeignKey(RoutingModel, models.PROTECT, related_name="proposals")
    labels = models.JSONField()  # label and certainty in thousandths, the surest first
    chosen = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.model} on {self.step}"
