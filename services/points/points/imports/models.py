"""Tables of imports: the file in pieces, how far each pass over it is, and what a pass must remember."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from points.programmes.models import Programme
from shared.ids import new_id

# What a pass notes goes without a foreign key: it would be looked up for each of millions of rows, and nobody removes
# imports.
STATES = ["uploading", "validating", "validated", "committing", "reversing", "done", "cancelled", "failed"]
PASSES = ["validation", "rehearsal", "commit", "reversal"]


class Import(models.Model):
    """A file of postings, how it is read (`plan`), and what becomes of it.

    `heading` is what its first line says. `chunk` numbers the chunks of work, in all passes, so that a message asks for
    each of them once; `judged_at` is the instant as of which rows are judged, the same in both passes.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, default="uploading")
    plan = models.JSONField()
    bytes = models.BigIntegerField(default=0)
    pieces = models.IntegerField(default=0)
    chunk = models.BigIntegerField(default=0)
    heading = models.JSONField(null=True)
    error = models.JSONField(null=True)
    created_by = models.UUIDField()
    committed_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "points_import"
        constraints = [
            models.CheckConstraint(condition=Q(bytes__gte=0, pieces__gte=0, chunk__gte=0), name="points_import_counts"),
            models.CheckConstraint(
                condition=Q(state="uploading", finished_at=None, error=None)
                | Q(state__in=["validating", "validated"], finished_at=None, error=None, judged_at__isnull=False)
                | Q(state="committing", finished_at=None, error=None, committed_by__isnull=False)
                | Q(state="reversing", finished_at=None, committed_by__isnull=False)
                | Q(state="done", finished_at__isnull=False, error=None, committed_by__isnull=False)
                | Q(state="cancelled", finished_at__isnull=False, error=None)
                | Q(state="failed", finished_at__isnull=False, error__isnull=False),
                name="points_import_state",
            ),
            models.CheckConstraint(condition=Q(purged_at=None) | ~Q(finished_at=None), name="points_import_purged"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="points_import_newest"),
            models.Index(fields=["created_by", "-created_at", "-id"], name="points_import_of_caller"),
            models.Index(fields=["finished_at"], condition=Q(purged_at=None), name="points_import_kept"),
            models.Index(fields=["state", "created_at"], name="points_import_in_state"),
        ]

    @cached_property
    def run(self) -> "ImportRun":
        """The pass that it is in."""
        return ImportRun.objects.get(imported_id=self.id, finished_at=None)


class ImportPiece(models.Model):
    """Some bytes of a file, from `start` on; kept for some days after the import has finished."""

    pk = models.CompositePrimaryKey("imported_id", "start")
    imported = models.ForeignKey(Import, on_delete=models.PROTECT, db_column="import_id", db_index=False)
    start = models.BigIntegerField()
    size = models.IntegerField()
    digest = models.BinaryField()
    content = models.BinaryField()

    class Meta:
        db_table = "points_import_piece"
        constraints = [models.CheckConstraint(condition=Q(start__gte=0, size__gt=0), name="points_import_piece_size")]


class ImportRun(models.Model):
    """One pass over a file: its validation and its rehearsal, which move nothing, its commit, or the reversal of that.
    Written anew for a new validation.

    `position` is how many bytes were read, and `rows` how many rows these were: each was accepted, known (posted
    before, by whatever import), refused, too small for a point (`earns_nothing`) or left out, as its points had ended.
    Points are those of accepted rows; `already_expired` are the ones that had ended, those of rows left out too.
    `unknown_members` are accepted rows of members who never registered. Of a reversal, which goes from the last chunk
    posted to the first, accepted rows are those that it reversed, known ones had come to nothing before, and refused
    ones stay posted.
    """

    pk = models.CompositePrimaryKey("imported_id", "kind")
    imported = models.ForeignKey(Import, on_delete=models.PROTECT, db_column="import_id", db_index=False)
    kind = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    position = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    earns_nothing = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0)
    refused_by_code = models.JSONField(default=dict)
    earned = models.BigIntegerField(default=0)
    redeemed = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    deducted = models.BigIntegerField(default=0)
    earned_rows = models.BigIntegerField(default=0)
    redeemed_rows = models.BigIntegerField(default=0)
    adjusted_rows = models.BigIntegerField(default=0)
    already_expired_rows = models.BigIntegerField(default=0)
    already_expired = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    unknown_members = models.BigIntegerField(default=0)
    members = models.BigIntegerField(null=True)

    class Meta:
        db_table = "points_import_run"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PASSES), name="points_import_run_kind"),
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("known") + F("refused") + F("earns_nothing") + F("left_out")),
                name="points_import_run_rows",
            ),
            models.CheckConstraint(
                condition=Q(accepted=F("earned_rows") + F("redeemed_rows") + F("adjusted_rows")),
                name="points_import_run_accepted",
            ),
            models.CheckConstraint(
                condition=Q(
                    position__gte=0, accepted__gte=0, known__gte=0, refused__gte=0, earned__gte=F("earned_rows"),
                    redeemed__gte=F("redeemed_rows"), added__gte=0, deducted__gte=0, earned_rows__gte=0,
                    redeemed_rows__gte=0, adjusted_rows__gte=0, amount__gte=0, earns_nothing__gte=0, left_out__gte=0,
                    already_expired__gte=F("already_expired_rows"), already_expired_rows__gte=F("left_out"),
                ),
                name="points_import_run_counts",
            ),
            models.CheckConstraint(
                condition=Q(unknown_members__gte=0, unknown_members__lte=F("accepted")),
                name="points_import_run_unknown",
            ),
        ]  # fmt: skip


