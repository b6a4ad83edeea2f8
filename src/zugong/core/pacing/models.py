"""One kind of thing: how often something was done in an hour."""

from django.db import models


class Tally(models.Model):
    """次数: what was done, by whom as a keyed digest that is another one every hour, in which hour, how often."""

    what = models.CharField(max_length=30)
    mark = models.CharField(max_length=64, blank=True)  # empty: all together
    hour = models.DateTimeField()
    times = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "mark", "hour"], name="an_hour_is_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.hour:%F %H}"
