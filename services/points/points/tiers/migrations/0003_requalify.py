from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

CAUSES = [
    'earned', 'taken_back', 'period_end', 'grace_ended', 'requalified', 'merged', 'override', 'override_ended', 'imported'
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('tiers', '0002_tier_imports_of_all'),
    ]

    operations = [
        migrations.AddField('membertier', 'last_begins', models.DateField(null=True)),
        migrations.AddField('membertier', 'last_tier', models.CharField(max_length=64, null=True)),
        migrations.AddField('membertier', 'last_floor', models.CharField(max_length=64, null=True)),
        migrations.RemoveConstraint('tierchange', 'tier_change_cause'),
        AddConstraintNotValid(
            'tierchange', models.CheckConstraint(condition=models.Q(('cause__in', CAUSES)), name='tier_change_cause')
        ),
        ValidateConstraint('tierchange', 'tier_change_cause'),
    ]
