import django.db.models.deletion
import django.db.models.functions.text
import shared.ids
from django.conf import settings
from django.db import migrations, models

from shared.postgres.schema import AppendOnly, RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='KnownMerchant',
            fields=[
                ('merchant_id', models.UUIDField(primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'known_merchant',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('id', models.UUIDField(default=shared.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.CharField(max_length=254, unique=True)),
                ('name', models.CharField(blank=True, max_length=100)),
                ('merchant_id', models.UUIDField(null=True)),
                ('merchant_version', models.BigIntegerField(db_default=0)),
                ('is_active', models.BooleanField(default=True)),
                ('email_verified_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('deactivated_at', models.DateTimeField(null=True)),
                ('tokens_not_before', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'identity_user',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='user_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_in_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('event', models.CharField(max_length=40)),
                ('actor_id', models.UUIDField(null=True)),
                ('subject_id', models.UUIDField(null=True)),
                ('address', models.GenericIPAddressField(null=True)),
                ('agent', models.CharField(max_length=200)),
                ('request_id', models.CharField(max_length=64)),
                ('details', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'audit_entry',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='audit_newest'), models.Index(fields=['subject_id', 'created_at', 'id'], name='audit_by_subject'), models.Index(fields=['actor_id', 'created_at', 'id'], name='audit_by_actor'), models.Index(fields=['event', 'created_at', 'id'], name='audit_by_event')],
            },
        ),
        migrations.CreateModel(
            name='UserRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=16)),
                ('granted_at', models.DateTimeField()),
                ('granted_by', models.UUIDField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_rows', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'user_role',
                'indexes': [models.Index(fields=['role', 'user'], name='user_role_by_role')],
                'constraints': [models.UniqueConstraint(fields=('user', 'role'), name='user_role_once'), models.CheckConstraint(condition=models.Q(('role__in', ('member', 'merchant', 'support', 'finance', 'analyst', 'admin'))), name='user_role_known')],
            },
        ),
        AppendOnly("audit_entry"),
        RunFiles(__file__, "user_by_name"),
    ]
