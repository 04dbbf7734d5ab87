"""What was answered to which key."""

from django.db import models


class IdempotencyRecord(models.Model):
    """One request of one caller: its fingerprint and, once it is finished, the reply byte for byte.

    `status` is null while a request with work outside the database runs; `resource_id` then
    says what it has begun, and `locked_until` when another may go on with it.
    """

    principal_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(null=True)
    content_type = models.CharField(max_length=64, default="")
    body = models.BinaryField(null=True)
    resource_id = models.UUIDField(null=True)
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_record"
        constraints = [models.UniqueConstraint(fields=["principal_id", "key"], name="idempotency_record_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_record_age")]
