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
            name='Event',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('trigger', models.CharField(max_length=12)),
                ('merchant_id', models.UUIDField(null=True)),
                ('event_id', models.CharField(max_length=100, null=True)),
                ('name', models.CharField(max_length=40)),
                ('member_id', models.UUIDField()),
                ('year', models.SmallIntegerField(null=True)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('data', models.JSONField()),
                ('points', models.BigIntegerField()),
                ('transaction_id', models.UUIDField(null=True)),
                ('no_points_reason', models.CharField(max_length=20, null=True)),
                ('rules_version', models.IntegerField(null=True)),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'event',
            },
        ),
        migrations.CreateModel(
            name='EventRules',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='events.event')),
                ('member_id', models.UUIDField()),
                ('timezone', models.CharField(max_length=64)),
                ('known', models.JSONField()),
                ('outcome', models.JSONField()),
            ],
            options={
                'db_table': 'event_rules',
            },
        ),
        migrations.CreateModel(
            name='BirthdayRun',
            fields=[
                ('programme', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='programmes.programme')),
                ('until', models.DateField()),
                ('day', models.DateField(null=True)),
                ('number', models.SmallIntegerField(null=True)),
                ('reached', models.UUIDField(null=True)),
            ],
            options={
                'db_table': 'birthday_run',
            },
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['member_id', 'id'], name='event_of_member'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['programme', 'id'], name='event_of_programme'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('event_id__isnull', False)), fields=['merchant_id', 'id'], name='event_recorded_by'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['programme', 'member_id', 'occurred_at'], name='event_of_programmes_members'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(condition=models.Q(('event_id__isnull', False)), fields=('programme', 'event_id', 'merchant_id'), name='event_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(condition=models.Q(('trigger', 'registration')), fields=('programme', 'member_id'), name='event_registered_once'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(condition=models.Q(('trigger', 'birthday')), fields=('programme', 'member_id', 'year'), name='event_birthday_once'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event_id__isnull', False), ('trigger', 'event'), ('year', None), models.Q(('name', ''), _negated=True)), models.Q(('event_id', None), ('merchant_id', None), ('name', ''), ('trigger', 'registration'), ('year', None)), models.Q(('event_id', None), ('merchant_id', None), ('name', ''), ('trigger', 'birthday'), ('year__isnull', False)), _connector='OR'), name='event_by_trigger'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('points', 0), ('transaction_id', None)), models.Q(('points__gt', 0), ('rules_version__isnull', False), ('transaction_id__isnull', False)), _connector='OR'), name='event_points'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('no_points_reason__isnull', False), ('rules_version', None)), models.Q(('no_points_reason', None), ('rules_version__isnull', False)), _connector='OR'), name='event_judged'),
        ),
        RunFiles(__file__, "events"),
        AppendOnly("event", "event_rules"),
    ]
