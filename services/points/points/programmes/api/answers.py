"""What is answered about programmes."""

from typing import Any

import msgspec
from rest_framework import serializers

from points.programmes.api.fields import RETURN_POLICIES, UNKNOWN_MEMBERS, ExpiryPolicy
from points.programmes.rules import Programme
from points.programmes.rules.expiry import policy_of_days


class ProgrammeAnswer(serializers.Serializer[Any]):
    """A programme; `lot_days` is null unless `expiry` is only a number of days."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()
    timezone = serializers.CharField()
    earn_points = serializers.IntegerField()
    earn_amount = serializers.IntegerField()
    lot_days = serializers.IntegerField(allow_null=True)
    expiry = ExpiryPolicy()
    grace_days = serializers.IntegerField()
    notice_days = serializers.ListField(child=serializers.IntegerField())
    value_points = serializers.IntegerField()
    value_amount = serializers.IntegerField()
    rounding = serializers.CharField()
    status = serializers.CharField()
    is_default = serializers.BooleanField()
    adjustment_limit = serializers.IntegerField(allow_null=True)
    pending_days = serializers.IntegerField(allow_null=True)
    return_policy = serializers.ChoiceField(choices=RETURN_POLICIES)
    arrears_cap = serializers.IntegerField(allow_null=True)
    unknown_members = serializers.ChoiceField(choices=UNKNOWN_MEMBERS)
    merchants = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    max_points_per_purchase = serializers.IntegerField()
    max_amount = serializers.IntegerField()
    max_purchase_age_days = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Programme"


# Members read programmes too, and who of the staff changed one is not for them; tiers answer for themselves.
_NOT_TOLD = ("limit_raised_by", "limit_before", "has_tiers")
_MEMBERS = tuple(name for name in Programme.__dataclass_fields__ if name not in _NOT_TOLD)


def programme_json(programme: Any) -> dict[str, Any]:
    """Return a programme (or its row) as it is answered."""
    policy = programme.expiry or policy_of_days(programme.lot_days)
    merchants = None if programme.merchants is None else sorted(programme.merchants)
    values = {name: getattr(programme, name) for name in _MEMBERS}
    return values | {"expiry": msgspec.to_builtins(policy), "merchants": merchants}
