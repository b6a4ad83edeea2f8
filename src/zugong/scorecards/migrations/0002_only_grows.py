from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0001_initial")]

    operations = [AppendOnly("scorecards_mark", may_change=["superseded"])]
