"""What checking a token needs, in the service's own database: keys that were published, and revocations."""

from django.db import models


class PublishedKey(models.Model):
    """A public key of auth's, as its JWKS gave it; kept so that tokens are checked while auth is away.

    One that was retired because it may have leaked stays as a mark, so that no late answer brings it back.
    """

    kid = models.CharField(max_length=64, primary_key=True)
    jwk = models.JSONField()
    retired_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField()

    class Meta:
        db_table = "published_key"


class Revocation(models.Model):
    """From `not_before` on a user's older tokens are refused (sign-out everywhere, password change, deactivation)."""

    user_id = models.UUIDField(primary_key=True)
    not_before = models.DateTimeField()

    class Meta:
        db_table = "revocation"
        indexes = [models.Index(fields=["not_before"], name="revocation_not_before")]
