from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial")]

    operations = [AppendOnly("duties_answer", may_change=["checked_by", "checked_on"], may_erase=["value"])]
