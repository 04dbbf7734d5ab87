"""The table of merchants."""

from django.db import models

from shared.ids import new_id


class Merchant(models.Model):
    """Somebody who can be paid."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "merchant"
        indexes = [models.Index(fields=["-created_at", "-id"], name="merchant_newest")]
