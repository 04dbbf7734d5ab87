"""The staged messages: all that was ever said, as it was said."""

from django.db import models


class StagedMessage(models.Model):
    """One message as it arrived, kept for ever: every fact can be made again from these rows.

    Partitioned by month of `occurred_at`, which therefore is part of the key. `staged_seq` counts in
    the order of writing, which is not the order of commits: nothing may read "all after the last seen"
    (ADR 0008). `is_readable` is false where nobody knew the message's name, version or shape. `delay_ms` is how long it
    took from the making of its id to here, by the machine's clock: the others may be moved meanwhile.
    """

    pk = models.CompositePrimaryKey("message_id", "occurred_at")
    message_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    name = models.TextField()
    version = models.SmallIntegerField()
    producer = models.TextField()
    correlation_id = models.TextField()
    causation_id = models.TextField()
    payload = models.JSONField()
    is_readable = models.BooleanField()
    staged_at = models.DateTimeField()
    delay_ms = models.BigIntegerField()
    staged_seq = models.BigIntegerField()

    class Meta:
        db_table = "staging_message"
        indexes = [
            models.Index(fields=["staged_seq"], name="staging_message_seq"),
            # The reports' freshness: the latest of each kind.
            models.Index(fields=["name", "staged_at"], name="staging_message_kind"),
        ]
