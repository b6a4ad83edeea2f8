import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_keys'),
        ('cases', '0007_instants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='receipt',
            name='through',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.key'),
        ),
        migrations.AddIndex(
            model_name='receipt',
            index=models.Index(fields=['channel', 'at'], name='receipts_by_channel'),
        ),
    ]
