from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        AppendOnly("cases_step", may_erase=["note"]),
        AppendOnly("cases_answer", may_erase=["value"]),
        AppendOnly("cases_proof"),
        AppendOnly("cases_drawn"),
    ]
