"""Imports: what was uploaded, what was found in it, what came of it."""

from __future__ import annotations

from django.db import models

from zugong.accounts.models import User


class State(models.TextChoices):
    """How far an import has come."""

    WAITING = "waiting", "待确认"
    DONE = "done", "已导入"
    UNDONE = "undone", "已撤销"


class Import(models.Model):
    """导入: one uploaded sheet. It is shown first and changes nothing; confirmed, it is one deed; undone, another."""

    entity = models.CharField(max_length=130)
    label = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    name = models.CharField(max_length=200)  # of the file
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    content = models.BinaryField(default=b"")  # until it is confirmed or thrown away
    day = models.DateField()  # for which it was read
    plan = models.CharField(max_length=64)  # digest of what was shown: confirmed is what was seen
    lines = models.JSONField(default=list)  # [number, change, what, [[label, sentence], …]]
    notes = models.JSONField(default=list)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    made = models.JSONField(default=dict)  # what undoing takes back: the book's own words
    user = models.ForeignKey(User, models.PROTECT, related_name="imports")
    uploaded_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)  # of undoing

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"import {self.pk}"
