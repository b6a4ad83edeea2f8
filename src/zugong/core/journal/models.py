"""Entries, the seals that chain them, and the heads that were carried outside."""

from django.db import models


class Entry(models.Model):
    """记录: one deed or one reading of a personal file, in words that outlive what they describe."""

    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    deed = models.CharField(max_length=100)
    on = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["on", "id"], name="journal_of_one_record"),
            models.Index(fields=["by", "id"], name="journal_of_one_person"),
            models.Index(fields=["deed", "id"], name="journal_of_one_deed"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by} {self.deed} {self.on}".strip()


class Seal(models.Model):
    """封存: one link of the chain. Seals follow the order of commits, which ids do not promise."""

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.digest[:12]}"


class Head(models.Model):
    """链头: the end of the chain on a day, as it was carried outside. Only an outside head shows a cut tail."""

    day = models.DateField()
    sequence = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    exported_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.day} {self.sequence} {self.digest[:12]}"
