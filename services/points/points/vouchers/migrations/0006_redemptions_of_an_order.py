from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The redemptions on one order are listed by key, with those that were rolled back.

    Made while vouchers are used; one that failed half-way is made anew.
    """

    atomic = False
    dependencies = [("vouchers", "0005_codes_without_dashes")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS voucher_redemption_of_order;", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "voucherredemption",
            models.Index(fields=["order_id", "merchant_id", "id"], name="voucher_redemption_of_order"),
        ),
    ]
