"""The tables of seals; both are append-only.

`points_transaction` has a column more than its model says, which belongs here: `xid`, the database's number of the
database transaction that wrote the row (0 for rows older than the column). The ledger's day totals go by it, too.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SealKey(models.Model):
    """The public half of a key that has signed blocks; it stays for as long as its blocks do."""

    kid = models.CharField(max_length=43, primary_key=True)
    public_jwk = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "seal_key"


class Block(models.Model):
    """Transactions that committed, in the order of `(xid, id)`, up to `(last_xid, last_id)`.

    `leaves` are their hashes side by side, 32 bytes each, by which a wrong row can be named.
    """

    no = models.BigIntegerField(primary_key=True)
    previous = models.BinaryField()
    root = models.BinaryField()
    size = models.IntegerField()
    last_xid = models.BigIntegerField()
    last_id = models.UUIDField()
    sealed_at = models.DateTimeField()
    kid = models.CharField(max_length=43)
    signature = models.BinaryField()
    transaction_ids = ArrayField(models.UUIDField())
    leaves = models.BinaryField()

    class Meta:
        db_table = "seal_block"
        constraints = [
            models.UniqueConstraint(fields=["last_xid", "last_id"], name="seal_block_reach"),
            models.CheckConstraint(condition=models.Q(no__gt=0, size__gt=0), name="seal_block_positive"),
        ]
