"""The wide part of a message moves out of the outbox: sending rewrites a narrow row, and what was told can be told again."""

from django.db import migrations, models

import shared.db

_COPY = """
INSERT INTO told_message (message_id, name, version, occurred_at, correlation_id, causation_id, destinations, payload)
SELECT DISTINCT ON (message_id) message_id, name, version, occurred_at, correlation_id, causation_id,
       (SELECT jsonb_agg(other.destination) FROM outbox AS other WHERE other.message_id = outbox.message_id), payload
FROM outbox
"""
_NARROW = """
ALTER TABLE outbox DROP CONSTRAINT outbox_once;
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey;
ALTER TABLE outbox RENAME COLUMN id TO number;
ALTER TABLE outbox ADD PRIMARY KEY (message_id, destination);
ALTER TABLE outbox DROP COLUMN name, DROP COLUMN version, DROP COLUMN occurred_at, DROP COLUMN correlation_id,
  DROP COLUMN causation_id, DROP COLUMN payload, DROP COLUMN created_at;
ALTER TABLE outbox ALTER COLUMN attempts SET DEFAULT 0, ALTER COLUMN failures SET DEFAULT 0,
  ALTER COLUMN last_error SET DEFAULT '';
-- Rows come and go by the thousand: vacuum follows closely, and an updated row finds room in its page.
ALTER TABLE outbox SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
"""
_OUTBOX_FIELDS = [
    ("pk", models.CompositePrimaryKey("message_id", "destination", blank=True, editable=False, primary_key=True, serialize=False)),
    ("message_id", models.UUIDField()),
    ("destination", models.CharField(max_length=32)),
    ("number", models.BigIntegerField()),
    ("next_attempt_at", models.DateTimeField()),
    ("attempts", models.IntegerField(default=0)),
    ("failures", models.IntegerField(default=0)),
    ("last_error", models.TextField(default="")),
    ("parked_at", models.DateTimeField(null=True)),
]
_DUE = models.Index(condition=models.Q(parked_at__isnull=True), fields=["destination", "next_attempt_at"], name="outbox_due")
_PARKED = models.Index(condition=models.Q(parked_at__isnull=False), fields=["destination", "parked_at"], name="outbox_parked")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ToldMessage",
            fields=[
                ("message_id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("version", models.SmallIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("correlation_id", models.CharField(max_length=64)),
                ("causation_id", models.CharField(max_length=64)),
                ("destinations", models.JSONField()),
                ("payload", models.JSONField()),
            ],
            options={
                "db_table": "told_message",
                "indexes": [models.Index(fields=["correlation_id"], name="told_message_journey")],
            },
        ),
        migrations.CreateModel(
            name="SkippedMessage",
            fields=[
                ("pk", models.CompositePrimaryKey("message_id", "destination", blank=True, editable=False, primary_key=True, serialize=False)),
                ("message_id", models.UUIDField()),
                ("destination", models.CharField(max_length=32)),
                ("reason", models.CharField(max_length=500)),
                ("last_error", models.TextField()),
                ("skipped_by", models.CharField(max_length=64)),
                ("skipped_at", models.DateTimeField()),
            ],
            options={"db_table": "skipped_message"},
        ),
        migrations.CreateModel(
            name="Peer",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("resent", models.BigIntegerField(default=0)),
                ("compared_at", models.DateTimeField(null=True)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("compared", models.BigIntegerField(default=0)),
                ("missing", models.BigIntegerField(default=0)),
                ("surplus", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "message_peer"},
        ),
        migrations.RunSQL(_COPY, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_NARROW)],
            state_operations=[
                migrations.DeleteModel(name="OutboxMessage"),
                migrations.CreateModel(
                    name="OutboxMessage",
                    fields=_OUTBOX_FIELDS,
                    options={"db_table": "outbox", "indexes": [_DUE]},
                ),
            ],
        ),
        migrations.AddIndex(model_name="outboxmessage", index=_PARKED),
        shared.db.AppendOnly("skipped_message"),
    ]
