from django.db import migrations, models

from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='MalformedEntry',
            fields=[
                ('queue', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('count', models.BigIntegerField()),
                ('last_at', models.DateTimeField()),
                ('last_error', models.CharField(max_length=500)),
            ],
            options={
                'db_table': 'malformed_entry',
            },
        ),
        migrations.CreateModel(
            name='Peer',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('resent', models.BigIntegerField(default=0)),
                ('compared_at', models.DateTimeField(null=True)),
                ('agreed_at', models.DateTimeField(null=True)),
                ('compared', models.BigIntegerField(default=0)),
                ('missing', models.BigIntegerField(default=0)),
                ('surplus', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'message_peer',
            },
        ),
        migrations.CreateModel(
            name='SkippedMessage',
            fields=[
                ('pk', models.CompositePrimaryKey('message_id', 'destination', blank=True, editable=False, primary_key=True, serialize=False)),
                ('message_id', models.UUIDField()),
                ('destination', models.CharField(max_length=32)),
                ('reason', models.CharField(max_length=500)),
                ('last_error', models.TextField()),
                ('skipped_by', models.CharField(max_length=64)),
                ('skipped_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'skipped_message',
            },
        ),
        migrations.CreateModel(
            name='InboxMessage',
            fields=[
                ('message_id', models.UUIDField(primary_key=True, serialize=False)),
                ('producer', models.CharField(max_length=32)),
                ('name', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'inbox',
                'indexes': [models.Index(fields=['received_at'], name='inbox_age')],
            },
        ),
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('pk', models.CompositePrimaryKey('message_id', 'destination', blank=True, editable=False, primary_key=True, serialize=False)),
                ('message_id', models.UUIDField()),
                ('destination', models.CharField(max_length=32)),
                ('number', models.BigIntegerField()),
                ('next_attempt_at', models.DateTimeField()),
                ('attempts', models.IntegerField(default=0)),
                ('failures', models.IntegerField(default=0)),
                ('last_error', models.TextField(default='')),
                ('parked_at', models.DateTimeField(null=True)),
                ('is_bulk', models.BooleanField(db_default=False)),
            ],
            options={
                'db_table': 'outbox',
                'indexes': [models.Index(condition=models.Q(('parked_at__isnull', True)), fields=['destination', 'is_bulk', 'next_attempt_at'], name='outbox_due'), models.Index(condition=models.Q(('parked_at__isnull', False)), fields=['message_id', 'destination'], name='outbox_parked')],
            },
        ),
        migrations.CreateModel(
            name='PublishedMessage',
            fields=[
                ('message_id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=64)),
                ('version', models.SmallIntegerField()),
                ('occurred_at', models.DateTimeField()),
                ('correlation_id', models.CharField(max_length=64)),
                ('causation_id', models.CharField(max_length=64)),
                ('destinations', models.JSONField()),
                ('payload', models.JSONField()),
            ],
            options={
                'db_table': 'published_message',
                'indexes': [models.Index(fields=['correlation_id'], name='published_message_journey')],
            },
        ),
        AppendOnly("skipped_message"),
        RunFiles(__file__, "outbox"),
    ]
