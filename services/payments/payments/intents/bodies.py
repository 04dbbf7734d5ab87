"""What requests about payment intents say."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from payments.intents.errors import CaptureMethodNotSupported, CardRequired
from payments.intents.rules import CARD, MOVES, WALLET, Line, Order
from payments.provider.api import CardBody
from payments.provider.rules import Card
from shared.http.fields import Body, Choice, Flag, Identifier, Metadata, MoneyField, PageQuery, Text, WholeNumber
from shared.money import LARGEST_AMOUNT

MAX_LINES = 200


class LineBody(Body):
    """One line of an order."""

    line_id = Text(max_length=64)
    sku = Text(max_length=64)
    category = Text(max_length=64)
    quantity = WholeNumber(min_value=1, max_value=1_000_000)
    unit_amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT)

    def to_internal_value(self, data: Any) -> Line:
        return Line(**super().to_internal_value(data))


class TenderBody(Body):
    """A means of payment; a card comes with its number when the intent is confirmed."""

    type = Choice(choices=[WALLET, CARD])
    card = CardBody(required=False)
    amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["type"] == WALLET and "card" in attrs:
            raise serializers.ValidationError({"card": "A wallet tender has no card."})
        return attrs


def one_tender(**options: Any) -> serializers.ListSerializer[Any]:
    """Return the field of the tenders: exactly one for now."""
    return serializers.ListSerializer(child=TenderBody(), min_length=1, max_length=1, **options)


class IntentBody(Body):
    """A new payment intent, confirmed at once when `confirm` is true."""

    amount = MoneyField()
    merchant_id = Identifier()
    member_id = Identifier(required=False)
    order_id = Text(max_length=128)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=LineBody(), required=False, max_length=MAX_LINES
    )
    tenders = one_tender()
    capture_method = Choice(choices=["automatic", "manual"], required=False)
    metadata = Metadata(required=False)
    confirm = Flag(required=False)

    def validate_lines(self, lines: list[Line]) -> list[Line]:
        if len({line.line_id for line in lines}) < len(lines):
            raise serializers.ValidationError("Two lines have the same line_id.", code="repeated")
        return lines

    class Meta:
        ref_name = "NewIntent"


class ConfirmBody(Body):
    """How an intent is paid; as it was created, when nothing is said."""

    tenders = one_tender(required=False)


class EmptyBody(Body):
    """Nothing is to be said."""


class IntentQuery(PageQuery):
    """Which intents: of a merchant, of a member, in a state, for an order."""

    merchant_id = Identifier(required=False)
    member_id = Identifier(required=False)
    order_id = Text(required=False, max_length=128)
    status = Choice(choices=list(MOVES), required=False)


class RefundLineBody(Body):
    """How many of a line go back."""

    line_id = Text(max_length=64)
    quantity = WholeNumber(min_value=1, max_value=1_000_000)


class RefundBody(Body):
    """What is given back: the lines named, or the amount named, or all that is left."""

    amount = MoneyField(required=False)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RefundLineBody(), required=False, min_length=1, max_length=MAX_LINES
    )
    reason = Text(max_length=200, required=False, allow_blank=True)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({line["line_id"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Two lines have the same line_id.", code="repeated")
        return lines


def order_of(body: dict[str, Any], *, member_id: UUID, is_in_name: bool) -> Order:
    """Return the order that a body describes, of a member who is the caller or is only named.

    :raises CaptureMethodNotSupported: another capture method than automatic.
    """
    if body.get("capture_method") == "manual":
        raise CaptureMethodNotSupported(supported=["automatic"])
    return Order(
        merchant_id=body["merchant_id"],
        member_id=member_id,
        order_id=body["order_id"],
        money=body["amount"],
        lines=tuple(body.get("lines", ())),
        metadata=body.get("metadata", {}),
        is_in_name=is_in_name,
    )


def card_of(tender: dict[str, Any]) -> Card:
    """Return the card of a tender that is to be charged now.

    :raises CardRequired: it has none.
    """
    if "card" not in tender:
        raise CardRequired()
    card: Card = tender["card"]
    return card
