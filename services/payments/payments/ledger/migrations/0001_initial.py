import django.db.models.deletion
import shared.ids
from django.db import migrations, models

from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('owner_id', models.UUIDField()),
                ('currency', models.CharField(max_length=3)),
                ('shard', models.SmallIntegerField()),
                ('balance', models.BigIntegerField()),
                ('version', models.BigIntegerField()),
                ('floor', models.BigIntegerField(null=True)),
            ],
            options={
                'db_table': 'account',
                'constraints': [models.UniqueConstraint(fields=('owner_id', 'kind', 'currency', 'shard'), name='account_once'), models.CheckConstraint(condition=models.Q(('floor', None), ('balance__gte', models.F('floor')), _connector='OR'), name='account_floor'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'wallet'), _negated=True), models.Q(('floor', 0), ('floor__isnull', False), ('shard', 0)), _connector='OR'), name='account_wallet_floor'), models.CheckConstraint(condition=models.Q(('shard__gte', 0), ('version__gte', 0)), name='account_version')],
            },
        ),
        migrations.CreateModel(
            name='LedgerTransaction',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('source_key', models.CharField(max_length=80, unique=True)),
                ('reference', models.CharField(max_length=128)),
                ('posted_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_transaction',
                'indexes': [models.Index(fields=['posted_at'], name='ledger_transaction_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('topup', 'payment', 'refund'))), name='ledger_transaction_kind')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('balance_after', models.BigIntegerField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='ledger.ledgertransaction')),
            ],
            options={
                'db_table': 'entry',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='entry_amount'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='entry_version')],
            },
        ),
        AppendOnly("entry", "ledger_transaction"),
        RunFiles(__file__, "transaction_xid"),
    ]
