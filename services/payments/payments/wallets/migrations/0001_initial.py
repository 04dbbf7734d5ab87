import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Wallet',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('currency', models.CharField(max_length=3)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'wallet',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='wallet_newest')],
                'constraints': [models.UniqueConstraint(fields=('member_id', 'currency'), name='wallet_once')],
            },
        ),
        migrations.CreateModel(
            name='Topup',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(max_length=10)),
                ('card_brand', models.CharField(max_length=20)),
                ('card_last4', models.CharField(max_length=4)),
                ('card_fingerprint', models.CharField(max_length=32)),
                ('decline_code', models.CharField(default='', max_length=40)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('wallet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='wallets.wallet')),
            ],
            options={
                'db_table': 'topup',
                'indexes': [models.Index(condition=models.Q(('status', 'processing')), fields=['created_at'], name='topup_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='topup_amount'), models.CheckConstraint(condition=models.Q(models.Q(('decline_code', ''), ('finished_at', None), ('status', 'processing')), models.Q(('decline_code', ''), ('status', 'succeeded'), models.Q(('finished_at', None), _negated=True)), models.Q(('status', 'failed'), models.Q(('decline_code', ''), _negated=True), models.Q(('finished_at', None), _negated=True)), _connector='OR'), name='topup_status')],
            },
        ),
    ]
