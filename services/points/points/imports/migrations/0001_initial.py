import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
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
            name='Import',
            fields=[
                ('id', models.UUIDField(default=shared.ids.new_id, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('state', models.CharField(default='uploading', max_length=10)),
                ('plan', models.JSONField()),
                ('bytes', models.BigIntegerField(default=0)),
                ('pieces', models.IntegerField(default=0)),
                ('chunk', models.BigIntegerField(default=0)),
                ('heading', models.JSONField(null=True)),
                ('error', models.JSONField(null=True)),
                ('created_by', models.UUIDField()),
                ('committed_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('judged_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('purged_at', models.DateTimeField(null=True)),
                ('programme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='programmes.programme')),
            ],
            options={
                'db_table': 'points_import',
            },
        ),
        migrations.CreateModel(
            name='ImportChunk',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'start', blank=True, editable=False, primary_key=True, serialize=False)),
                ('start', models.BigIntegerField()),
                ('totals', models.JSONField()),
                ('imported', models.ForeignKey(db_column='import_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_chunk',
            },
        ),
        migrations.CreateModel(
            name='ImportIdentity',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'digest', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.UUIDField()),
                ('occurrences', models.BigIntegerField()),
                ('imported', models.ForeignKey(db_column='import_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_identity',
            },
        ),
        migrations.CreateModel(
            name='ImportMember',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'member_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.UUIDField()),
                ('change', models.BigIntegerField()),
                ('issued', models.BigIntegerField(default=0)),
                ('adjusted', models.BigIntegerField(default=0)),
                ('imported', models.ForeignKey(db_column='import_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_member',
            },
        ),
        migrations.CreateModel(
            name='ImportPiece',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'start', blank=True, editable=False, primary_key=True, serialize=False)),
                ('start', models.BigIntegerField()),
                ('size', models.IntegerField()),
                ('digest', models.BinaryField()),
                ('content', models.BinaryField()),
                ('imported', models.ForeignKey(db_column='import_id', db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_piece',
            },
        ),
        migrations.CreateModel(
            name='ImportPosting',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'start', blank=True, editable=False, primary_key=True, serialize=False)),
                ('start', models.BigIntegerField()),
                ('transaction_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('imported', models.ForeignKey(db_column='import_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_posting',
            },
        ),
        migrations.CreateModel(
            name='ImportRefusal',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'row', blank=True, editable=False, primary_key=True, serialize=False)),
                ('row', models.BigIntegerField()),
                ('start', models.BigIntegerField()),
                ('size', models.BigIntegerField()),
                ('column', models.CharField(max_length=100)),
                ('code', models.CharField(max_length=60)),
                ('detail', models.CharField(max_length=300)),
                ('imported', models.ForeignKey(db_column='import_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_refusal',
            },
        ),
        migrations.CreateModel(
            name='ImportRepeat',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'row', blank=True, editable=False, primary_key=True, serialize=False)),
                ('row', models.BigIntegerField()),
                ('occurrence', models.BigIntegerField()),
                ('imported', models.ForeignKey(db_column='import_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_repeat',
            },
        ),
        migrations.CreateModel(
            name='ImportReversed',
            fields=[
                ('pk', models.CompositePrimaryKey('programme_id', 'source_key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('programme_id', models.UUIDField()),
                ('source_key', models.CharField(max_length=320)),
                ('times', models.IntegerField()),
            ],
            options={
                'db_table': 'points_import_reversed',
                'constraints': [models.CheckConstraint(condition=models.Q(('times__gt', 0)), name='points_import_reversed_is_some')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('pk', models.CompositePrimaryKey('imported_id', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('position', models.BigIntegerField(default=0)),
                ('rows', models.BigIntegerField(default=0)),
                ('accepted', models.BigIntegerField(default=0)),
                ('known', models.BigIntegerField(default=0)),
                ('refused', models.BigIntegerField(default=0)),
                ('earns_nothing', models.BigIntegerField(default=0)),
                ('left_out', models.BigIntegerField(default=0)),
                ('refused_by_code', models.JSONField(default=dict)),
                ('earned', models.BigIntegerField(default=0)),
                ('redeemed', models.BigIntegerField(default=0)),
                ('added', models.BigIntegerField(default=0)),
                ('deducted', models.BigIntegerField(default=0)),
                ('earned_rows', models.BigIntegerField(default=0)),
                ('redeemed_rows', models.BigIntegerField(default=0)),
                ('adjusted_rows', models.BigIntegerField(default=0)),
                ('already_expired_rows', models.BigIntegerField(default=0)),
                ('already_expired', models.BigIntegerField(default=0)),
                ('amount', models.BigIntegerField(default=0)),
                ('unknown_members', models.BigIntegerField(default=0)),
                ('members', models.BigIntegerField(null=True)),
                ('imported', models.ForeignKey(db_column='import_id', db_index=False, on_delete=django.db.models.deletion.PROTECT, to='imports.import')),
            ],
            options={
                'db_table': 'points_import_run',
            },
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['-created_at', '-id'], name='points_import_newest'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['created_by', '-created_at', '-id'], name='points_import_of_caller'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('purged_at', None)), fields=['finished_at'], name='points_import_kept'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['state', 'created_at'], name='points_import_in_state'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('bytes__gte', 0), ('chunk__gte', 0), ('pieces__gte', 0)), name='points_import_counts'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('error', None), ('finished_at', None), ('state', 'uploading')), models.Q(('error', None), ('finished_at', None), ('judged_at__isnull', False), ('state__in', ['validating', 'validated'])), models.Q(('committed_by__isnull', False), ('error', None), ('finished_at', None), ('state', 'committing')), models.Q(('committed_by__isnull', False), ('finished_at', None), ('state', 'reversing')), models.Q(('committed_by__isnull', False), ('error', None), ('finished_at__isnull', False), ('state', 'done')), models.Q(('error', None), ('finished_at__isnull', False), ('state', 'cancelled')), models.Q(('error__isnull', False), ('finished_at__isnull', False), ('state', 'failed')), _connector='OR'), name='points_import_state'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('purged_at', None), models.Q(('finished_at', None), _negated=True), _connector='OR'), name='points_import_purged'),
        ),
        migrations.AddConstraint(
            model_name='importpiece',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0), ('start__gte', 0)), name='points_import_piece_size'),
        ),
        migrations.AddConstraint(
            model_name='importrepeat',
            constraint=models.CheckConstraint(condition=models.Q(('occurrence__gt', 1)), name='points_import_repeat_is_one'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['validation', 'rehearsal', 'commit', 'reversal'])), name='points_import_run_kind'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('rows', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('accepted'), '+', models.F('known')), '+', models.F('refused')), '+', models.F('earns_nothing')), '+', models.F('left_out')))), name='points_import_run_rows'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('accepted', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('earned_rows'), '+', models.F('redeemed_rows')), '+', models.F('adjusted_rows')))), name='points_import_run_accepted'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('accepted__gte', 0), ('added__gte', 0), ('adjusted_rows__gte', 0), ('already_expired__gte', models.F('already_expired_rows')), ('already_expired_rows__gte', models.F('left_out')), ('amount__gte', 0), ('deducted__gte', 0), ('earned__gte', models.F('earned_rows')), ('earned_rows__gte', 0), ('earns_nothing__gte', 0), ('known__gte', 0), ('left_out__gte', 0), ('position__gte', 0), ('redeemed__gte', models.F('redeemed_rows')), ('redeemed_rows__gte', 0), ('refused__gte', 0)), name='points_import_run_counts'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('unknown_members__gte', 0), ('unknown_members__lte', models.F('accepted'))), name='points_import_run_unknown'),
        ),
        RunFiles(__file__, "imports"),
    ]
