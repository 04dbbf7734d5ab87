from django.db import migrations, models

from shared.postgres.schema import RunFiles
from warehouse.partitions import CreatePartitionedModel


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DimRule',
            fields=[
                ('rule_key', models.BigAutoField(primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('rule_id', models.TextField()),
                ('version', models.IntegerField()),
                ('name', models.TextField()),
                ('trigger', models.TextField()),
                ('effect', models.TextField()),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('changed_at', models.DateTimeField(null=True)),
                ('is_inferred', models.BooleanField()),
            ],
            options={
                'db_table': 'dim_rule',
                'constraints': [models.UniqueConstraint(fields=('programme_id', 'rule_id', 'version'), name='dim_rule_version')],
            },
        ),
        CreatePartitionedModel(
            name='FactPointsRule',
            fields=[
                ('pk', models.CompositePrimaryKey('transaction_id', 'kind', 'rule_key', 'posted_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('transaction_id', models.UUIDField()),
                ('kind', models.TextField()),
                ('rule_key', models.BigIntegerField()),
                ('posted_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('member_key', models.BigIntegerField()),
                ('programme_key', models.BigIntegerField()),
                ('merchant_key', models.BigIntegerField(null=True)),
                ('points', models.BigIntegerField()),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_points_rule',
                'indexes': [models.Index(fields=['posted_at'], name='fact_points_rule_at')],
            },
            by='posted_at',
        ),
        migrations.AddField(
            model_name='factpointsentry',
            name='rules',
            field=models.SmallIntegerField(db_default=0),
        ),
        RunFiles(__file__, "rule_totals"),
    ]
