"""Each message takes one of two lanes; what an older process writes meanwhile is interactive."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_told_messages_apart_from_the_outbox")]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="is_bulk",
            field=models.BooleanField(db_default=False),
        ),
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_due"),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("parked_at__isnull", True)),
                fields=["destination", "is_bulk", "next_attempt_at"],
                name="outbox_due",
            ),
        ),
    ]
