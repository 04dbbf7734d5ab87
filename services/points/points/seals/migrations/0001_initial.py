import django.contrib.postgres.fields
from django.db import migrations, models

from shared.postgres.schema import AppendOnly


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SealKey',
            fields=[
                ('kid', models.CharField(max_length=43, primary_key=True, serialize=False)),
                ('public_jwk', models.JSONField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'seal_key',
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('no', models.BigIntegerField(primary_key=True, serialize=False)),
                ('previous', models.BinaryField()),
                ('root', models.BinaryField()),
                ('size', models.IntegerField()),
                ('last_xid', models.BigIntegerField()),
                ('last_id', models.UUIDField()),
                ('sealed_at', models.DateTimeField()),
                ('kid', models.CharField(max_length=43)),
                ('signature', models.BinaryField()),
                ('transaction_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('leaves', models.BinaryField()),
            ],
            options={
                'db_table': 'seal_block',
                'constraints': [models.UniqueConstraint(fields=('last_xid', 'last_id'), name='seal_block_reach'), models.CheckConstraint(condition=models.Q(('no__gt', 0), ('size__gt', 0)), name='seal_block_positive')],
            },
        ),
        AppendOnly("seal_key", "seal_block"),
    ]
