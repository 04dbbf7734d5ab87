import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from shared.postgres.schema import AppendOnly


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('merchants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentIntent',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('made_by', models.CharField(max_length=10)),
                ('order_id', models.CharField(max_length=128)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(max_length=24)),
                ('tender_type', models.CharField(max_length=10, null=True)),
                ('amount_received', models.BigIntegerField()),
                ('amount_refunded', models.BigIntegerField()),
                ('amount_refunding', models.BigIntegerField()),
                ('channel', models.CharField(max_length=40)),
                ('store', models.CharField(max_length=64)),
                ('metadata', models.JSONField()),
                ('last_error', models.JSONField(null=True)),
                ('created_at', models.DateTimeField()),
                ('captured_at', models.DateTimeField(null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='merchants.merchant')),
            ],
            options={
                'db_table': 'payment_intent',
            },
        ),
        migrations.CreateModel(
            name='PaymentAttempt',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.SmallIntegerField()),
                ('tender_type', models.CharField(max_length=10)),
                ('status', models.CharField(max_length=10)),
                ('card_brand', models.CharField(max_length=20)),
                ('card_last4', models.CharField(max_length=4)),
                ('card_fingerprint', models.CharField(max_length=32)),
                ('decline_code', models.CharField(max_length=40)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('intent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='intents.paymentintent')),
            ],
            options={
                'db_table': 'payment_attempt',
            },
        ),
        migrations.CreateModel(
            name='IntentMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(max_length=24)),
                ('to_status', models.CharField(max_length=24)),
                ('at', models.DateTimeField()),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='intents.paymentintent')),
            ],
            options={
                'db_table': 'intent_move',
            },
        ),
        migrations.CreateModel(
            name='IntentLine',
            fields=[
                ('pk', models.CompositePrimaryKey('intent_id', 'position', blank=True, editable=False, primary_key=True, serialize=False)),
                ('position', models.SmallIntegerField()),
                ('line_id', models.CharField(max_length=64)),
                ('sku', models.CharField(max_length=64)),
                ('category', models.CharField(max_length=64)),
                ('brand', models.CharField(max_length=64)),
                ('quantity', models.BigIntegerField()),
                ('unit_amount', models.BigIntegerField()),
                ('quantity_refunded', models.BigIntegerField()),
                ('amount_refunded', models.BigIntegerField()),
                ('metadata', models.JSONField()),
                ('intent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='intents.paymentintent')),
            ],
            options={
                'db_table': 'intent_line',
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('tender_type', models.CharField(max_length=10)),
                ('status', models.CharField(max_length=10)),
                ('reason', models.CharField(max_length=200)),
                ('error_code', models.CharField(max_length=40)),
                ('requested_by', models.UUIDField()),
                ('created_at', models.DateTimeField()),
                ('refunded_at', models.DateTimeField(null=True)),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='intents.paymentintent')),
            ],
            options={
                'db_table': 'refund',
            },
        ),
        migrations.CreateModel(
            name='RefundedLine',
            fields=[
                ('pk', models.CompositePrimaryKey('refund_id', 'line_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('line_id', models.CharField(max_length=64)),
                ('quantity', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('refund', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='intents.refund')),
            ],
            options={
                'db_table': 'refunded_line',
            },
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(fields=['member_id', 'id'], name='payment_intent_member'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(fields=['merchant', 'id'], name='payment_intent_merchant'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(fields=['order_id', 'merchant', 'id'], name='payment_intent_by_order'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('status', 'succeeded'), _negated=True), fields=['status', 'id'], name='payment_intent_unpaid'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('status', 'succeeded'), _negated=True), fields=['merchant', 'status', 'id'], name='payment_intent_unpaid_shop'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('status__in', ('requires_confirmation', 'failed'))), fields=['created_at'], name='payment_intent_to_give_up'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('status', 'succeeded')), fields=['id'], name='payment_intent_paid'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('status', 'succeeded')), fields=['merchant', 'id'], name='payment_intent_paid_shop'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('processing', 'succeeded'))), fields=('merchant', 'order_id'), name='payment_intent_order'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['requires_confirmation', 'processing', 'failed', 'succeeded', 'canceled'])), name='payment_intent_status'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(('made_by__in', ['member', 'merchant'])), name='payment_intent_made_by'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('tender_type__in', ('wallet', 'card')), ('tender_type__isnull', False)), models.Q(('made_by', 'merchant'), ('status__in', ['requires_confirmation', 'canceled']), ('tender_type__isnull', True)), _connector='OR'), name='payment_intent_tender'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_received', models.F('amount')), ('captured_at__isnull', False), ('status', 'succeeded')), models.Q(models.Q(('status', 'succeeded'), _negated=True), ('amount_received', 0), ('captured_at', None)), _connector='OR'), name='payment_intent_received'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount_received__gte', django.db.models.expressions.CombinedExpression(models.F('amount_refunded'), '+', models.F('amount_refunding'))), ('amount_refunded__gte', 0), ('amount_refunding__gte', 0)), name='payment_intent_amounts'),
        ),
        migrations.AddIndex(
            model_name='paymentattempt',
            index=models.Index(condition=models.Q(('status', 'processing')), fields=['created_at'], name='payment_attempt_open'),
        ),
        migrations.AddConstraint(
            model_name='paymentattempt',
            constraint=models.UniqueConstraint(fields=('intent', 'number'), name='payment_attempt_number'),
        ),
        migrations.AddConstraint(
            model_name='paymentattempt',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['processing', 'succeeded'])), fields=('intent',), name='payment_attempt_one_live'),
        ),
        migrations.AddConstraint(
            model_name='paymentattempt',
            constraint=models.CheckConstraint(condition=models.Q(('tender_type__in', ('wallet', 'card'))), name='payment_attempt_tender'),
        ),
        migrations.AddConstraint(
            model_name='paymentattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decline_code', ''), ('finished_at', None), ('status', 'processing')), models.Q(('decline_code', ''), ('finished_at__isnull', False), ('status', 'succeeded')), models.Q(('finished_at__isnull', False), ('status', 'failed'), models.Q(('decline_code', ''), _negated=True)), _connector='OR'), name='payment_attempt_status'),
        ),
        migrations.AddConstraint(
            model_name='intentmove',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('from_status', 'requires_confirmation'), ('to_status__in', ('processing', 'succeeded', 'canceled'))), models.Q(('from_status', 'processing'), ('to_status__in', ('succeeded', 'failed'))), models.Q(('from_status', 'failed'), ('to_status__in', ('processing', 'succeeded', 'canceled'))), _connector='OR'), name='intent_move_allowed'),
        ),
        migrations.AddConstraint(
            model_name='intentline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_refunded__gte', 0), ('amount_refunded__lte', django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('unit_amount'))), ('quantity__gte', models.F('quantity_refunded')), ('quantity_refunded__gte', 0), ('unit_amount__gte', 0)), name='intent_line_amounts'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('status', 'processing')), fields=['created_at'], name='refund_open'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_amount'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('error_code', ''), ('refunded_at', None), ('status', 'processing')), models.Q(('error_code', ''), ('refunded_at__isnull', False), ('status', 'succeeded')), models.Q(('refunded_at', None), ('status', 'failed'), models.Q(('error_code', ''), _negated=True)), _connector='OR'), name='refund_status'),
        ),
        migrations.AddConstraint(
            model_name='refundedline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('quantity__gt', 0)), name='refunded_line_amounts'),
        ),
        AppendOnly("intent_move", "refunded_line"),
    ]
