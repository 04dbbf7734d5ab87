from django.db import migrations, models


class Migration(migrations.Migration):
    """Merchants in the order in which they are listed."""

    dependencies = [("merchants", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="merchant", index=models.Index(fields=["-created_at", "-id"], name="merchant_newest")
        ),
    ]
