from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Look at the rows that were there before the constraints of returns, while others write."""

    dependencies = [("ledger", "0013_returns")]

    operations = [
        ValidateConstraint(model_name="purchase", name="purchase_told"),
        ValidateConstraint(model_name="purchase", name="purchase_spent"),
        ValidateConstraint(model_name="purchasereturn", name="purchase_return_parts"),
        ValidateConstraint(model_name="purchasereturn", name="purchase_return_signs"),
        ValidateConstraint(model_name="purchasereturn", name="purchase_return_restored"),
        ValidateConstraint(model_name="purchasereturn", name="purchase_return_policy"),
        ValidateConstraint(model_name="transaction", name="transaction_kind"),
    ]
