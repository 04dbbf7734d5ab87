import django.db.models.deletion
import shared.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('earning', '0001_initial'),
        ('programmes', '0001_initial'),
        ('purchases', '0002_noted_xid'),
    ]

    operations = [
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('document', models.JSONField()),
                ('schema', models.JSONField()),
                ('terms', models.JSONField()),
                ('reach', models.TextField(default='')),
                ('total', models.BigIntegerField(null=True)),
                ('done', models.BigIntegerField(default=0)),
                ('chunk', models.BigIntegerField(default=0)),
                ('reached', models.UUIDField(null=True)),
                ('sums', models.JSONField()),
                ('state', models.CharField(default='queued', max_length=10)),
                ('error', models.CharField(default='', max_length=200)),
                ('requested_by', models.UUIDField()),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
                ('rule_set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='earning.ruleset')),
            ],
            options={
                'db_table': 'backtest',
                'indexes': [models.Index(fields=['rule_set', 'created_at', 'id'], name='backtest_of_rules'), models.Index(condition=models.Q(('finished_at', None)), fields=['programme'], name='backtest_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='backtest_span'), models.CheckConstraint(condition=models.Q(('chunk__gte', 0), ('done__gte', 0)), name='backtest_counts'), models.CheckConstraint(condition=models.Q(models.Q(('done', 0), ('reach', ''), ('total', None)), models.Q(('total__gte', models.F('done')), models.Q(('reach', ''), _negated=True)), _connector='OR'), name='backtest_reach'), models.CheckConstraint(condition=models.Q(models.Q(('done', 0), ('finished_at', None), ('started_at', None), ('state', 'queued')), models.Q(('finished_at', None), ('started_at__isnull', False), ('state', 'running')), models.Q(('done', models.F('total')), ('finished_at__isnull', False), ('started_at__isnull', False), ('state', 'done')), models.Q(('finished_at__isnull', False), ('state', 'cancelled')), models.Q(('finished_at__isnull', False), ('started_at__isnull', False), ('state', 'failed'), models.Q(('error', ''), _negated=True)), _connector='OR'), name='backtest_state')],
            },
        ),
    ]
