from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerDay',
            fields=[
                ('pk', models.CompositePrimaryKey('service', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('service', models.TextField()),
                ('day', models.DateField()),
                ('as_of', models.DateTimeField()),
                ('totals', models.JSONField()),
            ],
            options={
                'db_table': 'ledger_day',
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'ledger', 'unit', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('ledger', models.TextField()),
                ('unit', models.TextField()),
                ('kind', models.TextField()),
                ('ours_count', models.BigIntegerField()),
                ('ours_total', models.BigIntegerField()),
                ('theirs_count', models.BigIntegerField(null=True)),
                ('theirs_total', models.BigIntegerField(null=True)),
                ('status', models.TextField()),
                ('status_since', models.DateTimeField()),
                ('totals_as_of', models.DateTimeField(null=True)),
                ('compared_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'comparison',
                'indexes': [models.Index(condition=models.Q(('status', 'matched'), _negated=True), fields=['day'], name='comparison_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['matched', 'waiting', 'different'])), name='comparison_status')],
            },
        ),
    ]
