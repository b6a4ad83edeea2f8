from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [AppendOnly("surveys_slip", may_change=["used"]), AppendOnly("surveys_named", may_erase=["grade"])]
