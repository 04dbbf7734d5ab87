"""What requests about programmes say."""

from typing import Any

from rest_framework import serializers

from points.programmes.api.fields import (
    RETURN_POLICIES,
    ROUNDINGS,
    UNKNOWN_MEMBERS,
    ExpiryPolicy,
    Merchants,
    NoticeDays,
)
from points.programmes.rules import LONGEST_WAIT, MAX_AMOUNT, MAX_POINTS_PER_PURCHASE, MAX_PURCHASE_AGE_DAYS
from points.programmes.rules.expiry import LONGEST_GRACE, with_days
from shared.http.fields import LARGEST_POINTS, Body, Choice, Currency, Flag, Points, Text, WholeNumber
from shared.http.times import Timezone
from shared.money import LARGEST_AMOUNT


def _agree(body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a number of days beside another policy; what was answered can be sent back as it is."""
    if "lot_days" in body and "expiry" in body and with_days(body["expiry"])[0] != body["lot_days"]:
        raise serializers.ValidationError({"lot_days": [_DISAGREE]})
    return body


_DISAGREE = serializers.ErrorDetail("It says otherwise than `expiry`.", "disagrees")


class NewProgramme(Body):
    """What a programme is made of: 1 point per 1.00 and 100 points worth 1.00 where nothing else is said.

    Members earn by purchases from the listed `merchants`: nobody's at first, every merchant's when null.
    """

    name = Text(max_length=100)
    currency = Currency()
    timezone = Timezone()
    earn_points = Points(default=1)
    earn_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, default=100)
    lot_days = WholeNumber(min_value=1, max_value=36_500, allow_null=True, required=False)
    expiry = ExpiryPolicy(required=False)
    grace_days = WholeNumber(min_value=0, max_value=LONGEST_GRACE, default=0)
    notice_days = NoticeDays(default=[])
    value_points = Points(default=100)
    value_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, default=100)
    adjustment_limit = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, default=None)
    pending_days = WholeNumber(min_value=1, max_value=LONGEST_WAIT, allow_null=True, default=None)
    return_policy = Choice(choices=RETURN_POLICIES, default="arrears")
    arrears_cap = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, default=None)
    unknown_members = Choice(choices=UNKNOWN_MEMBERS, default="accept")
    rounding = Choice(choices=ROUNDINGS, default="floor")
    merchants = Merchants(default=list)
    max_points_per_purchase = Points(default=MAX_POINTS_PER_PURCHASE)
    max_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, default=MAX_AMOUNT)
    max_purchase_age_days = WholeNumber(min_value=1, max_value=36_500, default=MAX_PURCHASE_AGE_DAYS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two policies."""
        return {"lot_days": None} | _agree(attrs)


class ChangedProgramme(Body):
    """What may change; the currency and what points are counted in may not."""

    name = Text(max_length=100, required=False)
    timezone = Timezone(required=False)
    earn_points = WholeNumber(min_value=1, max_value=LARGEST_POINTS, required=False)
    earn_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)
    lot_days = WholeNumber(min_value=1, max_value=36_500, allow_null=True, required=False)
    expiry = ExpiryPolicy(required=False)
    grace_days = WholeNumber(min_value=0, max_value=LONGEST_GRACE, required=False)
    notice_days = NoticeDays(required=False)
    value_points = WholeNumber(min_value=1, max_value=LARGEST_POINTS, required=False)
    value_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)
    adjustment_limit = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, required=False)
    pending_days = WholeNumber(min_value=1, max_value=LONGEST_WAIT, allow_null=True, required=False)
    return_policy = Choice(choices=RETURN_POLICIES, required=False)
    arrears_cap = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, required=False)
    unknown_members = Choice(choices=UNKNOWN_MEMBERS, required=False)
    rounding = Choice(choices=ROUNDINGS, required=False)
    merchants = Merchants(required=False)
    max_points_per_purchase = WholeNumber(min_value=1, max_value=LARGEST_POINTS, required=False)
    max_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)
    max_purchase_age_days = WholeNumber(min_value=1, max_value=36_500, required=False)
    status = Choice(choices=["active", "closed"], required=False)
    is_default = Flag(required=False, help_text="`true`: another programme takes it away")

    def validate_is_default(self, is_default: bool) -> bool:
        """Refuse to leave no default."""
        if not is_default:
            raise serializers.ValidationError("Make another programme the default.", "invalid")
        return is_default

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two policies."""
        return _agree(attrs)
