"""What is answered about tiers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.ledger.api.answers.batches import error_json
from points.tiers.api.fields import TiersDocument
from points.tiers.models import TierChange, TierImport, TierOverride, TierScheme
from points.tiers.queries.past import TierThen
from points.tiers.queries.tiers import Found
from points.tiers.rules import Cause, Tier
from points.tiers.rules.metrics import KINDS, Metric, event_of, field_of, kind_of
from points.tiers.rules.periods import instant_of
from shared.errors import DomainError
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
    """What it takes to stay in the tier when it is judged next, and how much of that is still missing."""

    needed = serializers.IntegerField()
    missing = serializers.IntegerField()

    class Meta:
        ref_name = "StayInTier"


class LastingOverrideAnswer(serializers.Serializer[Any]):
    """The tier is one by hand: until when, null where nobody said."""

    until = Instant(allow_null=True)

    class Meta:
        ref_name = "LastingTierOverride"


class TierAnswer(serializers.Serializer[Any]):
    """A member's tier: null where there is none, and `since` null where it was never another. `metric` is what counts:
    `spend` in minor units of the programme's currency, `events` and a `field` of those that `event` names. `until` is
    when it is judged next, and `projected` what it would be then, were nothing earned until then, and after the grace
    that may begin then. `grace_until` says until when a tier is kept for which there was not enough. Where it is one by
    hand (`override`), `stay` is of the tier below. `merged_into` is whose the points are now, where the member was
    merged.

    Of an instant that has passed `tier`, `since` and `cause` are known, and the rest is null.
    """

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    tier = NamedTierAnswer(allow_null=True)
    since = Instant(allow_null=True)
    cause = serializers.ChoiceField(choices=CAUSES, allow_null=True)
    override = LastingOverrideAnswer(allow_null=True)
    metric = serializers.ChoiceField(choices=list(KINDS))
    event = serializers.CharField(allow_null=True)
    field = serializers.CharField(allow_null=True)
    progress = serializers.IntegerField(allow_null=True)
    next_tier = NextTierAnswer(allow_null=True)
    stay = StayAnswer(allow_null=True)
    until = Instant(allow_null=True)
    grace_until = Instant(allow_null=True)
    projected = NamedTierAnswer(allow_null=True)
    merged_into = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "MemberTier"


class TierOverrideAnswer(serializers.Serializer[Any]):
    """A tier that somebody gave a member by hand, why, and until when; `ended_at` is null while it lasts, and
    `ended_by` where nobody ended it before its time."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField()
    member_id = serializers.UUIDField()
    tier = serializers.CharField()
    reason = serializers.CharField()
    until = Instant(allow_null=True)
    created_at = Instant()
    created_by = serializers.UUIDField()
    ended_at = Instant(allow_null=True)
    ended_by = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "TierOverride"


class TierStartResult(serializers.Serializer[Any]):
    """What became of one member: `given` the tier, `unchanged` where it was there already, or `refused` for `error`."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["given", "unchanged", "refused"])
    error = serializers.JSONField(allow_null=True)


class TierImportAnswer(serializers.Serializer[Any]):
    """One result for each member, in their order; `id` is the `reference` of the changes."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField()
    results = TierStartResult(many=True)

    class Meta:
        ref_name = "TierImport"


class MadeTierImportAnswer(serializers.Serializer[Any]):
    """Who let so many members begin with tiers that they had elsewhere, and when; `id` is the `reference` of the
    changes. Those to whom nothing was given do not count."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField()
    members = serializers.IntegerField()
    created_at = Instant()
    created_by = serializers.UUIDField()

    class Meta:
        ref_name = "MadeTierImport"


class TierChangeAnswer(serializers.Serializer[Any]):
    """A member came from one tier to another; null is no tier. `reference` is the transaction, the purchase, the
    return, the event, the merge, the override or the import because of which."""

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
    standing, below, above = found.standing, found.scheme.tier(found.computed), found.next
    missing = {"missing": max(0, above.enter - found.progress)} if above else {}
    return {
        "member_id": member_id,
        "programme": programme_id,
        "tier": _named(found.scheme.tier(found.level)),
        "since": standing.since,
        "cause": standing.cause or None,
        "override": standing.override and {"until": standing.override.until},
        **_counted(found.scheme.metric),
        "progress": found.progress,
        "next_tier": above and {"code": above.code, "name": above.name, **missing},
        "stay": below and {"needed": below.stay, "missing": max(0, below.stay - found.at_end)},
        "until": found.until,
        "grace_until": instant_of(found.grace.until, found.timezone) if found.grace else None,
        "projected": _named(found.projected),
        "merged_into": found.merged_into,
    }


def then_json(found: TierThen, *, metric: Metric, member_id: UUID, programme_id: UUID) -> dict[str, Any]:
    """Return the tier of an instant that has passed as it is answered: without what is not known of it."""
    return dict.fromkeys(TierAnswer().fields) | {
        "member_id": member_id,
        "programme": programme_id,
        "tier": _named(found.tier),
        "since": found.since,
        "cause": found.cause or None,
        **_counted(metric),
    }


def _counted(metric: Metric) -> dict[str, str | None]:
    return {"metric": kind_of(metric), "event": event_of(metric), "field": field_of(metric)}


def _named(tier: Tier | None) -> dict[str, Any] | None:
    return {"code": tier.code, "name": tier.name} if tier else None


def change_json(row: TierChange) -> dict[str, Any]:
    """Return a change of a member's tier as it is answered."""
    names = ("number", "before", "after", "changed_at", "cause", "reference")
    return {name: getattr(row, name) for name in names}


def start_json(index: int, outcome: bool | DomainError) -> dict[str, Any]:
    """Return what became of a member's tier from elsewhere as it is answered."""
    if isinstance(outcome, DomainError):
        return {"index": index, "status": "refused", "error": error_json(outcome)}
    return {"index": index, "status": "given" if outcome else "unchanged", "error": None}


def import_json(row: TierImport) -> dict[str, Any]:
    """Return an import of tiers as a list answers it."""
    names = ("id", "members", "created_at", "created_by")
    return {"programme": row.programme_id, **{name: getattr(row, name) for name in names}}


def override_json(row: TierOverride, *, at: datetime) -> dict[str, Any]:
    """Return a tier by hand as it is answered: over as of its end, whether or not a run has noted that."""
    names = ("id", "member_id", "tier", "reason", "until", "created_at", "created_by", "ended_by")
    is_over = row.ended_at is None and row.until is not None and row.until <= at
    ended_at = row.until if is_over else row.ended_at
    return {"programme": row.programme_id, **{name: getattr(row, name) for name in names}, "ended_at": ended_at}
