from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q, Value
from django.db.models.functions import Replace

_BARE = models.UniqueConstraint(Replace("code", Value("-"), Value("")), name="voucher_bare_code_once")
_ON_ORDER = models.UniqueConstraint(
    fields=["order_id", "merchant_id", "voucher"],
    condition=Q(status="redeemed"),
    nulls_distinct=False,
    name="voucher_once_on_order",
)


def _made(name: str, model: str, definition: str, constraint: models.UniqueConstraint, old: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {definition};",
        f"DROP INDEX CONCURRENTLY IF EXISTS {name};",
        state_operations=[
            migrations.AddConstraint(model, constraint),
            migrations.RemoveConstraint(model, old),
        ],
    )


class Migration(migrations.Migration):
    """A code is found without its dashes, and a voucher counts once on an order of a merchant.

    Made while vouchers are used; one that failed half-way is made anew.
    """

    atomic = False
    dependencies = [("vouchers", "0004_vouchers_of_one_order")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS voucher_bare_code_once;", migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS voucher_once_on_order;", migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS voucher_redemption_released;", migrations.RunSQL.noop),
        _made(
            "voucher_bare_code_once", "voucher", "voucher (replace(code, '-', ''))", _BARE, "voucher_code_once"
        ),
        _made(
            "voucher_once_on_order",
            "voucherredemption",
            "voucher_redemption (order_id, merchant_id, voucher_id) NULLS NOT DISTINCT WHERE status = 'redeemed'",
            _ON_ORDER,
            "voucher_once_per_order",
        ),
        migrations.RunSQL(
            "ALTER TABLE voucher DROP CONSTRAINT voucher_code_once;",
            "ALTER TABLE voucher ADD CONSTRAINT voucher_code_once UNIQUE (code);",
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS voucher_once_per_order;",
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS voucher_once_per_order"
            " ON voucher_redemption (voucher_id, order_id) WHERE status = 'redeemed';",
        ),
        AddIndexConcurrently(
            "voucherredemption",
            models.Index(fields=["voucher"], condition=Q(is_released=True), name="voucher_redemption_released"),
        ),
        ValidateConstraint("voucher", "voucher_cancelled"),
    ]
