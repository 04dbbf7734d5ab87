from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

_TOLD = Q(("reference__isnull", False))


class Migration(migrations.Migration):
    """Merges in their order and by member; purchases by their reference, and those that were told, by who told them;
    expiry runs by state, and how far each is: what others did is not passed to find them.

    Built beside the writers.
    """

    atomic = False
    dependencies = [("ledger", "0032_adjustments_in_a_state")]

    operations = [
        AddIndexConcurrently("membermerge", models.Index(fields=["merged_at", "id"], name="merge_newest")),
        AddIndexConcurrently(
            "membermerge", models.Index(fields=["into_member_id", "merged_at", "id"], name="merge_into_newest")
        ),
        RemoveIndexConcurrently("membermerge", "merge_into"),
        AddIndexConcurrently(
            "purchase",
            models.Index(fields=["merchant_id", "payment_id"], condition=_TOLD, name="purchase_told_by"),
        ),
        AddIndexConcurrently(
            "purchase",
            models.Index(fields=["reference", "payment_id"], condition=_TOLD, name="purchase_by_reference"),
        ),
        RemoveIndexConcurrently("purchase", "purchase_of_merchant"),
        AddIndexConcurrently(
            "expiryrun", models.Index(fields=["state", "created_at", "id"], name="expiry_run_in_state")
        ),
        migrations.AddField("expiryrun", "reached_at", models.DateTimeField(null=True)),
        migrations.AddField("expiryrun", "reached_lot", models.UUIDField(null=True)),
    ]
