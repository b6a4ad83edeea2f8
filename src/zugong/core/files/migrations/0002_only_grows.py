from django.db import migrations

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [AppendOnly("files_file", may_erase=["name", "content", "size"])]
