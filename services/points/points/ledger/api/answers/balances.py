"""What is answered about balances and lots."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from points.ledger.models import Account, Lot
from points.ledger.queries import Balance
from points.ledger.rules.values import Expiring
from points.programmes.rules.expiry import day_told
from shared.http.times import Instant


class LotAnswer(serializers.Serializer[Any]):
    """Points that came together; `remaining` can be spent until `expires_at` (for ever, when null). `expires_on` is the
    last day before the programme's grace."""

    id = serializers.UUIDField()
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    remaining = serializers.IntegerField()
    active_from = Instant()
    expires_at = Instant(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)

    class Meta:
        ref_name = "Lot"


class ExpiringAnswer(serializers.Serializer[Any]):
    """Points that end at one instant; `expires_on` is their last day, which a grace may make much earlier."""

    points = serializers.IntegerField()
    expires_at = Instant()
    expires_on = serializers.DateField()

    class Meta:
        ref_name = "Expiring"


class NextActivationAnswer(serializers.Serializer[Any]):
    """Pending points that become available at one instant."""

    points = serializers.IntegerField()
    activates_at = Instant()

    class Meta:
        ref_name = "NextActivation"


class BalanceAnswer(serializers.Serializer[Any]):
    """A member's points; `available` can be spent now, `pending` later, `deficit` (never positive) is owed.

    `next_activation` is null where nothing is pending but for events, and for the past. `merged_into` is whose the
    points are now, where the member was merged into another.
    """

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    available = serializers.IntegerField()
    held = serializers.IntegerField()
    pending = serializers.IntegerField()
    deficit = serializers.IntegerField()
    next_activation = NextActivationAnswer(allow_null=True)
    merged_into = serializers.UUIDField(allow_null=True)
    expiring = ExpiringAnswer(many=True)
    as_of = Instant()

    class Meta:
        ref_name = "Balance"


def balance_json(found: Balance, timezone: str) -> dict[str, Any]:
    """Return a balance as it is answered."""
    following = found.next_activation
    next_activation = following and {"points": following[1], "activates_at": following[0]}
    expiring = [expiring_json(end, timezone) for end in found.expiring]
    return asdict(found) | {"expiring": expiring, "next_activation": next_activation}


def expiring_json(end: Expiring, timezone: str) -> dict[str, Any]:
    """Return points that end as they are answered."""
    return end._asdict() | {"expires_on": str(day_told(end.expires_at, end.expires_on, timezone))}


def lot_json(lot: Lot, account: Account, timezone: str) -> dict[str, Any]:
    """Return a lot's row, which is one of this account, as it is answered."""
    last = day_told(lot.expires_at, lot.expires_on, timezone) if lot.expires_at else None
    values = {name: getattr(lot, name) for name in ("id", "points", "remaining", "active_from", "expires_at")}
    whose = {"member_id": account.member_id, "programme": account.programme_id}
    return {"id": values.pop("id"), **whose, **values, "expires_on": str(last) if last else None}
