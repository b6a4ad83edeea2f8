from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_only_grows")]

    operations = [migrations.AddField("step", "due_on", models.DateField(null=True))]
