"""One kind of thing: a file."""

from django.db import models


class File(models.Model):
    """附件: its bytes lie beside the records that cite it, so that one backup holds both."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)  # the ending that its content proved
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, db_index=True)  # SHA-256
    content = models.BinaryField()
    by = models.CharField(max_length=200)
    kept_at = models.DateTimeField()

    @property
    def is_erased(self) -> bool:
        """Say whether its time was over: its name is then the rule, and nothing is in it."""
        return self.size == 0

    def __str__(self) -> str:
        return self.name
