import django.db.models.deletion
import shared.ids
from django.db import migrations, models

from shared.postgres.schema import AppendOnly


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        ('programmes', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpiryNotice',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('expires_at', models.DateTimeField()),
                ('expires_on', models.DateField()),
                ('days', models.SmallIntegerField()),
                ('points', models.BigIntegerField()),
                ('told_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='ledger.account')),
            ],
            options={
                'db_table': 'expiry_notice',
            },
        ),
        migrations.CreateModel(
            name='ExpiryRun',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('as_of', models.DateTimeField()),
                ('total', models.BigIntegerField()),
                ('done', models.BigIntegerField(default=0)),
                ('points', models.BigIntegerField(default=0)),
                ('chunk', models.BigIntegerField(default=0)),
                ('reached_at', models.DateTimeField(null=True)),
                ('reached_lot', models.UUIDField(null=True)),
                ('state', models.CharField(default='queued', max_length=10)),
                ('error', models.CharField(default='', max_length=200)),
                ('requested_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('programme', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'expiry_run',
            },
        ),
        migrations.CreateModel(
            name='NoticeRun',
            fields=[
                ('pk', models.CompositePrimaryKey('programme_id', 'days', blank=True, editable=False, primary_key=True, serialize=False)),
                ('days', models.SmallIntegerField()),
                ('until', models.DateField()),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'notice_run',
            },
        ),
        migrations.AddConstraint(
            model_name='expirynotice',
            constraint=models.UniqueConstraint(fields=('account', 'expires_at', 'expires_on', 'days'), name='expiry_notice_once'),
        ),
        migrations.AddConstraint(
            model_name='expirynotice',
            constraint=models.CheckConstraint(condition=models.Q(('days__gt', 0), ('points__gt', 0), ('told_at__lt', models.F('expires_at'))), name='expiry_notice_in_time'),
        ),
        migrations.AddIndex(
            model_name='expiryrun',
            index=models.Index(fields=['-created_at', '-id'], name='expiry_run_newest'),
        ),
        migrations.AddIndex(
            model_name='expiryrun',
            index=models.Index(fields=['state', 'created_at', 'id'], name='expiry_run_in_state'),
        ),
        migrations.AddConstraint(
            model_name='expiryrun',
            constraint=models.CheckConstraint(condition=models.Q(('chunk__gte', 0), ('done__gte', 0), ('points__gte', models.F('done')), ('total__gte', 0)), name='expiry_run_counts'),
        ),
        migrations.AddConstraint(
            model_name='expiryrun',
            constraint=models.CheckConstraint(condition=models.Q(('as_of__lte', models.F('created_at'))), name='expiry_run_of_the_past'),
        ),
        migrations.AddConstraint(
            model_name='expiryrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done', 0), ('finished_at', None), ('started_at', None), ('state', 'queued')), models.Q(('finished_at', None), ('started_at__isnull', False), ('state', 'running')), models.Q(('finished_at__isnull', False), ('started_at__isnull', False), ('state', 'done')), models.Q(('finished_at__isnull', False), ('state', 'cancelled')), models.Q(('finished_at__isnull', False), ('started_at__isnull', False), ('state', 'failed'), models.Q(('error', ''), _negated=True)), _connector='OR'), name='expiry_run_state'),
        ),
        AppendOnly("expiry_notice"),
    ]
