import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from shared.postgres.schema import RunFiles
from warehouse.partitions import CreatePartitionedModel


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('intake', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DimDate',
            fields=[
                ('date_key', models.IntegerField(primary_key=True, serialize=False)),
                ('day', models.DateField(unique=True)),
                ('year', models.SmallIntegerField()),
                ('quarter', models.SmallIntegerField()),
                ('month', models.SmallIntegerField()),
                ('iso_year', models.SmallIntegerField()),
                ('iso_week', models.SmallIntegerField()),
                ('weekday', models.SmallIntegerField()),
                ('month_start', models.DateField()),
                ('week_start', models.DateField()),
            ],
            options={
                'db_table': 'dim_date',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='DimCampaign',
            fields=[
                ('campaign_key', models.BigAutoField(primary_key=True, serialize=False)),
                ('campaign_id', models.UUIDField(unique=True)),
                ('name', models.TextField()),
                ('kind', models.TextField()),
                ('status', models.TextField()),
                ('changed_at', models.DateTimeField(null=True)),
                ('is_inferred', models.BooleanField()),
            ],
            options={
                'db_table': 'dim_campaign',
            },
        ),
        migrations.CreateModel(
            name='DimMerchant',
            fields=[
                ('merchant_key', models.BigAutoField(primary_key=True, serialize=False)),
                ('merchant_id', models.UUIDField(unique=True)),
                ('name', models.TextField()),
                ('created_at', models.DateTimeField(null=True)),
                ('is_inferred', models.BooleanField()),
            ],
            options={
                'db_table': 'dim_merchant',
            },
        ),
        migrations.CreateModel(
            name='DimProgramme',
            fields=[
                ('programme_key', models.BigAutoField(primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField(unique=True)),
                ('name', models.TextField()),
                ('currency', models.TextField()),
                ('timezone', models.TextField()),
                ('value_points', models.BigIntegerField(null=True)),
                ('value_amount', models.BigIntegerField(null=True)),
                ('changed_at', models.DateTimeField(null=True)),
                ('is_inferred', models.BooleanField()),
            ],
            options={
                'db_table': 'dim_programme',
            },
        ),
        migrations.CreateModel(
            name='MovementTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('ledger', 'about', 'slot', 'unit', 'kind', 'part', blank=True, editable=False, primary_key=True, serialize=False)),
                ('ledger', models.TextField()),
                ('slot', models.DateTimeField()),
                ('unit', models.TextField()),
                ('about', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('part', models.SmallIntegerField()),
                ('count', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'db_table': 'movement_total',
            },
        ),
        migrations.CreateModel(
            name='DimMember',
            fields=[
                ('member_key', models.BigAutoField(primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('merchant_id', models.UUIDField(null=True)),
                ('registered_at', models.DateTimeField(null=True)),
                ('deactivated_at', models.DateTimeField(null=True)),
                ('is_inferred', models.BooleanField()),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField()),
            ],
            options={
                'db_table': 'dim_member',
                'constraints': [models.UniqueConstraint(fields=('member_id', 'valid_from'), name='dim_member_version'), models.UniqueConstraint(fields=('member_id', 'valid_to'), name='dim_member_end'), models.CheckConstraint(condition=models.Q(('valid_from__lt', models.F('valid_to'))), name='dim_member_order')],
            },
        ),
        CreatePartitionedModel(
            name='FactPaymentEvent',
            fields=[
                ('pk', models.CompositePrimaryKey('event_id', 'kind', 'event_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.UUIDField()),
                ('kind', models.TextField()),
                ('event_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('payment_id', models.UUIDField()),
                ('member_key', models.BigIntegerField()),
                ('merchant_key', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('money_amount', models.BigIntegerField(null=True)),
                ('currency', models.TextField()),
                ('order_id', models.TextField()),
                ('failure_code', models.TextField()),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_payment_event',
                'indexes': [models.Index(fields=['event_at'], name='fact_payment_at'), models.Index(fields=['merchant_key', 'event_at'], name='fact_payment_merchant')],
            },
            by='event_at',
        ),
        CreatePartitionedModel(
            name='FactPointsEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('transaction_id', 'kind', 'member_id', 'posted_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('transaction_id', models.UUIDField()),
                ('kind', models.TextField()),
                ('member_id', models.UUIDField()),
                ('posted_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('member_key', models.BigIntegerField()),
                ('programme_key', models.BigIntegerField()),
                ('points', models.BigIntegerField()),
                ('change', models.BigIntegerField()),
                ('balance', models.BigIntegerField()),
                ('deficit', models.BigIntegerField()),
                ('reference', models.TextField()),
                ('reason', models.TextField()),
                ('occurred_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_points_entry',
                'indexes': [models.Index(fields=['posted_at'], name='fact_points_at')],
            },
            by='posted_at',
        ),
        CreatePartitionedModel(
            name='FactVoucherEvent',
            fields=[
                ('pk', models.CompositePrimaryKey('event_id', 'kind', 'event_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.UUIDField()),
                ('kind', models.TextField()),
                ('event_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('voucher_id', models.UUIDField()),
                ('campaign_key', models.BigIntegerField()),
                ('member_key', models.BigIntegerField()),
                ('price_points', models.BigIntegerField(null=True)),
                ('discount', models.BigIntegerField(null=True)),
                ('currency', models.TextField()),
                ('order_id', models.TextField()),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_voucher_event',
                'indexes': [django.contrib.postgres.indexes.BrinIndex(fields=['event_at'], name='fact_voucher_time', pages_per_range=32)],
            },
            by='event_at',
        ),
        CreatePartitionedModel(
            name='FactWalletEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('entry_id', 'posted_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('entry_id', models.UUIDField()),
                ('posted_at', models.DateTimeField()),
                ('date_key', models.IntegerField()),
                ('wallet_id', models.UUIDField()),
                ('member_key', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('amount', models.BigIntegerField()),
                ('currency', models.TextField()),
                ('balance', models.BigIntegerField()),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'fact_wallet_entry',
                'indexes': [models.Index(fields=['posted_at'], name='fact_wallet_at')],
            },
            by='posted_at',
        ),
        RunFiles(__file__, "dim_date", "movement_totals"),
    ]
