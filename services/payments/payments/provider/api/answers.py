"""What is answered about the cards that work in the sandbox."""

from typing import Any

from rest_framework import serializers

from payments.provider.rules import TestCard, brand_of


class TestCardAnswer(serializers.Serializer[Any]):
    """A number the simulated network knows."""

    number = serializers.CharField()
    brand = serializers.CharField()
    effect = serializers.CharField()
    decline_code = serializers.CharField(allow_blank=True)


def card_json(card: TestCard) -> dict[str, Any]:
    """Return a card of the sandbox as it is answered."""
    named = {name: getattr(card, name) for name in ("number", "effect", "decline_code")}
    return {**named, "brand": brand_of(card.number)}
