import django.db.models.deletion
from django.db import migrations, models

import shared.ids
from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EventReversal',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='events.event')),
                ('id', models.UUIDField(default=shared.ids.new_id)),
                ('reason', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.UUIDField()),
            ],
            options={
                'db_table': 'event_reversal',
            },
        ),
        RunFiles(__file__, "event_reversal"),
        AppendOnly("event_reversal"),
    ]
