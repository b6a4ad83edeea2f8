from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0001_initial")]

    operations = [AppendOnly("bulletins_approval"), AppendOnly("bulletins_item")]
