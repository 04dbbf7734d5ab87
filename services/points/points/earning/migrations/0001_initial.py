import django.db.models.deletion
import shared.ids
from django.db import migrations, models

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        ('programmes', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleSchema',
            fields=[
                ('programme', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='programmes.programme')),
                ('types', models.JSONField()),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.UUIDField()),
            ],
            options={
                'db_table': 'rule_schema',
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('version', models.IntegerField()),
                ('document', models.JSONField()),
                ('schema', models.JSONField(null=True)),
                ('rounding', models.CharField(max_length=8, null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.UUIDField()),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.UUIDField()),
                ('activated_at', models.DateTimeField(null=True)),
                ('activated_by', models.UUIDField(null=True)),
                ('starts_at', models.DateTimeField(null=True)),
                ('retires_at', models.DateTimeField(null=True)),
                ('retired_by', models.UUIDField(null=True)),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'rule_set',
                'constraints': [models.UniqueConstraint(fields=('programme', 'version'), name='rule_set_version'), models.UniqueConstraint(condition=models.Q(('retires_at', None), ('retires_at__gt', models.F('starts_at')), _connector='OR'), fields=('programme', 'starts_at'), name='rule_set_one_starts'), models.CheckConstraint(condition=models.Q(('version__gt', 0)), name='rule_set_version_is_one'), models.CheckConstraint(condition=models.Q(models.Q(('activated_at__isnull', True), ('activated_by__isnull', True), ('rounding__isnull', True), ('schema__isnull', True), ('starts_at__isnull', True)), models.Q(('activated_at__isnull', False), ('activated_by__isnull', False), ('rounding__in', ['floor', 'half_up', 'ceil']), ('rounding__isnull', False), ('schema__isnull', False), ('starts_at__gte', models.F('activated_at')), ('starts_at__isnull', False)), _connector='OR'), name='rule_set_activated'), models.CheckConstraint(condition=models.Q(models.Q(('retired_by', None), ('retires_at', None)), models.Q(('retired_by__isnull', False), ('retires_at__gte', models.F('changed_at')), ('retires_at__isnull', False)), _connector='OR'), name='rule_set_retired')],
            },
        ),
        migrations.CreateModel(
            name='CountedMember',
            fields=[
                ('pk', models.CompositePrimaryKey('member_id', 'programme', blank=True, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'counted_member',
            },
        ),
        migrations.CreateModel(
            name='RuleCounter',
            fields=[
                ('pk', models.CompositePrimaryKey('member_id', 'programme', 'period', 'rule_id', 'of', blank=True, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('period', models.CharField(max_length=10)),
                ('rule_id', models.CharField(max_length=64)),
                ('of', models.CharField(max_length=6)),
                ('count', models.BigIntegerField()),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'rule_counter',
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gte', 0)), name='rule_counter_count')],
            },
        ),
        RunFiles(__file__, "rule_sets"),
    ]
