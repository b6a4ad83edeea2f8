"""Ratings: what raters entered, what a run came to, how it was decided and published."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zugong.accounts.models import Proposal
from zugong.cases.models import Case
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
    ANNOUNCED = "announced", "公示中"
    PUBLISHED = "published", "已公布"
    GIVEN_UP = "given-up", "已放弃"


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
    announced_by = models.CharField(max_length=200, blank=True)
    announced_on = models.DateField(null=True)
    notice_until = models.DateField(null=True)  # the last day; null: not shown, or no length is set
    objections_until = models.DateField(null=True)
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
            models.CheckConstraint(
                condition=Q(announced_by="") | ~Q(decided_by=F("announced_by")),
                name="two_people_announce_a_run",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.card} {self.period} {self.number}"


class Moved(models.Model):
    """换版: from here on a period of a card is computed under another edition, asked for by one person, agreed by another."""

    card = models.CharField(max_length=60)
    period = models.CharField(max_length=40)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")  # under which it stood
    to_edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="+")  # who, why, who agreed
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["card", "period"], name="moves_of_a_period")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(edition=F("to_edition")), name="a_period_is_moved_to_another_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.period} moved {self.day}"


class GivenUp(models.Model):
    """放弃本期: a period of a card is given up, asked for by one person, agreed by another; what was computed stays."""

    card = models.CharField(max_length=60)
    period = models.CharField(max_length=40)
    runs = models.PositiveIntegerField()  # how many computations it gave up; none: it had not been computed
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="+")  # who, why, who agreed
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["card", "period"], name="given_up_periods")]

    def __str__(self) -> str:
        return f"{self.card} {self.period} given up {self.day}"


class Result(models.Model):
    """结果: one unit in one run. Kept beside the folder so that pages can list a county at once."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="results")
    unit = models.ForeignKey(Subject, models.PROTECT, related_name="results")
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=200, blank=True)
    township = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="results_below")
    key = models.CharField(max_length=60)  # its name in the folder
    total = models.IntegerField(null=True)  # thousandths
    grade = models.CharField(max_length=20, blank=True)  # as computed or decided; empty: none yet
    effective = models.CharField(max_length=20, blank=True)  # the last agreed adjustment's, else the same
    rank = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=20)  # how it came to its grade, or why it has none
    reasons = models.JSONField(default=list)  # vetoes, caps, conditions that spoke

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "unit"], name="a_run_has_one_result_for_a_unit")
        ]
        indexes = [models.Index(fields=["run", "effective"], name="results_by_grade")]

    def __str__(self) -> str:
        return f"{self.name} {self.grade}"

    @property
    def is_adjusted(self) -> bool:
        """Whether another grade holds than the one computed or decided."""
        return self.effective != self.grade


class Hearing(models.Model):
    """征求意见: one organisation or person asked about one unit when the result was announced."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="hearings")
    role = models.CharField(max_length=60)  # of the pack
    who = models.ForeignKey(Subject, models.PROTECT, related_name="heard")
    until = models.DateField(null=True)  # the last day; null: they are waited for

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["result", "role", "who"], name="everybody_is_heard_once")
        ]

    def __str__(self) -> str:
        return f"{self.result} {self.role}"


class Comment(models.Model):
    """意见: what somebody who was asked said. A later one is added; the earlier stays."""

    hearing = models.ForeignKey(Hearing, models.PROTECT, related_name="comments")
    text = models.TextField()
    file = models.ForeignKey(File, models.PROTECT, null=True)
    by = models.CharField(max_length=200)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.hearing} {self.day}"


class Adjustment(models.Model):
    """调整: another grade for one unit, proposed by one person and agreed by another; the computed one stays."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="adjustments")
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    reason = models.TextField()
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="adjustments")
    document = models.CharField(max_length=200, blank=True)  # its number, where no objection is the cause
    wrongly = models.JSONField(default=list)  # vetoes, caps and conditions found wrongly recorded
    proposed_by = models.CharField(max_length=200)
    proposed_on = models.DateField()
    agreed = models.BooleanField(null=True)  # null: waits for the second person
    answered_by = models.CharField(max_length=200, blank=True)
    answered_on = models.DateField(null=True)
    after_publication = models.BooleanField(default=False)  # agreed when the result was published already

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="an_adjustment_changes_the_grade"),
            models.CheckConstraint(
                condition=Q(answered_by="") | ~Q(proposed_by=F("answered_by")),
                name="two_people_adjust_a_grade",
            ),
            models.CheckConstraint(
                condition=Q(agreed=None, answered_by="", answered_on=None)
                | (Q(agreed__isnull=False, answered_on__isnull=False) & ~Q(answered_by="")),
                name="an_answered_adjustment_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(case=None) ^ Q(document=""), name="an_adjustment_has_one_cause"
            ),
            models.UniqueConstraint(
                fields=["result"], condition=Q(agreed=None), name="one_adjustment_waits_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result.run} {self.result.key} adjustment {self.pk}"
