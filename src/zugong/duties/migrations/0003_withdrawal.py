import django.db.models.deletion
from django.db import migrations, models

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("duties", "0002_only_grows")]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="duties.answer",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        AppendOnly("duties_withdrawal"),
    ]
