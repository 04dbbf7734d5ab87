from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('tiers', '0001_initial'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='tierimport',
            index=models.Index(fields=['programme', 'id'], name='tier_import_of_all'),
        ),
    ]
