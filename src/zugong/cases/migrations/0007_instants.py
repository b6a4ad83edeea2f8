"""Deadlines, openings and entries to the second, where only days were kept; and how far each series of numbers has run."""

from django.db import migrations, models
from django.db.models import Q

AT_ITS_END = "({day} + time '23:59:59') AT TIME ZONE 'Asia/Shanghai'"
FROM_DAYS = f"""
UPDATE cases_case SET
    opened_at = {AT_ITS_END.format(day="opened_on")},
    entered_at = {AT_ITS_END.format(day="entered_on")},
    due_at = {AT_ITS_END.format(day="due_on")},
    ended_at = (SELECT min(at) FROM cases_step WHERE case_id = cases_case.id AND to_state = 'closed')
"""
FROM_NUMBERS = """
INSERT INTO cases_series (prefix, last)
SELECT substring(number from '^(.*〕)[0-9]+号$') AS prefix, max(substring(number from '([0-9]+)号$')::int)
FROM cases_case WHERE number ~ '〕[0-9]+号$' GROUP BY 1
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_outside_number")]

    operations = [
        migrations.AddField("case", "opened_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "entered_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "ended_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            "Series",
            [
                ("prefix", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("last", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(FROM_DAYS, migrations.RunSQL.noop),
        migrations.RunSQL(FROM_NUMBERS, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField("case", "opened_at", models.DateTimeField()),
        migrations.AlterField("case", "entered_at", models.DateTimeField()),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=Q(due_on=None, due_at=None) | Q(due_on__isnull=False, due_at__isnull=False),
                name="a_deadline_is_an_instant",
            ),
        ),
    ]
