"""What requests about backtests must look like."""

from typing import Any

from rest_framework import serializers

from shared.http.fields import Body
from shared.http.times import Instant


class NewBacktest(Body):
    """On which purchases and events a version of rules is tried: those from an instant (`from`) until before another
    (`to`)."""

    def get_fields(self) -> dict[str, Any]:
        """Add `from` and `to`, which Python does not take as names."""
        return super().get_fields() | {"from": Instant(), "to": Instant()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a span without an instant in it."""
        if attrs["to"] <= attrs["from"]:
            error = serializers.ErrorDetail("The end is not after the beginning.", "disagrees")
            raise serializers.ValidationError({"to": [error]})
        return attrs
