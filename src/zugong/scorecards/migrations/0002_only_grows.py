from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0001_initial")]

    operations = [
        AppendOnly("scorecards_mark", may_change=["superseded"]),
        AppendOnly("scorecards_moved"),
        AppendOnly("scorecards_hearing"),
        AppendOnly("scorecards_comment"),
        AppendOnly(
            "scorecards_adjustment", may_change=["agreed", "answered_by", "answered_on", "after_publication"]
        ),
    ]
