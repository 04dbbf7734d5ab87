from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='PublishedKey',
            fields=[
                ('kid', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('jwk', models.JSONField()),
                ('retired_at', models.DateTimeField(null=True)),
                ('fetched_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'published_key',
            },
        ),
        migrations.CreateModel(
            name='Revocation',
            fields=[
                ('user_id', models.UUIDField(primary_key=True, serialize=False)),
                ('not_before', models.DateTimeField()),
            ],
            options={
                'db_table': 'revocation',
                'indexes': [models.Index(fields=['not_before'], name='revocation_not_before')],
            },
        ),
    ]
