from django.db import migrations, models


class Migration(migrations.Migration):
    """Parked messages in the order in which they are listed: a page reads none that is only on its way."""

    dependencies = [("messaging", "0003_two_lanes")]

    operations = [
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_parked"),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                fields=["message_id", "destination"],
                condition=models.Q(parked_at__isnull=False),
                name="outbox_parked",
            ),
        ),
    ]
