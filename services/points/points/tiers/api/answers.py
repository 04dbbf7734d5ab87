"""What is answered about tiers."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.tiers.api.fields import TiersDocument
from points.tiers.models import TierChange, TierScheme
from points.tiers.queries.tiers import Found
from points.tiers.rules import Cause, Tier
from points.tiers.rules.periods import instant_of
from shared.http.times import Instant

CAUSES = [str(one) for one in Cause]


class TiersAnswer(serializers.Serializer[Any]):
    """What a programme says of its tiers, since when; days are of `timezone`."""

    programme = serializers.UUIDField()
    version = serializers.IntegerField()
    document = TiersDocument()
    timezone = serializers.CharField()
    created_at = Instant()

    class Meta:
        ref_name = "Tiers"


class NamedTierAnswer(serializers.Serializer[Any]):
    """A tier."""

    code = serializers.CharField()
    name = serializers.CharField()

    class Meta:
        ref_name = "NamedTier"


class NextTierAnswer(serializers.Serializer[Any]):
    """The tier above: how much more progress it takes in this period."""

    code = serializers.CharField()
    name = serializers.CharField()
    missing = serializers.IntegerField()

    class Meta:
        ref_name = "NextTier"


class StayAnswer(serializers.Serializer[Any]):
    """What it takes to stay in the tier at the period's end, and how much of that is still missing."""

    needed = serializers.IntegerField()
    missing = serializers.IntegerField()

    class Meta:
        ref_name = "StayInTier"


class TierAnswer(serializers.Serializer[Any]):
    """A member's tier: null where there is none, and `since` null where it was never another. `until` is when it is
    judged next, and `projected` what it would be then, were nothing earned until then."""

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    tier = NamedTierAnswer(allow_null=True)
    since = Instant(allow_null=True)
    cause = serializers.ChoiceField(choices=CAUSES, allow_null=True)
    metric = serializers.ChoiceField(choices=["points"])
    progress = serializers.IntegerField()
    next_tier = NextTierAnswer(allow_null=True)
    stay = StayAnswer(allow_null=True)
    until = Instant()
    projected = NamedTierAnswer(allow_null=True)

    class Meta:
        ref_name = "MemberTier"


class TierChangeAnswer(serializers.Serializer[Any]):
    """A member came from one tier to another; null is no tier. `reference` is the transaction because of which."""

    number = serializers.IntegerField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    changed_at = Instant()
    cause = serializers.ChoiceField(choices=CAUSES)
    reference = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "TierChange"


def tiers_json(row: TierScheme) -> dict[str, Any]:
    """Return what a programme says of its tiers as it is answered."""
    said = {"version": row.version, "document": row.document, "timezone": row.timezone}
    return {"programme": row.programme_id, **said, "created_at": row.created_at}


def tier_json(found: Found, *, member_id: UUID, programme_id: UUID) -> dict[str, Any]:
    """Return how a member stands as it is answered."""
    standing, tier, above = found.standing, found.scheme.tier(found.level), found.next
    missing = {"missing": max(0, above.enter - found.progress)} if above else {}
    return {
        "member_id": member_id,
        "programme": programme_id,
        "tier": _named(tier),
        "since": standing.since,
        "cause": standing.cause or None,
        "metric": found.scheme.metric,
        "progress": found.progress,
        "next_tier": above and {"code": above.code, "name": above.name, **missing},
        "stay": tier and {"needed": tier.stay, "missing": max(0, tier.stay - found.at_end)},
        "until": instant_of(standing.period.end, found.timezone),
        "projected": _named(found.projected),
    }


def _named(tier: Tier | None) -> dict[str, Any] | None:
    return {"code": tier.code, "name": tier.name} if tier else None


def change_json(row: TierChange) -> dict[str, Any]:
    """Return a change of a member's tier as it is answered."""
    names = ("number", "before", "after", "changed_at", "cause", "reference")
    return {name: getattr(row, name) for name in names}
