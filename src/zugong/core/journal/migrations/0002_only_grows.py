from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [AppendOnly("journal_entry"), AppendOnly("journal_seal"), AppendOnly("journal_head")]
