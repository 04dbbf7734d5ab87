from django.db import migrations, models

from shared.postgres.schema import RunFiles
from warehouse.partitions import CreatePartitionedModel


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        RunFiles(__file__, "make_month_partition"),
        CreatePartitionedModel(
            name='StagedMessage',
            fields=[
                ('pk', models.CompositePrimaryKey('message_id', 'occurred_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('message_id', models.UUIDField()),
                ('occurred_at', models.DateTimeField()),
                ('name', models.TextField()),
                ('version', models.SmallIntegerField()),
                ('producer', models.TextField()),
                ('correlation_id', models.TextField()),
                ('causation_id', models.TextField()),
                ('payload', models.JSONField()),
                ('is_readable', models.BooleanField()),
                ('staged_at', models.DateTimeField()),
                ('delay_ms', models.BigIntegerField()),
                ('staged_seq', models.BigIntegerField()),
            ],
            options={
                'db_table': 'staging_message',
                'indexes': [models.Index(fields=['staged_seq'], name='staging_message_seq'), models.Index(fields=['name', 'staged_at'], name='staging_message_kind')],
            },
            by='occurred_at',
        ),
        RunFiles(__file__, "staging_message"),
    ]
