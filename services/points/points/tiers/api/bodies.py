"""What requests about tiers must look like."""

from typing import Any

from rest_framework import serializers

from points.tiers.api.fields import TiersDocument
from shared.http.fields import Body, Identifier, PageQuery, Text
from shared.http.times import Day, Instant, Past


class TiersBody(Body):
    """The tiers of a programme from now on."""

    document = TiersDocument()

    class Meta:
        ref_name = "NewTiers"


class TierQuery(Body):
    """Whose tier, in which programme, and when; the caller's in the default one now, where left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    at = Past(required=False)


class TierChangesQuery(PageQuery):
    """Whose changes of the tier, in which programme; the caller's in the default one, where left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)


class NewTierOverride(Body):
    """A tier for a member, whatever progress says: until an instant, or until somebody ends it."""

    member_id = Identifier()
    tier = Text(max_length=64)
    reason = Text(max_length=200)
    until = Instant(required=False)


LARGEST_IMPORT = 1_000


class NewTierStart(Body):
    """A tier that a member had elsewhere: since when, and where periods are the member's own, the last day of the one
    for which it is kept."""

    member_id = Identifier()
    tier = Text(max_length=64)
    since = Past(required=False)
    until = Day(required=False)


class NewTierImport(Body):
    """Up to 1,000 members with the tiers that they had elsewhere."""

    members: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=NewTierStart(), min_length=1, max_length=LARGEST_IMPORT
    )
