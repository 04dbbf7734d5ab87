"""The tables of members, and of whom they work for."""

from django.db import models
from django.db.models import Q


class KnownMember(models.Model):
    """Somebody of whom auth said that they registered, were deactivated, or both, in whatever order that came."""

    member_id = models.UUIDField(primary_key=True)
    registered_at = models.DateTimeField(null=True)
    deactivated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "known_member"
        constraints = [
            models.CheckConstraint(
                condition=Q(registered_at__isnull=False) | Q(deactivated_at__isnull=False), name="known_member_by_what"
            )
        ]


class MerchantStaff(models.Model):
    """Whom somebody works for, as auth says: a merchant, or nobody any more; `version` grows with each change."""

    member_id = models.UUIDField(primary_key=True)
    merchant_id = models.UUIDField(null=True)
    version = models.BigIntegerField()

    class Meta:
        db_table = "merchant_staff"
