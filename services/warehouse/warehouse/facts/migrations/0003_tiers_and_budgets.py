from django.db import migrations, models

from shared.postgres.schema import RunFiles
from warehouse.partitions import CreatePartitionedModel


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0002_rules'),
    ]

    operations = [
        CreatePartitionedModel(
            name='FactTierChange',
            fields=[
                ('pk', models.CompositePrimaryKey('programme_id', 'member_id', 'number', 'changed_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('number', models.IntegerField()),
                ('changed_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('member_key', models.BigIntegerField()),
                ('programme_key', models.BigIntegerField()),
                ('before', models.TextField(null=True)),
                ('after', models.TextField(null=True)),
                ('cause', models.TextField()),
                ('reference', models.UUIDField(null=True)),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_tier_change',
                'indexes': [models.Index(fields=['changed_at'], name='fact_tier_change_at')],
            },
            by='changed_at',
        ),
        migrations.CreateModel(
            name='DimMemberTier',
            fields=[
                ('pk', models.CompositePrimaryKey('programme_id', 'member_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('number', models.IntegerField()),
                ('programme_key', models.BigIntegerField()),
                ('member_key', models.BigIntegerField()),
                ('tier', models.TextField(null=True)),
                ('cause', models.TextField()),
                ('reference', models.UUIDField(null=True)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'dim_member_tier',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='DimBudget',
            fields=[
                ('budget_key', models.BigAutoField(primary_key=True, serialize=False)),
                ('budget_id', models.UUIDField(unique=True)),
                ('programme_id', models.UUIDField(null=True)),
                ('code', models.TextField()),
                ('name', models.TextField()),
                ('rule_id', models.TextField(null=True)),
                ('campaign_id', models.UUIDField(null=True)),
                ('of', models.TextField()),
                ('most', models.BigIntegerField(null=True)),
                ('per', models.TextField()),
                ('each', models.TextField(null=True)),
                ('beyond', models.TextField()),
                ('value_points', models.BigIntegerField(null=True)),
                ('value_amount', models.BigIntegerField(null=True)),
                ('changed_at', models.DateTimeField(null=True)),
                ('changed_by', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('is_inferred', models.BooleanField()),
            ],
            options={
                'db_table': 'dim_budget',
                'indexes': [models.Index(fields=['programme_id', 'code'], name='dim_budget_code')],
            },
        ),
        CreatePartitionedModel(
            name='FactBudgetUse',
            fields=[
                ('pk', models.CompositePrimaryKey('use_id', 'budget_key', 'period', 'each', 'posted_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('use_id', models.UUIDField()),
                ('budget_key', models.BigIntegerField()),
                ('period', models.TextField()),
                ('each', models.TextField()),
                ('posted_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('change', models.BigIntegerField()),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_budget_use',
                'indexes': [models.Index(fields=['posted_at'], name='fact_budget_use_at')],
            },
            by='posted_at',
        ),
        migrations.CreateModel(
            name='BudgetTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('budget_key', 'period', 'slot', 'part', blank=True, editable=False, primary_key=True, serialize=False)),
                ('budget_key', models.BigIntegerField()),
                ('period', models.TextField()),
                ('slot', models.DateTimeField()),
                ('part', models.SmallIntegerField()),
                ('used', models.BigIntegerField()),
                ('returned', models.BigIntegerField()),
            ],
            options={
                'db_table': 'budget_total',
                'indexes': [models.Index(fields=['budget_key', 'slot', 'period'], name='budget_total_at')],
            },
        ),
        RunFiles(__file__, "tiers", "budget_totals"),
    ]
