from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("activities", "0001_initial")]

    operations = [AppendOnly("activities_correction", may_erase=["was"])]
