"""The table of members."""

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
