from django.db import migrations, models

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0003_tiers_and_budgets'),
    ]

    operations = [
        migrations.CreateModel(
            name='DimTier',
            fields=[
                ('pk', models.CompositePrimaryKey('programme_id', 'version', 'code', blank=True, editable=False, primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('version', models.IntegerField()),
                ('code', models.TextField()),
                ('name', models.TextField()),
                ('level', models.SmallIntegerField()),
                ('enter', models.BigIntegerField()),
                ('stay', models.BigIntegerField()),
                ('metric', models.TextField()),
                ('event', models.TextField(null=True)),
                ('field', models.TextField(null=True)),
                ('valid_from', models.DateTimeField()),
                ('changed_by', models.UUIDField()),
            ],
            options={
                'db_table': 'dim_tier',
                'constraints': [models.UniqueConstraint(fields=('programme_id', 'version', 'level'), name='dim_tier_order')],
            },
        ),
        migrations.AddField(
            model_name='facttierchange',
            name='version',
            field=models.IntegerField(null=True),
        ),
        RunFiles(__file__, "tier_totals"),
    ]
