import django.db.models.deletion
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
            name='AdjustmentRequest',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('points', models.BigIntegerField()),
                ('reference', models.CharField(max_length=100)),
                ('reason', models.CharField(max_length=200)),
                ('requested_by', models.UUIDField()),
                ('requested_at', models.DateTimeField()),
                ('kind', models.CharField(db_default='adjusted', max_length=8)),
                ('occurred_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('activates', models.JSONField(null=True)),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'adjustment_request',
            },
        ),
        migrations.CreateModel(
            name='AdjustmentDecision',
            fields=[
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='adjustments.adjustmentrequest')),
                ('requested_by', models.UUIDField()),
                ('state', models.CharField(max_length=8)),
                ('reason', models.CharField(max_length=200)),
                ('decided_by', models.UUIDField()),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'adjustment_decision',
            },
        ),
        migrations.CreateModel(
            name='AdjustmentState',
            fields=[
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='adjustments.adjustmentrequest')),
                ('state', models.CharField(max_length=8)),
                ('requested_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'adjustment_state',
            },
        ),
        migrations.AddField(
            model_name='adjustmentdecision',
            name='transaction',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='ledger.transaction'),
        ),
        migrations.AddIndex(
            model_name='adjustmentstate',
            index=models.Index(fields=['state', 'requested_at', 'request'], name='adjustment_in_state'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentstate',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'approved', 'rejected'])), name='adjustment_state_is_one'),
        ),
        migrations.AddIndex(
            model_name='adjustmentrequest',
            index=models.Index(fields=['-requested_at', '-id'], name='adjustment_request_newest'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('activates__isnull', True), ('expires_at', None), ('kind', 'adjusted'), ('occurred_at', None)), models.Q(('kind', 'earned'), ('points__gt', 0)), _connector='OR'), name='adjustment_request_kind'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentrequest',
            constraint=models.CheckConstraint(condition=models.Q(('points', 0), _negated=True), name='adjustment_request_points'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentrequest',
            constraint=models.UniqueConstraint(fields=('id', 'requested_by'), name='adjustment_request_by'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentdecision',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', models.F('requested_by')), _negated=True), name='adjustment_by_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentdecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), ('transaction__isnull', False)), models.Q(('state', 'rejected'), ('transaction__isnull', True)), _connector='OR'), name='adjustment_decision_state'),
        ),
        AppendOnly("adjustment_request", "adjustment_decision"),
        RunFiles(__file__, "adjustments"),
    ]
