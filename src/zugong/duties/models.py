"""Occurrences of duties, and what fulfilled them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zugong.activities.models import Activity
from zugong.registry.models import Edition, Subject


class Occurrence(models.Model):
    """一次义务: somebody owes something in a period. Frozen when the period opens, so that it can be counted against."""

    duty = models.CharField(max_length=60)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="occurrences")
    who = models.ForeignKey(Subject, models.PROTECT, related_name="duties")
    towards = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="duties_towards")
    first = models.DateField()
    last = models.DateField()
    period = models.CharField(max_length=40)
    needed = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    answer = models.JSONField(null=True)  # to a figure that was asked
    settled_on = models.DateField(null=True)  # the day on which it was found kept or missed
    kept = models.BooleanField(null=True)
    excused = models.CharField(max_length=200, blank=True)  # leave, exemption: the reason
    excused_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["last", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "who", "towards", "first"],
                name="a_duty_occurs_once_in_a_period",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kept=None, settled_on=None) | Q(kept__isnull=False, settled_on__isnull=False),
                name="kept_or_missed_on_a_day",
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="a_period_has_days"),
        ]
        indexes = [models.Index(fields=["duty", "first"], name="occurrences_by_duty")]

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
