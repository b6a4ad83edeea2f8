"""Occurrences of duties, and what fulfilled them."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from zugong.activities.models import Activity
from zugong.cases.models import Case
from zugong.duties.rules import OUTCOMES, Outcome
from zugong.registry.models import Edition, Subject


class Opening(models.Model):
    """启动: a period of a duty has begun, and who owes it has been frozen. Once for each period."""

    duty = models.CharField(max_length=60)
    first = models.DateField()  # of the period
    period = models.CharField(max_length=40)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="openings")
    owed = models.PositiveIntegerField(default=0)  # how many occurrences it made
    opened_on = models.DateField()

    class Meta:
        ordering = ["-first"]
        constraints = [models.UniqueConstraint(fields=["duty", "first"], name="a_period_opens_once")]

    def __str__(self) -> str:
        return f"{self.duty} {self.period}"


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """Questions about occurrences."""

    def open(self) -> Self:
        """Keep those of which nothing has become yet."""
        return self.filter(outcome="")

    def short(self) -> Self:
        """Keep those that lack something."""
        return self.filter(done__lt=F("needed"))

    def over(self, day: date) -> Self:
        """Keep those whose last day is past."""
        return self.filter(last__lt=day)

    def with_edition(self) -> Self:
        """Bring each one's edition along, but not the texts of its pack: they are long, and read once."""
        return self.select_related("edition").defer("edition__texts")


class Occurrence(models.Model):
    """一次义务: somebody owes something in a period. Frozen when the period opens, so that it can be counted against."""

    duty = models.CharField(max_length=60)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="occurrences")
    who = models.ForeignKey(Subject, models.PROTECT, related_name="duties")
    towards = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="duties_towards")
    ends = models.JSONField(default=list)  # the far ends at which it counts; empty: anywhere
    first = models.DateField()  # the days on which it can be fulfilled
    last = models.DateField()
    period = models.CharField(max_length=40)
    needed = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    outcome = models.CharField(
        max_length=12, blank=True, choices=[(outcome.value, label) for outcome, label in OUTCOMES.items()]
    )
    settled_on = models.DateField(null=True)  # the day on which it was found kept, missed or excused
    excused = models.CharField(max_length=200, blank=True)  # leave, exemption: the reason
    excused_by = models.CharField(max_length=200, blank=True)
    excused_for = models.ForeignKey(Case, models.PROTECT, null=True, related_name="excuses")  # the leave

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["last", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "who", "towards", "first"],
                name="a_duty_occurs_once_in_a_period",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_on=None) | (~Q(outcome="") & Q(settled_on__isnull=False)),
                name="it_is_settled_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.EXCUSED) | ~Q(excused=""), name="who_is_excused_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="a_period_has_days"),
            models.CheckConstraint(condition=Q(needed__gt=0), name="something_is_owed"),
        ]
        indexes = [
            models.Index(fields=["duty", "first"], name="occurrences_by_duty"),
            models.Index(fields=["last"], condition=Q(outcome=""), name="occurrences_by_deadline"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.period}"

    @property
    def short(self) -> int:
        """How many are missing."""
        return max(self.needed - self.done, 0)


class Fulfilment(models.Model):
    """履行: an activity that counts for an occurrence."""

    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="fulfilments")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="fulfilments")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "activity"], name="an_activity_counts_once_for_a_duty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.occurrence} {self.activity}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Questions about answers."""

    def standing(self) -> Self:
        """Keep those that were not withdrawn."""
        return self.filter(withdrawal=None)


class Answer(models.Model):
    """填报: a figure from outside, with its day, its source and how exact it is. A later one is a new version."""

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="answers")
    field = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    value = models.JSONField()
    unit = models.CharField(
        max_length=20, blank=True
    )  # fen for money, thousandths for shares, or as the pack says
    exact = models.CharField(
        max_length=10, choices=[("exact", "准确数"), ("at-least", "不少于"), ("about", "约数")]
    )
    as_of = models.DateField()
    source = models.CharField(max_length=200)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    checked_by = models.CharField(max_length=200, blank=True)
    checked_on = models.DateField(null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["field", "version"]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "field", "version"], name="a_figure_has_versions"),
            models.CheckConstraint(condition=~Q(checked_by=F("by")), name="who_answers_does_not_check"),
            models.CheckConstraint(
                condition=Q(checked_by="", checked_on=None)
                | (~Q(checked_by="") & Q(checked_on__isnull=False)),
                name="it_is_checked_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} v{self.version}"


class Withdrawal(models.Model):
    """撤回: a figure was given by mistake; the version before it stands again."""

    answer = models.OneToOneField(Answer, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.answer} withdrawn"
