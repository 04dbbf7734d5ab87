"""What is answered about merchants."""

from typing import Any

from rest_framework import serializers

from payments.merchants.models import Merchant


class MerchantAnswer(serializers.Serializer[Any]):
    """A merchant."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Merchant"


def merchant_json(merchant: Merchant) -> dict[str, Any]:
    """Return a merchant as it is answered."""
    return {"id": merchant.id, "name": merchant.name, "created_at": merchant.created_at}
