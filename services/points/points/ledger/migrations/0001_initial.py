import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import shared.ids
from django.db import migrations, models

from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('programmes', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DayTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'programme_id', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('programme_id', models.UUIDField()),
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
        migrations.CreateModel(
            name='LotEndReach',
            fields=[
                ('id_of_one', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('last_xid', models.BigIntegerField()),
                ('last_id', models.UUIDField()),
            ],
            options={
                'db_table': 'lot_end_reach',
            },
        ),
        migrations.CreateModel(
            name='Transaction',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('version', models.BigIntegerField()),
                ('kind', models.CharField(max_length=16)),
                ('points', models.BigIntegerField()),
                ('change', models.BigIntegerField()),
                ('balance_after', models.BigIntegerField()),
                ('reference', models.CharField(max_length=100)),
                ('reason', models.CharField(max_length=200)),
                ('source_key', models.CharField(max_length=320, null=True)),
                ('actor_id', models.UUIDField(null=True)),
                ('occurred_at', models.DateTimeField()),
                ('posted_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'points_transaction',
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('available', models.BigIntegerField(db_default=0)),
                ('held', models.BigIntegerField(db_default=0)),
                ('pending', models.BigIntegerField(db_default=0)),
                ('deficit', models.BigIntegerField(db_default=0)),
                ('issued', models.BigIntegerField(db_default=0)),
                ('redeemed', models.BigIntegerField(db_default=0)),
                ('expired', models.BigIntegerField(db_default=0)),
                ('adjusted', models.BigIntegerField(db_default=0)),
                ('returned', models.BigIntegerField(db_default=0)),
                ('version', models.BigIntegerField(db_default=0)),
                ('merged_into', models.UUIDField(null=True)),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'account',
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
                ('points', models.BigIntegerField()),
                ('remaining', models.BigIntegerField()),
                ('active_from', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('is_open', models.GeneratedField(db_persist=True, expression=models.Q(('remaining__gt', 0)), output_field=models.BooleanField())),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
            ],
            options={
                'db_table': 'lot',
            },
        ),
        migrations.CreateModel(
            name='LotEnd',
            fields=[
                ('lot_id', models.UUIDField(primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('slot', models.DateTimeField(null=True)),
                ('day', models.DateField(null=True)),
                ('points', models.BigIntegerField()),
            ],
            options={
                'db_table': 'lot_end',
                'constraints': [models.CheckConstraint(condition=models.Q(('points__gt', 0)), name='lot_end_points')],
            },
        ),
        migrations.CreateModel(
            name='LotEndTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('programme_id', models.UUIDField()),
                ('slot', models.DateTimeField(null=True)),
                ('day', models.DateField(null=True)),
                ('points', models.BigIntegerField()),
                ('lots', models.BigIntegerField()),
            ],
            options={
                'db_table': 'lot_end_total',
                'constraints': [models.UniqueConstraint(fields=('programme_id', 'slot', 'day'), name='lot_end_total_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='MemberMerge',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('from_member_id', models.UUIDField(unique=True)),
                ('into_member_id', models.UUIDField()),
                ('reason', models.CharField(max_length=200)),
                ('merged_by', models.UUIDField()),
                ('merged_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'member_merge',
                'indexes': [models.Index(fields=['merged_at', 'id'], name='merge_newest'), models.Index(fields=['into_member_id', 'merged_at', 'id'], name='merge_into_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('from_member_id', models.F('into_member_id')), _negated=True), name='merge_of_two_members')],
            },
        ),
        migrations.CreateModel(
            name='PersonDayTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'programme_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('day', models.DateField()),
                ('points', models.BigIntegerField()),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'person_day_total',
            },
        ),
        migrations.CreateModel(
            name='Reinstatement',
            fields=[
                ('transaction', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reinstatement', serialize=False, to='ledger.transaction')),
                ('points', models.BigIntegerField()),
                ('total', models.BigIntegerField()),
                ('expired', models.BigIntegerField()),
            ],
            options={
                'db_table': 'reinstatement',
            },
        ),
        migrations.AddField(
            model_name='transaction',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account'),
        ),
        migrations.AddField(
            model_name='transaction',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction'),
        ),
        migrations.CreateModel(
            name='PendingPoints',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('points', models.BigIntegerField()),
                ('remaining', models.BigIntegerField()),
                ('activated', models.BigIntegerField()),
                ('state', models.CharField(max_length=9)),
                ('on_event', models.CharField(max_length=100)),
                ('due_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('reference', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction')),
            ],
            options={
                'db_table': 'pending_points',
            },
        ),
        migrations.CreateModel(
            name='LotExtension',
            fields=[
                ('pk', models.CompositePrimaryKey('lot_id', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField()),
                ('previous_expires_at', models.DateTimeField()),
                ('previous_expires_on', models.DateField()),
                ('expires_at', models.DateTimeField()),
                ('expires_on', models.DateField()),
                ('lot', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.lot')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction')),
            ],
            options={
                'db_table': 'lot_extension',
            },
        ),
        migrations.AddField(
            model_name='lot',
            name='opened_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction'),
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('points', models.BigIntegerField()),
                ('state', models.CharField(max_length=8)),
                ('captured', models.BigIntegerField()),
                ('reference', models.CharField(max_length=100)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
                ('capture', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='captured_hold', to='ledger.transaction')),
                ('release', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='released_hold', to='ledger.transaction')),
            ],
            options={
                'db_table': 'hold',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField()),
                ('bucket', models.CharField(max_length=9)),
                ('points', models.BigIntegerField()),
                ('balance_after', models.BigIntegerField()),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
                ('transaction', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction')),
            ],
            options={
                'db_table': 'entry',
            },
        ),
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('pk', models.CompositePrimaryKey('transaction_id', 'lot_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('points', models.BigIntegerField()),
                ('lot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.lot')),
                ('transaction', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction')),
            ],
            options={
                'db_table': 'allocation',
            },
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('member_id', 'programme'), name='account_once'),
        ),
        migrations.AddConstraint(
            model_name='persondaytotal',
            constraint=models.CheckConstraint(condition=models.Q(('points__gte', 0)), name='person_day_total_points'),
        ),
        migrations.AddField(
            model_name='reinstatement',
            name='expiry',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reinstatements', to='ledger.transaction'),
        ),
        migrations.AddIndex(
            model_name='transaction',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['posted_at'], name='transaction_day'),
        ),
        migrations.AddConstraint(
            model_name='transaction',
            constraint=models.UniqueConstraint(fields=('account', 'version'), name='transaction_version'),
        ),
        migrations.AddConstraint(
            model_name='transaction',
            constraint=models.UniqueConstraint(condition=models.Q(('source_key__isnull', False)), fields=('source_key',), name='transaction_source'),
        ),
        migrations.AddConstraint(
            model_name='transaction',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='transaction_reversed_once'),
        ),
        migrations.AddIndex(
            model_name='pendingpoints',
            index=models.Index(condition=models.Q(('activated', 0), ('state', 'pending')), fields=['due_at'], name='pending_over'),
        ),
        migrations.AddIndex(
            model_name='pendingpoints',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['account', 'due_at'], name='pending_of_account'),
        ),
        migrations.AddIndex(
            model_name='pendingpoints',
            index=models.Index(fields=['account', 'id'], name='pending_in_order'),
        ),
        migrations.AddIndex(
            model_name='pendingpoints',
            index=models.Index(condition=models.Q(('closed_by__isnull', False)), fields=['closed_by'], name='pending_closed_by'),
        ),
        migrations.AddConstraint(
            model_name='pendingpoints',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('created_at')), ('points__gt', 0), models.Q(('expires_at__isnull', True), ('expires_at__gt', models.F('due_at')), _connector='OR')), name='pending_made'),
        ),
        migrations.AddConstraint(
            model_name='pendingpoints',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('activated', 0), ('remaining__gt', 0), ('remaining__lte', models.F('points')), ('state', 'pending'), ('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('activated__gt', 0), ('activated__lte', models.F('points')), ('remaining', 0), ('state', 'activated'), ('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('activated', 0), ('closed_at__isnull', False), ('closed_by__isnull', False), ('remaining', 0), ('state', 'cancelled')), _connector='OR'), name='pending_state'),
        ),
        migrations.AddConstraint(
            model_name='lotextension',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('previous_expires_at'))), name='lot_extension_is_later'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['account', 'expires_at', 'number'], name='lot_spending'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['expires_at', 'id'], name='lot_ending'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('opened_by__isnull', False)), fields=['opened_by'], name='lot_opened_by'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(('remaining__gte', 0), ('remaining__lte', models.F('points'))), name='lot_remaining'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0)), name='lot_points'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('captured', 0), ('state', 'held')), fields=['expires_at'], name='hold_over'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(fields=['account', 'expires_at'], name='hold_by_account'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('points__gt', 0)), name='hold_made'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('capture__isnull', True), ('captured', 0), ('closed_at__isnull', True), ('release__isnull', True), ('state', 'held')), models.Q(('capture__isnull', False), ('captured', models.F('points')), ('release__isnull', True), ('state', 'captured'), ('closed_at__isnull', False)), models.Q(('capture__isnull', False), ('captured__gt', 0), ('captured__lt', models.F('points')), ('state', 'captured'), ('closed_at__isnull', False), ('release__isnull', False)), models.Q(('capture__isnull', True), ('captured', 0), ('release__isnull', False), ('state__in', ['voided', 'expired']), ('closed_at__isnull', False)), _connector='OR'), name='hold_state'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(('points', 0), _negated=True), name='allocation_moves'),
        ),
        migrations.AddConstraint(
            model_name='reinstatement',
            constraint=models.UniqueConstraint(fields=('expiry', 'total'), name='reinstatement_step'),
        ),
        migrations.AddConstraint(
            model_name='reinstatement',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0), ('total__gte', models.F('points')), ('total__lte', models.F('expired'))), name='reinstatement_of_what_expired'),
        ),
        AppendOnly(
            "points_transaction",
            "entry",
            "allocation",
            "member_merge",
            "lot_extension",
            "reinstatement",
        ),
        RunFiles(
            __file__,
            "refusals",
            "programmes",
            "accounts",
            "transactions",
            "lots",
            "lot_extensions",
            "reinstatements",
            "holds",
            "pending_points",
            "ledger_post",
            "ledger_optimistic",
            "protect",
        ),
    ]
