"""Ratings: what raters entered, what a run came to, how it was decided and published."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zugong.core.files.models import File
from zugong.registry.models import Edition, Subject


class Mark(models.Model):
    """打分: one rater's marks for one indicator of one unit. A later one supersedes; the earlier stays."""

    card = models.CharField(max_length=60)
    period = models.CharField(max_length=40)
    unit = models.ForeignKey(Subject, models.PROTECT, related_name="marks")
    indicator = models.CharField(max_length=60)
    stage = models.CharField(max_length=12)  # self, mutual, decide
    rater = models.ForeignKey(Subject, models.PROTECT, related_name="marks_given")
    marks = models.IntegerField()  # thousandths
    note = models.CharField(max_length=500, blank=True)
    evidence = models.ForeignKey(File, models.PROTECT, null=True)
    by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    superseded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["card", "period", "unit", "indicator", "stage", "rater"],
                condition=Q(superseded=False),
                name="a_rater_marks_an_indicator_once",
            )
        ]
        indexes = [models.Index(fields=["card", "period", "stage"], name="marks_of_a_rating")]

    def __str__(self) -> str:
        return f"{self.card} {self.period} {self.indicator}"


class RunState(models.TextChoices):
    """How far a run has come."""

    SCORED = "scored", "已计算"
    DECIDED = "decided", "已审定"
    PUBLISHED = "published", "已公布"


class Run(models.Model):
    """一次计算: frozen facts, a day, an edition of the pack, and what followed. Its folder can be computed again."""

    card = models.CharField(max_length=60)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="runs")
    period = models.CharField(max_length=40)
    first = models.DateField()
    last = models.DateField()
    number = models.PositiveIntegerField()  # 第几次计算
    day = models.DateField()  # facts as of
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.SCORED)
    folder = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    computed = models.BooleanField(default=True)  # false: grades were decided without scores
    minutes = models.TextField(blank=True)  # of the decision
    by = models.CharField(max_length=200)  # who had it computed
    decided_by = models.CharField(max_length=200, blank=True)
    decided_on = models.DateField(null=True)
    agreed_by = models.CharField(max_length=200, blank=True)
    run_at = models.DateTimeField()
    published_on = models.DateField(null=True)

    class Meta:
        ordering = ["-first", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["card", "period", "number"], name="runs_are_numbered"),
            models.UniqueConstraint(
                fields=["card", "period"],
                condition=Q(state="published"),
                name="one_run_of_a_period_is_published",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by="") | ~Q(decided_by=F("agreed_by")), name="two_people_decide_a_run"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.card} {self.period} {self.number}"


class Result(models.Model):
    """结果: one unit in one run. Kept beside the folder so that pages can list a county at once."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="results")
    unit = models.ForeignKey(Subject, models.PROTECT, related_name="results")
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=200, blank=True)
    township = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="results_below")
    key = models.CharField(max_length=60)  # its name in the folder
    total = models.IntegerField(null=True)  # thousandths
    grade = models.CharField(max_length=20, blank=True)  # empty: none yet
    rank = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=20)  # how it came to its grade, or why it has none
    reasons = models.JSONField(default=list)  # vetoes, caps, conditions that spoke

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "unit"], name="a_run_has_one_result_for_a_unit")
        ]
        indexes = [models.Index(fields=["run", "grade"], name="results_by_grade")]

    def __str__(self) -> str:
        return f"{self.name} {self.grade}"
