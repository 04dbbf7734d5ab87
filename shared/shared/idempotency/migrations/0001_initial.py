from django.db import migrations, models

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal_id', models.UUIDField()),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.BinaryField(max_length=32)),
                ('status', models.SmallIntegerField(null=True)),
                ('content_type', models.CharField(default='', max_length=64)),
                ('body', models.BinaryField(null=True)),
                ('resource_id', models.UUIDField(null=True)),
                ('locked_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'idempotency_record',
                'indexes': [models.Index(fields=['created_at'], name='idempotency_record_age')],
                'constraints': [models.UniqueConstraint(fields=('principal_id', 'key'), name='idempotency_record_once')],
            },
        ),
        RunFiles(__file__, "idempotency_claim", "rendered", "optimistic_conflict"),
    ]
