"""One kind of thing: a message."""

from django.db import models

from zugong.core.sentences import Sentence


class Message(models.Model):
    """消息: "您有一件待办", whom it is about, until which day, and a link; never personal data.

    It is kept as a template and its words, and is read in the language of its reader; how many days are left is
    counted when it is read. The key makes a second one impossible.
    """

    key = models.CharField(max_length=200, unique=True)
    to = models.CharField(max_length=150, db_index=True)  # a user name
    template = models.CharField(max_length=200)
    words = models.JSONField(default=dict)
    about = models.BigIntegerField(null=True)  # a row of the registry; this rung does not know its name
    until = models.DateField(null=True)
    link = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-written_at", "-id"]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> Sentence:
        """What it says, but not of whom."""
        return Sentence.again(self.template, self.words)
