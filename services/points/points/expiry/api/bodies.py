"""What requests about expiry runs and reinstatements must look like."""

from typing import Any

from rest_framework import serializers

from points.expiry.rows.expiry_runs import STATES
from shared.http.fields import Body, Choice, Identifier, PageQuery, Points, Text, WholeNumber
from shared.http.times import Day, Instant


class NewExpiryRun(Body):
    """What is to expire: the lots whose time had passed at `as_of` (now where left out, and never later), of one
    programme, or of all where it is left out."""

    as_of = Instant(required=False, help_text="an instant with its offset, now where left out; never one to come")
    programme = Identifier(required=False, help_text="all programmes where left out")


class ExpiryRunsQuery(PageQuery):
    """Which expiry runs: those in one state, or all."""

    state = Choice(choices=STATES, required=False)


class NewReinstatement(Body):
    """Points of one expiry to give back, all that are left of it where `points` is left out; the new end is a day or so
    many days from today, else the programme's."""

    member_id = Identifier()
    programme = Identifier(required=False)
    transaction_id = Identifier()
    points = Points(required=False)
    expires_on = Day(required=False)
    expires_in_days = WholeNumber(min_value=0, max_value=36_500, required=False)
    reason = Text(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two ends."""
        if "expires_on" in attrs and "expires_in_days" in attrs:
            error = serializers.ErrorDetail("One end is enough.", "disagrees")
            raise serializers.ValidationError({"expires_in_days": [error]})
        return attrs