class ImportRefusal(models.Model):
    """A row that was refused or, before the commit, will be; it lies in the file, `size` bytes from `start` on."""

    pk = models.CompositePrimaryKey("imported_id", "row")
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, db_column="import_id", db_index=False, db_constraint=False
    )
    row = models.BigIntegerField()
    start = models.BigIntegerField()
    size = models.BigIntegerField()
    column = models.CharField(max_length=100)
    code = models.CharField(max_length=60)
    detail = models.CharField(max_length=300)

    class Meta:
        db_table = "points_import_refusal"


class ImportIdentity(models.Model):
    """How many rows so far have the same identity (a digest of the row's key or content); while a dry run goes on."""

    pk = models.CompositePrimaryKey("imported_id", "digest")
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, db_column="import_id", db_index=False, db_constraint=False
    )
    digest = models.UUIDField()
    occurrences = models.BigIntegerField()

    class Meta:
        db_table = "points_import_identity"


class ImportRepeat(models.Model):
    """A row whose identity an earlier row of the file has: it is the so-maniest, counted from one."""

    pk = models.CompositePrimaryKey("imported_id", "row")
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, db_column="import_id", db_index=False, db_constraint=False
    )
    row = models.BigIntegerField()
    occurrence = models.BigIntegerField()

    class Meta:
        db_table = "points_import_repeat"
        constraints = [models.CheckConstraint(condition=Q(occurrence__gt=1), name="points_import_repeat_is_one")]


class ImportMember(models.Model):
    """What the file's rows so far would change of what a member can spend, and of counter-accounts; while a dry run
    goes on."""

    pk = models.CompositePrimaryKey("imported_id", "member_id")
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, db_column="import_id", db_index=False, db_constraint=False
    )
    member_id = models.UUIDField()
    change = models.BigIntegerField()
    issued = models.BigIntegerField(default=0)
    adjusted = models.BigIntegerField(default=0)

    class Meta:
        db_table = "points_import_member"


class ImportPosting(models.Model):
    """The transactions that the commit's chunk which begins at `start` posted, where totals are expected; until the
    import is done, or they are reversed."""

    pk = models.CompositePrimaryKey("imported_id", "start")
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, db_column="import_id", db_index=False, db_constraint=False
    )
    start = models.BigIntegerField()
    transaction_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "points_import_posting"


class ImportReversed(models.Model):
    """How often imports have reversed what a row posted: the row is then new again, under another key of its own."""

    pk = models.CompositePrimaryKey("programme_id", "source_key")
    programme_id = models.UUIDField()
    source_key = models.CharField(max_length=320)
    times = models.IntegerField()

    class Meta:
        db_table = "points_import_reversed"
        constraints = [models.CheckConstraint(condition=Q(times__gt=0), name="points_import_reversed_is_some")]


class ImportChunk(models.Model):
    """What a rehearsal says that the commit's chunk which begins at `start` in the file will come to; until that is
    done."""

    pk = models.CompositePrimaryKey("imported_id", "start")
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, db_column="import_id", db_index=False, db_constraint=False
    )
    start = models.BigIntegerField()
    totals = models.JSONField()

    class Meta:
        db_table = "points_import_chunk"
