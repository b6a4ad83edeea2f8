"""安装 Installation: the one row that says what this database is; 日程 DayRun: the days whose jobs have run."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zugong.core import clock


class Installation(models.Model):
    """安装: the one row that says whether this is a real county or a demo, and which day a demo has."""

    class Kind(models.TextChoices):
        COUNTY = "county", _("县")
        DEMO = "demo", _("演示")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.CharField(max_length=30)
    demo_day = models.DateField(null=True, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_installation"),
            models.CheckConstraint(
                condition=Q(kind="demo", demo_day__isnull=False) | Q(kind="county", demo_day__isnull=True),
                name="only_a_demo_has_its_own_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class DayRun(models.Model):
    """日程: one job has run for one day; there is no second row for the same two."""

    day = models.DateField()
    job = models.CharField(max_length=60)
    finished_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "job"], name="a_job_runs_once_for_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.job}"
