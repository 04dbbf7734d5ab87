import django.db.models.deletion
import shared.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ProviderCharge',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('reference', models.UUIDField(unique=True)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('last4', models.CharField(max_length=4)),
                ('status', models.CharField(max_length=10)),
                ('decline_code', models.CharField(max_length=40)),
                ('amount_refunded', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'provider_charge',
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ('captured', 'declined', 'closed'))), name='provider_charge_status'), models.CheckConstraint(condition=models.Q(('amount_refunded__gte', 0), ('amount_refunded__lte', models.F('amount'))), name='provider_charge_refunded'), models.CheckConstraint(condition=models.Q(models.Q(('decline_code', ''), ('status', 'captured')), models.Q(('amount_refunded', 0), models.Q(('decline_code', ''), _negated=True)), _connector='OR'), name='provider_charge_decline')],
            },
        ),
        migrations.CreateModel(
            name='ProviderRefund',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('reference', models.UUIDField(unique=True)),
                ('amount', models.BigIntegerField()),
                ('created_at', models.DateTimeField()),
                ('charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='provider.providercharge')),
            ],
            options={
                'db_table': 'provider_refund',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='provider_refund_amount')],
            },
        ),
    ]
