from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0001_initial")]

    operations = [AppendOnly("ledgers_posting")]
