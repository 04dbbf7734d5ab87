"""Shapes of answers that several modules share, for Swagger."""

from typing import Any

from drf_yasg import openapi
from rest_framework import serializers

from shared.http.swagger import PROBLEM

DECLINED = openapi.Response("the card was declined", schema=PROBLEM)


class AmountAnswer(serializers.Serializer[Any]):
    """An amount in minor units; negative where money left."""

    amount = serializers.IntegerField()
    currency = serializers.CharField()

    class Meta:
        ref_name = "Amount"


class CardAnswer(serializers.Serializer[Any]):
    """What may be shown of a card."""

    brand = serializers.CharField()
    last4 = serializers.CharField()

    class Meta:
        ref_name = "CardShown"
