"""The keys that sign access tokens."""

from django.db import models


class SigningKey(models.Model):
    """One RS256 key pair; the private half is encrypted by AUTH_KEY_ENCRYPTION_KEY.

    The key signs from `signs_from` until a younger one does; from `retires_at` it is published no longer.
    """

    kid = models.CharField(max_length=43, primary_key=True)
    public_jwk = models.JSONField()
    private_encrypted = models.BinaryField()
    created_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    retires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_key"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signs_from__gte=models.F("created_at")), name="signing_key_published_before_signing"
            ),
        ]
