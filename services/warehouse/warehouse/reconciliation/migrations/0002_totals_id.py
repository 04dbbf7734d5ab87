from uuid import UUID

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reconciliation', '0001_initial'),
    ]

    operations = [
        # Whatever is counted next is later than what was kept without an id.
        migrations.AddField('ledgerday', 'totals_id', models.UUIDField(default=UUID(int=0)), preserve_default=False),
    ]
