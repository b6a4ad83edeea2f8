"""Activities, who was present, what was decided, and the evidence."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from zugong.activities.rules import STATES, State
from zugong.core.files.models import File
from zugong.registry.models import Subject


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Questions about activities."""

    def held(self) -> Self:
        """Keep those that were held."""
        return self.filter(state=State.HELD)

    def between(self, first: date, last: date) -> Self:
        """Keep those of the days from first to last, both included."""
        return self.filter(day__range=(first, last))


class Activity(models.Model):
    """活动: a meeting, visit, talk, lecture or inspection."""

    key = models.CharField(
        max_length=200, unique=True, null=True
    )  # of the form: sent twice, it is entered once
    kind = models.CharField(max_length=60)
    state = models.CharField(
        max_length=12,
        choices=[(state.value, label) for state, label in STATES.items()],
        default=State.PLANNED,
    )
    day = models.DateField()
    run_by = models.ForeignKey(Subject, models.PROTECT, related_name="activities_run")
    at = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True, related_name="activities_at")
    topic = models.CharField(max_length=200, blank=True)
    minutes = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    should_attend = models.PositiveIntegerField(null=True)
    attended = models.PositiveIntegerField(null=True)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=200, blank=True)
    cancelled_for = models.CharField(max_length=200, blank=True)
    erased = models.CharField(max_length=200, blank=True)  # the rule by which what was said is gone

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(attended=None)
                | Q(should_attend=None)
                | Q(attended__lte=models.F("should_attend")),
                name="no_more_attend_than_should",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=models.F("entered_by")), name="who_entered_it_does_not_confirm_it"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | Q(state=State.HELD), name="only_what_was_held_is_confirmed"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "day"], name="activities_by_kind"),
            models.Index(fields=["run_by", "day"], name="activities_by_organisation"),
            models.Index(fields=["at", "day"], name="activities_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class Presence(models.Model):
    """出席: a named person was there."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="present")
    person = models.ForeignKey(Subject, models.PROTECT, related_name="presences")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "person"], name="a_person_is_present_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class AgendaItem(models.Model):
    """议题: one matter of a meeting and how it was voted. The meeting knows the matter only by its words."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="agenda")
    place = models.PositiveSmallIntegerField()
    matter = models.CharField(max_length=200)
    decision = models.TextField(blank=True)
    in_favour = models.PositiveIntegerField(null=True)
    against = models.PositiveIntegerField(null=True)
    abstained = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["activity", "place"], name="an_agenda_has_an_order")]

    def __str__(self) -> str:
        return self.matter


class Evidence(models.Model):
    """佐证: a file that lies with the activity, once."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="evidence")
    file = models.ForeignKey(File, models.PROTECT)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["activity", "file"], name="a_file_lies_there_once")]

    def __str__(self) -> str:
        return str(self.file)


class Correction(models.Model):
    """更正: what an activity said before it was put right, who did so, and why. Never edited."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="corrections")
    was = models.JSONField()
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.activity} {self.reason}"
