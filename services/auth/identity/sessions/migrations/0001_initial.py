import django.db.models.deletion
import shared.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GuessCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('subject', models.CharField(max_length=64)),
                ('count', models.IntegerField()),
                ('last_at', models.DateTimeField()),
                ('blocked_until', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'guess_count',
                'indexes': [models.Index(fields=['last_at'], name='guess_count_by_age')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject'), name='guess_count_once')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField()),
                ('tokens_issued_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('agent', models.CharField(max_length=200)),
                ('address', models.GenericIPAddressField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=20)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'session',
            },
        ),
        migrations.CreateModel(
            name='RefreshToken',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('parent_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('spent_at', models.DateTimeField(null=True)),
                ('superseded_at', models.DateTimeField(null=True)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='sessions.session')),
            ],
            options={
                'db_table': 'refresh_token',
            },
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['user', '-created_at', '-id'], name='session_open_of_user'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['expires_at'], name='session_by_expiry'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['user', 'address'], name='session_of_user_by_address'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at__isnull', True)), models.Q(('ended_at__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='session_ends_for_a_reason'),
        ),
        migrations.AddIndex(
            model_name='refreshtoken',
            index=models.Index(fields=['expires_at'], name='refresh_token_by_expiry'),
        ),
        migrations.AddIndex(
            model_name='refreshtoken',
            index=models.Index(fields=['parent_id'], name='refresh_token_by_parent'),
        ),
    ]
