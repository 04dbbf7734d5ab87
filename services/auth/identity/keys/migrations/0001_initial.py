from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('kid', models.CharField(max_length=43, primary_key=True, serialize=False)),
                ('public_jwk', models.JSONField()),
                ('private_encrypted', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('signs_from', models.DateTimeField()),
                ('retires_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'signing_key',
                'constraints': [models.CheckConstraint(condition=models.Q(('signs_from__gte', models.F('created_at'))), name='signing_key_published_before_signing')],
            },
        ),
    ]
