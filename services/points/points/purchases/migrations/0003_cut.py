from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("purchases", "0002_noted_xid"),
    ]

    operations = [
        migrations.AddField("purchase", "budget", models.CharField(max_length=64, null=True)),
        migrations.AddField("purchase", "cut", models.BigIntegerField(null=True)),
        RunFiles(__file__, "cut"),
        AddConstraintNotValid(
            "purchase",
            models.CheckConstraint(
                condition=Q(budget__isnull=True, cut__isnull=True)
                | Q(budget__isnull=True, cut=0)
                | Q(budget__isnull=False, cut__isnull=False, cut__gt=0),
                name="purchase_cut",
            ),
        ),
        ValidateConstraint("purchase", "purchase_cut"),
    ]
