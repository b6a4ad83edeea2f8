import django.db.models.deletion
from django.db import migrations, models

from zugong.core.database.operations import AppendOnly


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('scorecards', '0002_only_grows'),
    ]

    operations = [
        migrations.AlterField(
            model_name='run',
            name='state',
            field=models.CharField(choices=[('scored', '已计算'), ('decided', '已审定'), ('announced', '公示中'), ('published', '已公布'), ('given-up', '已放弃')], default='scored', max_length=12),
        ),
        migrations.CreateModel(
            name='GivenUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('card', models.CharField(max_length=60)),
                ('period', models.CharField(max_length=40)),
                ('runs', models.PositiveIntegerField()),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.proposal')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['card', 'period'], name='given_up_periods')],
            },
        ),
        AppendOnly("scorecards_givenup"),
    ]
