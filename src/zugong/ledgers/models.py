"""Accounts, and double entries between them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zugong.accounts.models import User
from zugong.registry.models import Subject


class Account(models.Model):
    """账户: what one holder has in one ledger. The county's pool has no holder; the outside world may be negative.

    The balance is the sum of the postings, kept beside them so that one row can be locked and checked.
    """

    ledger = models.CharField(max_length=60)
    holder = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="accounts")
    outside = models.BooleanField(default=False)
    balance = models.BigIntegerField(default=0)  # in the ledger's unit: points, fen, minutes

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0) | Q(outside=True), name="a_balance_never_falls_below_nothing"
            ),
            models.CheckConstraint(
                condition=Q(holder=None) | Q(outside=False), name="the_outside_world_has_no_name"
            ),
            models.UniqueConstraint(
                fields=["ledger", "holder", "outside"],
                name="a_holder_has_one_account_in_a_ledger",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.holder or ('外部' if self.outside else '资金池')}"


class Posting(models.Model):
    """记账: an amount moves from one account to another, by a deed that is named. Never edited; reversed instead."""

    ledger = models.CharField(max_length=60)
    key = models.CharField(max_length=200)  # what may be paid only once
    turn = models.PositiveIntegerField(default=1)  # 1; after a reversal the same may be paid again, as turn 2
    source = models.ForeignKey(Account, models.PROTECT, related_name="out")
    target = models.ForeignKey(Account, models.PROTECT, related_name="into")
    amount = models.BigIntegerField()
    day = models.DateField()
    deed = models.CharField(max_length=200)
    clause = models.CharField(max_length=200, blank=True)
    benefit = models.CharField(max_length=60, blank=True)  # of `redeem`: what the amount was spent on
    gives = models.JSONField(default=dict)  # and what that gave, by unit
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    by = models.CharField(max_length=200)
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "key", "turn"], name="what_is_paid_once_is_paid_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_posting_moves_something"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="a_posting_has_two_ends"),
        ]
        indexes = [models.Index(fields=["ledger", "day"], name="postings_by_ledger")]

    def __str__(self) -> str:
        return f"{self.deed} {self.amount}"


class Book(models.TextChoices):
    """What is kept by hand."""

    ROLL = "roll"
    LEDGER = "ledger"


class Motion(models.Model):
    """手工登记的提请: a deed by hand on a roll or in a ledger that counts when a second person has agreed."""

    book = models.CharField(max_length=10, choices=Book.choices)
    name = models.CharField(max_length=60)  # of the roll or ledger
    verb = models.CharField(max_length=10)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="motions")
    reason = models.CharField(max_length=200)
    words = models.JSONField(default=dict)  # value, until, amount, posting
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="motions")
    proposed_on = models.DateField()
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="answered_motions")
    answered_on = models.DateField(null=True)
    agreed = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(agreed=True) | ~Q(proposed_by=F("answered_by")),
                name="two_people_agree_on_a_motion",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_on=None, agreed=None)
                | Q(answered_by__isnull=False, answered_on__isnull=False, agreed__isnull=False),
                name="a_motion_is_answered_whole_or_not",
            ),
            models.UniqueConstraint(
                fields=["book", "name", "verb", "subject", "reason"],
                condition=Q(answered_on=None),
                nulls_distinct=False,
                name="the_same_motion_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"motion {self.pk} {self.verb} {self.name}"
