"""What the clock calls: the jobs of a day in order, and what recurs within it."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from zugong.cli.reference.words import NOTICE, sentence, table

BEGINNING = """# Jobs of a day 每天的任务

The worker runs these in this order, each in its own transaction, once for each day; a day that was missed is made up
for, and `zugong day` runs them by hand. A demo runs them when its day is moved. Each takes the day as an argument.

每天按下列次序运行，每项一个事务、每天一次；漏掉的日子会补上，也可以用 `zugong day` 手工补。演示在移动日期时运行它们。
"""


def page() -> str:
    """Return the page."""
    days = import_string(settings.DAILY)
    daily = table(("job", "does"), ((f"`{name}`", sentence(job)) for name, job in days))
    tasks = app.periodic_registry.periodic_tasks.values()
    recurring = table(
        ("task", "when (UTC)", "does"),
        ((f"`{one.periodic_id}`", f"`{one.cron}`", sentence(one.task.func)) for one in tasks),
    )
    return "\n\n".join([NOTICE, BEGINNING.strip(), daily, "## Within the day 一天之内", recurring]) + "\n"
