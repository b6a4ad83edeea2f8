from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [AppendOnly("cases_step"), AppendOnly("cases_answer"), AppendOnly("cases_proof")]
