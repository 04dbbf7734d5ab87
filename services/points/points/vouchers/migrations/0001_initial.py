import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import shared.ids
from django.db import migrations, models

from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CodePattern',
            fields=[
                ('pattern', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('codes', models.BigIntegerField()),
            ],
            options={
                'db_table': 'voucher_code_pattern',
                'constraints': [models.CheckConstraint(condition=models.Q(('codes__gte', 0)), name='voucher_code_pattern_codes')],
            },
        ),
        migrations.CreateModel(
            name='FailedAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.UUIDField()),
                ('customer_id', models.UUIDField(null=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'voucher_failed_attempt',
                'indexes': [models.Index(fields=['account_id', '-at'], name='voucher_failed_of_account'), models.Index(fields=['account_id', 'customer_id', '-at'], name='voucher_failed_for_customer'), models.Index(fields=['at'], name='voucher_failed_age')],
            },
        ),
        migrations.CreateModel(
            name='VoucherCampaign',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField(null=True)),
                ('percent', models.SmallIntegerField(null=True)),
                ('currency', models.CharField(max_length=3)),
                ('max_discount', models.BigIntegerField(null=True)),
                ('min_spend', models.BigIntegerField(null=True)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('uses_per_code', models.IntegerField(default=1)),
                ('uses_per_member', models.IntegerField(null=True)),
                ('uses_total', models.BigIntegerField(null=True)),
                ('price_points', models.BigIntegerField(default=0)),
                ('prices', models.JSONField(null=True)),
                ('tiers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), null=True, size=None)),
                ('has_budgets', models.BooleanField(db_default=False, default=False)),
                ('stacking', models.CharField(db_default='exclusive', default='exclusive', max_length=9)),
                ('priority', models.IntegerField(db_default=0, default=0)),
                ('status', models.CharField(default='draft', max_length=8)),
                ('codes_total', models.BigIntegerField(default=0)),
                ('claimed', models.BigIntegerField(default=0)),
                ('used', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'voucher_campaign',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='voucher_campaign_newest'), models.Index(fields=['status', 'created_at', 'id'], name='voucher_campaign_in_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind', 'amount'), ('max_discount', None), ('percent', None)), models.Q(('amount', None), ('kind', 'percent'), ('percent__gte', 1), ('percent__lte', 100)), _connector='OR'), name='voucher_campaign_kind'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'active', 'paused', 'ended'])), name='voucher_campaign_status'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='voucher_campaign_dates'), models.CheckConstraint(condition=models.Q(('stacking__in', ['exclusive', 'all'])), name='voucher_campaign_stacking'), models.CheckConstraint(condition=models.Q(('uses_per_code__gte', 1), models.Q(('uses_per_member', None), ('uses_per_member__gte', 1), _connector='OR'), models.Q(('uses_total', None), ('uses_total__gte', 1), _connector='OR'), models.Q(('max_discount', None), ('max_discount__gte', 1), _connector='OR'), models.Q(('min_spend', None), ('min_spend__gte', 1), _connector='OR'), ('price_points__gte', 0)), name='voucher_campaign_limits'), models.CheckConstraint(condition=models.Q(('used__gte', 0), models.Q(('uses_total', None), ('used__lte', models.F('uses_total')), _connector='OR')), name='voucher_campaign_used'), models.CheckConstraint(condition=models.Q(('claimed__gte', 0), ('claimed__lte', models.F('codes_total'))), name='voucher_campaign_claimed')],
            },
        ),
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=40)),
                ('member_id', models.UUIDField(null=True)),
                ('uses', models.IntegerField(default=0)),
                ('uses_max', models.IntegerField()),
                ('price_points', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('released_at', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='vouchers.vouchercampaign')),
            ],
            options={
                'db_table': 'voucher',
            },
        ),
        migrations.CreateModel(
            name='CodeJob',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('count', models.IntegerField()),
                ('done', models.IntegerField(default=0)),
                ('chunk', models.IntegerField(default=0)),
                ('state', models.CharField(default='queued', max_length=10)),
                ('pattern', models.CharField(max_length=40)),
                ('requested_by', models.UUIDField()),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('error', models.CharField(default='', max_length=200)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='vouchers.vouchercampaign')),
            ],
            options={
                'db_table': 'voucher_code_job',
            },
        ),
        migrations.CreateModel(
            name='VoucherMemberUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member_id', models.UUIDField()),
                ('claimed', models.IntegerField(default=0)),
                ('used', models.IntegerField(default=0)),
                ('uses_max', models.IntegerField(null=True)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='vouchers.vouchercampaign')),
            ],
            options={
                'db_table': 'voucher_member_use',
            },
        ),
        migrations.CreateModel(
            name='VoucherOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('merchant_id', models.UUIDField(null=True)),
                ('order_id', models.CharField(max_length=64)),
                ('currency', models.CharField(max_length=3)),
                ('total', models.BigIntegerField()),
                ('discount', models.BigIntegerField(db_default=0)),
                ('uses', models.IntegerField(db_default=0)),
                ('is_exclusive', models.BooleanField(db_default=False)),
            ],
            options={
                'db_table': 'voucher_order',
                'constraints': [models.UniqueConstraint(fields=('order_id', 'merchant_id'), name='voucher_order_of_merchant', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('discount', 0), ('is_exclusive', False), ('uses', 0)), models.Q(('discount__gt', 0), ('discount__lte', models.F('total')), ('uses__gt', 0)), _connector='OR'), name='voucher_order_discount'), models.CheckConstraint(condition=models.Q(('is_exclusive', False), ('uses', 1), _connector='OR'), name='voucher_order_exclusive')],
            },
        ),
        migrations.CreateModel(
            name='VoucherOrderPayment',
            fields=[
                ('pk', models.CompositePrimaryKey('payment_id', 'order_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('payment_id', models.UUIDField()),
                ('paid_at', models.DateTimeField()),
                ('returned_at', models.DateTimeField(null=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='vouchers.voucherorder')),
            ],
            options={
                'db_table': 'voucher_order_payment',
            },
        ),
        migrations.CreateModel(
            name='VoucherRedemption',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('order_id', models.CharField(max_length=64)),
                ('order_total', models.BigIntegerField()),
                ('discount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(default='redeemed', max_length=12)),
                ('redeemed_by', models.UUIDField()),
                ('merchant_id', models.UUIDField(null=True)),
                ('redeemed_at', models.DateTimeField()),
                ('rolled_back_at', models.DateTimeField(null=True)),
                ('is_released', models.BooleanField(db_default=False)),
                ('spent', models.JSONField(null=True)),
                ('campaign', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='vouchers.vouchercampaign')),
                ('voucher', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='vouchers.voucher')),
            ],
            options={
                'db_table': 'voucher_redemption',
            },
        ),
        migrations.CreateModel(
            name='VoucherRedemptionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('actor_id', models.UUIDField()),
                ('at', models.DateTimeField()),
                ('redemption', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='vouchers.voucherredemption')),
            ],
            options={
                'db_table': 'voucher_redemption_event',
            },
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(fields=['campaign', 'id'], name='voucher_of_campaign'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('member_id', None)), fields=['campaign', 'created_at', 'id'], name='voucher_pool'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('member_id__isnull', False)), fields=['member_id', '-issued_at', '-id'], name='voucher_of_member'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('member_id__isnull', False)), fields=['-issued_at', '-id'], name='voucher_last_issued'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Replace('code', models.Value('-'), models.Value('')), name='voucher_bare_code_once'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(('cancelled_at', None), models.Q(('member_id__isnull', False), ('price_points__gt', 0), ('uses', 0)), _connector='OR'), name='voucher_cancelled'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(('uses__gte', 0), ('uses__lte', models.F('uses_max'))), name='voucher_uses'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('issued_at', None), ('member_id', None), ('uses', 0)), models.Q(('issued_at__isnull', False), ('member_id__isnull', False)), _connector='OR'), name='voucher_issued'),
        ),
        migrations.AddConstraint(
            model_name='codejob',
            constraint=models.CheckConstraint(condition=models.Q(('done__gte', 0), ('done__lte', models.F('count'))), name='voucher_code_job_done'),
        ),
        migrations.AddConstraint(
            model_name='codejob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['queued', 'running'])), models.Q(('done', models.F('count')), ('finished_at__isnull', False), ('state', 'done')), models.Q(('finished_at__isnull', False), ('state__in', ['cancelled', 'failed'])), _connector='OR'), name='voucher_code_job_state'),
        ),
        migrations.AddConstraint(
            model_name='vouchermemberuse',
            constraint=models.UniqueConstraint(fields=('campaign', 'member_id'), name='voucher_member_use_once'),
        ),
        migrations.AddConstraint(
            model_name='vouchermemberuse',
            constraint=models.CheckConstraint(condition=models.Q(('claimed__gte', 0), ('used__gte', 0), models.Q(('uses_max', None), models.Q(('claimed__lte', models.F('uses_max')), ('used__lte', models.F('uses_max'))), _connector='OR')), name='voucher_member_use_limit'),
        ),
        migrations.AddIndex(
            model_name='voucherredemption',
            index=models.Index(fields=['member_id', '-redeemed_at', '-id'], name='voucher_redemption_of_member'),
        ),
        migrations.AddIndex(
            model_name='voucherredemption',
            index=models.Index(fields=['order_id', 'merchant_id', 'id'], name='voucher_redemption_of_order'),
        ),
        migrations.AddIndex(
            model_name='voucherredemption',
            index=models.Index(condition=models.Q(('is_released', True)), fields=['voucher'], name='voucher_redemption_released'),
        ),
        migrations.AddIndex(
            model_name='voucherredemption',
            index=models.Index(condition=models.Q(('redeemed_by', models.F('member_id')), _negated=True), fields=['redeemed_by', 'redeemed_at'], name='voucher_redemption_by_till'),
        ),
        migrations.AddConstraint(
            model_name='voucherredemption',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'redeemed')), fields=('order_id', 'merchant_id', 'voucher'), name='voucher_once_on_order', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='voucherredemption',
            constraint=models.CheckConstraint(condition=models.Q(('discount__gte', 1), ('discount__lte', models.F('order_total'))), name='voucher_redemption_discount'),
        ),
        migrations.AddConstraint(
            model_name='voucherredemption',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rolled_back_at', None), ('status', 'redeemed')), models.Q(('rolled_back_at__isnull', False), ('status', 'rolled_back')), _connector='OR'), name='voucher_redemption_status'),
        ),
        migrations.AddConstraint(
            model_name='voucherredemptionevent',
            constraint=models.UniqueConstraint(fields=('redemption', 'kind'), name='voucher_redemption_event_once'),
        ),
        migrations.AddConstraint(
            model_name='voucherredemptionevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['redeemed', 'rolled_back'])), name='voucher_redemption_event_kind'),
        ),
        AppendOnly("voucher_redemption_event"),
        RunFiles(__file__, "code_patterns", "voucher_use"),
    ]
