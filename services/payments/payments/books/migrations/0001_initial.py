from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DayTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'ledger', 'unit', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('ledger', models.CharField(max_length=16)),
                ('unit', models.CharField(max_length=3)),
                ('kind', models.CharField(max_length=16)),
                ('count', models.BigIntegerField()),
                ('total', models.BigIntegerField()),
            ],
            options={
                'db_table': 'day_total',
            },
        ),
        migrations.CreateModel(
            name='DayTotalReach',
            fields=[
                ('id_of_one', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('last_xid', models.BigIntegerField()),
                ('last_id', models.UUIDField()),
            ],
            options={
                'db_table': 'day_total_reach',
            },
        ),
        migrations.CreateModel(
            name='DayTotalsPublished',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('totals', models.JSONField()),
                ('published_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'day_totals_published',
            },
        ),
    ]
