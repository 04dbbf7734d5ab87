from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='KnownMember',
            fields=[
                ('member_id', models.UUIDField(primary_key=True, serialize=False)),
                ('registered_at', models.DateTimeField(null=True)),
                ('deactivated_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'known_member',
                'constraints': [models.CheckConstraint(condition=models.Q(('registered_at__isnull', False), ('deactivated_at__isnull', False), _connector='OR'), name='known_member_by_what')],
            },
        ),
    ]
