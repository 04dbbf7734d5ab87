import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        ('programmes', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EarnedOrder',
            fields=[
                ('pk', models.CompositePrimaryKey('merchant_id', 'order_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('merchant_id', models.UUIDField()),
                ('order_id', models.CharField(max_length=128)),
                ('purchase_id', models.UUIDField()),
            ],
            options={
                'db_table': 'earned_order',
            },
        ),
        migrations.CreateModel(
            name='Purchase',
            fields=[
                ('payment_id', models.UUIDField(primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('transaction_id', models.UUIDField(null=True)),
                ('amount', models.BigIntegerField()),
                ('points', models.BigIntegerField()),
                ('returned', models.BigIntegerField(default=0)),
                ('points_returned', models.BigIntegerField(default=0)),
                ('reference', models.CharField(max_length=100, null=True)),
                ('merchant_id', models.UUIDField(null=True)),
                ('currency', models.CharField(max_length=3, null=True)),
                ('money_amount', models.BigIntegerField(null=True)),
                ('spent', models.BigIntegerField(db_default=0)),
                ('occurred_at', models.DateTimeField(null=True)),
                ('no_points_reason', models.CharField(max_length=20, null=True)),
                ('channel', models.CharField(max_length=40)),
                ('store', models.CharField(max_length=64)),
                ('metadata', models.JSONField()),
                ('lines_by', models.CharField(max_length=10)),
                ('rules_version', models.IntegerField(null=True)),
                ('of_budgets', models.JSONField(null=True)),
                ('programme', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'purchase',
            },
        ),
        migrations.CreateModel(
            name='PurchaseLine',
            fields=[
                ('pk', models.CompositePrimaryKey('payment_id', 'line_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('line_id', models.CharField(max_length=100)),
                ('sku', models.CharField(max_length=64)),
                ('category', models.CharField(max_length=64)),
                ('brand', models.CharField(max_length=64)),
                ('quantity', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('points', models.BigIntegerField()),
                ('quantity_returned', models.BigIntegerField(default=0)),
                ('returned', models.BigIntegerField(default=0)),
                ('points_returned', models.BigIntegerField(default=0)),
                ('metadata', models.JSONField()),
                ('payment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='purchases.purchase')),
            ],
            options={
                'db_table': 'purchase_line',
            },
        ),
        migrations.CreateModel(
            name='PurchaseSpend',
            fields=[
                ('redemption', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='ledger.transaction')),
                ('points', models.BigIntegerField()),
                ('restored', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'purchase_spend',
            },
        ),
        migrations.CreateModel(
            name='PurchaseReturn',
            fields=[
                ('refund_id', models.UUIDField(primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('points', models.BigIntegerField()),
                ('returned_at', models.DateTimeField()),
                ('own', models.BigIntegerField(null=True)),
                ('others', models.BigIntegerField(null=True)),
                ('owed', models.BigIntegerField(null=True)),
                ('forgiven', models.BigIntegerField(null=True)),
                ('policy', models.CharField(max_length=12, null=True)),
                ('restored', models.BigIntegerField(db_default=0)),
                ('expired', models.BigIntegerField(db_default=0)),
                ('return_id', models.CharField(max_length=100, null=True)),
                ('reason', models.CharField(db_default='', max_length=200)),
                ('request', models.JSONField(null=True)),
                ('lines', models.JSONField(null=True)),
                ('payment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='purchases.purchase')),
                ('transaction', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction')),
            ],
            options={
                'db_table': 'purchase_return',
            },
        ),
        migrations.CreateModel(
            name='PurchaseRules',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='purchases.purchase')),
                ('member_id', models.UUIDField()),
                ('timezone', models.CharField(max_length=64)),
                ('known', models.JSONField()),
                ('outcome', models.JSONField()),
            ],
            options={
                'db_table': 'purchase_rules',
            },
        ),
        migrations.CreateModel(
            name='ReturnRules',
            fields=[
                ('refund_id', models.UUIDField(primary_key=True, serialize=False)),
                ('taken', models.JSONField()),
            ],
            options={
                'db_table': 'return_rules',
            },
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['member_id', 'payment_id'], name='purchase_of_member'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['member_id', 'programme'], name='purchase_in_programme'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(condition=models.Q(('reference__isnull', False)), fields=['merchant_id', 'payment_id'], name='purchase_recorded_by'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(condition=models.Q(('reference__isnull', False)), fields=['reference', 'payment_id'], name='purchase_by_reference'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.UniqueConstraint(condition=models.Q(('reference__isnull', False)), fields=('programme', 'reference', 'merchant_id'), name='purchase_reference', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('reference__isnull', True), models.Q(('currency__isnull', False), ('occurred_at__isnull', False), ('programme__isnull', False), ('money_amount__gte', 0), ('money_amount__lte', models.F('amount')), ('returned__lte', models.F('amount'))), _connector='OR'), name='purchase_recorded'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('spent__gte', 0)), name='purchase_spent'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('points_returned__gte', 0), ('points_returned__lte', models.F('points'))), name='purchase_points'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('returned__gte', 0)), name='purchase_returned'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('no_points_reason__isnull', True), ('points', 0), _connector='OR'), name='purchase_no_points_reason'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('lines_by', 'merchant'), models.Q(('lines_by', 'member'), ('reference__isnull', True)), _connector='OR'), name='purchase_lines_by'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.CheckConstraint(condition=models.Q(('points_returned__gte', 0), ('points_returned__lte', models.F('points'))), name='purchase_line_points'),
        ),
        migrations.AddField(
            model_name='purchasespend',
            name='payment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='purchases.purchase'),
        ),
        migrations.AddIndex(
            model_name='purchasereturn',
            index=models.Index(fields=['payment'], name='purchase_return_of'),
        ),
        migrations.AddConstraint(
            model_name='purchasereturn',
            constraint=models.UniqueConstraint(condition=models.Q(('return_id__isnull', False)), fields=('payment', 'return_id'), name='purchase_return_once'),
        ),
        migrations.AddConstraint(
            model_name='purchasereturn',
            constraint=models.CheckConstraint(condition=models.Q(('points', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('own'), '+', models.F('others')), '+', models.F('owed')), '+', models.F('forgiven')))), name='purchase_return_parts'),
        ),
        migrations.AddConstraint(
            model_name='purchasereturn',
            constraint=models.CheckConstraint(condition=models.Q(('forgiven__gte', 0), ('others__gte', 0), ('owed__gte', 0), ('own__gte', 0)), name='purchase_return_signs'),
        ),
        migrations.AddConstraint(
            model_name='purchasereturn',
            constraint=models.CheckConstraint(condition=models.Q(('expired__gte', 0), ('restored__gte', models.F('expired'))), name='purchase_return_restored'),
        ),
        migrations.AddConstraint(
            model_name='purchasereturn',
            constraint=models.CheckConstraint(condition=models.Q(('policy', 'arrears'), models.Q(('owed', 0), ('policy', 'floor_zero')), models.Q(('others', 0), ('owed', 0), ('policy', 'pending_only')), ('policy__isnull', True), _connector='OR'), name='purchase_return_policy'),
        ),
        migrations.AddIndex(
            model_name='purchasespend',
            index=models.Index(fields=['payment'], name='purchase_spend_of'),
        ),
        migrations.AddConstraint(
            model_name='purchasespend',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0), ('restored__gte', 0), ('restored__lte', models.F('points'))), name='purchase_spend_points'),
        ),
        AppendOnly("purchase_return", "earned_order", "purchase_rules", "return_rules"),
        RunFiles(__file__, "purchases"),
    ]
