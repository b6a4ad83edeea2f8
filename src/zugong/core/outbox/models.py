"""One kind of thing: a message."""

from django.db import models


class Message(models.Model):
    """消息: "您有一件待办" and a link; never personal data. The key makes a second one impossible."""

    key = models.CharField(max_length=200, unique=True)
    to = models.CharField(max_length=150, db_index=True)  # a user name
    sentence = models.CharField(max_length=200)
    link = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-written_at", "-id"]

    def __str__(self) -> str:
        return self.sentence
