"""Sheets, slips and tallies: who may answer is kept apart from what was answered.

How a ballot is made unlinkable. It is never stored. Casting marks the voter's slip as used and adds one to each grade
chosen; the count has no person, no address, no time and no order, and there is nothing to join.

* While a sheet is open the counts of a class of voters lie together in one urn, sealed under the machine's own key,
  which is not in the database. Every casting seals the whole urn afresh, in the same length: old versions of its row,
  the statements of a session, the journal and a copy of the database show that somebody voted, never what.
* At closing the tallies are written all at once and the urns are thrown away. So the hidden marks that PostgreSQL
  leaves on a row (xmin, place in the file, sequence) are the same for all of them.
* The journal says that a slip was used, in the same words for everybody.
* Nothing is shown before the sheet is closed, so nobody can look before and after one voter; and a total of too few is
  not shown at all.
* A slip that is handed out has no voter but the digest of a code; nobody writes down who got which.

What this does not hide: whoever has the machine's key and also kept what the urn was before and after one voter (the
write-ahead log, or copies made during the voting) can tell the two apart. Where all agree, the result says what each
of them thought.
"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q

from zugong.activities.models import Activity
from zugong.registry.models import Edition, Subject


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Questions about sheets."""

    def open(self) -> Self:
        """Keep those that can be answered."""
        return self.filter(closed_on=None)


class Survey(models.Model):
    """测评表: one sheet about one subject, under the edition of the pack in which it was opened."""

    kind = models.CharField(max_length=60)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="surveys")
    about = models.ForeignKey(Subject, models.PROTECT, related_name="surveys")
    round = models.CharField(max_length=60)  # 2025年度: about each subject, one sheet of a kind in a round
    meeting = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="surveys")  # answered there
    opened_on = models.DateField()
    opened_by = models.CharField(max_length=200)
    closed_on = models.DateField(null=True)
    closed_by = models.CharField(max_length=200, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "round"], name="one_sheet_about_each_in_a_round"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="a_sheet_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.round}"

    def is_open(self) -> bool:
        """Say whether it can be answered."""
        return self.closed_on is None


class Slip(models.Model):
    """选票领取: somebody may answer a sheet, and whether they did. The list is frozen when the sheet opens.

    A slip is a voter's, or it was handed out and belongs to whoever has its code.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="slips")
    voter = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="slips")
    code = models.CharField(max_length=64, null=True, unique=True)  # a digest; unique where there is one
    klass = models.CharField(max_length=60)  # the class of voters
    used = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "voter"], name="a_voter_has_one_slip"),
            models.CheckConstraint(
                condition=Q(voter=None, code__isnull=False) | Q(voter__isnull=False, code=None),
                name="a_slip_has_a_voter_or_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voter or '凭票'} {'已用' if self.used else '未用'}"


class Urn(models.Model):
    """票箱: what a class of voters has chosen so far, sealed; thrown away when the sheet is counted."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="urns")
    klass = models.CharField(max_length=60)
    sealed = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "klass"], name="a_class_of_voters_has_one_urn")
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.klass}"


class Tally(models.Model):
    """计票: how many of a class of voters gave one grade to one question."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="tallies")
    klass = models.CharField(max_length=60)
    question = models.CharField(max_length=60)
    grade = models.CharField(max_length=60)
    ballots = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "klass", "question", "grade"], name="a_grade_is_counted_in_one_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.grade} {self.ballots}"


class Named(models.Model):
    """署名票: what a voter answered on a sheet that is not secret."""

    slip = models.ForeignKey(Slip, models.PROTECT, related_name="answers")
    question = models.CharField(max_length=60)
    grade = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slip", "question"], name="a_question_is_answered_once")
        ]

    def __str__(self) -> str:
        return f"{self.slip} {self.question} {self.grade}"
