import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

# What was taken off orders before: those beyond their total count as all of it.
_ORDERS = """
INSERT INTO voucher_order (merchant_id, order_id, currency, total, discount, uses, is_exclusive)
SELECT merchant_id, order_id, (array_agg(currency ORDER BY redeemed_at))[1], max(order_total),
       least(sum(discount), max(order_total)), count(*), false
FROM voucher_redemption WHERE status = 'redeemed' GROUP BY merchant_id, order_id
"""


class Migration(migrations.Migration):
    """Vouchers of one order know of each other, an order knows what paid for it, and a voucher can be given back."""

    dependencies = [("vouchers", "0003_voucher_last_issued")]

    operations = [
        migrations.AddField(
            "vouchercampaign", "stacking", models.CharField(default="exclusive", db_default="exclusive", max_length=9)
        ),
        migrations.AddField("vouchercampaign", "priority", models.IntegerField(default=0, db_default=0)),
        migrations.AddConstraint(
            "vouchercampaign",
            models.CheckConstraint(condition=Q(stacking__in=["exclusive", "all"]), name="voucher_campaign_stacking"),
        ),
        migrations.AddField("voucher", "cancelled_at", models.DateTimeField(null=True)),
        migrations.AddField("voucher", "released_at", models.DateTimeField(null=True)),
        AddConstraintNotValid(
            "voucher",
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(uses=0, price_points__gt=0, member_id__isnull=False),
                name="voucher_cancelled",
            ),
        ),
        migrations.AddField("voucherredemption", "is_released", models.BooleanField(db_default=False)),
        migrations.CreateModel(
            "VoucherOrder",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("merchant_id", models.UUIDField(null=True)),
                ("order_id", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=3)),
                ("total", models.BigIntegerField()),
                ("discount", models.BigIntegerField(db_default=0)),
                ("uses", models.IntegerField(db_default=0)),
                ("is_exclusive", models.BooleanField(db_default=False)),
            ],
            {
                "db_table": "voucher_order",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order_id", "merchant_id"), nulls_distinct=False, name="voucher_order_of_merchant"
                    ),
                    models.CheckConstraint(
                        condition=Q(uses=0, discount=0, is_exclusive=False)
                        | Q(uses__gt=0, discount__gt=0, discount__lte=F("total")),
                        name="voucher_order_discount",
                    ),
                    models.CheckConstraint(
                        condition=Q(is_exclusive=False) | Q(uses=1), name="voucher_order_exclusive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "VoucherOrderPayment",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "payment_id", "order_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("payment_id", models.UUIDField()),
                ("paid_at", models.DateTimeField()),
                ("returned_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="vouchers.voucherorder"),
                ),
            ],
            {"db_table": "voucher_order_payment"},
        ),
        migrations.RunSQL(_ORDERS, migrations.RunSQL.noop),
    ]
