"""The tables of attributes and segments. Versions of attributes are append-only."""

from django.db import models
from django.db.models import Q

from points.programmes.models import Programme
from shared.ids import new_id


class MemberAttributes(models.Model):
    """What a programme knows of a member now, as it is stored (`points.segments.rules.attributes`).

    `birthday` is the day of the year of the attribute of that name, as 229 for 29 February.
    """

    pk = models.CompositePrimaryKey("programme", "member_id")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    version = models.IntegerField()
    attributes = models.JSONField()
    birthday = models.SmallIntegerField(null=True)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()

    class Meta:
        db_table = "member_attributes"
        indexes = [
            # Those whose birthday a day is. The programme comes second: no other index begins as this one does, and so
            # none is taken for it and sorted.
            models.Index(
                fields=["birthday", "programme", "member_id"],
                condition=Q(birthday__isnull=False),
                name="member_attributes_birthday",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(version__gt=0), name="member_attributes_version"),
            models.CheckConstraint(
                condition=Q(birthday=None) | Q(birthday__gte=101, birthday__lte=1231),
                name="member_attributes_birthday_is",
            ),
        ]


class MemberAttributesVersion(models.Model):
    """What a programme knew of a member from then on, and who said so; append-only."""

    pk = models.CompositePrimaryKey("programme", "member_id", "version")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    version = models.IntegerField()
    attributes = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()

    class Meta:
        db_table = "member_attributes_version"
        constraints = [models.CheckConstraint(condition=Q(version__gt=0), name="member_attributes_version_is_one")]


class Segment(models.Model):
    """Members of a programme: those on its list, or those whose attributes meet its `condition`.

    `members` is how many are on the list. One that was deleted is nobody's any more, and its list is purged.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    condition = models.JSONField(null=True)
    members = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.UUIDField(null=True)

    class Meta:
        db_table = "segment"
        indexes = [models.Index(fields=["id"], condition=Q(deleted_at__isnull=False), name="segment_deleted")]
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], condition=Q(deleted_at=None), name="segment_code"),
            models.CheckConstraint(
                condition=Q(members__gte=0) & (Q(condition=None) | Q(members=0)), name="segment_members"
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="segment_deleted_by",
            ),
        ]


class SegmentMember(models.Model):
    """A member on a segment's list."""

    pk = models.CompositePrimaryKey("segment", "member_id")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    added_at = models.DateTimeField()
    added_by = models.UUIDField()

    class Meta:
        db_table = "segment_member"
        indexes = [models.Index(fields=["member_id", "segment"], name="segment_of_member")]
