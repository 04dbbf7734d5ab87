"""What was published, what of it still has to reach whom, what was acted on here, and what people decided."""

from django.db import models


class PublishedMessage(models.Model):
    """One message as it was said, kept for MESSAGE_KEPT_DAYS so that it can be sent again whole; never changed.

    Its id is a UUID version 7: a span of time is a range of the key. `destinations` are those of the day it was said.
    """

    message_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=64)
    version = models.SmallIntegerField()
    occurred_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64)
    causation_id = models.CharField(max_length=64)
    destinations = models.JSONField()
    payload = models.JSONField()

    class Meta:
        db_table = "published_message"
        indexes = [models.Index(fields=["correlation_id"], name="published_message_journey")]


class OutboxMessage(models.Model):
    """One message for one destination; the row leaves when that consumer has reported that it committed.

    `number` is the order of publishing. `attempts` counts sendings, `failures` the consumer's reports that it could not
    act. A row with `parked_at` waits for a person. `is_bulk` is its lane (shared.messaging.lanes). Narrow on purpose: a
    sending rewrites it and never the payload.
    """

    pk = models.CompositePrimaryKey("message_id", "destination")
    message_id = models.UUIDField()
    destination = models.CharField(max_length=32)
    number = models.BigIntegerField()
    next_attempt_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    parked_at = models.DateTimeField(null=True)
    is_bulk = models.BooleanField(db_default=False)

    class Meta:
        db_table = "outbox"
        indexes = [
            models.Index(
                fields=["destination", "is_bulk", "next_attempt_at"],
                condition=models.Q(parked_at__isnull=True),
                name="outbox_due",
            ),
            models.Index(
                fields=["message_id", "destination"],
                condition=models.Q(parked_at__isnull=False),
                name="outbox_parked",
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


class SkippedMessage(models.Model):
    """A message that a person decided never to send to a destination, and why; never changed."""

    pk = models.CompositePrimaryKey("message_id", "destination")
    message_id = models.UUIDField()
    destination = models.CharField(max_length=32)
    reason = models.CharField(max_length=500)
    last_error = models.TextField()
    skipped_by = models.CharField(max_length=64)
    skipped_at = models.DateTimeField()

    class Meta:
        db_table = "skipped_message"


class Peer(models.Model):
    """What is known of a service we send to: how many sendings were repeats, and what the last comparison found.

    `agreed_at` is when both sides last had the same messages; `missing` and `surplus` count, for ever, those that the
    consumer lacked and was sent again, and those that it has and we never published (we were restored from a backup).
    """

    name = models.CharField(max_length=32, primary_key=True)
    resent = models.BigIntegerField(default=0)
    compared_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    compared = models.BigIntegerField(default=0)
    missing = models.BigIntegerField(default=0)
    surplus = models.BigIntegerField(default=0)

    class Meta:
        db_table = "message_peer"


class MalformedEntry(models.Model):
    """How many entries of one of our queues were no message or report as agreed, and what the last one's fault was."""

    queue = models.CharField(max_length=100, primary_key=True)
    count = models.BigIntegerField()
    last_at = models.DateTimeField()
    last_error = models.CharField(max_length=500)

    class Meta:
        db_table = "malformed_entry"
