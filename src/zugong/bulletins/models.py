"""Bulletins and the items that engines put in them."""

from __future__ import annotations

from django.db import models

from zugong.registry.models import Edition, Subject


class BulletinState(models.TextChoices):
    """How far a bulletin has come."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待批"
    ISSUED = "issued", "已印发"


class Bulletin(models.Model):
    """通报: the facts of a period, composed once; Word, PDF and Excel are printed from the same."""

    kind = models.CharField(max_length=60)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="bulletins")
    period = models.CharField(max_length=40)
    first = models.DateField()
    last = models.DateField()
    as_of = models.DateField()
    state = models.CharField(max_length=12, choices=BulletinState.choices, default=BulletinState.DRAFT)
    number = models.CharField(max_length=60, blank=True)  # given by the document office and typed in
    facts = models.JSONField()  # the paper, as composed: what every rendering says
    remark = models.TextField(blank=True)  # what a person adds
    round = models.PositiveIntegerField(default=1)  # sent back: the next round, with approvals of its own
    drafted_by = models.CharField(max_length=200)
    issued_on = models.DateField(null=True)

    class Meta:
        ordering = ["-first", "-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "first"], name="one_bulletin_of_a_period")]

    def __str__(self) -> str:
        return f"bulletin {self.kind} {self.period}"

    @property
    def given(self) -> list[Approval]:
        """The approvals of this round."""
        return [one for one in self.approvals.all() if one.round == self.round]


class Approval(models.Model):
    """签发: one person approved, in the name of a body."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="approvals")
    round = models.PositiveIntegerField(default=1)
    role = models.CharField(max_length=60)
    by = models.CharField(max_length=200)
    day = models.DateField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "round", "role"], name="a_body_approves_once"),
            models.UniqueConstraint(fields=["bulletin", "round", "by"], name="a_person_approves_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.by}"


class Item(models.Model):
    """入报事项: something an engine put in a bulletin."""

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    about = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="bulletin_items")
    day = models.DateField()
    cause = models.CharField(max_length=200)
    words = models.JSONField(default=dict)

    class Meta:
        ordering = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"
