"""Programs that call the system on their own behalf, and their secrets."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shared.ids import new_id


class ServiceClient(models.Model):
    """A program with an id, scopes and, for a merchant's, the merchant it works for.

    `tokens_issued_at` is the last use, and lets a deactivation cover every token issued before it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=64))
    merchant_id = models.UUIDField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    tokens_issued_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "service_client"
        indexes = [models.Index(fields=["-created_at", "-id"], name="service_client_newest")]


class ClientSecret(models.Model):
    """A secret of a client, shown once.

    Only its SHA-256 is kept: it has 256 random bits, so there is nothing to guess that a slow hash would slow down.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ServiceClient, on_delete=models.CASCADE, related_name="secret_rows")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "client_secret"
