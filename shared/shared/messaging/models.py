"""Messages to send, and messages already acted on."""

from django.db import models


class OutboxMessage(models.Model):
    """One message for one destination; the row leaves when that consumer has reported that it committed.

    `attempts` counts sendings, `failures` the consumer's reports that it could not act. A row with
    `parked_at` waits for a person.
    """

    message_id = models.UUIDField()
    destination = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    version = models.SmallIntegerField()
    occurred_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64)
    causation_id = models.CharField(max_length=64)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    parked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox"
        constraints = [models.UniqueConstraint(fields=["message_id", "destination"], name="outbox_once")]
        indexes = [
            models.Index(
                fields=["destination", "next_attempt_at"],
                condition=models.Q(parked_at__isnull=True),
                name="outbox_due",
            ),
        ]


class InboxMessage(models.Model):
    """A message that was acted on; the row commits with its effect, so a repeat is known and has none."""

    message_id = models.UUIDField(primary_key=True)
    producer = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "inbox"
        indexes = [models.Index(fields=["received_at"], name="inbox_age")]
