"""One kind of thing: an effect that somebody above will collect, once."""

from django.db import models


class Pending(models.Model):
    """待办效应: a verb, what it names, whom it is about, and the day from which it may be collected."""

    key = models.CharField(max_length=200, unique=True)  # the deed that caused it, so that it happens once
    verb = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    subject = models.BigIntegerField(null=True)  # a row of the registry; this rung does not know it
    due_on = models.DateField()
    words = models.JSONField(default=dict)
    cause = models.CharField(max_length=200)
    collected_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["verb", "collected_on", "due_on"], name="pending_by_verb")]

    def __str__(self) -> str:
        return f"{self.verb} {self.name} {self.due_on}"
