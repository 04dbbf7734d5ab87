from django.db import migrations, models

_UNPAID = models.Q(("status", "succeeded"), _negated=True)


class Migration(migrations.Migration):
    """Lists of intents read what they show; a day's totals come from the ledger and look for no intent."""

    dependencies = [("intents", "0001_initial"), ("books", "0002_day_total")]

    operations = [
        migrations.RemoveIndex(model_name="paymentintent", name="payment_intent_day"),
        migrations.RemoveIndex(model_name="refund", name="refund_day"),
        *(
            migrations.AddIndex(model_name="paymentintent", index=index)
            for index in (
                models.Index(fields=["order_id", "merchant", "id"], name="payment_intent_by_order"),
                models.Index(fields=["status", "id"], condition=_UNPAID, name="payment_intent_unpaid"),
                models.Index(fields=["merchant", "status", "id"], condition=_UNPAID, name="payment_intent_unpaid_shop"),
            )
        ),
    ]
