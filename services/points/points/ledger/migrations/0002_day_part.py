from django.db import migrations, models

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_initial'),
        ('budgets', '0001_initial'),
        ('tiers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DayPart',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('ledger', models.CharField(max_length=16)),
                ('unit', models.CharField(max_length=36)),
                ('kind', models.CharField(max_length=16)),
                ('count', models.BigIntegerField()),
                ('total', models.BigIntegerField()),
            ],
            options={
                'db_table': 'day_part',
                'indexes': [models.Index(fields=['day'], name='day_part_day')],
            },
        ),
        RunFiles(__file__, "day_part"),
    ]
