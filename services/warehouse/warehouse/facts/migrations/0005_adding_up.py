from django.db import migrations, models

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0004_order_of_tiers'),
    ]

    operations = [
        migrations.AddField(
            model_name='facttierchange',
            name='posted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='facttierchange',
            index=models.Index(fields=['posted_at'], name='fact_tier_change_posted'),
        ),
        migrations.AddField(
            model_name='budgettotal',
            name='count',
            field=models.BigIntegerField(db_default=0),
        ),
        RunFiles(__file__, "tier_changes", "budget_totals"),
    ]
