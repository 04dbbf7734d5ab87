from django.db import migrations, models

from warehouse.partitions import MAKE_MONTH_PARTITION, CreatePartitionedModel


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(MAKE_MONTH_PARTITION, "DROP FUNCTION make_month_partition"),
        CreatePartitionedModel(
            name="StagedMessage",
            fields=[
                ("pk", models.CompositePrimaryKey("message_id", "occurred_at", blank=True, editable=False, primary_key=True, serialize=False)),
                ("message_id", models.UUIDField()),
                ("occurred_at", models.DateTimeField()),
                ("name", models.TextField()),
                ("version", models.SmallIntegerField()),
                ("producer", models.TextField()),
                ("correlation_id", models.TextField()),
                ("causation_id", models.TextField()),
                ("payload", models.JSONField()),
                ("is_readable", models.BooleanField()),
                ("staged_at", models.DateTimeField()),
                ("staged_seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "staging_message",
                "indexes": [models.Index(fields=["staged_seq"], name="staging_message_seq"), models.Index(fields=["name", "staged_at"], name="staging_message_kind")],
            },
            by="occurred_at",
        ),
        migrations.RunSQL(
            # No identity column: PostgreSQL takes those on partitioned tables from version 17 on.
            """
            CREATE SEQUENCE staging_message_number;
            ALTER SEQUENCE staging_message_number OWNED BY staging_message.staged_seq;
            ALTER TABLE staging_message ALTER COLUMN staged_seq SET DEFAULT nextval('staging_message_number');
            """,
            "ALTER TABLE staging_message ALTER COLUMN staged_seq DROP DEFAULT; DROP SEQUENCE staging_message_number;",
        ),
    ]
