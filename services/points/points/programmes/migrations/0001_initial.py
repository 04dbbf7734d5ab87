import django.contrib.postgres.fields
import shared.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('currency', models.CharField(max_length=3)),
                ('timezone', models.CharField(max_length=64)),
                ('earn_points', models.BigIntegerField()),
                ('earn_amount', models.BigIntegerField()),
                ('lot_days', models.IntegerField(null=True)),
                ('expiry', models.JSONField(null=True)),
                ('grace_days', models.SmallIntegerField(db_default=0)),
                ('longest_grace', models.SmallIntegerField(db_default=0)),
                ('notice_days', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), db_default=[], size=None)),
                ('adjustment_limit', models.BigIntegerField(null=True)),
                ('limit_raised_by', models.UUIDField(null=True)),
                ('limit_before', models.BigIntegerField(null=True)),
                ('pending_days', models.IntegerField(null=True)),
                ('return_policy', models.CharField(db_default='arrears', max_length=12)),
                ('arrears_cap', models.BigIntegerField(null=True)),
                ('unknown_members', models.CharField(db_default='accept', max_length=6)),
                ('merchants', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None)),
                ('max_points_per_purchase', models.BigIntegerField(db_default=100000)),
                ('max_amount', models.BigIntegerField(db_default=10000000)),
                ('max_purchase_age_days', models.IntegerField(db_default=730)),
                ('value_points', models.BigIntegerField()),
                ('value_amount', models.BigIntegerField()),
                ('rounding', models.CharField(max_length=8)),
                ('status', models.CharField(max_length=8)),
                ('is_default', models.BooleanField()),
                ('has_tiers', models.BooleanField(db_default=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'programme',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='programme_one_default'), models.CheckConstraint(condition=models.Q(('earn_amount__gt', 0), ('earn_points__gt', 0), ('value_amount__gt', 0), ('value_points__gt', 0)), name='programme_positive'), models.CheckConstraint(condition=models.Q(('lot_days__gt', 0), ('lot_days', None), _connector='OR'), name='programme_lot_days'), models.CheckConstraint(condition=models.Q(('lot_days', None), ('expiry__isnull', True), _connector='OR'), name='programme_one_expiry'), models.CheckConstraint(condition=models.Q(('grace_days__gte', 0), ('grace_days__lte', models.F('longest_grace')), ('longest_grace__lte', 90)), name='programme_grace'), models.CheckConstraint(condition=models.Q(('adjustment_limit__gte', 0), ('adjustment_limit', None), _connector='OR'), name='programme_adjustment_limit'), models.CheckConstraint(condition=models.Q(('pending_days__gt', 0), ('pending_days', None), _connector='OR'), name='programme_pending_days'), models.CheckConstraint(condition=models.Q(('return_policy__in', ['pending_only', 'floor_zero', 'arrears'])), name='programme_return_policy'), models.CheckConstraint(condition=models.Q(('arrears_cap__gte', 0), ('arrears_cap', None), _connector='OR'), name='programme_arrears_cap'), models.CheckConstraint(condition=models.Q(('unknown_members__in', ['accept', 'refuse'])), name='programme_unknown_members'), models.CheckConstraint(condition=models.Q(('max_amount__gt', 0), ('max_points_per_purchase__gt', 0), ('max_purchase_age_days__gt', 0)), name='programme_bounds'), models.CheckConstraint(condition=models.Q(('merchants', None), ('merchants__len__lte', 1000), _connector='OR'), name='programme_merchants'), models.CheckConstraint(condition=models.Q(('rounding__in', ['floor', 'half_up', 'ceil'])), name='programme_rounding'), models.CheckConstraint(condition=models.Q(('status__in', ['active', 'closed'])), name='programme_status')],
            },
        ),
    ]
